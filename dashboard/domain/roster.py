"""A school's roster: students, guardians and the links between them, as files state it."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from itertools import chain, islice

from dashboard.domain.enrolment import Enrolment
from dashboard.domain.names import class_key, full_name, name_key
from dashboard.domain.people import (
    Child,
    Guardian,
    Student,
    combine,
    contacts,
    guardian_identity,
    joined,
    student_identity,
)
from dashboard.domain.problem import Problems
from dashboard.domain.stated import NO_CHILD, StatedChild, Why


@dataclass(frozen=True, slots=True)
class NamedChild:
    """A child that the row of a line names: the place of the student it is, else what it states."""

    line: int
    name: str
    student: int | None
    stated: StatedChild | None = None


@dataclass(frozen=True, slots=True)
class Merge:
    """A row that says the same as an earlier one, and became one with it."""

    line: int
    into: int
    name: str


@dataclass(frozen=True, slots=True)
class Rows:
    """What the files said row by row, before rows became people; to be reconciled.

    `named` has the children of each guardian, in the order of `Roster.guardians`.
    """

    students: tuple[Student, ...] = ()
    guardians: int = 0
    named: tuple[tuple[NamedChild, ...], ...] = ()
    merged_students: tuple[Merge, ...] = ()
    merged_guardians: tuple[Merge, ...] = ()


@dataclass(frozen=True, slots=True)
class Roster:
    """Distinct students and guardians, and the links: places of a guardian and of a student.

    `stated` has each guardian's children that are no link, because they cannot be told.
    """

    students: tuple[Student, ...]
    guardians: tuple[Guardian, ...]
    links: frozenset[tuple[int, int]]
    stated: tuple[tuple[StatedChild, ...], ...] = ()
    rows: Rows = field(default_factory=Rows)


def make_roster(
    students: Iterable[Student],
    guardians: Iterable[Guardian],
    student_problems: Problems,
    guardian_problems: Problems,
) -> Roster:
    """Join the rows of the two files into one roster.

    Rows that repeat a student or a guardian become one; children who cannot be told for certain
    are stated. Each such case is a warning; the same INE on two students is an error.
    """
    read = tuple(students)
    distinct, repeated = _distinct_students(read, student_problems)
    if student_problems.has_errors:  # a child may be absent from a wrong file only
        return Roster(tuple(distinct), tuple(guardians), frozenset())
    find = _student_finder(distinct)
    children = [
        (guardian, _children_of(guardian, find, distinct, guardian_problems))
        for guardian in guardians
    ]
    merged, merges = _distinct_guardians(children, guardian_problems)
    return Roster(
        tuple(distinct),
        tuple(guardian for guardian, _ in merged),
        frozenset(
            (number, child.student)
            for number, (_, kids) in enumerate(merged)
            for child in kids
            if child.student is not None
        ),
        tuple(_stated(guardian, kids, guardian_problems) for guardian, kids in merged),
        Rows(
            read,
            len(children),
            tuple(kids for _, kids in merged),
            repeated,
            merges,
        ),
    )


def _distinct_students(
    students: Iterable[Student], problems: Problems
) -> tuple[list[Student], tuple[Merge, ...]]:
    """The students of the rows, and the rows that became one with an earlier one."""
    distinct: list[Student] = []
    merges: list[Merge] = []
    by_identity: dict[tuple[object, ...], dict[str, int]] = defaultdict(dict)
    by_ine: dict[str, int] = {}
    for student in students:
        namesakes = by_identity[student_identity(student)]
        number = _same_student(student, namesakes)
        if number is None:
            number = len(distinct)
            distinct.append(student)
        else:
            before = distinct[number]
            distinct[number] = joined(before, student)
            problems.warning(_told_again(before, distinct[number]), student.line)
            merges.append(Merge(student.line, before.line, student.full_name))
            namesakes.pop(before.ine, None)
        ine = distinct[number].ine
        namesakes[ine] = number
        if ine and by_ine.setdefault(ine, number) != number:
            holder = distinct[by_ine[ine]]
            problems.error(
                f"INE {ine} déjà porté par {holder.full_name} à la ligne {holder.line}. "
                "Attendu : un INE différent pour chaque élève.",
                student.line,
                "INE",
            )
    return distinct, tuple(merges)


def _same_student(student: Student, namesakes: Mapping[str, int]) -> int | None:
    """The one of the namesakes, by INE, whose INE does not contradict the student's."""
    if not student.ine:
        return next(iter(namesakes.values()), None)
    return namesakes.get(student.ine, namesakes.get(""))


def _told_again(before: Student, now: Student) -> str:
    """What a second row of a student adds."""
    already = f"{now.full_name} figure déjà à la ligne {now.line}"
    if now.enrolments == before.enrolments:
        return f"{already} ; ligne ignorée."
    places = ", ".join(filter(None, now.class_labels))
    return f"{already} ; les deux lignes sont réunies (classes : {places})."


class _Homonyms:
    """Students, by number, who share a first name and a family name."""

    def __init__(self) -> None:
        self.students: dict[int, Student] = {}
        self._by_class: dict[str, list[int]] = defaultdict(list)
        self._by_birth: dict[date | None, list[int]] = defaultdict(list)

    def add(self, number: int, student: Student) -> None:
        self.students[number] = student
        for label in {class_key(label) for label in student.class_labels}:
            self._by_class[label].append(number)
        self._by_birth[student.born_on].append(number)

    def matching(self, child: Child, known_classes: Set[str]) -> Iterable[int]:
        """Those whom the child's birth date, else class, does not tell apart from the child."""
        if child.born_on:
            return chain(self._by_birth.get(child.born_on, ()), self._by_birth.get(None, ()))
        label = class_key(child.class_label)
        # The two files may word every class differently; only a class that the students' file
        # knows can speak against a student of the same name.
        return self._by_class.get(label) or (() if label in known_classes else self.students)


_Finder = Callable[[Child], list[int]]
# A warning names at most so many of the students that a child may be.
_NAMED = 5


def _student_finder(students: Sequence[Student]) -> _Finder:
    """A function from a child named by a guardian's row to the first of the students it may be."""
    by_names: dict[tuple[frozenset[str], str], _Homonyms] = defaultdict(_Homonyms)
    for number, student in enumerate(students):
        names = _family_names(student)
        for some in {names} | {frozenset({name}) for name in names}:
            by_names[some, name_key(student.first_name)].add(number, student)
    labels = {label for student in students for label in student.class_labels}
    known_classes = set(map(class_key, labels)) - {""}

    def find(child: Child) -> list[int]:
        names, first = _family_names(child), name_key(child.first_name)
        # Students who bear both of a child's family names, if some do; else those who bear one.
        wanted = [names] if (names, first) in by_names else [frozenset({name}) for name in names]
        homonyms = [by_names[some, first] for some in wanted if (some, first) in by_names]
        found = (one.matching(child, known_classes) for one in homonyms)
        return sorted({number for some in found for number in islice(some, _NAMED)})[:_NAMED]

    return find


def _family_names(person: Student | Child) -> frozenset[str]:
    return frozenset({name_key(person.birth_name), name_key(person.usage_name)} - {""})


def _children_of(
    guardian: Guardian, find: _Finder, students: Sequence[Student], problems: Problems
) -> tuple[NamedChild, ...]:
    children = []
    for child in guardian.children:
        found = find(child)
        name = full_name(child.birth_name, child.usage_name, child.first_name)
        if len(found) == 1:
            children.append(NamedChild(guardian.line, name, found[0]))
            continue
        place = f" ({child.class_label})" if child.class_label else ""
        lines = ", ".join(str(students[number].line) for number in found)
        why = f" : plusieurs élèves possibles (lignes {lines} du fichier des élèves)"
        problems.warning(
            f"enfant {name}{place}{why if found else ' absent du fichier des élèves'} ; "
            "aucun rattachement, enfant à préciser.",
            guardian.line,
        )
        stated = _state(child, [students[number] for number in found], students)
        children.append(NamedChild(guardian.line, name, None, stated))
    return tuple(children)


def _state(child: Child, found: Sequence[Student], students: Sequence[Student]) -> StatedChild:
    """A child who cannot be told; in the class and level of all those it may be, if they share it.

    One whom the students' file does not have may be anybody of the class that its guardian states.
    """
    label = class_key(child.class_label)
    may_be = found or [one for one in students if label and _enrolled_in(one, label)]
    enrolments = [_enrolled_in(one, label) or one.enrolments for one in may_be]
    return StatedChild(
        child.birth_name,
        child.usage_name,
        child.first_name,
        child.born_on,
        child.class_label,
        Why.SEVERAL if found else Why.ABSENT,
        _shared([{one.class_label for one in of_one} for of_one in enrolments]),
        _shared([{one.level for one in of_one} for of_one in enrolments]),
    )


def _enrolled_in(student: Student, label: str) -> tuple[Enrolment, ...]:
    """The student's places in a class, by its key."""
    return tuple(one for one in student.enrolments if class_key(one.class_label) == label)


def _shared(values: Sequence[Set[str]]) -> str:
    """The one value that all have; empty if there is none, or are several."""
    common = set(values[0]).intersection(*values) if values else set()
    return common.pop() if len(common) == 1 else ""


def _stated(
    guardian: Guardian, children: Sequence[NamedChild], problems: Problems
) -> tuple[StatedChild, ...]:
    """What a guardian's rows state of children who cannot be told, each once."""
    if not children:
        problems.warning(
            f"{guardian.full_name} : aucun enfant sur cette ligne ; enfant à préciser.",
            guardian.line,
        )
        return (NO_CHILD,)
    told = {name_key(child.name) for child in children if child.student is not None}
    stated = {
        child.stated.identity: child.stated
        for child in reversed(children)
        if child.stated is not None and name_key(child.name) not in told
    }
    return tuple(reversed(stated.values()))


def _distinct_guardians(
    rows: Sequence[tuple[Guardian, tuple[NamedChild, ...]]], problems: Problems
) -> tuple[list[tuple[Guardian, tuple[NamedChild, ...]]], tuple[Merge, ...]]:
    """One guardian for rows with the same names and a shared e-mail, mobile or child.

    The same names alone stay two people: a wrong merge shows a family's children to a stranger.
    """
    facts = [
        {(guardian_identity(guardian), fact) for fact in contacts(guardian) | _told(children)}
        for guardian, children in rows
    ]
    civilities = _civilities([guardian.civility for guardian, _ in rows], facts)
    evidence = [
        {(civility, fact) for fact in known}
        for civility, known in zip(civilities, facts, strict=True)
    ]
    people, merges = [], []
    for group in _connected(evidence):
        person, children = rows[group[0]]
        for number in group[1:]:
            guardian, others = rows[number]
            merges.append(Merge(guardian.line, person.line, guardian.full_name))
            problems.warning(
                f"{guardian.full_name} figure déjà à la ligne {person.line} ; "
                "les deux lignes sont réunies.",
                guardian.line,
            )
            person, children = combine(person, guardian), children + others
        people.append((person, children))
    return people, tuple(merges)


def _told(children: Iterable[NamedChild]) -> set[int]:
    return {child.student for child in children if child.student is not None}


def _civilities(stated: Sequence[str], evidence: Sequence[Set[Hashable]]) -> list[str]:
    """The civility of each row: a row without one has that of the rows that share its evidence.

    If these contradict each other, it stays unknown.
    """
    heard: dict[Hashable, set[str]] = defaultdict(set)
    for civility, facts in zip(stated, evidence, strict=True):
        for fact in facts:
            heard[fact].add(civility)
    civilities = []
    for civility, facts in zip(stated, evidence, strict=True):
        others = set().union(*(heard[fact] for fact in facts)) - {""}
        civilities.append(civility or (others.pop() if len(others) == 1 else ""))
    return civilities


def _connected(evidence: Sequence[Set[Hashable]]) -> list[list[int]]:
    """The rows (by number) that share evidence, directly or through other rows, in file order."""
    leader = list(range(len(evidence)))

    def lead(row: int) -> int:
        while leader[row] != row:
            leader[row] = row = leader[leader[row]]
        return row

    first_with: dict[Hashable, int] = {}
    for row, facts in enumerate(evidence):
        for fact in facts:
            one, other = sorted((lead(row), lead(first_with.setdefault(fact, row))))
            leader[other] = one
    groups: dict[int, list[int]] = defaultdict(list)
    for row in range(len(evidence)):
        groups[lead(row)].append(row)
    return list(groups.values())
