"""Whatever published tables are combined, ten schools at least are behind what comes out.

An inspector asks for everything: of an academy made to be nasty, by every area, filter and list of
schools, before and after the directory changes, from the database and from a snapshot. Each told
number is a sum over schools, and all combinations of such sums give schools that are in the same
tables the same factor. So the schools are split by the tables that they are in, and no part of this
split may be small.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from dashboard.actions.explore_places import explore_schools, open_explorer
from dashboard.actions.figures import statistics, tallies
from dashboard.actions.take_snapshot import take_snapshot
from dashboard.credentials.links import Signer
from dashboard.domain.account import State
from dashboard.domain.directory import Kind, Sector, Zone
from dashboard.domain.filters import SchoolFilter
from dashboard.domain.scope import Area, Scope
from dashboard.pipelines.statistics import STATE_COLUMNS
from dashboard.pipelines.suppression import LEAST_SCHOOLS
from dashboard.store import bulk
from dashboard.store.engine import MEMORY, Store, connect
from dashboard.store.opening import connect as open_any
from dashboard.store.schools import schools
from dashboard.store.tallies import write_tallies

TODAY = date(2026, 11, 24)
LEAST = 5
STATES = list(STATE_COLUMNS.values())
NATION = Scope.nation()
# Academy, département, district, and how many schools it has.
PLACES = [
    ("Dijon", "021", "Grande", 12),
    ("Dijon", "021", "Moyenne", 11),
    ("Dijon", "021", "Juste", 10),
    ("Dijon", "021", "Presque", 9),
    ("Dijon", "021", "Seule", 1),
    ("Dijon", "021", "", 2),
    ("Dijon", "058", "Assez", 10),
    ("Dijon", "058", "Autre", 1),
    ("Dijon", "071", "Peu", 4),
    ("Lyon", "069", "Nord", 11),
    ("Lyon", "069", "Sud", 9),
    ("Lyon", "001", "Loin", 1),
    ("Nice", "006", "Mer", 2),
]
WEEKS = [date(2026, 10, 4) + timedelta(weeks=week) for week in range(4)]
# The school that its département less its other districts leaves.
ALONE = "0210040X"
CROSSED = [(), ("academy",), ("department",), ("department", "district"), ("school",)]
CONDITIONS = [
    SchoolFilter(kind=Kind.NURSERY),
    SchoolFilter(sector=Sector.PUBLIC),
    SchoolFilter(least_accounts=60),
    SchoolFilter(zone=Zone(40, 0, 46, 5.5)),
]


@dataclass
class Told:
    """All that was told of a level or of a week: which schools a number adds up, and the number."""

    cells: dict[object, list[tuple[frozenset[str], tuple[int, ...]]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def learn(self, table: pd.DataFrame, of: str, known: pd.DataFrame) -> None:
        """A table, and the places of the schools that it was asked for; a hidden zero is a zero."""
        keys = [name for name in ("school", "academy", "department", "district") if name in table]
        places = known.rename(columns={"uai": "school"})
        for record in table[table["accounts"].notna()].to_dict("records"):
            inside = places
            for key in keys:
                inside = inside[inside[key] == record[key]]
            numbers = tuple(0 if record[s] is pd.NA else int(record[s]) for s in STATES)
            self.cells[record[of]].append((frozenset(inside["school"]), numbers))

    def parts(self, of: object, having: Iterable[str]) -> list[list[str]]:
        """The schools that have it, split by the tables that they are in; none of no table."""
        split = defaultdict(list)
        for uai in having:
            split[tuple(uai in inside for inside, _ in self.cells[of])].append(uai)
        return [here for tables, here in split.items() if any(tables)]


@dataclass
class World:
    """What is told of it; `having` says which schools have a level, or a week."""

    store: Store
    having: dict[object, set[str]] = field(default_factory=lambda: defaultdict(set))
    levels: Told = field(default_factory=Told)
    of_snapshot: Told = field(default_factory=Told)
    weeks: Told = field(default_factory=Told)


def places_of() -> pd.DataFrame:
    rows = [
        (f"{department}{number:03}{place}X", academy, department, district)
        for number, (academy, department, district, count) in enumerate(PLACES)
        for place in range(count)
    ]
    frame = pd.DataFrame(rows, columns=["uai", "academy", "department", "district"])
    count = len(frame)
    kinds, sectors = list(Kind), list(Sector)
    return frame.assign(
        name="École " + frame["uai"],
        kind=[kinds[0 if n % 7 else 1].value for n in range(count)],
        sector=[sectors[n == 3].value for n in range(count)],
        latitude=[45 + n / 20 for n in range(count)],
        longitude=5.0,
    )


def levels_of(number: int) -> list[str]:
    """CP everywhere, CE1 nearly so, ULIS in one school of some districts."""
    return ["CP", *(["CE1"] if number % 5 else []), *(["ULIS"] if number in (2, 40) else [])]


def fill(store: Store) -> None:
    """Schools of two or three levels, each with a few students and one account for each."""
    rng = np.random.default_rng(5)
    places = places_of()
    people = [
        (uai, level)
        for number, uai in enumerate(places["uai"])
        for level in levels_of(number)
        for _ in range(int(rng.integers(18, 40)))
    ]
    frame = pd.DataFrame(people, columns=["uai", "level"]).assign(
        birth_name="Martin", usage_name="", first_name="Zoé", name_key="martin zoe"
    )
    students = frame.assign(born_on=pd.Timestamp(2019, 5, 4), **{"class": frame["level"]})
    accounts = frame.assign(civility="Mme", email="", mobile="", origin="SCHOOL", password="NONE")
    states = [state.value for state in State]
    accounts["state"] = [states[n] for n in rng.integers(0, len(states), len(accounts))]
    accounts["distributed_on"] = accounts["last_access_on"] = pd.NaT
    with store.transaction() as transaction:
        bulk.write_schools(transaction, places)
        numbers = bulk.write_students(transaction, students)
        given = bulk.write_guardians(transaction, accounts)
        links = students.assign(account_id=given, student_id=numbers)
        bulk.write_links(transaction, links[["account_id", "student_id", "uai", "class", "level"]])


def keep_week(store: Store, day: date, uais: Sequence[str]) -> None:
    counts = np.random.default_rng(day.toordinal()).integers(5, 60, (len(uais), len(STATES)))
    week = pd.DataFrame(counts, columns=STATES).assign(uai=uais, day=pd.Timestamp(day))
    with store.transaction() as transaction:
        write_tallies(transaction, week)


def scopes(store: Store) -> list[Scope]:
    """Areas, some granted together, a département less each district, and what filters find."""
    known = schools(store, NATION)
    here = known[known["department"] == "021"]
    areas = [
        Scope(Area.DEPARTMENT, ("021", "069")),
        Scope(Area.DISTRICT, ("021/Grande", "021/Seule")),
        Scope.district("Presque"),
    ]
    without = [
        Scope.schools(*here.loc[here["district"] != name, "uai"])
        for name in ("Juste", "Presque", "Seule")
    ]
    found = [
        Scope.schools(
            *explore_schools(store, NATION, TODAY, conditions=one, smallest_count=LEAST).schools[
                "uai"
            ]
        )
        for one in CONDITIONS
    ]
    return [*areas, *without, *found]


def ask_levels(told: Told, store: Store, asked: Sequence[Scope]) -> None:
    """Tables by level: of all areas, crossed with each, and of what else may be asked for."""
    known = schools(store, NATION)
    for by in CROSSED:
        table = statistics(store, NATION, (*by, "level"), smallest_count=LEAST)
        told.learn(table, "level", known)
    for scope in asked:
        table = statistics(store, scope, "level", smallest_count=LEAST)
        told.learn(table, "level", schools(store, scope))
    explorer = open_explorer(store, Scope.department("021"), TODAY, LEAST)
    root = explorer.territory.root
    told.learn(explorer.figures(root, "level"), "level", explorer.territory.inside(root))


def ask_weeks(told: Told, store: Store, asked: Sequence[Scope]) -> None:
    """Kept weeks, of the same."""
    span = WEEKS[0], WEEKS[-1]
    known = schools(store, NATION)
    for by in CROSSED:
        weeks = tallies(store, NATION, *span, by or "structure", smallest_count=LEAST)
        told.learn(weeks, "day", known)
    for scope in asked:
        weeks = tallies(store, scope, *span, smallest_count=LEAST)
        told.learn(weeks, "day", schools(store, scope))
    lyon = known[known["academy"] == "Lyon"]
    weeks = tallies(store, NATION, *span, only=list(lyon["uai"][1:]), smallest_count=LEAST)
    told.learn(weeks, "day", lyon[1:])


def ask_weeks_of_snapshot(told: Told, snapshot: Store) -> None:
    """Kept weeks as a snapshot has them: those of whole départements."""
    known = schools(snapshot, NATION)
    for by in (("department",), ("academy", "department")):
        weeks = tallies(snapshot, NATION, WEEKS[0], WEEKS[-1], by, smallest_count=LEAST)
        told.learn(weeks, "day", known)


def move(store: Store, uai: str, district: str) -> None:
    with store.transaction() as transaction:
        transaction.write("UPDATE school SET district = $1 WHERE uai = $2", [district, uai])


def uais_in(store: Store, district: str) -> list[str]:
    known = schools(store, NATION)
    return list(known.loc[known["district"] == district, "uai"])


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Asked after two weeks, and again once schools have opened, closed and moved."""
    folder = tmp_path_factory.mktemp("snapshots") / "extrait"
    with connect(MEMORY) as store:
        fill(store)
        world = World(store)
        opens, closes, moves = (uais_in(store, name)[0] for name in ("Presque", "Juste", "Grande"))
        for day in WEEKS:
            absent = closes if day >= WEEKS[2] else opens
            if day == WEEKS[2]:
                asked = scopes(store)
                ask_levels(world.levels, store, asked)
                ask_weeks(world.weeks, store, asked)
                take_snapshot(store, Signer(b"k" * 32), folder, TODAY)
                move(store, moves, "Seule")
            uais = set(schools(store, NATION)["uai"]) - {absent}
            keep_week(store, day, sorted(uais))
            world.having[pd.Timestamp(day)] = uais
        ask_weeks(world.weeks, store, scopes(store))
        for uai, level in store.rows("SELECT DISTINCT uai, level FROM student"):
            world.having[level].add(uai)
        with open_any(folder) as snapshot:
            ask_levels(world.of_snapshot, snapshot, asked)
            ask_weeks_of_snapshot(world.weeks, snapshot)
        yield world


def smallest(told: Told, of: object, having: Iterable[str]) -> int:
    return min(len(part) for part in told.parts(of, having))


@pytest.mark.parametrize("day", WEEKS, ids=str)
def test_no_combination_of_kept_weeks_is_of_a_few_schools(world: World, day: date) -> None:
    """Whenever they were asked for: an area has other schools once the directory changes."""
    week = pd.Timestamp(day)
    assert smallest(world.weeks, week, world.having[week]) >= LEAST_SCHOOLS


@pytest.mark.parametrize("level", ["CP", "CE1"])
def test_no_combination_of_tables_by_level_is_of_a_few_schools(world: World, level: str) -> None:
    for told in (world.levels, world.of_snapshot):
        assert smallest(told, level, world.having[level]) >= LEAST_SCHOOLS


def test_a_level_of_a_few_schools_is_not_even_named(world: World) -> None:
    assert 0 < len(world.having["ULIS"]) < LEAST_SCHOOLS
    assert {*world.levels.cells, *world.of_snapshot.cells} == {"CP", "CE1"}


def test_a_bundle_that_changes_is_rounded_anew() -> None:
    """Else the tables before and after would differ by the rounded levels of the lone school."""
    with connect(MEMORY) as store:
        fill(store)

        def told(place: Scope) -> pd.DataFrame:
            return statistics(store, place, "level", smallest_count=LEAST)

        moves, other = uais_in(store, "Grande")[0], Scope.academy("Lyon")
        before, beside = told(Scope.department("021")), told(other)
        move(store, moves, "Moyenne")
        assert not told(Scope.department("021")).equals(before)  # though its schools are the same
        assert told(other).equals(beside)
        move(store, moves, "Grande")
        pd.testing.assert_frame_equal(told(Scope.department("021")), before)


def test_what_is_large_enough_is_told(world: World) -> None:
    """The rule would hold if nothing were published; a district of nine is not told of."""
    known = schools(world.store, NATION)
    for told, of in ((world.levels, "CP"), (world.weeks, pd.Timestamp(WEEKS[-1]))):
        areas = {inside for inside, _ in told.cells[of]}
        for place in ({"department": "021"}, {"academy": "Dijon"}, {}, {"district": "Moyenne"}):
            inside = known.loc[(known[list(place)] == list(place.values())).all(axis="columns")]
            assert frozenset(inside["uai"]) in areas, (of, place)
        lone = known[known["district"] == "Presque"]
        assert frozenset(lone["uai"]) not in areas


@pytest.mark.parametrize("level", ["CP", "CE1"])
def test_a_lone_school_may_have_any_part_of_what_its_bundle_has(world: World, level: str) -> None:
    """Bounds by linear programming on its rounded counts, of which all tables are sums."""
    having = sorted(world.having[level])
    cells = world.levels.cells[level]
    sums = np.array([[uai in inside for uai in having] for inside, _ in cells], dtype="float64")
    [part] = [part for part in world.levels.parts(level, having) if ALONE in part]
    for place in range(len(STATES)):
        known = [numbers[place] for _, numbers in cells]
        least, most = (
            sign * float(linprog(sign * (np.array(having) == ALONE), A_eq=sums, b_eq=known).fun)
            for sign in (1, -1)
        )
        assert least == pytest.approx(0)
        assert most >= LEAST * len(part)
