"""The database engine: opening, migrating, reading frames and writing in transactions."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import pandas as pd

from dashboard.domain.names import person_key
from dashboard.domain.problem import Refused

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


class Changed(Refused):
    """Another session changed the same rows meanwhile; nothing was written."""

    def __init__(self) -> None:
        said = "Modifié entre-temps par une autre personne : rien n'a été écrit. Recommencez."
        super().__init__([said])


class InUse(Refused):
    """Another program has the database open."""

    def __init__(self, path: str) -> None:
        said = (
            f"La base « {path} » est ouverte par un autre programme (le tableau de bord, sans "
            "doute). Arrêtez-le, ou indiquez une autre base avec --database."
        )
        super().__init__([said])


class Transaction:
    """One all-or-nothing series of statements."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self._cursor = cursor
        self.touched: set[str] = set()

    def frame(self, sql: str, parameters: Parameters = ()) -> pd.DataFrame:
        return self._cursor.execute(sql, list(parameters)).df()

    def rows(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        return self._cursor.execute(sql, list(parameters)).fetchall()

    def write(self, sql: str, parameters: Parameters = ()) -> int:
        """Run a statement that writes; the number of rows it wrote."""
        counted = self._cursor.execute(sql, list(parameters)).fetchall()
        return int(counted[0][0]) if counted else 0

    @contextmanager
    def staged(self, name: str, frame: pd.DataFrame) -> Iterator[None]:
        """Make a frame readable from SQL as table `name`."""
        self._cursor.register(name, frame.copy())
        try:
            yield
        finally:
            self._cursor.unregister(name)

    def touch(self, *uais: str) -> None:
        """Have the store tell its listeners, once committed, that these schools have changed."""
        self.touched.update(uais)


Listener = Callable[[frozenset[str]], None]


class Store:
    """An open database. Reads and transactions may come from any thread.

    Each takes a cursor of its own: a DuckDB connection serves one thread at a time.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, url: str) -> None:
        self.url = url
        self._connection = connection
        self._lock = threading.Lock()
        self._listeners: list[Listener] = []

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        with self._lock:
            return self._connection.cursor()

    def frame(self, sql: str, parameters: Parameters = ()) -> pd.DataFrame:
        """The rows that a query answers, as a frame."""
        with self._cursor() as cursor:
            return cursor.execute(sql, list(parameters)).df()

    def rows(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        """The rows that a query answers, as Python values."""
        with self._cursor() as cursor:
            return cursor.execute(sql, list(parameters)).fetchall()

    def listen(self, listener: Listener) -> None:
        """Have a function told the schools that each later transaction has changed.

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
        if transaction.touched:
            self._tell(frozenset(transaction.touched))

    def _tell(self, uais: frozenset[str]) -> None:
        """Tell the listeners; what fails there does not undo what is committed."""
        for listener in self._listeners:
            try:
                listener(uais)
            except Exception:
                _LOG.exception("a listener failed")

    @contextmanager
    def _committed(self) -> Iterator[Transaction]:
        with self._cursor() as cursor:
            cursor.execute("BEGIN")
            try:
                yield Transaction(cursor)
                cursor.execute("COMMIT")
            except BaseException as error:
                _roll_back(cursor)
                if isinstance(error, duckdb.TransactionException | duckdb.ConstraintException):
                    raise Changed from error
                raise

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
                raise Refused([f"« {file} » : la copie a échoué ({error})."]) from error

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _roll_back(cursor: duckdb.DuckDBPyConnection) -> None:
    with suppress(duckdb.TransactionException):  # a failed COMMIT has rolled back already
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
    store = Store(_open(path, read_only, copies_to), path)
    try:
        _migrate(store, read_only)
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
    try:
        if copies_to is None:
            return duckdb.connect(path, read_only=read_only, config=_LOCKED_DOWN)
        return confine(duckdb.connect(path, read_only=read_only, config=PLAIN), copies_to)
    except duckdb.Error as error:
        raise why_not_open(path, str(error)) from error


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
        raise Refused([f"Dossier « {folder} » : {error.strerror}."]) from error


def why_not_open(path: str, error: str) -> Refused:
    """What to tell of a database that does not open, by what the engine says."""
    if "lock" in error:
        return InUse(path)
    if "not a valid DuckDB" in error:
        return Refused([f"« {path} » n'est pas une base DuckDB."])
    return Refused([f"La base « {path} » ne s'ouvre pas : {error}"])


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
    applied = _schema_version(store)
    if applied > len(scripts):
        raise Refused([f"La base « {store.url} » vient d'une version plus récente du programme."])
    if read_only and applied < len(scripts):
        raise Refused(
            [
                f"La base « {store.url} » doit d'abord être mise à jour : lancez une fois "
                "« educonnect housekeeping »."
            ]
        )
    for number, script in enumerate(scripts[applied:], start=applied + 1):
        with store.transaction() as transaction:
            for statement in _statements(script.read_text(encoding="utf-8")):
                transaction.write(statement)
            if script.name == _NAME_KEYS:
                renew_name_keys(transaction)
            transaction.write("INSERT INTO migration VALUES ($1)", [number])


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
