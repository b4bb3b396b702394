"""How many accounts a scope had in each state in the weeks that are kept: earlier school years."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from dashboard.actions.statistics import suppression
from dashboard.domain.grouping import Grouping, Groupings, group_keys, groupings_of
from dashboard.domain.problem import Refused
from dashboard.domain.scope import Scope
from dashboard.domain.suppression import Suppression
from dashboard.pipelines.tallies import summed_tallies, weeks_of_bundles
from dashboard.store.engine import Store
from dashboard.store.publication import rounding_secret
from dashboard.store.schools import schools
from dashboard.store.tallies import bundle_members, bundle_sizes, tallies_by_school

_EVERYWHERE = Scope.nation()


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
        Refused: by class or level, which are not kept.
    """
    keys = group_keys(groupings_of(by))
    if {"class", "level"} & set(keys):
        raise Refused(["Les semaines passées ne sont pas gardées par classe ni par niveau."])
    known = schools(store, scope)
    places = known[list(dict.fromkeys(["uai", *keys]))]
    uais = sorted(set(known["uai"]) & set(only if only is not None else known["uai"]))
    parts = tallies_by_school(store, scope, uais, since, until)
    sizes = bundle_sizes(store, since, until)
    return summed_tallies(parts, places, keys, suppression(store, smallest_count), sizes)


def bundled_weeks(store: Store, smallest_count: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """All that is published of the kept weeks, for a file that others compute with.

    Any published week of any group is a sum of these rows.

    Returns:
        The weeks that `dashboard.pipelines.tallies.weeks_of_bundles` documents, and the schools of
        each bundle: ``uai``, ``day``, ``bundle``.
    """
    members = bundle_members(store)
    uais = sorted(set(members["uai"]))
    parts = tallies_by_school(store, _EVERYWHERE, uais, date.min, date.max)
    rule = Suppression(smallest_count, rounding_secret(store))
    return weeks_of_bundles(parts, rule), members
