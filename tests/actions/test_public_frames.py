"""The public functions' frames: the same columns and types with rows and without."""

import inspect
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import product

import pandas as pd
import pytest

import dashboard
from dashboard import Grouping, Scope, Store

TODAY = date(2026, 9, 28)
SINCE = TODAY - timedelta(days=365)
SCHOOLS = [by for by in Grouping if by not in (Grouping.CLASS, Grouping.LEVEL)]
Frame = Callable[[Store, Grouping, int], pd.DataFrame]
NATION = Scope.nation()
FRAMES: dict[str, Frame] = {
    "statistics": lambda store, by, least: dashboard.statistics(
        store, NATION, by, smallest_count=least
    ),
    "timeline": lambda store, by, least: dashboard.timeline(
        store, NATION, TODAY, TODAY, by, smallest_count=least
    ),
    "tallies": lambda store, by, least: dashboard.tallies(
        store, NATION, SINCE, TODAY, by, smallest_count=least
    ),
    "activation_times": lambda store, by, least: dashboard.activation_times(
        store, NATION, TODAY, by
    ),
    "explore_schools": lambda store, by, least: (
        dashboard.explore_schools(store, NATION, TODAY, smallest_count=least).schools
    ),
}


def _is_told(name: str, by: Grouping, least: int) -> bool:
    """Whether the function answers by this grouping, rather than refuse."""
    if by is Grouping.CLASS and least:
        return name in ("activation_times", "explore_schools")
    if by is Grouping.LEVEL and least and name == "timeline":
        return False
    return by in SCHOOLS or name != "tallies"


@pytest.fixture(scope="module")
def empty() -> Iterator[Store]:
    with dashboard.connect(":memory:") as store:
        yield store


@pytest.mark.parametrize(
    ("name", "by", "least"),
    [case for case in product(FRAMES, Grouping, (0, 5)) if _is_told(*case)],
)
def test_a_frame_without_rows_has_the_types_of_one_with_rows(
    demo_store: Store, empty: Store, name: str, by: Grouping, least: int
) -> None:
    filled, bare = (FRAMES[name](store, by, least) for store in (demo_store, empty))
    assert dict(bare.dtypes) == dict(filled.dtypes)


@pytest.mark.parametrize("name", FRAMES)
def test_every_frame_s_columns_stand_in_the_help_of_its_function(
    demo_store: Store, name: str
) -> None:
    text = getattr(dashboard, name).__doc__
    for by in SCHOOLS:
        columns = FRAMES[name](demo_store, by, 0).columns
        assert [column for column in columns if f"``{column}``" not in text] == []


@pytest.mark.parametrize("name", FRAMES)
def test_arguments_come_in_one_order_and_options_by_keyword(name: str) -> None:
    parameters = inspect.signature(getattr(dashboard, name)).parameters.values()
    places = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
    order = ["store", "scope", "since", "until", "today", "by"]
    assert places == [known for known in order if known in places]


def test_completion_shows_what_there_is() -> None:
    public = {name for name in dir(dashboard) if not name.startswith("_")}
    assert public == set(dashboard.__all__) - {"__version__"}
    assert all(getattr(dashboard, name) for name in dashboard.__all__)
