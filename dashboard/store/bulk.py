"""Writing many new schools at once, people and journal included, in the order of the schools."""

import numpy as np
import pandas as pd

from dashboard.domain.account import identifier
from dashboard.store.engine import Transaction

_SCHOOL = (
    "uai, name, district, department, academy, version, kind, sector, latitude, longitude, listed"
)


def write_schools(transaction: Transaction, schools: pd.DataFrame) -> None:
    """Add schools: uai, name, district, department, academy, kind, sector, latitude, longitude."""
    with transaction.staged("incoming", schools):
        transaction.write(
            f"INSERT INTO school ({_SCHOOL}) SELECT uai, name, district, department, academy, 1, "
            "kind, sector, latitude, longitude, FALSE FROM incoming ORDER BY uai"
        )
    transaction.touch(schools=schools["uai"])


def write_students(transaction: Transaction, students: pd.DataFrame) -> np.ndarray:
    """Add students (their columns but the number), in the frame's order; the numbers they get."""
    numbers = _numbers(transaction, "student_number", len(students))
    names = "birth_name, usage_name, first_name, name_key"
    with transaction.staged("incoming", students.assign(student_id=numbers)):
        transaction.write(
            "INSERT INTO student (student_id, uai, "
            f"{names}, born_on, ine, level, class, left_on) SELECT student_id, uai, {names}, "
            "CAST(born_on AS DATE), '', level, class, NULL FROM incoming ORDER BY student_id"
        )
    return numbers


def write_guardians(transaction: Transaction, guardians: pd.DataFrame) -> np.ndarray:
    """Add accounts (their columns but number and identifier), in the frame's order; the numbers."""
    free = _free(transaction, len(guardians))
    numbers = free["number"].to_numpy(dtype="int64")
    columns = "civility, birth_name, usage_name, first_name, name_key, email, mobile, origin, state"
    identified = guardians.assign(account_id=numbers, identifier=free["identifier"].to_numpy())
    with transaction.staged("incoming", identified):
        transaction.write(
            f"INSERT INTO account (account_id, identifier, {columns}, distributed_on, "
            "last_access_on, version, password, password_hash) "
            f"SELECT account_id, identifier, {columns}, CAST(distributed_on AS DATE), "
            "CAST(last_access_on AS DATE), 1, password, '' FROM incoming ORDER BY account_id"
        )
    return numbers


def write_links(transaction: Transaction, links: pd.DataFrame) -> None:
    """Add open links, in the frame's order: account_id, student_id, uai, class, level."""
    with transaction.staged("incoming", links.assign(place=range(len(links)))):
        transaction.write(
            "INSERT INTO link SELECT account_id, student_id, uai, class, level, NULL "
            "FROM incoming ORDER BY place"
        )


def write_journal(transaction: Transaction, entries: pd.DataFrame) -> None:
    """Append entries, in the frame's order: happened_at, actor, action, account_id, the states."""
    with transaction.staged("incoming", entries.assign(place=range(len(entries)))):
        transaction.write(
            "INSERT INTO journal SELECT nextval('journal_number'), happened_at, actor, action, "
            "account_id, from_state, to_state, '' FROM (SELECT * FROM incoming ORDER BY place) "
            "AS ordered"
        )


def _numbers(transaction: Transaction, sequence: str, count: int) -> np.ndarray:
    drawn = transaction.frame(
        f"SELECT nextval('{sequence}') AS number FROM generate_series(1, $1)", [count]
    )
    return np.sort(drawn["number"].to_numpy(dtype="int64"))


def _free(transaction: Transaction, count: int) -> pd.DataFrame:
    """Numbers for new accounts with their identifiers, which no account has: number, identifier."""
    [(base,)] = transaction.rows("SELECT identifier_base FROM numbering")
    free = pd.DataFrame({"number": [], "identifier": []})
    while len(free) < count:
        numbers = _numbers(transaction, "account_number", count - len(free))
        identifiers = [identifier(int(base), number) for number in numbers.tolist()]
        made = pd.DataFrame({"number": numbers, "identifier": identifiers})
        with transaction.staged("made", made):
            taken = transaction.frame(
                "SELECT identifier FROM account WHERE identifier IN (SELECT identifier FROM made)"
            )
        left = made[~made["identifier"].isin(taken["identifier"])]
        free = left if free.empty else pd.concat([free, left])
    return free
