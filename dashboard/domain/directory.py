"""What the public directory says of a primary school."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Which levels a primary school has: the first ones, the later ones, or all."""

    NURSERY = "NURSERY"
    ELEMENTARY = "ELEMENTARY"
    PRIMARY = "PRIMARY"

    @property
    def label(self) -> str:
        return _KIND_LABELS[self]


class Sector(StrEnum):
    """Who runs a school."""

    PUBLIC = "PUBLIC"
    PRIVATE = "PRIVATE"

    @property
    def label(self) -> str:
        return _SECTOR_LABELS[self]


_KIND_LABELS = {
    Kind.NURSERY: "maternelle",
    Kind.ELEMENTARY: "élémentaire",
    Kind.PRIMARY: "primaire",
}
_SECTOR_LABELS = {Sector.PUBLIC: "public", Sector.PRIVATE: "privé"}


@dataclass(frozen=True, slots=True)
class Position:
    """Where a school stands, in degrees (WGS 84)."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Zone:
    """What lies between two parallels and two meridians, in degrees; its edges belong to it."""

    south: float
    west: float
    north: float
    east: float


@dataclass(frozen=True, slots=True)
class DirectorySchool:
    """A primary school; the district is empty where the directory names none."""

    uai: str
    name: str
    district: str
    department: str
    academy: str
    kind: Kind
    sector: Sector | None
    position: Position | None


def kind_of(has_nursery: bool, has_elementary: bool) -> Kind | None:
    """The kind of a school by what it has; ``None`` if it is no primary school."""
    match has_nursery, has_elementary:
        case True, True:
            return Kind.PRIMARY
        case True, False:
            return Kind.NURSERY
        case False, True:
            return Kind.ELEMENTARY
        case _:
            return None
