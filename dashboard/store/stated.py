"""Children who could not be told: read, written with an import, settled by a director."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import pandas as pd

from dashboard.domain.merging import Plan
from dashboard.domain.people import Student
from dashboard.domain.scope import ActingScope, PeopleScope
from dashboard.domain.stated import OUTSIDE, StatedChild, Why
from dashboard.store.engine import Changed, Store, Transaction
from dashboard.store.enrolments import with_second_classes
from dashboard.store.params import Params
from dashboard.store.people import STUDENT, student_of
from dashboard.store.schools import within

STATED: Final = (
    "stated_child.birth_name, stated_child.usage_name, stated_child.first_name, "
    "stated_child.born_on, stated_child.class, stated_child.why, stated_child.student_id, "
    "stated_child.child_id, stated_child.uai"
)
# A link leads to a student or to a stated child: numbers of one sequence.
JOIN_STATED: Final = (
    "LEFT JOIN stated_child ON stated_child.child_id = link.student_id "
    "AND stated_child.account_id = link.account_id"
)


def stated_of(row: Sequence[Any], class_label: str = "", level: str = "") -> StatedChild:
    """The stated child of a row of the columns `STATED`, with the class and level of its link."""
    birth_name, usage_name, first_name, born_on, stated_class, why, student, number, uai = row
    return StatedChild(
        birth_name,
        usage_name,
        first_name,
        born_on,
        stated_class,
        Why(why),
        class_label,
        level,
        student,
        number,
        uai,
    )


def known_stated(
    reader: Store | Transaction, scope: PeopleScope, account_id: int | None = None
) -> dict[int, list[StatedChild]]:
    """The stated children of the scope's accounts, or of one, whatever was said of them since.

    Those whose names are gone are left out.
    """
    params = Params()
    only = "TRUE" if account_id is None else f"account_id = {params.add(account_id)}"
    rows = reader.rows(
        f"SELECT account_id, {STATED} FROM stated_child WHERE {within(scope, params)} AND {only} "
        "AND (why = 'NONE' OR name_key <> '') ORDER BY child_id",
        params.values,
    )
    stated: dict[int, list[StatedChild]] = defaultdict(list)
    for account, *row in rows:
        stated[account].append(stated_of(row))
    return dict(stated)


_COLUMNS = (
    "birth_name",
    "usage_name",
    "first_name",
    "name_key",
    "born_on",
    "class",
    "why",
    "student_id",
)


def write_stated(transaction: Transaction, uai: str, plan: Plan) -> None:
    """Write the children whom an import could not tell, and what it states otherwise of others."""
    columns = ", ".join(_COLUMNS)
    if plan.new_stated:
        with transaction.staged("incoming", _frame(plan.new_stated)):
            transaction.write(
                f"INSERT INTO stated_child (child_id, account_id, uai, {columns}, opened, "
                f"settled_on) SELECT child_id, account_id, $1, {columns}, FALSE, NULL "
                "FROM incoming ORDER BY child_id",
                [uai],
            )
    if plan.changed_stated:
        with transaction.staged("incoming", _frame(plan.changed_stated)):
            values = ", ".join(f"{name} = incoming.{name}" for name in _COLUMNS)
            transaction.write(
                f"UPDATE stated_child SET {values}, settled_on = CASE "
                "WHEN incoming.student_id IS NULL THEN NULL ELSE stated_child.settled_on END "
                "FROM incoming WHERE stated_child.child_id = incoming.child_id "
                "AND stated_child.uai = $1",
                [uai],
            )


def _frame(stated: dict[tuple[int, int], StatedChild]) -> pd.DataFrame:
    rows = [
        (
            number, account, s.birth_name, s.usage_name, s.first_name, s.name_key, s.born_on,
            s.stated_class, s.why.value, s.student_id,
        )
        for (account, number), s in stated.items()
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["child_id", "account_id", *_COLUMNS])
    return frame.assign(
        born_on=pd.to_datetime(frame["born_on"]), student_id=frame["student_id"].astype("Int64")
    )


def enrolled(
    reader: Store | Transaction, scope: PeopleScope, uai: str, student_id: int | None = None
) -> list[tuple[int, Student]]:
    """The students who are in a school of the scope, with their numbers; or the one of a number."""
    params = Params(uai)
    only = "TRUE" if student_id is None else f"student_id = {params.add(student_id)}"
    rows = reader.rows(
        f"SELECT student_id, {STUDENT} FROM student WHERE left_on IS NULL AND uai = $1 "
        f"AND {within(scope, params)} AND {only} ORDER BY name_key, student_id",
        params.values,
    )
    students = {number: student_of(row) for number, *row in rows}
    return list(with_second_classes(reader, students).items())


def settle(
    transaction: Transaction,
    scope: ActingScope,
    account_id: int,
    child: StatedChild,
    student: tuple[int, Student] | None,
    today: date,
) -> None:
    """Have a stated child of an account be a student of its school, or with ``None`` nobody of it.

    The link to the stated child gives way to one to the student. What an earlier choice opened is
    closed. A child of no school here keeps its link only if nothing else ties the account here.

    Raises:
        Changed: the stated child is not as it was seen any more.
    """
    opened = _note(transaction, scope, account_id, child, student, today)
    if opened and child.student_id:
        _close(transaction, account_id, child.student_id, today)
    _close(transaction, account_id, child.child_id, today)
    if student is not None:
        number, facts = student
        if _open(transaction, account_id, number, child.uai, facts.class_label, facts.level):
            _set_opened(transaction, child.child_id)
    _tie(transaction, account_id, child.uai, today)
    transaction.touch(schools=[child.uai])


def _note(
    transaction: Transaction,
    scope: ActingScope,
    account_id: int,
    child: StatedChild,
    student: tuple[int, Student] | None,
    today: date,
) -> bool:
    """Keep what is said of the child; whether the earlier choice had opened a link."""
    seen = "student_id IS NULL" if child.is_to_clarify else f"student_id = {child.student_id:d}"
    params = Params(child.child_id, account_id)
    where = f"child_id = $1 AND account_id = $2 AND {seen} AND {within(scope, params)}"
    found = transaction.rows(f"SELECT opened FROM stated_child WHERE {where}", params.values)
    number = params.add(OUTSIDE if student is None else student[0])
    written = transaction.write(
        f"UPDATE stated_child SET student_id = {number}, opened = FALSE, "
        f"settled_on = {params.add(today)} WHERE {where}",
        params.values,
    )
    if written != 1 or len(found) != 1:
        raise Changed
    return bool(found[0][0])


def _set_opened(transaction: Transaction, child_id: int) -> None:
    transaction.write("UPDATE stated_child SET opened = TRUE WHERE child_id = $1", [child_id])


def _close(transaction: Transaction, account_id: int, number: int, today: date) -> None:
    transaction.write(
        "UPDATE link SET left_on = $1 "
        "WHERE account_id = $2 AND student_id = $3 AND left_on IS NULL",
        [today, account_id, number],
    )


def _open(
    transaction: Transaction, account_id: int, number: int, uai: str, label: str, level: str
) -> bool:
    """Have an open link lead from the account to a number; whether it was not open yet."""
    links = transaction.rows(
        "SELECT left_on IS NULL FROM link WHERE account_id = $1 AND student_id = $2",
        [account_id, number],
    )
    if any(is_open for (is_open,) in links):
        return False
    if links:
        transaction.write(
            "UPDATE link SET left_on = NULL, class = $1, level = $2 "
            "WHERE account_id = $3 AND student_id = $4",
            [label, level, account_id, number],
        )
    else:
        transaction.write(
            "INSERT INTO link (account_id, student_id, uai, class, level, left_on) "
            "VALUES ($1, $2, $3, $4, $5, NULL)",
            [account_id, number, uai, label, level],
        )
    return True


def _tie(transaction: Transaction, account_id: int, uai: str, today: date) -> None:
    """Keep the account at the school by a child of no school here if by nothing else, else not."""
    outside = transaction.rows(
        "SELECT child_id FROM stated_child WHERE account_id = $1 AND uai = $2 "
        "AND student_id = $3 ORDER BY child_id",
        [account_id, uai, OUTSIDE],
    )
    numbers = [number for (number,) in outside]
    ties = transaction.rows(
        "SELECT student_id FROM link WHERE account_id = $1 AND uai = $2 AND left_on IS NULL",
        [account_id, uai],
    )
    if any(number not in numbers for (number,) in ties):
        for number in numbers:
            _close(transaction, account_id, number, today)
    elif not ties:
        _open(transaction, account_id, numbers[0], uai, "", "")


_NAMELESS = (
    "UPDATE stated_child SET birth_name = '', usage_name = '', first_name = '', name_key = '', "
    "born_on = NULL, class = '' WHERE"
)


def erase_stated(transaction: Transaction, accounts: Sequence[int]) -> None:
    """Take away what names the children that these accounts state."""
    transaction.write(f"{_NAMELESS} account_id IN (SELECT unnest($1::BIGINT[]))", [list(accounts)])


def erase_old_stated(transaction: Transaction, scope: ActingScope, gone_before: date) -> None:
    """Take away what names stated children whom no link leads to since before a day.

    While the student that one was said to be is linked to the account, what was said is needed.
    """
    params = Params(gone_before)
    transaction.write(
        f"{_NAMELESS} name_key <> '' AND {within(scope, params)} AND child_id IN ("
        "SELECT child_id FROM stated_child "
        "JOIN link ON link.account_id = stated_child.account_id AND "
        "(link.student_id = stated_child.child_id OR link.student_id = stated_child.student_id) "
        "GROUP BY child_id HAVING count(*) = count(link.left_on) AND max(link.left_on) < $1)",
        params.values,
    )
