"""What is measured, and the floor of each."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
from fpdf import FPDF

from dashboard.actions.explore_places import explore_schools
from dashboard.actions.figures import statistics, timeline
from dashboard.actions.import_roster import import_roster, read_roster
from dashboard.domain.account import State
from dashboard.domain.filters import AccountFilter, Email, Sort, SortColumn
from dashboard.domain.grouping import Grouping
from dashboard.domain.scope import PeopleScope, Scope
from dashboard.domain.sheet import Sheet, SheetIssue, SheetLayout
from dashboard.outputs.pdf_drawing import FAMILY, MONO, add_fonts
from dashboard.outputs.sheets_pdf import sheets_pdf
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


# The command


def command_results(repeats: int) -> Iterator[Result]:
    """What is asked of the command without a database, each in a process of its own."""
    imports = [sys.executable, "-c", "import duckdb, pandas"]
    for asked in (["--help"], ["--version"], ["notify", "--help"]):
        yield compare(
            f"educonnect {' '.join(asked)}",
            lambda asked=asked: _run([sys.executable, "-m", "dashboard", *asked]),  # type: ignore[misc]  # what a default binds has no type
            lambda: _run(imports),
            "floor: import duckdb, pandas",
            repeats=repeats,
        )


def _run(command: list[str]) -> None:
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)


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


# Over many schools and over time


def exploration_results(folder: Path, accounts: int, repeats: int) -> Iterator[Result]:
    """The timeline and the schools' table of a département and of the nation."""
    with ExitStack() as stack:
        for size in _sizes(accounts):
            store = stack.enter_context(database(folder, size))
            place = f"of {size.schools:,} schools, {size.all_accounts:,} accounts"
            for name, work in _explorations(store).items():
                note = "floor: scan of the journal"
                yield compare(f"{name}, {place}", work, _scan_journal(store), note, None, repeats)


def _explorations(store: Store) -> dict[str, Work]:
    nation, since = Scope.nation(), TODAY - timedelta(days=180)
    return {
        "timeline of half a year": lambda: timeline(store, nation, since, TODAY),
        "the same, small counts hidden": lambda: timeline(
            store, nation, since, TODAY, smallest_count=5
        ),
        "page of the schools' table": lambda: explore_schools(
            store, nation, TODAY, limit=PAGE, smallest_count=5
        ),
    }


def _scan_journal(store: Store) -> Work:
    return lambda: store.rows("SELECT action, count(*) FROM journal GROUP BY action")


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


# Sheets

_ISSUE = SheetIssue(
    "École de Bèze", "https://educonnect.example/activation", "Mme Lefèvre, 03 80 12 34 56"
)
_MADE_AT = datetime(2026, 9, 28, 14, 30)
# The seconds taken and the most memory held, in mebibytes, by a process of its own. Linux tells the
# latter there; what `getrusage` tells begins with the memory of the process that started this one.
_MEASURED = """
import json, pathlib, re, time
from tests.benchmarks.cases import {work}
start = time.perf_counter()
{work}({count})
seconds = time.perf_counter() - start
status = pathlib.Path("/proc/self/status").read_text()
print(json.dumps([seconds, int(re.search(r"VmHWM:\\s+(\\d+)", status)[1]) // 1024]))
"""


def sheet_results(count: int, repeats: int) -> Iterator[Result]:
    """Printing as many sheets, and the memory that five times as many take."""
    yield compare(
        f"print {count:,} sheets",
        lambda: print_sheets(count),
        lambda: print_bare_pages(count),
        "floor: fpdf2 pages of the same text, without tags and code",
        repeats=repeats,
    )
    more = 5 * count
    seconds, most = _alone("print_sheets", more)
    floor_seconds, floor_most = _alone("print_bare_pages", more)
    _, imported = _alone("print_sheets", 0)
    note = f"at most {most} MiB, {floor_most} by the floor, {imported} without a sheet"
    ratio = round(seconds / floor_seconds, 2)
    yield Result(f"memory of {more:,} sheets", seconds, floor_seconds, ratio, {}, note)


def _alone(work: str, count: int) -> tuple[float, int]:
    code = _MEASURED.format(work=work, count=count)
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    seconds, most = json.loads(run.stdout)
    return seconds, most


def _sheets(count: int) -> Iterator[Sheet]:
    for number in range(count):
        label = f"CP {number // 25}"
        children = ((f"{_word(number)} Léo", label), (f"{_word(number)} Lina", "CE2 B"))
        guardian = f"Mme {_word(number)} Zoé"
        code = f"{number:06d}"
        yield Sheet(guardian, children, f"8g3m-{code}", f"abcd-{code}", TODAY, label)


def print_sheets(count: int) -> None:
    """Print as many sheets as the project does."""
    sheets = list(_sheets(count))
    sheets_pdf(sheets, _ISSUE, SheetLayout(), "f.pdf", _MADE_AT, lambda ready: None)


def print_bare_pages(count: int) -> None:
    """Write what so many sheets say on a page each, line by line."""
    pdf = FPDF(format="A4")
    add_fonts(pdf, mono=True)
    for sheet in _sheets(count):
        pdf.add_page()
        for family, style, size, text in _lines(sheet):
            pdf.set_font(family, style, size)
            pdf.cell(0, 6, text, new_x="LMARGIN", new_y="NEXT")
    bytes(pdf.output())


def _lines(sheet: Sheet) -> list[tuple[str, str, int, str]]:
    plain = [
        "Compte EduConnect de",
        "pour suivre la scolarité de",
        *(f"{name} – {label}" for name, label in sheet.children),
        "valable jusqu'au 24/02/2027",
        "1 Ouvrez cette page, avec le code QR ou en",
        "recopiant son adresse :",
        "2 Saisissez l'identifiant et le mot de passe provisoire",
        "ci-dessus.",
        "3 Choisissez votre propre mot de passe, puis",
        "confirmez votre adresse e-mail par le lien que",
        "vous recevez.",
        f"Une question ? {_ISSUE.help_contact}",
    ]
    bold = [
        _ISSUE.school,
        sheet.class_label,
        sheet.guardian,
        "Identifiant",
        "Mot de passe provisoire",
        "Comment activer votre compte",
        _ISSUE.activation_address,
        "Ce mot de passe est personnel : ne le donnez à personne, pas même à votre enfant.",
    ]
    return [
        *((FAMILY, "", 12, text) for text in plain),
        *((FAMILY, "B", 12, text) for text in bold),
        *((MONO, "B", 28, text) for text in (sheet.identifier, sheet.password)),
    ]
