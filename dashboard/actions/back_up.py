"""Keeping a copy of the database, and taking one back.

The key that signs links is not in the copy: whoever has both could make up the links that activate
accounts. Kept apart, it is put back beside the database; lost, the links already sent end, and
nothing else does.
"""

import glob
import os
from datetime import datetime
from pathlib import Path
from shlex import quote

from dashboard.domain.errors import Refused
from dashboard.files import aside, name_new, sweep, sync
from dashboard.store.backup import Held, copied, held, replace_database, verify
from dashboard.store.engine import Store, connect
from dashboard.store.failures import Corrupt, InUse, why_not_written
from dashboard.store.write_log import WritesMissing


def back_up(database: str, file: Path) -> Held:
    """Copy the database into a new file, whole or not at all; what it holds.

    Raises:
        InUse: another program has the database open.
        Refused: the file exists already or cannot be written, or there is no database.
    """
    if file.exists():
        raise Refused([f"« {file} » existe déjà : une sauvegarde n'en remplace jamais une autre."])
    _require_folder(file)
    sweep(file.parent)
    with copied(Path(database), file) as draft:
        with connect(draft, read_only=True) as store:
            kept = held(store)
        try:
            name_new(draft, file)
        except OSError as error:
            raise why_not_written(file, error) from error
    return kept


def back_up_daily(store: Store, folder: Path, now: datetime, kept: int) -> Path | None:
    """Copy an open database into a folder, once a day, and keep so many of its copies there.

    Others go on working meanwhile. Returns the new copy; ``None`` if today's is there.

    Raises:
        Refused: the copy cannot be written, or is not one.
    """
    stem = Path(store.url).stem
    file = folder / f"{stem}-{now:%Y-%m-%d}.duckdb"
    if file.exists():
        return None
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _clear(folder, file)
        with aside(file) as draft:
            store.copy_to(draft.resolve())
            draft.chmod(0o600)
            verify(draft)
            sync(draft)
            name_new(draft, file)
    except OSError as error:
        raise why_not_written(file, error) from error
    for old in daily_backups(store.url, folder)[:-kept]:
        old.unlink()
    return file


def _clear(folder: Path, file: Path) -> None:
    """Remove what copies that were killed left, and what those of older versions did."""
    sweep(folder)
    older = folder / f".{file.name}"
    for leftover in (older, Path(f"{older}.wal")):
        leftover.unlink(missing_ok=True)


def daily_backups(database: str, folder: Path) -> list[Path]:
    """The daily copies of a database in a folder, oldest first."""
    days = "[0-9]" * 4 + "-[0-9][0-9]-[0-9][0-9]"
    return sorted(folder.glob(f"{glob.escape(Path(database).stem)}-{days}.duckdb"))


def way_back(damaged: Corrupt, backups: Path | None) -> list[str]:
    """What to do about a damaged database, in French: the newest whole copy, and the command.

    Where only what was written last cannot be read, also how to go on without it.
    """
    database = damaged.path
    found = next(filter(_is_whole, reversed(_backups(database, backups))), None)
    if found is None:
        told = [
            "Aucune sauvegarde n'a été trouvée là où le tableau de bord en fait (backup_folder). "
            f"Si vous en avez une ailleurs : {_restore_command('SAUVEGARDE', database)}"
        ]
    else:
        told = [f"Reprenez la dernière sauvegarde : {_restore_command(found, database)}"]
    told.append("La base abîmée sera mise de côté, et gardée.")
    if isinstance(damaged, WritesMissing):
        told.append(f"Ou gardez tout ce qui se lit encore : {_without_the_rest(damaged)}")
    return told


def _restore_command(file: Path | str, database: str) -> str:
    shown = quote(str(file)) if isinstance(file, Path) else file
    return f"educonnect restore {shown} --replace --database {quote(database)}"


def _without_the_rest(damaged: WritesMissing) -> str:
    log, record = quote(f"{damaged.path}.wal"), quote(f"{damaged.path}.commits")
    aside = f"mv {record} {record}.avant"
    if not Path(f"{damaged.path}.wal").exists():
        return aside
    if not damaged.whole:
        return f"mv {log} {log}.avant ; {aside}"
    return f"cp -p {log} {log}.avant && truncate -s {damaged.whole} {log} ; {aside}"


def _backups(database: str, folder: Path | None) -> list[Path]:
    return daily_backups(database, folder) if folder is not None else []


def _is_whole(backup: Path) -> bool:
    try:
        verify(backup)
    except Refused:
        return False
    return True


def restore(file: Path, database: str, now: datetime, *, replace: bool) -> Path | None:
    """Put a copy in the place of the database; where the database that was there is kept.

    The copy is compared with the file, and brought up to this version's tables, before it takes
    the place; the file itself is left as it is.

    Args:
        replace: whether the database may hold something, and be put aside.

    Raises:
        InUse: another program has the database, or the file, open.
        Refused: the file is no backup, or the database holds something.
    """
    place = Path(database)
    if not file.exists():
        raise Refused([f"Sauvegarde « {file} » introuvable."])
    if place.exists() and place.samefile(file):
        raise Refused(["La sauvegarde et la base sont le même fichier."])
    _require_whole(file)
    if _holds_something(place) and not replace:
        raise Refused(
            [
                f"La base « {place} » contient des données. Avec --replace, elle est mise de côté "
                "sous un autre nom, et la sauvegarde prend sa place."
            ]
        )
    place.parent.mkdir(parents=True, exist_ok=True)
    sweep(place.parent)
    older = place.with_name(f"{place.stem}.{now:%Y-%m-%d-%H%M%S}{place.suffix}")
    is_replaced = place.exists()
    with copied(file, place) as draft:
        connect(draft).close()
        sync(draft)
        try:
            replace_database(draft, place, older)
        except OSError as error:
            raise why_not_written(older, error) from error
    return older if is_replaced else None


def _require_whole(file: Path) -> None:
    try:
        verify(file)
    except Corrupt as damaged:  # the database is not, which is what that would be told of
        why = f"{' '.join(damaged.reasons)} Reprenez une autre sauvegarde."
        raise Refused([why]) from damaged


def _require_folder(file: Path) -> None:
    if not os.access(file.parent, os.W_OK):
        raise Refused([f"« {file} » : dossier absent ou non accessible."])


def _holds_something(place: Path) -> bool:
    """Whether a database is there that holds something, or may: it cannot be read."""
    if not place.exists():
        return False
    try:
        with connect(place, read_only=True) as store:
            return not held(store).is_empty
    except InUse:
        raise
    except Refused:
        return True
