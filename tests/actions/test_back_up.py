"""Backups: whole or absent, never in another's place; restored only once they are verified."""

import subprocess
import sys
import threading
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from dashboard.actions.back_up import back_up, back_up_daily, restore
from dashboard.domain.errors import Refused
from dashboard.store.engine import InUse, Store, connect
from tests.actions.services import ABRICOT, change, families, notified_by_sheet
from tests.actions.stored import tables
from tests.command import Run
from tests.store.older import make_older
from tests.store.rows import Rows

NOW = datetime(2026, 11, 24, 3, 0)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "l'école" / "accounts.duckdb"
    with connect(path) as store:
        families(store)
        notified_by_sheet(store, ABRICOT)
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "backup.duckdb"


def contents(path: Path) -> dict[str, list[tuple[object, ...]]]:
    with connect(path, read_only=True) as store:
        return tables(store)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_backup_has_every_row_and_its_owners_eyes_only(database: Path, file: Path) -> None:
    kept = back_up(str(database), file)
    assert (kept.schools, kept.accounts) == (2, 6)
    assert contents(file) == contents(database)
    assert file.stat().st_mode & 0o777 == 0o600


def test_numbers_given_after_a_restoration_are_new(database: Path, file: Path) -> None:
    drawn = "SELECT nextval('journal_number')"
    with connect(database) as store:
        [(last,)] = store.rows(drawn)
    back_up(str(database), file)
    restored = database.with_name("restored.duckdb")
    assert restore(file, str(restored), NOW, replace=False) is None
    with connect(restored) as store:
        assert store.rows(drawn) == [(last + 1,)]


def test_what_was_committed_before_a_crash_is_in_the_backup(database: Path, file: Path) -> None:
    crash = (
        "import dashboard, os\n"
        f"s = dashboard.connect({str(database)!r})\n"
        "with s.transaction() as t: t.write(\"UPDATE account SET email = 'neuf@exemple.fr'\")\n"
        "os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", crash], check=True)
    assert Path(f"{database}.wal").exists()
    back_up(str(database), file)
    assert {row[7] for row in contents(file)["account"]} == {"neuf@exemple.fr"}


def test_a_backup_never_takes_the_place_of_a_file(database: Path, file: Path) -> None:
    file.write_text("autre chose", encoding="utf-8")
    with pytest.raises(Refused, match="existe déjà"):
        back_up(str(database), file)
    assert file.read_text(encoding="utf-8") == "autre chose"


@pytest.mark.parametrize("content", [None, b"Nom;Pr\xe9nom\r\n" * 2000])
def test_what_is_no_database_leaves_no_backup(
    tmp_path: Path, file: Path, content: bytes | None
) -> None:
    source = tmp_path / "source"
    if content is not None:
        source.write_bytes(content)
    before = names(tmp_path)
    with pytest.raises(Refused):
        back_up(str(source), file)
    assert names(tmp_path) == before


def test_a_disk_without_second_names_does_too(
    database: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", refuse)
    back_up(str(database), file)
    with pytest.raises(Refused, match="existe déjà"):
        back_up(str(database), file)
    older = restore(file, str(database), NOW, replace=True)
    assert older is not None
    assert contents(older) == contents(database) == contents(file)
    assert names(database.parent) == {"accounts.duckdb", older.name}


def test_a_folder_that_is_missing_is_said(database: Path, file: Path) -> None:
    with pytest.raises(Refused, match="dossier absent"):
        back_up(str(database), file.parent / "none" / "backup.duckdb")


def test_a_database_that_is_served_is_left_alone(database: Path, file: Path) -> None:
    back_up(str(database), file)
    holder = f"import dashboard; s = dashboard.connect({str(database)!r}); print(); input()"
    command = [sys.executable, "-c", holder]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"\n"
        with pytest.raises(InUse):
            back_up(str(database), file.with_name("second.duckdb"))
        with pytest.raises(InUse):
            restore(file, str(database), NOW, replace=True)
        process.communicate(b"\n", timeout=30)
    assert names(database.parent) == {"accounts.duckdb"}


def test_a_restoration_puts_nothing_in_the_place_of_data(database: Path, file: Path) -> None:
    back_up(str(database), file)
    with connect(database) as store:
        change(store, ABRICOT, "email", "'autre@exemple.fr'")
    before = contents(database)
    with pytest.raises(Refused, match="contient des données"):
        restore(file, str(database), NOW, replace=False)
    assert contents(database) == before
    assert names(database.parent) == {"accounts.duckdb"}


def test_asked_for_it_keeps_what_it_replaces(database: Path, file: Path) -> None:
    back_up(str(database), file)
    with connect(database) as store:
        change(store, ABRICOT, "email", "'autre@exemple.fr'")
    before = contents(database)
    older = restore(file, str(database), NOW, replace=True)
    assert older == database.with_name("accounts.2026-11-24-030000.duckdb")
    assert contents(older) == before
    assert contents(database) == contents(file)
    assert names(database.parent) == {"accounts.duckdb", older.name}


def test_an_empty_database_gives_way(file: Path, database: Path, tmp_path: Path) -> None:
    back_up(str(database), file)
    empty = tmp_path / "empty.duckdb"
    connect(empty).close()
    restore(file, str(empty), NOW, replace=False)
    assert contents(empty) == contents(file)


def test_a_damaged_database_gives_way_when_asked_for(database: Path, file: Path) -> None:
    back_up(str(database), file)
    database.write_bytes(b"\0" * 4096)
    Path(f"{database}.wal").write_bytes(b"rest")
    with pytest.raises(Refused, match="contient des données"):
        restore(file, str(database), NOW, replace=False)
    older = restore(file, str(database), NOW, replace=True)
    assert older is not None
    assert Path(f"{older}.wal").read_bytes() == b"rest"
    assert contents(database) == contents(file)


def test_a_damaged_backup_takes_no_place(database: Path, file: Path) -> None:
    back_up(str(database), file)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    before = contents(database)
    with pytest.raises(Refused):
        restore(file, str(database), NOW, replace=True)
    assert contents(database) == before
    assert names(database.parent) == {"accounts.duckdb"}


@pytest.mark.parametrize("version", range(1, 11))
def test_an_older_backup_is_brought_up_to_date(tmp_path: Path, version: int) -> None:
    make_older(tmp_path / "older.duckdb", version)
    restored = tmp_path / "restored.duckdb"
    restore(tmp_path / "older.duckdb", str(restored), NOW, replace=False)
    with connect(restored, read_only=True) as store:
        assert store.rows("SELECT count(*) FROM staff") == [(0,)]


def test_a_backup_is_no_database_to_restore_itself_to(database: Path) -> None:
    with pytest.raises(Refused, match="même fichier"):
        restore(database, str(database), NOW, replace=True)


class TestDaily:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        return tmp_path / "copies d'hier"

    def test_a_copy_is_made_once_a_day_while_others_work(
        self, database: Path, folder: Path
    ) -> None:
        with connect(database, copies_to=folder) as store:
            made = back_up_daily(store, folder, NOW, kept=7)
            change(store, ABRICOT, "email", "'neuf@exemple.fr'")
            assert back_up_daily(store, folder, NOW, kept=7) is None
            now_held = tables(store)
        assert made == folder / "accounts-2026-11-24.duckdb"
        assert (made.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)
        copied = contents(made)
        assert copied.keys() == now_held.keys()
        assert {name for name in copied if copied[name] != now_held[name]} == {"account"}

    def test_it_is_of_one_moment(self, database: Path, folder: Path) -> None:
        """Whatever is written meanwhile, with its journal entry, is in it whole or not at all."""
        stop = threading.Event()

        def write(store: Store) -> None:
            while not stop.is_set():
                with store.transaction() as transaction:
                    transaction.write("UPDATE account SET version = version + 1")
                    transaction.write(
                        "INSERT INTO sign_in_failure SELECT max(version)::TEXT, $1 FROM account",
                        [NOW],
                    )

        with connect(database, copies_to=folder) as store:
            writer = threading.Thread(target=write, args=[store])
            writer.start()
            made = [back_up_daily(store, folder, NOW + timedelta(days=n), 9) for n in range(3)]
            stop.set()
            writer.join()
        for file in made:
            assert file is not None
            with connect(file, read_only=True) as copy:
                [(version, written)] = copy.rows(
                    "SELECT max(version), (SELECT max(subject::BIGINT) FROM sign_in_failure) "
                    "FROM account"
                )
            assert written in (version, None)

    def test_so_many_are_kept(self, database: Path, folder: Path) -> None:
        folder.mkdir()
        (folder / "accounts-notes.duckdb").touch()
        with connect(database, copies_to=folder) as store:
            for day in range(4):
                back_up_daily(store, folder, NOW + timedelta(days=day), kept=2)
        assert names(folder) == {
            "accounts-notes.duckdb",
            "accounts-2026-11-26.duckdb",
            "accounts-2026-11-27.duckdb",
        }

    def test_what_an_early_end_left_is_no_copy(self, database: Path, folder: Path) -> None:
        folder.mkdir()
        (folder / ".accounts-2026-11-24.duckdb").write_bytes(b"half")
        with connect(database, copies_to=folder) as store:
            made = back_up_daily(store, folder, NOW, kept=7)
        assert made is not None
        assert contents(made) == contents(database)
        assert names(folder) == {made.name}

    def test_it_can_be_restored(self, database: Path, folder: Path, tmp_path: Path) -> None:
        with connect(database, copies_to=folder) as store:
            made = back_up_daily(store, folder, NOW, kept=7)
        assert made is not None
        restore(made, str(tmp_path / "restored.duckdb"), NOW, replace=False)
        assert contents(tmp_path / "restored.duckdb") == contents(database)

    def test_sql_reaches_no_other_folder(self, database: Path, folder: Path) -> None:
        folder.mkdir()
        with connect(database, copies_to=folder) as store:
            for sql in (
                f"SELECT * FROM read_text('{database.parent.parent}/*')",
                f"COPY (SELECT 1) TO '{database.parent.parent}/x.csv'",
                "SET enable_external_access = true",
                "SET allowed_directories = ['/']",
                "INSTALL httpfs",
            ):
                with pytest.raises(duckdb.Error):
                    store.rows(sql.replace("l'école", "l''école"))


class TestCommands:
    def test_they_say_what_was_done_and_what_to_keep(self, run: Run, tmp_path: Path) -> None:
        with connect(tmp_path / "accounts.duckdb") as store:
            Rows(store).school()
        backup = tmp_path / "b.duckdb"
        ran = run("backup", backup)
        assert (ran.code, ran.err) == (0, "")
        assert f"{backup} (1 école, 0 compte)" in ran.text
        assert "accounts.key" in ran.text
        assert run("backup", backup).code == 1
        assert run("restore", backup).code == 1
        ran = run("restore", backup, "--replace")
        assert ran.code == 0
        assert "La base d'avant est gardée" in ran.text
        assert "La clé" in ran.err
