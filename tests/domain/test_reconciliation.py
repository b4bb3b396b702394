"""Whatever two files say, each row is accounted for, and each guardian's can be reached."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain.merging import KnownSchool, Plan, plan_merge
from dashboard.domain.names import name_key
from dashboard.domain.people import Child, Guardian, Student
from dashboard.domain.problem import Problems
from dashboard.domain.reconciliation import Reconciliation, reconcile
from dashboard.domain.roster import Merge, Roster, make_roster

CLASSES = (("CP", "CP A"), ("CP", "CP B"), ("CE1", "CE1"), ("", ""))
NAMES = ("NOYER", "Noyer", "CHARME")
FIRST = ("Ava", "Élie", "Elie")


@st.composite
def pupils(draw: st.DrawFn) -> list[Student]:
    """Few names, birth dates and classes: rows repeat each other, and homonyms are frequent."""
    found = []
    for line in range(2, 2 + draw(st.integers(1, 6))):
        name, first = draw(st.sampled_from(NAMES)), draw(st.sampled_from(FIRST))
        born = date(2018, 1, draw(st.integers(1, 2)))
        level, label = draw(st.sampled_from(CLASSES))
        usage = draw(st.sampled_from(["", "CHARME"]))
        found.append(Student(name, usage, first, born, "", level, label, line))
    return found


children = st.builds(
    Child,
    st.sampled_from((*NAMES, "BOULEAU")),
    st.sampled_from(("", "CHARME")),
    st.sampled_from(FIRST),
    st.sampled_from(("CP A", "CP B", "CE1", "", "CM2")),
    st.none() | st.just(date(2018, 1, 1)),
)


@st.composite
def parents(draw: st.DrawFn) -> list[Guardian]:
    found = []
    for line in range(2, 2 + draw(st.integers(1, 6))):
        contact = draw(st.sampled_from(["", "", "a@x.example", "b@x.example"]))
        kids = tuple(draw(st.lists(children, max_size=3)))
        first = draw(st.sampled_from(("Ugo", "Lise")))
        found.append(Guardian("", "NOYER", "", first, contact, "", kids, line))
    return found


def read(students: Sequence[Student], guardians: Sequence[Guardian]) -> Roster:
    return make_roster(students, guardians, Problems("e.csv"), Problems("r.csv"))


def planned(roster: Roster, known: KnownSchool | None = None) -> Plan:
    numbers: Iterator[int] = count(1)
    return plan_merge(known or KnownSchool(), roster, numbers, count(1), whole_school=True)


def figures(
    students: Sequence[Student], guardians: Sequence[Guardian]
) -> dict[str, Reconciliation]:
    roster = read(students, guardians)
    return reconcile(roster, planned(roster), KnownSchool())


@given(pupils(), parents())
def test_rows_of_every_kind_add_up(students: list[Student], guardians: list[Guardian]) -> None:
    found = figures(students, guardians)
    assert found["students"].read == len(students)
    assert found["guardians"].read == len(guardians)
    assert found["links"].read == sum(len(guardian.children) for guardian in guardians)
    assert [kind for kind, rows in found.items() if not rows.adds_up] == []


@given(pupils(), parents())
def test_every_guardian_s_row_leads_to_an_account_of_the_school(
    students: list[Student], guardians: list[Guardian]
) -> None:
    roster = read(students, guardians)
    plan = planned(roster)
    held = {account for account, _ in plan.new_links}
    assert set(plan.accounts) == held
    merged = {merge.line for merge in roster.rows.merged_guardians}
    kept = {guardian.line for guardian in roster.guardians}
    assert merged | kept == {guardian.line for guardian in guardians}
    assert {merge.into for merge in roster.rows.merged_guardians} <= kept


@given(pupils(), parents())
def test_every_child_that_a_row_names_is_a_link_or_stated(
    students: list[Student], guardians: list[Guardian]
) -> None:
    roster = read(students, guardians)
    for place, named in enumerate(roster.rows.named):
        told = {name_key(child.name) for child in named if child.student is not None}
        stated = {child.identity for child in roster.stated[place]}
        for child in named:
            if child.student is not None:
                assert (place, child.student) in roster.links
            else:
                assert child.stated is not None
                assert child.stated.identity in stated or name_key(child.name) in told


@given(pupils(), parents())
def test_a_merged_row_says_with_whom(students: list[Student], guardians: list[Guardian]) -> None:
    lines = {student.line: student for student in students}
    for merge in read(students, guardians).rows.merged_students:
        one, other = lines[merge.line], lines[merge.into]
        assert merge.into < merge.line
        assert name_key(one.birth_name, one.first_name) == name_key(
            other.birth_name, other.first_name
        )


AVA = Student("NOYER", "", "Ava", date(2018, 1, 1), "", "CP", "CP A", 2)
UGO = Guardian("M.", "NOYER", "", "Ugo", "", "", (Child("NOYER", "", "Ava", "CP A"),), 2)


@pytest.mark.parametrize(
    ("kids", "guardian", "link"),
    [
        (UGO.children, (1, 0), (1, 0)),
        ((), (0, 1), (0, 0)),
        ((Child("NOYER", "", "Élie", "CP A"),), (0, 1), (0, 1)),
        ((*UGO.children, Child("NOYER", "", "Élie", "CP A")), (1, 0), (1, 1)),
    ],
    ids=["told", "none", "absent", "one of two"],
)
def test_who_is_to_be_clarified_is_not_created(
    kids: tuple[Child, ...], guardian: tuple[int, int], link: tuple[int, int]
) -> None:
    found = figures([AVA], [replace(UGO, children=kids)])
    assert (found["guardians"].created, found["guardians"].to_clarify) == guardian
    assert (found["links"].created, found["links"].to_clarify) == link


def test_a_child_named_twice_by_one_guardian_is_merged() -> None:
    again = replace(UGO, line=7)
    links = figures([AVA], [UGO, again])["links"]
    assert links.merged == (Merge(7, 2, "NOYER Ava"),)
    assert links.text() == (
        "2 lus = 1 créé + 0 modifié + 0 inchangé + 1 réuni + 0 à préciser + 0 écarté ; 0 parti"
    )


def test_figures_that_do_not_add_up_are_told_from_those_that_do() -> None:
    assert Reconciliation(3, 1, 1, 0, to_clarify=1).adds_up
    assert not Reconciliation(4, 1, 1, 0, to_clarify=1).adds_up
