"""The points of a map of schools: one each, or neighbours together where schools are many."""

import numpy as np
import pandas as pd

from dashboard.domain.suppression import Suppression
from dashboard.pipelines.school_table import school_points
from dashboard.pipelines.statistics import STATE_COLUMNS


def table(count: int) -> pd.DataFrame:
    """Schools all over a square degree, with ten accounts each, of which one is activated."""
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "uai": [f"{number:07}X" for number in range(count)],
            "name": "École",
            "latitude": 47 + rng.random(count),
            "longitude": 4 + rng.random(count),
            "chosen": rng.random(count) < 0.5,
            "activated_pct": 10.0,
        }
    )
    counts = dict.fromkeys(STATE_COLUMNS.values(), 3) | {"activated": 1}
    return frame.assign(**counts, accounts=10, students=8, students_covered=1)


def test_a_few_schools_are_a_point_each() -> None:
    schools = table(50)
    points = school_points(schools, None)
    pd.testing.assert_series_equal(points["latitude"], schools["latitude"])
    assert list(points["uai"]) == list(schools["uai"])
    assert set(points["schools"]) == {1}
    assert list(points["chosen"]) == list(schools["chosen"])


def test_a_school_of_unknown_position_is_no_point() -> None:
    schools = table(3)
    schools.loc[1, "latitude"] = float("nan")
    assert list(school_points(schools, None)["uai"]) == ["0000000X", "0000002X"]
    assert school_points(schools.iloc[:0], None).empty


def test_of_many_schools_neighbours_are_one_point_and_none_is_lost() -> None:
    schools = table(20_000)
    points = school_points(schools, None)
    assert len(points) <= 61 * 61
    assert points["schools"].sum() == 20_000
    assert set(points["activated_pct"]) == {10.0}
    assert set(points["uai"]) == {""}


def test_the_zone_of_a_point_holds_its_schools_and_no_others() -> None:
    schools = table(5_000)
    points = school_points(schools, None).sample(20, random_state=1)
    edges = points[["south", "west", "north", "east"]].to_numpy(dtype="float64")
    assert (edges.round(4) == edges).all()
    for (south, west, north, east), count, is_chosen in zip(
        edges, points["schools"], points["chosen"], strict=True
    ):
        inside = schools["latitude"].between(south, north)
        inside &= schools["longitude"].between(west, east)
        assert inside.sum() == count
        assert schools.loc[inside, "chosen"].any() == is_chosen


def test_schools_in_one_spot_are_one_point() -> None:
    schools = table(3_000).assign(latitude=47.0, longitude=4.0)
    [point] = school_points(schools, None).itertuples()
    assert point.schools == 3_000


def test_the_share_of_a_point_is_hidden_as_that_of_any_group() -> None:
    points = school_points(table(20_000), Suppression(5, "x"))
    told = points["activated_pct"].notna()
    assert told.any()
    assert not told.all()
    assert (points.loc[told, "schools"] >= 5).all()
