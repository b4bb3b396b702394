"""The database engine: opening, migrating, reading frames and writing in transactions."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from weakref import WeakSet

import duckdb
import pandas as pd

from dashboard.domain.errors import Refused
from dashboard.domain.names import person_key
from dashboard.files import sweep
from dashboard.store.failures import (
    Away,
    Changed,
    Corrupt,
    Failure,
    InUse,
    failure_of,
    has_stopped,
    is_conflict,
    is_durable,
    why_not_open,
    why_not_written,
)
from dashboard.store.write_log import Commits, require_whole

__all__ = ["Changed", "InUse"]  # of `dashboard.store.failures`, for those who write

MEMORY = ":memory:"
_LOG = logging.getLogger(__name__)

Configuration = dict[str, str | bool | int | float | list[str]]

# Nothing is loaded that was not asked for.
PLAIN: Configuration = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "python_enable_replacements": False,
}
# No file, network or extension is reachable from SQL, and no statement can change that.
_LOCKED_DOWN: Configuration = {
    **PLAIN,
    "enable_external_access": False,
    "lock_configuration": True,
}

Parameters = Sequence[object]
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """What has changed: `schools` by their UAIs, of the `staff` by login, ended `sessions` by key.

    It is true where anything has; two are one by ``|``.
    """

    schools: frozenset[str] = frozenset()
    staff: frozenset[str] = frozenset()
    sessions: frozenset[str] = frozenset()

    def __or__(self, other: "Change") -> "Change":
        return Change(
            self.schools | other.schools,
            self.staff | other.staff,
            self.sessions | other.sessions,
        )

    def __bool__(self) -> bool:
        return bool(self.schools or self.staff or self.sessions)


class Transaction:
    """One all-or-nothing series of statements."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self._cursor = cursor
        self.change = Change()
        self.has_written = False

    def frame(self, sql: str, parameters: Parameters = ()) -> pd.DataFrame:
        return self._cursor.execute(sql, list(parameters)).df()

    def rows(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        return self._cursor.execute(sql, list(parameters)).fetchall()

    def write(self, sql: str, parameters: Parameters = ()) -> int:
        """Run a statement that writes; the number of rows it wrote."""
        counted = self._cursor.execute(sql, list(parameters)).fetchall()
        count = int(counted[0][0]) if counted else 0
        self.has_written = self.has_written or count > 0 or not counted
        return count

    @contextmanager
    def staged(self, name: str, frame: pd.DataFrame) -> Iterator[None]:
        """Make a frame readable from SQL as table `name`."""
        self._cursor.register(name, frame.copy())
        try:
            yield
        except BaseException:
            with suppress(duckdb.TransactionException):  # of what failed, and not of this
                self._cursor.unregister(name)
            raise
        self._cursor.unregister(name)

    def touch(
        self,
        *,
        schools: Iterable[str] = (),
        staff: Iterable[str] = (),
        sessions: Iterable[str] = (),
    ) -> None:
        """Have the store tell its listeners, once committed, that these have changed.

        Args:
            schools: UAIs.
            staff: logins.
            sessions: the keys of sessions that have ended.
        """
        more = Change(frozenset(schools), frozenset(staff), frozenset(sessions))
        self.change = self.change | more


Listener = Callable[[Change], None]
_REOPENED_EVERY_SECONDS = 1.0


class Store:
    """An open database. Reads and transactions may come from any thread.

    Each takes a cursor of its own: a DuckDB connection serves one thread at a time. `failure` is
    why the database could not be worked with last, until something was written again.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        url: str,
        reopen: Callable[[], duckdb.DuckDBPyConnection] | None = None,
    ) -> None:
        self.url = url
        self.failure: Failure | None = None
        self._connection = connection
        self._reopen = reopen
        self._has_stopped = False
        self._tried_at = 0.0
        self._lock = threading.Lock()
        self._listeners: list[Listener] = []
        is_file = reopen is not None and url != MEMORY
        self._file = Path(url).stat().st_ino if is_file else None
        self._commits = Commits(url) if is_file else None
        self._committing = threading.Lock()
        _open_stores.add(self)

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        with self._lock:
            if self._has_stopped:
                self._open_again()
            return self._connection.cursor()

    def _open_again(self) -> None:
        """Open a database again that the engine has stopped: nothing of it is lost.

        Raises:
            Failure: it cannot be opened yet; that is tried again now and then.
        """
        now = time.monotonic()
        if self._reopen is None or now - self._tried_at < _REOPENED_EVERY_SECONDS:
            raise self.failure or Away()
        self._tried_at = now
        self._connection.close()
        try:
            self._connection = self._reopen()
        except Refused as refused:
            raise self._noticed(refused if isinstance(refused, Failure) else Away()) from refused
        self._has_stopped = False
        _LOG.warning("the database is open again after the engine had stopped it")

    def _noticed(self, failure: Failure) -> Failure:
        """Remember why nothing can be written, and log it, once for each cause."""
        before = self.failure
        if before is None or before.cause is not failure.cause:
            _LOG.error("the database fails (%s): %s", failure.cause, failure.detail or failure)
        self.failure = failure
        return failure

    def _wrote(self) -> None:
        if self.failure is not None:
            _LOG.warning("the database can be written again (%s)", self.failure.cause)
            self.failure = None

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Tell what the engine says in the users' words, if it is about the database as such."""
        try:
            yield
        except duckdb.Error as error:
            if has_stopped(error):
                self._has_stopped = True
            if is_conflict(error):
                raise Changed from error
            if (failure := failure_of(error)) is None:
                raise
            if isinstance(failure, Corrupt):  # which file it is tells what to restore
                failure = Corrupt(self.url, failure.detail)
            raise self._noticed(failure) from error

    @property
    def is_in_place(self) -> bool:
        """Whether the file that is open is still the one of its name."""
        if self._file is None:
            return True
        try:
            return Path(self.url).stat().st_ino == self._file
        except OSError:
            return False

    def try_writing(self) -> None:
        """Write something and back, to learn whether writing goes again.

        Writing what is there already would write nothing.

        Raises:
            Failure: it does not.
        """
        with self._committed() as transaction:
            for change in ("+ 1", "- 1"):
                transaction.write(
                    f"UPDATE numbering SET identifier_base = identifier_base {change}"
                )

    def frame(self, sql: str, parameters: Parameters = ()) -> pd.DataFrame:
        """The rows that a query answers, as a frame."""
        with self._telling(), self._cursor() as cursor:
            return cursor.execute(sql, list(parameters)).df()

    def rows(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        """The rows that a query answers, as Python values."""
        with self._telling(), self._cursor() as cursor:
            return cursor.execute(sql, list(parameters)).fetchall()

    def listen(self, listener: Listener) -> None:
        """Have a function told what each later transaction has changed.

        It is called by the thread that wrote, and must return at once.
        """
        self._listeners.append(listener)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Commit what the block writes, or nothing of it if it raises.

        Raises:
            Changed: another transaction wrote the same rows first.
        """
        with self._committed() as transaction:
            yield transaction
        if transaction.change:
            self._tell(transaction.change)

    def _tell(self, change: Change) -> None:
        """Tell the listeners; what fails there does not undo what is committed."""
        for listener in self._listeners:
            try:
                listener(change)
            except Exception:
                _LOG.exception("a listener failed")

    @contextmanager
    def _committed(self) -> Iterator[Transaction]:
        with self._telling(), self._cursor() as cursor:
            cursor.execute("BEGIN")
            try:
                transaction = Transaction(cursor)
                yield transaction
                self._commit(cursor, transaction.has_written)
            except BaseException:
                _roll_back(cursor)
                raise

    def _commit(self, cursor: duckdb.DuckDBPyConnection, has_written: bool) -> None:
        """Commit, and note how long the engine's log has become: one after the other."""
        with self._committing:
            try:
                cursor.execute("COMMIT")
            except duckdb.Error as error:
                if not is_durable(error):
                    raise
                self._has_stopped = self._has_stopped or has_stopped(error)
                self._noticed(failure_of(error) or Away("", str(error)))
            else:
                if has_written:
                    self._wrote()
            if self._commits is not None:
                self._commits.note()

    def copy_to(self, file: Path) -> None:
        """Write the database, as it is at one moment, into a new file of the folder for copies.

        Raises:
            Refused: it cannot be written.
        """
        with self._cursor() as cursor:
            [(name,)] = cursor.execute("SELECT current_database()").fetchall()
            try:
                cursor.execute(f"ATTACH {quoted(file)} AS copied").fetchall()
                try:
                    cursor.execute(f'COPY FROM DATABASE "{name}" TO copied').fetchall()
                finally:
                    cursor.execute("DETACH copied").fetchall()
            except duckdb.Error as error:
                told = Refused([f"« {file} » : la copie a échoué ({error})."])
                raise failure_of(error, str(file)) or told from error

    def close(self) -> None:
        _open_stores.discard(self)
        self._connection.close()
        if self._commits is not None:
            self._commits.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


# Reading a file that this process has open would let go of the lock on it.
_open_stores: "WeakSet[Store]" = WeakSet()


def _roll_back(cursor: duckdb.DuckDBPyConnection) -> None:
    with suppress(duckdb.Error):  # a failed COMMIT has rolled back already
        cursor.execute("ROLLBACK")


def quoted(path: Path) -> str:
    """A path as a literal of a statement that takes no parameter."""
    return "'" + str(path).replace("'", "''") + "'"


def connect(url: str | Path, read_only: bool = False, copies_to: Path | None = None) -> Store:
    """Open a database, creating it and bringing its tables up to date unless `read_only`.

    Args:
        url: the path of a DuckDB file, or ``":memory:"``.
        read_only: open an existing file for reading; several processes may do so at once.
        copies_to: the one folder that `Store.copy_to` may write to; without it, none.

    Raises:
        InUse: another process has the file open.
        Refused: the file is missing, damaged, or newer than this version of the program.
    """
    path = str(url)
    if "://" in path:
        raise Refused([f"Base « {path} » : seuls les fichiers DuckDB sont pris en charge."])

    def reopen() -> duckdb.DuckDBPyConnection:
        return _open(path, read_only, copies_to)

    store = Store(reopen(), path, None if read_only else reopen)
    try:
        _migrate(store, read_only)
        if not read_only and path != MEMORY:
            _clear(Path(path).parent, copies_to)
    except BaseException:
        store.close()
        raise
    return store


def _open(path: str, read_only: bool, copies_to: Path | None = None) -> duckdb.DuckDBPyConnection:
    if path != MEMORY:
        if read_only and not Path(path).exists():
            raise Refused([f"Base « {path} » introuvable. Chargez-la d'abord (import ou demo)."])
        if not read_only:
            _make_folder(Path(path).parent)
        if path not in {store.url for store in _open_stores}:
            require_whole(path)
    try:
        if copies_to is None:
            return duckdb.connect(path, read_only=read_only, config=_LOCKED_DOWN)
        return confine(duckdb.connect(path, read_only=read_only, config=PLAIN), copies_to)
    except duckdb.Error as error:
        raise why_not_open(path, error) from error


def merge_log(path: str) -> None:
    """Have the engine bring its log into a database's file, whatever its tables.

    Raises:
        InUse: another program has it open.
        Refused: the file or its log cannot be read.
    """
    _open(path, read_only=False).close()


def confine(connection: duckdb.DuckDBPyConnection, folder: Path) -> duckdb.DuckDBPyConnection:
    """Leave SQL one folder and no other, which can be said only once it is connected."""
    connection.execute(f"SET allowed_directories = [{quoted(folder.resolve())}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise why_not_written(folder, error, "Dossier ") from error


def _clear(*folders: Path | None) -> None:
    """Remove the copies of people's data that killed processes left half made."""
    for folder in folders:
        for left in sweep(folder) if folder is not None else []:
            _LOG.warning("removed what a killed process left: %s", left)


@dataclass(frozen=True, slots=True)
class Schema:
    """The version of a database's tables, and the newest that this program knows."""

    version: int
    newest: int


def read_schema(path: str) -> Schema:
    """The version of an existing file's tables, which are left as they are.

    Raises:
        InUse: another program has it open.
        Refused: it is missing, or no database of this program.
    """
    with Store(_open(path, read_only=True), path) as store:
        return Schema(_schema_version(store), len(_scripts()))


def _migrate(store: Store, read_only: bool) -> None:
    scripts = _scripts()
    applied = 0 if store.url == MEMORY else _schema_version(store)
    if applied > len(scripts):
        raise Refused([f"La base « {store.url} » vient d'une version plus récente du programme."])
    if read_only and applied < len(scripts):
        raise Refused(
            [
                f"La base « {store.url} » doit d'abord être mise à jour : lancez une fois "
                "« educonnect housekeeping »."
            ]
        )
    if applied == 0:
        _make_tables(store)
        return
    for number, script in enumerate(scripts[applied:], start=applied + 1):
        with store.transaction() as transaction:
            _run(transaction, script)
            if script.name == _NAME_KEYS:
                renew_name_keys(transaction)
            _note_migrations(transaction, [number])


def _make_tables(store: Store) -> None:
    """Give a new database its tables at once: making those of every version takes far longer."""
    with store.transaction() as transaction:
        _run(transaction, resources.files(__package__).joinpath("tables.sql"))
        _note_migrations(transaction, range(1, len(_scripts()) + 1))


def _run(transaction: Transaction, script: Traversable) -> None:
    for statement in _statements(script.read_text(encoding="utf-8")):
        transaction.write(statement)


def _note_migrations(transaction: Transaction, numbers: Iterable[int]) -> None:
    transaction.write("INSERT INTO migration SELECT unnest($1::INTEGER[])", [list(numbers)])


_NAME_KEYS = "0007_name_keys.sql"
_NAMES = ("birth_name", "usage_name", "first_name")


def renew_name_keys(transaction: Transaction) -> None:
    """Bring the stored keys of names to the rule of this program, which SQL cannot say."""
    columns = ", ".join(_NAMES)
    for table in ("student", "account"):
        named = transaction.frame(
            f"SELECT {table}_id AS number, {columns}, name_key FROM {table} "
            f"WHERE strlen(concat({columns})) <> length(concat({columns}))"
        )
        keys = [person_key(*names) for names in named[list(_NAMES)].itertuples(index=False)]
        changed = named.assign(made=keys)[["number", "made"]][named["name_key"] != keys]
        if len(changed):
            with transaction.staged("incoming", changed):
                transaction.write(
                    f"UPDATE {table} SET name_key = incoming.made FROM incoming "
                    f"WHERE {table}.{table}_id = incoming.number"
                )


def _scripts() -> list[Traversable]:
    folder = resources.files(__package__).joinpath("migrations")
    return sorted(folder.iterdir(), key=lambda script: script.name)


def _schema_version(store: Store) -> int:
    tables = store.rows("SELECT table_name FROM information_schema.tables")
    if ("migration",) not in tables:
        if tables:
            raise Refused([f"« {store.url} » contient d'autres tables que celles du programme."])
        return 0
    [(version,)] = store.rows("SELECT coalesce(max(number), 0) FROM migration")
    return int(version)


def _statements(script: str) -> list[str]:
    code = "\n".join(line for line in script.splitlines() if not line.lstrip().startswith("--"))
    return [statement for statement in (part.strip() for part in code.split(";")) if statement]
