"""A disk that can be filled: a small one of its own where one may be mounted, else a limit."""

import os
import resource
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_SIZE = "24m"
_MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class Disk:
    """A folder, and whether it has a disk of its own or what this process writes is limited."""

    folder: Path
    is_mounted: bool

    @contextmanager
    def full(self) -> Iterator[None]:
        """Nothing more can be written meanwhile."""
        if not self.is_mounted:
            before = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
            try:
                yield
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, before)
            return
        ballast = self.folder / "ballast"
        _fill(ballast)
        try:
            yield
        finally:
            ballast.unlink()

    def names(self) -> set[str]:
        """What is on the disk, hidden or not, below its folder."""
        found = (path.relative_to(self.folder) for path in self.folder.rglob("*"))
        return {str(path) for path in found if path.name != "ballast"}


def _fill(ballast: Path) -> None:
    descriptor = os.open(ballast, os.O_WRONLY | os.O_CREAT)
    try:
        for size in (_MEBIBYTE, 4096, 1):
            _write_until_full(descriptor, b"\0" * size)
    finally:
        os.close(descriptor)


def _write_until_full(descriptor: int, block: bytes) -> None:
    try:
        while os.write(descriptor, block):
            pass
    except OSError:
        return


@contextmanager
def small_disk(folder: Path) -> Iterator[Disk]:
    """A disk at a folder, of which the test decides when it is full."""
    folder.mkdir()
    if not _mount(folder):
        yield Disk(folder, is_mounted=False)
        return
    try:
        yield Disk(folder, is_mounted=True)
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def _mount(folder: Path) -> bool:
    """A file system in memory, or in a file, if this machine lets us have one."""
    file = folder.with_suffix(".img")
    ways: tuple[Sequence[Sequence[str | Path]], ...] = (
        [["mount", "-t", "tmpfs", "-o", f"size={_SIZE}", "tmpfs", folder]],
        [
            ["truncate", "--size", _SIZE, file],
            ["mkfs.ext4", "-q", file],
            ["mount", "-o", "loop", file, folder],
        ],
    )
    return any(all(_succeeds(command) for command in way) for way in ways)


def _succeeds(command: Sequence[str | Path]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False
