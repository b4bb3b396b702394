"""Which accounts or schools of a scope are meant, in which order: by screen, address, command."""

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Self

from dashboard.domain.account import Origin, State
from dashboard.domain.directory import Kind, Sector, Zone
from dashboard.domain.stated import TO_CLARIFY


class Email(StrEnum):
    """Whether the guardian's e-mail is known."""

    KNOWN = "known"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        return {"known": "connue", "unknown": "inconnue"}[self.value]


class SortColumn(StrEnum):
    """The columns that a list of accounts may be sorted by."""

    STUDENTS = "students"
    CLASSES = "classes"
    GUARDIAN = "guardian"
    IDENTIFIER = "identifier"
    EMAIL = "email"
    ORIGIN = "origin"
    STATE = "state"
    DISTRIBUTED_ON = "distributed_on"
    LAST_ACCESS_ON = "last_access_on"


@dataclass(frozen=True, slots=True)
class AccountFilter:
    """Conditions that must all hold; an empty one is no condition."""

    search: str = ""
    classes: tuple[str, ...] = ()
    states: tuple[State, ...] = ()
    email: Email | None = None
    origin: Origin | None = None
    expired: bool = False
    to_clarify: bool = False

    @property
    def is_empty(self) -> bool:
        return not any(getattr(self, field.name) for field in fields(self))

    def describe(self) -> str:
        """The conditions as a French sentence; ``tous les comptes`` when there are none."""
        words = {
            "nom ou prénom": f"« {self.search} »" if self.search else "",
            "classes": ", ".join(label or NO_CLASS for label in self.classes),
            "états": ", ".join(state.label for state in self.states),
            "adresse de messagerie": self.email.label if self.email else "",
            "origine": self.origin.label if self.origin else "",
            "notification": "expirée" if self.expired else "",
            "enfant": TO_CLARIFY if self.to_clarify else "",
        }
        said = [f"{name} : {value}" for name, value in words.items() if value]
        return " ; ".join(said) or "tous les comptes"


@dataclass(frozen=True, slots=True)
class Sort:
    """The order of a list of accounts; equal rows keep the order of their account numbers."""

    column: SortColumn = SortColumn.STUDENTS
    descending: bool = False

    @classmethod
    def parse(cls, text: str) -> "Sort":
        """The order that ``column`` or, descending, ``-column`` names.

        Raises:
            ValueError: the column is none of `SortColumn`.
        """
        return cls(SortColumn(text.removeprefix("-")), text.startswith("-"))

    def __str__(self) -> str:
        return f"{'-' if self.descending else ''}{self.column}"


NO_CLASS = "sans classe"


class SchoolColumn(StrEnum):
    """The columns that schools may be sorted by."""

    UAI = "uai"
    NAME = "name"
    DISTRICT = "district"
    DEPARTMENT = "department"
    STUDENTS = "students"
    ACCOUNTS = "accounts"
    NOT_NOTIFIED = "not_notified"
    NOTIFIED = "notified"
    ACTIVATING = "activating"
    ACTIVATED = "activated"
    ACTIVATED_PCT = "activated_pct"
    STUDENTS_COVERED_PCT = "students_covered_pct"
    EXPIRED = "expired"
    LAST_PROGRESS_ON = "last_progress_on"


@dataclass(frozen=True, slots=True)
class SchoolSort:
    """An order of schools; those without a date come last.

    Schools alike in it come by their number of accounts, the largest first, then by UAI.

    A figure that is hidden, or of nothing, stands where a zero would.
    """

    column: SchoolColumn = SchoolColumn.ACTIVATED_PCT
    descending: bool = False

    def __post_init__(self) -> None:
        """Refuse another column (ValueError)."""
        SchoolColumn(self.column)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The order named by a column, with ``-`` before it for descending.

        Raises:
            ValueError: no column has this name.
        """
        return cls(SchoolColumn(text.removeprefix("-")), text.startswith("-"))

    def __str__(self) -> str:
        return f"{'-' if self.descending else ''}{self.column}"


@dataclass(frozen=True, slots=True)
class SchoolFilter:
    """Conditions that must all hold; an empty one is no condition.

    Sizes are numbers of accounts, shares percentages of activated ones; both bounds belong to the
    band; a figure that is hidden, or of nothing, is taken for a zero. In a zone is no school whose
    position is not known.
    """

    search: str = ""
    least_accounts: int | None = None
    most_accounts: int | None = None
    least_activated_pct: float | None = None
    most_activated_pct: float | None = None
    nothing_notified: bool = False
    has_expired: bool = False
    idle_days: int | None = None
    kind: Kind | None = None
    sector: Sector | None = None
    zone: Zone | None = None
