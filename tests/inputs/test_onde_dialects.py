"""The same two extractions, in every dialect and with every header that schools have."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from dashboard.domain.people import Child, Guardian, Student
from dashboard.domain.problem import Problems
from dashboard.inputs.onde import read_guardians, read_students
from tests.extractions import (
    CHILD,
    DIALECTS,
    GUARDIANS,
    NEWEST_CHILD,
    NEWEST_GUARDIANS,
    NEWEST_STUDENTS,
    OLDER_GUARDIANS,
    OLDER_STUDENTS,
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
PUPILS = [
    Pupil("D'ÉPERVIER", "Éloïse", "26/05/2019", "CP; CE1", "CP", ine="123456789AB"),
    Pupil("ÇELIK", "Zoé", "2018-12-31", 'Les "grands"', "CE1", "ÇELIK-PÂRIS"),
]
STUDENTS_READ = [
    Student("D'ÉPERVIER", "", "Éloïse", date(2019, 5, 26), "123456789AB", "CP", "CP; CE1", line=2),
    Student("ÇELIK", "ÇELIK-PÂRIS", "Zoé", date(2018, 12, 31), "", "CE1", 'Les "grands"', line=3),
]
KIDS = [Kid("D'ÉPERVIER", "Éloïse", "CP; CE1"), Kid("ÇELIK", "Zoé", 'Les "grands"', "ÇELIK-PÂRIS")]
PARENTS = [
    Parent("D'ÉPERVIER", "Côme", KIDS, "M", "", "Come.Epervier@Ecole.example", "06 39 98 12 34"),
    Parent("ÇELIK", "Inès", KIDS[1:], "MLLE", "PÂRIS"),
    Parent("ÇELIK", "Ömer", [], "MME"),
]
CHILDREN = (
    Child("D'ÉPERVIER", "", "Éloïse", "CP; CE1"),
    Child("ÇELIK", "ÇELIK-PÂRIS", "Zoé", 'Les "grands"'),
)
GUARDIANS_READ = [
    Guardian(
        *("M.", "D'ÉPERVIER", "", "Côme", "come.epervier@ecole.example", "0639981234"),
        children=CHILDREN,
    ),
    Guardian("Mme", "ÇELIK", "PÂRIS", "Inès", "", "", children=CHILDREN[1:]),
    Guardian("Mme", "ÇELIK", "", "Ömer", "", ""),
]


def students_of(path: Path) -> list[Student]:
    problems = Problems(path.name)
    students = read_students(path, problems, TODAY)
    assert [str(problem) for problem in problems.all()] == []
    return students


def guardians_of(path: Path) -> list[Guardian]:
    problems = Problems(path.name)
    guardians = read_guardians(path, problems)
    assert [str(problem) for problem in problems.all()] == []
    return guardians


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_students_are_the_same_in_every_dialect(tmp_path: Path, dialect: Dialect) -> None:
    path = write_students(tmp_path / "eleves.csv", PUPILS, STUDENTS, dialect)
    assert students_of(path) == STUDENTS_READ


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_guardians_are_the_same_in_every_dialect(tmp_path: Path, dialect: Dialect) -> None:
    path = write_guardians(tmp_path / "responsables.csv", PARENTS, dialect=dialect)
    assert guardians_of(path) == GUARDIANS_READ


@pytest.mark.parametrize("header", [STUDENTS, NEWEST_STUDENTS])
def test_students_are_the_same_under_newer_headers(tmp_path: Path, header: Sequence[str]) -> None:
    assert students_of(write_students(tmp_path / "e.csv", PUPILS, header)) == STUDENTS_READ


def test_the_older_header_has_no_ine(tmp_path: Path) -> None:
    path = write_students(tmp_path / "e.csv", PUPILS, OLDER_STUDENTS, Dialect(quoted=True))
    students = students_of(path)
    assert [student.full_name for student in students] == ["D'ÉPERVIER Éloïse", "ÇELIK-PÂRIS Zoé"]
    assert {student.ine for student in students} == {""}


@pytest.mark.parametrize(
    ("header", "child"),
    [
        (GUARDIANS, CHILD),
        (OLDER_GUARDIANS, CHILD),
        (NEWEST_GUARDIANS, CHILD),
        (NEWEST_GUARDIANS, [NEWEST_CHILD[n] for n in (0, 1, 2, 4)]),
        (GUARDIANS, [CHILD[1], CHILD[0], *CHILD[2:]]),
    ],
)
def test_guardians_are_the_same_under_every_header(
    tmp_path: Path, header: Sequence[str], child: Sequence[str]
) -> None:
    path = write_guardians(tmp_path / "r.csv", PARENTS, header, child)
    assert guardians_of(path) == GUARDIANS_READ


def test_the_newest_header_gives_the_birth_date_of_a_child(tmp_path: Path) -> None:
    parent = Parent(kids=[Kid(born_on="2018-02-01")])
    path = write_guardians(tmp_path / "r.csv", [parent], NEWEST_GUARDIANS, NEWEST_CHILD)
    [guardian] = guardians_of(path)
    assert guardian.children == (Child("DUPONT", "", "Léa", "CP A", date(2018, 2, 1)),)


@pytest.mark.parametrize(
    "drift",
    [
        str.upper,
        str.lower,
        lambda heading: heading.replace("é", "e").replace("è", "e"),
        lambda heading: heading.replace("'", "’"),
        lambda heading: heading.replace("'", " "),
        lambda heading: f"  {heading} ",
        lambda heading: heading.replace("Classes", "Classe").replace("Classe", "CLASSE(S)"),
        lambda heading: heading.replace("Nom d'usage", "Nom usage"),
    ],
    ids=["capitals", "small", "no accents", "’", "no apostrophe", "blanks", "plural", "wording"],
)
def test_headings_may_drift(tmp_path: Path, drift: object) -> None:
    assert callable(drift)
    pupils = [STUDENTS, *(pupil.cells(STUDENTS) for pupil in PUPILS)]
    parents = guardian_rows(PARENTS)
    for name, rows in (("e.csv", pupils), ("r.csv", parents)):
        rows[0] = [drift(heading) for heading in rows[0]]
        (tmp_path / name).write_bytes(PLAIN.encode(rows))
    assert students_of(tmp_path / "e.csv") == STUDENTS_READ
    assert guardians_of(tmp_path / "r.csv") == GUARDIANS_READ


def test_letters_of_windows_1252_are_kept(tmp_path: Path) -> None:
    pupil = Pupil("L’ÉTOURNEAU", "Œdipe", class_label="CP à 5 € – Cœurs")
    [student] = students_of(write_students(tmp_path / "e.csv", [pupil]))
    assert (student.birth_name, student.first_name) == ("L’ÉTOURNEAU", "Œdipe")
    assert student.class_label == "CP à 5 € – Cœurs"


def test_letters_outside_latin_1_are_kept(tmp_path: Path) -> None:
    pupil = Pupil("ŁUKASIEWICZ", "Đorđe", class_label="班 🎈")
    [student] = students_of(write_students(tmp_path / "e.csv", [pupil], dialect=Dialect("utf-8")))
    assert (student.birth_name, student.first_name) == ("ŁUKASIEWICZ", "Đorđe")
    assert student.class_label == "班 🎈"


@pytest.mark.parametrize("kids", range(7))
def test_a_guardian_may_have_more_children_than_the_header_announces(
    tmp_path: Path, kids: int
) -> None:
    names = [f"Enfant {n}" for n in range(kids)]
    parents = [Parent(kids=[Kid(first_name=name) for name in names]), Parent(first_name="Ana")]
    path = write_guardians(tmp_path / "r.csv", parents, groups=1)
    assert [child.first_name for child in guardians_of(path)[0].children] == names


def test_rows_and_headers_may_end_in_empty_columns(tmp_path: Path) -> None:
    rows = [[*row, "", "", ""] for row in guardian_rows(PARENTS, groups=1)]
    (tmp_path / "r.csv").write_bytes(PLAIN.encode(rows))
    assert guardians_of(tmp_path / "r.csv") == GUARDIANS_READ


def test_blank_lines_do_not_count_but_are_numbered(tmp_path: Path) -> None:
    rows = [[], STUDENTS, [], [""] * 22, PUPILS[0].cells(STUDENTS), []]
    (tmp_path / "e.csv").write_bytes(PLAIN.encode(rows))
    assert [student.line for student in students_of(tmp_path / "e.csv")] == [5]


@pytest.mark.parametrize(
    "above",
    [
        [["Extraction des élèves, école Saint-Sulpice, Nevers, année 2026-2027"]],
        [["Élèves"], ["Édité le 28/09/2026, à 10 h"]],
        [["sep=;"]],
    ],
)
def test_the_header_may_stand_under_a_title(tmp_path: Path, above: list[list[str]]) -> None:
    rows = [*above, STUDENTS, *(pupil.cells(STUDENTS) for pupil in PUPILS)]
    (tmp_path / "e.csv").write_bytes(PLAIN.encode(rows))
    assert students_of(tmp_path / "e.csv") == STUDENTS_READ


def test_extractions_pasted_one_under_the_other_are_read_as_one(tmp_path: Path) -> None:
    first, second = (
        Dialect("utf-8-sig").encode([STUDENTS, pupil.cells(STUDENTS)]) for pupil in PUPILS
    )
    (tmp_path / "e.csv").write_bytes(first + second)
    assert students_of(tmp_path / "e.csv") == STUDENTS_READ


@pytest.mark.parametrize("shift", [0, 1])
@pytest.mark.parametrize("end", ["", "\r\n"])
def test_guardians_end_where_organisations_begin(tmp_path: Path, shift: int, end: str) -> None:
    rows = [
        *guardian_rows(PARENTS),
        [*shift * [""], "Intitulé", "Adresse Organisme", "CP organisme", "Téléphone"],
        [*shift * [""], "Cantine", "1 rue du Repas", "58000", "0386000000"],
    ]
    content = PLAIN.encode(rows).removesuffix(b"\r\n") + end.encode()
    (tmp_path / "r.csv").write_bytes(content)
    assert guardians_of(tmp_path / "r.csv") == GUARDIANS_READ


def test_the_last_line_needs_no_line_end(tmp_path: Path) -> None:
    for name, content in (
        ("e.csv", PLAIN.encode([STUDENTS, *(pupil.cells(STUDENTS) for pupil in PUPILS)])),
        ("r.csv", PLAIN.encode(guardian_rows(PARENTS[:2]))),
    ):
        (tmp_path / name).write_bytes(content.removesuffix(b"\r\n"))
    assert students_of(tmp_path / "e.csv") == STUDENTS_READ
    assert guardians_of(tmp_path / "r.csv") == GUARDIANS_READ[:2]


def test_a_quoted_cell_may_go_over_several_lines(tmp_path: Path) -> None:
    row = PUPILS[0].cells(STUDENTS)
    row[STUDENTS.index("Adresse1")] = "12 rue des Nuages ; chez M. X\nBâtiment B"
    rows = [STUDENTS, PUPILS[1].cells(STUDENTS), row, PUPILS[1]._replace(name="X").cells(STUDENTS)]
    (tmp_path / "e.csv").write_bytes(PLAIN.encode(rows))
    assert [student.line for student in students_of(tmp_path / "e.csv")] == [2, 3, 5]


def test_a_quote_within_an_unquoted_cell_is_a_quote(tmp_path: Path) -> None:
    lines = [STUDENTS, PUPILS[0]._replace(class_label='"Les petits" de CP').cells(STUDENTS)]
    text = "\n".join(";".join(cells) for cells in lines) + "\n"
    (tmp_path / "e.csv").write_text(text, encoding="cp1252")
    [student] = students_of(tmp_path / "e.csv")
    assert student.class_label == "Les petits de CP"


def test_controls_and_direction_marks_are_cleaned_from_names(tmp_path: Path) -> None:
    pupil = Pupil("DU\u202ePONT", "L\te\u0301a")
    [student] = students_of(write_students(tmp_path / "e.csv", [pupil], dialect=Dialect("utf-8")))
    assert (student.birth_name, student.first_name) == ("DUPONT", "L éa")


@pytest.mark.parametrize("length", [100, 10_000])
def test_a_name_may_be_long(tmp_path: Path, length: int) -> None:
    pupil = Pupil("N" * length, "P" * length, class_label="C" * length)
    [student] = students_of(write_students(tmp_path / "e.csv", [pupil]))
    assert len(student.full_name) == 2 * length + 1
