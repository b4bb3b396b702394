"""Reading accounts with their people: filtered, sorted and paged by the database."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from dashboard.domain.account import NOTIFICATION_MONTHS, Origin, State
from dashboard.domain.action import Action
from dashboard.domain.credentials import held_password
from dashboard.domain.filters import AccountFilter, Email, Sort, SortColumn
from dashboard.domain.people import ListedAccount, Student
from dashboard.domain.scope import PeopleScope
from dashboard.domain.search import Search
from dashboard.domain.stated import StatedChild
from dashboard.store.engine import Changed, Store, Transaction
from dashboard.store.enrolments import ALSO_IN, enrolled, with_second_classes
from dashboard.store.journal import write_imported
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
# Compared with a constant, an e-mail would be taken for rare and searched for in all the accounts
# before those of the scope.
_KNOWN_EMAIL = "nullif(account.email, '')"
# A child is a student, or stated by its guardian and not told as yet; one without any name is none.
_CHILD_KEY = "coalesce(student.name_key, nullif(stated_child.name_key, ''))"
_TO_CLARIFY = "stated_child.child_id IS NOT NULL AND stated_child.student_id IS NULL"
_EXPIRED = (
    "(account.state = 'NOTIFIED' AND account.distributed_on "
    f"+ INTERVAL '{NOTIFICATION_MONTHS} months' < ${{today}}::DATE)"
)


_STUDENT_WIDTH = len(STUDENT.split(", "))


@dataclass(frozen=True, slots=True)
class _Selection:
    """A query's FROM and WHERE for the accounts of a scope, with its parameters."""

    sql: str
    parameters: list[object]


class _Parameters:
    """Numbered parameters in the order they are met."""

    def __init__(self) -> None:
        self.values: list[object] = []

    def add(self, value: object) -> int:
        self.values.append(value)
        return len(self.values)


def count_accounts(
    store: Store,
    scope: PeopleScope,
    conditions: AccountFilter,
    today: date,
    *,
    only: Collection[int] | None = None,
) -> int:
    """How many accounts of the scope meet the conditions; with `only`, how many of those."""
    chosen = _selection(scope, conditions, today, only)
    [(count,)] = store.rows(f"SELECT count(*) {chosen.sql}", chosen.parameters)
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
    chosen = _selection(scope, AccountFilter(), today, only)
    rows = store.rows(
        "SELECT account.state, account.origin, account.email <> '' AS has_email, count(*) "
        f"{chosen.sql} GROUP BY account.state, account.origin, account.email <> ''",
        chosen.parameters,
    )
    return {
        AccountKind(State(state), Origin(origin), has_email): count
        for state, origin, has_email, count in rows
    }


def account_ids(
    store: Store, scope: PeopleScope, conditions: AccountFilter, today: date
) -> list[int]:
    """The numbers of the accounts of the scope that meet the conditions, in no order."""
    chosen = _selection(scope, conditions, today, None)
    found = store.rows(f"SELECT account.account_id {chosen.sql}", chosen.parameters)
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
    chosen = _selection(scope, conditions, today, only)
    rows = store.rows(
        f"SELECT account.account_id, account.version, {GUARDIAN}, {ACCOUNT} {chosen.sql} "
        f"ORDER BY {_order(sort)} LIMIT {_number(limit)} OFFSET {offset:d}",
        chosen.parameters,
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
) -> _Selection:
    parameters = _Parameters()
    here = _here(scope, conditions, parameters)
    where = _account_conditions(conditions, today, only, parameters)
    sql = f"FROM account JOIN ({here}) AS here ON here.account_id = account.account_id"
    return _Selection(f"{sql} WHERE {' AND '.join(['TRUE', *where])}", parameters.values)


def _here(scope: PeopleScope, conditions: AccountFilter, parameters: _Parameters) -> str:
    """One row per account with an open link in the scope: what its children there are sorted by."""
    bounds, values = within(scope, len(parameters.values) + 1, "link.uai")
    parameters.values.extend(values)
    wanted = []
    if conditions.classes:
        number = parameters.add(list(conditions.classes))
        also = f"link.student_id IN {ALSO_IN.format(number=number)}"
        wanted.append(f"(link.class IN (SELECT unnest(${number}::TEXT[])) OR {also})")
    if conditions.to_clarify:
        wanted.append(_TO_CLARIFY)
    having = " AND ".join(f"count(*) FILTER (WHERE {one}) > 0" for one in wanted)
    return (
        f"SELECT link.account_id, min({_CHILD_KEY}) AS student_key, "
        f"min(lower(link.class)) AS class_key, string_agg({_CHILD_KEY}, ' ') AS names "
        f"FROM link LEFT JOIN student ON student.student_id = link.student_id {JOIN_STATED} "
        f"WHERE link.left_on IS NULL AND {bounds} GROUP BY link.account_id "
        f"{f'HAVING {having}' if having else ''}"
    )


def _account_conditions(
    conditions: AccountFilter, today: date, only: Collection[int] | None, parameters: _Parameters
) -> list[str]:
    search = Search(conditions.search)
    where = ["FALSE"] if search.is_void else []
    for word in search.words:
        pattern = parameters.add(f"%{word}%")
        where.append(f"(account.name_key LIKE ${pattern} OR here.names LIKE ${pattern})")
    if conditions.states:
        states = parameters.add([state.value for state in conditions.states])
        where.append(f"account.state IN (SELECT unnest(${states}::TEXT[]))")
    if conditions.email is not None:
        known = "NOT NULL" if conditions.email is Email.KNOWN else "NULL"
        where.append(f"{_KNOWN_EMAIL} IS {known}")
    if conditions.origin is not None:
        where.append(f"account.origin = ${parameters.add(conditions.origin.value)}")
    if conditions.expired:
        where.append(_EXPIRED.format(today=parameters.add(today)))
    if only is not None:
        numbers = parameters.add(sorted(only))
        where.append(f"account.account_id IN (SELECT unnest(${numbers}::BIGINT[]))")
    return where


@dataclass(slots=True)
class _Children:
    """The children of one account in a scope, and the school (UAI, name) of the first."""

    school: tuple[str, str]
    students: list[Student] = field(default_factory=list)
    stated: list[StatedChild] = field(default_factory=list)


def _children(store: Store, scope: PeopleScope, accounts: Sequence[int]) -> dict[int, _Children]:
    bounds, parameters = within(scope, 2, "link.uai")
    rows = store.rows(
        "SELECT link.account_id, link.student_id, link.uai, school.name, link.class, link.level, "
        f"student.student_id IS NOT NULL, stated_child.child_id IS NOT NULL, {STUDENT}, {STATED} "
        f"FROM link LEFT JOIN student ON student.student_id = link.student_id {JOIN_STATED} "
        "JOIN school ON school.uai = link.uai "
        "WHERE link.left_on IS NULL AND link.account_id IN (SELECT unnest($1::BIGINT[])) "
        f"AND {bounds} ORDER BY {_CHILD_KEY}, link.student_id",
        [list(accounts), *parameters],
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
    bounds, parameters = within(scope, 1)
    found = store.rows(
        f"SELECT class FROM {enrolled(['class'])} WHERE left_on IS NULL AND {bounds} "
        f"UNION SELECT class FROM link WHERE left_on IS NULL AND {bounds} ORDER BY class",
        parameters,
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
