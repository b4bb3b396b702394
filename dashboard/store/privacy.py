"""What is held of one guardian, read for the guardian, and taken away from every table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd

from dashboard.domain.account import State
from dashboard.domain.action import Action
from dashboard.domain.credentials import Purpose
from dashboard.domain.journal import Entry
from dashboard.domain.message import MessageKind, MessageStatus
from dashboard.domain.scope import ActingScope, OwnAccount
from dashboard.store.engine import Changed, Store, Transaction
from dashboard.store.enrolments import attached
from dashboard.store.guardians import Holder, holder_of
from dashboard.store.journal import write_entries
from dashboard.store.messages import Sending, end_tickets
from dashboard.store.params import Params
from dashboard.store.schools import within
from dashboard.store.stated import JOIN_STATED, erase_old_stated, erase_stated

# The student that a link of an erased account leads to: none.
NO_STUDENT = 0


@dataclass(frozen=True, slots=True)
class Erasable:
    """An account as it was seen before what names its guardian goes."""

    account_id: int
    version: int
    state: State


def leavers(store: Store, scope: ActingScope, gone_before: date, limit: int) -> list[Erasable]:
    """Accounts whose every link ended before a day, and that still name somebody."""
    params = Params(gone_before)
    rows = store.rows(
        "SELECT account_id, version, state FROM account "
        "WHERE (birth_name <> '' OR usage_name <> '' OR first_name <> '') AND account_id IN ("
        f"SELECT account_id FROM link WHERE {within(scope, params)} GROUP BY account_id "
        "HAVING count(*) = count(left_on) AND max(left_on) < $1) "
        f"ORDER BY account_id LIMIT {limit:d}",
        params.values,
    )
    return [Erasable(number, version, State(state)) for number, version, state in rows]


def erase(
    transaction: Transaction,
    scope: ActingScope,
    accounts: Sequence[Erasable],
    actor: str,
    now: datetime,
) -> None:
    """Take away what identifies the guardians of these accounts; what stays names nobody.

    Names, e-mail, mobile and password are emptied, messages deleted, links of messages ended, and
    links to students closed and led nowhere: a child's name would say whose parent it was. The
    account stays, with its number, its identifier (drawn at random, and never given again), its
    state, its dates and its journal, which gets an entry.

    Raises:
        Changed: one of the accounts is not as it was seen, or has links out of the scope.
    """
    numbers = [one.account_id for one in accounts]
    params = Params()
    bounds = within(scope, params)
    schools = transaction.rows(
        "SELECT DISTINCT uai FROM link WHERE left_on IS NULL "
        "AND account_id IN (SELECT unnest($1::BIGINT[]))",
        [numbers],
    )
    frame = pd.DataFrame(
        [(one.account_id, one.version) for one in accounts], columns=["account_id", "version"]
    )
    with transaction.staged("erased", frame):
        written = transaction.write(
            "UPDATE account SET civility = '', birth_name = '', usage_name = '', first_name = '', "
            "name_key = '', email = '', mobile = '', password = 'NONE', password_hash = '', "
            "version = erased.version + 1 FROM erased "
            "WHERE account.account_id = erased.account_id AND account.version = erased.version "
            f"AND account.account_id NOT IN (SELECT account_id FROM link WHERE NOT ({bounds}))",
            params.values,
        )
    if written != len(accounts):
        raise Changed
    transaction.write(
        f"UPDATE link SET student_id = {NO_STUDENT}, left_on = coalesce(left_on, $1) "
        "WHERE account_id IN (SELECT unnest($2::BIGINT[]))",
        [now.date(), numbers],
    )
    erase_stated(transaction, numbers)
    transaction.write(
        "DELETE FROM message WHERE account_id IN (SELECT unnest($1::BIGINT[]))", [numbers]
    )
    end_tickets(transaction, numbers, now)
    write_entries(
        transaction,
        [Entry(now, actor, Action.ERASE, o.account_id, o.state, o.state) for o in accounts],
    )
    transaction.touch(schools=(uai for (uai,) in schools))


def erase_students(transaction: Transaction, scope: ActingScope, gone_before: date) -> int:
    """Take away what identifies the students who left before a day; how many there were.

    School, class, level and day of leaving stay. Who comes back is a new student. With them go the
    names of children who could not be told, once nothing leads to them any more.
    """
    erase_old_stated(transaction, scope, gone_before)
    params = Params(gone_before)
    return transaction.write(
        "UPDATE student SET birth_name = '', usage_name = '', first_name = '', name_key = '', "
        "born_on = NULL, ine = '' WHERE left_on < $1 AND (birth_name <> '' OR first_name <> '') "
        f"AND {within(scope, params)}",
        params.values,
    )


def message_numbers(store: Store, account_id: int) -> list[int]:
    """The numbers of the messages that are kept of an account."""
    rows = store.rows("SELECT message_id FROM message WHERE account_id = $1", [account_id])
    return [number for (number,) in rows]


@dataclass(frozen=True, slots=True)
class HeldChild:
    """A child that the account is, or was until `left_on`, linked to; without names if unknown."""

    birth_name: str
    usage_name: str
    first_name: str
    uai: str
    school: str
    class_label: str
    level: str
    left_on: date | None


@dataclass(frozen=True, slots=True)
class OpenLink:
    """A link in a message that can still be followed; never what it is signed with."""

    purpose: Purpose
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class PersonalFile:
    """An account with its children, journal, messages and open links, oldest first."""

    holder: Holder
    children: tuple[HeldChild, ...]
    journal: tuple[Entry, ...]
    messages: tuple[Sending, ...]
    links: tuple[OpenLink, ...]

    @property
    def enrolled(self) -> list[HeldChild]:
        return [child for child in self.children if child.left_on is None]


_CHILD_NAMES = ", ".join(
    f"coalesce(student.{name}, stated_child.{name})"
    for name in ("birth_name", "usage_name", "first_name")
)


def personal_file(store: Store, own: OwnAccount, now: datetime) -> PersonalFile | None:
    """What is stored of the account's holder; ``None`` if there is no such account."""
    holder = holder_of(store, own)
    if holder is None:
        return None
    number = [own.account_id]
    children = store.rows(
        f"SELECT {_CHILD_NAMES}, link.uai, school.name, link.class, link.level, link.left_on "
        f"FROM (SELECT * FROM {attached(['class', 'level'])}) AS link "
        f"LEFT JOIN student ON student.student_id = link.student_id {JOIN_STATED} "
        "JOIN school ON school.uai = link.uai WHERE link.account_id = $1 "
        "AND (student.student_id IS NOT NULL OR stated_child.child_id IS NOT NULL) "
        "ORDER BY link.uai, link.student_id, link.class",
        number,
    )
    entries = store.rows(
        "SELECT happened_at, actor, action, account_id, from_state, to_state, reason FROM journal "
        "WHERE account_id = $1 ORDER BY happened_at, entry_id",
        number,
    )
    messages = store.rows(
        "SELECT kind, recipient, status, queued_at, ended_at, answer FROM message "
        "WHERE account_id = $1 ORDER BY message_id",
        number,
    )
    links = store.rows(
        "SELECT purpose, expires_at FROM ticket WHERE account_id = $1 AND ended_at IS NULL "
        "AND expires_at > $2 ORDER BY ticket_id",
        [own.account_id, now],
    )
    return PersonalFile(
        holder,
        tuple(HeldChild(*row) for row in children),
        tuple(
            Entry(at, actor, Action(action), one, State(before), State(after), reason)
            for at, actor, action, one, before, after, reason in entries
        ),
        tuple(
            Sending(MessageKind(kind), to, MessageStatus(status), *rest)
            for kind, to, status, *rest in messages
        ),
        tuple(OpenLink(Purpose(purpose), expires_at) for purpose, expires_at in links),
    )
