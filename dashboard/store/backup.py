"""Copies of a database: made whole at one moment, compared with the original, then named.

The connection that makes them is one of its own: that of a `Store` is locked down.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from dashboard.domain.errors import Refused
from dashboard.files import aside, sync, sync_names
from dashboard.store.engine import MEMORY, PLAIN, Store, merge_log, quoted, read_schema
from dashboard.store.failures import Corrupt, InUse, failure_of, why_not_open, why_not_written
from dashboard.store.write_log import log_of, record_of


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
    """A copy of an existing database, on the disk of `beside` under a name of its own.

    It has the same rows in every table, and the sequences go on where the original's do. It is
    removed at the end unless it was given another name.

    Raises:
        InUse: another program has the source open.
        Corrupt: the source is damaged, or no database.
        Refused: the source is no database of this program, or the copy cannot be made.
    """
    read_schema(str(source))
    try:
        with aside(beside) as draft:
            _copy(source, draft)
            yield draft
    except OSError as error:
        raise why_not_written(beside, error) from error


def _copy(source: Path, draft: Path) -> None:
    try:
        with duckdb.connect(MEMORY, config=PLAIN) as connection:
            connection.execute(f"ATTACH {quoted(source)} AS original (READ_ONLY)").fetchall()
            connection.execute(f"ATTACH {quoted(draft)} AS copy").fetchall()
            connection.execute("COPY FROM DATABASE original TO copy").fetchall()
            same = _contents(connection, "original") == _contents(connection, "copy")
            connection.execute("DETACH copy").fetchall()
    except duckdb.Error as error:
        failure = failure_of(error, str(draft.parent.parent))
        if isinstance(failure, Corrupt):  # what is read is, not what is written
            failure = None
        raise failure or why_not_open(str(source), error) from error
    if not same:
        raise Refused([f"La copie de « {source} » ne lui est pas identique : elle est effacée."])
    draft.chmod(0o600)
    sync(draft)


def verify(file: Path) -> None:
    """Read every row of a database that nobody has open.

    Raises:
        InUse: another program has it open.
        Refused: it is no database of this program, or not all of it can be read.
    """
    read_schema(str(file))
    try:
        with duckdb.connect(MEMORY, config=PLAIN) as connection:
            connection.execute(f"ATTACH {quoted(file)} AS original (READ_ONLY)").fetchall()
            _contents(connection, "original")
    except duckdb.Error as error:
        raise why_not_open(str(file), error) from error


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


def replace_database(draft: Path, place: Path, older: Path) -> None:
    """Put a whole database in the place of another, which is kept as `older`, if there is one.

    Until the draft takes the place the database that was there is the one that opens, with all
    that was committed; from then on it is the new one. Whoever is killed leaves either.

    Raises:
        InUse: another program has the database open.
        OSError: a name cannot be given; the database is as it was.
    """
    log = log_of(place)
    if not place.exists():
        if log.exists():  # the new database would not open beside a stranger's log
            log.rename(log_of(older))
        draft.rename(place)
    else:
        _tidy_up(place)
        with _held(place):
            for kept, name in ((log, log_of(older)), (place, older)):
                if kept.exists():
                    _name_too(kept, name)
            draft.replace(place)
        log.unlink(missing_ok=True)
    record_of(place).unlink(missing_ok=True)
    sync_names(place.parent)


def _tidy_up(place: Path) -> None:
    """Have the engine bring its log into the file, if it can read both."""
    try:
        merge_log(str(place))
    except InUse:
        raise
    except Refused:  # then the log is kept beside the database
        return


@contextmanager
def _held(file: Path) -> Iterator[None]:
    """Keep the engine of every other process from opening a file meanwhile."""
    descriptor = os.open(file, os.O_RDWR)
    try:
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise InUse(str(file)) from error
        yield
    finally:
        os.close(descriptor)


def _name_too(file: Path, name: Path) -> None:
    """Give a file a second name."""
    try:
        os.link(file, name)
    except FileExistsError:
        raise
    except OSError:  # a disk without second names
        shutil.copyfile(file, name)
        name.chmod(0o600)
        sync(name)
