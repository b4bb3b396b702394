"""The queue of messages, written with what they tell of, and the single uses of their links."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd

from dashboard.domain.credentials import Purpose, link_ends_at
from dashboard.domain.message import MessageKind, MessageStatus
from dashboard.domain.names import full_name
from dashboard.domain.scope import PeopleScope
from dashboard.store.engine import Changed, Store, Transaction
from dashboard.store.params import Params
from dashboard.store.schools import linked


@dataclass(frozen=True, slots=True)
class Draft:
    """A message to be queued; `ticket_id` is that of the link it carries, if it carries one.

    One to a member of staff is of no account (0): it is theirs whose ticket it carries.
    """

    account_id: int
    kind: MessageKind
    recipient: str
    ticket_id: int | None = None


@dataclass(frozen=True, slots=True)
class Queued:
    """A message that is due, with what it says; no link is open any more if `link_ends` is none.

    To a member of staff, `guardian` and `identifier` are their name and login.
    """

    message_id: int
    version: int
    attempts: int
    kind: MessageKind
    recipient: str
    account_id: int
    guardian: str
    identifier: str
    school: str
    ticket_id: int | None
    link_ends_at: datetime | None
    is_staff: bool


@dataclass(frozen=True, slots=True)
class Sending:
    """What became of a message to an account."""

    kind: MessageKind
    recipient: str
    status: MessageStatus
    queued_at: datetime
    ended_at: datetime | None
    answer: str


def queue_messages(transaction: Transaction, drafts: Sequence[Draft], now: datetime) -> None:
    """Queue messages, due at once."""
    if not drafts:
        return
    rows = [(d.account_id, d.kind.value, d.recipient, d.ticket_id or 0) for d in drafts]
    frame = pd.DataFrame(rows, columns=["account_id", "kind", "recipient", "ticket_id"])
    with transaction.staged("drafts", frame):
        transaction.write(
            "INSERT INTO message SELECT nextval('message_number'), account_id, kind, recipient, "
            "nullif(ticket_id, 0), 'QUEUED', 0, $1, $1, NULL, '', 1 FROM drafts",
            [now],
        )
    _touch(transaction, [draft.account_id for draft in drafts])


def supersede(transaction: Transaction, accounts: Collection[int], now: datetime) -> None:
    """Give up the messages to these accounts that still wait."""
    transaction.write(
        "UPDATE message SET status = 'FAILED', ended_at = $1, version = version + 1, "
        "answer = 'remplacé avant l''envoi' "
        "WHERE status = 'QUEUED' AND account_id IN (SELECT unnest($2::BIGINT[]))",
        [now, list(accounts)],
    )


def due_messages(store: Store, now: datetime, limit: int) -> list[Queued]:
    """The messages to send now, oldest first."""
    rows = store.rows(
        "SELECT message.message_id, message.version, message.attempts, message.kind, "
        "message.recipient, message.account_id, account.birth_name, account.usage_name, "
        "account.first_name, coalesce(account.identifier, staff.login), "
        "coalesce((SELECT min(school.name) FROM link JOIN school ON school.uai = link.uai "
        "WHERE link.account_id = message.account_id AND link.left_on IS NULL), ''), "
        "message.ticket_id, CASE WHEN ticket.ended_at IS NULL AND ticket.expires_at > $1 "
        "THEN ticket.expires_at END, staff.name FROM message "
        "LEFT JOIN account ON account.account_id = message.account_id "
        "LEFT JOIN ticket ON ticket.ticket_id = message.ticket_id "
        "LEFT JOIN staff ON staff.login = ticket.login "
        "WHERE message.status = 'QUEUED' AND message.due_at <= $1 "
        "AND coalesce(account.identifier, staff.login) IS NOT NULL "
        f"ORDER BY message.due_at, message.message_id LIMIT {limit:d}",
        [now],
    )
    return [_queued(*row) for row in rows]


def _queued(
    message_id: int,
    version: int,
    attempts: int,
    kind: str,
    recipient: str,
    account_id: int,
    birth_name: str | None,
    usage_name: str | None,
    first_name: str | None,
    identifier: str,
    school: str,
    ticket_id: int | None,
    link_ends_at: datetime | None,
    staff_name: str | None,
) -> Queued:
    names = birth_name or "", usage_name or "", first_name or ""
    return Queued(
        message_id,
        version,
        attempts,
        MessageKind(kind),
        recipient,
        account_id,
        full_name(*names) if staff_name is None else staff_name,
        identifier,
        school,
        ticket_id,
        link_ends_at,
        is_staff=staff_name is not None,
    )


def next_due(store: Store) -> datetime | None:
    """When the next of the queued messages is due; ``None`` if none is queued."""
    [(due_at,)] = store.rows("SELECT min(due_at) FROM message WHERE status = 'QUEUED'")
    return due_at  # type: ignore[no-any-return]  # as the query types it


def mark_sending(store: Store, message: Queued, now: datetime) -> None:
    """Write that the server is about to have the message: from here on it is not sent again.

    Raises:
        Changed: it was superseded meanwhile, and must not leave.
    """
    with store.transaction() as transaction:
        _mark(transaction, message, MessageStatus.SENDING, now, "", message.version)


def mark_ended(
    store: Store, message: Queued, status: MessageStatus, now: datetime, answer: str
) -> None:
    """Write what became of a message that `mark_sending` was called for, or that was refused."""
    with store.transaction() as transaction:
        _mark(transaction, message, status, now, answer, None)


def put_off(store: Store, message: Queued, due_at: datetime, answer: str, attempts: int) -> None:
    """Queue a message again, for later."""
    with store.transaction() as transaction:
        transaction.write(
            "UPDATE message SET status = 'QUEUED', due_at = $1, answer = $2, ended_at = NULL, "
            "attempts = $3, version = version + 1 WHERE message_id = $4 AND status <> 'FAILED'",
            [due_at, answer, attempts, message.message_id],
        )


def _mark(
    transaction: Transaction,
    message: Queued,
    status: MessageStatus,
    now: datetime,
    answer: str,
    version: int | None,
) -> None:
    """Write a status; with a version, only if the message is still in it."""
    unchanged = "" if version is None else f" AND version = {version:d} AND status = 'QUEUED'"
    written = transaction.write(
        "UPDATE message SET status = $1, ended_at = $2, answer = $3, version = version + 1 "
        f"WHERE message_id = $4{unchanged}",
        [status.value, now, answer, message.message_id],
    )
    if written != 1:
        raise Changed
    _touch(transaction, [message.account_id])


def _touch(transaction: Transaction, accounts: Collection[int]) -> None:
    schools = transaction.rows(
        "SELECT DISTINCT uai FROM link WHERE left_on IS NULL "
        "AND account_id IN (SELECT unnest($1::BIGINT[]))",
        [list(accounts)],
    )
    transaction.touch(schools=(uai for (uai,) in schools))


def sendings(
    store: Store, scope: PeopleScope, accounts: Collection[int]
) -> dict[int, list[Sending]]:
    """The messages to these accounts of the scope, by account, newest first."""
    params = Params(list(accounts))
    rows = store.rows(
        "SELECT account_id, kind, recipient, status, queued_at, ended_at, answer FROM message "
        "WHERE account_id IN (SELECT unnest($1::BIGINT[])) AND account_id IN "
        f"{linked(scope, params)} "
        "ORDER BY message_id DESC",
        params.values,
    )
    found: dict[int, list[Sending]] = {}
    for account, kind, recipient, status, *rest in rows:
        sent = Sending(MessageKind(kind), recipient, MessageStatus(status), *rest)
        found.setdefault(account, []).append(sent)
    return found


def trim_messages(transaction: Transaction, before: datetime) -> int:
    """Delete the messages that ended before a time; how many there were."""
    return transaction.write("DELETE FROM message WHERE ended_at < $1", [before])


@dataclass(frozen=True, slots=True)
class Ticket:
    """One use of one account's link, good until it expires."""

    ticket_id: int
    account_id: int
    purpose: Purpose
    expires_at: datetime


def open_tickets(
    transaction: Transaction,
    accounts: Collection[int],
    purpose: Purpose,
    now: datetime,
    notified_on: date | None = None,
) -> Mapping[int, Ticket]:
    """A new ticket for each account, by account number; those it had are ended.

    With `notified_on`, it ends with the notification of that day.
    """
    end_tickets(transaction, accounts, now)
    expires_at = link_ends_at(purpose, now, notified_on)
    if not accounts:
        return {}
    numbers = transaction.rows(
        f"SELECT nextval('ticket_number') FROM generate_series(1, {len(accounts):d})"
    )
    tickets = {
        account: Ticket(number, account, purpose, expires_at)
        for (number,), account in zip(numbers, accounts, strict=True)
    }
    rows = [(ticket.ticket_id, account) for account, ticket in tickets.items()]
    with transaction.staged("opened", pd.DataFrame(rows, columns=["ticket_id", "account_id"])):
        transaction.write(
            "INSERT INTO ticket SELECT ticket_id, account_id, $1, $2, NULL, '' FROM opened "
            "ORDER BY ticket_id",
            [purpose.value, expires_at],
        )
    return tickets


def end_tickets(transaction: Transaction, accounts: Collection[int], now: datetime) -> None:
    """Revoke every open ticket of these accounts."""
    transaction.write(
        "UPDATE ticket SET ended_at = $1 WHERE ended_at IS NULL "
        "AND account_id IN (SELECT unnest($2::BIGINT[]))",
        [now, list(accounts)],
    )


def open_ticket(store: Store | Transaction, ticket_id: int, now: datetime) -> Ticket | None:
    """The ticket of this number if it is neither used, revoked nor expired."""
    found = store.rows(
        "SELECT ticket_id, account_id, purpose, expires_at FROM ticket "
        "WHERE ticket_id = $1 AND login = '' AND ended_at IS NULL AND expires_at > $2",
        [ticket_id, now],
    )
    return next((Ticket(n, account, Purpose(p), end) for n, account, p, end in found), None)


def open_staff_ticket(transaction: Transaction, login: str, now: datetime) -> int:
    """The number of a new ticket by which a member of staff recovers; those they had are ended."""
    end_staff_tickets(transaction, login, now)
    [(number,)] = transaction.rows("SELECT nextval('ticket_number')")
    expires_at = link_ends_at(Purpose.RECOVER, now)
    transaction.write(
        "INSERT INTO ticket VALUES ($1, 0, $2, $3, NULL, $4)",
        [number, Purpose.RECOVER.value, expires_at, login],
    )
    return int(number)


def end_staff_tickets(transaction: Transaction, login: str, now: datetime) -> None:
    """Revoke every open ticket of a member of staff."""
    transaction.write(
        "UPDATE ticket SET ended_at = $1 WHERE ended_at IS NULL AND login = $2", [now, login]
    )


def login_of_ticket(store: Store | Transaction, ticket_id: int, now: datetime) -> str:
    """Whose ticket of the staff's this is; empty if it was used, revoked, or has expired."""
    found = store.rows(
        "SELECT login FROM ticket WHERE ticket_id = $1 AND ended_at IS NULL AND expires_at > $2",
        [ticket_id, now],
    )
    return str(found[0][0]) if found else ""


def trim_tickets(transaction: Transaction, before: datetime) -> int:
    """Delete the tickets that expired before a time; how many there were."""
    return transaction.write("DELETE FROM ticket WHERE expires_at < $1", [before])
