"""Slowing down those who guess: by account and by source, as CNIL 2022-100 asks."""

import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from dashboard.domain.credentials import Limit, locked_until
from dashboard.domain.french import day
from dashboard.domain.problem import Refused
from dashboard.store.attempts import failures, write_failures
from dashboard.store.engine import Store

_KEPT = timedelta(days=1)
_TOLD_LATER = timedelta(seconds=59)  # who is told a minute is heard from its first second on


class TooMany(Refused):
    """Too many attempts failed; none is heard before a time."""

    def __init__(self, until: datetime, now: datetime) -> None:
        self.until = until
        told = until + _TOLD_LATER
        date = "" if told.date() == now.date() else f"le {day(told)} "
        super().__init__([f"Trop d'essais. Réessayez {date}après {told:%H:%M}."])


class WrongPassword(Refused):
    """The attempt failed, and counts."""


class Throttle:
    """Lets attempts through, and counts those that fail.

    Attempts that are being judged count as failures for those that come meanwhile, so that many
    at once get no further than one after another.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._judged: Counter[str] = Counter()

    @contextmanager
    def attempt(self, subjects: Mapping[str, Sequence[Limit]], now: datetime) -> Iterator[None]:
        """Run one attempt; it failed if it raises `WrongPassword`.

        Raises:
            TooMany: one of the subjects has to wait; the attempt was not heard.
        """
        self._enter(subjects, now)
        try:
            yield
        except WrongPassword:
            with self._store.transaction() as transaction:
                write_failures(transaction, list(subjects), now)
            raise
        finally:
            self._leave(subjects)

    def count(self, subjects: Mapping[str, Sequence[Limit]], now: datetime) -> None:
        """Count a request that is limited whatever comes of it.

        Raises:
            TooMany: one of the subjects has to wait.
        """
        self._enter(subjects, now)
        try:
            with self._store.transaction() as transaction:
                write_failures(transaction, list(subjects), now)
        finally:
            self._leave(subjects)

    def _enter(self, subjects: Mapping[str, Sequence[Limit]], now: datetime) -> None:
        with self._lock:
            ends = [self._locked(subject, limits, now) for subject, limits in subjects.items()]
            if until := max((end for end in ends if end), default=None):
                raise TooMany(until, now)
            self._judged.update(subjects.keys())

    def _leave(self, subjects: Mapping[str, Sequence[Limit]]) -> None:
        with self._lock:
            self._judged.subtract(subjects.keys())
            self._judged += Counter()  # drops what is at zero

    def _locked(self, subject: str, limits: Sequence[Limit], now: datetime) -> datetime | None:
        failed = failures(self._store, subject, now - _KEPT) + [now] * self._judged[subject]
        return locked_until(failed, limits, now)
