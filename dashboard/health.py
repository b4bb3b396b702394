"""Whether the service can serve, asked often: what was noticed last, and what a look costs nothing.

Nothing is written to learn it while all goes well. Once something could not be written, a try
now and then tells when it goes again.
"""

import os
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from dashboard.domain.errors import Refused
from dashboard.store.engine import Store
from dashboard.store.failures import Cause, DiskFull

_TRIED_EVERY_SECONDS = 5.0
# With less, nothing that matters can be written any more.
_LEAST_BYTES = 1024 * 1024
_WORKER_DEAD = "worker"
_NOT_IN_PLACE = "Le fichier de la base a été déplacé, remplacé ou effacé pendant le service."


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the service cannot serve: a word for machines, a sentence for people; no path."""

    cause: str
    text: str


def free_bytes(folder: Path) -> int:
    """How much can still be written to the disk of a folder, or of the nearest that there is."""
    there = next(one for one in (folder, *folder.parents) if one.exists())
    found = os.statvfs(there)
    return found.f_frsize * (found.f_bavail if os.geteuid() else found.f_bfree)


@dataclass(slots=True)
class Health:
    """How a service is.

    Args:
        disks: the folders that it writes to, by what they hold; the database's is ``database``.
        workers: the threads that must live, by name, and what each is for.
    """

    store: Store
    disks: Mapping[str, Path]
    workers: Mapping[str, str] = field(default_factory=dict)
    _done: threading.Event = field(default_factory=threading.Event)

    def reasons(self) -> list[Reason]:
        """Why it cannot serve; nothing if it can."""
        return [*self._of_database(), *self._of_workers()]

    def _of_database(self) -> list[Reason]:
        failure = self.store.failure
        if failure is not None:
            return [Reason(failure.cause, _sentence(failure.text("")))]
        if not self.store.is_in_place:
            return [Reason(Cause.AWAY, _NOT_IN_PLACE)]
        with suppress(OSError):
            folder = self.disks.get("database")
            if folder is not None and free_bytes(folder) < _LEAST_BYTES:
                return [Reason(Cause.DISK_FULL, _sentence(DiskFull.said))]
        return []

    def _of_workers(self) -> list[Reason]:
        return [
            Reason(_WORKER_DEAD, f"{self.workers[name]} : arrêté. Redémarrez le service.")
            for name, lives in self.working().items()
            if not lives
        ]

    def working(self) -> dict[str, bool]:
        """Whether each worker lives."""
        alive = {thread.name for thread in threading.enumerate()}
        return {name: name in alive for name in self.workers}

    def free(self) -> dict[str, int]:
        """How much can be written to each disk, in bytes."""
        return {name: free_bytes(folder) for name, folder in self.disks.items()}

    def run(self) -> None:
        """Try now and then what did not go, until `stop`."""
        while not self._done.wait(_TRIED_EVERY_SECONDS):
            self.look()

    def look(self) -> None:
        """Ask the database, and try to write what is in it if nothing could be written last."""
        with suppress(Refused):  # it is remembered
            if self.store.failure is None:
                self.store.rows("SELECT 1")
            else:
                self.store.try_writing()

    def stop(self) -> None:
        self._done.set()


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
