"""Files that are whole once they have their name, and of which a failure leaves nothing.

What is being written stands aside, in a hidden folder beside its place that the writing process
holds locked. A folder that nobody holds any more is of a process that was killed.
"""

import errno
import fcntl
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_ASIDE = re.compile(r"\..+\.[0-9a-f]{8}\.part")


_WORDS = {
    errno.ENOSPC: "le disque est plein",
    errno.EDQUOT: "l'espace accordé sur le disque est plein",
    errno.EFBIG: "le disque est plein, ou le fichier trop grand pour lui",
    errno.EROFS: "le disque est en lecture seule",
    errno.EACCES: "accès refusé",
    errno.EPERM: "accès refusé",
    errno.EIO: "le disque répond par une erreur",
    errno.ENOENT: "introuvable",
    errno.EEXIST: "existe déjà",
    errno.ENOTDIR: "n'est pas un dossier",
    errno.EISDIR: "c'est un dossier",
}


def words_for(error: OSError) -> str:
    """What the system says, in French where it is known."""
    return _WORDS.get(error.errno or 0, error.strerror or str(error))


@contextmanager
def aside(place: Path) -> Iterator[Path]:
    """A path to write to, on the disk of `place`; what is there at the end is removed.

    Raises:
        OSError: nothing can be written beside the place.
    """
    folder = place.with_name(f".{place.name}.{secrets.token_hex(4)}.part")
    folder.mkdir(mode=0o700)
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):  # a disk without locks, where `sweep` removes nothing either
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield folder / place.name
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(held)


def sweep(folder: Path) -> list[Path]:
    """Remove what killed processes left aside in a folder, and say what; others' is left alone."""
    return [left for left in sorted(folder.glob(".*.part")) if _is_swept(left)]


def _is_swept(left: Path) -> bool:
    if not _ASIDE.fullmatch(left.name) or left.is_symlink():
        return False
    try:
        held = os.open(left, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(left)
    except OSError:  # somebody writes there, or it is somebody else's
        return False
    finally:
        os.close(held)
    return True


def write_new(content: bytes, path: Path) -> None:
    """Write a file that is not there yet, for its owner's eyes only, to the disk itself.

    Raises:
        OSError: it cannot be written, or is there.
    """
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def name_new(draft: Path, file: Path) -> None:
    """Give a file a name that none has, for good; on most disks it keeps the one it had too.

    Raises:
        OSError: the name is taken, or cannot be given.
    """
    try:
        os.link(draft, file)
    except FileExistsError:
        raise
    except OSError:  # a disk without second names, as many that are shared
        if file.exists():
            raise
        draft.rename(file)
    sync_names(file.parent)


def sync(path: Path) -> None:
    """Have a file, or the names in a folder, outlive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_names(folder: Path) -> None:
    """Have the names in a folder outlive a power cut, where its disk can tell that they do."""
    with suppress(OSError):
        sync(folder)
