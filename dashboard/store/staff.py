"""The staff who sign in: who they are, the places they are granted, and their sessions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dashboard.domain.credentials import staff_subject
from dashboard.domain.scope import Area, Role, StaffScope
from dashboard.store.attempts import lift_locks
from dashboard.store.engine import Changed, Row, Store, Transaction
from dashboard.store.params import Params


@dataclass(frozen=True, slots=True)
class Staff:
    """A member of staff; `password_hash` is empty for those whom a provider signs in.

    Until `provisional_until`, a password that was handed out lets in to choose another. `email` is
    where who forgot their password is written to. The login of those whom a provider signs in is
    `provided_login`, which `folded` says was kept in lower case.
    """

    login: str
    name: str
    role: Role
    password_hash: str
    disabled: bool
    places: frozenset[tuple[Area, str]] = frozenset()
    provisional_until: datetime | None = None
    last_sign_in_at: datetime | None = None
    email: str = ""
    folded: bool = False

    @property
    def state(self) -> str:
        """Whether they may sign in, and how, as it is read."""
        if self.disabled:
            return "désactivé"
        if not self.password_hash:
            return "par le fournisseur d'identité"
        return "mot de passe provisoire" if self.provisional_until else "actif"


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in of a member of staff, until it ends."""

    login: str
    started_at: datetime
    seen_at: datetime


_COLUMNS = (
    "login, name, role, password_hash, disabled, provisional_until, last_sign_in_at, email, folded"
)
_PROVIDED = "openid:"  # no login of ours has a colon


def provided_login(subject: str) -> str:
    """The login of whom a provider signs in: its subject as it is, apart from logins of ours."""
    return f"{_PROVIDED}{subject}"


def listed_staff(
    store: Store,
    scope: StaffScope,  # noqa: ARG001  # of all the staff: who has one sees everybody
    search: str = "",
    limit: int | None = None,
    offset: int = 0,
) -> list[Staff]:
    """Those whose login, name or place has all the words searched for, by login."""
    chosen, parameters = _searched(search)
    page = "" if limit is None else f" LIMIT {limit:d} OFFSET {offset:d}"
    rows = store.rows(f"SELECT {_COLUMNS} {chosen} ORDER BY login{page}", parameters)
    return _staff(store, rows)


def count_staff(
    store: Store,
    scope: StaffScope,  # noqa: ARG001  # as for `listed_staff`
    search: str = "",
) -> int:
    """How many `listed_staff` has."""
    chosen, parameters = _searched(search)
    [(count,)] = store.rows(f"SELECT count(*) {chosen}", parameters)
    return int(count)


_SAID = (
    "lower(staff.login || ' ' || staff.name || ' ' || coalesce((SELECT string_agg(place, ' ') "
    "FROM staff_place WHERE staff_place.login = staff.login), ''))"
)


def _searched(search: str) -> tuple[str, list[object]]:
    params = Params()
    words = [f"AND strpos({_SAID}, {params.add(word)}) > 0" for word in search.lower().split()]
    return f"FROM staff WHERE TRUE {' '.join(words)}", params.values


def find_staff(source: Store | Transaction, login: str) -> Staff | None:
    """The member of staff of this login."""
    rows = source.rows(f"SELECT {_COLUMNS} FROM staff WHERE login = $1", [login])
    found = _staff(source, rows)
    return found[0] if found else None


def _staff(source: Store | Transaction, rows: Sequence[Row]) -> list[Staff]:
    granted: dict[str, set[tuple[Area, str]]] = {row[0]: set() for row in rows}
    for login, area, place in source.rows(
        "SELECT login, area, place FROM staff_place WHERE login IN (SELECT unnest($1::TEXT[]))",
        [list(granted)],
    ):
        granted[login].add((Area(area), place))
    return [
        Staff(
            login,
            name,
            Role(role),
            password_hash,
            disabled,
            frozenset(granted[login]),
            *rest,
        )
        for login, name, role, password_hash, disabled, *rest in rows
    ]


def staff_to_help(store: Store, login: str, email: str) -> list[Staff]:
    """Those of this login, or of this e-mail, who have a password of ours and an e-mail."""
    rows = store.rows(
        f"SELECT {_COLUMNS} FROM staff WHERE (login = $1 OR email = $2) AND email <> '' "
        "AND password_hash <> '' AND NOT disabled ORDER BY login",
        [login, email],
    )
    return _staff(store, rows)


def has_staff(store: Store) -> bool:
    """Whether there is anybody who signs in."""
    return bool(store.rows("SELECT 1 FROM staff LIMIT 1"))


def has_passwords(store: Store) -> bool:
    """Whether anybody signs in by a password of ours."""
    [(some,)] = store.rows("SELECT count(*) > 0 FROM staff WHERE password_hash <> ''")
    return bool(some)


def count_administrators(transaction: Transaction) -> int:
    """How many administrators may sign in."""
    [(count,)] = transaction.rows(
        "SELECT count(*) FROM staff WHERE role = 'ADMINISTRATOR' AND NOT disabled"
    )
    return int(count)


def take_turn(transaction: Transaction, login: str) -> None:
    """Have the changes of members of staff, here this one, wait for each other.

    What was looked at then still holds.

    Raises:
        Changed: another change was written meanwhile.
    """
    transaction.touch(staff=[login])
    [(version,)] = transaction.rows("SELECT version FROM staff_version")
    _one(
        transaction.write(
            "UPDATE staff_version SET version = $1 WHERE version = $2", [version + 1, version]
        )
    )


def add_staff(transaction: Transaction, member: Staff) -> None:
    """Write a new member of staff and their places.

    Raises:
        Changed: the login is taken.
    """
    values = [
        member.login,
        member.name,
        member.role.value,
        member.password_hash,
        member.disabled,
        member.provisional_until,
        member.last_sign_in_at,
        member.email,
        member.folded,
    ]
    transaction.write("INSERT INTO staff VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)", values)
    for area, place in sorted(member.places):
        grant(transaction, member.login, area, place)


def set_password_hash(
    transaction: Transaction, login: str, password_hash: str, provisional_until: datetime | None
) -> None:
    """Give a member of staff another password; that lifts the locks of their account."""
    lift_locks(transaction, [staff_subject(login)])
    values = [password_hash, provisional_until, login]
    _one(
        transaction.write(
            "UPDATE staff SET password_hash = $1, provisional_until = $2 WHERE login = $3", values
        )
    )


def set_email(transaction: Transaction, login: str, email: str) -> None:
    """Give a member of staff another e-mail, or none."""
    _one(transaction.write("UPDATE staff SET email = $1 WHERE login = $2", [email, login]))


def set_disabled(transaction: Transaction, login: str, disabled: bool) -> None:
    """Let a member of staff sign in no more, or again."""
    _one(transaction.write("UPDATE staff SET disabled = $1 WHERE login = $2", [disabled, login]))


def set_profile(transaction: Transaction, login: str, name: str, role: Role) -> None:
    """Give a member of staff another name and role."""
    values = [name, role.value, login]
    _one(transaction.write("UPDATE staff SET name = $1, role = $2 WHERE login = $3", values))


def _one(written: int) -> None:
    if written != 1:
        raise Changed


def grant(transaction: Transaction, login: str, area: Area, place: str) -> None:
    """Grant a place."""
    transaction.write("INSERT INTO staff_place VALUES ($1, $2, $3)", [login, area.value, place])


def revoke_all(transaction: Transaction, login: str) -> None:
    """Take every place back."""
    transaction.write("DELETE FROM staff_place WHERE login = $1", [login])


def open_session(
    transaction: Transaction, key: str, login: str, now: datetime, at: datetime
) -> None:
    """Begin a session that is known by this key, at this steady time."""
    transaction.write("UPDATE staff SET last_sign_in_at = $1 WHERE login = $2", [now, login])
    transaction.write("INSERT INTO staff_session VALUES ($1, $2, $3, $3, NULL)", [key, login, at])


def newest_session(store: Store, until: datetime) -> datetime | None:
    """When a session was last used, of those up to a time."""
    [(newest,)] = store.rows("SELECT max(seen_at) FROM staff_session WHERE seen_at <= $1", [until])
    return newest  # type: ignore[no-any-return]  # as the query types it


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
    transaction.touch(sessions=[key])
    transaction.write(
        "UPDATE staff_session SET ended_at = $1 WHERE session_key = $2 AND ended_at IS NULL",
        [now, key],
    )


def end_sessions(transaction: Transaction, login: str, now: datetime) -> int:
    """End every session of a member of staff; how many there were."""
    transaction.touch(staff=[login])
    return transaction.write(
        "UPDATE staff_session SET ended_at = $1 WHERE login = $2 AND ended_at IS NULL",
        [now, login],
    )


def trim_sessions(transaction: Transaction, before: datetime) -> int:
    """Delete the sessions last used before a time; how many there were."""
    return transaction.write("DELETE FROM staff_session WHERE seen_at < $1", [before])
