"""Which schools are told of together only: bundles of whole districts, of ten schools at least.

Some figures are told of many schools together, and never of a few: those by level, and the weeks
that are kept. The schools that have such a figure are split into bundles, and what is published
adds up whole bundles, whichever area, filter or list of schools was asked for. Whatever is then
subtracted or combined, with whatever factors, is a combination of bundles: either nothing is left
of it, or all schools of a bundle are behind it. A bundle depends on places and numbers of schools
alone, never on a count of people.

A district with schools enough is a bundle. What remains of a département, its small districts and
the schools of no district, is one too if it is large enough, and else joins the smallest district,
which is no longer told of by itself; the département is. A département that is small as a whole
waits for others of its academy, and so on up.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby

LEAST_SCHOOLS = 10
# An academy, a département of it, a district of that.
District = tuple[str, str, str]
_DEPTHS = (3, 2, 1, 0)


@dataclass(frozen=True, slots=True)
class Held:
    """The schools (UAIs) of a district that have figures of a level, or of a week."""

    of: Hashable
    district: District
    schools: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bundle:
    """Schools (UAIs, in their order) that are told of together."""

    schools: tuple[str, ...]

    @property
    def name(self) -> str:
        """The first of its schools; no other bundle of the same level or week has it."""
        return self.schools[0]

    @property
    def key(self) -> str:
        """What tells it from a bundle of any other schools."""
        return sha256("\0".join(self.schools).encode()).hexdigest()


def bundled(held: Iterable[Held]) -> dict[tuple[Hashable, District], Bundle]:
    """The bundle that each district's schools are in, for each level or week; none of too few."""
    found: dict[Hashable, dict[District, Held]] = defaultdict(dict)
    for one in held:
        found[one.of][one.district] = one
    made: dict[tuple[Hashable, District], Bundle] = {}
    for of, here in found.items():
        for inside in bundles({district: len(one.schools) for district, one in here.items()}):
            schools = sorted(uai for district in inside for uai in here[district].schools)
            made |= {(of, district): Bundle(tuple(schools)) for district in inside}
    return made


def bundles(schools: Mapping[District, int], least: int = LEAST_SCHOOLS) -> list[list[District]]:
    """The districts of each bundle; of fewer schools than `least` in all, there is none.

    Args:
        schools: how many schools of each district have what is to be told.
    """
    made: list[list[District]] = []
    waiting = sorted(district for district, count in schools.items() if count)
    for depth in _DEPTHS:
        left: list[District] = []
        for area, here in _by_area(waiting, depth):
            if _count(schools, here) >= least:
                made.append(here)
            elif inside := [one for one in made if one[0][:depth] == area]:
                _smallest(inside, schools, depth).extend(here)
            else:
                left += here
        waiting = left
    return made


def _by_area(
    districts: Iterable[District], depth: int
) -> Iterator[tuple[tuple[str, ...], list[District]]]:
    """Sorted districts by the area that they are in, named by so many places."""
    for area, inside in groupby(districts, key=lambda district: district[:depth]):
        yield area, list(inside)


def _count(schools: Mapping[District, int], districts: Iterable[District]) -> int:
    return sum(schools[district] for district in districts)


def _smallest(
    inside: list[list[District]], schools: Mapping[District, int], depth: int
) -> list[District]:
    """The bundle that loses least by what joins it: the smallest one of the smallest part."""
    parts: Counter[tuple[str, ...]] = Counter()
    for district, count in schools.items():
        parts[district[: depth + 1]] += count
    return min(inside, key=lambda one: (parts[one[0][: depth + 1]], _count(schools, one), one[0]))
