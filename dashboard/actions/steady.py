"""A time for what lasts (sessions, locks, visits), which the wall clock cannot turn back."""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

# What was stored later than this after the wall clock's time is of a clock that was wrong.
BELIEVED = timedelta(days=1)
_AT_ONCE = timedelta(seconds=2)

Elapsed = Callable[[], float]


class SteadyTime:
    """Goes on as the wall clock does, and never back.

    Between two readings it goes on by the machine's own count of seconds, or by what the wall clock
    went on where that is clearly more. Where the wall clock is set back (summer time's end, a
    correction), nothing lasts longer for it; where it is set forward, what lasts ends early rather
    than late.
    The first reading is no earlier than what an earlier process has stored.
    """

    def __init__(
        self, latest: Callable[[datetime], datetime | None], elapsed: Elapsed = time.monotonic
    ) -> None:
        """`latest` is the newest time stored up to the one it is given."""
        self._latest = latest
        self._elapsed = elapsed
        self._lock = threading.Lock()
        self._read: tuple[datetime, datetime, float] | None = None

    def at(self, wall: datetime) -> datetime:
        """The steady time when the wall clock shows this."""
        with self._lock:
            counted = self._elapsed()
            if self._read is None:
                steady = max(wall, self._latest(wall + BELIEVED) or wall)
            else:
                steady, before, counted_before = self._read
                counted_on = max(timedelta(seconds=counted - counted_before), timedelta())
                went_on = wall - before
                # Less is a reading that came late, and many of those would add up.
                steady += went_on if went_on - counted_on >= _AT_ONCE else counted_on
            self._read = steady, wall, counted
            return steady
