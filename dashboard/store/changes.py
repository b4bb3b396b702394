"""Changing accounts: the one guarded write, with its journal entry in the same transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pandas as pd

from dashboard.domain.account import State
from dashboard.domain.action import CHANGED_MEANWHILE, Action
from dashboard.domain.credentials import guardian_subject
from dashboard.domain.journal import Entry
from dashboard.domain.scope import ActingScope, OwnAccount
from dashboard.store.attempts import lift_locks
from dashboard.store.engine import Changed, Transaction
from dashboard.store.journal import write_entries
from dashboard.store.params import Params
from dashboard.store.schools import linked

# What an action may change beside the state, and how the column is written.
_FACTS = {
    "password": "incoming.password",
    "password_hash": "incoming.password_hash",
    "distributed_on": "CAST(incoming.distributed_on AS DATE)",
    "last_access_on": "CAST(incoming.last_access_on AS DATE)",
    "email": "incoming.email",
    "mobile": "incoming.mobile",
}

# Whose accounts are written: those of a director's schools, or a guardian's own.
Reach = ActingScope | OwnAccount


@dataclass(frozen=True, slots=True)
class AccountChange:
    """What becomes of an account that was seen in this version: its state, and facts by column.

    All changes of one write have the same facts. With a `reason` the action was refused, and
    only the journal is written.
    """

    account_id: int
    version: int
    before: State
    after: State
    facts: Mapping[str, object] = field(default_factory=dict)
    reason: str = ""


def write_changes(
    transaction: Transaction,
    reach: Reach,
    action: Action,
    actor: str,
    now: datetime,
    changes: Sequence[AccountChange],
) -> set[int]:
    """Write the changes of the accounts that are as they were seen, and a journal entry for each.

    Returns:
        The numbers of the accounts written; the others changed meanwhile, or are out of reach,
        and are left as they are.

    Raises:
        Changed: another transaction wrote one of the accounts while this one did.

    A new password lifts the locks of its account.
    """
    wanted = [change for change in changes if not change.reason]
    written = _write(transaction, reach, wanted)
    if written and "password_hash" in wanted[0].facts:
        # Failures at the password before say nothing of who has the new one.
        lift_locks(transaction, [guardian_subject(number) for number in written])
    entries = [
        _entry(change, action, actor, now, written)
        for change in changes
        if change.reason or isinstance(reach, ActingScope) or change.account_id in written
    ]
    write_entries(transaction, entries)
    return written


def _entry(
    change: AccountChange, action: Action, actor: str, now: datetime, written: set[int]
) -> Entry:
    if change.account_id in written:
        return Entry(now, actor, action, change.account_id, change.before, change.after)
    reason = change.reason or CHANGED_MEANWHILE
    return Entry(now, actor, action, change.account_id, change.before, change.before, reason)


def _write(transaction: Transaction, reach: Reach, changes: Sequence[AccountChange]) -> set[int]:
    if not changes:
        return set()
    with transaction.staged("seen", _frame(changes)):
        same = _unchanged(transaction, reach)
    incoming = _frame([change for change in changes if change.account_id in same])
    if incoming.empty:
        return set()
    values = ", ".join(f"{fact} = {_FACTS[fact]}" for fact in changes[0].facts)
    with transaction.staged("incoming", incoming):
        # The new version is a value, not an increment: applied twice, it would be the same.
        written = transaction.write(
            "UPDATE account SET state = incoming.state, version = incoming.version + 1"
            f"{', ' if values else ''}{values} FROM incoming "
            "WHERE account.account_id = incoming.account_id "
            "AND account.version = incoming.version"
        )
        schools = transaction.rows(
            "SELECT DISTINCT link.uai FROM link "
            "JOIN incoming ON incoming.account_id = link.account_id WHERE link.left_on IS NULL"
        )
    if written != len(incoming):
        raise Changed
    transaction.touch(schools=(uai for (uai,) in schools))
    return same


def _unchanged(transaction: Transaction, reach: Reach) -> set[int]:
    """The accounts that are within reach and in the version that was seen."""
    params = Params()
    if isinstance(reach, OwnAccount):
        inside = f"= {params.add(reach.account_id)}"
    else:
        inside = f"IN {linked(reach, params)}"
    found = transaction.rows(
        "SELECT account.account_id FROM account JOIN seen "
        "ON seen.account_id = account.account_id AND seen.version = account.version "
        f"WHERE account.account_id {inside}",
        params.values,
    )
    return {number for (number,) in found}


def _frame(changes: Sequence[AccountChange]) -> pd.DataFrame:
    rows = [
        (change.account_id, change.version, change.after.value, *change.facts.values())
        for change in changes
    ]
    facts = list(changes[0].facts) if changes else []
    frame = pd.DataFrame(rows, columns=["account_id", "version", "state", *facts])
    for name in {"distributed_on", "last_access_on"} & set(facts):
        frame[name] = pd.to_datetime(frame[name])
    return frame
