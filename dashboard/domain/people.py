"""Students, guardians and their children as rows state them, and the account of a list."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from dashboard.domain.account import Account
from dashboard.domain.enrolment import Enrolment, arranged
from dashboard.domain.names import full_name, name_key, person_key
from dashboard.domain.stated import StatedChild, name_facts


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


def student_identity(student: Student) -> tuple[object, ...]:
    """What tells a student apart within a school where no INE does."""
    return name_key(student.birth_name), name_key(student.first_name), student.born_on


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


@dataclass(frozen=True, slots=True)
class ListedAccount:
    """One account of a list: the guardian, their children in the school, and the account.

    `stated` are children who cannot be told among the school's students, so far.
    """

    uai: str
    school: str
    guardian: Guardian
    students: tuple[Student, ...]
    account: Account
    account_id: int = 0
    version: int = field(default=0, compare=False)
    line: int = field(default=0, compare=False)
    stated: tuple[StatedChild, ...] = ()

    @property
    def children(self) -> tuple[Student | StatedChild, ...]:
        return (*self.students, *self.stated)

    @property
    def enrolled(self) -> list[tuple[Student, Enrolment]]:
        """The children with each of their classes."""
        return [(student, one) for student in self.students for one in student.enrolments]

    @property
    def student_names(self) -> list[str]:
        return [student.full_name for student in self.students]

    @property
    def child_names(self) -> list[str]:
        """The children as they are shown, those to be clarified marked as such."""
        return self.student_names + [child.label for child in self.stated]

    @property
    def classes(self) -> list[str]:
        labels = [label for student in self.students for label in student.class_labels]
        return list(dict.fromkeys(labels + [child.class_label for child in self.stated]))
