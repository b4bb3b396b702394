"""Whatever programs make of ONDE's headings, no child and no contact is lost without a word."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from dashboard.domain.people import Guardian
from dashboard.domain.problem import Problems
from dashboard.inputs.columns import bare_heading_key
from dashboard.inputs.onde import read_guardians, read_students
from tests.extractions import (
    CHILD,
    GUARDIANS,
    PLAIN,
    STUDENTS,
    Kid,
    Parent,
    Pupil,
    guardian_rows,
)
from tests.inputs.test_onde_bad_files import TODAY

NAMES = ("Ana", "Bao", "Chloé")
FAMILY = Parent(kids=[Kid(first_name=name) for name in NAMES], email="a@famille.example")
BESIDE = [FAMILY, Parent(first_name="Inès", kids=[Kid(first_name="Dia")])]
CONTACT = GUARDIANS.index("Courriel")
MOBILE = GUARDIANS.index("Téléphone portable")


def read(path: Path, rows: Sequence[Sequence[str]]) -> tuple[list[Guardian], Problems]:
    path.write_bytes(PLAIN.encode([list(row) for row in rows]))
    problems = Problems(path.name)
    return read_guardians(path, problems), problems


def told(problems: Problems) -> list[str]:
    return [problem.message for problem in problems.all()]


def first_names(guardian: Guardian) -> list[str]:
    return [child.first_name for child in guardian.children]


@pytest.mark.parametrize(
    "numbered",
    [
        lambda name, n: name if n == 1 else f"{name}{n}",
        lambda name, n: name if n == 1 else f"{name}.{n - 1}",
        lambda name, n: name if n == 1 else f"{name}_{n - 1}",
        lambda name, n: name if n == 1 else f"{name}_duplicated_{n - 2}",
        lambda name, n: name if n == 1 else f"{name} ({n})",
        lambda name, n: f"{name}...{12 + 4 * n}",
        lambda name, n: f"{name} {n}",
        lambda name, n: f"{name} n° {n}",
        lambda name, n: f"Enfant {n} : {name}".replace("enfants", "").replace("enfant", ""),
        lambda name, n: name.replace("enfant", "1er enfant" if n == 1 else f"{n}e enfant"),
    ],
    ids=["Excel", "pandas", "DuckDB", "Polars", "(2)", "R", "1", "n°", "before", "ordinal"],
)
def test_children_under_numbered_headings_are_all_read(
    tmp_path: Path, numbered: Callable[[str, int], str]
) -> None:
    rows = guardian_rows(BESIDE)
    rows[0] = [*GUARDIANS, *(numbered(name, n) for n in (1, 2, 3) for name in CHILD)]
    guardians, problems = read(tmp_path / "r.csv", rows)
    assert [first_names(guardian) for guardian in guardians] == [list(NAMES), ["Dia"]]
    assert told(problems) == []


@pytest.mark.parametrize("unnamed", ["", "Colonne{}", "Column{}", "Unnamed: {}", "V{}", "...{}"])
def test_children_under_columns_without_a_heading_are_read(tmp_path: Path, unnamed: str) -> None:
    rows = guardian_rows(BESIDE, groups=1)
    rows[0] = [*rows[0], *(unnamed.format(n) for n in range(1, 9))]
    guardians, problems = read(tmp_path / "r.csv", rows)
    assert [first_names(guardian) for guardian in guardians] == [list(NAMES), ["Dia"]]
    assert told(problems) == []


@pytest.mark.parametrize("groups", [1, 2, 3])
def test_columns_after_the_children_are_no_children(tmp_path: Path, groups: int) -> None:
    parents = [Parent(kids=[Kid(first_name=name) for name in NAMES[:groups]]), BESIDE[1]]
    rows = guardian_rows(parents, groups=groups)
    width = len(rows[0])
    after = ["Communication adresses", "PCS", "Date de mise à jour"]
    rows = [
        [*row, *[""] * (width - len(row)), *cells]
        for row, cells in zip(rows, [after, *2 * [["Oui", "Employés", "01/02/2026"]]], strict=True)
    ]
    guardians, problems = read(tmp_path / "r.csv", rows)
    assert [first_names(guardian) for guardian in guardians] == [list(NAMES[:groups]), ["Dia"]]
    assert told(problems) == []
    assert set(after) <= set(problems.reading.unused)


def test_cells_under_no_heading_are_told_where_they_cannot_be_children(tmp_path: Path) -> None:
    rows = guardian_rows([Parent()], groups=1)
    rows = [[*rows[0], "PCS"], [*rows[1], "Employés", "DUPONT", "Léo"]]
    _, problems = read(tmp_path / "r.csv", rows)
    assert [(one.line, one.message) for one in problems.all()] == [
        (2, "2 cellules au-delà des intitulés : non lues.")
    ]


@pytest.mark.parametrize("extra", ["Sexe enfant", "Niveau"])
def test_a_column_of_each_child_that_is_not_read_moves_no_other(tmp_path: Path, extra: str) -> None:
    rows = guardian_rows(BESIDE)
    own = len(GUARDIANS)
    for number, row in enumerate(rows):
        groups = [row[start : start + len(CHILD)] for start in range(own, len(row), len(CHILD))]
        row[own:] = [
            cell for group in groups for cell in (*group[:2], "F" if number else extra, *group[2:])
        ]
    guardians, _ = read(tmp_path / "r.csv", rows)
    assert [first_names(guardian) for guardian in guardians] == [list(NAMES), ["Dia"]]


@pytest.mark.parametrize(
    "heading",
    [
        *("Courriel", "Courriel 1", "COURRIEL RESPONSABLE", "Email", "E-mail", "Mail", "mél"),
        *("Adresse électronique", "Adresse mail", "Adresse e-mail du responsable légal"),
        *("E-mail responsable", "Adresse de messagerie", "Courrier électronique", "Mail perso"),
        *("Mail personnel", "Courriel du responsable 1", "Adresse_email", "Messagerie"),
    ],
)
def test_an_address_is_read_whatever_its_column_is_called(tmp_path: Path, heading: str) -> None:
    rows = guardian_rows(BESIDE)
    rows[0][CONTACT] = heading
    guardians, problems = read(tmp_path / "r.csv", rows)
    assert guardians[0].email == "a@famille.example"
    assert told(problems) == []


@pytest.mark.parametrize(
    "heading",
    [
        *("Téléphone portable", "Tél. portable", "Mobile", "Portable", "Tél mobile", "GSM"),
        *("Téléphone mobile responsable", "N° de portable", "Numéro de mobile", "Portable 1"),
    ],
)
def test_a_mobile_is_read_whatever_its_column_is_called(tmp_path: Path, heading: str) -> None:
    rows = guardian_rows([Parent(mobile="06 39 98 12 34")])
    rows[0][MOBILE] = heading
    [guardian], problems = read(tmp_path / "r.csv", rows)
    assert guardian.mobile == "0639981234"
    assert told(problems) == []


def test_a_file_without_contacts_is_told_what_it_loses(tmp_path: Path) -> None:
    rows = guardian_rows(BESIDE)
    rows[0][CONTACT], rows[0][MOBILE] = "Contact", "Joindre"
    _, problems = read(tmp_path / "r.csv", rows)
    assert [(one.column, one.message) for one in problems.all()] == [
        (None, "pas de colonne « Courriel » : aucune adresse de messagerie n'est lue."),
        (None, "pas de colonne « Téléphone portable » : aucun numéro de mobile n'est lu."),
        (
            "Contact",
            "cette colonne, qui n'est pas lue, contient 1 adresse de messagerie. "
            "Attendu : « Courriel ».",
        ),
    ]
    assert problems.reading.absent == ["Courriel", "Téléphone portable"]


def test_what_is_absent_and_what_is_not_read_is_said(tmp_path: Path) -> None:
    header = [name for name in STUDENTS if name != "INE"]
    rows = [header, Pupil().cells(header)]
    (tmp_path / "e.csv").write_bytes(PLAIN.encode(rows))
    problems = Problems("e.csv")
    read_students(tmp_path / "e.csv", problems, TODAY)
    lines = problems.reading.lines("e.csv")
    assert "e.csv : colonnes attendues et absentes : INE" in lines
    assert any("colonnes non lues : Sexe, Adresse1, Cp1" in line for line in lines)


@pytest.mark.parametrize(
    ("column", "heading"),
    [
        ("Nom élève", "Nom de famille"),
        ("Nom élève", "Nom"),
        ("Prénom élève", "Prénom"),
        ("Date naissance", "Né(e) le"),
        ("Date naissance", "Date de naissance de l'élève"),
        ("Niveau", "Niveau scolaire"),
        ("Libellé classe", "Classe"),
        ("Libellé classe", "Division"),
    ],
)
def test_students_are_read_under_the_usual_names(tmp_path: Path, column: str, heading: str) -> None:
    header = [heading if name == column else name for name in STUDENTS]
    (tmp_path / "e.csv").write_bytes(PLAIN.encode([header, Pupil().cells(STUDENTS)]))
    problems = Problems("e.csv")
    [student] = read_students(tmp_path / "e.csv", problems, TODAY)
    assert (student.full_name, student.class_label, student.level) == ("DUPONT Léa", "CP A", "CP")
    assert told(problems) == []


def test_a_second_address_that_is_not_read_is_told(tmp_path: Path) -> None:
    rows = guardian_rows(BESIDE)
    work = GUARDIANS.index("Téléphone travail")
    rows[0][CONTACT], rows[0][work] = "Courriel 1", "Courriel 2"
    rows[2][work] = "ines@famille.example"
    _, problems = read(tmp_path / "r.csv", rows)
    assert [one.column for one in problems.all()] == ["Courriel 2"]


@pytest.mark.parametrize(
    ("one", "other"),
    [("Nom d'usage enfant", "Nom de famille enfant"), ("Adresse 1", "Courriel"), ("Nom", "Prénom")],
)
def test_headings_of_different_things_stay_apart(one: str, other: str) -> None:
    assert bare_heading_key(one) != bare_heading_key(other)


def test_a_second_guardian_on_the_same_row_is_told(tmp_path: Path) -> None:
    rows = guardian_rows(BESIDE)
    assert not any("personne par ligne" in one for one in told(read(tmp_path / "r.csv", rows)[1]))
    names = ("Nom responsable 2", "Prénom responsable 2")
    cells = [names, *[("AUNE", "Rémi")] * (len(rows) - 1)]
    place = GUARDIANS.index("Courriel")
    wider = [[*row[:place], *more, *row[place:]] for row, more in zip(rows, cells, strict=True)]
    guardians, problems = read(tmp_path / "deux.csv", wider)
    assert [one.first_name for one in guardians] == [one.first_name for one in BESIDE]
    assert [one.column for one in problems.all() if "personne par ligne" in one.message] == [*names]
