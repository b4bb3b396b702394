"""What is measured, and the floor of each."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path

import duckdb

from dashboard.actions.import_roster import import_roster, read_roster
from dashboard.actions.statistics import statistics
from dashboard.domain.account import State
from dashboard.domain.filters import AccountFilter, Email, Sort, SortColumn
from dashboard.domain.grouping import Grouping
from dashboard.domain.scope import PeopleScope, Scope
from dashboard.store.accounts import count_accounts, listed_accounts
from dashboard.store.engine import Store, connect
from tests.benchmarks.databases import ACCOUNTS_OF_A_SCHOOL, Size, database
from tests.benchmarks.measuring import Result, Work, compare
from tests.extractions import Dialect, Kid, Parent, Pupil, write_guardians, write_students

TODAY = date(2026, 9, 28)
UAI = "0580189R"
PAGE = 50

SMALL = Size(1)
_DEPARTMENT = 270_000 // ACCOUNTS_OF_A_SCHOOL
_LATIN = Dialect("latin-1")
_LEVELS = ("PS", "MS", "GS", "CP", "CE1", "CE2", "CM1", "CM2")
_SOUNDS = ("ma", "du", "lé", "ber", "ro", "tho", "pé", "ri", "ga", "lou")


def _sizes(accounts: int) -> list[Size]:
    """Databases of a département's schools, and of as many accounts as asked for."""
    schools = max(2, accounts // ACCOUNTS_OF_A_SCHOOL)
    return [Size(count) for count in sorted({min(_DEPARTMENT, schools), schools})]


# Imports


def _word(number: int) -> str:
    return "".join(_SOUNDS[int(digit)] for digit in f"{number:05d}").capitalize()


def _extractions(folder: Path, count: int) -> tuple[Path, Path]:
    """Of a school of so many students, and half as many guardians again, most with two children."""
    children = [
        Pupil(_word(n), _word(7 * n + 3), "01/02/2018", f"Classe {n // 25}", _LEVELS[n % 8])
        for n in range(count)
    ]
    kids = [Kid(child.name, child.first_name, child.class_label) for child in children]
    parents = [
        Parent(
            _word(n),
            _word(3 * n + 1),
            [kids[n % count], kids[(n + 1) % count]][: 1 + n % 4 // 2],
            email=f"p{n}@exemple.fr" if n % 4 else "",
            mobile=f"06{n:08d}",
        )
        for n in range(count * 3 // 2)
    ]
    return (
        write_students(folder / "students.csv", children, dialect=_LATIN),
        write_guardians(folder / "guardians.csv", parents, dialect=_LATIN),
    )


def import_results(folder: Path, students: int, repeats: int) -> Iterator[Result]:
    """Reading a pair of extractions, and importing it into a new file."""
    files = _extractions(folder, students)
    rows = sum(path.read_bytes().count(b"\n") - 1 for path in files)

    def bare() -> None:
        with duckdb.connect() as connection:
            for path in files:
                connection.execute(
                    "SELECT count(COLUMNS(*)) FROM read_csv($1, delim = ';', header = true, "
                    "all_varchar = true, null_padding = true, encoding = 'latin-1')",
                    [str(path)],
                ).fetchall()

    def whole() -> None:
        path = folder / "imported.duckdb"
        path.unlink(missing_ok=True)
        with connect(path) as store:
            import_roster(store, UAI, *files, TODAY, name="École")

    works: dict[str, Work] = {
        "read a roster": lambda: read_roster(*files, TODAY),
        "import a roster": whole,
    }
    for name, work in works.items():
        found = compare(name, work, bare, "", repeats=repeats)
        note = f"{rows / found.seconds:,.0f} rows/s of {rows:,}; floor: read_csv of both files"
        yield Result(found.name, found.seconds, found.floor_seconds, found.ratio, {}, note)


# Statistics


def statistics_results(folder: Path, accounts: int, repeats: int) -> Iterator[Result]:
    """Of one school among more and more others, and of the nation."""
    with ExitStack() as stack:
        small = stack.enter_context(database(folder, SMALL))
        for size in _sizes(accounts):
            store = stack.enter_context(database(folder, size))
            yield compare(
                f"statistics of a school by class, {size.all_accounts:,} accounts",
                _of_school(store, size),
                _of_school(small, SMALL),
                f"floor: the same among {SMALL.accounts}",
                {"scan of the states": _scan(store)},
                repeats,
            )
        for by in (Grouping.STRUCTURE, Grouping.LEVEL, Grouping.ACADEMY):
            yield compare(
                f"statistics of the nation by {by}, {size.all_accounts:,} accounts",
                _of_nation(store, by),
                _scan(store),
                "floor: scan of the states",
                repeats=repeats,
            )


def _of_school(store: Store, size: Size) -> Work:
    scope = Scope.schools(size.school(size.schools // 2))
    return lambda: statistics(store, scope, Grouping.CLASS)


def _of_nation(store: Store, by: Grouping) -> Work:
    return lambda: statistics(store, Scope.nation(), by)


def _scan(store: Store) -> Work:
    return lambda: store.rows("SELECT state, count(*) FROM account GROUP BY state")


# Pages

_EVERYONE = AccountFilter()
_BY_GUARDIAN, _BY_STUDENT = Sort(SortColumn.GUARDIAN), Sort(SortColumn.STUDENTS)
_CASES: dict[str, tuple[AccountFilter, Sort, float]] = {
    "first page by guardian": (_EVERYONE, _BY_GUARDIAN, 0),
    "first page by student": (_EVERYONE, _BY_STUDENT, 0),
    "page of a search": (AccountFilter(search="mar lou"), _BY_STUDENT, 0),
    "page of three conditions": (
        AccountFilter(states=(State.NOTIFIED,), email=Email.UNKNOWN, expired=True),
        _BY_STUDENT,
        0,
    ),
    "deep page by guardian": (_EVERYONE, _BY_GUARDIAN, 0.8),
}


def page_results(folder: Path, accounts: int, repeats: int) -> Iterator[Result]:
    """Pages of one school among more and more others, and of a school as large as a city."""
    with ExitStack() as stack:
        small = stack.enter_context(database(folder, SMALL))
        for size in (*_sizes(accounts), Size(1, max(accounts // 10, PAGE))):
            store = stack.enter_context(database(folder, size))
            place = "of them in the school" if size.schools == 1 else "accounts"
            for name, case in _CASES.items():
                yield compare(
                    f"{name}, {size.all_accounts:,} {place}",
                    _page(store, size, case),
                    _page(small, SMALL, case),
                    f"floor: the same among {SMALL.accounts}",
                    {"count": _count(store, size, case)},
                    repeats,
                )


def _page(store: Store, size: Size, case: tuple[AccountFilter, Sort, float]) -> Work:
    scope = PeopleScope.schools(size.school(size.schools // 2))
    conditions, sort, depth = case
    offset = int(size.accounts * depth)
    return lambda: listed_accounts(store, scope, conditions, sort, TODAY, limit=PAGE, offset=offset)


def _count(store: Store, size: Size, case: tuple[AccountFilter, Sort, float]) -> Work:
    scope = PeopleScope.schools(size.school(size.schools // 2))
    return lambda: count_accounts(store, scope, case[0], TODAY)
