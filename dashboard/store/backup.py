"""Copies of a database: made whole at one moment, compared with the original, then named.

The connection that makes them is one of its own: that of a `Store` is locked down.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb

from dashboard.domain.problem import Refused
from dashboard.store.engine import MEMORY, PLAIN, Store, quoted, read_schema, why_not_open


@dataclass(frozen=True, slots=True)
class Held:
    """How much a database holds."""

    schools: int
    accounts: int
    staff: int

    @property
    def is_empty(self) -> bool:
        return not (self.schools or self.accounts or self.staff)


def held(store: Store) -> Held:
    """How many rows of what matters a database has."""
    [counts] = store.rows(
        "SELECT (SELECT count(*) FROM school), (SELECT count(*) FROM account), "
        "(SELECT count(*) FROM staff)"
    )
    return Held(*counts)


@contextmanager
def copied(source: Path, beside: Path) -> Iterator[Path]:
    """A copy of an existing database, in the folder of `beside` under a name of its own.

    It has the same rows in every table, and the sequences go on where the original's do. It is
    removed at the end unless it was given another name.

    Raises:
        InUse: another program has the source open.
        Refused: the source is no database of this program, or the copy cannot be made.
    """
    read_schema(str(source))
    draft = beside.with_name(f".{beside.name}.{secrets.token_hex(4)}")
    try:
        _copy(source, draft)
        yield draft
    finally:
        for rest in (draft, Path(f"{draft}.wal")):
            rest.unlink(missing_ok=True)


def _copy(source: Path, draft: Path) -> None:
    try:
        with duckdb.connect(MEMORY, config=PLAIN) as connection:
            connection.execute(f"ATTACH {quoted(source)} AS original (READ_ONLY)").fetchall()
            connection.execute(f"ATTACH {quoted(draft)} AS copy").fetchall()
            connection.execute("COPY FROM DATABASE original TO copy").fetchall()
            same = _contents(connection, "original") == _contents(connection, "copy")
            connection.execute("DETACH copy").fetchall()
    except duckdb.Error as error:
        raise why_not_open(str(source), str(error)) from error
    if not same:
        raise Refused([f"La copie de « {source} » ne lui est pas identique : elle est effacée."])
    draft.chmod(0o600)
    sync(draft)


def _contents(connection: duckdb.DuckDBPyConnection, database: str) -> dict[str, object]:
    """What stands for the rows of each table, whatever their order."""
    tables = connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = $1", [database]
    ).fetchall()
    return {
        table: connection.execute(
            f"SELECT count(*), bit_xor(hash(one)) FROM {database}.{table} AS one"
        ).fetchall()
        for (table,) in tables
    }


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
    with suppress(OSError):  # not every disk can tell that a name is written
        sync(file.parent)


def sync(path: Path) -> None:
    """Have a file, or the names in a folder, outlive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
