"""Loading the demo schools: both roads in, as a director would take them."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from dashboard.actions.figures import statistics
from dashboard.actions.generate import generate
from dashboard.actions.import_accounts import write_accounts
from dashboard.actions.import_roster import import_roster
from dashboard.domain.errors import Refused
from dashboard.domain.people import ListedAccount
from dashboard.domain.problem import Problems
from dashboard.domain.scope import Scope
from dashboard.fiction.tallies import draw_tallies
from dashboard.inputs.account_lists import read_account_list
from dashboard.store.engine import Store
from dashboard.store.schools import schools
from dashboard.store.tallies import write_tallies

# The day that the demo's account lists are written for; loading moves their dates to today.
_DEMO_DAY = date(2026, 9, 28)
# The fictitious schools around them, about as many as their academy has.
SCHOOLS_AROUND = 1_800
_ACADEMY, _SEED = "Dijon", 58_021
_PACKAGE = Path(__file__).parents[1]
_FOLDERS = (_PACKAGE / "demo", _PACKAGE.parent / "data" / "demo")


@dataclass(frozen=True, slots=True)
class _DemoSchool:
    uai: str
    name: str
    district: str


def load_demo(store: Store, today: date) -> bool:
    """Load the demo schools into an empty database; ``False`` if it has schools already."""
    if not schools(store, Scope.nation()).empty:
        return False
    folder = demo_folder()
    read_on = max(today, _DEMO_DAY)  # on a slow clock, no date of the files is in the future
    for school in _demo_schools(folder):
        import_roster(
            store,
            school.uai,
            folder / f"{school.uai}_students.csv",
            folder / f"{school.uai}_guardians.csv",
            read_on,
            name=school.name,
            district=school.district,
        )
        problems = Problems(f"{school.uai}_accounts.csv")
        listed = read_account_list(folder / problems.file, problems, read_on)
        write_accounts(store, _moved(listed, today - _DEMO_DAY), problems, today)
    _write_last_year(store, today)
    return True


def _write_last_year(store: Store, today: date) -> None:
    """What these schools are made to have counted in the school year before, which no file has."""
    accounts = statistics(store, Scope.nation(), "school").rename(columns={"school": "uai"})
    with store.transaction() as transaction:
        write_tallies(transaction, draw_tallies(np.random.default_rng(_SEED), accounts, today))


def load_demo_academy(store: Store, today: date) -> bool:
    """Load the demo schools and a whole academy around them into an empty database.

    Returns:
        ``False`` if it has schools already.
    """
    loaded = load_demo(store, today)
    if loaded:
        generate(store, SCHOOLS_AROUND, _SEED, today, _ACADEMY)
    return loaded


def demo_folder() -> Path:
    """Where the demo files are: in the installed package, or in the project's folder.

    Raises:
        Refused: in neither.
    """
    for folder in _FOLDERS:
        if folder.is_dir():
            return folder
    raise Refused(["Les fichiers de démonstration sont introuvables."])


def _demo_schools(folder: Path) -> Iterator[_DemoSchool]:
    with (folder / "schools.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter=";"):
            yield _DemoSchool(row["uai"], row["name"], row["district"])


def _moved(listed: list[ListedAccount], by: timedelta) -> Iterator[ListedAccount]:
    for account in listed:
        dates = account.account
        moved = replace(
            dates,
            distributed_on=dates.distributed_on and dates.distributed_on + by,
            last_access_on=dates.last_access_on and dates.last_access_on + by,
        )
        yield replace(account, account=moved)
