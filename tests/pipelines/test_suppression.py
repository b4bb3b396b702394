"""Small counts cannot be recovered from what is published, by subtracting or by solving."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from dashboard.actions.explore_places import explore_schools
from dashboard.actions.figures import statistics, timeline
from dashboard.actions.generate import generate
from dashboard.domain.account import State
from dashboard.domain.errors import Refused
from dashboard.domain.scope import Area, Scope
from dashboard.domain.suppression import Suppression
from dashboard.pipelines.statistics import FIGURES, STATE_COLUMNS
from dashboard.pipelines.suppression import LEAST_SCHOOLS, published, rounded
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

    equations: list[tuple[list[Cell], float]] = field(default_factory=list)
    cells: dict[Cell, int] = field(default_factory=dict)

    def place(self, cell: Cell) -> int:
        return self.cells.setdefault(cell, len(self.cells))

    def learn(self, cells: Iterable[Cell], told: float | None) -> None:
        """A table says that these rounded counts add up to a number, or hides it."""
        known = 0.0 if told is None or pd.isna(told) else float(told)
        self.equations.append((list(cells), known))

    def bounds(self, wanted: Sequence[Cell], rounded: Mapping[Cell, Cell]) -> list[list[float]]:
        """The least and the most that true counts may be; `rounded` names each one's rounding."""
        for cell in (
            *rounded,
            *rounded.values(),
            *(c for known, _ in self.equations for c in known),
        ):
            self.place(cell)
        exact = np.zeros((len(self.equations), len(self.cells)))
        for row, (equation, _) in enumerate(self.equations):
            exact[row, [self.place(cell) for cell in equation]] = 1
        near = np.zeros((2 * len(rounded), len(self.cells)))
        for row, (true, told) in enumerate(rounded.items()):
            near[2 * row, [self.place(true), self.place(told)]] = 1, -1
            near[2 * row + 1, [self.place(true), self.place(told)]] = -1, 1
        known = [told for _, told in self.equations]
        most_off = np.full(len(near), LEAST - 1)
        ends = []
        for cell, sign in product(wanted, (1, -1)):
            aim = np.zeros(len(self.cells))
            aim[self.place(cell)] = sign
            found = linprog(aim, near, most_off, exact, known, bounds=(0, None))
            assert found.status == 0, found.message
            ends.append(sign * float(found.fun))
        return [ends[place : place + 2] for place in range(0, len(ends), 2)]


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
    roundings: dict[Cell, Cell] = {
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
    return attack, roundings


@pytest.mark.parametrize("seed", range(6))
def test_no_small_count_is_recovered_from_all_tables_together(seed: int) -> None:
    rng = np.random.default_rng(seed)
    counts = rng.integers(0, 9, (2 + seed, len(STATES)))
    attack, roundings = attack_of_tables(
        figures(counts.tolist()), Suppression(LEAST, f"secret {seed}")
    )
    small = {
        ("true", f"S{school}", STATES[state]): int(counts[school, state])
        for school, state in product(range(len(counts)), range(len(STATES)))
        if counts[school, state] < LEAST
    }
    bounds = attack.bounds(list(small), roundings)
    for (least, most), count in zip(bounds, small.values(), strict=True):
        assert most - least >= LEAST - 1 - 1e-6
        assert least - 1e-6 <= count <= most + 1e-6


def test_the_attack_finds_what_hiding_small_cells_alone_would_leave_open() -> None:
    counts = [(12, 1, 0, 40), (9, 30, 8, 22)]
    attack = Attack()
    for state, column in zip(STATES, zip(*counts, strict=True), strict=True):
        attack.learn([("told", "S0", state), ("told", "S1", state)], sum(column))
        for uai, count in zip(("S0", "S1"), column, strict=True):
            if count >= LEAST:
                attack.learn([("told", uai, state)], count)
    [bounds] = attack.bounds([("told", "S0", "notified")], {})
    assert bounds == pytest.approx([1, 1])


@given(steps=st.lists(st.integers(0, 3), min_size=1, max_size=30))
def test_a_count_that_is_asked_for_every_day_keeps_as_many_possible_courses(
    steps: list[int],
) -> None:
    """Each published course comes of one true course for each number that may have been added."""
    secrets = {Suppression(LEAST, str(n)).dither("S", "activated"): str(n) for n in range(60)}
    assert sorted(secrets) == list(range(LEAST))
    counts = LEAST + np.cumsum(steps)
    told = course(counts, secrets[2])
    assert told == sorted(told)
    same = [counts + 2 - added for added in secrets]
    assert all(
        course(other, secrets[added]) == told for other, added in zip(same, secrets, strict=True)
    )
    assert len({other[-1] for other in same}) == LEAST


def course(counts: np.ndarray, secret: str) -> list[int]:
    """What is published of one school's activated accounts, day by day."""
    days = pd.DataFrame({"uai": "S", "activated": counts})
    return list(rounded(days, ["uai"], ["activated"], Suppression(LEAST, secret))["activated"])


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
    few = Scope.schools(*uais[: LEAST_SCHOOLS - 1])
    assert (
        statistics(generated, few, "level", smallest_count=LEAST)[list(FIGURES)]
        .isna()
        .all(axis=None)
    )
    by_school = statistics(generated, NATION, ("school", "level"), smallest_count=LEAST)
    assert by_school[list(FIGURES)].isna().all(axis=None)
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


def test_schools_counted_some_at_a_time_add_up_to_the_same(
    generated: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    span = TODAY - timedelta(days=20), TODAY
    for by in ("structure", "district", "school"):
        whole = timeline(generated, NATION, *span, by, smallest_count=LEAST)
        monkeypatch.setattr("dashboard.store.schools._BLOCK", 7)
        pd.testing.assert_frame_equal(
            timeline(generated, NATION, *span, by, smallest_count=LEAST), whole
        )
        monkeypatch.undo()
    days = timeline(generated, NATION, *span, "school", smallest_count=LEAST)
    summed = days.groupby("day")["activated"].sum()
    together = timeline(generated, NATION, *span, smallest_count=LEAST)
    assert summed.to_list() == together["activated"].to_list()


def test_another_database_rounds_otherwise() -> None:
    found = set()
    for _ in range(3):
        with connect(MEMORY) as store:
            generate(store, 12, 3, TODAY, "Dijon")
            told = statistics(store, Scope(Area.NATION), "school", smallest_count=LEAST)
            found.add(tuple(told[STATES].fillna(0).to_numpy().flatten()))
    assert len(found) > 1
