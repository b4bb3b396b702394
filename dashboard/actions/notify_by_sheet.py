"""Handing out provisional passwords on sheets: to notify accounts, or to reset their passwords."""

from collections.abc import Callable, Collection, Mapping, Sequence

from dashboard.actions.batch import (
    Asker,
    Preparation,
    Progress,
    in_one_transaction,
    report_of,
    write_decisions,
)
from dashboard.credentials.passwords import hash_provisional, provisional_password
from dashboard.domain.account import Origin, expires_on
from dashboard.domain.action import Report
from dashboard.domain.credentials import Password
from dashboard.domain.document import Document
from dashboard.domain.enrolment import level_rank
from dashboard.domain.message import Letterhead
from dashboard.domain.names import name_key
from dashboard.domain.people import ListedAccount, Student
from dashboard.domain.sheet import Sheet, SheetIssue, SheetLayout
from dashboard.domain.stated import StatedChild
from dashboard.outputs.sheets_pdf import sheets_pdf
from dashboard.store.engine import Store, Transaction
from dashboard.store.messages import end_tickets, supersede

# Given the sheets before the accounts are changed for good; if it raises, nothing is changed.
Deliver = Callable[[Document], None]


def notify_by_sheet(
    store: Store,
    preparation: Preparation,
    asker: Asker,
    letterhead: Letterhead,
    layout: SheetLayout,
    progress: Progress,
    deliver: Deliver = lambda _: None,
) -> Report:
    """Give each accepted account a new provisional password and make its sheet.

    Accounts and journal are written in one transaction, which ends only once the sheets are made
    and delivered: a crash, a cancellation or a full disk leaves every account as it was.

    Raises:
        Unconfirmed: something had to be confirmed apart.
        Cancelled: by `progress`.
        Changed: other sessions kept changing the same accounts.
    """
    preparation.require_consent()
    accounts = _by_class(preparation.accepted)
    issued = _issue(accounts, progress)

    def write(transaction: Transaction) -> Report:
        written = write_decisions(
            transaction, preparation, asker, lambda one: _facts(one, issued, asker)
        )
        _revoke(transaction, written, asker)
        sheets = [_sheet(one, issued, asker) for one in accounts if one.account_id in written]
        if not sheets:
            return report_of(preparation, written)
        document = sheets_pdf(
            sheets,
            _sheet_issue(accounts, letterhead),
            layout,
            _filename(preparation, asker),
            asker.now,
            lambda ready: progress(len(accounts) + ready, 2 * len(accounts)),
        )
        deliver(document)
        return report_of(preparation, written, document)

    return in_one_transaction(store, write)


_Issued = Mapping[int, tuple[str, str]]


def _issue(accounts: Sequence[ListedAccount], progress: Progress) -> _Issued:
    """A new password and its hash for each account that has one here, by account number."""
    holders = [one for one in accounts if one.account.origin is not Origin.FRANCECONNECT]
    passwords = [provisional_password() for _ in holders]
    issued = {}
    for account, password, made in zip(
        holders, passwords, hash_provisional(passwords), strict=True
    ):
        issued[account.account_id] = password, made
        progress(len(issued), 2 * len(accounts))
    return issued


def _facts(account: ListedAccount, issued: _Issued, asker: Asker) -> Mapping[str, object]:
    _, made = issued.get(account.account_id, ("", ""))
    return {
        "password": (Password.PROVISIONAL if made else Password.NONE).value,
        "password_hash": made,
        "distributed_on": asker.now.date(),
    }


def _revoke(transaction: Transaction, accounts: Collection[int], asker: Asker) -> None:
    """A new password ends what was handed out before it: links, and messages still to leave."""
    end_tickets(transaction, accounts, asker.now)
    supersede(transaction, accounts, asker.now)


def _by_class(accounts: Sequence[ListedAccount]) -> list[ListedAccount]:
    """Class by class, from the youngest: the order in which sheets are handed out."""
    ranks: dict[str, int] = {}
    for account in accounts:
        child = _carrier(account)
        rank = level_rank(child.level)
        ranks[child.class_label] = min(rank, ranks.get(child.class_label, rank))

    def place(account: ListedAccount) -> tuple[object, ...]:
        child = _carrier(account)
        label = child.class_label
        return ranks[label], name_key(label), label, child.name_key, account.guardian.name_key

    return sorted(accounts, key=place)


def _carrier(account: ListedAccount) -> Student | StatedChild:
    """The child who takes the sheet home: the youngest, of those who can be told if some can."""
    children: Sequence[Student | StatedChild] = account.students or account.stated
    return min(children, key=lambda child: (level_rank(child.level), child.name_key))


def _sheet(account: ListedAccount, issued: _Issued, asker: Asker) -> Sheet:
    password, _ = issued.get(account.account_id, ("", ""))
    guardian = account.guardian
    return Sheet(
        f"{guardian.civility} {guardian.full_name}".strip(),
        _named(account),
        account.account.identifier,
        password,
        expires_on(asker.now.date()) if password else None,
        _carrier(account).class_label,
    )


def _named(account: ListedAccount) -> tuple[tuple[str, str], ...]:
    """The children, and their classes, that a sheet names: also one who is to be clarified."""
    told = [(child.full_name, _classes(child)) for child in account.students]
    stated = [child for child in account.stated if child.is_to_clarify and child.full_name]
    return (*told, *((child.full_name, child.class_label) for child in stated))


def _classes(child: Student) -> str:
    return ", ".join(filter(None, child.class_labels))


def _sheet_issue(accounts: Sequence[ListedAccount], letterhead: Letterhead) -> SheetIssue:
    return SheetIssue(accounts[0].school, letterhead.activation_address, letterhead.help_contact)


def _filename(preparation: Preparation, asker: Asker) -> str:
    places = "_".join(preparation.scope.places)
    return f"feuilles_{places}_{asker.now:%Y-%m-%d_%H%M%S}.pdf"
