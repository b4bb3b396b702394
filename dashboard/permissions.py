"""What an installation keeps on the disk that nobody else may read."""

import stat
from pathlib import Path

from dashboard.bootstrap import paths
from dashboard.settings import Settings, holds_secrets, settings_file

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def private_paths(settings: Settings, database: str) -> list[Path]:
    """The files and folders that exist and hold people's data, keys or passwords.

    Not the folder of secrets: systemd or a container makes it, with rights of its own kind.
    """
    kept, file = paths(settings, database), settings_file()
    wanted = [
        *(Path(database), Path(f"{database}.wal"), kept.key_file),
        *(kept.mail_folder, settings.backup_folder),
    ]
    if file is not None and holds_secrets(file):
        wanted.append(file)
    return [path for path in wanted if path is not None and path.exists()]


def exposed(paths: list[Path]) -> list[str]:
    """Why others than the owner may open some of these, and what to do, in French."""
    found = [(path, stat.S_IMODE(path.stat().st_mode)) for path in paths]
    return [
        f"« {path} » est ouvert à d'autres que son propriétaire ({mode:04o}) : chmod go= '{path}'"
        for path, mode in found
        if mode & _OTHERS
    ]
