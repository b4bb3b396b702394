"""Figures of the accounts of a scope: as they stand, day by day, and of the years before."""

from collections.abc import Sequence
from datetime import date, datetime

import pandas as pd

from dashboard.domain.document import Document
from dashboard.domain.errors import Misasked, Refused
from dashboard.domain.grouping import Grouping, Groupings, group_keys, groupings_of
from dashboard.domain.scope import Area, Scope
from dashboard.domain.suppression import Suppression
from dashboard.outputs.csv_files import statistics_csv
from dashboard.pipelines import timelines
from dashboard.pipelines.bundles import in_bundles
from dashboard.pipelines.statistics import NO_LEVELS, SHOWN_KEYS, ordered, rows, summarise
from dashboard.pipelines.suppression import published, units_of
from dashboard.pipelines.tallies import summed_tallies, with_shares
from dashboard.store import counts
from dashboard.store.counts import rounding_secret
from dashboard.store.engine import Store
from dashboard.store.schools import schools
from dashboard.store.snapshots import snapshot_weeks
from dashboard.store.tallies import bundle_sizes, tallies_by_school
from dashboard.store.timelines import activation_times as read_activation_times
from dashboard.store.timelines import count_changes_by_day, counted_by_school


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
        One row per group that has an account or a student: the keys of the group (text: ``school``,
        a UAI; ``class``, ``level``, ``district``, ``department``, ``academy``; a class has
        ``school`` and ``class``, a structure none), then ``accounts``, ``not_notified``,
        ``notified``, ``activating``, ``activated`` (accounts, int64), ``activated_pct`` (float64:
        per cent of the accounts, two decimals, NaN of none), ``students``, ``students_covered``
        (those with an activated account, int64), ``students_covered_pct`` (float64). Levels come in
        the order of school, classes by school and youngest level. With a `smallest_count`, counts
        are Int64, ``<NA>`` where hidden, and there are fewer groups of levels.

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
    return statistics_csv(rows(figures), by, filename, several)


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
        One row per group and day: the keys of the group (text: ``school``, a UAI; ``class``,
        ``level``, ``district``, ``department``, ``academy``; a class has ``school`` and ``class``,
        a structure none), ``day`` (datetime64), ``accounts``, ``not_notified``, ``notified``,
        ``activating``, ``activated`` (accounts at the end of the day, int64), then what was done on
        the day (int64): ``created``, ``taken_over``, ``notified_by_sheet``, ``notified_by_email``,
        ``reset``, ``resent``, ``password_chosen``, ``activation``. With a `smallest_count`, the
        accounts are Int64, ``<NA>`` where hidden, and the columns of what was done are not there.

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
        One row per group and week of which something is kept: the keys of the group (text:
        ``school``, a UAI; ``district``, ``department``, ``academy``; none for a structure), ``day``
        (datetime64, a Sunday), ``accounts``, ``not_notified``, ``notified``, ``activating``,
        ``activated`` (accounts at its end, int64), ``activated_pct`` (float64: per cent of the
        accounts, NaN of none). With a `smallest_count`, and of a snapshot, counts are Int64,
        ``<NA>`` where hidden.

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


def activation_times(
    store: Store,
    scope: Scope,
    today: date,
    by: Groupings = Grouping.STRUCTURE,
    *,
    once: bool = False,
) -> pd.DataFrame:
    """Days from first notification to activation, account by account, without saying whose.

    Counted are the accounts that have an open link now and whose first notification, up to today,
    is still in the journal; those activated without one (taken over from elsewhere) are not.

    These are exact figures, for who has the database or a snapshot: publish curves of many
    accounts, never rows.

    Args:
        today: the day up to which the journal is read: an account not activated by then has been
            waiting so far.
        by: a grouping, or several to cross, whose keys are told with each row.
        once: tell an account that has children in several groups in the first of them alone, so
            that each account is one row; else it is one in each.

    Returns:
        One row per account, and group that it is in: the keys of the group (text: ``school``, a
        UAI; ``class``, ``level``, ``district``, ``department``, ``academy``; none for a structure),
        ``channel`` (text: ``sheet`` or ``email``, of its first notification), ``days`` (int64: from
        that to the activation, or where there is none so far, to `today`), ``activated`` (bool).

    Raises:
        ValueError: `by` is none of `Grouping`.
    """
    told = read_activation_times(store, scope, today, groupings_of(by), once)
    return timelines.activation_times(told)
