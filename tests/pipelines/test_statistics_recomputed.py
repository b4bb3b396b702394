"""Statistics against the same figures recomputed in plain Python from the raw tables."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.actions.figures import statistics
from dashboard.domain.account import State
from dashboard.domain.grouping import Grouping
from dashboard.domain.scope import Scope
from dashboard.pipelines.statistics import FIGURES, STATE_COLUMNS
from dashboard.store.engine import MEMORY, Store, connect
from tests.depth import deep
from tests.store.rows import BEZE, SULPICE, VAROIS, Rows

PLACES = {
    SULPICE: ("Nevers 1", "058", "Dijon"),
    BEZE: ("Dijon Est", "021", "Dijon"),
    VAROIS: ("Dijon Est", "021", "Dijon"),
}


@dataclass
class Group:
    """The accounts (with their states), students and covered students of one group."""

    accounts: dict[int, str] = field(default_factory=dict)
    students: set[int] = field(default_factory=set)
    covered: set[int] = field(default_factory=set)

    def figures(self) -> list[float | None]:
        states = [list(self.accounts.values()).count(state) for state in STATE_COLUMNS]
        covered, students = len(self.covered), len(self.students)
        share = percentage(states[-1], len(self.accounts))
        covered_share = percentage(covered, students)
        return [len(self.accounts), *states, share, students, covered, covered_share]


def percentage(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 2) if whole else None


def key(by: Grouping, school: Mapping[str, Any], student: Mapping[str, Any]) -> tuple[str, ...]:
    match by:
        case Grouping.STRUCTURE:
            return ()
        case Grouping.CLASS:
            return student["uai"], student["class"]
        case Grouping.LEVEL:
            return (student["level"],)
        case Grouping.SCHOOL:
            return (student["uai"],)
        case _:
            return (school[by.value],)


def recomputed(
    store: Store, by: Grouping, uais: Collection[str]
) -> dict[tuple[str, ...], list[float | None]]:
    schools = table(store, "school", "uai")
    students = table(store, "student", "student_id")
    accounts = table(store, "account", "account_id")
    groups: dict[tuple[str, ...], Group] = defaultdict(Group)
    if by is Grouping.STRUCTURE:
        groups[()] = Group()
    place = {
        number: key(by, schools[student["uai"]], student)
        for number, student in students.items()
        if student["uai"] in uais and student["left_on"] is None
    }
    for number, group in place.items():
        groups[group].students.add(number)
    for number, child, left_on in store.rows("SELECT account_id, student_id, left_on FROM link"):
        if left_on is None and child in place:
            state = accounts[number]["state"]
            groups[place[child]].accounts[number] = state
            if state == State.ACTIVATED:
                groups[place[child]].covered.add(child)
    return {group: held.figures() for group, held in groups.items()}


def table(store: Store, name: str, primary: str) -> dict[Any, dict[str, Any]]:
    frame = store.frame(f"SELECT * FROM {name}").astype(object)
    records = frame.where(frame.notna(), None).to_dict("records")
    return {record[primary]: {str(k): v for k, v in record.items()} for record in records}


def shown(frame: pd.DataFrame) -> dict[tuple[str, ...], list[float | None]]:
    keys = [name for name in frame.columns if name not in FIGURES]
    return {
        tuple(record[name] for name in keys): [record[name] for name in FIGURES]
        for record in frame.astype(object).where(frame.notna(), None).to_dict("records")
    }


@pytest.mark.parametrize("by", Grouping)
@pytest.mark.parametrize(
    ("scope", "uais"),
    [
        (Scope.schools(SULPICE), [SULPICE]),
        (Scope.schools(BEZE, SULPICE), [BEZE, SULPICE]),
        (Scope.district("Dijon Est"), [BEZE, VAROIS]),
        (Scope.department("021"), [BEZE, VAROIS, "0210749A"]),
        (Scope.academy("Dijon"), [*PLACES, "0210749A"]),
        (Scope.nation(), [*PLACES, "0210749A"]),
        (Scope.academy("Corse"), []),
    ],
    ids=["school", "schools", "district", "department", "academy", "nation", "nowhere"],
)
def test_demo(demo_store: Store, scope: Scope, uais: list[str], by: Grouping) -> None:
    assert shown(statistics(demo_store, scope, by)) == recomputed(demo_store, by, uais)


children = st.tuples(
    st.sampled_from(["", "A", "B"]),
    st.sampled_from(["", "PS", "CP", "ULIS"]),
    st.sampled_from(list(PLACES)),
    st.booleans(),
)
families = st.tuples(st.sampled_from(State), st.sets(st.integers(1, 8), max_size=3))
scopes = st.lists(st.sampled_from(list(PLACES)), unique=True)


@settings(max_examples=deep(20))
@given(
    roster=st.lists(children, max_size=8),
    accounts=st.lists(families, max_size=8),
    uais=scopes,
    by=st.sampled_from(Grouping),
)
def test_any_rosters(
    roster: list[tuple[str, str, str, bool]],
    accounts: list[tuple[State, set[int]]],
    uais: list[str],
    by: Grouping,
) -> None:
    with connect(MEMORY) as store:
        rows = Rows(store)
        for uai, places in PLACES.items():
            rows.school(uai, *places)
        for *child, left in roster:
            rows.student(*child, left_on=date(2026, 7, 6) if left else None)
        for state, numbers in accounts:
            rows.account(*(n for n in numbers if n <= len(roster)), state=state)
        frame = statistics(store, Scope.schools(*uais), by)
        assert shown(frame) == recomputed(store, by, uais)
        states = frame[list(STATE_COLUMNS.values())].sum(axis="columns")
        assert (states == frame["accounts"]).all()
