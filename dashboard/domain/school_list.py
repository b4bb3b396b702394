"""Which schools of a scope are meant, in which order, for those who compare schools."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from dashboard.domain.directory import Kind, Sector, Zone


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
