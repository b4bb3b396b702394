"""Who asks, and what they may see: every read of the store takes a scope."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from dashboard.domain.academies import normal_academy, normal_department, normal_district
from dashboard.domain.names import clean


class Area(StrEnum):
    """What a scope is bounded by; the value is the column of a school that it is compared with."""

    SCHOOLS = "uai"
    DISTRICT = "district"
    DEPARTMENT = "department"
    ACADEMY = "academy"
    NATION = "nation"


@dataclass(frozen=True, slots=True)
class Scope:
    """A set of schools of which the asker may see counts, never people."""

    area: Area
    places: tuple[str, ...] = ()

    @classmethod
    def schools(cls, *uais: str) -> Self:
        """By their UAIs, however spelled."""
        return cls(Area.SCHOOLS, tuple("".join(uai.split()).upper() for uai in uais))

    @classmethod
    def district(cls, name: str) -> "Scope":
        """By its name; as ``021/Dijon Est`` where districts of several départements share one."""
        return Scope(Area.DISTRICT, (normal_district(clean(name)),))

    @classmethod
    def department(cls, code: str) -> "Scope":
        """By its code: ``21`` and ``021`` are the same, ``2A`` is ``620``."""
        return Scope(Area.DEPARTMENT, (normal_department(clean(code)),))

    @classmethod
    def academy(cls, name: str) -> "Scope":
        """By its name, in whichever case and with or without accents."""
        return Scope(Area.ACADEMY, (normal_academy(clean(name)),))

    @classmethod
    def nation(cls) -> "Scope":
        return Scope(Area.NATION)


@dataclass(frozen=True, slots=True)
class PeopleScope(Scope):
    """Schools whose guardians and students the asker may see by name.

    What reads people takes this type, so that passing a scope of counts is a type error.
    """


@dataclass(frozen=True, slots=True)
class ActingScope(PeopleScope):
    """Schools whose accounts the asker may act on, beside reading them.

    What writes to accounts takes this type, so that passing a right to read is a type error.
    """


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """The one account that a guardian has proved to be theirs."""

    account_id: int


@dataclass(frozen=True, slots=True)
class StaffScope:
    """All the staff of the installation, whom the asker manages.

    What reads and writes staff takes this type, so that passing another right is a type error.
    `label` is the asker's name in the journal; `login` is empty for who is at the server itself.
    """

    label: str
    login: str = ""


class Role(StrEnum):
    """What a user of the staff's application is; the label is the word on the screen."""

    DIRECTOR = "DIRECTOR"
    DEPUTY = "DEPUTY"
    INSPECTOR = "INSPECTOR"
    ADMINISTRATOR = "ADMINISTRATOR"

    @property
    def label(self) -> str:
        return _ROLE_LABELS[self]


_ROLE_LABELS = {
    Role.DIRECTOR: "Directeur",
    Role.DEPUTY: "Adjoint (lecture seule)",
    Role.INSPECTOR: "Inspecteur",
    Role.ADMINISTRATOR: "Administrateur",
}
# What a role makes of the places that a user is granted: a kind of scope and the areas it takes.
SCOPES: dict[Role, type[Scope]] = {
    Role.DIRECTOR: ActingScope,
    Role.DEPUTY: PeopleScope,
    Role.INSPECTOR: Scope,
    Role.ADMINISTRATOR: Scope,
}
AREAS_OF: dict[Role, frozenset[Area]] = {
    Role.DIRECTOR: frozenset({Area.SCHOOLS}),
    Role.DEPUTY: frozenset({Area.SCHOOLS}),
    Role.INSPECTOR: frozenset({Area.DISTRICT, Area.DEPARTMENT, Area.ACADEMY, Area.NATION}),
    Role.ADMINISTRATOR: frozenset(),
}


@dataclass(frozen=True, slots=True)
class User:
    """A signed-in member of staff; `has_password` if it is by a password of ours."""

    user_id: str
    label: str
    role: Role
    scope: Scope
    has_password: bool = False

    @property
    def staff_scope(self) -> StaffScope | None:
        """The staff whom this user manages; ``None`` if they may not."""
        is_administrator = self.role is Role.ADMINISTRATOR
        return StaffScope(self.label, self.user_id) if is_administrator else None

    @property
    def reads_people(self) -> bool:
        return isinstance(self.scope, PeopleScope)

    @property
    def acts(self) -> bool:
        return isinstance(self.scope, ActingScope)

    def people_in(self, uai: str) -> PeopleScope | None:
        """The scope in which this user reads the people of one school; ``None`` if they may not."""
        match self.scope:
            case PeopleScope(places=places) if uai in places:
                return PeopleScope.schools(uai)
            case _:
                return None

    def acting_in(self, uai: str) -> ActingScope | None:
        """The scope in which this user acts on one school's accounts; ``None`` if they may not."""
        match self.scope:
            case ActingScope(places=places) if uai in places:
                return ActingScope.schools(uai)
            case _:
                return None
