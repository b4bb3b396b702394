"""What a guardian does with their account: sign in, choose a password, activate, ask for help."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from ipaddress import IPv6Address, ip_address, ip_network

from dashboard.actions.throttle import Throttle, WrongPassword
from dashboard.credentials.links import Signer
from dashboard.credentials.passwords import hash_password, verify_password, weakness
from dashboard.domain.account import Origin, State, expires_on, is_expired
from dashboard.domain.action import CHANGED_MEANWHILE, Action, decide
from dashboard.domain.credentials import (
    ACCOUNT_LIMITS,
    REQUEST_LIMITS,
    SOURCE_LIMITS,
    Password,
    Purpose,
    normal_provisional,
)
from dashboard.domain.french import day
from dashboard.domain.journal import GUARDIAN
from dashboard.domain.message import MessageKind
from dashboard.domain.problem import Refused
from dashboard.domain.scope import OwnAccount
from dashboard.inputs.columns import parse_email
from dashboard.store.attempts import forget_failures
from dashboard.store.changes import Change, write_changes
from dashboard.store.engine import Store, Transaction
from dashboard.store.holders import Holder, holder_by_identifier, holder_of, holders_by_email
from dashboard.store.messages import Draft, queue_messages
from dashboard.store.tickets import Ticket, end_tickets, open_ticket, open_tickets

_WRONG = "Identifiant ou mot de passe incorrect."
_DEAD_LINK = (
    "Ce lien n'est plus valable : il a déjà servi, il a expiré, ou un envoi plus récent le "
    "remplace."
)
_LONGEST_IDENTIFIER = 100


class DeadLink(Refused):
    """A link that was used, revoked, expired or made up."""

    def __init__(self) -> None:
        super().__init__([_DEAD_LINK])


@dataclass(frozen=True, slots=True)
class Visit:
    """What a visitor has proved: that an account is theirs, by a password or by a link."""

    account_id: int
    password: Password = Password.NONE
    ticket_id: int = 0


class GuardianDesk:
    """Everything that guardians may do, and the only door to their accounts from outside.

    Every method takes `now`, naive local time, and raises `Refused` with reasons that tell
    nothing of an account to who has not proved that it is theirs.
    """

    def __init__(self, store: Store, signer: Signer) -> None:
        self._store = store
        self._signer = signer
        self._throttle = Throttle(store)

    def sign_in(self, identifier: str, password: str, source: str, now: datetime) -> Visit:
        """Prove by identifier and password that an account is one's own.

        Raises:
            WrongPassword: they do not go together; or the provisional password has expired.
            TooMany: of this account or from this source.
        """
        identifier = identifier.strip()[:_LONGEST_IDENTIFIER]
        subject = self._signer.subject(_spelt(identifier)[0])
        limits = {subject: ACCOUNT_LIMITS, self._source(source): SOURCE_LIMITS}
        with self._throttle.attempt(limits, now):
            holder = holder_by_identifier(self._store, _spelt(identifier))
            kind = holder.password if holder else Password.PROVISIONAL
            stored = holder.password_hash if holder else ""
            if not verify_password(password, kind, stored) or holder is None:
                raise WrongPassword([_WRONG])
        _refuse_expired(holder, now.date())
        with self._store.transaction() as transaction:
            forget_failures(transaction, [subject])
        self._note_sign_in(holder, now)
        return Visit(holder.account_id, holder.password)

    def follow(self, token: str, now: datetime) -> tuple[Visit, Purpose]:
        """See what a link is for; it is used up by what follows, not by looking.

        Raises:
            DeadLink: it was used, revoked or made up, or has expired.
        """
        number = self._signer.number("link", token)
        ticket = None if number is None else open_ticket(self._store, number, now)
        if ticket is None:
            raise DeadLink
        return Visit(ticket.account_id, ticket_id=ticket.ticket_id), ticket.purpose

    def holder(self, visit: Visit) -> Holder:
        """The account that a visitor has proved to be theirs, as it is now."""
        holder = holder_of(self._store, OwnAccount(visit.account_id))
        if holder is None:
            raise DeadLink
        return holder

    def choose_password(self, visit: Visit, password: str, email: str, now: datetime) -> State:
        """Choose a password, and on a first activation confirm an e-mail; the state that follows.

        Raises:
            Refused: the password is weak, the e-mail impossible, the account not in a state for
                it, the provisional password replaced meanwhile, or the link dead.
        """
        holder = self.holder(visit)
        action = self._way(visit, holder, now)
        first = holder.account.state is not State.ACTIVATED
        email = _email(email) if first else holder.guardian.email
        decision = decide(action, holder.account.state, holder.account.origin, bool(email))
        if not decision.is_done:
            raise Refused([f"{decision.reason[:1].upper()}{decision.reason[1:]}."])
        if problem := weakness(password, _personal(holder, email)):
            raise Refused([problem])
        facts: dict[str, object] = {
            "password": Password.CHOSEN.value,
            "password_hash": hash_password(password, Password.CHOSEN),
            "last_access_on": now.date(),
            "email": email,
        }
        with self._store.transaction() as transaction:
            self._redeem(transaction, visit, now)
            end_tickets(transaction, [holder.account_id], now)
            _write(transaction, holder, action, decision.state, facts, now)
            if first:
                _queue_link(transaction, holder, email, Purpose.ACTIVATE, now)
        return decision.state

    def activate(self, token: str, now: datetime) -> None:
        """Follow the link of the activation e-mail to its end.

        Raises:
            DeadLink: it was used, revoked or made up, or has expired.
        """
        visit, purpose = self.follow(token, now)
        holder = self.holder(visit)
        account = holder.account
        decision = decide(Action.ACTIVATE, account.state, account.origin, has_email=True)
        if purpose is not Purpose.ACTIVATE or not decision.is_done:
            raise DeadLink
        with self._store.transaction() as transaction:
            self._redeem(transaction, visit, now)
            end_tickets(transaction, [holder.account_id], now)
            _write(transaction, holder, Action.ACTIVATE, decision.state, {}, now)

    def resend(self, visit: Visit, now: datetime) -> str:
        """Send a guardian who waits for it a new activation e-mail; the address it goes to.

        Raises:
            Refused: the account is not in a state for it.
            TooMany: several were sent this hour.
        """
        holder = self.holder(visit)
        account, email = holder.account, holder.guardian.email
        decision = decide(Action.RESEND, account.state, account.origin, bool(email))
        if not decision.is_done:
            raise Refused([f"{decision.reason[:1].upper()}{decision.reason[1:]}."])
        self._throttle.count({self._subject(f"resend {visit.account_id}"): REQUEST_LIMITS}, now)
        with self._store.transaction() as transaction:
            _write(transaction, holder, Action.RESEND, decision.state, {}, now)
            _queue_link(transaction, holder, email, Purpose.ACTIVATE, now)
        return email

    def ask_for_help(self, email: str, source: str, now: datetime) -> None:
        """Send what was forgotten to an e-mail, if accounts have it; the asker is not told which.

        Raises:
            Refused: the address cannot be one.
            TooMany: requests from this source.
        """
        address = _email(email)
        self._throttle.count({self._source(f"help {source}"): SOURCE_LIMITS}, now)
        subject = self._subject(f"help {address}")
        self._throttle.count({subject: REQUEST_LIMITS}, now)
        for holder in holders_by_email(self._store, address):
            self._answer(holder, now)

    def _answer(self, holder: Holder, now: datetime) -> None:
        account, email = holder.account, holder.guardian.email
        if account.state is State.NOT_NOTIFIED:
            return
        purpose = _helping_link(holder, now.date())
        with self._store.transaction() as transaction:
            if purpose is not None:
                _queue_link(transaction, holder, email, purpose, now)
                return
            signs_in_elsewhere = account.origin is Origin.FRANCECONNECT
            kind = MessageKind.NOTIFICATION if signs_in_elsewhere else MessageKind.REMINDER
            queue_messages(transaction, [Draft(holder.account_id, kind, email)], now)

    def _way(self, visit: Visit, holder: Holder, now: datetime) -> Action:
        """The action by which this visitor may choose a password."""
        if visit.ticket_id:
            ticket = self._ticket(self._store, visit, now)
            if ticket.purpose is Purpose.RECOVER:
                return Action.RECOVER
            if ticket.purpose is Purpose.CHOOSE_PASSWORD:
                return Action.CHOOSE_PASSWORD
        elif visit.password is Password.PROVISIONAL is holder.password:
            _refuse_expired(holder, now.date())
            return Action.CHOOSE_PASSWORD
        raise DeadLink

    def _ticket(self, store: Store | Transaction, visit: Visit, now: datetime) -> Ticket:
        ticket = open_ticket(store, visit.ticket_id, now)
        if ticket is None or ticket.account_id != visit.account_id:
            raise DeadLink
        return ticket

    def _redeem(self, transaction: Transaction, visit: Visit, now: datetime) -> None:
        """Make sure, where it is written, that the link is still good."""
        if visit.ticket_id:
            self._ticket(transaction, visit, now)

    def _note_sign_in(self, holder: Holder, now: datetime) -> None:
        if holder.account.last_access_on != now.date():
            with self._store.transaction() as transaction:
                facts = {"last_access_on": now.date()}
                _write(transaction, holder, Action.SIGN_IN, holder.account.state, facts, now)

    def _subject(self, text: str) -> str:
        return self._signer.subject(text)

    def _source(self, source: str) -> str:
        return self._subject(f"source {_network(source)}")


def _network(source: str) -> str:
    """What is throttled of an address: all of an IPv6 subscriber's addresses are one source."""
    try:
        address = ip_address(source)
    except ValueError:
        return source
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False))
    return str(address)


def _spelt(identifier: str) -> list[str]:
    """An identifier as typed, and as this program writes those that it gives."""
    bare = normal_provisional(identifier)
    return list(dict.fromkeys([f"{bare[:4]}-{bare[4:]}", identifier, identifier.lower(), bare]))


def _refuse_expired(holder: Holder, today: date) -> None:
    distributed_on = holder.account.distributed_on
    if holder.password is not Password.PROVISIONAL or distributed_on is None:
        return
    if (last := expires_on(distributed_on)) < today:
        raise Refused(
            [
                f"Votre mot de passe provisoire a expiré le {day(last)}. "
                "Demandez une nouvelle feuille à l'école."
            ]
        )


def _email(text: str) -> str:
    try:
        address = parse_email(text)
    except ValueError:
        address = ""
    if not address:
        raise Refused(["L'adresse électronique n'est pas complète. Exemple : nom@domaine.fr."])
    return address


def _personal(holder: Holder, email: str) -> list[str]:
    guardian = holder.guardian
    names = [guardian.birth_name, guardian.usage_name, guardian.first_name]
    return [*names, holder.account.identifier, email, *email.split("@")]


def _write(
    transaction: Transaction,
    holder: Holder,
    action: Action,
    after: State,
    facts: Mapping[str, object],
    now: datetime,
) -> None:
    own = OwnAccount(holder.account_id)
    change = Change(holder.account_id, holder.version, holder.account.state, after, facts)
    if not write_changes(transaction, own, action, GUARDIAN, now, [change]):
        raise Refused([f"Compte {CHANGED_MEANWHILE}. Recommencez."])


_KINDS = {
    Purpose.CHOOSE_PASSWORD: MessageKind.NOTIFICATION,
    Purpose.ACTIVATE: MessageKind.ACTIVATION,
    Purpose.RECOVER: MessageKind.RECOVERY,
}


def _helping_link(holder: Holder, today: date) -> Purpose | None:
    """The link that lets a guardian who forgot go on by e-mail; ``None`` where only the school can.

    Who was notified by e-mail, and not by a sheet, may have that link anew while it lasts.
    """
    account = holder.account
    if account.origin is Origin.FRANCECONNECT:
        return None
    match account.state:
        case State.ACTIVATED:
            return Purpose.RECOVER
        case State.ACTIVATING:
            return Purpose.ACTIVATE
        case State.NOTIFIED if holder.password is Password.NONE and not is_expired(account, today):
            return Purpose.CHOOSE_PASSWORD
        case _:
            return None


def _queue_link(
    transaction: Transaction, holder: Holder, email: str, purpose: Purpose, now: datetime
) -> None:
    [ticket] = open_tickets(transaction, [holder.account_id], purpose, now).values()
    draft = Draft(holder.account_id, _KINDS[purpose], email, ticket.ticket_id)
    queue_messages(transaction, [draft], now)
