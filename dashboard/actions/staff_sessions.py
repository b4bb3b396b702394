"""How staff sign in and are known from one request to the next."""

import secrets
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from types import MappingProxyType

from dashboard.actions.batch import in_one_transaction
from dashboard.actions.steady import Elapsed, SteadyTime
from dashboard.actions.throttle import Throttle, WrongPassword
from dashboard.credentials.devices import device_of, with_device
from dashboard.credentials.links import STAFF_LINK, Signer
from dashboard.credentials.passwords import hash_password, verify_password, weakness
from dashboard.domain.academies import academy_of, is_academy, normal_department
from dashboard.domain.claims import StaffClaims
from dashboard.domain.credentials import (
    HELP_RULES,
    Attempt,
    Password,
    normal_provisional,
    staff_subject,
)
from dashboard.domain.directory import normal_uai
from dashboard.domain.email import parse_email
from dashboard.domain.errors import DeadLink, Refused, Unfit
from dashboard.domain.journal import StaffAction, StaffEntry
from dashboard.domain.message import MessageKind
from dashboard.domain.network import network_of
from dashboard.domain.scope import AREAS_OF, SCOPES, Area, Role, User
from dashboard.store.attempts import newest_failure
from dashboard.store.engine import Store, Transaction
from dashboard.store.journal import write_staff_entry
from dashboard.store.messages import (
    Draft,
    end_staff_tickets,
    login_of_ticket,
    open_staff_ticket,
    queue_messages,
)
from dashboard.store.schools import departments_of
from dashboard.store.staff import (
    Session,
    Staff,
    add_staff,
    end_session,
    end_sessions,
    find_session,
    find_staff,
    grant,
    has_passwords,
    newest_session,
    open_session,
    provided_login,
    revoke_all,
    set_password_hash,
    set_profile,
    staff_to_help,
    take_turn,
    touch_session,
)

_WRONG = "Identifiant ou mot de passe incorrect."
_EXPIRED = "Votre mot de passe provisoire a expiré. Demandez-en un autre à un administrateur."
_TOKEN_BYTES = 32
_DEMO = "demo:"  # no login has a colon
_TOUCHED_EVERY = timedelta(minutes=1)
_LONGEST_LOGIN = 320


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """How long a session lasts unused, and at most."""

    idle: timedelta = timedelta(hours=1)
    longest: timedelta = timedelta(hours=12)

    def is_over(self, session: Session, now: datetime) -> bool:
        """Whether it is at this steady time; also if it was used later, by a clock that was wrong.

        Another thread may have read the time a moment later.
        """
        idle = now - session.seen_at
        return not -_TOUCHED_EVERY <= idle <= self.idle or now - session.started_at > self.longest


class StaffSessions:
    """Signs staff in and out, and tells who a token's bearer is, as they are now."""

    def __init__(
        self,
        store: Store,
        signer: Signer,
        limits: SessionLimits,
        demo_users: Mapping[str, User] = MappingProxyType({}),
        elapsed: Elapsed = time.monotonic,
    ) -> None:
        self._demo_users = demo_users
        self._store = store
        self._signer = signer
        self._limits = limits
        self._steady = SteadyTime(self._latest, elapsed)
        self._throttle = Throttle(store, self._steady)

    def _latest(self, until: datetime) -> datetime | None:
        """When something that lasts was last written, of what was up to a time."""
        found = newest_failure(self._store, until), newest_session(self._store, until)
        return max((moment for moment in found if moment), default=None)

    def sign_in(
        self, login: str, password: str, source: str, now: datetime, devices: str = ""
    ) -> str:
        """Begin a session by login and password; its token, for the browser alone.

        With a provisional password, the session is one to choose another in (`must_choose`).
        `devices` is the cookie of `remember`, by which strangers' guesses are no matter.

        Raises:
            WrongPassword: they do not go together, or the account is disabled.
            TooMany: of this login or from this source.
            Refused: the provisional password has expired.
        """
        login = normal_login(login)
        known = find_staff(self._store, login)
        subject = self._counted(login, known)
        device = device_of(self._signer, subject, devices)
        member = self._proved(known, password, Attempt(subject, self._source(source), device), now)
        if member.provisional_until is not None and member.provisional_until < now:
            raise Refused([_EXPIRED])
        return self._open(login, now)

    def remember(self, token: str, devices: str, now: datetime) -> str:
        """The cookie of a device, once the bearer of a token has signed in there by password."""
        member = self.member(token, now)
        if member is None or not member.password_hash:
            return devices
        return with_device(self._signer, staff_subject(member.login), devices)

    def _counted(self, login: str, known: Staff | None) -> str:
        """What failures are counted under; what nobody's login is may be anybody's password."""
        return staff_subject(login) if known else self._signer.subject(f"staff {login}")

    def _source(self, source: str, use: str = "") -> str:
        return self._signer.subject(f"staff {use}source {network_of(source)}")

    def _proved(self, known: Staff | None, password: str, attempt: Attempt, now: datetime) -> Staff:
        with self._throttle.attempt(attempt, now):
            if not _is_right(password, known) or known is None:
                raise WrongPassword([_WRONG])
        return known

    def must_choose(self, token: str, now: datetime) -> bool:
        """Whether a token's bearer gets in once they have chosen a password of their own."""
        member = self.member(token, now)
        return member is not None and member.provisional_until is not None

    def choose_password(
        self,
        token: str,
        current: str,
        password: str,
        source: str,  # noqa: ARG002  # counts are the session's
        now: datetime,
    ) -> str:
        """Give the bearer of a token a password of their own; the token of a new session.

        Every other session of theirs ends. Who came by a provisional password has just proved who
        they are; everybody else proves it by the password they have.

        Raises:
            Unfit: the password is weak, or the one they have is wrong.
            WrongPassword: the session has ended, or is of nobody with a password of ours.
            TooMany: wrong passwords.
        """
        member = self.member(token, now)
        if member is None or not member.password_hash:
            raise WrongPassword(["Votre connexion est terminée."])
        if member.provisional_until is None:
            try:
                # Who has a session is no stranger, whatever strangers try meanwhile.
                here = Attempt(staff_subject(member.login), device=f"session:{_key(token)}")
                self._proved(member, current, here, now)
            except WrongPassword as wrong:
                raise Unfit({"current": "Ce n'est pas votre mot de passe actuel."}) from wrong
        if _is_right(password, member):
            raise Unfit({"password": "Choisissez un autre mot de passe que celui que vous avez."})
        self._replace_password(member, password, StaffAction.CHOOSE_PASSWORD, now)
        return self._open(member.login, now)

    def _replace_password(
        self, member: Staff, password: str, action: StaffAction, now: datetime, ticket: int = 0
    ) -> None:
        """Write a password of one's own, if the one before, or the ticket, is still good."""
        if weak := weakness(password, [member.login, member.name, *_parts(member.email)]):
            raise Unfit({"password": weak})
        made = hash_password(password, Password.CHOSEN)
        entry = StaffEntry(now, member.name, action, member.login)

        def write(transaction: Transaction) -> None:
            take_turn(transaction, member.login)
            if ticket and login_of_ticket(transaction, ticket, now) != member.login:
                raise DeadLink
            known = find_staff(transaction, member.login)
            if known is None or known.password_hash != member.password_hash:
                raise WrongPassword(["Votre mot de passe a été changé entre-temps."])
            set_password_hash(transaction, member.login, made, None)
            end_staff_tickets(transaction, member.login, now)
            end_sessions(transaction, member.login, now)
            write_staff_entry(transaction, entry)

        in_one_transaction(self._store, write)

    def ask_for_help(self, typed: str, source: str, now: datetime) -> str:
        """Hear that a password was forgotten; what `send_help` then takes.

        Whether anybody has the login or the e-mail changes neither the answer nor its time.

        Raises:
            TooMany: requests from this source, or for this login or e-mail.
        """
        wanted = normal_login(typed)[:_LONGEST_LOGIN]
        subject = self._signer.subject(f"staff help {wanted}")
        request = Attempt(subject, self._source(source, "help "), rules=HELP_RULES)
        self._throttle.count(request, now)
        return wanted

    def send_help(self, wanted: str, now: datetime) -> None:
        """Write to those of a login, or of an e-mail, a link to choose another password by.

        Who has no e-mail here, or is signed in by a provider, is not written to. Its time tells
        whether there is somebody: nobody who asked may wait for it.
        """
        for member in staff_to_help(self._store, wanted, _email(wanted)):
            in_one_transaction(self._store, partial(_queue, member=member, now=now))

    def recovering(self, token: str, now: datetime) -> Staff:
        """Whose password the link with this token replaces; looking does not use it up.

        Raises:
            DeadLink: it was used, revoked or made up, has expired, or is of somebody disabled.
        """
        number = self._signer.number(STAFF_LINK, token)
        login = "" if number is None else login_of_ticket(self._store, number, now)
        member = self._member(login)
        if member is None:
            raise DeadLink
        return member

    def recover(self, token: str, password: str, now: datetime) -> str:
        """Replace a forgotten password, by a link; the token of a new session.

        Raises:
            DeadLink: as `recovering` does.
            Unfit: the password is weak.
        """
        member, number = self.recovering(token, now), self._signer.number(STAFF_LINK, token)
        self._replace_password(member, password, StaffAction.RECOVER, now, number or 0)
        return self._open(member.login, now)

    def enter(self, claims: StaffClaims, now: datetime) -> str:
        """Begin a session for whom a provider has signed in, with the role and places it states.

        They are known by the subject exactly as the provider writes it, whatever logins of ours
        there are: in another case, it is another person's.

        Raises:
            WrongPassword: the account is disabled here.
        """
        login = provided_login(claims.login)
        member = find_staff(self._store, login)
        if _is_out(member) or _is_out(self._folded(claims.login)):
            raise WrongPassword(["Ce compte n'est pas autorisé ici."])
        role = Role(claims.role.upper())
        places, _ = settled(self._store, _granted(role, claims.places))
        stated = Staff(login, claims.name, role, "", disabled=False, places=places)
        if member is None or _rights(member) != _rights(stated):
            in_one_transaction(self._store, lambda t: _write_profile(t, stated, member is None))
        return self._open(login, now)

    def _folded(self, subject: str) -> Staff | None:
        """Who this may have been while subjects were kept in lower case."""
        member = find_staff(self._store, provided_login(subject.lower()))
        return member if member and member.folded else None

    def enter_demo(self, user_id: str, now: datetime) -> str:
        """Begin a session as a user of the demonstration.

        Raises:
            WrongPassword: the demonstration has no such user.
        """
        if user_id not in self._demo_users:
            raise WrongPassword(["La démonstration n'a pas cet utilisateur."])
        return self._open(f"{_DEMO}{user_id}", now)

    @property
    def demo_users(self) -> list[User]:
        """Who anybody may enter the demonstration as."""
        return list(self._demo_users.values())

    def has_accounts(self) -> bool:
        """Whether anybody can sign in by password."""
        return has_passwords(self._store)

    def who(self, token: str, now: datetime, is_active: bool = True) -> User | None:
        """The user whose token this is; ``None`` once the session or the user has ended.

        Asked for what the user does (`is_active`), it makes the session last.
        """
        login = self._login(token, now, is_active)
        if login.startswith(_DEMO):
            return self._demo_users.get(login.removeprefix(_DEMO))
        member = self._member(login)
        return user_of(member) if member and member.provisional_until is None else None

    def member(self, token: str, now: datetime) -> Staff | None:
        """The member of staff whose token this is, also while they must choose a password."""
        return self._member(self._login(token, now, is_active=True))

    def _member(self, login: str) -> Staff | None:
        member = find_staff(self._store, login) if login else None
        return member if member and not member.disabled else None

    def _login(self, token: str, now: datetime, is_active: bool) -> str:
        """Whose session a token is of; empty if of none that lasts."""
        key = _key(token)
        session, at = find_session(self._store, key), self._steady.at(now)
        if session is None or self._limits.is_over(session, at):
            return ""
        if is_active and at - session.seen_at > _TOUCHED_EVERY:
            in_one_transaction(self._store, lambda t: touch_session(t, key, at))
        return session.login

    def sign_out(self, token: str, now: datetime) -> None:
        """End the session of a token."""
        in_one_transaction(self._store, lambda t: end_session(t, _key(token), now))

    def _open(self, login: str, now: datetime) -> str:
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        at = self._steady.at(now)
        in_one_transaction(self._store, lambda t: open_session(t, _key(token), login, now, at))
        return token


def _is_out(member: Staff | None) -> bool:
    return member is not None and member.disabled


def _is_right(password: str, member: Staff | None) -> bool:
    stored = member.password_hash if member and not member.disabled else ""
    is_handed_out = member is not None and member.provisional_until is not None
    typed = normal_provisional(password) if is_handed_out else password
    return verify_password(typed, Password.CHOSEN, stored)


def normal_login(text: str) -> str:
    """A login of ours as it is stored: no blanks around, in lower case."""
    return text.strip().lower()


def find_typed(source: Store | Transaction, text: str) -> Staff | None:
    """The member of staff whose login somebody typed: one of ours, or a provider's subject.

    Raises:
        Refused: it may be either.
    """
    bare = text.strip()
    spelt = dict.fromkeys((bare, normal_login(bare), provided_login(bare)))
    found = [member for one in spelt if (member := find_staff(source, one))]
    if len(found) > 1:
        each = " ou ".join(member.login for member in found)
        raise Refused([f"Plusieurs personnes peuvent être « {bare} » : {each} ?"])
    return found[0] if found else None


def _parts(email: str) -> list[str]:
    return [email, *email.split("@")]


def _email(typed: str) -> str:
    """The e-mail that was typed; one that nobody has where it is none."""
    try:
        return parse_email(typed) or "-"
    except ValueError:
        return "-"


def _queue(transaction: Transaction, *, member: Staff, now: datetime) -> None:
    """Queue the message by which a member of staff recovers, if they are still as they were."""
    if find_staff(transaction, member.login) != member:
        return
    ticket = open_staff_ticket(transaction, member.login, now)
    queue_messages(transaction, [Draft(0, MessageKind.RECOVERY, member.email, ticket)], now)


def user_of(member: Staff) -> User:
    """The user that a member of staff is: their role over the places they are granted."""
    allowed = sorted(
        (area, place) for area, place in member.places if area in AREAS_OF[member.role]
    )
    area = allowed[0][0] if allowed else Area.SCHOOLS
    places = tuple(place for one, place in allowed if one is area)
    scope = SCOPES[member.role](area, places)
    return User(member.login, member.name, member.role, scope, bool(member.password_hash))


def _granted(role: Role, places: Iterable[str]) -> frozenset[tuple[Area, str]]:
    """The places that a provider states, as far as the role takes such places."""
    known = {placed(place) for place in places}
    return frozenset((area, place) for area, place in known if area in AREAS_OF[role])


def placed(place: str) -> tuple[Area, str]:
    """What a place is: a school by its UAI, a département by its code, an academy, a district."""
    try:
        return Area.SCHOOLS, normal_uai(place)
    except ValueError:
        department = normal_department(place)
    if academy_of(department):
        return Area.DEPARTMENT, department
    return (Area.ACADEMY if is_academy(place) else Area.DISTRICT), place


def settled(
    source: Store | Transaction, places: Iterable[tuple[Area, str]]
) -> tuple[frozenset[tuple[Area, str]], list[str]]:
    """The places, each district with its département, and why others are left out.

    Left out are districts that no school is in, and names that several départements have: what is
    granted must not grow when a district of the same name appears elsewhere.
    """
    found: set[tuple[Area, str]] = set()
    reasons = []
    for area, name in sorted(places):
        if area is not Area.DISTRICT:
            found.add((area, name))
            continue
        match departments_of(source, name):
            case []:
                reasons.append(f"Aucun établissement connu n'est de la circonscription « {name} ».")
            case [department]:
                found.add((area, f"{department}/{name.removeprefix(f'{department}/')}"))
            case several:
                each = " ou ".join(f"{department}/{name}" for department in several)
                reasons.append(f"Plusieurs circonscriptions s'appellent « {name} » : {each} ?")
    return frozenset(found), reasons


def _rights(member: Staff) -> tuple[object, ...]:
    return member.name, member.role, member.places


def _write_profile(transaction: Transaction, stated: Staff, is_new: bool) -> None:
    take_turn(transaction, stated.login)
    if is_new:
        add_staff(transaction, stated)
        return
    set_profile(transaction, stated.login, stated.name, stated.role)
    revoke_all(transaction, stated.login)
    for area, place in sorted(stated.places):
        grant(transaction, stated.login, area, place)


def _key(token: str) -> str:
    return sha256(token.encode()).hexdigest()
