"""Databases of any size in the project's own schema, filled by SQL in the order of the schools."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from dashboard.domain.academies import academy_of
from dashboard.domain.directory import check_letter
from dashboard.store.engine import Store, Transaction, connect

DEPARTMENTS = [f"{number:03d}" for number in range(1, 96) if number != 20]
ACCOUNTS_OF_A_SCHOOL = 238
_STUDENTS_PER_ACCOUNT = 0.66
_STUDENTS_OF_A_CLASS = 23
_BATCH = 500_000

# Names of three syllables (4,096 of them) and 24 first names, drawn by a hash of the number.
_SYLLABLES = "'ma du lef ber ro tho pe ri ga le mo si lau mi da gi'"
_FIRST = (
    "'adam alice anna arthur camille chloe elif emma gabriel hugo ines jade jules lea leo lina "
    "louis louise mehdi mohamed nora raphael sarah zoe'"
)


@dataclass(frozen=True, slots=True)
class Size:
    """How many schools a database has, and how many accounts each of them.

    All are in the academy that is named, else each in that of its département.
    """

    schools: int
    accounts: int = ACCOUNTS_OF_A_SCHOOL
    academy: str = ""

    @property
    def students(self) -> int:
        return max(1, int(self.accounts * _STUDENTS_PER_ACCOUNT))

    @property
    def all_accounts(self) -> int:
        return self.schools * self.accounts

    def school(self, number: int) -> str:
        """The UAI of a school; numbers follow the departments, as UAIs do."""
        per_department = -(-self.schools // len(DEPARTMENTS))
        place, rest = divmod(number, per_department)
        digits = f"{DEPARTMENTS[place]}{rest:04d}"
        return f"{digits}{check_letter(digits)}"


def database(folder: Path, size: Size) -> Store:
    """A database of this size, opened for reading."""
    return connect(database_file(folder, size), read_only=True)


def database_file(folder: Path, size: Size) -> Path:
    """A database of this size: the one left there by an earlier run, or a new one."""
    path = folder / f"{size.schools}x{size.accounts}{size.academy}-3.duckdb"
    if not path.exists():
        unfinished = path.with_suffix(".unfinished")
        unfinished.unlink(missing_ok=True)
        with connect(unfinished) as store:
            _fill(store, size)
        unfinished.rename(path)
    return path


def _fill(store: Store, size: Size) -> None:
    schools = _schools(size)
    students, accounts = size.schools * size.students, size.all_accounts
    for sql, rows in (
        (_STUDENT, students),
        (_ACCOUNT, accounts),
        (_LINK, accounts),
        (_JOURNAL, accounts),
    ):
        for start in range(0, rows, _BATCH):
            with store.transaction() as transaction, transaction.staged("incoming", schools):
                end = min(start + _BATCH, rows) - 1
                _insert(transaction, sql, size, start, end)
    with store.transaction() as transaction, transaction.staged("incoming", schools):
        transaction.write(
            "INSERT INTO school (uai, name, district, department, academy, version, kind, sector, "
            "latitude, longitude) "
            "SELECT uai, 'École ' || uai, district, department, academy, 1, 'PRIMARY', 'PUBLIC', "
            "42 + hash(uai) % 9000 / 1000, -4 + hash(name) % 12000 / 1000 "
            "FROM (SELECT *, uai || 'x' AS name FROM incoming) ORDER BY uai"
        )


def _schools(size: Size) -> pd.DataFrame:
    uais = [size.school(number) for number in range(size.schools)]
    return pd.DataFrame(
        {
            "number": range(size.schools),
            "uai": uais,
            "district": [f"{uai[:3]} {int(uai[3:7]) // 40}" for uai in uais],
            "department": [uai[:3] for uai in uais],
            "academy": [size.academy or academy_of(uai[:3]) for uai in uais],
        }
    )


def _insert(transaction: Transaction, sql: str, size: Size, start: int, end: int) -> None:
    values = {"a": size.accounts, "s": size.students, "start": start, "end": end}
    transaction.write(sql.format(**values, **_PIECES))


def _word(words: str, draw: str) -> str:
    count = len(words.split())
    return f"split_part({words}, ' ', CAST(1 + {draw} % {count} AS INTEGER))"


def _class(student: str) -> str:
    """The class and the level of the student of this number within a school."""
    group = f"({student} // {_STUDENTS_OF_A_CLASS})"
    level = _word("'PS MS GS CP CE1 CE2 CM1 CM2'", group)
    return f"{level} || ' ' || (1 + {group}) AS class, {level} AS level"


_PIECES = {
    "surname": " || ".join(_word(_SYLLABLES, f"(h // {n})") for n in (1, 16, 256)),
    "first": _word(_FIRST, "(h // 4096)"),
    "state": _word(
        "'NOT_NOTIFIED NOT_NOTIFIED NOTIFIED ACTIVATING ACTIVATED ACTIVATED'", "(h // 7)"
    ),
    "origin": _word("'SCHOOL SCHOOL SCHOOL SCHOOL SELF_REGISTERED FRANCECONNECT'", "(h // 11)"),
    "child_class": _class("child"),
}
_STUDENT = """
    INSERT INTO student
    SELECT i, uai, upper(surname), '', first, surname || ' ' || first, DATE '2018-01-01', '',
        level, class, NULL
    FROM (
        SELECT i, uai, {surname} AS surname, {first} AS first, {child_class}
        FROM (SELECT i, i // {s} AS school, i % {s} AS child, hash(i) AS h
            FROM generate_series({start}, {end}) AS series(i))
        JOIN incoming ON number = school)
    ORDER BY i
"""
_ACCOUNT = """
    INSERT INTO account
    SELECT i, 'b' || i, 'Mme', upper(surname), '', first, surname || ' ' || first,
        CASE WHEN h % 4 = 0 THEN '' ELSE 'p' || i || '@exemple.fr' END, '', origin, state,
        CASE WHEN state <> 'NOT_NOTIFIED' THEN DATE '2026-03-01' + CAST(h % 210 AS INTEGER) END,
        CASE WHEN state = 'ACTIVATED' THEN DATE '2026-09-01' END, 1,
        CASE WHEN origin = 'FRANCECONNECT' OR state = 'NOT_NOTIFIED' THEN 'NONE'
            WHEN state = 'NOTIFIED' THEN 'PROVISIONAL' ELSE 'CHOSEN' END, ''
    FROM (
        SELECT i, h, {surname} AS surname, {first} AS first, {state} AS state, {origin} AS origin
        FROM (SELECT i, hash(i + 1000000007) AS h
            FROM generate_series({start}, {end}) AS series(i)))
    ORDER BY i
"""
# Everybody has one child, and 18 of 100 a second one further on in the school.
_LINK = """
    INSERT INTO link
    SELECT i, school * {s} + child, uai, {child_class}, NULL
    FROM (
        SELECT i, i // {a} AS school, (i % {a} + further) % {s} AS child
        FROM generate_series({start}, {end}) AS series(i)
        JOIN (VALUES (0, 100), (37, 18)) AS children(further, share) ON hash(i) % 100 < share
        WHERE further = 0 OR {s} > 1)
    JOIN incoming ON number = school
    ORDER BY i, child
"""
# Everybody's account was created, and then came to its state a step a week or two.
_JOURNAL = """
    INSERT INTO journal
    SELECT nextval('journal_number'), happened_at, 'import', action, i, from_state, to_state, ''
    FROM (
        SELECT i, action, from_state, to_state,
            TIMESTAMP '2026-03-01 09:00:00' + to_days(CAST(week * 7 + h % 90 AS INTEGER))
                AS happened_at
        FROM (SELECT account_id AS i, state, hash(account_id) AS h FROM account
            WHERE account_id BETWEEN {start} AND {end})
        JOIN (VALUES (0, 0, 'CREATE', 'NOT_NOTIFIED', 'NOT_NOTIFIED'),
            (1, 1, 'NOTIFY_BY_SHEET', 'NOT_NOTIFIED', 'NOTIFIED'),
            (3, 2, 'CHOOSE_PASSWORD', 'NOTIFIED', 'ACTIVATING'),
            (4, 3, 'ACTIVATE', 'ACTIVATING', 'ACTIVATED'))
            AS steps(week, reached, action, from_state, to_state)
            ON reached <= CASE state WHEN 'NOT_NOTIFIED' THEN 0 WHEN 'NOTIFIED' THEN 1
                WHEN 'ACTIVATING' THEN 2 ELSE 3 END)
    ORDER BY happened_at, i
"""
