"""What goes wrong with a database, told apart by the engine's own words.

Only `Changed` says to begin again: whatever is asked again, the others go on failing until
somebody has mended their cause.
"""

import errno
from enum import StrEnum
from pathlib import Path
from typing import ClassVar

import duckdb

from dashboard.domain.errors import Refused
from dashboard.files import words_for


class Cause(StrEnum):
    """Why a database cannot be worked with, as monitoring systems are told."""

    DISK_FULL = "full"
    READ_ONLY = "readonly"
    DENIED = "denied"
    IN_USE = "locked"
    CORRUPT = "corrupt"
    OTHER_VERSION = "version"
    AWAY = "away"


class Changed(Refused):
    """Another session changed the same rows meanwhile; nothing was written."""

    def __init__(self) -> None:
        said = "Modifié entre-temps par une autre personne : rien n'a été écrit. Recommencez."
        super().__init__([said])


class Failure(Refused):
    """The database cannot be worked with, whoever asks; what was written before is not lost.

    `path` is the file that it is about, if that is to be named; `detail` are the engine's words.
    """

    cause: ClassVar[Cause]
    said: ClassVar[str]

    def __init__(self, path: str = "", detail: str = "") -> None:
        self.path = path
        self.detail = detail
        told = self.text(detail)
        super().__init__([f"« {path} » : {told}" if path else f"{told[:1].upper()}{told[1:]}"])

    @classmethod
    def text(cls, detail: str) -> str:  # noqa: ARG003  # some say it, some do not
        return cls.said


class DiskFull(Failure):
    """There is no room left on the disk, or no more than was granted."""

    cause = Cause.DISK_FULL
    said = (
        "le disque est plein : rien n'a été écrit, et rien de ce qui l'était n'est perdu. "
        "Prévenez l'administrateur : dès qu'il aura libéré de la place, tout remarchera."
    )


class ReadOnly(Failure):
    """The disk takes no writing, as many do after a fault."""

    cause = Cause.READ_ONLY
    said = (
        "le disque est en lecture seule : rien n'a été écrit. Prévenez l'administrateur : un "
        "disque passe en lecture seule après une panne, ou par son montage."
    )


class Denied(Failure):
    """The file's rights are not those of who runs the program."""

    cause = Cause.DENIED
    said = (
        "accès refusé : le fichier ou son dossier n'appartient pas à l'utilisateur qui lance le "
        "programme (ls -l le dit)."
    )


class InUse(Failure):
    """Another program has the database open."""

    cause = Cause.IN_USE
    said = "la base est ouverte par un autre programme (le tableau de bord, sans doute)."

    def __init__(self, path: str = "", detail: str = "") -> None:
        super().__init__(path, detail)
        if path:
            self.reasons = [
                f"La base « {path} » est ouverte par un autre programme (le tableau de bord, sans "
                "doute). Arrêtez-le, ou indiquez une autre base avec --database."
            ]


class Corrupt(Failure):
    """The file, or what was written last and stands beside it, is damaged."""

    cause = Cause.CORRUPT
    said = "la base est abîmée"

    @classmethod
    def text(cls, detail: str) -> str:
        first = detail.splitlines()[0] if detail else ""
        return f"{cls.said} ({first})." if first else f"{cls.said}."


class NotADatabase(Corrupt):
    """The file is something else, or empty."""

    said = "ce fichier n'est pas une base DuckDB"

    @classmethod
    def text(cls, detail: str) -> str:
        return f"{cls.said} ({detail})." if detail else f"{cls.said}."


class OtherVersion(Failure):
    """The file was written by a version of the engine that this one cannot read."""

    cause = Cause.OTHER_VERSION
    said = (
        "la base a été écrite par une version du moteur que ce programme ne lit pas : installez "
        "la version du programme qui l'a écrite."
    )


class Away(Failure):
    """The engine does not answer, or has stopped the database."""

    cause = Cause.AWAY
    said = (
        "la base ne répond plus : rien n'a été écrit. Prévenez l'administrateur, le journal du "
        "service dit pourquoi."
    )


# The first whose words are in the engine's message. A full disk comes before what it leads to.
_WORDS: tuple[tuple[type[Failure], tuple[str, ...]], ...] = (
    (DiskFull, ("No space left on device", "Disk quota exceeded", "File too large")),
    (ReadOnly, ("Read-only file system",)),
    (InUse, ("Could not set lock on file", "Conflicting lock is held")),
    (Denied, ("Permission denied", "Operation not permitted")),
    (OtherVersion, ("storage version number",)),
    (NotADatabase, ("not a valid DuckDB database", "Is a directory")),
    (
        Corrupt,
        (
            "Corrupt",
            "checksum",
            "Could not read enough bytes",
            "Failure while replaying",
            "WAL does not match",
            "WAL checkpoint iteration",
            "Failed to load metadata pointer",
            "Failed to deserialize",
            "Serialization Error",
        ),
    ),
    (
        Away,
        (
            "Input/output error",
            "Stale file handle",
            "No such file or directory",
            "Transport endpoint",
            "has been invalidated",
            "Failed to create checkpoint",
            "Failed to commit: Could not",
        ),
    ),
)
_ERRNOS: dict[int, type[Failure]] = {
    errno.ENOSPC: DiskFull,
    errno.EDQUOT: DiskFull,
    errno.EFBIG: DiskFull,
    errno.EROFS: ReadOnly,
    errno.EACCES: Denied,
    errno.EPERM: Denied,
    errno.EIO: Away,
    errno.ESTALE: Away,
}
# What the engine says where two transactions wrote the same rows, or took the same number.
_CONFLICTS = ("onflict", "uplicate key")
# The rows are written, what was to be tidied up afterwards was not.
_DURABLE = "COMMIT succeeded and is durable"


def failure_of(error: Exception, path: str = "") -> Failure | None:
    """Why the database cannot be worked with, by what the engine says; ``None``: it can."""
    said = str(error)
    for kind, words in _WORDS:
        if any(word in said for word in words):
            return kind(path, said)
    is_fatal = isinstance(error, duckdb.FatalException | duckdb.InternalException)
    return Away(path, said) if is_fatal else None


def is_conflict(error: BaseException) -> bool:
    """Whether another transaction was first."""
    kinds = duckdb.TransactionException | duckdb.ConstraintException
    return isinstance(error, kinds) and any(word in str(error) for word in _CONFLICTS)


def is_durable(error: BaseException) -> bool:
    """Whether what was committed is written although an error is raised."""
    return _DURABLE in str(error)


def has_stopped(error: BaseException) -> bool:
    """Whether the engine answers nothing any more until the database is opened again."""
    return isinstance(error, duckdb.FatalException | duckdb.InternalException)


def why_not_open(path: str, error: Exception) -> Refused:
    """What to tell of a database that does not open."""
    if Path(path).is_dir():
        return NotADatabase(path, "c'est un dossier")
    found = failure_of(error, path)
    if isinstance(found, Corrupt):
        return _looked_at(path, found)
    if isinstance(error, duckdb.InternalException):  # the engine trips over what it reads
        return Corrupt(path, str(error))
    if found is None or isinstance(found, Away):
        return Refused([f"La base « {path} » ne s'ouvre pas : {error}"])
    return found


def _looked_at(path: str, found: Corrupt) -> Corrupt:
    """What does not begin as a database does was none; torn to nothing, it may have been."""
    try:
        with Path(path).open("rb") as stream:
            begins = stream.read(12)
    except OSError:
        return found
    if not begins:
        return NotADatabase(path, "il est vide")
    if not begins[8:].startswith(b"DUCK"):
        return NotADatabase(path)
    return found if type(found) is Corrupt else Corrupt(path, found.detail)


def why_not_written(path: Path, error: OSError, what: str = "") -> Refused:
    """What to tell of a file that the disk does not take; `what` it is, before its name."""
    kind = _ERRNOS.get(error.errno or 0)
    if kind is None:
        return Refused([f"{what}« {path} » : {words_for(error)}."])
    return kind(str(path), error.strerror or "")
