"""Accounts as their holders sign in to them: found by what a guardian knows, not by a school."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.domain.account import Account
from dashboard.domain.credentials import Password
from dashboard.domain.people import Guardian
from dashboard.domain.scope import OwnAccount
from dashboard.store.engine import Store, Transaction
from dashboard.store.people import ACCOUNT, GUARDIAN, account_of, guardian_of


@dataclass(frozen=True, slots=True)
class Holder:
    """A guardian, their account in the version that was seen, and the hash of their password."""

    account_id: int
    version: int
    guardian: Guardian
    account: Account
    password: Password
    password_hash: str


_COLUMNS = (
    f"account.account_id, account.version, {GUARDIAN}, {ACCOUNT}, "
    "account.password, account.password_hash"
)


def holder_of(store: Store | Transaction, own: OwnAccount) -> Holder | None:
    """The holder of an account."""
    found = store.rows(
        f"SELECT {_COLUMNS} FROM account WHERE account.account_id = $1", [own.account_id]
    )
    return _holder(found[0]) if found else None


def holder_by_identifier(store: Store, spellings: Sequence[str]) -> Holder | None:
    """The holder of the identifier that is spelt in the first of these ways that anybody's is."""
    found = store.rows(
        f"SELECT {_COLUMNS} FROM account WHERE account.identifier IN (SELECT unnest($1::TEXT[]))",
        [list(spellings)],
    )
    holders = {holder.account.identifier: holder for holder in map(_holder, found)}
    return next((holders[spelt] for spelt in spellings if spelt in holders), None)


def holders_by_email(store: Store, email: str) -> list[Holder]:
    """The holders of the accounts that have this e-mail."""
    found = store.rows(
        f"SELECT {_COLUMNS} FROM account WHERE account.email = $1 ORDER BY account.account_id",
        [email],
    )
    return [_holder(row) for row in found]


def _holder(row: Sequence[Any]) -> Holder:
    number, version, *rest = row
    *people, password, password_hash = rest
    return Holder(
        number,
        version,
        guardian_of(people[:6]),
        account_of(people[6:]),
        Password(password),
        password_hash,
    )
