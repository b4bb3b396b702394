"""Reading what is known of a school before an import, and writing the plan that follows."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, time

import pandas as pd

from dashboard.domain.account import Origin, State, identifier
from dashboard.domain.action import Action
from dashboard.domain.credentials import Password
from dashboard.domain.journal import IMPORT, Entry
from dashboard.domain.merging import KnownGuardian, KnownLink, KnownSchool, KnownStudent, Plan
from dashboard.domain.people import Guardian, Student
from dashboard.domain.scope import PeopleScope
from dashboard.store.engine import Changed, Transaction
from dashboard.store.enrolments import with_second_classes, write_second_classes
from dashboard.store.journal import write_entries, write_imported
from dashboard.store.messages import end_tickets, supersede
from dashboard.store.params import Params
from dashboard.store.people import ACCOUNT, GUARDIAN, STUDENT, account_of, guardian_of, student_of
from dashboard.store.schools import within
from dashboard.store.stated import known_stated, write_stated

_BATCH = 1000


def known_school(
    transaction: Transaction,
    scope: PeopleScope,
    shared_contacts: Collection[str],
    identifiers: Collection[str] = (),
) -> KnownSchool:
    """What is stored of the scope's school, and accounts elsewhere that share a contact.

    The latter, and those of the given identifiers, serve to recognise a guardian of another
    school, never to show one.
    """
    params = Params()
    condition = within(scope, params)
    students = transaction.rows(
        f"SELECT student_id, left_on IS NOT NULL, {STUDENT} FROM student WHERE {condition}",
        params.values,
    )
    links = transaction.rows(
        "SELECT account_id, student_id, class, level, left_on IS NOT NULL "
        f"FROM link WHERE {condition}",
        params.values,
    )
    contacts = f"(SELECT unnest({params.add(list(shared_contacts))}::TEXT[]))"
    accounts = transaction.rows(
        f"SELECT account_id, version, {GUARDIAN}, {ACCOUNT} "
        f"FROM account WHERE account_id IN (SELECT account_id FROM link WHERE {condition}) "
        f"OR email IN {contacts} OR mobile IN {contacts} "
        f"OR identifier IN (SELECT unnest({params.add(list(identifiers))}::TEXT[]))",
        params.values,
    )
    children: dict[int, set[int]] = defaultdict(set)
    for account, student, *_ in links:
        children[account].add(student)
    people = with_second_classes(transaction, {row[0]: student_of(row[2:]) for row in students})
    return KnownSchool(
        {number: KnownStudent(people[number], left) for number, left, *_ in students},
        {
            number: KnownGuardian(
                guardian_of(row[:6]), account_of(row[6:]), version, frozenset(children[number])
            )
            for number, version, *row in accounts
        },
        {(account, student): KnownLink(*link) for account, student, *link in links},
        known_stated(transaction, scope),
    )


def student_numbers(transaction: Transaction) -> Iterator[int]:
    """Numbers for new students, none given twice."""
    while True:
        yield from _next(transaction, "student_number")


def account_numbers(transaction: Transaction) -> Iterator[int]:
    """Numbers for new accounts whose identifiers no account has, not even an imported one."""
    base = _identifier_base(transaction)
    while True:
        numbers = _next(transaction, "account_number")
        identifiers = {identifier(base, number): number for number in numbers}
        taken = transaction.rows(
            "SELECT identifier FROM account WHERE identifier IN (SELECT unnest($1::TEXT[]))",
            [list(identifiers)],
        )
        for (text,) in taken:
            del identifiers[text]
        yield from identifiers.values()


def _identifier_base(transaction: Transaction) -> int:
    [(base,)] = transaction.rows("SELECT identifier_base FROM numbering")
    return int(base)


def _next(transaction: Transaction, sequence: str) -> list[int]:
    drawn = transaction.rows(f"SELECT nextval('{sequence}') FROM generate_series(1, {_BATCH})")
    return sorted(number for (number,) in drawn)


def write_plan(
    transaction: Transaction, uai: str, plan: Plan, known: KnownSchool, today: date
) -> None:
    """Write a plan's changes.

    Raises:
        Changed: another session changed one of the accounts meanwhile.
    """
    _write_students(transaction, uai, plan, today)
    stated = plan.new_students | plan.changed_students
    write_second_classes(transaction, uai, stated, plan.leaving_students, today)
    _write_guardians(transaction, plan, known, today)
    write_stated(transaction, uai, plan)
    _write_links(transaction, uai, plan, today)


_STUDENT = (
    "birth_name",
    "usage_name",
    "first_name",
    "name_key",
    "born_on",
    "ine",
    "level",
    "class",
)


def _student_frame(students: Mapping[int, Student]) -> pd.DataFrame:
    rows = [
        (
            number, s.birth_name, s.usage_name, s.first_name, s.name_key, s.born_on, s.ine,
            s.level, s.class_label,
        )
        for number, s in students.items()
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["student_id", *_STUDENT])
    return frame.assign(born_on=pd.to_datetime(frame["born_on"]))


def _write_students(transaction: Transaction, uai: str, plan: Plan, today: date) -> None:
    columns = ", ".join(_STUDENT)
    if plan.new_students:
        with transaction.staged("incoming", _student_frame(plan.new_students)):
            transaction.write(
                f"INSERT INTO student (student_id, uai, {columns}) "
                f"SELECT student_id, $1, {columns} FROM incoming ORDER BY student_id",
                [uai],
            )
    if plan.changed_students:
        with transaction.staged("incoming", _student_frame(plan.changed_students)):
            values = ", ".join(f"{name} = incoming.{name}" for name in _STUDENT)
            transaction.write(
                f"UPDATE student SET {values}, left_on = NULL FROM incoming "
                "WHERE student.student_id = incoming.student_id AND student.uai = $1",
                [uai],
            )
    if plan.leaving_students:
        transaction.write(
            "UPDATE student SET left_on = $1 WHERE uai = $2 "
            "AND student_id IN (SELECT unnest($3::BIGINT[]))",
            [today, uai, sorted(plan.leaving_students)],
        )


_GUARDIAN = ("civility", "birth_name", "usage_name", "first_name", "name_key", "email", "mobile")


def _guardian_rows(guardians: Mapping[int, Guardian]) -> list[tuple[object, ...]]:
    return [
        (
            number,
            g.civility,
            g.birth_name,
            g.usage_name,
            g.first_name,
            g.name_key,
            g.email,
            g.mobile,
        )
        for number, g in guardians.items()
    ]


def _write_guardians(transaction: Transaction, plan: Plan, known: KnownSchool, today: date) -> None:
    names = ["account_id", *_GUARDIAN]
    columns = ", ".join(_GUARDIAN)
    if plan.new_guardians:
        frame = pd.DataFrame(_guardian_rows(plan.new_guardians), columns=names)
        base = _identifier_base(transaction)
        frame = frame.assign(
            identifier=[identifier(base, n) for n in plan.new_guardians],
            state=State.NOT_NOTIFIED.value,
        )
        with transaction.staged("incoming", frame):
            transaction.write(
                f"INSERT INTO account (account_id, identifier, {columns}, origin, state, version, "
                f"password, password_hash) SELECT account_id, identifier, {columns}, $1, state, 1, "
                "$2, '' FROM incoming ORDER BY account_id",
                [Origin.SCHOOL.value, Password.NONE.value],
            )
            write_imported(transaction, "incoming", Action.CREATE, today)
    if plan.changed_guardians:
        frame = pd.DataFrame(_guardian_rows(plan.changed_guardians), columns=names)
        versions = [known.guardians[number].version for number in plan.changed_guardians]
        with transaction.staged("incoming", frame.assign(version=versions)):
            values = ", ".join(f"{name} = incoming.{name}" for name in _GUARDIAN)
            written = transaction.write(
                f"UPDATE account SET {values}, version = account.version + 1 FROM incoming "
                "WHERE account.account_id = incoming.account_id "
                "AND account.version = incoming.version"
            )
        if written != len(frame):
            raise Changed
        _follow_corrections(transaction, plan, known, today)


def _follow_corrections(
    transaction: Transaction, plan: Plan, known: KnownSchool, today: date
) -> None:
    """What was sent to an address that the school has corrected is worth nothing any more."""
    corrected = [
        number
        for number, guardian in plan.changed_guardians.items()
        if guardian.email != known.guardians[number].guardian.email
    ]
    now = datetime.combine(today, time())
    end_tickets(transaction, corrected, now)
    supersede(transaction, corrected, now)
    states = {number: known.guardians[number].account.state for number in corrected}
    write_entries(
        transaction,
        [Entry(now, IMPORT, Action.CORRECT, n, state, state) for n, state in states.items()],
    )


def _link_frame(links: Mapping[tuple[int, int], Student]) -> pd.DataFrame:
    rows = [(*pair, student.class_label, student.level) for pair, student in links.items()]
    return pd.DataFrame(rows, columns=["account_id", "student_id", "class", "level"])


def _write_links(transaction: Transaction, uai: str, plan: Plan, today: date) -> None:
    if plan.new_links:
        with transaction.staged("incoming", _link_frame(plan.new_links)):
            transaction.write(
                "INSERT INTO link SELECT account_id, student_id, $1, class, level, NULL "
                "FROM incoming ORDER BY account_id, student_id",
                [uai],
            )
    same_link = (
        "link.uai = $1 AND link.account_id = incoming.account_id "
        "AND link.student_id = incoming.student_id"
    )
    if plan.changed_links:
        with transaction.staged("incoming", _link_frame(plan.changed_links)):
            transaction.write(
                "UPDATE link SET class = incoming.class, level = incoming.level, left_on = NULL "
                f"FROM incoming WHERE {same_link}",
                [uai],
            )
    if plan.leaving_links:
        pairs = pd.DataFrame(sorted(plan.leaving_links), columns=["account_id", "student_id"])
        with transaction.staged("incoming", pairs):
            transaction.write(
                f"UPDATE link SET left_on = $2 FROM incoming WHERE {same_link}", [uai, today]
            )
