"""The table of schools: counted by the database, narrowed, ranked and paged."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pandas as pd
import pytest

from dashboard.actions.explore_places import explore_schools, schools_document
from dashboard.actions.figures import statistics
from dashboard.actions.generate import generate
from dashboard.domain.account import State
from dashboard.domain.action import Action
from dashboard.domain.directory import Kind, Sector, Zone
from dashboard.domain.filters import SchoolColumn, SchoolFilter, SchoolSort
from dashboard.domain.journal import Entry
from dashboard.domain.scope import Scope
from dashboard.pipelines.statistics import FIGURES
from dashboard.store.engine import MEMORY, Store, connect
from dashboard.store.journal import write_entries
from tests.store.rows import BEZE, SULPICE, VAROIS, Rows

TODAY = date(2026, 11, 24)
NATION = Scope.nation()


@pytest.fixture(scope="module")
def generated() -> Iterator[Store]:
    with connect(MEMORY) as store:
        generate(store, 40, 3, TODAY, "Dijon")
        yield store


@pytest.fixture
def rows() -> Iterator[Rows]:
    """A school of three accounts, one of one account that nobody notified, one without people."""
    with connect(MEMORY) as store:
        rows = Rows(store)
        rows.school(SULPICE, "Nevers 1", "058", "Dijon")
        rows.school(BEZE, "Dijon Est", "021", "Dijon")
        rows.school(VAROIS, "Dijon Est", "021", "Dijon")
        child = rows.student(uai=SULPICE)
        rows.account(child, state=State.ACTIVATED, distributed_on=date(2026, 9, 1))
        rows.account(child, state=State.NOTIFIED, distributed_on=date(2026, 8, 1))
        rows.account(child, state=State.NOTIFIED, distributed_on=date(2026, 11, 1))
        rows.account(rows.student(uai=BEZE))
        moment = datetime(2026, 11, 14, 9)
        entries = [
            Entry(moment, "x", Action.ACTIVATE, 1, State.ACTIVATING, State.ACTIVATED),
            Entry(
                moment + timedelta(days=3), "x", Action.RESET, 1, State.ACTIVATING, State.NOTIFIED
            ),
            Entry(
                moment, "x", Action.NOTIFY_BY_EMAIL, 4, State.NOT_NOTIFIED, State.NOT_NOTIFIED, "no"
            ),
        ]
        with store.transaction() as transaction:
            write_entries(transaction, entries)
        yield rows


def uais(store: Store, **conditions: object) -> list[str]:
    chosen = SchoolFilter(**conditions)  # type: ignore[arg-type]  # by name
    return list(explore_schools(store, NATION, TODAY, conditions=chosen).schools["uai"])


def test_a_school_shows_its_places_and_figures(rows: Rows) -> None:
    page = explore_schools(rows.store, NATION, TODAY, sort=SchoolSort(SchoolColumn.UAI))
    assert page.count == 2
    assert page.schools.iloc[1].to_dict() == {
        "uai": SULPICE,
        "name": f"École {SULPICE}",
        "district": "Nevers 1",
        "department": "058",
        "academy": "Dijon",
        "kind": "",
        "sector": "",
        "latitude": pytest.approx(float("nan"), nan_ok=True),
        "longitude": pytest.approx(float("nan"), nan_ok=True),
        "students": 1,
        "accounts": 3,
        "not_notified": 0,
        "notified": 2,
        "activating": 0,
        "activated": 1,
        "activated_pct": 33.33,
        "students_covered": 1,
        "students_covered_pct": 100.0,
        "expired": 1,
        "last_progress_on": pd.Timestamp(2026, 11, 14),
    }


@pytest.mark.parametrize(
    ("conditions", "found"),
    [
        ({}, [BEZE, SULPICE]),
        ({"search": "NEVERS ecole"}, [SULPICE]),
        ({"search": "0210"}, [BEZE]),
        ({"search": "%"}, []),
        ({"search": " "}, [BEZE, SULPICE]),
        ({"least_accounts": 2}, [SULPICE]),
        ({"most_accounts": 1}, [BEZE]),
        ({"least_activated_pct": 33, "most_activated_pct": 34}, [SULPICE]),
        ({"least_activated_pct": 34}, []),
        ({"nothing_notified": True}, [BEZE]),
        ({"has_expired": True}, [SULPICE]),
        ({"idle_days": 10}, [BEZE, SULPICE]),
        ({"idle_days": 11}, [BEZE]),
    ],
    ids=str,
)
def test_conditions_narrow_the_table(
    rows: Rows, conditions: dict[str, object], found: list[str]
) -> None:
    assert uais(rows.store, **conditions) == found


def test_schools_are_found_by_what_the_directory_says_of_them(generated: Store) -> None:
    whole = explore_schools(generated, NATION, TODAY).schools.set_index("uai")
    nurseries = uais(generated, kind=Kind.NURSERY, sector=Sector.PUBLIC)
    meant = whole[(whole["kind"] == "NURSERY") & (whole["sector"] == "PUBLIC")]
    assert nurseries == list(meant.index)
    assert 0 < len(nurseries) < len(whole)
    first = whole.iloc[0]
    here = Zone(first["latitude"], first["longitude"], first["latitude"], first["longitude"])
    assert uais(generated, zone=here) == [whole.index[0]]


def test_a_school_of_unknown_position_is_in_no_zone(rows: Rows) -> None:
    assert uais(rows.store, zone=Zone(-90, -180, 90, 180)) == []


def test_of_schools_alike_the_largest_comes_first(generated: Store) -> None:
    told = explore_schools(generated, NATION, TODAY, smallest_count=5).schools
    alike = told[told["activated_pct"].isna()]
    assert len(alike) > 1
    sizes = alike["accounts"].fillna(0).to_list()
    assert sizes == sorted(sizes, reverse=True)


def test_a_scope_bounds_the_table(rows: Rows) -> None:
    assert list(explore_schools(rows.store, Scope.district("Nevers 1"), TODAY).schools["uai"]) == [
        SULPICE
    ]
    assert explore_schools(rows.store, Scope.schools(), TODAY).count == 0


@pytest.mark.parametrize("column", SchoolColumn)
@pytest.mark.parametrize("descending", [False, True])
def test_every_column_ranks_and_what_is_missing_comes_last(
    generated: Store, column: SchoolColumn, descending: bool
) -> None:
    sort = SchoolSort.parse(f"{'-' if descending else ''}{column}")
    table = explore_schools(generated, NATION, TODAY, sort=sort).schools
    known = table[column.value].dropna()
    assert table[column.value].isna().to_list() == sorted(table[column.value].isna())
    if column not in (SchoolColumn.NAME, SchoolColumn.DISTRICT):
        assert known.to_list() == sorted(known, reverse=descending)


def test_pages_make_up_the_table(generated: Store) -> None:
    whole = explore_schools(generated, NATION, TODAY).schools
    pages = [
        explore_schools(generated, NATION, TODAY, limit=15, offset=offset)
        for offset in (0, 15, 30, 45)
    ]
    assert [len(page.schools) for page in pages] == [15, 15, 10, 0]
    assert {page.count for page in pages} == {40}
    joined = pd.concat([page.schools for page in pages], ignore_index=True)
    assert list(joined["uai"]) == list(whole["uai"])


def test_the_figures_are_those_of_the_statistics(generated: Store) -> None:
    sort = SchoolSort(SchoolColumn.UAI)
    table = explore_schools(generated, NATION, TODAY, sort=sort).schools
    figures = statistics(generated, NATION, "school").rename(columns={"school": "uai"})
    pd.testing.assert_frame_equal(table[["uai", *FIGURES]], figures)


def test_order_and_conditions_go_by_the_figures_that_are_told(generated: Store) -> None:
    told = explore_schools(generated, NATION, TODAY, smallest_count=5).schools
    shares = told["activated_pct"].fillna(0)
    assert shares.to_list() == sorted(shares)
    chosen = SchoolFilter(least_activated_pct=40, most_activated_pct=60)
    band = explore_schools(generated, NATION, TODAY, conditions=chosen, smallest_count=5).schools
    assert band["activated_pct"].between(40, 60).all()
    assert set(told["last_progress_on"].dropna().dt.day_of_week) == {0}
    figures = statistics(generated, NATION, "school", smallest_count=5)
    figures = figures.rename(columns={"school": "uai"})
    ordered = told.sort_values("uai", ignore_index=True)
    pd.testing.assert_frame_equal(ordered[["uai", *FIGURES]], figures)


def test_a_table_of_schools_is_a_file_for_spreadsheets(rows: Rows) -> None:
    with rows.store.transaction() as transaction:
        transaction.write("UPDATE school SET name = '=1+1' WHERE uai = $1", [SULPICE])
    exact = explore_schools(rows.store, NATION, TODAY, sort=SchoolSort(SchoolColumn.UAI)).schools
    document = schools_document(exact, "x.csv")
    head, _, last = document.content.decode("utf-8-sig").splitlines()
    assert head.startswith("UAI;Établissement;Circonscription;Département;Type;Secteur;% activés")
    assert last == f"{SULPICE};'=1+1;Nevers 1;058;;;33,33;3;0;2;0;1;1;100;1;14/11/2026"
    told = explore_schools(rows.store, NATION, TODAY, smallest_count=5).schools
    assert "n. c.;n. c." in schools_document(told, "x.csv").content.decode("utf-8-sig")
