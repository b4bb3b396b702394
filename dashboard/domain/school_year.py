"""Weeks, school years, and how the weeks of one lie on those of another."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

WEEK = timedelta(weeks=1)
_SUNDAY = 7


@dataclass(frozen=True, slots=True, order=True)
class SchoolYear:
    """A school year, by the calendar year whose first of September it begins on."""

    begins: int

    @classmethod
    def of(cls, day: date) -> Self:
        return cls(day.year if day.month >= 9 else day.year - 1)

    @property
    def start(self) -> date:
        return date(self.begins, 9, 1)

    @property
    def end(self) -> date:
        return date(self.begins + 1, 8, 31)

    @property
    def name(self) -> str:
        return f"{self.begins}-{self.begins + 1}"

    @property
    def label(self) -> str:
        return f"année scolaire {self.name}"

    def weeks_to(self, later: "SchoolYear") -> timedelta:
        """By how much its days are moved to lie on those of a later one.

        It is a whole number of weeks, so that a Sunday lies on a Sunday: 52 for the year after.
        The first of September is then three days at most from that of the other.
        """
        return WEEK * round((later.start - self.start) / WEEK)


def sundays(since: date, until: date) -> list[date]:
    """The Sundays from one day to another, both included."""
    first = since + timedelta(days=_SUNDAY - since.isoweekday())
    return [first + WEEK * place for place in range((until - first) // WEEK + 1)]
