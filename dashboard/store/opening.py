"""Opening what holds accounts: a database, or a snapshot of one."""

from pathlib import Path

from dashboard.domain.errors import Refused
from dashboard.store import engine
from dashboard.store.engine import Store
from dashboard.store.snapshots import open_snapshot

_MOST_NAMED = 5
_HOW = "Vérifiez son chemin, ou chargez-la d'abord (import ou demo ; en Python : create=True)."


def connect(url: str | Path, read_only: bool = False, *, create: bool = False) -> Store:
    """Open a database as `dashboard.store.engine.connect` does, or, to read, a snapshot's folder.

    Args:
        url: the path of a database or of a snapshot's folder; ``":memory:"`` is a new database.
        read_only: leave it as it is; a database of an older version of the program is refused.
        create: make the database if there is none of that name; else that is refused.

    Raises:
        Refused: it cannot be opened; the reason says why.
    """
    folder = Path(url)
    if folder.is_dir():
        return open_snapshot(folder)
    if not create:
        _require_database(str(url))
    return engine.connect(url, read_only)


def _require_database(url: str) -> None:
    """Refuse a path that nothing is at, which the engine would begin a new database at."""
    file = Path(url)
    if url == engine.MEMORY or "://" in url or (file.is_file() and file.stat().st_size):
        return
    near = [other.name for other in sorted(file.parent.glob("*.duckdb")) if other != file]
    hint = f" Ce dossier contient : {', '.join(near[:_MOST_NAMED])}." if near else ""
    raise Refused([f"La base « {url} » n'existe pas.{hint} {_HOW}"])
