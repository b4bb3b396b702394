"""The accounts of each school by state at the end of each week: counts that are kept for good."""

from collections.abc import Iterator, Sequence
from datetime import date

import pandas as pd

from dashboard.domain.scope import Scope
from dashboard.store.engine import Store, Transaction
from dashboard.store.schools import blocks, within

_COLUMNS = "uai, day, not_notified, notified, activating, activated"


def write_tallies(transaction: Transaction, counted: pd.DataFrame) -> None:
    """Keep schools' weeks (``uai``, ``day``, the states); one that is kept stays as it is."""
    with transaction.staged("counted", counted):
        transaction.write(
            f"INSERT INTO tally ({_COLUMNS}) SELECT {_COLUMNS} FROM counted WHERE NOT EXISTS ("
            "SELECT 1 FROM tally WHERE tally.uai = counted.uai "
            "AND tally.day = CAST(counted.day AS DATE)) ORDER BY uai, day"
        )


def kept_days(reader: Store | Transaction, scope: Scope) -> list[date]:
    """The Sundays whose weeks are kept of a school of the scope, in their order."""
    bounds, parameters = within(scope, 1)
    rows = reader.rows(f"SELECT DISTINCT day FROM tally WHERE {bounds} ORDER BY day", parameters)
    return [day for (day,) in rows]


def tallies_by_school(
    store: Store, scope: Scope, uais: Sequence[str], since: date, until: date
) -> Iterator[pd.DataFrame]:
    """The weeks that end between two days of these schools of a scope, some schools at a time.

    Returns:
        Frames of ``uai``, ``day`` (datetime64), ``not_notified``, ``notified``, ``activating``,
        ``activated``.
    """
    bounds, parameters = within(scope, 4)
    for block in blocks(uais):
        yield store.frame(
            f"SELECT {_COLUMNS} FROM tally WHERE day >= $1 AND day <= $2 "
            f"AND uai IN (SELECT unnest($3::TEXT[])) AND {bounds}",
            [since, until, block, *parameters],
        )
