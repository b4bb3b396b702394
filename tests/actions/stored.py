"""What a store holds, whole and as seen, to compare before and after."""

from datetime import date

from dashboard.actions.import_roster import ImportReport
from dashboard.domain.filters import AccountFilter, Sort
from dashboard.domain.merging import Tally
from dashboard.domain.people import ListedAccount
from dashboard.domain.scope import PeopleScope
from dashboard.store.accounts import listed_accounts
from dashboard.store.engine import Row, Store

TODAY = date(2026, 9, 28)
SULPICE, BEZE = "0580189R", "0210351T"


def tables(store: Store) -> dict[str, list[Row]]:
    """Every row of every table."""
    names = [
        name
        for (name,) in store.rows("SELECT table_name FROM information_schema.tables ORDER BY 1")
    ]
    return {name: store.rows(f"SELECT * FROM {name} ORDER BY ALL") for name in names}


def listed(store: Store, *uais: str) -> list[ListedAccount]:
    scope = PeopleScope.schools(*(uais or (SULPICE,)))
    return listed_accounts(store, scope, AccountFilter(), Sort(), TODAY)


def families(store: Store, *uais: str) -> dict[str, list[str]]:
    """The children of each guardian, by full names."""
    return {a.guardian.full_name: a.student_names for a in listed(store, *uais)}


def one_tally(report: ImportReport, kind: str) -> tuple[int, int, int, int]:
    tally: Tally = report.tallies[kind]
    return tally.created, tally.changed, tally.unchanged, tally.left
