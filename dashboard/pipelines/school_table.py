"""The table of schools: figures of each, narrowed, ranked and cut to a page; its map."""

from datetime import date

import numpy as np
import pandas as pd

from dashboard.domain.directory import Kind, Sector
from dashboard.domain.figure import SchoolFigures
from dashboard.domain.filters import SchoolFilter, SchoolSort
from dashboard.domain.names import name_key
from dashboard.domain.suppression import Suppression
from dashboard.pipelines.distribution import grouped
from dashboard.pipelines.statistics import (
    STATE_COLUMNS,
    counts_of,
    days_of,
    rows,
    texts,
    with_totals,
)
from dashboard.pipelines.suppression import COUNTED, hidden, rounded
from dashboard.pipelines.timelines import mondays

FIGURES_OF_SCHOOL = (
    "students",
    "accounts",
    *STATE_COLUMNS.values(),
    "activated_pct",
    "students_covered",
    "students_covered_pct",
    "expired",
    "last_progress_on",
)
_WORDS = frozenset({"name", "district"})
_PLACES = (
    "uai",
    "name",
    "district",
    "department",
    "academy",
    "kind",
    "sector",
    "latitude",
    "longitude",
)


def school_table(counts: pd.DataFrame, rule: Suppression | None = None) -> pd.DataFrame:
    """The places and figures of schools.

    Args:
        counts: a row per school, as `dashboard.store.counts` documents.
        rule: how small counts are hidden; the last progress is then told by its week's Monday.

    Returns:
        ``uai`` to ``longitude`` (degrees, NaN where unknown), then `FIGURES_OF_SCHOOL`.
    """
    if rule is None:
        return with_totals(counts)[[*_PLACES, *FIGURES_OF_SCHOOL]]
    told = rounded(counts, ["uai"], [*COUNTED, "expired"], rule)
    for part, whole in (("students_covered", "students"), ("expired", "notified")):
        told[part] = told[[part, whole]].min(axis="columns")
    table = hidden(with_totals(told), rule.smallest)[[*_PLACES, *FIGURES_OF_SCHOOL]]
    last = pd.to_datetime(table["last_progress_on"])
    return table.assign(last_progress_on=mondays(last).where(table["accounts"].notna()))


def school_rows(table: pd.DataFrame) -> list[SchoolFigures]:
    """The schools of a table."""
    places = texts(table[["uai", "name", "district", "department"]])
    columns = zip(
        places,
        table["kind"],
        table["sector"],
        rows(table),
        counts_of(table["expired"]),
        days_of(table["last_progress_on"]),
        strict=True,
    )
    return [
        SchoolFigures(
            **place,
            kind=Kind(kind) if kind else None,
            sector=Sector(sector) if sector else None,
            figures=figures,
            expired=expired,
            last_progress_on=progress,
        )
        for place, kind, sector, figures, expired, progress in columns
    ]


def narrowed(table: pd.DataFrame, conditions: SchoolFilter, today: date) -> pd.DataFrame:
    """The schools that meet the conditions.

    What a condition holds of are the table's columns, a figure that is not told standing as a zero
    in ``accounts`` and ``activated_pct``; ``name_key``, what a school is searched by; and
    ``idle_days`` since its last progress, without any more than any number.
    """
    columns = {name: table[name] for name in table.columns}
    for name in ("accounts", "activated_pct"):
        columns[name] = _compared(table, name)
    columns |= {"name_key": _name_keys(table), "idle_days": _idle(table, today)}
    kept = pd.Series(True, index=table.index)
    for condition, value in conditions.values().items():
        if condition.value.bound(value) != []:
            kept &= condition.holds(value, columns).fillna(False).astype(bool)
    return table[kept]


def _compared(table: pd.DataFrame, name: str) -> pd.Series:
    """A column as it is compared: words by their keys, and a figure that is not told as a zero."""
    column = table[name]
    if name in _WORDS:
        return column.map(name_key)
    return column.fillna(0) if pd.api.types.is_numeric_dtype(column) else column


def _name_keys(table: pd.DataFrame) -> pd.Series:
    keys = [
        name_key(*texts)
        for texts in zip(table["uai"], table["name"], table["district"], strict=True)
    ]
    return pd.Series(keys, index=table.index, dtype=object)


def _idle(table: pd.DataFrame, today: date) -> pd.Series:
    since = pd.Timestamp(today) - pd.to_datetime(table["last_progress_on"])
    return since.dt.days.where(table["last_progress_on"].notna(), float("inf"))


def ranked(table: pd.DataFrame, sort: SchoolSort) -> pd.DataFrame:
    """The schools in this order."""
    order = pd.DataFrame(
        {
            "key": _compared(table, sort.column.value),
            "size": -_compared(table, "accounts").astype("int64"),
            "uai": table["uai"],
        }
    )
    ascending = [not sort.descending, True, True]
    placed = order.sort_values(list(order.columns), ascending=ascending, na_position="last")
    return table.loc[placed.index]


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
