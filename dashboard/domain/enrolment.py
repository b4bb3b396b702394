"""Levels in their order, and the classes of a student: one as a rule, or one and a dispositif."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from dashboard.domain.names import class_key, name_key

LEVELS = ("TPS", "PS", "MS", "GS", "CP", "CE1", "CE2", "CM1", "CM2", "ULIS", "UPE2A")
UNKNOWN_LEVEL = ""
# Levels that some files give to students who have a class of their age as well.
DISPOSITIFS = ("ULIS", "UPE2A")

# Other spellings seen in extractions; CLIS became ULIS in 2015, CLIN became UPE2A in 2012.
_SPELLINGS = {
    "clis": "ULIS",
    "clin": "UPE2A",
    "upe 2a": "UPE2A",
    "toute petite section": "TPS",
    "petite section": "PS",
    "moyenne section": "MS",
    "grande section": "GS",
    "cours preparatoire": "CP",
    "cours elementaire 1": "CE1",
    "cours elementaire 2": "CE2",
    "cours moyen 1": "CM1",
    "cours moyen 2": "CM2",
} | {level.lower(): level for level in LEVELS}
_DISPOSITIF_LABELS = (*(level.lower() for level in DISPOSITIFS), "clis", "clin")


def parse_level(text: str) -> str:
    """The level that a file's cell names; ``""`` for an empty cell.

    Raises:
        ValueError: in French, with the levels that would be right.
    """
    key = name_key(text)
    if not key:
        return UNKNOWN_LEVEL
    level = _SPELLINGS.get(key) or _SPELLINGS.get(key.replace(" ", ""))
    if level is None:
        raise ValueError(f"niveau « {text} » inconnu. Attendu : {', '.join(LEVELS)}.")
    return level


def level_rank(level: str) -> int:
    """The place of a level in the pedagogical order; unknown levels come last."""
    return LEVELS.index(level) if level in LEVELS else len(LEVELS)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A class that a student is in, and their level there; either is empty where unknown."""

    class_label: str
    level: str

    @property
    def is_dispositif(self) -> bool:
        """Whether it is not the class of the student's age."""
        return self.level in DISPOSITIFS or class_key(self.class_label).startswith(
            _DISPOSITIF_LABELS
        )


def arranged(stated: Iterable[Enrolment]) -> tuple[Enrolment, ...]:
    """What several rows say of one student's classes, each once; the class before dispositifs.

    The order is that of the classes, not of the rows. A row without class or level adds nothing to
    one that has it.
    """
    distinct: dict[tuple[str, str], Enrolment] = {}
    for one in stated:
        distinct.setdefault((class_key(one.class_label), one.level), one)
    found = in_order(distinct.values())
    named = [one.class_label for one in found if one.class_label]
    full = [one if one.class_label or not named else _placed(one, named[0]) for one in found]
    return in_order({one for one in full if not any(_says_more(other, one) for other in full)})


def in_order(enrolments: Iterable[Enrolment]) -> tuple[Enrolment, ...]:
    """The class before dispositifs, then from the youngest level, by name."""
    return tuple(sorted(enrolments, key=_order))


def _order(one: Enrolment) -> tuple[object, ...]:
    label = one.class_label
    return one.is_dispositif, level_rank(one.level), class_key(label), label


def _placed(one: Enrolment, label: str) -> Enrolment:
    """A level without a class is one of the student's class."""
    return replace(one, class_label=label)


def _says_more(other: Enrolment, one: Enrolment) -> bool:
    same = class_key(other.class_label) == class_key(one.class_label)
    return same and not one.level and bool(other.level)
