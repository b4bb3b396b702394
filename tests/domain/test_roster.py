"""From the rows of two files to one roster: who is whose child, and who is the same person."""

from dataclasses import replace
from datetime import date

import pytest

from dashboard.domain.enrolment import Enrolment
from dashboard.domain.names import full_name
from dashboard.domain.people import Child, Guardian, Student
from dashboard.domain.problem import Problems
from dashboard.domain.roster import Roster, make_roster
from dashboard.domain.stated import Why

LEA = Student("DUPONT", "", "Léa", date(2018, 2, 1), "", "CP", "CP A", line=2)
ZOE = Student("DUPONT", "", "Zoé", date(2020, 3, 2), "", "MS", "Maternelle", line=3)
LEAS = Child("DUPONT", "", "Léa", "CP A")
ZOES = Child("DUPONT", "", "Zoé", "Maternelle")
PAUL = Guardian("M.", "DUPONT", "", "Paul", "", "", (LEAS,), line=2)

NO_CHILD = "aucun enfant sur cette ligne"


def name_of(child: Child) -> str:
    return full_name(child.birth_name, child.usage_name, child.first_name)


def made(students: list[Student], guardians: list[Guardian]) -> tuple[Roster, list[str]]:
    problems = Problems("eleves.csv"), Problems("responsables.csv")
    roster = make_roster(students, guardians, *problems)
    return roster, [str(problem) for found in problems for problem in found.all()]


def linked(students: list[Student], child: Child) -> list[Student]:
    """The students whom a guardian of this child is linked to."""
    roster, _ = made(students, [replace(PAUL, children=(child,))])
    return [roster.students[number] for _, number in roster.links]


def test_siblings_are_linked_to_each_guardian() -> None:
    both = replace(PAUL, children=(LEAS, ZOES))
    ines = replace(both, civility="Mme", first_name="Inès", line=3)
    roster, problems = made([LEA, ZOE], [both, ines])
    assert roster.links == {(0, 0), (0, 1), (1, 0), (1, 1)}
    assert problems == []


@pytest.mark.parametrize(
    "child",
    [
        LEAS,
        replace(LEAS, birth_name="dupont", first_name="LEA"),
        replace(LEAS, class_label="cp  a"),
        replace(LEAS, class_label="CP-A"),
        replace(LEAS, class_label=""),
        replace(LEAS, class_label="Classe de Mme ŒILLET"),
        replace(LEAS, birth_name="", usage_name="DUPONT"),
        replace(LEAS, usage_name="DUPONT-MARTIN"),
        replace(LEAS, class_label="Maternelle", born_on=date(2018, 2, 1)),
    ],
)
def test_a_child_is_recognised_by_names_unless_class_or_birth_date_contradict(child: Child) -> None:
    assert linked([LEA, ZOE], child) == [LEA]


@pytest.mark.parametrize(
    "child",
    [
        replace(LEAS, class_label="Maternelle"),
        replace(LEAS, born_on=date(2018, 2, 2)),
        replace(LEAS, first_name="Léo"),
        replace(LEAS, birth_name="DUPOND"),
        replace(LEAS, birth_name="DUPOND", usage_name="DUPON"),
    ],
)
def test_a_child_that_cannot_be_told_for_certain_is_left_without_link(child: Child) -> None:
    roster, [problem] = made([LEA, ZOE], [replace(PAUL, children=(child,))])
    assert not roster.links
    assert "absent du fichier des élèves ; aucun rattachement" in problem
    [[stated]] = roster.stated
    assert (stated.full_name, stated.why) == (name_of(child), Why.ABSENT)


def test_a_student_is_found_by_either_family_name() -> None:
    lea = replace(LEA, usage_name="DUPONT-MARTIN")
    assert linked([lea], LEAS) == [lea]
    assert linked([lea], replace(LEAS, birth_name="DUPONT-MARTIN")) == [lea]


def test_who_bears_both_family_names_comes_before_who_bears_one() -> None:
    lea = replace(LEA, usage_name="MARTIN")
    other = replace(LEA, birth_name="MARTIN", born_on=date(2017, 1, 1))
    assert linked([other, lea], replace(LEAS, usage_name="MARTIN")) == [lea]


def test_homonyms_are_told_apart_by_class() -> None:
    other = replace(LEA, born_on=date(2016, 5, 5), class_label="CM2")
    assert linked([LEA, other], LEAS) == [LEA]
    assert linked([LEA, other], replace(LEAS, class_label="CM2")) == [other]


def test_homonyms_are_told_apart_by_birth_date_within_a_class() -> None:
    other = replace(LEA, born_on=date(2017, 12, 31))
    assert linked([LEA, other], replace(LEAS, born_on=other.born_on)) == [other]


@pytest.mark.parametrize("label", ["CP A", "", "Autre école"])
def test_homonyms_that_nothing_tells_apart_are_left_without_link(label: str) -> None:
    other = replace(LEA, born_on=date(2017, 12, 31), line=9)
    child = replace(LEAS, class_label=label)
    roster, [problem] = made([LEA, other], [replace(PAUL, children=(child,))])
    assert not roster.links
    assert "plusieurs élèves possibles (lignes 2, 9 du fichier des élèves)" in problem
    [[stated]] = roster.stated
    assert (stated.full_name, stated.why) == (name_of(child), Why.SEVERAL)
    assert (stated.class_label, stated.level) == ("CP A", "CP")


def test_a_student_who_stands_twice_is_one() -> None:
    again = replace(LEA, class_label="cp-a", line=7)
    roster, problems = made([LEA, again], [])
    assert roster.students == (LEA,)
    assert problems == [
        "avertissement : eleves.csv, ligne 7 : DUPONT Léa figure déjà à la ligne 2 ; ligne ignorée."
    ]


def test_a_student_of_two_classes_is_in_both_whichever_comes_first() -> None:
    ulis = replace(LEA, class_label="ULIS", level="ULIS", line=7)
    both = replace(LEA, also=(Enrolment("ULIS", "ULIS"),))
    roster, [problem] = made([LEA, ulis], [])
    assert roster.students == (both,)
    assert problem.endswith(
        "ligne 7 : DUPONT Léa figure déjà à la ligne 2 ; "
        "les deux lignes sont réunies (classes : CP A, ULIS)."
    )
    assert made([replace(ulis, line=2), replace(LEA, line=3)], [])[0].students == (both,)


@pytest.mark.parametrize("label", ["CP A", "ulis"])
def test_a_child_is_found_by_either_class(label: str) -> None:
    ulis = replace(LEA, class_label="ULIS", level="ULIS", line=7)
    other = replace(LEA, born_on=date(2016, 5, 5), class_label="CM2", level="CM2", line=8)
    [found] = linked([LEA, ulis, other], replace(LEAS, class_label=label))
    assert found.class_labels == ("CP A", "ULIS")


def test_the_ine_of_a_second_row_is_the_student_s() -> None:
    rows = [LEA, replace(LEA, ine="123456789AB", class_label="ULIS"), replace(LEA, ine="X" * 11)]
    roster, _ = made(rows, [])
    assert [one.ine for one in roster.students] == ["123456789AB", "X" * 11]


def test_homonyms_born_the_same_day_with_different_ines_are_two() -> None:
    students = [replace(LEA, ine="123456789AB"), replace(LEA, ine="123456789AC")]
    assert len(made(students, [])[0].students) == 2


def test_namesakes_of_twenty_schoolmates_are_not_confused() -> None:
    students = [replace(LEA, first_name=f"Léa {n}") for n in range(20)]
    assert linked(students, replace(LEAS, first_name="Léa 7")) == [students[7]]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"email": "a@x.example"}, {"email": "a@x.example"}),
        ({"mobile": "0639981234"}, {"mobile": "0639981234"}),
        ({"children": (LEAS,)}, {"children": (LEAS, ZOES)}),
        ({"children": (LEAS,)}, {"children": (LEAS,), "civility": ""}),
        ({"email": "a@x.example"}, {"email": "a@x.example", "first_name": "PAUL"}),
        ({"email": "a@x.example"}, {"email": "a@x.example", "usage_name": "MARTIN"}),
    ],
)
def test_the_same_names_with_evidence_are_one_guardian(
    one: dict[str, object], other: dict[str, object]
) -> None:
    paul = replace(PAUL, children=())
    rows = [replace(paul, **one), replace(paul, line=3, **other)]  # type: ignore[arg-type]  # by name
    roster, problems = made([LEA, ZOE], rows)
    [problem] = [problem for problem in problems if NO_CHILD not in problem]
    assert len(roster.guardians) == 1
    assert "ligne 3 : " in problem
    assert "figure déjà à la ligne 2 ; les deux lignes sont réunies" in problem


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({}, {}),
        ({"email": "a@x.example"}, {}),
        ({"email": "a@x.example"}, {"email": "b@x.example"}),
        ({"children": (LEAS,)}, {"children": (ZOES,)}),
        ({"email": "a@x.example"}, {"email": "a@x.example", "civility": "Mme"}),
        ({"children": (LEAS,)}, {"children": (LEAS,), "civility": "Mme"}),
        ({"children": (LEAS,)}, {"children": (LEAS,), "first_name": "Paula"}),
        ({"email": "a@x.example"}, {"email": "a@x.example", "birth_name": "DUPOND"}),
    ],
)
def test_without_evidence_or_with_other_names_or_civility_they_are_two(
    one: dict[str, object], other: dict[str, object]
) -> None:
    paul = replace(PAUL, children=())
    rows = [replace(paul, **one), replace(paul, line=3, **other)]  # type: ignore[arg-type]  # by name
    roster, problems = made([LEA, ZOE], rows)
    assert len(roster.guardians) == 2
    assert [problem for problem in problems if NO_CHILD not in problem] == []


def test_rows_of_one_guardian_complete_each_other() -> None:
    first = replace(PAUL, email="paul@x.example", civility="")
    second = replace(PAUL, mobile="0639981234", children=(LEAS, ZOES), line=3)
    roster, _ = made([LEA, ZOE], [first, second])
    [guardian] = roster.guardians
    assert (guardian.civility, guardian.email) == ("M.", "paul@x.example")
    assert guardian.mobile == "0639981234"
    assert roster.links == {(0, 0), (0, 1)}


def test_evidence_joins_through_a_third_row() -> None:
    rows = [
        replace(PAUL, email="a@x.example", children=()),
        replace(PAUL, mobile="0639981234", children=(), line=3),
        replace(PAUL, email="a@x.example", mobile="0639981234", children=(), line=4),
    ]
    assert len(made([], rows)[0].guardians) == 1


def test_a_row_without_civility_joins_neither_of_two_parents_of_the_same_names() -> None:
    rows = [replace(PAUL, civility=civility) for civility in ("M.", "Mme", "")]
    assert len(made([LEA], rows)[0].guardians) == 3


def test_children_are_not_looked_for_in_a_wrong_file() -> None:
    problems = Problems("eleves.csv"), Problems("responsables.csv")
    problems[0].error("fichier introuvable.")
    make_roster([], [PAUL], *problems)
    assert problems[1].all() == []
