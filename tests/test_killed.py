"""Copies and restorations killed at every instant at which the disk changes.

One process forks for each instant: the child ends itself, as by SIGKILL, just before its nth call
that changes a name on the disk. What it leaves is then opened as the next start would.
"""

import subprocess
import sys
from datetime import date, datetime
from pathlib import Path

import pytest

from dashboard.actions.back_up import back_up, back_up_daily
from dashboard.actions.take_snapshot import take_snapshot
from dashboard.credentials.links import Signer, load_signer
from dashboard.store.engine import connect
from dashboard.wording.snapshot import README, TABLES
from tests.actions.services import families

NOW = datetime(2026, 11, 24, 3, 0)
ROWS = 500
WHOLE = {README, *(f"{table}.parquet" for table in TABLES)}
DRIVER = """
import os, shutil, signal, sys
from datetime import date, datetime
from pathlib import Path
from dashboard.actions.back_up import back_up, back_up_daily, restore
from dashboard.actions.take_snapshot import take_snapshot
from dashboard.credentials.links import Signer, load_signer
from dashboard.store.engine import connect

NOW, ROWS = datetime(2026, 11, 24, 3, 0), int(sys.argv[3])

def fill(folder):
    '''Committed, and not yet in the file: its process is killed.'''
    store = connect(folder / "accounts.duckdb")
    with store.transaction() as transaction:
        transaction.write(
            "INSERT INTO sign_in_failure SELECT n::TEXT, '2026-11-24' "
            f"FROM generate_series(1, {ROWS}) AS numbers(n)"
        )

def restored(folder):
    restore(folder / "backup.duckdb", str(folder / "accounts.duckdb"), NOW, replace=True)

def backed_up(folder):
    back_up(str(folder / "accounts.duckdb"), folder / "new.duckdb")

def daily(folder):
    with connect(folder / "accounts.duckdb", copies_to=folder / "copies") as store:
        back_up_daily(store, folder / "copies", NOW, kept=7)

def snapshot(folder):
    with connect(folder / "accounts.duckdb") as store:
        take_snapshot(store, Signer(b"k" * 32), folder / "extrait", date(2026, 9, 28))

def key(folder):
    load_signer(folder / "a.key")

def forked(work, folder):
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        work(folder)
        os._exit(0)
    except BaseException:
        import traceback
        traceback.print_exc()
        os._exit(1)

def killed_before(nth):
    calls = 0
    def watched(call):
        def instead(*arguments, **named):
            nonlocal calls
            calls += 1
            if calls == nth:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*arguments, **named)
        return instead
    for name in ("link", "rename", "replace", "unlink", "mkdir", "rmdir"):
        setattr(os, name, watched(getattr(os, name)))

template, work = Path(sys.argv[1]), globals()[sys.argv[2]]
assert forked(fill, template) == 0
for nth in range(1, 200):
    folder = template.with_name(f"{nth}")
    shutil.copytree(template, folder)
    def killed(folder):
        killed_before(nth)
        work(folder)
    code = forked(killed, folder)
    if code == 0:
        break
    assert code == -signal.SIGKILL, code
"""


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """A database, and a backup of it from before what is committed next."""
    folder = tmp_path / "template"
    with connect(folder / "accounts.duckdb") as store:
        families(store)
    back_up(str(folder / "accounts.duckdb"), folder / "backup.duckdb")
    (folder / "copies").mkdir()
    return folder


def killed_at_each_instant(template: Path, work: str) -> list[Path]:
    """The folders as they were left, the last by who was not killed."""
    command = [sys.executable, "-c", DRIVER, str(template), work, str(ROWS)]
    subprocess.run(command, check=True, timeout=300)
    left = sorted((path for path in template.parent.iterdir() if path.name.isdigit()), key=_number)
    assert len(left) > 2
    return left


def _number(path: Path) -> int:
    return int(path.name)


def rows(database: Path) -> int:
    with connect(database) as store:
        [(count,)] = store.rows("SELECT count(*) FROM sign_in_failure")
    return int(count)


def hidden(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob(".*")]


def test_a_restoration_leaves_one_database_or_the_other(template: Path) -> None:
    outcomes = []
    for folder in killed_at_each_instant(template, "restored"):
        found = rows(folder / "accounts.duckdb")
        outcomes.append(found)
        assert hidden(folder) == []
        if found == 0:
            older = folder / "accounts.2026-11-24-030000.duckdb"
            assert rows(older) == ROWS
    assert set(outcomes) == {0, ROWS}
    assert outcomes == sorted(outcomes, reverse=True)


def test_a_backup_is_whole_or_absent(template: Path) -> None:
    for folder in killed_at_each_instant(template, "backed_up"):
        file = folder / "new.duckdb"
        if file.exists():
            assert rows(file) == ROWS
        assert rows(folder / "accounts.duckdb") == ROWS
        assert hidden(folder) == []
        if not file.exists():
            back_up(str(folder / "accounts.duckdb"), file)


def test_a_daily_copy_is_whole_or_absent(template: Path) -> None:
    for folder in killed_at_each_instant(template, "daily"):
        copies = folder / "copies"
        for copy in copies.glob("[!.]*.duckdb"):
            assert rows(copy) == ROWS
        with connect(folder / "accounts.duckdb", copies_to=copies) as store:
            assert hidden(folder) == []
            back_up_daily(store, copies, NOW, kept=7)
        assert [path.name for path in copies.iterdir()] == ["accounts-2026-11-24.duckdb"]


def test_a_snapshot_is_whole_or_absent(template: Path) -> None:
    for folder in killed_at_each_instant(template, "snapshot"):
        out = folder / "extrait"
        with connect(folder / "accounts.duckdb") as store:
            assert hidden(folder) == []
            if not out.exists():
                take_snapshot(store, Signer(b"k" * 32), out, date(2026, 9, 28))
        assert {path.name for path in out.iterdir()} == WHOLE


def test_a_key_is_whole_or_absent(template: Path) -> None:
    for folder in killed_at_each_instant(template, "key"):
        key = folder / "a.key"
        if key.exists():
            assert len(key.read_bytes()) == 32
        load_signer(key)
        connect(folder / "accounts.duckdb").close()
        assert hidden(folder) == []


def test_what_somebody_is_writing_is_left_to_them(tmp_path: Path) -> None:
    script = (
        "import sys\nfrom pathlib import Path\nfrom dashboard.files import aside\n"
        "with aside(Path(sys.argv[1])) as draft:\n"
        "    draft.write_text('half')\n    print(flush=True)\n    input()\n"
    )
    database = tmp_path / "accounts.duckdb"
    command = [sys.executable, "-c", script, str(tmp_path / "liste.csv")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        connect(database).close()
        assert [path.read_text() for path in tmp_path.glob(".*/liste.csv")] == ["half"]
        process.kill()
        process.wait()
    connect(database).close()
    assert hidden(tmp_path) == []
