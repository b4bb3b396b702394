"""Sheets that were produced and not yet downloaded: at hand for who made them, for nobody else.

They carry passwords that are kept nowhere else, so they are held in memory alone, as long as the
process lives, until they are downloaded or given up.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count

from dashboard.domain.action import Action
from dashboard.domain.document import Document
from dashboard.domain.errors import Refused
from dashboard.domain.french import moment, plural
from dashboard.domain.scope import ActingScope, User
from dashboard.store.engine import Change, Listener

MOST_SETS = 20
MOST_BYTES = 64 * 1024 * 1024
# What was sent to a browser may not have arrived.
KEPT_AFTER_DOWNLOAD = timedelta(minutes=10)
_NO_ROOM = (
    "Trop de feuilles attendent d'être téléchargées : téléchargez-les ou abandonnez-les d'abord. "
    "Rien n'a été fait."
)


@dataclass(frozen=True, slots=True)
class Production:
    """A set of sheets, and when it was last downloaded."""

    number: int
    action: Action
    places: tuple[str, ...]
    made_at: datetime
    document: Document = field(repr=False)
    sheets: int = 0
    downloaded_at: datetime | None = None

    def describe(self) -> str:
        """What they are and what has become of them, as a French sentence."""
        made = plural(self.sheets, "feuille produite", "feuilles produites")
        said = f"{made} le {moment(self.made_at)} ({self.action.label}, {', '.join(self.places)})"
        if self.downloaded_at is None:
            has_not = "n'a pas été téléchargée" if self.sheets < 2 else "n'ont pas été téléchargées"
            return f"{said} {has_not}."
        word = "téléchargée" if self.sheets < 2 else "téléchargées"
        return f"{said}, {word} le {moment(self.downloaded_at)}."


@dataclass(frozen=True, slots=True)
class _Owner:
    """Who made them: a login that is given to somebody else is somebody else."""

    login: str
    label: str


@dataclass(slots=True)
class _Kept:
    """A set, whose it is, and whether its passwords are those of the accounts already."""

    owner: _Owner
    production: Production
    is_valid: bool = False


@dataclass(slots=True)
class Making:
    """A set being made: takes the sheets, and how many they turned out to be."""

    number: int
    hold: Callable[[Document], None]
    sheets: int = 0


class Productions:
    """The sets of sheets of all who act; every answer is about one user's alone.

    Sets are made in threads and asked for in the server's: a lock keeps them.
    """

    def __init__(self, clock: Callable[[], datetime], tell: Listener) -> None:
        self._clock = clock
        self._tell = tell
        self._lock = threading.Lock()
        self._numbers = count(1)
        self._kept: dict[int, _Kept] = {}

    @contextmanager
    def making(self, user: User, action: Action, scope: ActingScope) -> Iterator[Making]:
        """Hold the sheets that are delivered within, and keep them once all of it is done.

        What is within makes the passwords on them valid: if it fails, they are forgotten.

        Raises:
            Refused: the user has too many already; also raised where they are delivered.
        """
        number, owner = next(self._numbers), _owner(user)
        self._require_room(owner, number, 0)

        def hold(document: Document) -> None:
            self._require_room(owner, number, len(document.content))
            made = Production(number, action, scope.places, self._clock(), document)
            with self._lock:
                self._kept[number] = _Kept(owner, made)

        making = Making(number, hold)
        try:
            yield making
        except BaseException:
            self._forget(number)
            raise
        self._settle(number, making.sheets)

    def _settle(self, number: int, sheets: int) -> None:
        with self._lock:
            kept = self._kept.get(number)
            if kept is None:
                return
            kept.production = replace(kept.production, sheets=sheets)
            kept.is_valid = True
        self._tell(Change(schools=frozenset(kept.production.places)))

    def _require_room(self, owner: _Owner, number: int, size: int) -> None:
        self._forget_old()
        with self._lock:
            sizes = [
                len(kept.production.document.content)
                for other, kept in self._kept.items()
                if kept.owner == owner and other != number
            ]
        if len(sizes) >= MOST_SETS or sum(sizes) + size > MOST_BYTES:
            raise Refused([_NO_ROOM])

    def of(self, user: User) -> list[Production]:
        """A user's sets that they still may have, oldest first."""
        self._forget_old()
        with self._lock:
            found = [
                kept.production
                for kept in self._kept.values()
                if kept.is_valid and kept.owner == _owner(user)
            ]
        return [one for one in found if all(user.acting_in(place) for place in one.places)]

    def find(self, user: User, number: int) -> Production | None:
        """One of the user's sets."""
        return next((one for one in self.of(user) if one.number == number), None)

    def download(self, user: User, number: int) -> Document:
        """The sheets of a set, which counts as downloaded from now on.

        Raises:
            Refused: it is not theirs, or not any more.
        """
        found = self.find(user, number)
        if found is None:
            raise Refused(["Ces feuilles ne sont plus disponibles."])
        with self._lock:
            if number in self._kept:
                now = self._clock()
                self._kept[number].production = replace(found, downloaded_at=now)
        self._tell(Change(schools=frozenset(found.places)))
        return found.document

    def forget(self, user: User, number: int) -> None:
        """Forget a set of the user's, downloaded or not."""
        if (found := self.find(user, number)) is not None:
            self._forget(number)
            self._tell(Change(schools=frozenset(found.places)))

    @property
    def waiting(self) -> list[str]:
        """Of each set that nobody has downloaded: whose it is and what, for the operator."""
        with self._lock:
            kept = [one for one in self._kept.values() if one.is_valid]
        return [
            f"{one.owner.login} : {one.production.describe()}"
            for one in kept
            if one.production.downloaded_at is None
        ]

    def _forget(self, number: int) -> None:
        with self._lock:
            self._kept.pop(number, None)

    def _forget_old(self) -> None:
        """Forget what was downloaded a while ago."""
        before = self._clock() - KEPT_AFTER_DOWNLOAD
        with self._lock:
            for number, kept in list(self._kept.items()):
                at = kept.production.downloaded_at
                if at is not None and at < before:
                    del self._kept[number]


def _owner(user: User) -> _Owner:
    return _Owner(user.user_id, user.label)
