"""What the journal says of the accounts of a scope, counted by day."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from dashboard.domain.grouping import Grouping
from dashboard.domain.scope import Scope
from dashboard.store.counts import held
from dashboard.store.engine import Store


def count_changes_by_day(
    store: Store, scope: Scope, by: Sequence[Grouping], since: date, only: Sequence[str] | None
) -> pd.DataFrame:
    """What was done since a day to the accounts that `count_accounts_by` counts.

    Refusals are left out. An entry counts once in each group in which its account has a child.

    Returns:
        The key columns, ``day``, ``action``, ``from_state``, ``to_state``, ``entries``.
    """
    keys, source, parameters = held(scope, by, only)
    listed = "".join(f"{key}, " for key in keys)
    parameters.append(since)
    return store.frame(
        f"SELECT {listed}CAST(journal.happened_at AS DATE) AS day, journal.action AS action, "
        "journal.from_state AS from_state, journal.to_state AS to_state, count(*) AS entries "
        f"FROM {source} JOIN journal ON journal.account_id = held.account_id "
        f"WHERE journal.reason = '' AND journal.happened_at >= CAST(${len(parameters)} AS DATE) "
        f"GROUP BY {listed}CAST(journal.happened_at AS DATE), journal.action, "
        "journal.from_state, journal.to_state",
        parameters,
    )
