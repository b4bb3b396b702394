"""How near two spellings of a name are: the same, a typing error apart, or two names."""

from enum import IntEnum

from dashboard.domain.names import name_key

# In a shorter name, one letter makes another name: Tom and Tim, Léa and Léo.
_LONG_ENOUGH = 4
# A name that is only these is shared by families who have nothing in common.
_PARTICLES = frozenset(
    {
        *("al", "ben", "bin", "da", "de", "del", "der", "des", "di", "do", "dos", "du", "el", "la"),
        *("las", "le", "les", "mac", "mc", "o", "saint", "sainte", "st", "ste", "van", "von", "y"),
    }
)


class Likeness(IntEnum):
    """How alike two names are, from two names to one; an empty name is like no other."""

    OTHER = 0
    # One edit apart at the last letter, where Louis and Louise, Marie and Maria differ too.
    ENDING = 1
    # A letter left out, added, replaced or swapped with the next; or one of several names only.
    CLOSE = 2
    EQUAL = 3


def likeness(one: str, other: str) -> Likeness:
    """How alike two names are, whatever their case, accents, hyphens and blanks."""
    keys = name_key(one), name_key(other)
    short, long = sorted((key.replace(" ", "") for key in keys), key=len)
    if not short:
        return Likeness.OTHER
    if short == long:
        return Likeness.EQUAL
    if _is_part(*(frozenset(key.split()) for key in keys)):
        return Likeness.CLOSE
    if len(short) < _LONG_ENOUGH or not one_edit_apart(short, long):
        return Likeness.OTHER
    return Likeness.ENDING if long[:-1] in (short, short[:-1]) else Likeness.CLOSE


def one_edit_apart(one: str, other: str) -> bool:
    """Whether a letter left out, added, replaced, or swapped with its neighbour makes one other."""
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    one, other = one[start:], other[start:]
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    if max(len(one), len(other)) == 1:
        return True
    return len(one) == len(other) == 2 and one == other[::-1]


def _is_part(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether the words of one name are all among those of the other: Marie and Marie-Claire."""
    short, long = sorted((one, other), key=len)
    return short < long and bool(short - _PARTICLES)
