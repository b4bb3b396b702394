"""What statistics are grouped by."""

from collections.abc import Iterable
from enum import StrEnum


class Grouping(StrEnum):
    """The groups that accounts are counted in; a structure is the whole of a scope."""

    STRUCTURE = "structure"
    CLASS = "class"
    LEVEL = "level"
    SCHOOL = "school"
    DISTRICT = "district"
    DEPARTMENT = "department"
    ACADEMY = "academy"


# One grouping, or several that are crossed.
Groupings = Grouping | str | Iterable[Grouping | str]


def groupings_of(by: Groupings) -> tuple[Grouping, ...]:
    """The groupings that are crossed, each once, in the order given.

    Raises:
        ValueError: one is none of `Grouping`.
    """
    several = [by] if isinstance(by, str) else list(by)
    known = [grouping.value for grouping in Grouping]
    if unknown := [one for one in several if one not in known]:
        names = ", ".join(map(repr, unknown))
        raise ValueError(f"regroupement inconnu : {names}. Connus : {', '.join(known)}.")
    return tuple(dict.fromkeys(Grouping(one) for one in several))


# What tells the groups apart, by its stored name where it is not that of the grouping.
_KEYS: dict[Grouping, tuple[str, ...]] = {
    Grouping.STRUCTURE: (),
    Grouping.CLASS: ("uai", "class"),
    Grouping.SCHOOL: ("uai",),
}


def group_keys(by: Iterable[Grouping]) -> list[str]:
    """The stored columns that tell the groups of crossed groupings apart, in their order."""
    return list(dict.fromkeys(key for one in by for key in _KEYS.get(one, (one.value,))))
