"""The journal's rows: appended with each change, read as a history, trimmed by age."""

from collections.abc import Sequence
from datetime import date, datetime

import pandas as pd

from dashboard.domain.account import State
from dashboard.domain.action import Action
from dashboard.domain.journal import IMPORT, Entry
from dashboard.domain.scope import PeopleScope
from dashboard.store.engine import Store, Transaction
from dashboard.store.schools import within

_COLUMNS = "happened_at, actor, action, account_id, from_state, to_state, reason"


def write_entries(transaction: Transaction, entries: Sequence[Entry]) -> None:
    """Append entries."""
    if not entries:
        return
    rows = [
        (
            number,
            entry.happened_at,
            entry.actor,
            entry.action.value,
            entry.account_id,
            entry.from_state.value,
            entry.to_state.value,
            entry.reason,
        )
        for number, entry in enumerate(entries)
    ]
    frame = pd.DataFrame(rows, columns=["place", *_COLUMNS.split(", ")])
    with transaction.staged("entries", frame):
        transaction.write(
            f"INSERT INTO journal SELECT nextval('journal_number'), {_COLUMNS} "
            "FROM (SELECT * FROM entries ORDER BY place) AS ordered"
        )


def write_imported(transaction: Transaction, staged: str, action: Action, today: date) -> None:
    """Append an entry for each account of a staged frame (account_id, state) that was imported."""
    transaction.write(
        "INSERT INTO journal SELECT nextval('journal_number'), CAST($1 AS TIMESTAMP), $2, $3, "
        f"account_id, 'NOT_NOTIFIED', state, '' FROM {staged} ORDER BY account_id",
        [today, IMPORT, action.value],
    )


def history(store: Store, scope: PeopleScope, account_id: int) -> list[Entry]:
    """What was done with an account of the scope, newest first; nothing if it is not of it."""
    bounds, parameters = within(scope, 2, "link.uai")
    rows = store.rows(
        f"SELECT {_COLUMNS} FROM journal WHERE account_id = $1 AND account_id IN "
        f"(SELECT link.account_id FROM link WHERE link.left_on IS NULL AND {bounds}) "
        "ORDER BY happened_at DESC, entry_id DESC",
        [account_id, *parameters],
    )
    return [
        Entry(happened_at, actor, Action(action), number, State(before), State(after), reason)
        for happened_at, actor, action, number, before, after, reason in rows
    ]


def trim_journal(transaction: Transaction, before: datetime) -> int:
    """Delete the entries of before a time; how many there were."""
    return transaction.write("DELETE FROM journal WHERE happened_at < $1", [before])
