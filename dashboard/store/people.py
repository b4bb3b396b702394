"""People and accounts as the tables hold them: the columns to select, and the values they make."""

from collections.abc import Sequence
from typing import Any, Final

from dashboard.domain.account import Account, Origin, State
from dashboard.domain.people import Guardian, Student

STUDENT: Final = (
    "student.birth_name, student.usage_name, student.first_name, student.born_on, student.ine, "
    "student.level, student.class"
)
GUARDIAN: Final = (
    "account.civility, account.birth_name, account.usage_name, account.first_name, "
    "account.email, account.mobile"
)
ACCOUNT: Final = (
    "account.identifier, account.origin, account.state, account.distributed_on, "
    "account.last_access_on"
)


def student_of(row: Sequence[Any]) -> Student:
    """The student of a row of the columns `STUDENT`."""
    return Student(*row)


def guardian_of(row: Sequence[Any]) -> Guardian:
    """The guardian of a row of the columns `GUARDIAN`."""
    return Guardian(*row)


def account_of(row: Sequence[Any]) -> Account:
    """The account of a row of the columns `ACCOUNT`."""
    identifier, origin, state, distributed_on, last_access_on = row
    return Account(identifier, Origin(origin), State(state), distributed_on, last_access_on)
