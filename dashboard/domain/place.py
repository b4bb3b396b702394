"""A place that schools are in, as inspectors go from the nation down to one school."""

from dataclasses import dataclass
from typing import Self

from dashboard.domain.academies import academy_of
from dashboard.domain.french import of
from dashboard.domain.scope import Area, Scope

# From the widest to the narrowest.
AREAS = (Area.NATION, Area.ACADEMY, Area.DEPARTMENT, Area.DISTRICT, Area.SCHOOLS)
_WORDS = {
    Area.ACADEMY: "academie",
    Area.DEPARTMENT: "departement",
    Area.DISTRICT: "circonscription",
    Area.SCHOOLS: "ecole",
}
_AREAS = {word: area for area, word in _WORDS.items()}
_LABELS = {
    Area.NATION: "France{}",
    Area.ACADEMY: "Académie {}",
    Area.DEPARTMENT: "Département {}",
    Area.DISTRICT: "Circonscription {}",
    Area.SCHOOLS: "{}",
}
_UNNAMED = {
    Area.ACADEMY: "Académie non précisée",
    Area.DEPARTMENT: "Département non précisé",
    Area.DISTRICT: "Circonscription non précisée",
}
# One place, and several.
AREA_WORDS = {
    Area.ACADEMY: ("académie", "académies"),
    Area.DEPARTMENT: ("département", "départements"),
    Area.DISTRICT: ("circonscription", "circonscriptions"),
    Area.SCHOOLS: ("établissement", "établissements"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """An area by its name; a school by its UAI, a district within its département too."""

    area: Area
    name: str = ""
    department: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """The place that `str` writes so.

        Raises:
            ValueError: none is written so.
        """
        word, _, name = text.partition("/")
        area = _AREAS.get(word)
        if area is None:
            raise ValueError(f"no place: {text!r}")
        if area is not Area.DISTRICT:
            return cls(area, name)
        department, _, district = name.partition("/")
        return cls(area, district, department)

    @classmethod
    def whole(cls, scope: Scope) -> Self:
        """The place that a scope is; a district may have been named with its département."""
        name = ", ".join(scope.places)
        department, slash, district = name.partition("/")
        is_placed = scope.area is Area.DISTRICT and slash and academy_of(department)
        if len(scope.places) == 1 and is_placed:
            return cls(scope.area, district, department)
        return cls(scope.area, name)

    def __str__(self) -> str:
        if self.area is Area.DISTRICT:
            return f"{_WORDS[self.area]}/{self.department}/{self.name}"
        return f"{_WORDS[self.area]}/{self.name}"

    @property
    def label(self) -> str:
        """Its name on the screen; a school's is not known here."""
        if not self.name and self.area in _UNNAMED:
            return _UNNAMED[self.area]
        return _LABELS[self.area].format(self._shown())

    def _shown(self) -> str:
        match self.area:
            case Area.DEPARTMENT:
                return self.name.removeprefix("0")
            case Area.ACADEMY:
                return of(self.name)
            case _:
                return self.name

    @property
    def short(self) -> str:
        """Its name where a heading says what kind of place it is."""
        return self.label if self.area is Area.DEPARTMENT else self.name or self.label
