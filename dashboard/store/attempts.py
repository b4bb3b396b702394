"""Failed sign-ins, by what is throttled (`domain.credentials.Attempt`): kept for a day."""

from collections.abc import Collection
from datetime import datetime

from dashboard.store.engine import Store, Transaction

_OF_ACCOUNTS = "split_part(subject, ' ', 1)"


def write_failures(transaction: Transaction, subjects: Collection[str], now: datetime) -> None:
    """Count an attempt as failed, for each subject."""
    for subject in subjects:
        transaction.write("INSERT INTO sign_in_failure VALUES ($1, $2)", [subject, now])


def failures(
    store: Store, account: str, subjects: Collection[str], since: datetime
) -> list[tuple[str, datetime]]:
    """What failed since a time at an account, from wherever, or under one of these subjects."""
    found = store.rows(
        f"SELECT subject, failed_at FROM sign_in_failure WHERE failed_at > $3 "
        f"AND ({_OF_ACCOUNTS} = $1 OR subject IN (SELECT unnest($2::TEXT[])))",
        [account, list(subjects), since],
    )
    return [(subject, failed_at) for subject, failed_at in found]


def newest_failure(store: Store, until: datetime) -> datetime | None:
    """When the last attempt failed, of those up to a time."""
    [(newest,)] = store.rows(
        "SELECT max(failed_at) FROM sign_in_failure WHERE failed_at <= $1", [until]
    )
    return newest  # type: ignore[no-any-return]  # as the query types it


def forget_failures(transaction: Transaction, subjects: Collection[str]) -> None:
    """Forget the failures under these subjects, of whom the password was then found right."""
    transaction.write(
        "DELETE FROM sign_in_failure WHERE subject IN (SELECT unnest($1::TEXT[]))", [list(subjects)]
    )


def lift_locks(transaction: Transaction, accounts: Collection[str]) -> None:
    """Forget every failure at these accounts, which have another password or have proved an e-mail.

    What a source did still counts for the source.
    """
    transaction.write(
        f"DELETE FROM sign_in_failure WHERE {_OF_ACCOUNTS} IN (SELECT unnest($1::TEXT[]))",
        [list(accounts)],
    )


def trim_failures(transaction: Transaction, before: datetime, after: datetime) -> int:
    """Delete the failures of before a time, and of after another; how many there were."""
    return transaction.write(
        "DELETE FROM sign_in_failure WHERE failed_at < $1 OR failed_at > $2", [before, after]
    )
