"""Managing the staff who sign in: adding, disabling, passwords, roles and places.

Everything takes the `StaffScope` of who asks, and is written with its entry in the journal.
"""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import TypeVar

from dashboard.actions.batch import in_one_transaction
from dashboard.actions.staff_sessions import find_typed, normal_login, placed, settled
from dashboard.credentials.passwords import hash_password, provisional_password, weakness
from dashboard.domain.credentials import Password, normal_provisional
from dashboard.domain.directory import normal_uai
from dashboard.domain.email import parse_email
from dashboard.domain.errors import Refused
from dashboard.domain.journal import GUARDIAN, IMPORT, StaffAction, StaffEntry
from dashboard.domain.names import clean
from dashboard.domain.scope import AREAS_OF, Area, Role, StaffScope
from dashboard.store.engine import Store, Transaction
from dashboard.store.journal import write_staff_entry
from dashboard.store.messages import end_staff_tickets
from dashboard.store.staff import (
    Staff,
    add_staff,
    count_administrators,
    end_sessions,
    find_staff,
    grant,
    revoke_all,
    set_disabled,
    set_password_hash,
    set_profile,
    take_turn,
)
from dashboard.store.staff import set_email as set_staff_email

PROVISIONAL_FOR = timedelta(days=7)
Places = Collection[tuple[Area, str]]
_T = TypeVar("_T")
_LONGEST = 100
_LAST = "C'est le dernier administrateur : donnez d'abord ce rôle à une autre personne."


def add(
    store: Store,
    scope: StaffScope,
    now: datetime,
    login: str,
    name: str,
    role: Role,
    places: Places,
    password: str | None = None,
    email: str = "",
) -> str:
    """Add a member of staff; the password they have, a provisional one unless one is given.

    Who forgets their password is written to at `email`.

    Raises:
        Refused: with all that is wrong with the login, the name, the places, the password and the
            e-mail.
    """
    login, name = normal_login(login), clean(name) or login
    reasons = [*_login_problems(login), *_name_problems(name), *_place_problems(role, places)]
    if password is not None and (weak := weakness(password, [login, name])):
        reasons.append(weak)
    address, wrong = _address(email)
    reasons += wrong
    if find_staff(store, login):
        reasons.append(_taken(login))
    if reasons:
        raise Refused(reasons)
    given, made, until = _password(password, now)

    def write(transaction: Transaction) -> None:
        take_turn(transaction, login)
        if find_staff(transaction, login):
            raise Refused([_taken(login)])
        granted = _settled(transaction, places)
        member = Staff(login, name, role, made, False, frozenset(granted), until, email=address)
        add_staff(transaction, member)
        _note(transaction, scope, now, StaffAction.ADD, login, rights_text(role, granted))

    in_one_transaction(store, write)
    return given


def reset_password(
    store: Store, scope: StaffScope, now: datetime, login: str, password: str | None = None
) -> str:
    """Give a member of staff another password, as `add` does, and end their sessions.

    Raises:
        Refused: there is nobody of this login, their provider signs them in, or it is weak.
    """
    known = _known(store, login)
    if password is not None and (weak := weakness(password, [known.login, known.name])):
        raise Refused([weak])
    given, made, until = _password(password, now)

    def write(transaction: Transaction, member: Staff) -> None:
        _refuse_provided(member, "Le mot de passe")
        set_password_hash(transaction, member.login, made, until)
        end_staff_tickets(transaction, member.login, now)
        end_sessions(transaction, member.login, now)
        _note(transaction, scope, now, StaffAction.RESET_PASSWORD, member.login)

    _change(store, login, write)
    return given


def set_email(store: Store, scope: StaffScope, now: datetime, login: str, email: str) -> None:
    """Give a member of staff another e-mail, or none; links sent to the one before are revoked.

    Raises:
        Refused: there is nobody of this login, their provider signs them in, or it is no e-mail.
    """
    address, wrong = _address(email)
    if wrong:
        raise Refused(wrong)

    def write(transaction: Transaction, member: Staff) -> None:
        _refuse_provided(member, "L'adresse électronique")
        if address == member.email:
            return
        set_staff_email(transaction, member.login, address)
        end_staff_tickets(transaction, member.login, now)
        _note(transaction, scope, now, StaffAction.SET_EMAIL, member.login)

    _change(store, login, write)


def disable(store: Store, scope: StaffScope, now: datetime, login: str) -> int:
    """Let a member of staff sign in no more; how many sessions ended.

    Raises:
        Refused: there is nobody of this login, it is the asker, or the last administrator.
    """

    def write(transaction: Transaction, member: Staff) -> int:
        if member.login == scope.login:
            raise Refused(["Vous ne pouvez pas désactiver votre propre compte."])
        _keep_one_administrator(transaction, member)
        if not member.disabled:
            set_disabled(transaction, member.login, True)
            end_staff_tickets(transaction, member.login, now)
            _note(transaction, scope, now, StaffAction.DISABLE, member.login)
        return end_sessions(transaction, member.login, now)

    return _change(store, login, write)


def enable(store: Store, scope: StaffScope, now: datetime, login: str) -> None:
    """Let a disabled member of staff sign in again.

    Raises:
        Refused: there is nobody of this login.
    """

    def write(transaction: Transaction, member: Staff) -> None:
        if member.disabled:
            set_disabled(transaction, member.login, False)
            _note(transaction, scope, now, StaffAction.ENABLE, member.login)

    _change(store, login, write)


def set_rights(
    store: Store, scope: StaffScope, now: datetime, login: str, role: Role, places: Places
) -> None:
    """Give a member of staff this role and these places, in place of those they had.

    Raises:
        Refused: there is nobody of this login, their provider states their rights, the role takes
            no such places, or the last administrator would no longer be one.
    """
    _set_rights(store, scope, now, login, lambda _: (role, places))


def grant_places(
    store: Store, scope: StaffScope, now: datetime, login: str, places: Places
) -> None:
    """Grant a member of staff more places.

    Raises:
        Refused: as `set_rights`.
    """
    _set_rights(store, scope, now, login, lambda member: (member.role, {*member.places, *places}))


def revoke_places(
    store: Store, scope: StaffScope, now: datetime, login: str, places: Places
) -> None:
    """Take places back from a member of staff, who may be left with none.

    Raises:
        Refused: as `set_rights`, or they do not have one of the places.
    """

    def less(member: Staff) -> tuple[Role, Places]:
        named = {(area, name): _named(member.places, area, name) for area, name in places}
        if missing := sorted(name for (_, name), held in named.items() if not held):
            raise Refused([f"{member.login} n'a pas {name}." for name in missing])
        return member.role, member.places.difference(*named.values())

    _set_rights(store, scope, now, login, less, may_be_none=True)


def _named(places: Places, area: Area, name: str) -> set[tuple[Area, str]]:
    """Those of the places that have this name; a district may be named without its département."""
    return {
        (kind, held)
        for kind, held in places
        if kind is area and name in (held, *([held.partition("/")[2]] if "/" in held else []))
    }


def read_places(role: Role, texts: Collection[str]) -> frozenset[tuple[Area, str]]:
    """The places that a role is to have, as they are typed: UAIs for who is of schools.

    Raises:
        Refused: with all that are none.
    """
    found, reasons = set(), []
    for text in map(clean, texts):
        if not text:
            continue
        try:
            is_school = AREAS_OF[role] == {Area.SCHOOLS}
            found.add((Area.SCHOOLS, normal_uai(text)) if is_school else placed(text))
        except ValueError as error:
            reasons.append(str(error))
    if reasons:
        raise Refused(reasons)
    return frozenset(found)


def rights_text(role: Role, places: Places) -> str:
    """A role and its places as they are read."""
    return ", ".join([role.label, *sorted(place for _, place in places)])


def _set_rights(
    store: Store,
    scope: StaffScope,
    now: datetime,
    login: str,
    wanted: Callable[[Staff], tuple[Role, Places]],
    may_be_none: bool = False,
) -> None:
    def write(transaction: Transaction, member: Staff) -> None:
        _refuse_provided(member, "Le rôle et les lieux")
        role, places = wanted(member)
        if reasons := _place_problems(role, places, may_be_none):
            raise Refused(reasons)
        places = _settled(transaction, places, member.places)
        if (role, frozenset(places)) == (member.role, member.places):
            return
        if role is not Role.ADMINISTRATOR:
            _keep_one_administrator(transaction, member)
        set_profile(transaction, member.login, member.name, role)
        revoke_all(transaction, member.login)
        for area, place in sorted(places):
            grant(transaction, member.login, area, place)
        before, after = rights_text(member.role, member.places), rights_text(role, places)
        _note(
            transaction,
            scope,
            now,
            StaffAction.SET_RIGHTS,
            member.login,
            f"{before} → {after}",
        )

    _change(store, login, write)


def _change(store: Store, login: str, write: Callable[[Transaction, Staff], _T]) -> _T:
    """Write a change of a member of staff as they are, one change after the other."""

    def in_turn(transaction: Transaction) -> _T:
        take_turn(transaction, login)
        return write(transaction, _known(transaction, login))

    return in_one_transaction(store, in_turn)


def _known(source: Store | Transaction, login: str) -> Staff:
    member = find_typed(source, login)
    if member is None:
        raise Refused([f"Personne n'a l'identifiant « {login} »."])
    return member


def _note(
    transaction: Transaction,
    scope: StaffScope,
    now: datetime,
    action: StaffAction,
    login: str,
    detail: str = "",
) -> None:
    write_staff_entry(transaction, StaffEntry(now, scope.label, action, login, detail))


def _keep_one_administrator(transaction: Transaction, member: Staff) -> None:
    is_one = member.role is Role.ADMINISTRATOR and not member.disabled
    if is_one and count_administrators(transaction) == 1:
        raise Refused([_LAST])


def _refuse_provided(member: Staff, what: str) -> None:
    if not member.password_hash:
        raise Refused(
            [f"{what} de {member.login} : c'est son fournisseur d'identité qui en décide."]
        )


def _password(chosen: str | None, now: datetime) -> tuple[str, str, datetime | None]:
    """A password, its hash, and until when it is provisional."""
    if chosen is not None:
        return chosen, hash_password(chosen, Password.CHOSEN), None
    drawn = provisional_password()
    # With the parameters of a chosen one, so that the time it takes does not tell which it is.
    made = hash_password(normal_provisional(drawn), Password.CHOSEN)
    return drawn, made, now + PROVISIONAL_FOR


def _login_problems(login: str) -> list[str]:
    if (
        not login
        or ":" in login
        or not login.isprintable()
        or len(login) > _LONGEST
        or " " in login
    ):
        return ["Identifiant vide, trop long, ou avec un blanc ou deux-points."]
    return []


def _name_problems(name: str) -> list[str]:
    if name.casefold() in (GUARDIAN, IMPORT):
        return [f"« {name} » est un nom réservé au journal."]
    return [f"Nom trop long : {_LONGEST} caractères au plus."] if len(name) > _LONGEST else []


def _address(email: str) -> tuple[str, list[str]]:
    """An e-mail as it is stored, and what is wrong with it."""
    try:
        return parse_email(email), []
    except ValueError as error:
        reason = str(error)
        return "", [f"{reason[:1].upper()}{reason[1:]}"]


def _taken(login: str) -> str:
    return f"L'identifiant « {login} » est déjà pris."


def _settled(transaction: Transaction, places: Places, held: Places = frozenset()) -> Places:
    """The places as they are granted; those that are held already stay as they are."""
    kept = set(places) & set(held)
    found, reasons = settled(transaction, set(places) - kept)
    if reasons:
        raise Refused(reasons)
    return kept | found


def _place_problems(role: Role, places: Places, may_be_none: bool = False) -> list[str]:
    areas = {area for area, _ in places}
    if any(len(place) > _LONGEST for _, place in places):
        return [f"Lieu trop long : {_LONGEST} caractères au plus."]
    if areas - AREAS_OF[role]:
        return [f"Le rôle « {role.label} » ne prend pas de lieux de cette sorte."]
    if len(areas) > 1:
        return ["Une personne a des lieux d'une seule sorte : retirez d'abord les autres."]
    if AREAS_OF[role] and not areas and not may_be_none:
        return [f"Le rôle « {role.label} » demande au moins un lieu."]
    return []
