"""Statistics of the accounts of a scope."""

from datetime import datetime

import pandas as pd

from dashboard.domain.document import Document
from dashboard.domain.errors import Misasked
from dashboard.domain.grouping import Grouping, Groupings, group_keys, groupings_of
from dashboard.domain.scope import Scope
from dashboard.domain.suppression import Suppression
from dashboard.outputs.csv_files import statistics_csv
from dashboard.pipelines.bundles import in_bundles
from dashboard.pipelines.statistics import NO_LEVELS, SHOWN_KEYS, ordered, records, summarise
from dashboard.pipelines.suppression import published, units_of
from dashboard.store import counts
from dashboard.store.counts import rounding_secret
from dashboard.store.engine import Store
from dashboard.store.schools import schools


def statistics(
    store: Store,
    scope: Scope,
    by: Groupings = Grouping.CLASS,
    *,
    smallest_count: int = 0,
) -> pd.DataFrame:
    """Accounts by state and students covered, for each group of a scope.

    Args:
        by: a grouping, or several to cross: ``("class", "level")``.
        smallest_count: counts of fewer people are hidden, and all are rounded, as
            `dashboard.pipelines.suppression` tells; 0 for the exact figures.

    Returns:
        The frame that `dashboard.pipelines.statistics.summarise` documents; with a
        `smallest_count`, counts are ``Int64`` and ``<NA>`` where hidden, and of levels there are
        those groups alone that `dashboard.pipelines.suppression` lets be told.

    Raises:
        ValueError: `by` is none of `Grouping`.
        Refused: with a `smallest_count`, by class.
    """
    groupings = groupings_of(by)
    rule = suppression(store, smallest_count)
    if rule is not None:
        return _published(store, scope, groupings, rule)
    levels = counts.class_levels(store, scope) if Grouping.CLASS in groupings else NO_LEVELS
    return _exact(store, scope, groupings, levels)


def suppression(store: Store, smallest_count: int) -> Suppression | None:
    """How small counts of this store are hidden; ``None`` if they are not to be.

    Raises:
        Misasked: the threshold is negative.
    """
    if smallest_count < 0:
        raise Misasked(f"smallest_count : 0 au moins, et non {smallest_count}.")
    return Suppression(smallest_count, rounding_secret(store)) if smallest_count > 0 else None


def _exact(
    store: Store, scope: Scope, by: tuple[Grouping, ...], levels: pd.DataFrame
) -> pd.DataFrame:
    return summarise(
        counts.count_accounts_by(store, scope, by),
        counts.count_students_by(store, scope, by),
        levels,
        by,
    )


def _published(
    store: Store, scope: Scope, by: tuple[Grouping, ...], rule: Suppression
) -> pd.DataFrame:
    units = units_of(by)
    exact = _exact(store, scope, units, NO_LEVELS).rename(columns={"school": "uai"})
    placed = exact.merge(schools(store, scope).drop(columns="name"), on="uai")
    if Grouping.LEVEL in units:
        placed = in_bundles(placed, counts.schools_by_level(store))
    keys = group_keys(by)
    figures = published(placed, group_keys(units), keys, rule)
    return ordered(figures, NO_LEVELS, keys).reset_index(drop=True).rename(columns=SHOWN_KEYS)


def statistics_document(
    figures: pd.DataFrame, by: Groupings, scope: Scope, now: datetime
) -> Document:
    """Statistics as a CSV file, headed as on the screen, named after its scope and day."""
    several = "school" in figures.columns and figures["school"].nunique() > 1
    place = "_".join(scope.places) or scope.area.value
    filename = f"statistiques_{'-'.join(groupings_of(by))}_{place}_{now:%Y-%m-%d}.csv"
    return statistics_csv(records(figures), by, filename, several)
