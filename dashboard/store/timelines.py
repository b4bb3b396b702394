"""What the journal says of the accounts of a scope, by day and from notice to activation."""

from collections.abc import Iterator, Sequence
from datetime import date

import pandas as pd

from dashboard.domain.account import State
from dashboard.domain.action import Action
from dashboard.domain.grouping import Grouping
from dashboard.domain.scope import Scope
from dashboard.store.counts import count_accounts_by, held
from dashboard.store.engine import Store, Transaction
from dashboard.store.params import Params
from dashboard.store.schools import blocks, within

_BY_SCHOOL = (Grouping.SCHOOL,)


def count_changes_by_day(
    reader: Store | Transaction,
    scope: Scope,
    by: Sequence[Grouping],
    since: date,
    only: Sequence[str] | None,
) -> pd.DataFrame:
    """What was done since a day to the accounts that `count_accounts_by` counts.

    Refusals are left out. An entry counts once in each group in which its account has a child.

    Returns:
        The key columns, ``day``, ``action``, ``from_state``, ``to_state``, ``entries``.
    """
    keys, source, params = held(scope, by, only)
    listed = "".join(f"{key}, " for key in keys)
    return reader.frame(
        f"SELECT {listed}CAST(journal.happened_at AS DATE) AS day, journal.action AS action, "
        "journal.from_state AS from_state, journal.to_state AS to_state, count(*) AS entries "
        f"FROM {source} JOIN journal ON journal.account_id = held.account_id "
        f"WHERE journal.reason = '' AND journal.happened_at >= CAST({params.add(since)} AS DATE) "
        f"GROUP BY {listed}CAST(journal.happened_at AS DATE), journal.action, "
        "journal.from_state, journal.to_state",
        params.values,
    )


def counted_by_school(
    reader: Store | Transaction, scope: Scope, uais: Sequence[str], since: date
) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """The accounts of these schools of a scope now, and what was done since, some at a time."""
    for block in blocks(uais):
        yield (
            count_accounts_by(reader, scope, _BY_SCHOOL, block),
            count_changes_by_day(reader, scope, _BY_SCHOOL, since, block),
        )


def journal_start(reader: Store | Transaction, scope: Scope) -> date | None:
    """The first day that the journal tells of the accounts that are counted in a scope."""
    params = Params()
    [(day,)] = reader.rows(
        "SELECT CAST(min(happened_at) AS DATE) FROM journal WHERE reason = '' AND account_id IN "
        f"(SELECT account_id FROM link WHERE left_on IS NULL AND {within(scope, params)})",
        params.values,
    )
    return day  # type: ignore[no-any-return]  # as the query types it


_SQL = """
    WITH told AS (
        SELECT account_id,
            min(CAST(happened_at AS DATE)) FILTER (WHERE from_state = '{new}'
                AND action IN ('{by_sheet}', '{by_email}')) AS notified_on,
            min(action) FILTER (WHERE from_state = '{new}'
                AND action IN ('{by_sheet}', '{by_email}')) AS action,
            min(CAST(happened_at AS DATE)) FILTER (WHERE to_state = '{done}') AS activated_on
        FROM journal
        WHERE reason = '' AND CAST(happened_at AS DATE) <= CAST({today} AS DATE)
        GROUP BY account_id
    )
    SELECT {keys} told.action AS action,
        coalesce(told.activated_on, CAST({today} AS DATE)) - told.notified_on AS days,
        told.activated_on IS NOT NULL AS activated
    FROM {source} JOIN told ON told.account_id = held.account_id
    WHERE told.notified_on IS NOT NULL
    ORDER BY {keys} action, days, activated
"""

_FIRST = """(
    SELECT * FROM (
        SELECT *, row_number() OVER (PARTITION BY account_id ORDER BY {keys}) AS place FROM {source}
    ) AS numbered WHERE place = 1
) AS held"""


def activation_times(
    store: Store, scope: Scope, today: date, by: Sequence[Grouping], once: bool
) -> pd.DataFrame:
    """A row for each account of a scope whose first notification the journal still knows.

    An account has one for each group that it has a child in, or with `once` for the first of them.

    Returns:
        The key columns, ``action`` (by which it was notified), ``days`` (until it was activated,
        else until today), ``activated``; in an order that tells nothing of the accounts.
    """
    keys, source, params = held(scope, by)
    if once and keys:
        source = _FIRST.format(source=source, keys=", ".join(keys))
    sql = _SQL.format(
        keys="".join(f"{key}, " for key in keys),
        source=source,
        today=params.add(today),
        new=State.NOT_NOTIFIED.value,
        done=State.ACTIVATED.value,
        by_sheet=Action.NOTIFY_BY_SHEET.value,
        by_email=Action.NOTIFY_BY_EMAIL.value,
    )
    return store.frame(sql, params.values)
