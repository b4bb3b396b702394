"""Counting the weeks that have ended, before the journal forgets them."""

from datetime import date, timedelta

import pandas as pd

from dashboard.domain.school_year import WEEK, sundays
from dashboard.domain.scope import Scope
from dashboard.pipelines.statistics import NO_LEVELS
from dashboard.pipelines.timelines import Days, timeline
from dashboard.store.engine import Store, Transaction
from dashboard.store.schools import schools
from dashboard.store.tallies import bundle_tallies, kept_days, write_tallies
from dashboard.store.timelines import counted_by_school, journal_start

_EVERYWHERE = Scope.nation()


def keep_tallies(store: Store, today: date) -> int:
    """Keep the counts of the weeks that have ended and are not kept yet; how many weeks.

    They are those that `dashboard.timeline` tells by school of the Sundays before today, as far
    back as the journal does. All are counted at one moment, and kept together or not at all, with
    the bundles that they are published in.
    """
    uais = list(schools(store, _EVERYWHERE)["uai"])
    with store.transaction() as transaction:
        missing = _missing(transaction, today)
        if missing:
            _keep(transaction, uais, missing)
        bundle_tallies(transaction)
    return len(missing)


def _missing(transaction: Transaction, today: date) -> list[date]:
    first = journal_start(transaction, _EVERYWHERE)
    ended = sundays(first, today - timedelta(days=1)) if first else []
    return sorted(set(ended).difference(kept_days(transaction, _EVERYWHERE)))


def _keep(transaction: Transaction, uais: list[str], weeks: list[date]) -> None:
    days = Days(weeks[0], weeks[-1], every=WEEK.days)
    parts = [
        timeline(accounts, changes, NO_LEVELS, ["uai"], days)
        for accounts, changes in counted_by_school(transaction, _EVERYWHERE, uais, days.since)
    ]
    counted = pd.concat(
        part[part["day"].dt.date.isin(weeks) & (part["accounts"] > 0)] for part in parts
    )
    write_tallies(transaction, counted.rename(columns={"school": "uai"}))
