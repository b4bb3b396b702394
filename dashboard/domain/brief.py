"""The page that tells how a district stands, as values: its texts as written, its charts' lengths.

Lengths are percentages, from 0 to 100, of what is drawn; a hidden one leaves a gap.
"""

from dataclasses import dataclass
from datetime import date

from dashboard.domain.account import State
from dashboard.domain.figure import KnownShare


@dataclass(frozen=True, slots=True)
class Card:
    """A figure in large: what it is above, notes below."""

    label: str
    figure: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of a whole: its name, its count, its percentage and how long it is drawn."""

    label: str
    count: str
    share: str
    length: float


@dataclass(frozen=True, slots=True)
class Curve:
    """The percentage of activated accounts of a place, day by day."""

    label: str
    shares: tuple[KnownShare, ...]


@dataclass(frozen=True, slots=True)
class Course:
    """The curves of the days from one to another, the district's first."""

    since: date
    until: date
    curves: tuple[Curve, ...]


@dataclass(frozen=True, slots=True)
class Brief:
    """A district's page.

    `spread` has a number of schools for each band of percentages of activated accounts. `schools`
    are those that need help most, out of `school_count`: the cells of each under
    `SCHOOL_COLUMNS`, after its name and its UAI.
    """

    title: str
    within: str
    day: date
    lead: str
    cards: tuple[Card, ...]
    states: tuple[tuple[State, Bar], ...]
    funnel: tuple[Bar, ...]
    funnel_text: str
    course: Course
    course_text: str
    spread: tuple[tuple[str, int], ...]
    spread_text: str
    schools: tuple[tuple[str, ...], ...]
    school_count: int
    publication: str


# The columns of the table of schools, headed as on the screen, after the name and the UAI.
SCHOOL_COLUMNS = ("activated_pct", "accounts", "not_notified", "expired", "last_progress_on")
