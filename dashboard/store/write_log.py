"""The engine's log of what was committed since its last checkpoint, and whether it is whole.

The engine takes a log that ends early for one whose last write was cut off, and opens without the
rest: right after a crash, wrong where the log was damaged or lost. So it is read here before it
opens, and compared with what was acknowledged: beside the database, each commit leaves how long
the log had become. That record is not forced to the disk; it is a lower bound, never more.

The log's format is DuckDB's: a header (its version, the database's identifier, the checkpoint that
it follows), then entries of a size, a checksum and that many bytes; one kind ends a commit.
"""

import os
import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

import numpy as np

from dashboard.domain.french import plural
from dashboard.store.failures import Corrupt

# The database's identifier, the checkpoint that the log follows, its length, the time.
_RECORD = struct.Struct("<16sQQd")
_ENTRY = struct.Struct("<QQ")  # the size of an entry, its checksum
_VERSION = b"d\0b"  # how the header begins
_COMMIT = b"d\0d"  # how an entry begins that ends a commit
_ANY = b"d\0"
_END = b"\xff\xff"
_FIELDS = (101, 102, 103)  # of the header: its version, an identifier, a checkpoint
_LONGEST_HEADER = 128
_HEADERS = (4096, 8192)  # of the database: the checkpoints, by turns
_IDENTIFIER = slice(124, 140)
_ENTRIES_IN_A_ROW = 3
_WORD = 2**64 - 1


class WritesMissing(Corrupt):
    """What was acknowledged is not in the log any more; nothing was touched.

    Up to `whole` bytes the log can be read.
    """

    said = "des écritures validées manquent"

    def __init__(self, path: str, detail: str, whole: int) -> None:
        self.whole = whole
        super().__init__(path, detail)


@dataclass(frozen=True, slots=True)
class Header:
    """What a log says of itself: whose it is, which checkpoint it follows, where entries begin."""

    identifier: bytes
    checkpoint: int
    length: int


@dataclass(frozen=True, slots=True)
class _Acknowledged:
    identifier: bytes
    checkpoint: int
    length: int
    at: float


def log_of(database: str | Path) -> Path:
    """Where the engine writes its log."""
    return Path(f"{database}.wal")


def record_of(database: str | Path) -> Path:
    """Where it is noted how long the log has become."""
    return Path(f"{database}.commits")


class Commits:
    """Notes after each commit how long the log is; one thread at a time."""

    def __init__(self, database: str) -> None:
        self._log, self._record = log_of(database), record_of(database)
        self._read_from = self._written_to = -1
        self._header: Header | None = None
        self._length = self._count = 0

    def note(self) -> None:
        """What was just committed is acknowledged; that it cannot be noted is no failure."""
        with suppress(OSError):
            length = self._follow()
            if self._header is not None and length > self._length:
                whose, now = self._header, datetime.now().timestamp()
                noted = _RECORD.pack(whose.identifier, whose.checkpoint, length, now)
                os.pwrite(self._written_to, noted, self._count * _RECORD.size)
                self._length, self._count = length, self._count + 1

    def _follow(self) -> int:
        """The length of the log that there is now; what was noted of another is dropped."""
        if self._read_from >= 0:
            now = os.fstat(self._read_from)
            if now.st_nlink and now.st_size >= self._length:
                return now.st_size
        self.close()
        if not self._log.exists():
            return 0
        self._read_from = os.open(self._log, os.O_RDONLY)
        self._header = read_header(os.pread(self._read_from, _LONGEST_HEADER, 0))
        if self._header is None:
            return 0
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        self._written_to = os.open(self._record, flags, 0o600)
        self._length = self._count = 0
        return os.fstat(self._read_from).st_size

    def close(self) -> None:
        """Let go of the log; where there is none any more, there is nothing to note of it."""
        for descriptor in (self._read_from, self._written_to):
            if descriptor >= 0:
                os.close(descriptor)
        self._read_from = self._written_to = -1
        with suppress(OSError):
            if not self._log.exists():
                self._record.unlink(missing_ok=True)


def read_header(log: bytes) -> Header | None:
    """The header that a log begins with; ``None`` if it begins otherwise, or is too short."""
    if not log.startswith(_VERSION):
        return None
    numbers = _numbers(log, len(_VERSION))
    values: list[tuple[int, int]] = []
    for field in _FIELDS:
        if [number for number, _ in islice(numbers, 2)] != [field, 0]:
            return None
        count = next(numbers, (0, 0))[0] if field == _FIELDS[1] else 1
        values.extend(islice(numbers, count))
    if len(values) < 2 or log[values[-1][1] :][:2] != _END:
        return None
    checkpoint, at = values[-1]
    return Header(bytes(n & 0xFF for n, _ in values[1:-1]), checkpoint, at + len(_END))


def _numbers(log: bytes, start: int) -> Iterator[tuple[int, int]]:
    """Numbers of seven bits a byte, each with where the next begins."""
    number = shift = 0
    for at in range(start, len(log)):
        number |= (log[at] & 0x7F) << shift
        shift += 7
        if log[at] < 0x80:
            yield number, at + 1
            number = shift = 0


def whole_length(log: bytes, start: int) -> tuple[int, int]:
    """Up to where a log has whole commits, and where the first entry is that cannot be read."""
    commit = at = start
    while (entry := _entry(log, at)) is not None:
        at += _ENTRY.size + len(entry)
        if entry.startswith(_COMMIT):
            commit = at
    return commit, at


def _entry(log: bytes, at: int) -> bytes | None:
    """The entry that begins here, if it is whole."""
    if at + _ENTRY.size > len(log):
        return None
    size, stored = _ENTRY.unpack_from(log, at)
    entry = log[at + _ENTRY.size : at + _ENTRY.size + size]
    return entry if len(entry) == size and checksum(entry) == stored else None


def checksum(entry: bytes) -> int:
    """The engine's checksum of so many bytes."""
    even = len(entry) // 8 * 8
    words = np.frombuffer(entry[:even], dtype="<u8") * np.uint64(0xBF58476D1CE4E5B9)
    found = 5381 ^ int(np.bitwise_xor.reduce(words)) if even else 5381
    return found ^ _of_rest(entry[even:]) if len(entry) > even else found


def _of_rest(rest: bytes) -> int:
    factor = 0xC6A4A7935BD1E995
    mixed = 0xE17A1465 ^ (len(rest) * factor & _WORD)
    mixed = (mixed ^ int.from_bytes(rest, "little")) * factor & _WORD
    mixed = (mixed ^ mixed >> 47) * factor & _WORD
    return mixed ^ mixed >> 47


def _goes_on(log: bytes, torn: int) -> bool:
    """Whether whole entries follow one that cannot be read: it was not the last to be written."""
    at = log.find(_ANY, torn + _ENTRY.size + 1)
    while at >= 0:
        here = at - _ENTRY.size
        for _ in range(_ENTRIES_IN_A_ROW):
            entry = _entry(log, here)
            if entry is None or not entry.startswith(_ANY):
                break
            here += _ENTRY.size + len(entry)
            if here == len(log):
                return True
        else:
            return True
        at = log.find(_ANY, at + 1)
    return False


def require_whole(database: str) -> None:
    """Refuse a database whose log lacks what was acknowledged, before the engine opens it.

    Nobody has it open. Another database's log that has a second name is taken away.

    Raises:
        WritesMissing: it does.
        Corrupt: the log is another database's.
    """
    noted = _noted(record_of(database))
    log = _read(log_of(database))
    if not log and not noted:
        return
    checkpoint, identifier = _of_database(Path(database))
    lacking = [one for one in noted if (one.identifier, one.checkpoint) == (identifier, checkpoint)]
    header = read_header(log)
    if header is None:
        foreign = bool(log) and not _VERSION.startswith(log[: len(_VERSION)])
        if foreign or len(log) > _LONGEST_HEADER or lacking:
            raise _missing(database, lacking, 0)
        return  # its first write was cut off
    if lacking and (header.identifier, header.checkpoint) != (identifier, checkpoint):
        raise _missing(database, lacking, 0)
    if header.identifier != identifier:
        if log_of(database).stat().st_nlink > 1:  # a restoration was killed, which kept it
            log_of(database).unlink()
            return
        raise Corrupt(database, f"« {log_of(database)} » est le journal d'une autre base")
    if header.checkpoint != checkpoint:
        return  # the engine knows what that means: it has tidied up, or refuses
    whole, torn = whole_length(log, header.length)
    lacking = [one for one in lacking if one.length > whole]
    if lacking or (torn < len(log) and _goes_on(log, torn)):
        raise _missing(database, lacking, whole)


def _missing(database: str, lacking: list[_Acknowledged], whole: int) -> WritesMissing:
    log = log_of(database)
    if not lacking:
        detail = f"« {log} » est abîmé à partir de l'octet {whole}"
    else:
        since = datetime.fromtimestamp(lacking[0].at)
        count = plural(len(lacking), "écriture validée manque", "écritures validées manquent")
        detail = f"{count} depuis le {since:%d/%m/%Y à %H:%M:%S} : « {log} » est abîmé ou absent"
    return WritesMissing(database, detail, whole)


def _noted(record: Path) -> list[_Acknowledged]:
    content = _read(record)
    whole = content[: len(content) // _RECORD.size * _RECORD.size]
    return [_Acknowledged(*one) for one in _RECORD.iter_unpack(whole)]


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""


def _of_database(file: Path) -> tuple[int, bytes]:
    """The number of the last checkpoint of a database, and its identifier."""
    try:
        with file.open("rb") as stream:
            head = stream.read(max(_HEADERS) + 16)
    except OSError:
        return 0, b""
    checkpoints = [
        int.from_bytes(head[at + 8 : at + 16], "little") for at in _HEADERS if len(head) >= at + 16
    ]
    return max(checkpoints, default=0), head[_IDENTIFIER]
