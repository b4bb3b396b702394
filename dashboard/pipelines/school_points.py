"""What a map of schools shows: each where it stands, or, where they are many, neighbours as one."""

import numpy as np
import pandas as pd

from dashboard.domain.suppression import Suppression
from dashboard.pipelines.distribution import grouped

MOST_POINTS = 2_500
# So many cells across the longer side of what is shown.
_CELLS = 60
_FINEST = 10_000


def school_points(
    table: pd.DataFrame, rule: Suppression | None, most: int = MOST_POINTS
) -> pd.DataFrame:
    """The points of the schools whose position is known.

    Args:
        table: as `dashboard.pipelines.school_table.school_table` documents, and ``chosen`` (bool).
        rule: how small counts are hidden.
        most: of more schools than these, those of a cell of a grid are one point.

    Returns:
        ``uai`` and ``name`` (both empty for several schools), ``schools`` (how many),
        ``latitude``, ``longitude``, ``activated_pct``, ``chosen``; and the zone that the schools
        of the point stand in: ``south``, ``west``, ``north``, ``east``, of several in degrees of
        four decimals.
    """
    known = table.dropna(subset=["latitude", "longitude"]).reset_index(drop=True)
    if len(known) <= most:
        edges = {"south": "latitude", "west": "longitude", "north": "latitude", "east": "longitude"}
        points = known.assign(schools=1, **{edge: known[name] for edge, name in edges.items()})
    else:
        points = _cells(known, rule)
    return points[
        [
            "uai",
            "name",
            "schools",
            "latitude",
            "longitude",
            "activated_pct",
            "chosen",
            "south",
            "west",
            "north",
            "east",
        ]
    ].reset_index(drop=True)


def _cells(known: pd.DataFrame, rule: Suppression | None) -> pd.DataFrame:
    longest = max(np.ptp(known["latitude"]), np.ptp(known["longitude"]))
    side = longest / _CELLS or 1.0  # all in one spot
    rows = (known["latitude"] // side).astype("int64")
    columns = (known["longitude"] // side).astype("int64")
    cell = rows * (columns.max() - columns.min() + 1) + columns - columns.min()
    stand = known.groupby(cell).agg(
        latitude=("latitude", "mean"),
        longitude=("longitude", "mean"),
        south=("latitude", "min"),
        west=("longitude", "min"),
        north=("latitude", "max"),
        east=("longitude", "max"),
        chosen=("chosen", "any"),
    )
    figures = grouped(known, cell, rule).set_index("group")[["schools", "activated_pct"]]
    edges = {name: np.floor(stand[name] * _FINEST) / _FINEST for name in ("south", "west")}
    edges |= {name: np.ceil(stand[name] * _FINEST) / _FINEST for name in ("north", "east")}
    return stand.assign(**edges).join(figures).assign(uai="", name="")
