"""How many accounts a scope had in each state in the weeks that are kept: earlier school years."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from dashboard.actions.figures import suppression
from dashboard.domain.errors import Refused
from dashboard.domain.grouping import Grouping, Groupings, group_keys, groupings_of
from dashboard.domain.scope import Area, Scope
from dashboard.pipelines.tallies import summed_tallies, with_shares
from dashboard.store.engine import Store
from dashboard.store.schools import schools
from dashboard.store.snapshots import snapshot_weeks
from dashboard.store.tallies import bundle_sizes, tallies_by_school


def tallies(
    store: Store,
    scope: Scope,
    since: date,
    until: date,
    by: Groupings = Grouping.STRUCTURE,
    *,
    only: Sequence[str] | None = None,
    smallest_count: int = 0,
) -> pd.DataFrame:
    """The accounts of a scope in each state at the end of each week, as they were counted then.

    `timeline` tells of the accounts that are there now, as far back as the journal is kept; this
    tells of those that were there, as far back as housekeeping has counted them. Counted are
    schools, and sums of them: a guardian with children in two counts in both.

    A published week is the sum that `timeline` told of that day when it was counted. It is told of
    whole bundles of schools only (`dashboard.domain.bundles`): beside a timeline of today,
    `dashboard.pipelines.suppression` says why.

    Args:
        since, until: the first and the last day on which a week may end.
        by: a grouping of schools, or several to cross.
        only: UAIs: of the scope's schools, these alone.
        smallest_count: as for `dashboard.statistics`; the weeks of years ago are rounded too.

    Returns:
        The frame that `dashboard.pipelines.tallies.summed_tallies` documents.

    Raises:
        ValueError: `by` is none of `Grouping`.
        Refused: by class or level, which are not kept; of a snapshot, by anything but the
            département (and academy), or of less than one.
    """
    keys = group_keys(groupings_of(by))
    if {"class", "level"} & set(keys):
        raise Refused(["Les semaines passées ne sont pas gardées par classe ni par niveau."])
    if (kept := snapshot_weeks(store)) is not None:
        return _of_snapshot(kept, store, scope, (since, until), keys)
    known = schools(store, scope)
    places = known[list(dict.fromkeys(["uai", *keys]))]
    uais = sorted(set(known["uai"]) & set(only if only is not None else known["uai"]))
    parts = tallies_by_school(store, scope, uais, since, until)
    sizes = bundle_sizes(store, since, until)
    return summed_tallies(parts, places, keys, suppression(store, smallest_count), sizes)


def _of_snapshot(
    kept: pd.DataFrame, store: Store, scope: Scope, span: tuple[date, date], keys: list[str]
) -> pd.DataFrame:
    """The weeks that a snapshot has of the départements of a scope, by these keys."""
    if set(keys) - {"academy", "department"} or "department" not in keys:
        raise Refused(['Un extrait garde les semaines passées par département : by="department".'])
    if scope.area in (Area.SCHOOLS, Area.DISTRICT):
        raise Refused(["Un extrait garde les semaines passées de départements entiers."])
    inside = kept["department"].isin(schools(store, scope)["department"])
    since, until = span
    weeks = kept[inside & (kept["day"].dt.date >= since) & (kept["day"].dt.date <= until)]
    return with_shares(weeks, keys)
