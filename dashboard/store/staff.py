"""The staff who sign in: who they are, the places they are granted, and their sessions."""

from dataclasses import dataclass
from datetime import datetime

from dashboard.domain.scope import Area, Role
from dashboard.store.engine import Changed, Row, Store, Transaction


@dataclass(frozen=True, slots=True)
class Staff:
    """A member of staff; `password_hash` is empty for those whom a provider signs in."""

    login: str
    name: str
    role: Role
    password_hash: str
    disabled: bool
    places: frozenset[tuple[Area, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in of a member of staff, until it ends."""

    login: str
    started_at: datetime
    seen_at: datetime


def staff(store: Store) -> list[Staff]:
    """Everybody, by login."""
    rows = store.rows("SELECT login, name, role, password_hash, disabled FROM staff ORDER BY login")
    return [_staff(store, row) for row in rows]


def find_staff(store: Store, login: str) -> Staff | None:
    """The member of staff of this login."""
    rows = store.rows(
        "SELECT login, name, role, password_hash, disabled FROM staff WHERE login = $1", [login]
    )
    return _staff(store, rows[0]) if rows else None


def _staff(store: Store, row: Row) -> Staff:
    login, name, role, password_hash, disabled = row
    places = store.rows("SELECT area, place FROM staff_place WHERE login = $1", [login])
    granted = frozenset((Area(area), place) for area, place in places)
    return Staff(login, name, Role(role), password_hash, disabled, granted)


def add_staff(transaction: Transaction, member: Staff) -> None:
    """Write a new member of staff and their places.

    Raises:
        Changed: the login is taken.
    """
    values = [member.login, member.name, member.role.value, member.password_hash, member.disabled]
    transaction.write("INSERT INTO staff VALUES ($1, $2, $3, $4, $5)", values)
    for area, place in sorted(member.places):
        grant(transaction, member.login, area, place)


def set_password_hash(transaction: Transaction, login: str, password_hash: str) -> None:
    """Give a member of staff another password."""
    _one(
        transaction.write(
            "UPDATE staff SET password_hash = $1 WHERE login = $2", [password_hash, login]
        )
    )


def set_disabled(transaction: Transaction, login: str, disabled: bool) -> None:
    """Let a member of staff sign in no more, or again."""
    _one(transaction.write("UPDATE staff SET disabled = $1 WHERE login = $2", [disabled, login]))


def set_profile(transaction: Transaction, login: str, name: str, role: Role) -> None:
    """Give a member of staff the name and role that their provider states."""
    values = [name, role.value, login]
    _one(transaction.write("UPDATE staff SET name = $1, role = $2 WHERE login = $3", values))


def _one(written: int) -> None:
    if written != 1:
        raise Changed


def grant(transaction: Transaction, login: str, area: Area, place: str) -> None:
    """Grant a place; granted twice, it is granted once."""
    revoke(transaction, login, area, place)
    transaction.write("INSERT INTO staff_place VALUES ($1, $2, $3)", [login, area.value, place])


def revoke(transaction: Transaction, login: str, area: Area, place: str) -> int:
    """Take a place back; how many grants there were."""
    return transaction.write(
        "DELETE FROM staff_place WHERE login = $1 AND area = $2 AND place = $3",
        [login, area.value, place],
    )


def revoke_all(transaction: Transaction, login: str) -> None:
    """Take every place back."""
    transaction.write("DELETE FROM staff_place WHERE login = $1", [login])


def open_session(transaction: Transaction, key: str, login: str, now: datetime) -> None:
    """Begin a session that is known by this key."""
    transaction.write("INSERT INTO staff_session VALUES ($1, $2, $3, $3, NULL)", [key, login, now])


def find_session(store: Store, key: str) -> Session | None:
    """The session of this key, if it has not been ended."""
    rows = store.rows(
        "SELECT login, started_at, seen_at FROM staff_session "
        "WHERE session_key = $1 AND ended_at IS NULL",
        [key],
    )
    return Session(*rows[0]) if rows else None


def touch_session(transaction: Transaction, key: str, now: datetime) -> None:
    """Write that a session was used."""
    transaction.write("UPDATE staff_session SET seen_at = $1 WHERE session_key = $2", [now, key])


def end_session(transaction: Transaction, key: str, now: datetime) -> None:
    """End one session."""
    transaction.write(
        "UPDATE staff_session SET ended_at = $1 WHERE session_key = $2 AND ended_at IS NULL",
        [now, key],
    )


def end_sessions(transaction: Transaction, login: str, now: datetime) -> int:
    """End every session of a member of staff; how many there were."""
    return transaction.write(
        "UPDATE staff_session SET ended_at = $1 WHERE login = $2 AND ended_at IS NULL",
        [now, login],
    )


def trim_sessions(transaction: Transaction, before: datetime) -> int:
    """Delete the sessions last used before a time; how many there were."""
    return transaction.write("DELETE FROM staff_session WHERE seen_at < $1", [before])
