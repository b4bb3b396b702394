"""How staff sign in and are known from one request to the next."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from types import MappingProxyType

from dashboard.actions.selection import in_one_transaction
from dashboard.actions.throttle import Throttle, WrongPassword
from dashboard.credentials.links import Signer
from dashboard.credentials.passwords import hash_password, verify_password, weakness
from dashboard.domain.claims import StaffClaims
from dashboard.domain.credentials import (
    ACCOUNT_LIMITS,
    SOURCE_LIMITS,
    Password,
    normal_provisional,
)
from dashboard.domain.journal import StaffAction, StaffEntry
from dashboard.domain.places import academy_of, is_academy, normal_department
from dashboard.domain.problem import Refused, Unfit
from dashboard.domain.scope import AREAS, SCOPES, Area, Role, User
from dashboard.domain.source import network_of
from dashboard.domain.uai import normal_uai
from dashboard.store.attempts import forget_failures
from dashboard.store.engine import Store, Transaction
from dashboard.store.journal import write_staff_entry
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
    open_session,
    revoke_all,
    set_password_hash,
    set_profile,
    take_turn,
    touch_session,
)

_WRONG = "Identifiant ou mot de passe incorrect."
_EXPIRED = "Votre mot de passe provisoire a expiré. Demandez-en un autre à un administrateur."
_TOKEN_BYTES = 32
_DEMO = "demo:"  # no login has a colon
_TOUCHED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """How long a session lasts unused, and at most."""

    idle: timedelta = timedelta(hours=1)
    longest: timedelta = timedelta(hours=12)

    def is_over(self, session: Session, now: datetime) -> bool:
        return now - session.seen_at > self.idle or now - session.started_at > self.longest


class StaffDesk:
    """Signs staff in and out, and tells who a token's bearer is, as they are now."""

    def __init__(
        self,
        store: Store,
        signer: Signer,
        limits: SessionLimits,
        demo_users: Mapping[str, User] = MappingProxyType({}),
    ) -> None:
        self._demo_users = demo_users
        self._store = store
        self._signer = signer
        self._limits = limits
        self._throttle = Throttle(store)

    def sign_in(self, login: str, password: str, source: str, now: datetime) -> str:
        """Begin a session by login and password; its token, for the browser alone.

        With a provisional password, the session is one to choose another in (`must_choose`).

        Raises:
            WrongPassword: they do not go together, or the account is disabled.
            TooMany: of this login or from this source.
            Refused: the provisional password has expired.
        """
        login = normal_login(login)
        member = self._proved(login, password, source, now)
        if member.provisional_until is not None and member.provisional_until < now:
            raise Refused([_EXPIRED])
        return self._open(login, now)

    def _proved(self, login: str, password: str, source: str, now: datetime) -> Staff:
        subject = self._signer.subject(f"staff {login}")
        network = self._signer.subject(f"staff source {network_of(source)}")
        limits = {subject: ACCOUNT_LIMITS, network: SOURCE_LIMITS}
        with self._throttle.attempt(limits, now):
            member = find_staff(self._store, login)
            if not _is_right(password, member) or member is None:
                raise WrongPassword([_WRONG])
        in_one_transaction(self._store, lambda t: forget_failures(t, [subject]))
        return member

    def must_choose(self, token: str, now: datetime) -> bool:
        """Whether a token's bearer gets in once they have chosen a password of their own."""
        member = self.member(token, now)
        return member is not None and member.provisional_until is not None

    def choose_password(
        self, token: str, current: str, password: str, source: str, now: datetime
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
                self._proved(member.login, current, source, now)
            except WrongPassword as wrong:
                raise Unfit({"current": "Ce n'est pas votre mot de passe actuel."}) from wrong
        if _is_right(password, member):
            raise Unfit({"password": "Choisissez un autre mot de passe que celui que vous avez."})
        if weak := weakness(password, [member.login, member.name]):
            raise Unfit({"password": weak})
        made = hash_password(password, Password.CHOSEN)
        entry = StaffEntry(now, member.name, StaffAction.CHOOSE_PASSWORD, member.login)
        seen = member.password_hash

        def write(transaction: Transaction) -> None:
            take_turn(transaction)
            known = find_staff(transaction, member.login)
            if known is None or known.password_hash != seen:
                raise WrongPassword(["Votre mot de passe a été changé entre-temps."])
            set_password_hash(transaction, member.login, made, None)
            end_sessions(transaction, member.login, now)
            write_staff_entry(transaction, entry)

        in_one_transaction(self._store, write)
        return self._open(member.login, now)

    def enter(self, claims: StaffClaims, now: datetime) -> str:
        """Begin a session for whom a provider has signed in, with the role and places it states.

        Raises:
            WrongPassword: the account is disabled here, or is one with a password of ours.
        """
        login = normal_login(claims.login)
        member = find_staff(self._store, login)
        if member is not None and (member.disabled or member.password_hash):
            raise WrongPassword(["Ce compte n'est pas autorisé ici."])
        role = Role(claims.role.upper())
        places, _ = settled(self._store, _granted(role, claims.places))
        stated = Staff(login, claims.name, role, "", disabled=False, places=places)
        if member is None or _rights(member) != _rights(stated):
            in_one_transaction(self._store, lambda t: _write_profile(t, stated, member is None))
        return self._open(login, now)

    def enter_demo(self, user_id: str, now: datetime) -> str:
        """Begin a session as a user of the demonstration.

        Raises:
            WrongPassword: the demonstration has no such user.
        """
        if user_id not in self._demo_users:
            raise WrongPassword(["La démonstration n'a pas cet utilisateur."])
        return self._open(f"{_DEMO}{user_id}", now)

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
        session = find_session(self._store, key)
        if session is None or self._limits.is_over(session, now):
            return ""
        if is_active and now - session.seen_at > _TOUCHED_EVERY:
            in_one_transaction(self._store, lambda t: touch_session(t, key, now))
        return session.login

    def sign_out(self, token: str, now: datetime) -> None:
        """End the session of a token."""
        in_one_transaction(self._store, lambda t: end_session(t, _key(token), now))

    def _open(self, login: str, now: datetime) -> str:
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        in_one_transaction(self._store, lambda t: open_session(t, _key(token), login, now))
        return token


def _is_right(password: str, member: Staff | None) -> bool:
    stored = member.password_hash if member and not member.disabled else ""
    is_handed_out = member is not None and member.provisional_until is not None
    typed = normal_provisional(password) if is_handed_out else password
    return verify_password(typed, Password.CHOSEN, stored)


def normal_login(text: str) -> str:
    """A login as it is stored: no blanks around, in lower case."""
    return text.strip().lower()


def user_of(member: Staff) -> User:
    """The user that a member of staff is: their role over the places they are granted."""
    allowed = sorted((area, place) for area, place in member.places if area in AREAS[member.role])
    area = allowed[0][0] if allowed else Area.SCHOOLS
    places = tuple(place for one, place in allowed if one is area)
    scope = SCOPES[member.role](area, places)
    return User(member.login, member.name, member.role, scope, bool(member.password_hash))


def _granted(role: Role, places: Iterable[str]) -> frozenset[tuple[Area, str]]:
    """The places that a provider states, as far as the role takes such places."""
    known = {placed(place) for place in places}
    return frozenset((area, place) for area, place in known if area in AREAS[role])


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
    take_turn(transaction)
    if is_new:
        add_staff(transaction, stated)
        return
    set_profile(transaction, stated.login, stated.name, stated.role)
    revoke_all(transaction, stated.login)
    for area, place in sorted(stated.places):
        grant(transaction, stated.login, area, place)


def _key(token: str) -> str:
    return sha256(token.encode()).hexdigest()
