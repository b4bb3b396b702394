"""Children whom a guardian's row states and who cannot be told among the school's students."""

from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Final

from dashboard.domain.names import full_name, name_key, person_key

# What is said of a stated child who is no student of the school.
OUTSIDE: Final = 0
TO_CLARIFY = "à préciser"
SAID_OUTSIDE = "hors de l'école"
_NO_CHILD = "enfant"


class Why(StrEnum):
    """Why a child cannot be told."""

    NONE = "NONE"
    ABSENT = "ABSENT"
    SEVERAL = "SEVERAL"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    Why.NONE: "aucun enfant sur la ligne du responsable",
    Why.ABSENT: "absent du fichier des élèves",
    Why.SEVERAL: "plusieurs élèves possibles",
}


@dataclass(frozen=True, slots=True)
class StatedChild:
    """A child as a guardian's row states it; without names where the row states none.

    `stated_class` is the file's word. `class_label` and `level` are those that all the students
    whom it may be share, else empty. `student_id` is what was said of it since: a student,
    `OUTSIDE`, or ``None``. `child_id` and `uai` are there once it is stored.
    """

    birth_name: str
    usage_name: str
    first_name: str
    born_on: date | None
    stated_class: str
    why: Why
    class_label: str = field(default="", compare=False)
    level: str = field(default="", compare=False)
    student_id: int | None = None
    child_id: int = field(default=0, compare=False)
    uai: str = field(default="", compare=False)

    @property
    def name_key(self) -> str:
        return person_key(self.birth_name, self.usage_name, self.first_name)

    @property
    def full_name(self) -> str:
        return full_name(self.birth_name, self.usage_name, self.first_name)

    @property
    def is_to_clarify(self) -> bool:
        return self.student_id is None

    @property
    def label(self) -> str:
        """How a list names it."""
        said = TO_CLARIFY if self.is_to_clarify else SAID_OUTSIDE
        return f"{self.full_name or _NO_CHILD} ({said})"

    @property
    def identity(self) -> tuple[object, ...]:
        """What tells a guardian's stated children apart from one import to the next."""
        families = frozenset({name_key(self.birth_name), name_key(self.usage_name)} - {""})
        return self.why is Why.NONE, families, name_key(self.first_name), self.born_on

    def facts(self) -> set[Hashable]:
        """What two rows of one guardian share if they state the same child."""
        if self.why is Why.NONE:
            return {_NO_CHILD}
        return name_facts(self.birth_name, self.usage_name, self.first_name)

    def unplaced(self) -> "StatedChild":
        """The child outside every class of the school."""
        return replace(self, class_label="", level="")


NO_CHILD: Final = StatedChild("", "", "", None, "", Why.NONE)


def name_facts(birth_name: str, usage_name: str, first_name: str) -> set[Hashable]:
    """A child's first name with each of its family names, as they are compared."""
    families = {name_key(birth_name), name_key(usage_name)} - {""}
    return {(family, name_key(first_name)) for family in families}
