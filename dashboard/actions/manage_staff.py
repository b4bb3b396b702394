"""Administering the staff who sign in: adding, disabling, passwords, places."""

from collections.abc import Collection
from datetime import datetime

from dashboard.actions.staff_desk import normal_login
from dashboard.credentials.passwords import hash_password, weakness
from dashboard.domain.credentials import Password
from dashboard.domain.names import clean
from dashboard.domain.problem import Refused
from dashboard.domain.scope import AREAS, Area, Role
from dashboard.store.engine import Changed, Store
from dashboard.store.staff import (
    Staff,
    add_staff,
    end_sessions,
    find_staff,
    grant,
    revoke,
    set_disabled,
    set_password_hash,
)

Places = Collection[tuple[Area, str]]


def add(store: Store, login: str, name: str, role: Role, places: Places, password: str) -> None:
    """Add a member of staff with a password.

    Raises:
        Refused: with all that is wrong with the login, the places and the password.
    """
    login, name = normal_login(login), clean(name) or login
    reasons = [*_login_problems(store, login), *_place_problems(role, places)]
    if weak := weakness(password, [login, name]):
        reasons.append(weak)
    if reasons:
        raise Refused(reasons)
    made = hash_password(password, Password.CHOSEN)
    member = Staff(login, name, role, made, disabled=False, places=frozenset(places))
    try:
        with store.transaction() as transaction:
            add_staff(transaction, member)
    except Changed as error:
        raise Refused([_taken(login)]) from error


def change_password(store: Store, login: str, password: str, now: datetime) -> None:
    """Give a member of staff another password, and end their sessions.

    Raises:
        Refused: there is nobody of this login, or the password is weak.
    """
    member = _known(store, login)
    if weak := weakness(password, [member.login, member.name]):
        raise Refused([weak])
    with store.transaction() as transaction:
        set_password_hash(transaction, member.login, hash_password(password, Password.CHOSEN))
        end_sessions(transaction, member.login, now)


def disable(store: Store, login: str, now: datetime) -> int:
    """Let a member of staff sign in no more; how many sessions ended.

    Raises:
        Refused: there is nobody of this login.
    """
    member = _known(store, login)
    with store.transaction() as transaction:
        set_disabled(transaction, member.login, True)
        return end_sessions(transaction, member.login, now)


def enable(store: Store, login: str) -> None:
    """Let a disabled member of staff sign in again.

    Raises:
        Refused: there is nobody of this login.
    """
    member = _known(store, login)
    with store.transaction() as transaction:
        set_disabled(transaction, member.login, False)


def grant_places(store: Store, login: str, places: Places) -> None:
    """Grant a member of staff more places.

    Raises:
        Refused: there is nobody of this login, or their role takes no such places.
    """
    member = _known(store, login)
    areas = {area for area, _ in member.places}
    reasons = _place_problems(member.role, places)
    if areas - {area for area, _ in places}:
        reasons.append("Une personne a des lieux d'une seule sorte : retirez d'abord les autres.")
    if reasons:
        raise Refused(reasons)
    with store.transaction() as transaction:
        for area, place in places:
            grant(transaction, member.login, area, place)


def revoke_places(store: Store, login: str, places: Places) -> None:
    """Take places back from a member of staff; open pages lose them at their next request.

    Raises:
        Refused: there is nobody of this login, or they do not have one of the places.
    """
    member = _known(store, login)
    if missing := sorted(place for area, place in places if (area, place) not in member.places):
        raise Refused([f"{member.login} n'a pas {place}." for place in missing])
    with store.transaction() as transaction:
        for area, place in places:
            revoke(transaction, member.login, area, place)


def _known(store: Store, login: str) -> Staff:
    member = find_staff(store, normal_login(login))
    if member is None:
        raise Refused([f"Personne n'a l'identifiant « {login} »."])
    return member


def _login_problems(store: Store, login: str) -> list[str]:
    if not login or ":" in login or not login.isprintable() or len(login) > 100 or " " in login:
        return ["Identifiant vide, trop long, ou avec un blanc ou deux-points."]
    return [_taken(login)] if find_staff(store, login) else []


def _taken(login: str) -> str:
    return f"L'identifiant « {login} » est déjà pris."


def _place_problems(role: Role, places: Places) -> list[str]:
    areas = {area for area, _ in places}
    if areas - AREAS[role]:
        return [f"Le rôle « {role.label} » ne prend pas de lieux de cette sorte."]
    if len(areas) > 1:
        return ["Une personne a des lieux d'une seule sorte."]
    if AREAS[role] and not areas:
        return [f"Le rôle « {role.label} » demande au moins un lieu."]
    return []
