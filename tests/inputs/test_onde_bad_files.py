"""What is wrong with an extraction is said with its line, its column and what would be right."""

import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from dashboard.domain.problem import Problem, Problems, Severity
from dashboard.inputs.onde import read_guardians, read_students
from tests.extractions import (
    PLAIN,
    STUDENTS,
    Dialect,
    Kid,
    Parent,
    Pupil,
    guardian_rows,
    write_guardians,
    write_students,
)

TODAY = date(2026, 9, 28)


def problems_of_students(path: Path) -> list[Problem]:
    problems = Problems(path.name)
    read_students(path, problems, TODAY)
    return problems.all()


def problems_of_guardians(path: Path) -> list[Problem]:
    problems = Problems(path.name)
    read_guardians(path, problems)
    return problems.all()


@pytest.mark.parametrize(
    ("pupil", "column", "message"),
    [
        (Pupil(name=""), "Nom élève", "nom manquant"),
        (Pupil(first_name=" "), "Prénom élève", "prénom manquant"),
        (Pupil(born_on=""), "Date naissance", "date de naissance manquant"),
        (Pupil(born_on="29/02/2023"), "Date naissance", "Attendu : une date existante"),
        (Pupil(born_on="31/04/2019"), "Date naissance", "AAAA-MM-JJ ou JJ/MM/AAAA"),
        (Pupil(born_on="2019-13-01"), "Date naissance", "AAAA-MM-JJ ou JJ/MM/AAAA"),
        (Pupil(born_on="01/02/18"), "Date naissance", "AAAA-MM-JJ ou JJ/MM/AAAA"),
        (Pupil(born_on="1er mai 2019"), "Date naissance", "« 1er mai 2019 » impossible"),
        (Pupil(born_on="43497"), "Date naissance", "AAAA-MM-JJ ou JJ/MM/AAAA"),
        (Pupil(born_on="0000-00-00"), "Date naissance", "AAAA-MM-JJ ou JJ/MM/AAAA"),
        (Pupil(born_on="29/09/2026"), "Date naissance", "entre le 01/01/1900 et le 28/09/2026"),
        (Pupil(born_on="31/12/1899"), "Date naissance", "entre le 01/01/1900 et le 28/09/2026"),
        (Pupil(level="6EME"), "Niveau", "« 6EME » inconnu. Attendu : TPS, PS, MS, GS, CP"),
        (Pupil(level="CE1-CE2"), "Niveau", "« CE1-CE2 » inconnu"),
    ],
)
def test_an_impossible_cell_of_a_student_is_an_error(
    tmp_path: Path, pupil: Pupil, column: str, message: str
) -> None:
    path = write_students(tmp_path / "eleves.csv", [Pupil(), pupil])
    [problem] = problems_of_students(path)
    assert (problem.severity, problem.file) == (Severity.ERROR, "eleves.csv")
    assert (problem.line, problem.column) == (3, column)
    assert message in problem.message


@pytest.mark.parametrize(
    ("pupil", "column", "message"),
    [
        (Pupil(class_label=""), "Libellé classe", "sans classe"),
        (Pupil(level=""), "Niveau", "sans niveau"),
        (Pupil(ine="12345"), "INE", "Attendu : 10 chiffres et 1 lettre, ou 9 et 2"),
    ],
)
def test_a_cell_that_can_be_done_without_is_a_warning(
    tmp_path: Path, pupil: Pupil, column: str, message: str
) -> None:
    [problem] = problems_of_students(write_students(tmp_path / "e.csv", [pupil]))
    assert (problem.severity, problem.line, problem.column) == (Severity.WARNING, 2, column)
    assert message in problem.message


@pytest.mark.parametrize("ine", ["1234567890A", "123456789ab", "123 456 789 AB", ""])
def test_an_ine_of_either_shape_is_none(tmp_path: Path, ine: str) -> None:
    assert problems_of_students(write_students(tmp_path / "e.csv", [Pupil(ine=ine)])) == []


@pytest.mark.parametrize("born_on", ["2018-02-01", "01/02/2018", "1/2/2018", "2018-02-01 00:00:00"])
def test_a_birth_date_may_be_written_either_way(tmp_path: Path, born_on: str) -> None:
    assert problems_of_students(write_students(tmp_path / "e.csv", [Pupil(born_on=born_on)])) == []


@pytest.mark.parametrize(
    ("parent", "severity", "column", "message"),
    [
        (Parent(name=""), Severity.ERROR, "Nom responsable", "nom manquant"),
        (Parent(first_name=""), Severity.WARNING, "Prénom responsable", "prénom manquant"),
        (Parent(civility="Dr"), Severity.WARNING, "Civilité Responsable", "« Dr » inconnue"),
        (Parent(email="paul@"), Severity.WARNING, "Courriel", "Attendu : nom@domaine.fr"),
        (Parent(email="a@b.fr, c@d.fr"), Severity.WARNING, "Courriel", "ignorée"),
        (Parent(mobile="0639"), Severity.WARNING, "Téléphone portable", "Attendu : 10 chiffres"),
    ],
)
def test_a_cell_of_a_guardian_is_a_warning_unless_the_name_is_missing(
    tmp_path: Path, parent: Parent, severity: Severity, column: str, message: str
) -> None:
    [problem] = problems_of_guardians(write_guardians(tmp_path / "r.csv", [Parent(), parent]))
    assert (problem.severity, problem.line, problem.column) == (severity, 3, column)
    assert message in problem.message


def test_every_problem_of_a_file_is_told_in_order(tmp_path: Path) -> None:
    pupils = [
        Pupil(first_name="", born_on="hier", level="7"),
        Pupil(),
        Pupil(name="", class_label="", born_on="01/01/2030"),
    ]
    found = problems_of_students(write_students(tmp_path / "e.csv", pupils))
    assert sorted((p.line or 0, p.column or "") for p in found) == [
        (2, "Date naissance"),
        (2, "Niveau"),
        (2, "Prénom élève"),
        (4, "Date naissance"),
        (4, "Libellé classe"),
        (4, "Nom élève"),
    ]
    assert [problem.line for problem in found] == sorted(problem.line or 0 for problem in found)


def test_a_line_is_counted_in_the_file_not_in_rows(tmp_path: Path) -> None:
    row = Pupil().cells(STUDENTS)
    row[STUDENTS.index("Adresse1")] = "12 rue\ndes Nuages"
    rows = [STUDENTS, [], row, Pupil(level="?").cells(STUDENTS)]
    (tmp_path / "e.csv").write_bytes(PLAIN.encode(rows))
    assert [problem.line for problem in problems_of_students(tmp_path / "e.csv")] == [5]


def test_the_other_extraction_is_recognised(tmp_path: Path) -> None:
    [found] = problems_of_students(write_guardians(tmp_path / "r.csv", [Parent()]))
    assert "l'extraction des responsables, pas celle des élèves" in found.message
    [found] = problems_of_guardians(write_students(tmp_path / "e.csv", [Pupil()]))
    assert "l'extraction des élèves, pas celle des responsables" in found.message
    assert "inversés" in found.message


@pytest.mark.parametrize("column", ["Nom élève", "Date naissance", "Niveau", "Libellé classe"])
def test_a_missing_column_is_named(tmp_path: Path, column: str) -> None:
    header = [name for name in STUDENTS if name != column]
    [found] = problems_of_students(write_students(tmp_path / "e.csv", [Pupil()], header))
    assert f"colonnes manquantes : {column}." in found.message


def test_a_file_without_children_columns_is_no_extraction_of_guardians(tmp_path: Path) -> None:
    path = write_guardians(tmp_path / "r.csv", [Parent(kids=[])], groups=0)
    [found] = problems_of_guardians(path)
    assert "colonnes manquantes : Nom de famille enfant, Prénom enfant." in found.message


def test_another_table_is_told_what_columns_are_awaited(tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_text("Date;Montant;Libelle\n01/02/2026;12;Cantine\n")
    [found] = problems_of_students(tmp_path / "e.csv")
    assert "ce n'est pas l'extraction ONDE des élèves. Attendu : les colonnes Nom" in found.message


def test_a_header_alone_is_refused(tmp_path: Path) -> None:
    [found] = problems_of_students(write_students(tmp_path / "e.csv", []))
    assert "l'extraction des élèves est vide" in found.message


def _mojibake(path: Path) -> bytes:
    return path.read_bytes().decode("cp1252").encode("utf-8").decode("latin-1").encode("utf-8")


def test_a_copy_with_broken_accents_is_recognised(tmp_path: Path) -> None:
    path = write_students(tmp_path / "e.csv", [Pupil()])
    path.write_bytes(_mojibake(path))
    [found] = problems_of_students(path)
    assert found.line == 1
    assert "accents abîmés" in found.message


@pytest.mark.parametrize("name", ["LÃ©a", "CÃ´me", "FranÃ§ois", "Zo\ufffd"])
def test_a_row_with_broken_accents_is_an_error(tmp_path: Path, name: str) -> None:
    pupils = [Pupil(), Pupil(first_name=name)]
    path = write_students(tmp_path / "e.csv", pupils, dialect=Dialect("utf-8"))
    [found] = problems_of_students(path)
    assert (found.severity, found.line) == (Severity.ERROR, 3)
    assert "accents abîmés" in found.message


def test_portuguese_names_are_not_broken_accents(tmp_path: Path) -> None:
    pupil = Pupil("GUIMARÃES", "JOÃO")
    assert problems_of_students(write_students(tmp_path / "e.csv", [pupil])) == []


def _xlsx(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: None, "introuvable"),
        (Path.mkdir, "c'est un dossier, pas un fichier"),
        (Path.touch, "fichier vide"),
        (lambda path: path.write_bytes(b"\xef\xbb\xbf\r\n \r\n"), "fichier vide"),
        (_xlsx, "un classeur (Excel ou LibreOffice)"),
        (lambda path: path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1"), "un ancien classeur Excel"),
        (lambda path: path.write_bytes(b"%PDF-1.7\n"), "un document PDF"),
        (lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), "binaire"),
        (lambda path: path.write_bytes(b"Nom;Pr\0nom"), "binaire"),
        (lambda path: path.write_bytes(b"x" * (17 << 20)), "trop gros"),
        (lambda path: path.write_bytes(b"x" * 200_000), "ligne de plus de 131\u00a0072"),
        (lambda path: path.write_bytes(b";\n" * 9), "ce n'est pas l'extraction ONDE"),
        (lambda path: path.write_bytes(b"Bonjour.\n"), "ce n'est pas l'extraction ONDE"),
    ],
    ids=[
        *("missing", "directory", "empty", "blank", "xlsx", "xls", "pdf", "png", "nul", "huge"),
        *("long line", "separators", "letter"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_the_reason(
    tmp_path: Path, make: Callable[[Path], object], message: str
) -> None:
    make(tmp_path / "e.csv")
    [found] = problems_of_students(tmp_path / "e.csv")
    assert found.severity is Severity.ERROR
    assert message in found.message


def test_more_rows_than_any_school_has_are_refused(tmp_path: Path) -> None:
    content = PLAIN.encode(guardian_rows([])) + b"M.;;A;B\n" * 100_001
    (tmp_path / "r.csv").write_bytes(content)
    assert "plus de 100\u00a0000 lignes" in problems_of_guardians(tmp_path / "r.csv")[-1].message


def test_a_row_of_thousands_of_cells_is_refused(tmp_path: Path) -> None:
    path = write_guardians(tmp_path / "r.csv", [Parent(), Parent(kids=1000 * [Kid()])])
    [found] = problems_of_guardians(path)
    assert (found.severity, found.line) == (Severity.ERROR, 3)


STUDENTS_CONTENT = PLAIN.encode(
    [STUDENTS, *(Pupil(first_name=name).cells(STUDENTS) for name in ("Léa", "Zoé", "Éloïse"))]
)
GUARDIANS_CONTENT = PLAIN.encode(guardian_rows([Parent(), Parent(first_name="Inès")]))


@pytest.mark.parametrize("lost", range(25, 120, 8))
def test_students_cut_in_the_last_row_are_refused(tmp_path: Path, lost: int) -> None:
    (tmp_path / "e.csv").write_bytes(STUDENTS_CONTENT[:-lost])
    found = problems_of_students(tmp_path / "e.csv")
    assert {problem.severity for problem in found} == {Severity.ERROR}
    assert {problem.line for problem in found} == {4}
    assert "tronqué" in found[-1].message


@pytest.mark.parametrize("lost", [8, 9, 12, 20, 40, 60, 80])
def test_guardians_cut_in_the_last_row_are_refused(tmp_path: Path, lost: int) -> None:
    (tmp_path / "r.csv").write_bytes(GUARDIANS_CONTENT[:-lost])
    found = [p for p in problems_of_guardians(tmp_path / "r.csv") if p.severity is Severity.ERROR]
    assert [problem.line for problem in found] == [3]
    assert "tronqué" in found[0].message


def test_a_file_cut_within_a_character_is_refused(tmp_path: Path) -> None:
    rows = [STUDENTS, Pupil(first_name="Zoé").cells(STUDENTS)]
    content = Dialect("utf-8").encode(rows)
    (tmp_path / "e.csv").write_bytes(content[: content.rindex("é".encode()) + 1])
    [found] = problems_of_students(tmp_path / "e.csv")
    assert "au milieu d'un caractère : il est tronqué" in found.message


@pytest.mark.parametrize("lost", [4, 5, 30, 60, 100])
def test_a_file_cut_within_quotes_is_refused(tmp_path: Path, lost: int) -> None:
    pupils = [Pupil(), Pupil(first_name="Zoé", class_label="CP B")]
    path = write_students(tmp_path / "e.csv", pupils, dialect=Dialect(quoted=True))
    path.write_bytes(path.read_bytes()[:-lost])
    found = problems_of_students(path)
    assert {problem.severity for problem in found} == {Severity.ERROR}
    assert {problem.line for problem in found} == {3}


@pytest.mark.parametrize("row", range(1, 4))
@pytest.mark.parametrize("column", [0, 2, 10, 16, 21])
def test_a_quote_never_closed_is_refused_where_it_opens(
    tmp_path: Path, row: int, column: int
) -> None:
    pupils = [Pupil(first_name=name).cells(STUDENTS) for name in ("Léa", "Zoé", "Éva")]
    rows = [STUDENTS, *pupils]
    rows[row][column] = f'"{rows[row][column]}'
    text = "\r\n".join(";".join(cells) for cells in rows) + "\r\n"
    (tmp_path / "e.csv").write_text(text, encoding="cp1252", newline="")
    [found] = problems_of_students(tmp_path / "e.csv")
    assert (found.severity, found.line) == (Severity.ERROR, row + 1)
    assert "guillemet ouvert et jamais fermé" in found.message


@pytest.mark.parametrize("column", [0, 10, 21])
def test_a_quote_lost_among_quoted_cells_is_refused(tmp_path: Path, column: int) -> None:
    pupils = [Pupil(first_name=name) for name in ("Léa", "Zoé", "Éva")]
    path = write_students(tmp_path / "e.csv", pupils, dialect=Dialect(quoted=True))
    lines = path.read_bytes().split(b"\r\n")
    cells = lines[2].split(b";")
    cells[column] = cells[column].removesuffix(b'"')
    lines[2] = b";".join(cells)
    path.write_bytes(b"\r\n".join(lines))
    assert any(p.severity is Severity.ERROR for p in problems_of_students(path))


def test_a_quote_that_swallows_thousands_of_rows_is_refused(tmp_path: Path) -> None:
    path = write_students(tmp_path / "e.csv", 5000 * [Pupil()])
    path.write_bytes(path.read_bytes().replace(b";CP A;", b';"CP A;', 1))
    [found] = problems_of_students(path)
    assert (found.line, found.severity) == (2, Severity.ERROR)
