"""Services to act with: a clock that stands still, a box that messages go to, papers read back."""

import io
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cache
from typing import Any, TypeVar

from pypdf import PdfReader

from dashboard.actions.batch import Asker, Preparation, Progress, prepare
from dashboard.actions.notify_by_email import notify_by_email
from dashboard.actions.notify_by_sheet import Deliver, notify_by_sheet
from dashboard.actions.send_messages import Mailing
from dashboard.actions.services import Services
from dashboard.credentials.links import Signer
from dashboard.credentials.passwords import hash_password, verify_password
from dashboard.domain.account import State
from dashboard.domain.action import Action, Outcome, Report
from dashboard.domain.credentials import Password, Purpose, link_ends_at
from dashboard.domain.document import Document
from dashboard.domain.errors import Refused
from dashboard.domain.filters import AccountFilter
from dashboard.domain.message import Letterhead, MessageKind, MessageStatus
from dashboard.domain.scope import ActingScope
from dashboard.domain.sheet import SheetLayout
from dashboard.domain.stakes import Consent
from dashboard.store.engine import Store
from dashboard.store.messages import Draft, open_tickets, queue_messages
from dashboard.transport.delivery import CommitPoint, NotDelivered, Uncertain
from tests.store.rows import BEZE, SULPICE, Rows

NOW = datetime(2026, 9, 28, 14, 30)
EARLIER = NOW - timedelta(days=2)
DIRECTOR = "Mme Abricot"
SENDER = "École <ecole@exemple.fr>"
LETTERHEAD = Letterhead("https://educonnect.example/activation", "Mme Lefèvre, 03 80 12 34 56")
SAINT_SULPICE = ActingScope.schools(SULPICE)
_LINK = re.compile(re.escape(f"{LETTERHEAD.activation_address}/lien/") + r"(\S+)")
_IDENTIFIER = re.compile(r"(?<![\w-])[0-9a-z]{4}-[0-9a-z]{4}(?![\w-])")
_PASSWORD = re.compile(r"(?<![\w-])[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}(?![\w-])")


class Clock:
    """A time that passes when told to."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def passes(self, time: timedelta) -> None:
        self.now += time


@dataclass
class Postbox:
    """Keeps what it is handed, but for the recipients that it is told what to do with.

    `before` is raised instead of reaching the commit point, `after` behind it; what gets lost so
    has arrived, or not, as a lost connection leaves it open.
    """

    received: list[tuple[str, bytes]] = field(default_factory=list)
    before: dict[str, NotDelivered] = field(default_factory=dict)
    after: dict[str, NotDelivered] = field(default_factory=dict)
    offered: list[str] = field(default_factory=list)

    @contextmanager
    def open(self) -> "Iterator[Postbox]":
        yield self

    def deliver(
        self, content: bytes, sender: str, recipient: str, commit_point: CommitPoint
    ) -> str:
        self.offered.append(recipient)
        if trouble := self.before.get(recipient):
            raise trouble
        commit_point()
        if trouble := self.after.get(recipient):
            if isinstance(trouble, Uncertain):
                self.received.append((recipient, content))
            raise trouble
        self.received.append((recipient, content))
        return "250 OK"

    def letters(self, recipient: str) -> list[EmailMessage]:
        return [read_letter(content) for to, content in self.received if to == recipient]


def read_letter(content: bytes) -> EmailMessage:
    lines = content.replace(b"\r\n", b"\n")
    return message_from_bytes(lines, EmailMessage, policy=policy.default)


def token_in(letter: EmailMessage) -> str:
    """The token of the one link that a letter carries."""
    [token] = _LINK.findall(letter.get_content())
    return str(token)


def make_services(
    store: Store, post: Postbox | None = None, clock: Clock | None = None
) -> Services:
    mailing = Mailing(post or Postbox(), SENDER, 10**9)
    signer, address = Signer(b"k" * 32), "https://comptes.exemple.fr"
    return Services(store, signer, address, LETTERHEAD, mailing, clock or Clock(), None)


# The cast: account numbers, as `families` gives them

ABRICOT, BOULEAU, CERISE, DATTIER, FIGUE, GENET = range(1, 7)
HERE = (ABRICOT, BOULEAU, CERISE, DATTIER, GENET)  # FIGUE has no child at Saint-Sulpice


def address(account: int) -> str:
    return f"{NAMES[account].lower()}@exemple.fr"


NAMES = dict(enumerate(("Abricot", "Bouleau", "Cerise", "Dattier", "Figue", "Genet"), start=1))


def families(store: Store, state: State = State.NOT_NOTIFIED, *, mail: bool = True) -> Rows:
    """Two schools; the Dattiers have children in two classes, the Genets in both schools."""
    rows = Rows(store)
    rows.school(SULPICE)
    rows.school(BEZE)
    first = [
        rows.student("CP A", "CP", birth_name="Abricot", first_name="Zoé"),
        rows.student("CP A", "CP", birth_name="Bouleau", first_name="Léo"),
        rows.student("Petits", "PS", birth_name="Cerise", first_name="Ana"),
        rows.student("CE1 B", "CE1", birth_name="Dattier", first_name="Max"),
        rows.student("CP A", "CP", BEZE, birth_name="Figue", first_name="Lou"),
        rows.student("CE1 B", "CE1", birth_name="Genet", first_name="Tom"),
    ]
    second = {
        DATTIER: rows.student("Petits", "PS", birth_name="Dattier", first_name="Lia"),
        GENET: rows.student("CP A", "CP", BEZE, birth_name="Genet", first_name="Eva"),
    }
    given_on = None if state is State.NOT_NOTIFIED else EARLIER.date()
    for account, child in enumerate(first, start=1):
        rows.account(
            child,
            *([second[account]] if account in second else []),
            birth_name=NAMES[account],
            first_name="Camille",
            state=state,
            email=address(account) if mail else "",
            distributed_on=given_on,
        )
    return rows


GOOD_PASSWORD = "trois-Girafes bleues 7"
_T = TypeVar("_T")


# ActionState


def asker(now: datetime = NOW) -> Asker:
    return Asker(DIRECTOR, now)


def prepared(
    store: Store, action: Action, *only: int, scope: ActingScope = SAINT_SULPICE
) -> Preparation:
    """An action on these accounts of a scope, confirmed; on all of them, if none is named."""
    return confirmed(prepare(store, scope, action, AccountFilter(), NOW.date(), only=only or None))


def confirmed(preparation: Preparation) -> Preparation:
    """The same with all confirmed that has to be apart."""
    return replace(preparation, consent=Consent(True, preparation.stakes.activated))


def heedless(done: int, total: int) -> None:
    """A progress that nobody follows."""


def nowhere(document: Document) -> None:
    """A delivery of sheets that nobody keeps."""


ONE_BY_ONE = SheetLayout(1, class_pages=False)


def print_sheets(
    store: Store,
    preparation: Preparation,
    progress: Progress = heedless,
    deliver: Deliver = nowhere,
    now: datetime = NOW,
) -> Report:
    return notify_by_sheet(
        store, preparation, asker(now), LETTERHEAD, ONE_BY_ONE, progress, deliver
    )


def notified_by_sheet(store: Store, *only: int, now: datetime = NOW) -> dict[str, str]:
    """Notify accounts; the passwords on the sheets, by identifier."""
    preparation = prepared(store, Action.NOTIFY_BY_SHEET, *only)
    return passwords_on(print_sheets(store, preparation, now=now).sheets)


def notified_by_email(store: Store, *only: int, now: datetime = NOW) -> Report:
    return notify_by_email(store, prepared(store, Action.NOTIFY_BY_EMAIL, *only), asker(now))


def together(*calls: Callable[[], _T]) -> list[_T | Refused]:
    """What each call returns or is refused with, all of them started at the same moment."""
    start = threading.Barrier(len(calls))

    def one(call: Callable[[], _T]) -> _T | Refused:
        start.wait()
        try:
            return call()
        except Refused as refused:
            return refused

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(one, calls))


def change(store: Store, account: int, column: str = "version", value: str = "version + 1") -> None:
    """Another session writes an account, and commits."""
    with store.transaction() as transaction:
        transaction.write(f"UPDATE account SET {column} = {value} WHERE account_id = {account}")


# Reading back


def outcomes(report: Report) -> dict[int, tuple[Outcome, str]]:
    return {r.account.account_id: (r.outcome, r.reason) for r in report.results}


def pages(document: Document | None) -> list[str]:
    """The text of each page."""
    assert document is not None
    return [page.extract_text() for page in PdfReader(io.BytesIO(document.content)).pages]


def read_sheet(text: str) -> tuple[str, str]:
    """The identifier and the password (or none) on one sheet."""
    [identifier] = set(_IDENTIFIER.findall(text))
    return identifier, next(iter(_PASSWORD.findall(text)), "")


def passwords_on(document: Document | None) -> dict[str, str]:
    """The password of each identifier, in the order of the sheets, which have a page each."""
    return dict(read_sheet(text) for text in pages(document) if _IDENTIFIER.search(text))


def row(store: Store, account: int) -> dict[str, Any]:
    """Everything stored of one account."""
    [(found,)] = store.rows("SELECT account FROM account WHERE account_id = $1", [account])
    return dict(found)


def state_of(store: Store, account: int) -> State:
    return State(row(store, account)["state"])


def opens(store: Store, identifier: str, password: str) -> bool:
    """Whether a password is the one that is stored for an identifier."""
    [(kind, stored)] = store.rows(
        "SELECT password, password_hash FROM account WHERE identifier = $1", [identifier]
    )
    return kind != Password.NONE and verify_password(password, Password(kind), stored)


def entries(store: Store, account: int) -> list[tuple[str, str, str, str]]:
    """The action, both states and the reason of each entry about an account, oldest first."""
    return store.rows(
        "SELECT action, from_state, to_state, reason FROM journal WHERE account_id = $1 "
        "ORDER BY entry_id",
        [account],
    )


def messages(store: Store, account: int) -> list[tuple[str, str, str]]:
    """The kind, status and answer of each message to an account, oldest first."""
    return store.rows(
        "SELECT kind, status, answer FROM message WHERE account_id = $1 ORDER BY message_id",
        [account],
    )


def statuses(store: Store) -> Mapping[str, str]:
    """The status of the newest message to each recipient."""
    return dict(store.rows("SELECT recipient, status FROM message ORDER BY message_id"))


def open_purposes(store: Store, account: int) -> list[str]:
    """What the links of an account that are still open are for."""
    found = store.rows(
        "SELECT purpose FROM ticket WHERE account_id = $1 AND ended_at IS NULL", [account]
    )
    return [purpose for (purpose,) in found]


# What an account had before


def had(
    store: Store, account: int, *, password: str = "", email: str = "", letter: bool = False
) -> None:
    """Give an account a past: a password of the kind it has, a link, a message still to leave."""
    kind = Password(row(store, account)["password"])
    with store.transaction() as transaction:
        if password:
            transaction.write(
                "UPDATE account SET password_hash = $1 WHERE account_id = $2",
                [_hashed(password, kind), account],
            )
        if letter:
            purpose = Purpose.ACTIVATE
            ticket = open_tickets(transaction, [account], purpose, EARLIER)[account]
            assert ticket.expires_at == link_ends_at(purpose, EARLIER)
            draft = Draft(account, MessageKind.ACTIVATION, email, ticket.ticket_id)
            queue_messages(transaction, [draft], EARLIER)


_hashed = cache(hash_password)

GIVEN_UP = (MessageStatus.FAILED.value, "remplacé avant l'envoi")
