"""Opening, migrating and locking down the database; transactions and threads."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import duckdb
import pytest

from dashboard.actions.figures import statistics
from dashboard.domain.errors import Refused
from dashboard.domain.scope import Scope
from dashboard.store.engine import MEMORY, Changed, Store, connect, renew_name_keys
from tests.store.older import make_older
from tests.store.rows import SULPICE, Rows

TABLES = {
    "migration",
    "numbering",
    "publication",
    "school",
    "student",
    "account",
    "link",
    "stated_child",
    "journal",
    "ticket",
    "message",
    "second_class",
    "sign_in_failure",
    "staff",
    "staff_journal",
    "staff_place",
    "staff_session",
    "staff_version",
    "tally",
    "tally_bundle",
}


DRAWN = {"numbering", "publication"}  # by chance


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "accounts.duckdb"


@pytest.fixture
def filled(file: Path) -> Path:
    with connect(file) as store:
        rows = Rows(store)
        rows.school()
        rows.account(rows.student())
    return file


def tables(store: Store) -> set[str]:
    return {name for (name,) in store.rows("SELECT table_name FROM information_schema.tables")}


def change(path: Path, sql: str) -> None:
    """Run a statement on a file as another program would."""
    with duckdb.connect(str(path)) as connection:
        connection.execute(sql)


# Opening


def test_memory_and_new_file_have_every_table(file: Path) -> None:
    for url in (MEMORY, file, str(file)):
        with connect(url) as store:
            assert tables(store) == TABLES


def test_migrations_are_applied_once(filled: Path) -> None:
    with connect(filled) as store:
        before = store.rows("SELECT * FROM migration"), store.rows("SELECT * FROM numbering")
    with connect(filled) as store:
        after = store.rows("SELECT * FROM migration"), store.rows("SELECT * FROM numbering")
        assert store.rows("SELECT count(*) FROM account") == [(1,)]
    assert before == after


def test_a_new_database_is_as_all_migrations_leave_the_oldest(file: Path) -> None:
    file.parent.mkdir()
    make_older(file, 1)
    with connect(file) as migrated, connect(MEMORY) as new:
        assert made(new) == made(migrated)


def made(store: Store) -> dict[str, list[object]]:
    """What is in a database that nobody has used: what is drawn by chance is counted."""
    defined = {
        kind: sorted(sql for (sql,) in store.rows(f"SELECT sql FROM duckdb_{kind}()"))
        for kind in ("tables", "sequences", "indexes", "views")
    }
    rows = {
        table: store.rows(f"SELECT {'count(*)' if table in DRAWN else '*'} FROM {table}")
        for table in sorted(tables(store))
    }
    return {**defined, **rows}


def test_two_databases_give_different_identifiers() -> None:
    with connect(MEMORY) as one, connect(MEMORY) as other:
        drawn = "SELECT identifier_base FROM numbering"
        assert one.rows(drawn) != other.rows(drawn)


def test_read_only_reads_and_refuses_writing(filled: Path) -> None:
    with connect(filled, read_only=True) as store:
        assert store.rows("SELECT count(*) FROM account") == [(1,)]
        with pytest.raises(duckdb.InvalidInputException), store.transaction() as transaction:
            transaction.write("UPDATE account SET email = 'x'")


def test_missing_file_is_not_made_by_reading(file: Path) -> None:
    with pytest.raises(Refused, match="introuvable"):
        connect(file, read_only=True)
    assert not file.parent.exists()


@pytest.mark.parametrize("name", ["accounts.duckdb", "roster.csv", "list.pdf", "none"])
@pytest.mark.parametrize("content", [b"Nom;Pr\xe9nom\r\n" * 2000, b"x"], ids=["long", "short"])
def test_file_of_another_kind_is_refused_and_left_as_it_is(
    tmp_path: Path, name: str, content: bytes
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    for read_only in (False, True):
        with pytest.raises(
            Refused, match=r"n'est pas une base DuckDB|d'autres tables|ne s'ouvre pas"
        ):
            connect(file, read_only=read_only)
    assert file.read_bytes() == content
    assert list(tmp_path.iterdir()) == [file]


def test_database_of_another_program_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "other.duckdb"
    change(file, "CREATE TABLE account (number INTEGER)")
    with pytest.raises(Refused, match="d'autres tables"):
        connect(file)
    with duckdb.connect(str(file)) as connection:
        assert connection.execute("SHOW TABLES").fetchall() == [("account",)]


def test_newer_database_is_refused(filled: Path) -> None:
    change(filled, "INSERT INTO migration VALUES (999)")
    for read_only in (False, True):
        with pytest.raises(Refused, match="version plus récente"):
            connect(filled, read_only=read_only)


def test_older_database_is_not_brought_up_to_date_by_reading(filled: Path) -> None:
    change(filled, "DELETE FROM migration WHERE number > 1")
    with pytest.raises(Refused, match="mise à jour"):
        connect(filled, read_only=True)


def test_file_in_use_is_refused(filled: Path) -> None:
    script = (
        "import sys; from dashboard.store.engine import connect; "
        "store = connect(sys.argv[1]); print(1, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, filled], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        other.stdout.read(1)
        with pytest.raises(Refused, match="ouverte par un autre programme"):
            connect(filled)


def test_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Refused, match="Dossier"):
        connect(tmp_path / "file" / "accounts.duckdb")


def test_folder_is_not_a_database(tmp_path: Path) -> None:
    with pytest.raises(Refused):
        connect(tmp_path)


def test_other_engines_are_refused() -> None:
    with pytest.raises(Refused, match="seuls les fichiers DuckDB"):
        connect("postgresql://localhost/accounts")


# Locking down


@pytest.mark.parametrize(
    "sql",
    [
        "COPY account TO '{folder}/out.csv'",
        "COPY account FROM '{folder}/in.csv'",
        "ATTACH '{folder}/other.duckdb' AS other",
        "SELECT * FROM read_csv('{folder}/in.csv')",
        "SELECT * FROM '{folder}/in.csv'",
        "SELECT * FROM read_text('/etc/hostname')",
        "EXPORT DATABASE '{folder}/out'",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "SET GLOBAL lock_configuration = false",
        "PRAGMA enable_profiling",
    ],
)
def test_sql_reaches_nothing_outside(tmp_path: Path, sql: str) -> None:
    (tmp_path / "in.csv").write_text("a,b\n1,2\n")
    with connect(MEMORY) as store, pytest.raises(duckdb.Error):
        store.rows(sql.format(folder=tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_sql_does_not_read_python_variables() -> None:
    secret = [1, 2, 3]
    with connect(MEMORY) as store, pytest.raises(duckdb.CatalogException):
        store.rows("SELECT * FROM secret")
    assert secret


# Transactions


def school_names(store: Store) -> list[str]:
    return [name for (name,) in store.rows("SELECT name FROM school ORDER BY uai")]


@pytest.mark.parametrize("error", [ValueError(), KeyboardInterrupt(), Refused([])], ids=repr)
def test_failed_block_writes_nothing(store: Store, error: BaseException) -> None:
    rows = Rows(store)
    rows.school()

    def fail() -> None:
        with store.transaction() as transaction:
            transaction.write("UPDATE school SET name = 'new'")
            assert transaction.rows("SELECT name FROM school") == [("new",)]
            raise error

    with pytest.raises(type(error)):
        fail()
    assert school_names(store) == [f"École {SULPICE}"]
    rows.student()


def test_keys_stored_by_an_older_rule_are_made_anew() -> None:
    with connect(MEMORY) as store:
        rows = Rows(store)
        rows.account(rows.student(birth_name="Yıldız", first_name="Ayşe"), birth_name="Doe")
        with store.transaction() as transaction:
            transaction.write("UPDATE student SET name_key = 'yıldız ayse'")
            renew_name_keys(transaction)
        assert store.rows("SELECT name_key FROM student") == [("yildiz ayse",)]
        assert store.rows("SELECT name_key FROM account") == [("doe lea",)]


def test_failed_statement_writes_nothing_of_the_block(store: Store) -> None:
    def fail() -> None:
        with store.transaction() as transaction:
            transaction.write("INSERT INTO migration VALUES (99)")
            transaction.write("INSERT INTO nowhere VALUES (1)")

    with pytest.raises(duckdb.CatalogException):
        fail()
    assert store.rows("SELECT number FROM migration WHERE number = 99") == []


def test_write_says_how_many_rows() -> None:
    with connect(MEMORY) as store:
        Rows(store).school()
        with store.transaction() as transaction:
            assert transaction.write("UPDATE school SET name = 'x' WHERE uai = 'none'") == 0
            assert transaction.write("UPDATE school SET name = 'x'") == 1


def test_uncommitted_writes_are_seen_by_nobody_else() -> None:
    with connect(MEMORY) as store:
        Rows(store).school()
        with store.transaction() as transaction:
            transaction.write("UPDATE school SET name = 'new'")
            assert school_names(store) == [f"École {SULPICE}"]
        assert school_names(store) == ["new"]


def test_second_of_two_writers_is_told_that_the_account_changed() -> None:
    with connect(MEMORY) as store:
        rows = Rows(store)
        rows.account(rows.student())
        sql = "UPDATE account SET email = $1, version = version + 1 WHERE account_id = 1"
        with store.transaction() as first:
            first.write(sql, ["first"])
            with pytest.raises(Changed, match="Modifié"), store.transaction() as second:
                second.write(sql, ["second"])
        assert store.rows("SELECT email, version FROM account") == [("first", 2)]


def test_of_two_that_give_the_same_number_one_is_told() -> None:
    with connect(MEMORY) as store:
        values = [SULPICE, "École", "", "058", "Dijon", 1]
        columns = "uai, name, district, department, academy, version"
        sql = f"INSERT INTO school ({columns}) VALUES ($1, $2, $3, $4, $5, $6)"
        with pytest.raises(Changed):  # noqa: PT012, SIM117  # both write
            with store.transaction() as first:
                first.write(sql, values)
                with store.transaction() as second:
                    second.write(sql, values)
        assert len(school_names(store)) == 1


def test_staged_frame_is_gone_after_its_block(demo_store: Store) -> None:
    frame = demo_store.frame("SELECT uai FROM school ORDER BY uai")
    with connect(MEMORY) as store, store.transaction() as transaction:
        with transaction.staged("incoming", frame.iloc[::-1]):
            assert transaction.rows("SELECT count(*) FROM incoming") == [(4,)]
        with pytest.raises(duckdb.CatalogException):
            transaction.rows("SELECT * FROM incoming")


# Threads


def test_many_threads_read_the_same_figures(demo_store: Store) -> None:
    expected = statistics(demo_store, Scope.nation())
    start = threading.Barrier(8)

    def read(_: int) -> bool:
        start.wait()
        return all(statistics(demo_store, Scope.nation()).equals(expected) for _ in range(5))

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(read, range(8)))


def test_reading_threads_see_whole_transactions() -> None:
    done = threading.Event()
    with connect(MEMORY) as store:
        rows = Rows(store)
        for _ in range(20):
            rows.account()

        def read() -> set[int]:
            seen = set()
            while not done.is_set():
                [(low, high)] = store.rows("SELECT min(version), max(version) FROM account")
                seen.add(high - low)
            return seen

        with ThreadPoolExecutor(3) as threads:
            readers = [threads.submit(read) for _ in range(3)]
            try:
                for _ in range(30):
                    with store.transaction() as transaction:
                        for half in ("<= 10", "> 10"):
                            transaction.write(
                                f"UPDATE account SET version = version + 1 WHERE account_id {half}"
                            )
            finally:
                done.set()
        assert [reader.result() for reader in readers] == [{0}] * 3


def test_written_data_survives_closing(file: Path) -> None:
    with connect(file) as store:
        rows = Rows(store)
        rows.school()
        rows.student(left_on=date(2026, 7, 6))
    with connect(file, read_only=True) as store:
        assert store.rows("SELECT left_on FROM student") == [(date(2026, 7, 6),)]
