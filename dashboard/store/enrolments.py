"""The classes of students where they have several: what is stored, and what is counted by class.

They are few: joined with all students or links, they cost nothing that can be measured.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date

import pandas as pd

from dashboard.domain.enrolment import Enrolment, in_order
from dashboard.domain.people import Student
from dashboard.store.engine import Store, Transaction

_OF_CLASS = ("class", "level")


def enrolled(keys: Sequence[str]) -> str:
    """Students, under the name `enrolled`: once in each group that these keys make."""
    return _by_class("student", "student_id", keys, "enrolled")


def attached(keys: Sequence[str], name: str = "attached") -> str:
    """Links, under a name: once in each group that these keys make of the students."""
    return _by_class("link", "account_id, student_id", keys, name)


def _by_class(table: str, numbers: str, keys: Sequence[str], name: str) -> str:
    placed = [key for key in keys if key in _OF_CLASS]
    own = ", ".join([numbers, "uai", "left_on", *placed])
    if not placed:
        return f"(SELECT {own} FROM {table}) AS {name}"
    named = [f"{table}.{column}" for column in numbers.split(", ")]
    second = [f"second_class.{key}" for key in placed]
    other = " OR ".join(f"second_class.{key} <> {table}.{key}" for key in placed)
    columns = ", ".join([*named, f"{table}.uai", f"{table}.left_on", *second])
    return (
        f"(SELECT {own} FROM {table} UNION ALL SELECT DISTINCT {columns} FROM second_class "
        f"JOIN {table} ON {table}.student_id = second_class.student_id "
        f"WHERE second_class.left_on IS NULL AND ({other})) AS {name}"
    )


def with_second_classes(
    reader: Store | Transaction, students: Mapping[int, Student]
) -> dict[int, Student]:
    """The students, by number, with the classes that they have beside their own."""
    rows = reader.rows(
        "SELECT student_id, class, level FROM second_class WHERE left_on IS NULL "
        "AND student_id IN (SELECT unnest($1::BIGINT[]))",
        [list(students)],
    )
    also: dict[int, list[Enrolment]] = defaultdict(list)
    for number, *enrolment in rows:
        also[number].append(Enrolment(*enrolment))
    return {
        number: replace(student, also=in_order(also[number])) if number in also else student
        for number, student in students.items()
    }


def write_second_classes(
    transaction: Transaction,
    uai: str,
    students: Mapping[int, Student],
    leaving: Collection[int],
    today: date,
) -> None:
    """Have these students in the classes beside their own that they have now, and in no other."""
    wanted = {
        (number, one.class_label, one.level)
        for number, student in students.items()
        for one in student.also
    }
    known = transaction.rows(
        "SELECT student_id, class, level FROM second_class WHERE left_on IS NULL "
        "AND student_id IN (SELECT unnest($1::BIGINT[]))",
        [[*students, *leaving]],
    )
    for row in sorted(set(known) - wanted):
        transaction.write(
            "UPDATE second_class SET left_on = $1 WHERE left_on IS NULL "
            "AND student_id = $2 AND class = $3 AND level = $4",
            [today, *row],
        )
    new = sorted(wanted - set(known))
    if new:
        frame = pd.DataFrame(new, columns=["student_id", "class", "level"])
        with transaction.staged("incoming", frame):
            transaction.write(
                "INSERT INTO second_class SELECT student_id, $1, class, level, NULL "
                "FROM incoming ORDER BY student_id, class, level",
                [uai],
            )
