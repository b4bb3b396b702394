"""Reading what a snapshot holds, writing it as Parquet, and opening it again to read."""

from pathlib import Path

import duckdb
import pandas as pd

from dashboard.domain.errors import Refused
from dashboard.domain.snapshot import DATES, KEPT_SECRET
from dashboard.store.engine import PLAIN, Store, confine, quoted
from dashboard.store.failures import failure_of
from dashboard.wording.snapshot import TABLES

_READ = {
    "schools": (
        "SELECT uai, name, district, department, academy, kind, sector, latitude, longitude "
        "FROM school ORDER BY uai"
    ),
    "students": (
        "SELECT student_id AS student, uai, level, class, born_on FROM student "
        "WHERE left_on IS NULL"
    ),
    "accounts": (
        "SELECT account_id AS account, origin, state, distributed_on, last_access_on, "
        "email <> '' AS has_email, mobile <> '' AS has_mobile FROM account"
    ),
    "links": (
        "SELECT account_id AS account, student_id AS student, uai FROM link WHERE left_on IS NULL"
    ),
    "journal": (
        "SELECT account_id AS account, CAST(happened_at AS DATE) AS happened_on, action, "
        "from_state, to_state, reason <> '' AS refused FROM journal"
    ),
}
# The tables of a database, as far as a snapshot has them; with the files' names to fill in.
_VIEWS = {
    "school": (
        "SELECT uai, name, district, department, academy, 1 AS version, kind, sector, latitude, "
        "longitude, TRUE AS listed FROM read_parquet({schools})"
    ),
    "student": (
        "SELECT student AS student_id, uai, '' AS birth_name, '' AS usage_name, '' AS first_name, "
        "'' AS name_key, CAST(NULL AS DATE) AS born_on, '' AS ine, level, class, "
        "CAST(NULL AS DATE) AS left_on FROM read_parquet({students})"
    ),
    "account": (
        "SELECT account AS account_id, account AS identifier, '' AS civility, '' AS birth_name, "
        "'' AS usage_name, '' AS first_name, '' AS name_key, '' AS email, '' AS mobile, origin, "
        "state, CAST(distributed_on AS DATE) AS distributed_on, "
        "CAST(last_access_on AS DATE) AS last_access_on, 1 AS version "
        "FROM read_parquet({accounts})"
    ),
    "link": (
        "SELECT account AS account_id, student AS student_id, uai, class, level, "
        "CAST(NULL AS DATE) AS left_on FROM read_parquet({links})"
    ),
    "journal": (
        "SELECT 0 AS entry_id, CAST(happened_on AS TIMESTAMP) AS happened_at, '' AS actor, action, "
        "account AS account_id, from_state, to_state, "
        "CASE WHEN refused THEN 'refusé' ELSE '' END AS reason "
        "FROM read_parquet({journal})"
    ),
    # A snapshot has no names, not even of children who could not be told.
    "stated_child": (
        "SELECT '' AS child_id, '' AS account_id, '' AS uai, '' AS birth_name, "
        "'' AS usage_name, '' AS first_name, '' AS name_key, CAST(NULL AS DATE) AS born_on, "
        "'' AS class, 'NONE' AS why, CAST(NULL AS TEXT) AS student_id WHERE FALSE"
    ),
    # Kept weeks are those of départements: see `snapshot_weeks`.
    "tally": (
        "SELECT '' AS uai, CAST(NULL AS DATE) AS day, 0 AS not_notified, 0 AS notified, "
        "0 AS activating, 0 AS activated WHERE FALSE"
    ),
    # A student has one class in a snapshot, as in its tables.
    "second_class": (
        "SELECT '' AS student_id, '' AS uai, '' AS class, '' AS level, "
        "CAST(NULL AS DATE) AS left_on WHERE FALSE"
    ),
    "tally_bundle": "SELECT '' AS uai, CAST(NULL AS DATE) AS day, '' AS bundle WHERE FALSE",
    "publication": (
        "SELECT replace(secret, '{kept}', '') AS secret FROM read_parquet({publication})"
    ),
    "kept_week": "SELECT * FROM read_parquet({tallies})",
}


def read_tables(store: Store) -> dict[str, pd.DataFrame]:
    """The columns of `TABLES` by table, people by their numbers, students with ``born_on``.

    The tallies are not among them: a snapshot has them as they are published.

    ``class`` and ``level`` of the links are those of their students.
    """
    return {name: store.frame(sql) for name, sql in _READ.items()}


def write_parquet(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame as a Parquet file, by a database that may write nowhere else.

    Raises:
        Failure: the disk does not take it.
    """
    with confine(duckdb.connect(config=PLAIN), path.parent) as connection:
        connection.register("written", frame.copy())
        dates = [f"CAST({name} AS DATE) AS {name}" for name in frame if name in DATES]
        typed = f"SELECT * REPLACE ({', '.join(dates)}) FROM written" if dates else "FROM written"
        options = "FORMAT parquet, COMPRESSION zstd"
        try:
            connection.execute(f"COPY ({typed}) TO $1 ({options})", [str(path)])
        except duckdb.Error as error:
            raise failure_of(error, path.name) or error from error


def open_snapshot(folder: Path) -> Store:
    """A snapshot in Parquet, to be read as a database is; it holds no names.

    Raises:
        Refused: the folder holds none.
    """
    files = {name: folder.resolve() / f"{name}.parquet" for name in TABLES}
    if not all(file.is_file() for file in files.values()):
        raise Refused([f"« {folder} » n'est pas un extrait au format Parquet."])
    connection = confine(duckdb.connect(config=PLAIN), folder)
    named = {name: quoted(file) for name, file in files.items()}
    try:
        for name, sql in _VIEWS.items():
            shown = sql.format(**named, kept=KEPT_SECRET)
            connection.execute(f"CREATE VIEW {name} AS {shown}")
    except duckdb.Error as error:
        connection.close()
        raise Refused([f"L'extrait « {folder} » ne s'ouvre pas : {error}"]) from error
    return Store(connection, str(folder))


def snapshot_weeks(store: Store) -> pd.DataFrame | None:
    """The kept weeks of a snapshot, by département; ``None`` of a database.

    Returns:
        The columns of `TABLES`, ``day`` being datetime64 and the states ``Int64``.
    """
    known = "SELECT count(*) FROM information_schema.tables WHERE table_name = 'kept_week'"
    if store.rows(known) == [(0,)]:
        return None
    weeks = store.frame("SELECT * FROM kept_week ORDER BY academy, department, day")
    states = [name for name in weeks if name not in ("academy", "department", "day")]
    return weeks.astype(dict.fromkeys(states, "Int64") | {"day": "datetime64[us]"})
