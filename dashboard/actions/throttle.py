"""Slowing down those who guess, as CNIL 2022-100 asks: the rules are the domain's table."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from dashboard.actions.batch import in_one_transaction
from dashboard.actions.steady import SteadyTime
from dashboard.domain.credentials import Attempt
from dashboard.domain.errors import Refused
from dashboard.domain.french import day
from dashboard.store.attempts import failures, forget_failures, write_failures
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

    def __init__(self, store: Store, steady: SteadyTime) -> None:
        self._store = store
        self._steady = steady
        self._lock = threading.Lock()
        self._judged: Counter[Attempt] = Counter()

    @contextmanager
    def attempt(self, attempt: Attempt, now: datetime) -> Iterator[None]:
        """Run one attempt; it failed if it raises `WrongPassword`, else those before are forgotten.

        Raises:
            TooMany: it has to wait; the attempt was not heard.
        """
        at = self._enter(attempt, now)
        try:
            yield
        except WrongPassword:
            self._write(attempt, at)
            raise
        finally:
            self._leave(attempt)
        in_one_transaction(self._store, lambda t: forget_failures(t, [attempt.own_subject]))

    def count(self, request: Attempt, now: datetime) -> None:
        """Count a request that is limited whatever comes of it.

        Raises:
            TooMany: it has to wait.
        """
        at = self._enter(request, now)
        try:
            self._write(request, at)
        finally:
            self._leave(request)

    def _write(self, attempt: Attempt, at: datetime) -> None:
        with self._store.transaction() as transaction:
            write_failures(transaction, attempt.subjects, at)

    def _enter(self, attempt: Attempt, now: datetime) -> datetime:
        with self._lock:
            # Read in the order of the queue: a failure later than one's own time would not count.
            at = self._steady.at(now)
            if until := self._locked(attempt, at):
                raise TooMany(now + (until - at), now)
            self._judged[attempt] += 1
        return at

    def _leave(self, attempt: Attempt) -> None:
        with self._lock:
            self._judged[attempt] -= 1
            self._judged += Counter()  # drops what is at zero

    def _locked(self, attempt: Attempt, at: datetime) -> datetime | None:
        failed = failures(self._store, attempt.account, attempt.subjects, at - _KEPT)
        judged = [(one, at) for other in self._judged.elements() for one in other.subjects]
        return attempt.locked_until([*failed, *judged], at)
