"""Failed sign-ins, by what is throttled (an account, a source): kept for a day."""

from collections.abc import Collection
from datetime import datetime

from dashboard.store.engine import Store, Transaction


def write_failures(transaction: Transaction, subjects: Collection[str], now: datetime) -> None:
    """Count an attempt as failed, for each subject."""
    for subject in subjects:
        transaction.write("INSERT INTO sign_in_failure VALUES ($1, $2)", [subject, now])


def failures(store: Store, subject: str, since: datetime) -> list[datetime]:
    """When attempts of a subject failed since a time."""
    found = store.rows(
        "SELECT failed_at FROM sign_in_failure WHERE subject = $1 AND failed_at > $2",
        [subject, since],
    )
    return [failed_at for (failed_at,) in found]


def forget_failures(transaction: Transaction, subjects: Collection[str]) -> None:
    """Forget the failures of these subjects, for whom a new password was made or found right."""
    transaction.write(
        "DELETE FROM sign_in_failure WHERE subject IN (SELECT unnest($1::TEXT[]))", [list(subjects)]
    )


def trim_failures(transaction: Transaction, before: datetime, now: datetime) -> int:
    """Delete the failures of before a time, and of a clock that was fast; how many there were."""
    return transaction.write(
        "DELETE FROM sign_in_failure WHERE failed_at < $1 OR failed_at > $2", [before, now]
    )
