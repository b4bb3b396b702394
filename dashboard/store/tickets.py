"""The single uses that links carry: opened, redeemed once, ended when something newer revokes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd

from dashboard.domain.credentials import Purpose, link_ends_at
from dashboard.store.engine import Store, Transaction


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
