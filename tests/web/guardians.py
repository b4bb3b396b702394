"""Guardians of a school with their accounts, passwords and messages."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count

from dashboard.actions.batch import Asker, prepare
from dashboard.actions.guardian_access import GuardianAccess, GuardianSession
from dashboard.actions.notify_by_email import notify_by_email
from dashboard.credentials.links import Signer
from dashboard.credentials.passwords import hash_password
from dashboard.domain.account import Origin, State
from dashboard.domain.action import Action
from dashboard.domain.credentials import Password, Purpose
from dashboard.domain.filters import AccountFilter
from dashboard.domain.message import MessageKind
from dashboard.domain.scope import ActingScope, OwnAccount
from dashboard.store.changes import AccountChange, write_changes
from dashboard.store.engine import Store
from dashboard.store.guardians import Holder, holder_of
from dashboard.store.messages import end_tickets, open_tickets
from tests.store.rows import SULPICE, Rows

NOW = datetime(2026, 9, 28, 10, 0)
SHEET, OTHER_SHEET = "abcd-2345-efgh", "jkmn-6789-pqrs"
OWN = "velours cactus 12"
EMAIL = "lea.martin@exemple.fr"
HOME = "192.0.2.7"


class Guardians:
    """A school's guardians, the access that they come to, and what it sends them."""

    def __init__(self, store: Store, clock: Callable[[], datetime] = lambda: NOW) -> None:
        self.store = store
        self.signer = Signer(b"k" * 32)
        self.access = GuardianAccess(store, self.signer)
        self.clock = clock
        self._rows = Rows(store)
        self._rows.school()
        self._child = self._rows.student()
        self._drawn = count()

    def add(
        self,
        state: State,
        password: str = "",
        *,
        email: str = EMAIL,
        origin: Origin = Origin.SCHOOL,
        first_name: str = "Léa",
        birth_name: str = "Martin",
    ) -> int:
        """An account in a state; a password is provisional where it has not been activated."""
        number = self._rows.account(
            self._child,
            state=state,
            email=email,
            origin=origin,
            first_name=first_name,
            birth_name=birth_name,
            distributed_on=None if state is State.NOT_NOTIFIED else self.clock().date(),
        )
        if password:
            kind = Password.PROVISIONAL if state is State.NOTIFIED else Password.CHOSEN
            self._set_password(number, state, password, kind)
        return number

    def hand_out(self, number: int, password: str) -> None:
        """What a new sheet does to an account: another password, and no link any more."""
        activated = self.state(number) is State.ACTIVATED
        after = State.ACTIVATED if activated else State.NOTIFIED
        self._set_password(number, after, password, Password.PROVISIONAL)
        with self.store.transaction() as transaction:
            end_tickets(transaction, [number], self.clock())

    def _set_password(self, number: int, after: State, text: str, kind: Password) -> None:
        holder = self.holder(number)
        facts = {"password": kind.value, "password_hash": hash_password(text, kind)}
        change = AccountChange(number, holder.version, holder.account.state, after, facts)
        with self.store.transaction() as transaction:
            assert write_changes(
                transaction, OwnAccount(number), Action.RESET, "test", self.clock(), [change]
            )

    def notify_by_email(self, number: int) -> None:
        scope, now = ActingScope.schools(SULPICE), self.clock()
        prepared = prepare(
            self.store, scope, Action.NOTIFY_BY_EMAIL, AccountFilter(), now.date(), only=[number]
        )
        notify_by_email(self.store, prepared, Asker("directrice", now))

    def link(self, number: int, purpose: Purpose) -> str:
        """The token of a new link of an account."""
        with self.store.transaction() as transaction:
            [ticket] = open_tickets(transaction, [number], purpose, self.clock()).values()
        return self.signer.token("link", ticket.ticket_id)

    def holder(self, number: int) -> Holder:
        holder = holder_of(self.store, OwnAccount(number))
        assert holder is not None
        return holder

    def identifier(self, number: int) -> str:
        return self.holder(number).account.identifier

    def state(self, number: int) -> State:
        return self.holder(number).account.state

    def messages(self, number: int) -> list[tuple[MessageKind, str, str]]:
        """The messages to an account, oldest first: kind, recipient, and token of the link."""
        found = self.store.rows(
            "SELECT kind, recipient, ticket_id FROM message WHERE account_id = $1 "
            "ORDER BY message_id",
            [number],
        )
        return [
            (MessageKind(kind), to, self.signer.token("link", ticket) if ticket else "")
            for kind, to, ticket in found
        ]

    def last_link(self, number: int) -> str:
        return self.messages(number)[-1][2]

    def enter(
        self, number: int, password: str, now: datetime = NOW, source: str = HOME
    ) -> GuardianSession:
        return self.access.sign_in(self.identifier(number), password, source, now)

    def ask_for_help(self, email: str, now: datetime = NOW, source: str = HOME) -> None:
        self.access.send_help(self.access.ask_for_help(email, source, now), now)

    def other_source(self) -> str:
        """An address that nobody came from yet."""
        return f"198.51.100.{next(self._drawn)}"


def later(**how_much: float) -> datetime:
    return NOW + timedelta(**how_much)


def eventually(holds: Callable[[], bool]) -> bool:
    """Whether something that other threads do comes to be true."""
    deadline = time.monotonic() + 5
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.01)
    return holds()
