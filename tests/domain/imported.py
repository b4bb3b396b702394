"""A school as it is stored after an import, by the plan alone: no database."""

from dataclasses import dataclass, replace
from datetime import date
from itertools import count

from dashboard.domain.account import Account, Origin, State
from dashboard.domain.corrections import Decisions
from dashboard.domain.merging import (
    KnownGuardian,
    KnownLink,
    KnownSchool,
    KnownStudent,
    Plan,
    plan_merge,
)
from dashboard.domain.people import Child, Guardian, Student
from dashboard.domain.problem import Problems
from dashboard.domain.roster import Roster, make_roster


@dataclass(frozen=True)
class Family:
    """Guardians and the children that each of their rows names."""

    guardians: tuple[Guardian, ...]
    students: tuple[Student, ...]


def roster_of(families: list[Family]) -> Roster:
    """What the files of these families make, with lines as a file gives them."""
    students = [s for family in families for s in family.students]
    guardians = [
        replace(guardian, children=tuple(map(child_of, family.students)))
        for family in families
        for guardian in family.guardians
    ]
    return make_roster(
        [replace(one, line=line) for line, one in enumerate(students, 2)],
        [replace(one, line=line) for line, one in enumerate(guardians, 2)],
        Problems("eleves.csv"),
        Problems("responsables.csv"),
    )


def child_of(student: Student) -> Child:
    names = student.birth_name, student.usage_name, student.first_name
    return Child(*names, student.class_label, student.born_on)


def planned(known: KnownSchool, roster: Roster, decisions: Decisions | None = None) -> Plan:
    first = max([0, *known.students, *known.guardians]) + 1
    return plan_merge(
        known, roster, count(first), count(first), whole_school=True, decisions=decisions
    )


def after(known: KnownSchool, plan: Plan) -> KnownSchool:
    """What is stored once a plan is written; new accounts are activated at once."""
    students = {
        number: replace(kept, left=kept.left or number in plan.leaving_students)
        for number, kept in known.students.items()
    }
    for number, student in {**plan.new_students, **plan.changed_students}.items():
        students[number] = KnownStudent(student, left=False)
    links = {
        pair: replace(link, left=link.left or pair in plan.leaving_links)
        for pair, link in known.links.items()
    }
    for pair, student in {**plan.new_links, **plan.changed_links}.items():
        links[pair] = KnownLink(student.class_label, student.level, left=False)
    accounts = {number: kept.account for number, kept in known.guardians.items()}
    people = {number: kept.guardian for number, kept in known.guardians.items()}
    for number, guardian in {**plan.new_guardians, **plan.changed_guardians}.items():
        people[number] = replace(guardian, children=())
        accounts.setdefault(
            number, Account(f"account-{number}", Origin.SCHOOL, State.ACTIVATED, date(2026, 9, 1))
        )
    guardians = {
        number: KnownGuardian(
            guardian,
            accounts[number],
            1,
            frozenset(child for account, child in links if account == number),
        )
        for number, guardian in people.items()
    }
    return KnownSchool(students, guardians, links)


def stored(*families: Family) -> KnownSchool:
    """What is stored after a first import of these families."""
    return after(KnownSchool(), planned(KnownSchool(), roster_of(list(families))))


def holders(known: KnownSchool) -> dict[str, int]:
    """The accounts that are open, by the guardian's full name."""
    open_ = {account for (account, _), link in known.links.items() if not link.left}
    return {known.guardians[n].guardian.full_name: n for n in sorted(open_)}
