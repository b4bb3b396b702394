"""Where a steady pace would lead: a straight line from now, with its margin.

The method is the random walk with drift (Hyndman and Athanasopoulos, *Forecasting: Principles and
Practice*, 3rd ed., 5.2): the mean of the last weekly gains continues, and with gains that are
independent, of standard deviation s over n weeks, h weeks on the error has the standard deviation
s·√(h·(1 + h/n)). The margin covers 80 % (1.28 standard deviations). It knows no holidays, and no
campaigns to come.
"""

from dataclasses import dataclass
from datetime import date
from math import sqrt
from statistics import fmean, stdev

import pandas as pd

from dashboard.domain.french import NO_BREAK_SPACE, day, decimal, percent
from dashboard.domain.school_year import WEEK
from dashboard.pipelines.timelines import weekly

WEEKS = 8
_LEAST_GAINS = 3
_MARGIN = 1.28


@dataclass(frozen=True, slots=True)
class Projection:
    """Percentages of activated accounts on a day to come, and the weekly gain they suppose."""

    start: date
    start_share: float
    target: date
    expected: float
    least: float
    most: float
    pace: float
    weeks: int

    @property
    def text(self) -> str:
        """The projection and its method, in words."""
        sign = "+" if self.pace >= 0 else "−"
        pace = f"{decimal(round(abs(self.pace), 1))}{NO_BREAK_SPACE}point"
        return (
            f"Si le rythme des {self.weeks} dernières semaines continue ({sign}{pace} par semaine "
            f"en moyenne), {percent(round(self.expected, 1))} des comptes seront activés le "
            f"{day(self.target)}, entre {percent(round(self.least, 1))} et "
            f"{percent(round(self.most, 1))} huit fois sur dix."
        )


def project(days: pd.DataFrame, target: date) -> Projection | None:
    """The projection from the last day of a timeline of one group; ``None`` for too short a one.

    Args:
        days: a timeline without keys.
        target: a day after its last one.
    """
    ends = weekly(days, WEEKS + 1)
    shares = ends["activated_pct"].dropna()
    gains = [float(gain) for gain in shares.diff().dropna()]
    start = days["day"].max().date()
    if len(gains) < _LEAST_GAINS or target <= start or pd.isna(ends["activated_pct"].iloc[-1]):
        return None
    pace, now = fmean(gains), float(shares.iloc[-1])
    ahead = (target - start) / WEEK
    margin = _MARGIN * stdev(gains) * sqrt(ahead * (1 + ahead / len(gains)))
    ends_at = [now + pace * ahead + error for error in (0, -margin, margin)]
    expected, least, most = (min(max(end, 0.0), 100.0) for end in ends_at)
    # accounts that are activated stay so
    return Projection(
        start, now, target, expected, max(least, min(now, expected)), most, pace, len(gains)
    )
