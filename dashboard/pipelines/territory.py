"""The places of a scope: which schools each holds, what it is part of, and its parts."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from dashboard.domain.place import AREAS, Place
from dashboard.domain.scope import Area, Scope
from dashboard.pipelines.statistics import texts

_KEYS = {
    Area.ACADEMY: ["academy"],
    Area.DEPARTMENT: ["department"],
    Area.DISTRICT: ["department", "district"],
    Area.SCHOOLS: ["uai"],
}


@dataclass(frozen=True, slots=True)
class Territory:
    """What an asker's scope holds; a place elsewhere is not found.

    Args:
        schools: the schools of the scope: ``uai``, ``name``, ``district``, ``department``,
            ``academy``.
    """

    scope: Scope
    schools: pd.DataFrame

    @property
    def root(self) -> Place:
        """The whole of it."""
        return Place.whole(self.scope)

    def find(self, text: str) -> Place | None:
        """The place that an address means, the whole for an empty one; ``None`` for no such."""
        if not text:
            return self.root
        try:
            place = Place.parse(text)
        except ValueError:
            return None
        if self._is_whole(place):
            return self.root
        is_below = place.area in self.areas()
        return place if is_below and not self.inside(place).empty else None

    def _is_whole(self, place: Place) -> bool:
        """Whether a place is what the scope was granted for, with its département or without."""
        if (place.area, place.name) != (self.root.area, self.root.name):
            return False
        known = [self.root.department] if self.root.department else self.schools["department"]
        return place.department in ("", *known)

    def inside(self, place: Place) -> pd.DataFrame:
        """The schools of a place."""
        if place == self.root:
            return self.schools
        found = self.schools
        for key in _KEYS[place.area]:
            wanted = place.department if key == "department" and place.department else place.name
            found = found[found[key] == wanted]
        return found

    def scope_of(self, place: Place) -> Scope:
        """The scope of a place: never more than the whole."""
        return self.scope if place == self.root else Scope.schools(*self.inside(place)["uai"])

    def address_of(self, place: Place) -> str:
        """What `find` finds the place by."""
        return "" if place == self.root else str(place)

    def label(self, place: Place) -> str:
        """The name of the place on the screen."""
        if place.area is Area.SCHOOLS and place != self.root:
            return str(self.inside(place)["name"].iloc[0])
        return place.label

    def areas(self) -> list[Area]:
        """The kinds of places below the whole, the widest first."""
        several = len(self.scope.places) > 1
        return list(AREAS[AREAS.index(self.scope.area) + (0 if several else 1) :])

    def path(self, place: Place) -> list[Place]:
        """From the whole to the place, by all between."""
        if place == self.root:
            return [place]
        above = [area for area in self.areas() if AREAS.index(area) < AREAS.index(place.area)]
        names = self.names(place)
        return [self.root, *(place_of(area, names) for area in above), place]

    def names(self, place: Place) -> dict[str, str]:
        """Where the first school of a place is: `_KEYS` and what a school is called, by column."""
        return texts(self.inside(place).head(1))[0]

    def part_area(self, place: Place) -> Area | None:
        """What a place is divided into; a school into nothing."""
        finer = [area for area in self.areas() if AREAS.index(area) > AREAS.index(place.area)]
        if place == self.root:
            finer = self.areas()
        return finer[0] if finer else None

    def parts(self, place: Place) -> list[Place]:
        """The places that a place is divided into."""
        area = self.part_area(place)
        if area is None:
            return []
        known = self.inside(place)[list(dict.fromkeys(["department", *_KEYS[area], "academy"]))]
        found = known.drop_duplicates(_KEYS[area]).sort_values(_KEYS[area])
        return [place_of(area, names) for names in texts(found)]

    def districts(self, place: Place) -> list[Place]:
        """The districts that have schools of a place, also where it is part of one."""
        keys = _KEYS[Area.DISTRICT]
        found = self.inside(place)[keys].drop_duplicates().sort_values(keys)
        return [place_of(Area.DISTRICT, names) for names in texts(found)]

    def siblings(self, place: Place) -> list[Place]:
        """The other parts of what the place is directly part of."""
        path = self.path(place)
        return [] if len(path) < 2 else [one for one in self.parts(path[-2]) if one != place]


def place_of(area: Area, names: Mapping[str, str]) -> Place:
    """The place of this kind that a school is in, or that figures are of, by these names."""
    name = names[_KEYS[area][-1]]
    return Place(area, name, names["department"] if area is Area.DISTRICT else "")
