"""Bringing a list of accounts, as this program exports it, into the store with its states."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from dashboard.domain.account import State
from dashboard.domain.errors import Refused
from dashboard.domain.french import plural
from dashboard.domain.merging import KnownSchool, Plan, plan_merge
from dashboard.domain.people import (
    ListedAccount,
    Student,
    contacts,
    guardian_identity,
    joined,
    student_identity,
)
from dashboard.domain.problem import Problem, Problems
from dashboard.domain.roster import Roster
from dashboard.domain.scope import PeopleScope
from dashboard.inputs.account_lists import read_account_list
from dashboard.store import rosters
from dashboard.store.accounts import adopt_accounts
from dashboard.store.engine import Store, Transaction
from dashboard.store.schools import find_school, save_school
from dashboard.wording.account_columns import LISTING


@dataclass(slots=True)
class AccountsReport:
    """What an import of accounts did, in numbers of accounts; and its warnings."""

    created: int = 0
    taken_over: int = 0
    unchanged: int = 0
    kept: int = 0
    warnings: Sequence[Problem] = ()

    def lines(self) -> list[str]:
        return [
            f"comptes : {plural(self.created, 'créé')}, {plural(self.taken_over, 'repris')}, "
            f"{plural(self.unchanged, 'inchangé')}, {self.kept} laissés tels quels"
        ]


def import_accounts(store: Store, file: Path, today: date) -> AccountsReport:
    """Create the accounts that a list names, or give untouched ones the state that it states.

    An account that was distributed here already keeps its state, with a warning.

    Raises:
        Refused: with every error of the file; nothing was written.
    """
    problems = Problems(file.name)
    listed = read_account_list(file, problems, today)
    return write_accounts(store, listed, problems, today)


def write_accounts(
    store: Store, listed: Iterable[ListedAccount], problems: Problems, today: date
) -> AccountsReport:
    """Write listed accounts in one transaction; `import_accounts` says how."""
    by_school: dict[str, list[ListedAccount]] = defaultdict(list)
    for account in listed:
        by_school[account.uai].append(account)
    report = AccountsReport()
    with store.transaction() as transaction:
        for uai, accounts in by_school.items():
            _write_school(transaction, uai, accounts, problems, report, today)
        if problems.has_errors:
            raise Refused(problems.all())
    report.warnings = problems.all()
    return report


def _write_school(
    transaction: Transaction,
    uai: str,
    listed: Sequence[ListedAccount],
    problems: Problems,
    report: AccountsReport,
    today: date,
) -> None:
    identifiers = [account.account.identifier for account in listed]
    shared = {contact for account in listed for contact in contacts(account.guardian)}
    school = find_school(transaction, uai)
    known = rosters.known_school(transaction, PeopleScope.schools(uai), shared, identifiers)
    plan = plan_merge(
        known,
        _roster(listed),
        rosters.student_numbers(transaction),
        rosters.account_numbers(transaction),
        whole_school=False,
        identified=_identified(known, listed, problems),
    )
    adopted = _adopted(plan, known, listed, problems, report)
    if problems.has_errors:
        return
    if school is None or adopted or not plan.changes_nothing:
        save_school(transaction, uai, "" if school else listed[0].school, "", school)
        rosters.write_plan(transaction, uai, plan, known, today)
        adopt_accounts(transaction, adopted, today)


def _roster(listed: Sequence[ListedAccount]) -> Roster:
    places: dict[tuple[object, ...], int] = {}
    students: list[Student] = []
    links = set()
    for guardian, account in enumerate(listed):
        for student in account.students:
            place = places.setdefault(student_identity(student), len(students))
            if place == len(students):
                students.append(student)
            else:
                students[place] = joined(students[place], student)
            links.add((guardian, place))
    return Roster(
        tuple(students),
        tuple(account.guardian for account in listed),
        frozenset(links),
        tuple(account.stated for account in listed),
    )


def _identified(
    known: KnownSchool, listed: Sequence[ListedAccount], problems: Problems
) -> dict[int, int]:
    """The stored accounts that have the listed identifiers, by place in the list."""
    holders = {kept.account.identifier: number for number, kept in known.guardians.items()}
    found = {}
    for place, account in enumerate(listed):
        number = holders.get(account.account.identifier)
        if number is None:
            continue
        holder = known.guardians[number].guardian
        if holder.is_erased:
            problems.error(
                f"les données du compte {account.account.identifier} ont été effacées ; "
                "retirez cette ligne.",
                account.line,
                LISTING["identifier"],
            )
        elif guardian_identity(holder) != guardian_identity(account.guardian):
            problems.error(
                f"l'identifiant {account.account.identifier} est déjà celui d'une autre personne.",
                account.line,
                LISTING["identifier"],
            )
        found[place] = number
    return found


def _adopted(
    plan: Plan,
    known: KnownSchool,
    listed: Sequence[ListedAccount],
    problems: Problems,
    report: AccountsReport,
) -> list[tuple[int, int, ListedAccount]]:
    """The accounts to give the listed state: number, version and listed account."""
    adopted = []
    for number, account in zip(plan.accounts, listed, strict=True):
        kept = known.guardians.get(number)
        if kept is None:
            report.created += 1
            adopted.append((number, 1, account))
        elif kept.account == account.account:
            report.unchanged += 1
        elif kept.account.state is State.NOT_NOTIFIED:
            report.taken_over += 1
            adopted.append((number, kept.version, account))
        else:
            report.kept += 1
            problems.warning(
                f"le compte {kept.account.identifier} est déjà « {kept.account.state.label} » "
                "ici ; laissé tel quel.",
                account.line,
                LISTING["state"],
            )
    return adopted
