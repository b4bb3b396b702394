"""A school's roster: students, guardians and the links between them, as files state it."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain, islice

from dashboard.domain.enrolment import Enrolment, arranged
from dashboard.domain.names import class_key, full_name, name_key, person_key
from dashboard.domain.problem import Problems
from dashboard.domain.stated import NO_CHILD, StatedChild, Why, name_facts


@dataclass(frozen=True, slots=True)
class Student:
    """A student of the school; `ine`, `class_label` and `level` are empty where unknown.

    `also` has the classes beside that one, if the files give the student several.
    """

    birth_name: str
    usage_name: str
    first_name: str
    born_on: date | None
    ine: str
    level: str
    class_label: str
    line: int = field(default=0, compare=False)
    also: tuple[Enrolment, ...] = ()

    @property
    def name_key(self) -> str:
        return person_key(self.birth_name, self.usage_name, self.first_name)

    @property
    def full_name(self) -> str:
        return full_name(self.birth_name, self.usage_name, self.first_name)

    @property
    def enrolments(self) -> tuple[Enrolment, ...]:
        return Enrolment(self.class_label, self.level), *self.also

    @property
    def class_labels(self) -> tuple[str, ...]:
        """The student's classes, each once."""
        return tuple(dict.fromkeys(one.class_label for one in self.enrolments))


def joined(one: Student, other: Student) -> Student:
    """One student of two rows: in the classes of both."""
    main, *also = arranged((*one.enrolments, *other.enrolments))
    return replace(
        one,
        ine=one.ine or other.ine,
        level=main.level,
        class_label=main.class_label,
        also=tuple(also),
    )


@dataclass(frozen=True, slots=True)
class Child:
    """A student as a guardian's row names them."""

    birth_name: str
    usage_name: str
    first_name: str
    class_label: str
    born_on: date | None = None


@dataclass(frozen=True, slots=True)
class Guardian:
    """A guardian; `civility`, `email` and `mobile` are empty where unknown."""

    civility: str
    birth_name: str
    usage_name: str
    first_name: str
    email: str
    mobile: str
    children: tuple[Child, ...] = ()
    line: int = field(default=0, compare=False)

    @property
    def is_erased(self) -> bool:
        """Whether what named the guardian is gone: nobody comes here without a name."""
        return not (self.birth_name or self.usage_name or self.first_name)

    @property
    def name_key(self) -> str:
        return person_key(self.birth_name, self.usage_name, self.first_name)

    @property
    def full_name(self) -> str:
        return full_name(self.birth_name, self.usage_name, self.first_name)


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
    """The students, and the rows that became one with the row of an earlier line."""
    distinct: list[Student] = []
    merges = []
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
            merges.append(Merge(student.line, before.line, student.full_name))
            problems.warning(_told_again(before, distinct[number]), student.line)
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


def student_identity(student: Student) -> tuple[object, ...]:
    """What tells a student apart within a school where no INE does."""
    return name_key(student.birth_name), name_key(student.first_name), student.born_on


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
    may_be = found or [
        one for one in students if label and label in map(class_key, one.class_labels)
    ]
    classes = {one.class_label for one in may_be}
    levels = {one.level for one in may_be}
    return StatedChild(
        child.birth_name,
        child.usage_name,
        child.first_name,
        child.born_on,
        child.class_label,
        Why.SEVERAL if found else Why.ABSENT,
        classes.pop() if len(classes) == 1 else "",
        levels.pop() if len(levels) == 1 else "",
    )


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


def child_facts(students: Iterable[Student], stated: Iterable[StatedChild]) -> set[Hashable]:
    """What rows of one guardian share, by name, if they have a child in common."""
    named = (name_facts(s.birth_name, s.usage_name, s.first_name) for s in students)
    return set().union(*named, *(child.facts() for child in stated))


def guardian_identity(guardian: Guardian) -> tuple[str, str]:
    """The names by which two rows may be one guardian, were there evidence."""
    return name_key(guardian.birth_name or guardian.usage_name), name_key(guardian.first_name)


def civilities_contradict(one: Guardian, other: Guardian) -> bool:
    """Parents may share names, e-mail and children; their civilities tell them apart."""
    return bool(one.civility and other.civility and one.civility != other.civility)


def contacts(guardian: Guardian) -> set[str]:
    """The known e-mail and mobile: with the same names, sharing one makes two rows one person."""
    return {guardian.email, guardian.mobile} - {""}


def combine(old: Guardian, new: Guardian) -> Guardian:
    """One guardian of two rows: what the newer one states, else what was known."""
    return Guardian(
        new.civility or old.civility,
        new.birth_name or old.birth_name,
        new.usage_name or old.usage_name,
        new.first_name or old.first_name,
        new.email or old.email,
        new.mobile or old.mobile,
        line=old.line,
    )


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
