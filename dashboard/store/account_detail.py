"""One account in full: what its page shows, read within the asker's scope."""

from dataclasses import dataclass
from datetime import date

from dashboard.domain.credentials import Password
from dashboard.domain.filters import AccountFilter, Sort
from dashboard.domain.names import full_name, name_key
from dashboard.domain.people import ListedAccount, guardian_identity
from dashboard.domain.scope import PeopleScope
from dashboard.domain.stated import StatedChild
from dashboard.store.accounts import listed_accounts
from dashboard.store.engine import Store
from dashboard.store.params import Params
from dashboard.store.schools import within
from dashboard.store.stated import JOIN_STATED, known_stated


@dataclass(frozen=True, slots=True)
class ChildElsewhere:
    """A child of the account's guardian in a school outside the scope."""

    first_name: str
    name: str
    school: str


@dataclass(frozen=True, slots=True)
class AccountDetail:
    """An account of the scope: its list entry, password, other children, likely duplicates.

    `stated` are all the children who could not be told by a file, also those who were settled.
    """

    listed: ListedAccount
    password: Password
    elsewhere: tuple[ChildElsewhere, ...]
    duplicates: tuple[ListedAccount, ...]
    stated: tuple[StatedChild, ...] = ()


def account_detail(
    store: Store, scope: PeopleScope, account_id: int, today: date
) -> AccountDetail | None:
    """The account of this number; ``None`` if the scope has no such account."""
    found = listed_accounts(store, scope, AccountFilter(), Sort(), today, only=[account_id])
    if not found:
        return None
    [(password,)] = store.rows("SELECT password FROM account WHERE account_id = $1", [account_id])
    return AccountDetail(
        found[0],
        Password(password),
        _elsewhere(store, scope, account_id),
        _duplicates(store, scope, found[0], today),
        tuple(known_stated(store, scope, account_id).get(account_id, ())),
    )


def _elsewhere(store: Store, scope: PeopleScope, account_id: int) -> tuple[ChildElsewhere, ...]:
    params = Params(account_id)
    bounds = within(scope, params, "link.uai")
    rows = store.rows(
        "SELECT coalesce(student.first_name, stated_child.first_name), "
        "coalesce(student.birth_name, stated_child.birth_name), "
        "coalesce(student.usage_name, stated_child.usage_name), school.name "
        f"FROM link LEFT JOIN student ON student.student_id = link.student_id {JOIN_STATED} "
        "JOIN school ON school.uai = link.uai "
        f"WHERE link.account_id = $1 AND link.left_on IS NULL AND NOT ({bounds}) "
        "ORDER BY coalesce(student.name_key, stated_child.name_key), link.student_id",
        params.values,
    )
    return tuple(
        ChildElsewhere(first, full_name(birth, usage, ""), school)
        for first, birth, usage, school in rows
    )


def _duplicates(
    store: Store, scope: PeopleScope, listed: ListedAccount, today: date
) -> tuple[ListedAccount, ...]:
    """Other accounts of the scope whose guardians have the same names: one person, perhaps."""
    guardian = listed.guardian
    names = name_key(guardian.birth_name or guardian.usage_name, guardian.first_name)
    alike = listed_accounts(store, scope, AccountFilter(search=names), Sort(), today)
    return tuple(
        other
        for other in alike
        if other.account_id != listed.account_id
        and guardian_identity(other.guardian) == guardian_identity(guardian)
    )
