"""Opening what holds accounts: a database, or a snapshot of one."""

from pathlib import Path

from dashboard.store import engine
from dashboard.store.engine import Store
from dashboard.store.snapshots import open_snapshot


def connect(url: str | Path, read_only: bool = False) -> Store:
    """Open a database as `dashboard.store.engine.connect` does, or, to read, a snapshot's folder.

    Raises:
        Refused: it cannot be opened; the reason says why.
    """
    folder = Path(url)
    return open_snapshot(folder) if folder.is_dir() else engine.connect(url, read_only)
