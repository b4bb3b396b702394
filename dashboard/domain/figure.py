"""A figure: a number, or one value for what is hidden; and the figures that a group has."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Final, Literal

from dashboard.domain.account import State
from dashboard.domain.directory import Kind, Sector


class Hidden(Enum):
    """The one value of a figure that is not communicated, being of too few people."""

    HIDDEN = "hidden"


HIDDEN: Final = Hidden.HIDDEN
Count = int | Literal[Hidden.HIDDEN]
# A percentage; `None` where there is nothing to divide by.
Share = float | Literal[Hidden.HIDDEN] | None
# A percentage that is hidden where there is nothing to divide by, too.
KnownShare = float | Literal[Hidden.HIDDEN]
# By how much a count, or a percentage in points, grew; hidden where one of the two days is not
# known.
Growth = float | Literal[Hidden.HIDDEN]
Figure = int | float | Literal[Hidden.HIDDEN] | None


def zero_if_hidden(count: Count) -> int:
    """A count to add or draw, for which a hidden one stands as a zero."""
    return 0 if count is HIDDEN else count


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one group of a table of statistics.

    `names` tell it from the other groups of the table, by the grouping; `states` are its accounts
    in each state.
    """

    names: Mapping[str, str]
    accounts: Count
    states: Mapping[State, Count]
    activated_pct: Share
    students: Count
    students_covered: Count
    students_covered_pct: Share

    def __getitem__(self, column: str) -> Figure:
        """A figure by the name of its column.

        Raises:
            KeyError: there is no such column.
        """
        return _COLUMNS[column](self)


_COLUMNS: Mapping[str, Callable[[Figures], Figure]] = {
    "accounts": lambda figures: figures.accounts,
    "not_notified": lambda figures: figures.states[State.NOT_NOTIFIED],
    "notified": lambda figures: figures.states[State.NOTIFIED],
    "activating": lambda figures: figures.states[State.ACTIVATING],
    "activated": lambda figures: figures.states[State.ACTIVATED],
    "activated_pct": lambda figures: figures.activated_pct,
    "students": lambda figures: figures.students,
    "students_covered": lambda figures: figures.students_covered,
    "students_covered_pct": lambda figures: figures.students_covered_pct,
}


@dataclass(frozen=True, slots=True)
class SchoolGroup:
    """The figures of so many schools of a kind or size, which `label` says."""

    label: str
    schools: int
    figures: Figures


@dataclass(frozen=True, slots=True)
class SchoolFigures:
    """A school and its figures.

    `expired` are the notifications that are over; `last_progress_on` is the last day on which an
    account moved forward, ``None`` if that is not known.
    """

    uai: str
    name: str
    district: str
    department: str
    kind: Kind | None
    sector: Sector | None
    figures: Figures
    expired: Count
    last_progress_on: date | None


@dataclass(frozen=True, slots=True)
class DayCounts:
    """The accounts in each state at the end of a day."""

    day: date
    accounts: Count
    states: Mapping[State, Count]


@dataclass(frozen=True, slots=True)
class DayShare:
    """The percentage of activated accounts on a day; hidden where it is not known either."""

    day: date
    share: KnownShare


@dataclass(frozen=True, slots=True)
class Percentages:
    """Of a place of which nothing but percentages is told."""

    activated_pct: Share
    students_covered_pct: Share
