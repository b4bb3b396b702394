"""From first notification to activation: what the journal says of each account of a scope."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from dashboard.domain.account import State
from dashboard.domain.action import Action
from dashboard.domain.grouping import Grouping
from dashboard.domain.scope import Scope
from dashboard.store.counts import held
from dashboard.store.engine import Store

_SQL = """
    WITH told AS (
        SELECT account_id,
            min(CAST(happened_at AS DATE)) FILTER (WHERE from_state = '{new}'
                AND action IN ('{by_sheet}', '{by_email}')) AS notified_on,
            min(action) FILTER (WHERE from_state = '{new}'
                AND action IN ('{by_sheet}', '{by_email}')) AS action,
            min(CAST(happened_at AS DATE)) FILTER (WHERE to_state = '{done}') AS activated_on
        FROM journal
        WHERE reason = '' AND CAST(happened_at AS DATE) <= CAST(${today} AS DATE)
        GROUP BY account_id
    )
    SELECT {keys} told.action AS action,
        coalesce(told.activated_on, CAST(${today} AS DATE)) - told.notified_on AS days,
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
    keys, source, parameters = held(scope, by)
    if once and keys:
        source = _FIRST.format(source=source, keys=", ".join(keys))
    sql = _SQL.format(
        keys="".join(f"{key}, " for key in keys),
        source=source,
        today=len(parameters) + 1,
        new=State.NOT_NOTIFIED.value,
        done=State.ACTIVATED.value,
        by_sheet=Action.NOTIFY_BY_SHEET.value,
        by_email=Action.NOTIFY_BY_EMAIL.value,
    )
    return store.frame(sql, [*parameters, today])
