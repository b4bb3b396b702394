"""What the public directory says of a primary school, and the UAI that it is known by."""

import re
from dataclasses import dataclass

from dashboard.domain.french import Labelled


class Kind(Labelled):
    """Which levels a primary school has: the first ones, the later ones, or all."""

    NURSERY = "NURSERY"
    ELEMENTARY = "ELEMENTARY"
    PRIMARY = "PRIMARY"

    @property
    def label(self) -> str:
        return _KIND_LABELS[self]


class Sector(Labelled):
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


_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
_SHAPE = re.compile(r"[0-9]{7}[A-Z]")


def check_letter(digits: str) -> str:
    """The letter that closes a UAI of these seven digits (their value modulo 23)."""
    return _LETTERS[int(digits) % 23]


def normal_uai(text: str) -> str:
    """The UAI without blanks and in capitals.

    Raises:
        ValueError: in French, saying what is wrong and what would be right.
    """
    uai = "".join(text.split()).upper()
    if not _SHAPE.fullmatch(uai) or not uai.isascii():
        raise ValueError(
            f"UAI « {text} » mal formé. Attendu : 7 chiffres et une lettre, par exemple 0580189R."
        )
    expected = check_letter(uai[:7])
    if uai[7] != expected:
        raise ValueError(
            f"UAI « {text} » : la lettre de contrôle ne convient pas. "
            f"Attendu : {uai[:7]}{expected} (lettre {expected})."
        )
    return uai


def department_of(uai: str) -> str:
    """The three-digit département code that a UAI begins with, e.g. ``021``."""
    return uai[:3]
