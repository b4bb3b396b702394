"""How the accounts of a scope came to their states, day by day."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from dashboard.actions.figures import suppression
from dashboard.domain.errors import Refused
from dashboard.domain.grouping import Grouping, Groupings, group_keys, groupings_of
from dashboard.domain.scope import Scope
from dashboard.pipelines import timelines
from dashboard.pipelines.statistics import NO_LEVELS
from dashboard.store import counts
from dashboard.store.engine import Store
from dashboard.store.schools import schools
from dashboard.store.timelines import count_changes_by_day, counted_by_school


def timeline(
    store: Store,
    scope: Scope,
    since: date,
    until: date,
    by: Groupings = Grouping.STRUCTURE,
    *,
    only: Sequence[str] | None = None,
    smallest_count: int = 0,
) -> pd.DataFrame:
    """The accounts of a scope in each state at the end of each day, and what was done that day.

    Args:
        since, until: the first and the last day.
        by: a grouping, or several to cross.
        only: UAIs: of the scope's schools, these alone.
        smallest_count: as for `dashboard.statistics`; what was done on a day is then not told.

    Returns:
        The frame that `dashboard.pipelines.timelines.timeline` documents, or with a
        `smallest_count`, `published_timeline`.

    Raises:
        ValueError: `by` is none of `Grouping`, or `until` is before `since`.
        Refused: with a `smallest_count`, by class or level.
    """
    days = timelines.Days(since, until)
    groupings = groupings_of(by)
    rule = suppression(store, smallest_count)
    keys = group_keys(groupings)
    if rule is None:
        levels = counts.class_levels(store, scope) if "class" in keys else NO_LEVELS
        accounts = counts.count_accounts_by(store, scope, groupings, only)
        changes = count_changes_by_day(store, scope, groupings, since, only)
        return timelines.timeline(accounts, changes, levels, keys, days)
    if {"class", "level"} & set(keys):
        raise Refused(["Par classe ou par niveau, l'évolution n'est montrée qu'à l'école."])
    known = schools(store, scope)
    places = known[list(dict.fromkeys(["uai", *keys]))]
    uais = sorted(set(known["uai"]) & set(only if only is not None else known["uai"]))
    parts = counted_by_school(store, scope, uais, since)
    return timelines.published_timeline(parts, places, keys, days, rule)
