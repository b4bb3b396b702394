"""Messages are put into a folder (Maildir), for another program to send or to read."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.parser import BytesHeaderParser
from email.policy import default
from pathlib import Path
from urllib.parse import quote

from dashboard.files import sync, words_for
from dashboard.transport.delivery import CommitPoint, Unavailable

# Some prefix: a name may not begin with a dot.
_PREFIX = "message."


@dataclass(frozen=True, slots=True)
class Maildir:
    """A folder in the Maildir layout, which is its own connection.

    A message is one file, named for its Message-ID: put there again, it replaces itself.
    """

    folder: Path

    @contextmanager
    def open(self) -> "Iterator[Maildir]":
        """The folder itself; it is made when a message comes."""
        yield self

    def deliver(
        self,
        content: bytes,
        sender: str,  # noqa: ARG002  # the message's own headers say it
        recipient: str,  # noqa: ARG002  # they say this too
        commit_point: CommitPoint,
    ) -> str:
        """Writes the message aside and, once `commit_point` has returned, puts it in its place.

        Raises Unavailable where the folder cannot be written, ValueError for a message without
        Message-ID, and whatever `commit_point` raises.
        """
        name = _file_name(content)
        aside, place = self.folder / "tmp" / name, self.folder / "new" / name
        with _unavailable_if_not_written():
            self._make_folders()
            try:
                _write(aside, content)
            except OSError:
                aside.unlink(missing_ok=True)
                raise
        try:
            commit_point()
        except BaseException:
            aside.unlink()
            raise
        with _unavailable_if_not_written():
            aside.replace(place)
            sync(place.parent)
        return f"déposé dans {name}"

    def remove(self, names: Iterable[str]) -> None:
        """Removes the messages whose Message-ID begins with one of these names, if still there."""
        prefixes = tuple(f"{_PREFIX}{quote(name, safe='')}@" for name in names)
        for file in self._files():
            if file.name.startswith(prefixes):
                file.unlink(missing_ok=True)

    def trim(self, before: datetime) -> int:
        """Removes the messages put there before a time; how many there were."""
        old = [file for file in self._files() if file.stat().st_mtime < before.timestamp()]
        for file in old:
            file.unlink(missing_ok=True)
        return len(old)

    def _files(self) -> Iterator[Path]:
        for part in ("tmp", "new", "cur"):
            yield from (self.folder / part).glob(f"{_PREFIX}*")

    def _make_folders(self) -> None:
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        for folder in (self.folder, *(self.folder / part for part in ("tmp", "new", "cur"))):
            folder.mkdir(mode=0o700, exist_ok=True)


def _file_name(content: bytes) -> str:
    unique = BytesHeaderParser(policy=default).parsebytes(content)["Message-ID"]
    if not unique:
        raise ValueError("the message has no Message-ID")
    return f"{_PREFIX}{quote(unique.strip().strip('<>'), safe='@')}"


def _write(path: Path, content: bytes) -> None:
    """Written whole to the disk, lines ended as files of a mail folder end them."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content.replace(b"\r\n", b"\n"))
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _unavailable_if_not_written() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unavailable(f"dossier des messages non accessible ({words_for(error)})") from error
