"""Who a stated child may be: the school's students, the likeliest first, with the evidence."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from dashboard.domain.names import class_key, name_key
from dashboard.domain.people import Student
from dashboard.domain.stated import StatedChild

# What speaks for a student, in words, with its weight and how it is told.
_Told = Callable[[StatedChild, Student], bool]
_EVIDENCE: tuple[tuple[str, int, _Told], ...] = (
    ("même nom", 4, lambda child, student: bool(_families(child) & _families(student))),
    (
        "même prénom",
        4,
        lambda child, student: _same(name_key(child.first_name), name_key(student.first_name)),
    ),
    (
        "même date de naissance",
        2,
        lambda child, student: child.born_on is not None and child.born_on == student.born_on,
    ),
    (
        "même classe",
        1,
        lambda child, student: any(
            _same(class_key(child.stated_class), class_key(label)) for label in student.class_labels
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A student by number, and what speaks for their being the child, in French words."""

    student_id: int
    student: Student
    evidence: tuple[str, ...]


def candidates(
    child: StatedChild, family: Iterable[str], students: Iterable[tuple[int, Student]]
) -> list[Candidate]:
    """All these students, those for whom most speaks first, then by name.

    `family` are the family names of the guardian, which stand in for those of a child that the
    guardian's row does not name.
    """
    guardians = {name_key(name) for name in family} - {""}
    ranked = []
    for number, student in students:
        found = [(word, weight) for word, weight, told in _EVIDENCE if told(child, student)]
        if not _families(child) and guardians & _families(student):
            found = [("même nom que le responsable", 1)]
        weight = sum(weight for _, weight in found)
        words = tuple(word for word, _ in found)
        ranked.append((-weight, student.name_key, Candidate(number, student, words)))
    ranked.sort(key=lambda one: (one[0], one[1], one[2].student_id))
    return [candidate for _, _, candidate in ranked]


def _families(person: StatedChild | Student) -> set[str]:
    return {name_key(person.birth_name), name_key(person.usage_name)} - {""}


def _same(one: str, other: str) -> bool:
    return bool(one) and one == other
