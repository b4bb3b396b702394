"""The journal's rows: appended with each change, read as a history, counted, trimmed by age."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd

from dashboard.domain.account import State
from dashboard.domain.action import Action
from dashboard.domain.journal import (
    IMPORT,
    AuditedEntry,
    AuditFilter,
    Entry,
    StaffAction,
    StaffEntry,
)
from dashboard.domain.scope import Area, PeopleScope, Scope, StaffScope
from dashboard.store.engine import Store, Transaction
from dashboard.store.params import Params
from dashboard.store.schools import linked

_COLUMNS = "happened_at, actor, action, account_id, from_state, to_state, reason"
_ENTRY = ", ".join(f"journal.{name}" for name in _COLUMNS.split(", "))


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
    params = Params(account_id)
    rows = store.rows(
        f"SELECT {_ENTRY} FROM journal WHERE account_id = $1 AND account_id IN "
        f"{linked(scope, params)} ORDER BY happened_at DESC, entry_id DESC",
        params.values,
    )
    return [_entry(*row) for row in rows]


def _entry(
    happened_at: datetime,
    actor: str,
    action: str,
    account_id: int,
    before: str,
    after: str,
    reason: str,
) -> Entry:
    return Entry(
        happened_at, actor, Action(action), account_id, State(before), State(after), reason
    )


def write_staff_entry(transaction: Transaction, entry: StaffEntry) -> None:
    """Append what was done with a member of staff."""
    transaction.write(
        "INSERT INTO staff_journal VALUES (nextval('journal_number'), $1, $2, $3, $4, $5)",
        [entry.happened_at, entry.actor, entry.action.value, entry.login, entry.detail],
    )


def audit(
    store: Store,
    scope: Scope,
    staff: StaffScope | None,
    conditions: AuditFilter,
    limit: int,
    offset: int,
) -> list[AuditedEntry]:
    """What was done in the schools of a scope, newest first: who, when, which account, no names.

    With `staff`, what was done with staff is among it.
    """
    chosen, parameters = _audited(scope, staff, conditions)
    rows = store.rows(
        "SELECT happened_at, actor, action, account_id, from_state, to_state, reason, subject "
        f"{chosen} ORDER BY happened_at DESC, entry_id DESC LIMIT {limit:d} OFFSET {offset:d}",
        parameters,
    )
    return [_audited_entry(*row) for row in rows]


def _audited_entry(
    happened_at: datetime,
    actor: str,
    action: str,
    account_id: int | None,
    before: str,
    after: str,
    said: str,
    subject: str,
) -> AuditedEntry:
    if account_id is None:
        staff_entry = StaffEntry(happened_at, actor, StaffAction(action), subject, said)
        return AuditedEntry(staff_entry, subject)
    entry = _entry(happened_at, actor, action, account_id, before, after, said)
    return AuditedEntry(entry, subject)


def count_audited(
    store: Store, scope: Scope, staff: StaffScope | None, conditions: AuditFilter
) -> int:
    """How many entries `audit` has."""
    chosen, parameters = _audited(scope, staff, conditions)
    [(count,)] = store.rows(f"SELECT count(*) {chosen}", parameters)
    return int(count)


_STAFF_ENTRIES = (
    " UNION ALL SELECT happened_at, actor, action, NULL, '', '', detail, login, entry_id "
    "FROM staff_journal"
)


def _audited(
    scope: Scope, staff: StaffScope | None, conditions: AuditFilter
) -> tuple[str, list[object]]:
    params = Params()
    # The nation's journal has the accounts that no school has any more.
    seen = "TRUE" if scope.area is Area.NATION else f"journal.account_id IN {linked(scope, params)}"
    entries = (
        f"SELECT {_ENTRY}, account.identifier AS subject, journal.entry_id FROM journal "
        f"JOIN account ON account.account_id = journal.account_id WHERE {seen}"
    )
    where = ["TRUE"]
    for condition, value in (
        ("strpos(lower(actor), lower({value})) > 0", conditions.actor),
        ("action = {value}", conditions.action and conditions.action.value),
        ("happened_at >= CAST({value} AS TIMESTAMP)", conditions.since),
    ):
        if value:
            where.append(params.fill(condition, value=value))
    if conditions.refused_only:
        where.append("account_id IS NOT NULL AND reason <> ''")
    of_staff = _STAFF_ENTRIES if staff else ""
    return f"FROM ({entries}{of_staff}) AS entries WHERE {' AND '.join(where)}", params.values


def trim_journal(transaction: Transaction, before: datetime) -> int:
    """Delete the entries of before a time; how many there were."""
    return sum(
        transaction.write(f"DELETE FROM {table} WHERE happened_at < $1", [before])
        for table in ("journal", "staff_journal")
    )


def last_day(store: Store) -> date | None:
    """The last day that the journal tells of; ``None`` where it is empty."""
    day: date | None
    [(day,)] = store.rows("SELECT CAST(max(happened_at) AS DATE) FROM journal")
    return day


@dataclass(frozen=True, slots=True)
class Activity:
    """Sign-ins in use, messages by status (in lower case), and journal entries ever written."""

    sessions: int
    messages: dict[str, int]
    entries: int


def read_activity(store: Store, used_since: datetime) -> Activity:
    """What goes on; a session counts if it was used since a time."""
    [(sessions, entries)] = store.rows(
        "SELECT (SELECT count(*) FROM staff_session WHERE ended_at IS NULL AND seen_at > $1), "
        "(SELECT coalesce(max(entry_id), 0) FROM journal)",
        [used_since],
    )
    messages = store.rows("SELECT lower(status), count(*) FROM message GROUP BY status")
    return Activity(int(sessions), dict(messages), int(entries))
