"""What a guardian does with their account: sign in, choose a password, activate, ask for help."""

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from hmac import compare_digest

from dashboard.actions.batch import in_one_transaction
from dashboard.actions.steady import Elapsed, SteadyTime
from dashboard.actions.throttle import Throttle, WrongPassword
from dashboard.credentials.devices import device_of, with_device
from dashboard.credentials.links import GUARDIAN_LINK, Signer
from dashboard.credentials.passwords import hash_password, verify_password, weakness
from dashboard.domain.account import Origin, State, expires_on, is_expired
from dashboard.domain.action import Action, decide
from dashboard.domain.credentials import (
    HELP_RULES,
    RESEND_RULES,
    Attempt,
    Password,
    Purpose,
    guardian_subject,
    normal_provisional,
)
from dashboard.domain.email import parse_email
from dashboard.domain.errors import DeadLink, Refused, Unfit
from dashboard.domain.french import day
from dashboard.domain.journal import GUARDIAN
from dashboard.domain.message import MessageKind
from dashboard.domain.names import name_key
from dashboard.domain.network import network_of
from dashboard.domain.scope import OwnAccount
from dashboard.store.attempts import lift_locks, newest_failure
from dashboard.store.changes import AccountChange, write_changes
from dashboard.store.engine import Changed, Store, Transaction
from dashboard.store.guardians import Holder, holder_by_identifier, holder_of, holders_by_email
from dashboard.store.messages import (
    Draft,
    Ticket,
    end_tickets,
    open_ticket,
    open_tickets,
    queue_messages,
    supersede,
)

_WRONG = "Identifiant ou mot de passe incorrect."
_VISIT_OVER = "Votre visite est terminée. Connectez-vous de nouveau."
_NO_EMAIL = "Indiquez votre adresse électronique, par exemple nom@domaine.fr."
_LONGEST_IDENTIFIER = 100


class SessionOver(Refused):
    """A session whose password was replaced since, or does not allow what is asked for."""

    def __init__(self) -> None:
        super().__init__([_VISIT_OVER])


@dataclass(frozen=True, slots=True)
class GuardianSession:
    """What a visitor has proved: that an account is theirs, by a password or by a link.

    `seal` stands for the password: once another has replaced it, the session is over.
    """

    account_id: int
    ticket_id: int = 0
    seal: str = ""


class GuardianAccess:
    """Everything that guardians may do, and the only door to their accounts from outside.

    Every method takes `now`, naive local time, and raises `Refused` with reasons that tell
    nothing of an account to who has not proved that it is theirs.
    """

    def __init__(self, store: Store, signer: Signer, elapsed: Elapsed = time.monotonic) -> None:
        self._store = store
        self._signer = signer
        steady = SteadyTime(lambda until: newest_failure(store, until), elapsed)
        self._throttle = Throttle(store, steady)

    def sign_in(
        self, identifier: str, password: str, source: str, now: datetime, devices: str = ""
    ) -> GuardianSession:
        """Prove by identifier and password that an account is one's own.

        `devices` is the cookie of `remember`, by which strangers' guesses are no matter.

        Raises:
            WrongPassword: they do not go together.
            TooMany: of this account or from this source.
            Refused: the provisional password has expired.
        """
        identifier = identifier.strip()[:_LONGEST_IDENTIFIER]
        holder = holder_by_identifier(self._store, _spelt(identifier))
        # What is nobody's identifier may be anybody's password.
        unknown = self._subject(_spelt(identifier)[-1])
        subject = guardian_subject(holder.account_id) if holder else unknown
        device = device_of(self._signer, subject, devices)
        with self._throttle.attempt(Attempt(subject, self._source(source), device), now):
            if not _is_right(password, holder) or holder is None:
                raise WrongPassword([_WRONG])
        _refuse_expired(holder, now.date())
        self._note_sign_in(holder, now)
        return self._session(holder.account_id, holder.password_hash)

    def remember(self, session: GuardianSession, devices: str) -> str:
        """The cookie of a device, once a visitor has proved there that an account is theirs."""
        if not session.seal:
            return devices
        return with_device(self._signer, guardian_subject(session.account_id), devices)

    def follow(self, token: str, now: datetime) -> tuple[GuardianSession, Purpose]:
        """See what a link is for; it is used up by what follows, not by looking.

        Raises:
            DeadLink: it was used, revoked or made up, or has expired.
        """
        number = self._signer.number(GUARDIAN_LINK, token)
        ticket = None if number is None else open_ticket(self._store, number, now)
        if ticket is None:
            raise DeadLink
        return GuardianSession(ticket.account_id, ticket_id=ticket.ticket_id), ticket.purpose

    def holder(self, session: GuardianSession, now: datetime) -> Holder:
        """The account that a visitor has proved to be theirs, as it is now.

        Raises:
            DeadLink: the visitor's link was used or revoked since, or has expired.
            SessionOver: the visitor's password was replaced since.
        """
        holder = holder_of(self._store, OwnAccount(session.account_id))
        if holder is None:
            raise SessionOver
        if session.ticket_id:
            self._ticket(self._store, session, now)
        elif not compare_digest(session.seal, self._seal(holder.password_hash)):
            raise SessionOver
        return holder

    def choose_password(
        self, session: GuardianSession, password: str, email: str, now: datetime
    ) -> GuardianSession:
        """Choose a password, and on a first activation confirm an e-mail; the session that follows.

        Raises:
            Unfit: the password is weak, or the e-mail impossible.
            DeadLink: the visitor's link was used or revoked since, or has expired.
            SessionOver: the provisional password was replaced meanwhile.
            Refused: the account is not in a state for it.
        """
        holder = self.holder(session, now)
        action = self._way(session, holder, now)
        first = holder.account.state is not State.ACTIVATED
        decision = decide(action, holder.account.state, holder.account.origin, bool(email))
        if not decision.is_done:
            raise Refused([f"{decision.reason[:1].upper()}{decision.reason[1:]}."])
        email = _fit(holder, password, email if first else None)
        made = hash_password(password, Password.CHOSEN)
        facts: dict[str, object] = {
            "password": Password.CHOSEN.value,
            "password_hash": made,
            "last_access_on": now.date(),
            "email": email,
        }
        with self._store.transaction() as transaction:
            self._redeem(transaction, session, now)
            end_tickets(transaction, [holder.account_id], now)
            supersede(transaction, [holder.account_id], now)
            _write(transaction, holder, action, decision.state, facts, now)
            if first:
                _queue_link(transaction, holder, email, Purpose.ACTIVATE, now)
        return self._session(holder.account_id, made)

    def activate(self, token: str, now: datetime) -> GuardianSession:
        """Follow the link of the activation e-mail to its end; the session that follows.

        Raises:
            DeadLink: it was used, revoked or made up, or has expired.
        """
        session, purpose = self.follow(token, now)
        holder = self.holder(session, now)
        account = holder.account
        decision = decide(Action.ACTIVATE, account.state, account.origin, has_email=True)
        if purpose is not Purpose.ACTIVATE or not decision.is_done:
            raise DeadLink
        with self._store.transaction() as transaction:
            self._redeem(transaction, session, now)
            end_tickets(transaction, [holder.account_id], now)
            lift_locks(transaction, [guardian_subject(holder.account_id)])
            _write(transaction, holder, Action.ACTIVATE, decision.state, {}, now)
        return self._session(holder.account_id, holder.password_hash)

    def resend(self, session: GuardianSession, now: datetime) -> str:
        """Send a guardian who waits for it a new activation e-mail; the address it goes to.

        Raises:
            DeadLink, SessionOver: as `holder` does.
            Refused: the account is not in a state for it.
            TooMany: several were sent this hour.
        """
        holder = self.holder(session, now)
        account, email = holder.account, holder.guardian.email
        decision = decide(Action.RESEND, account.state, account.origin, bool(email))
        if not decision.is_done:
            raise Refused([f"{decision.reason[:1].upper()}{decision.reason[1:]}."])
        self._throttle.count(Attempt(f"resend:{session.account_id}", rules=RESEND_RULES), now)
        with self._store.transaction() as transaction:
            _write(transaction, holder, Action.RESEND, decision.state, {}, now)
            _queue_link(transaction, holder, email, Purpose.ACTIVATE, now)
        return email

    def correct_email(self, session: GuardianSession, email: str, now: datetime) -> str:
        """Send the activation e-mail to another address than the one typed; that address.

        The link that was sent before is revoked, and the address before is forgotten.

        Raises:
            Unfit: the address cannot be one.
            DeadLink, SessionOver, Refused, TooMany: as `resend` does.
        """
        holder = self.holder(session, now)
        if session.ticket_id:
            raise SessionOver
        account, address = holder.account, _email(email)
        decision = decide(Action.RESEND, account.state, account.origin, has_email=True)
        if not decision.is_done:
            raise Refused([f"{decision.reason[:1].upper()}{decision.reason[1:]}."])
        self._throttle.count(Attempt(f"resend:{session.account_id}", rules=RESEND_RULES), now)
        with self._store.transaction() as transaction:
            supersede(transaction, [holder.account_id], now)
            _write(transaction, holder, Action.CORRECT, decision.state, {"email": address}, now)
            _queue_link(transaction, holder, address, Purpose.ACTIVATE, now)
        return address

    def ask_for_help(self, email: str, source: str, now: datetime) -> str:
        """Hear a request for what was forgotten; the address that `send_help` then writes to.

        Whether accounts have the address changes neither the answer nor the time it takes.

        Raises:
            Unfit: the address cannot be one.
            TooMany: requests from this source, or for this address.
        """
        address = _email(email)
        subject = self._subject(f"help {address}")
        self._throttle.count(Attempt(subject, self._source(source, "help "), rules=HELP_RULES), now)
        return address

    def send_help(self, address: str, now: datetime) -> None:
        """Write to an address what its accounts need, if it has any.

        Its time tells whether there are: nobody who asked may wait for it.

        Raises:
            Changed: other sessions kept changing the same accounts.
        """
        for holder in holders_by_email(self._store, address):
            own = OwnAccount(holder.account_id)
            in_one_transaction(self._store, partial(_help, own=own, address=address, now=now))

    def _way(self, session: GuardianSession, holder: Holder, now: datetime) -> Action:
        """The action by which this visitor may choose a password."""
        if session.ticket_id:
            ticket = self._ticket(self._store, session, now)
            if ticket.purpose is Purpose.RECOVER:
                return Action.RECOVER
            if ticket.purpose is Purpose.CHOOSE_PASSWORD:
                return Action.CHOOSE_PASSWORD
            raise DeadLink
        if holder.password is not Password.PROVISIONAL:
            raise SessionOver
        _refuse_expired(holder, now.date())
        return Action.CHOOSE_PASSWORD

    def _ticket(
        self, store: Store | Transaction, session: GuardianSession, now: datetime
    ) -> Ticket:
        ticket = open_ticket(store, session.ticket_id, now)
        if ticket is None or ticket.account_id != session.account_id:
            raise DeadLink
        return ticket

    def _redeem(self, transaction: Transaction, session: GuardianSession, now: datetime) -> None:
        """Make sure, where it is written, that the link is still good."""
        if session.ticket_id:
            self._ticket(transaction, session, now)

    def _note_sign_in(self, holder: Holder, now: datetime) -> None:
        if holder.account.last_access_on == now.date():
            return
        # Who signs in twice at the same moment is noted once, and gets in both times.
        with suppress(Refused), self._store.transaction() as transaction:
            facts = {"last_access_on": now.date()}
            _write(transaction, holder, Action.SIGN_IN, holder.account.state, facts, now)

    def _session(self, account_id: int, password_hash: str) -> GuardianSession:
        return GuardianSession(account_id, seal=self._seal(password_hash))

    def _seal(self, password_hash: str) -> str:
        return self._subject(f"seal {password_hash}")

    def _subject(self, text: str) -> str:
        return self._signer.subject(text)

    def _source(self, source: str, use: str = "") -> str:
        return self._subject(f"{use}source {network_of(source)}")


def _spelt(identifier: str) -> list[str]:
    """An identifier as typed, and last as this program writes those that it gives."""
    bare = normal_provisional(identifier)
    return [identifier, identifier.lower(), bare, f"{bare[:4]}-{bare[4:]}"]


def _is_right(password: str, holder: Holder | None) -> bool:
    """Whether the password is the account's; the time tells neither, nor whether there is one."""
    checked = [
        verify_password(
            password, kind, holder.password_hash if holder and holder.password is kind else ""
        )
        for kind in (Password.PROVISIONAL, Password.CHOSEN)
    ]
    return any(checked)


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
    """The address that mail can be sent to; raises `Unfit`."""
    try:
        address = parse_email(text)
    except ValueError as error:
        reason = str(error)
        raise Unfit({"email": reason[0].upper() + reason[1:]}) from None
    if not address:
        raise Unfit({"email": _NO_EMAIL})
    return address


def _fit(holder: Holder, password: str, email: str | None) -> str:
    """The e-mail of an account that gets this password, and with one, this e-mail.

    Raises `Unfit` with all that is wrong at once.
    """
    address, wrong_email = holder.guardian.email, ""
    try:
        address = address if email is None else _email(email)
    except Unfit as unfit:
        wrong_email = unfit.fields["email"]
    found = {"password": weakness(password, _personal(holder, address)), "email": wrong_email}
    if wrong := {name: reason for name, reason in found.items() if reason}:
        raise Unfit(wrong)
    return address


def _personal(holder: Holder, email: str) -> list[str]:
    guardian = holder.guardian
    first, family = guardian.first_name, [guardian.birth_name, guardian.usage_name]
    together = [pair for name in family for pair in (first + name, name + first)]
    names = [first, *family, *together]
    return [*names, *map(name_key, names), holder.account.identifier, email, *email.split("@")]


def _write(
    transaction: Transaction,
    holder: Holder,
    action: Action,
    after: State,
    facts: Mapping[str, object],
    now: datetime,
) -> None:
    own = OwnAccount(holder.account_id)
    change = AccountChange(holder.account_id, holder.version, holder.account.state, after, facts)
    if not write_changes(transaction, own, action, GUARDIAN, now, [change]):
        raise Changed


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
    match account.state:
        case State.ACTIVATING:
            return Purpose.ACTIVATE
        case _ if account.origin is Origin.FRANCECONNECT:
            return None
        case State.ACTIVATED:
            return Purpose.RECOVER
        case State.NOTIFIED if holder.password is Password.NONE and not is_expired(account, today):
            return Purpose.CHOOSE_PASSWORD
        case _:
            return None


def _help(transaction: Transaction, *, own: OwnAccount, address: str, now: datetime) -> None:
    """Queue what a guardian who forgot needs, if the account still has the address."""
    holder = holder_of(transaction, own)
    if holder is None or holder.guardian.email != address:
        return
    account = holder.account
    decision = decide(Action.ASK_FOR_HELP, account.state, account.origin, has_email=True)
    if not decision.is_done:
        return
    _write(transaction, holder, Action.ASK_FOR_HELP, decision.state, {}, now)
    if (purpose := _helping_link(holder, now.date())) is not None:
        _queue_link(transaction, holder, address, purpose, now)
        return
    signs_in_elsewhere = account.origin is Origin.FRANCECONNECT
    kind = MessageKind.NOTIFICATION if signs_in_elsewhere else MessageKind.REMINDER
    queue_messages(transaction, [Draft(holder.account_id, kind, address)], now)


def _queue_link(
    transaction: Transaction, holder: Holder, email: str, purpose: Purpose, now: datetime
) -> None:
    opened = open_tickets(
        transaction, [holder.account_id], purpose, now, holder.account.distributed_on
    )
    [ticket] = opened.values()
    draft = Draft(holder.account_id, _KINDS[purpose], email, ticket.ticket_id)
    queue_messages(transaction, [draft], now)
