"""Reading accounts with their people: filtered, sorted and paged by the database."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from dashboard.domain.account import Origin, State
from dashboard.domain.action import Action
from dashboard.domain.credentials import held_password
from dashboard.domain.filters import AccountFilter, Sort, SortColumn
from dashboard.domain.people import ListedAccount, Student
from dashboard.domain.scope import PeopleScope
from dashboard.domain.stated import StatedChild
from dashboard.store.engine import Changed, Store, Transaction
from dashboard.store.enrolments import enrolled, with_second_classes
from dashboard.store.journal import write_imported
from dashboard.store.params import Params
from dashboard.store.people import ACCOUNT, GUARDIAN, STUDENT, account_of, guardian_of, student_of
from dashboard.store.schools import within
from dashboard.store.stated import JOIN_STATED, STATED, stated_of

# What each column of the list is sorted by; only these ever reach ORDER BY.
_ORDER_BY = {
    SortColumn.STUDENTS: "here.student_key",
    SortColumn.CLASSES: "here.class_key",
    SortColumn.GUARDIAN: "account.name_key",
    SortColumn.IDENTIFIER: "account.identifier",
    SortColumn.EMAIL: "account.email",
    SortColumn.ORIGIN: "account.origin",
    SortColumn.STATE: (
        "CASE account.state WHEN 'NOT_NOTIFIED' THEN 0 WHEN 'NOTIFIED' THEN 1 "
        "WHEN 'ACTIVATING' THEN 2 ELSE 3 END"
    ),
    SortColumn.DISTRIBUTED_ON: "account.distributed_on",
    SortColumn.LAST_ACCESS_ON: "account.last_access_on",
}
# Empty cells come last whichever way the column is sorted.
_EMPTY = {
    SortColumn.STUDENTS: "here.student_key IS NULL",
    SortColumn.EMAIL: "account.email = ''",
    SortColumn.DISTRIBUTED_ON: "account.distributed_on IS NULL",
    SortColumn.LAST_ACCESS_ON: "account.last_access_on IS NULL",
}
# A child is a student, or stated by its guardian and not told as yet; one without any name is none.
_CHILD_KEY = "coalesce(student.name_key, nullif(stated_child.name_key, ''))"

_STUDENT_WIDTH = len(STUDENT.split(", "))


def count_accounts(
    store: Store,
    scope: PeopleScope,
    conditions: AccountFilter,
    today: date,
    *,
    only: Collection[int] | None = None,
) -> int:
    """How many accounts of the scope meet the conditions; with `only`, how many of those."""
    chosen, values = _selection(scope, conditions, today, only)
    [(count,)] = store.rows(f"SELECT count(*) {chosen}", values)
    return int(count)


@dataclass(frozen=True, slots=True)
class AccountKind:
    """What decides which actions an account allows."""

    state: State
    origin: Origin
    has_email: bool


def count_kinds(
    store: Store, scope: PeopleScope, only: Collection[int], today: date
) -> dict[AccountKind, int]:
    """How many of these accounts of the scope there are of each kind."""
    chosen, values = _selection(scope, AccountFilter(), today, only)
    rows = store.rows(
        "SELECT account.state, account.origin, account.email <> '' AS has_email, count(*) "
        f"{chosen} GROUP BY account.state, account.origin, account.email <> ''",
        values,
    )
    return {
        AccountKind(State(state), Origin(origin), has_email): count
        for state, origin, has_email, count in rows
    }


def account_ids(
    store: Store, scope: PeopleScope, conditions: AccountFilter, today: date
) -> list[int]:
    """The numbers of the accounts of the scope that meet the conditions, in no order."""
    chosen, values = _selection(scope, conditions, today, None)
    found = store.rows(f"SELECT account.account_id {chosen}", values)
    return [number for (number,) in found]


def listed_accounts(
    store: Store,
    scope: PeopleScope,
    conditions: AccountFilter,
    sort: Sort,
    today: date,
    *,
    limit: int | None = None,
    offset: int = 0,
    only: Collection[int] | None = None,
) -> list[ListedAccount]:
    """The accounts of the scope that meet the conditions, in order, with their children there.

    `only` narrows them to these account numbers; a number outside the scope is not found.
    """
    chosen, values = _selection(scope, conditions, today, only)
    rows = store.rows(
        f"SELECT account.account_id, account.version, {GUARDIAN}, {ACCOUNT} {chosen} "
        f"ORDER BY {_order(sort)} LIMIT {_number(limit)} OFFSET {offset:d}",
        values,
    )
    children = _children(store, scope, [row[0] for row in rows])
    return [
        ListedAccount(
            *children[number].school,
            guardian_of(row[:6]),
            tuple(children[number].students),
            account_of(row[6:]),
            number,
            version,
            stated=tuple(children[number].stated),
        )
        for number, version, *row in rows
        if number in children  # an import may close its links between the two reads
    ]


def _number(limit: int | None) -> str:
    return "ALL" if limit is None else f"{limit:d}"


def _order(sort: Sort) -> str:
    direction = "DESC" if sort.descending else "ASC"
    terms = [_EMPTY.get(sort.column), f"{_ORDER_BY[sort.column]} {direction}"]
    ties = ["here.student_key", "account.name_key", "account.account_id"]
    return ", ".join([term for term in terms if term] + ties)


def _selection(
    scope: PeopleScope, conditions: AccountFilter, today: date, only: Collection[int] | None
) -> tuple[str, list[object]]:
    """FROM and WHERE for the accounts of a scope, with their parameters."""
    params = Params()
    here = _here(scope, _clauses(conditions, today, params, of_child=True), params)
    where = ["TRUE", *_clauses(conditions, today, params, of_child=False)]
    if only is not None:
        where.append(f"account.account_id IN (SELECT unnest({params.add(sorted(only))}::BIGINT[]))")
    return (
        f"FROM account JOIN ({here}) AS here ON here.account_id = account.account_id "
        f"WHERE {' AND '.join(where)}",
        params.values,
    )


def _clauses(
    conditions: AccountFilter, today: date, params: Params, *, of_child: bool
) -> list[str]:
    """What must hold for the accounts that meet the conditions, or for one of their children."""
    return [
        params.fill(sql, value=bound, today=today)
        for condition, value in conditions.values().items()
        if condition.of_child is of_child
        for sql, bound in condition.clauses(value)
    ]


def _here(scope: PeopleScope, wanted: Sequence[str], params: Params) -> str:
    """One row per account with an open link in the scope: what its children there are sorted by."""
    having = " AND ".join(f"count(*) FILTER (WHERE {one}) > 0" for one in wanted)
    return (
        f"SELECT link.account_id, min({_CHILD_KEY}) AS student_key, "
        f"min(lower(link.class)) AS class_key, string_agg({_CHILD_KEY}, ' ') AS names "
        f"FROM link LEFT JOIN student ON student.student_id = link.student_id {JOIN_STATED} "
        f"WHERE link.left_on IS NULL AND {within(scope, params, 'link.uai')} "
        f"GROUP BY link.account_id {f'HAVING {having}' if having else ''}"
    )


@dataclass(slots=True)
class _Children:
    """The children of one account in a scope, and the school (UAI, name) of the first."""

    school: tuple[str, str]
    students: list[Student] = field(default_factory=list)
    stated: list[StatedChild] = field(default_factory=list)


def _children(store: Store, scope: PeopleScope, accounts: Sequence[int]) -> dict[int, _Children]:
    params = Params(list(accounts))
    rows = store.rows(
        "SELECT link.account_id, link.student_id, link.uai, school.name, link.class, link.level, "
        f"student.student_id IS NOT NULL, stated_child.child_id IS NOT NULL, {STUDENT}, {STATED} "
        f"FROM link LEFT JOIN student ON student.student_id = link.student_id {JOIN_STATED} "
        "JOIN school ON school.uai = link.uai "
        "WHERE link.left_on IS NULL AND link.account_id IN (SELECT unnest($1::BIGINT[])) "
        f"AND {within(scope, params, 'link.uai')} ORDER BY {_CHILD_KEY}, link.student_id",
        params.values,
    )
    children: dict[int, _Children] = {}
    students = with_second_classes(
        store, {row[1]: student_of(row[8 : 8 + _STUDENT_WIDTH]) for row in rows if row[6]}
    )
    for account, number, uai, name, label, level, is_student, is_stated, *row in rows:
        held = children.setdefault(account, _Children((uai, name)))
        if is_student:
            held.students.append(students[number])
        elif is_stated:
            held.stated.append(stated_of(row[_STUDENT_WIDTH:], label, level))
    return children


def classes(store: Store, scope: PeopleScope) -> list[str]:
    """The class labels of the scope's children, in alphabetical order; ``""`` for no class."""
    params = Params()
    bounds = within(scope, params)
    found = store.rows(
        f"SELECT class FROM {enrolled(['class'])} WHERE left_on IS NULL AND {bounds} "
        f"UNION SELECT class FROM link WHERE left_on IS NULL AND {bounds} ORDER BY class",
        params.values,
    )
    return [label for (label,) in found]


def adopt_accounts(
    transaction: Transaction, adopted: Sequence[tuple[int, int, ListedAccount]], today: date
) -> None:
    """Give stored accounts the identifier, contacts, origin, state and dates that a list states.

    Args:
        adopted: the number and seen version of each account, and what the list says of it.

    Raises:
        Changed: one was distributed, or changed, meanwhile.
    """
    if not adopted:
        return
    rows = [(number, version, *_adopted_values(listed)) for number, version, listed in adopted]
    frame = pd.DataFrame(rows, columns=["account_id", "version", *_ADOPTED])
    for name in ("distributed_on", "last_access_on"):
        frame[name] = pd.to_datetime(frame[name])
    with transaction.staged("incoming", frame):
        written = transaction.write(
            "UPDATE account SET identifier = incoming.identifier, "
            "email = CASE WHEN incoming.email = '' THEN account.email ELSE incoming.email END, "
            "mobile = CASE WHEN incoming.mobile = '' THEN account.mobile ELSE incoming.mobile END, "
            "origin = incoming.origin, state = incoming.state, "
            "distributed_on = CAST(incoming.distributed_on AS DATE), "
            "last_access_on = CAST(incoming.last_access_on AS DATE), "
            "password = incoming.password, version = account.version + 1 "
            "FROM incoming WHERE account.account_id = incoming.account_id "
            "AND account.version = incoming.version AND account.state = 'NOT_NOTIFIED'"
        )
        write_imported(transaction, "incoming", Action.TAKE_OVER, today)
    if written != len(frame):
        raise Changed


_ADOPTED = (
    "identifier",
    "email",
    "mobile",
    "origin",
    "state",
    "distributed_on",
    "last_access_on",
    "password",
)


def _adopted_values(listed: ListedAccount) -> tuple[object, ...]:
    guardian, account = listed.guardian, listed.account
    return (
        account.identifier,
        guardian.email,
        guardian.mobile,
        account.origin.value,
        account.state.value,
        account.distributed_on,
        account.last_access_on,
        held_password(account.state, account.origin).value,
    )
