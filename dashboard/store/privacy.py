"""Taking away what identifies a guardian, from every table that has something of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd

from dashboard.domain.account import State
from dashboard.domain.action import Action
from dashboard.domain.journal import Entry
from dashboard.domain.scope import ActingScope
from dashboard.store.engine import Changed, Store, Transaction
from dashboard.store.journal import write_entries
from dashboard.store.schools import within
from dashboard.store.stated import erase_old_stated, erase_stated
from dashboard.store.tickets import end_tickets

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
    bounds, parameters = within(scope, 2)
    rows = store.rows(
        "SELECT account_id, version, state FROM account "
        "WHERE (birth_name <> '' OR usage_name <> '' OR first_name <> '') AND account_id IN ("
        f"SELECT account_id FROM link WHERE {bounds} GROUP BY account_id "
        "HAVING count(*) = count(left_on) AND max(left_on) < $1) "
        f"ORDER BY account_id LIMIT {limit:d}",
        [gone_before, *parameters],
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
    bounds, parameters = within(scope, 1)
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
            parameters,
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
    transaction.touch(*(uai for (uai,) in schools))


def erase_students(transaction: Transaction, scope: ActingScope, gone_before: date) -> int:
    """Take away what identifies the students who left before a day; how many there were.

    School, class, level and day of leaving stay. Who comes back is a new student. With them go the
    names of children who could not be told, once nothing leads to them any more.
    """
    erase_old_stated(transaction, scope, gone_before)
    bounds, parameters = within(scope, 2)
    return transaction.write(
        "UPDATE student SET birth_name = '', usage_name = '', first_name = '', name_key = '', "
        "born_on = NULL, ine = '' WHERE left_on < $1 AND (birth_name <> '' OR first_name <> '') "
        f"AND {bounds}",
        [gone_before, *parameters],
    )


def message_numbers(store: Store, account_id: int) -> list[int]:
    """The numbers of the messages that are kept of an account."""
    rows = store.rows("SELECT message_id FROM message WHERE account_id = $1", [account_id])
    return [number for (number,) in rows]
