"""Small counts cannot be recovered from what is published, by subtracting or by solving for them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from dashboard.actions.explore_schools import explore_schools
from dashboard.actions.generate import generate
from dashboard.actions.statistics import statistics
from dashboard.actions.timeline import timeline
from dashboard.domain.account import State
from dashboard.domain.problem import Refused
from dashboard.domain.scope import Area, Scope
from dashboard.domain.suppression import Suppression
from dashboard.pipelines.statistics import FIGURES, STATE_COLUMNS
from dashboard.pipelines.suppression import SCHOOLS_OF_LEVEL, published
from dashboard.store.engine import MEMORY, Store, connect
from tests.store.rows import Rows

STATES = list(STATE_COLUMNS.values())
LEAST = 5
TODAY = date(2026, 11, 24)
NATION = Scope.nation()
AREAS = ("district", "department", "academy")
Cell = tuple[str, ...]


@pytest.fixture(scope="module")
def generated() -> Iterable[Store]:
    with connect(MEMORY) as store:
        generate(store, 60, 3, TODAY, "Dijon")
        yield store


@dataclass
class Attack:
    """Linear equations over unknown counts; every published number is a sum of rounded ones.

    The asker knows how it is done: that a rounded count differs from the true one by less than
    `LEAST`, that the same roundings are in every table, and that a hidden number is a zero.
    """

    equations: list[tuple[dict[Cell, float], float]] = field(default_factory=list)
    cells: dict[Cell, int] = field(default_factory=dict)

    def place(self, cell: Cell) -> int:
        return self.cells.setdefault(cell, len(self.cells))

    def learn(self, cells: Iterable[Cell], told: object) -> None:
        """A table says that these rounded counts add up to a number, or hides it."""
        known = 0.0 if told is pd.NA or told is None else float(str(told))
        self.equations.append((dict.fromkeys(cells, 1.0), known))

    def learn_equal(self, whole: Cell, parts: Iterable[Cell]) -> None:
        """True counts that add up to another."""
        self.equations.append((dict.fromkeys(parts, 1.0) | {whole: -1.0}, 0.0))

    def bounds(self, cell: Cell, rounded: Mapping[Cell, Cell]) -> tuple[float, float]:
        """The least and the most that a true count may be; `rounded` names each one's rounding."""
        for equation, _ in self.equations:
            for one in equation:
                self.place(one)
        exact = np.zeros((len(self.equations), len(self.cells)))
        for row, (equation, _) in enumerate(self.equations):
            for one, factor in equation.items():
                exact[row, self.place(one)] = factor
        near = np.zeros((2 * len(rounded), len(self.cells)))
        for row, (true, told) in enumerate(rounded.items()):
            near[2 * row, [self.place(true), self.place(told)]] = 1, -1
            near[2 * row + 1, [self.place(true), self.place(told)]] = -1, 1
        ends = []
        for sign in (1, -1):
            aim = np.zeros(len(self.cells))
            aim[self.place(cell)] = sign
            found = linprog(
                aim,
                A_ub=near,
                b_ub=np.full(len(near), LEAST - 1),
                A_eq=exact,
                b_eq=[told for _, told in self.equations],
                bounds=(0, None),
            )
            assert found.status == 0, found.message
            ends.append(sign * found.fun)
        return ends[0], ends[1]


def districts(count: int) -> list[tuple[str, str, str]]:
    """The places of so many schools: districts of two or three, départements of two districts."""
    return [(f"D{n // 3}", f"{n // 6:03d}", "A") for n in range(count)]


def places_of(count: int) -> pd.DataFrame:
    frame = pd.DataFrame(districts(count), columns=list(AREAS))
    return frame.assign(uai=[f"S{n}" for n in range(count)])


def figures(counts: Sequence[Sequence[int]]) -> pd.DataFrame:
    """Counts of schools by state, with as many students."""
    frame = pd.DataFrame(counts, columns=STATES).astype("int64")
    return places_of(len(counts)).join(frame).assign(students=20, students_covered=0)


def attack_of_tables(counts: pd.DataFrame, rule: Suppression) -> tuple[Attack, dict[Cell, Cell]]:
    """All that the tables by every grouping tell, of the whole and of each area alone."""
    attack = Attack()
    rounded = {
        ("true", uai, state): ("told", uai, state) for uai, state in product(counts["uai"], STATES)
    }
    scopes = [counts, *(part for area in AREAS for _, part in counts.groupby(area))]
    for scope, keys in product(scopes, ([], ["uai"], *([area] for area in AREAS))):
        table = published(scope, ["uai"], keys, rule)
        for record in table.to_dict("records"):
            inside = scope
            for key in keys:
                inside = inside[inside[key] == record[key]]
            for state in STATES:
                attack.learn([("told", uai, state) for uai in inside["uai"]], record[state])
            attack.learn(
                [("told", uai, state) for uai, state in product(inside["uai"], STATES)],
                record["accounts"],
            )
    return attack, rounded


small = st.integers(0, 9)


@settings(max_examples=15, deadline=None)
@given(
    counts=st.lists(st.tuples(small, small, small, small), min_size=2, max_size=7),
    secret=st.text("abc", min_size=1, max_size=4),
)
def test_no_small_count_is_recovered_from_all_tables_together(
    counts: list[tuple[int, int, int, int]], secret: str
) -> None:
    exact = figures(counts)
    attack, rounded = attack_of_tables(exact, Suppression(LEAST, secret))
    for school, state in product(range(len(counts)), range(len(STATES))):
        if counts[school][state] < LEAST:
            least, most = attack.bounds(("true", f"S{school}", STATES[state]), rounded)
            assert most - least >= LEAST - 1 - 1e-6
            assert least - 1e-6 <= counts[school][state] <= most + 1e-6


def test_the_attack_finds_what_hiding_small_cells_alone_would_leave_open() -> None:
    counts = [(12, 1, 0, 40), (9, 30, 8, 22)]
    attack = Attack()
    for state, column in zip(STATES, zip(*counts, strict=True), strict=True):
        attack.learn([("told", "S0", state), ("told", "S1", state)], sum(column))
        for uai, count in zip(("S0", "S1"), column, strict=True):
            if count >= LEAST:
                attack.learn([("told", uai, state)], count)
    least, most = attack.bounds(("told", "S0", "notified"), {})
    assert (least, most) == (pytest.approx(1), pytest.approx(1))


@settings(max_examples=25, deadline=None)
@given(
    steps=st.lists(st.integers(0, 3), min_size=5, max_size=30),
    dither=st.integers(0, LEAST - 1),
)
def test_a_count_that_grows_is_never_known_though_asked_for_every_day(
    steps: list[int], dither: int
) -> None:
    counts = np.cumsum(steps)
    told = [(count + dither) // LEAST * LEAST for count in counts]
    # Whatever was added, the same courses of published numbers come of as many true courses.
    possible = [{added: number - added for added in range(LEAST)} for number in told if number > 0]
    for number, count in zip(told, counts, strict=True):
        values = {
            v for added in range(LEAST) for v in range(number - added, number - added + LEAST)
        }
        assert count in values
        assert len([value for value in values if value >= 0]) >= LEAST
    assert all(len(set(values.values())) == LEAST for values in possible)
    assert told == sorted(told)


def test_the_same_figure_is_rounded_the_same_in_every_table(generated: Store) -> None:
    def told(scope: Scope, by: str) -> pd.DataFrame:
        return statistics(generated, scope, by, smallest_count=LEAST)

    schools = told(NATION, "school").fillna(0)
    for by in ("structure", "department", "academy"):
        figures = told(NATION, by)
        for name in ("accounts", *STATES, "students"):
            assert figures[name].fillna(0).sum() == schools[name].sum()
    one = schools["school"].iloc[7]
    alone = told(Scope.schools(one), "school").fillna(0)
    pd.testing.assert_frame_equal(
        alone, schools[schools["school"] == one].reset_index(drop=True), check_dtype=False
    )
    days = timeline(generated, NATION, TODAY, TODAY, "school", smallest_count=LEAST)
    shown = days[["accounts", *STATES]].fillna(0).to_numpy().tolist()
    assert shown == schools[["accounts", *STATES]].to_numpy().tolist()


def test_neighbouring_scopes_differ_by_rounded_schools_alone(generated: Store) -> None:
    uais = list(generated.frame("SELECT uai FROM school ORDER BY uai")["uai"])
    schools = statistics(generated, NATION, "school", smallest_count=LEAST).set_index("school")
    with_, without = (
        statistics(generated, Scope.schools(*some), "structure", smallest_count=LEAST)
        for some in (uais, uais[1:])
    )
    for state in STATES:
        alone = schools[state].fillna(0)[uais[0]]
        assert with_[state].item() - without[state].item() == alone
        assert alone % LEAST == 0


def test_counts_are_near_and_without_bias(generated: Store) -> None:
    exact = statistics(generated, NATION, "school")
    told = statistics(generated, NATION, "school", smallest_count=LEAST)
    errors = (told[STATES].fillna(0).astype("int64") - exact[STATES]).to_numpy()
    assert np.abs(errors).max() < LEAST
    assert abs(errors.mean()) < 0.6
    assert told[STATES].min().min() >= LEAST
    share = statistics(generated, NATION, "structure")["activated_pct"].item()
    whole = statistics(generated, NATION, "structure", smallest_count=LEAST)
    assert whole["activated_pct"].item() == pytest.approx(share, abs=1)


def test_percentages_of_hidden_counts_are_hidden(store: Store) -> None:
    rows = Rows(store)
    rows.school()
    for state, count in ((State.ACTIVATED, 4), (State.NOT_NOTIFIED, 40)):
        for _ in range(count):
            rows.account(rows.student(), state=state)
    for _ in range(20):
        [told] = statistics(store, NATION, "school", smallest_count=9).to_dict("records")
        if told["activated"] is pd.NA:
            assert pd.isna(told["activated_pct"])
        with store.transaction() as transaction:
            transaction.write("UPDATE publication SET secret = secret || 'x'")
    assert statistics(store, NATION, "school")["activated"].item() == 4


def test_levels_are_told_of_many_schools_and_classes_of_none(generated: Store) -> None:
    levels = statistics(generated, NATION, "level", smallest_count=LEAST)
    assert levels.loc[levels["level"] == "CP", "accounts"].notna().all()
    uais = list(generated.frame("SELECT uai FROM school")["uai"])
    few = Scope.schools(*uais[: SCHOOLS_OF_LEVEL - 1])
    assert statistics(generated, few, "level", smallest_count=LEAST)[list(FIGURES)].isna().all(None)
    by_school = statistics(generated, NATION, ("school", "level"), smallest_count=LEAST)
    assert by_school[list(FIGURES)].isna().all(None)
    for by in ("class", ("class", "level")):
        with pytest.raises(Refused, match="par classe"):
            statistics(generated, NATION, by, smallest_count=LEAST)


def test_time_tells_no_event_and_the_table_no_day(generated: Store) -> None:
    days = timeline(generated, NATION, TODAY - timedelta(days=9), TODAY, smallest_count=LEAST)
    assert list(days.columns) == ["day", "accounts", *STATES]
    for by in ("class", "level"):
        with pytest.raises(Refused, match="évolution"):
            timeline(generated, NATION, TODAY, TODAY, by, smallest_count=LEAST)
    table = explore_schools(generated, NATION, TODAY, smallest_count=LEAST).schools
    shown = table[[*STATES, "expired", "students"]].fillna(0).astype("int64")
    assert (shown % LEAST == 0).all(axis=None)
    assert (table["expired"].fillna(0) <= table["notified"].fillna(0)).all()


def test_another_database_rounds_otherwise() -> None:
    found = set()
    for _ in range(3):
        with connect(MEMORY) as store:
            generate(store, 12, 3, TODAY, "Dijon")
            told = statistics(store, Scope(Area.NATION), "school", smallest_count=LEAST)
            found.add(tuple(told[STATES].fillna(0).to_numpy().flatten()))
    assert len(found) > 1
