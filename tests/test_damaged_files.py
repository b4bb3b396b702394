"""Files that are damaged: told apart from those in use, left as they are, the way back named."""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.actions.back_up import back_up, restore
from dashboard.domain.errors import Refused
from dashboard.store.engine import connect
from dashboard.store.failures import Corrupt, Denied, InUse, NotADatabase, OtherVersion
from dashboard.store.write_log import WritesMissing, checksum, log_of, record_of
from tests.command import Run
from tests.depth import deep
from tests.store.rows import Rows

NOW = datetime(2026, 11, 24, 3, 0)
COMMITS = 12
WRITE = """
import os, sys
from dashboard.store.engine import connect
store = connect(sys.argv[1])
for number in range(int(sys.argv[2])):
    with store.transaction() as transaction:
        transaction.write("UPDATE school SET name = $1", [f"Nom {number}"])
        transaction.write("INSERT INTO sign_in_failure VALUES ($1, '2026-11-24')", [f"{number}"])
os._exit(0)
"""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A database, closed."""
    file = tmp_path_factory.mktemp("whole") / "accounts.duckdb"
    with connect(file) as store:
        rows = Rows(store)
        rows.school()
        for _ in range(20):
            rows.account(rows.student())
    return file.read_bytes()


@pytest.fixture
def file(tmp_path: Path, whole: bytes) -> Path:
    path = tmp_path / "accounts.duckdb"
    path.write_bytes(whole)
    return path


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def cut(size: int) -> Callable[[bytes], bytes]:
    return lambda content: content[:size]


def flipped(*places: int) -> Callable[[bytes], bytes]:
    def flip(content: bytes) -> bytes:
        found = bytearray(content)
        for place in places:
            found[place] ^= 0x55
        return bytes(found)

    return flip


def of_version(number: int) -> Callable[[bytes], bytes]:
    """The same database, as a version of the engine would have written it."""

    def change(content: bytes) -> bytes:
        head = content[8:12] + number.to_bytes(8, "little") + content[20:4096]
        return checksum(head).to_bytes(8, "little") + head + content[4096:]

    return change


DAMAGES: dict[str, tuple[Callable[[bytes], bytes], type[Refused]]] = {
    "empty": (cut(0), NotADatabase),
    "one byte": (cut(1), NotADatabase),
    "a list": (lambda _: b"Nom;Pr\xe9nom\r\n" * 2000, NotADatabase),
    "zeros": (lambda content: b"\0" * len(content), NotADatabase),
    "cut in the first header": (cut(2000), Corrupt),
    "cut after it": (cut(4096), Corrupt),
    "cut in the second": (cut(5000), Corrupt),
    "cut after the third": (cut(12288), Corrupt),
    "cut in a block": (cut(60_000), Corrupt),
    "first header": (flipped(700), Corrupt),
    "second header": (flipped(4110), Corrupt),
    "third header": (flipped(8210), Corrupt),
    "a block": (flipped(20_000), Corrupt),
    "an older engine": (of_version(40), OtherVersion),
    "a newer engine": (of_version(200), OtherVersion),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_told_as_what_it_is(file: Path, whole: bytes, damage: str) -> None:
    harm, kind = DAMAGES[damage]
    file.write_bytes(harm(whole))
    for read_only in (False, True):
        with pytest.raises(kind) as told:
            connect(file, read_only=read_only)
        assert type(told.value) is kind
        assert str(file) in str(told.value)
    assert file.read_bytes() == harm(whole)
    assert names(file.parent) == {file.name}


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(NotADatabase, match="c'est un dossier"):
        connect(tmp_path)


def test_who_may_not_open_it_is_told_so(file: Path) -> None:
    script = (
        "import os, sys\nfrom dashboard.store.engine import connect\n"
        "from dashboard.store.failures import Denied\n"
        "if not os.getuid(): os.setgid(65534); os.setuid(65534)\n"
        "try: connect(sys.argv[1])\n"
        "except Denied: sys.exit(7)\n"
    )
    for folder in (file.parent, *file.parent.parents[:2]):
        folder.chmod(0o755)
    file.chmod(0o000)
    assert subprocess.run([sys.executable, "-c", script, file]).returncode == 7
    assert Denied().cause == "denied"


def test_what_is_read_later_and_is_damaged_is_told_too(file: Path, whole: bytes) -> None:
    """The engine looks at a block when it is asked for what is in it."""
    file.write_bytes(whole)
    with connect(file) as store, store.transaction() as transaction:
        transaction.write(
            "INSERT INTO sign_in_failure SELECT hash(n)::TEXT, '2026-11-24' "
            "FROM generate_series(1, 200000) AS numbers(n)"
        )
    content = bytearray(file.read_bytes())
    for at in range(12288 + 300_000, len(content), 262_144):
        content[at] ^= 0x55
    file.write_bytes(content)
    with pytest.raises(Corrupt) as told, connect(file) as store:  # noqa: PT012  # either may
        store.rows("SELECT count(*), max(subject) FROM sign_in_failure")
        store.rows("SELECT max(name_key), max(email) FROM account")
    assert told.value.path == str(file)


# The way back


@pytest.fixture
def copies(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a copy that is whole, and a newer one that is not."""
    folder = tmp_path / "copies d'hier"
    folder.mkdir()
    back_up(str(file), folder / "accounts-2026-11-22.duckdb")
    (folder / "accounts-2026-11-23.duckdb").write_bytes(b"\0" * 9000)
    monkeypatch.setenv("EDUCONNECT_BACKUP_FOLDER", str(folder))
    return folder


def test_commands_lead_to_the_last_whole_copy_and_it_is_restored(
    file: Path, copies: Path, run: Run
) -> None:
    file.write_bytes(flipped(4110)(file.read_bytes()))
    ran = run("statistics", "--nation", "--by", "academy")
    assert ran.code == 1
    assert "ouverte par un autre programme" not in ran.err
    assert "copies d'\"'\"'hier/accounts-2026-11-22.duckdb' --replace --database" in ran.err
    assert run("restore", copies / "accounts-2026-11-22.duckdb", "--replace").code == 0
    assert run("statistics", "--nation", "--by", "academy").code == 0


def test_check_names_the_damage_and_the_copy(file: Path, copies: Path, run: Run) -> None:
    file.write_bytes(flipped(4110)(file.read_bytes()))
    said = {line.split(" : ")[0]: line for line in run("check").text.splitlines()}
    assert said["À CORRIGER   Base"].count("accounts-2026-11-22.duckdb") == 1
    assert "accounts-2026-11-23.duckdb" in said["À CORRIGER   Sauvegardes"]


def test_a_damaged_copy_is_not_taken_for_the_database(file: Path, copies: Path, run: Run) -> None:
    ran = run("restore", copies / "accounts-2026-11-23.duckdb", "--replace")
    assert (ran.code, "Reprenez une autre sauvegarde" in ran.err) == (1, True)
    assert "educonnect restore" not in ran.err


# The engine's log


@pytest.fixture(scope="module")
def crashed(tmp_path_factory: pytest.TempPathFactory, whole: bytes) -> dict[str, bytes]:
    """What a process that wrote, and was killed, has on the disk."""
    file = tmp_path_factory.mktemp("crashed") / "accounts.duckdb"
    file.write_bytes(whole)
    subprocess.run([sys.executable, "-c", WRITE, file, str(COMMITS)], check=True)
    return {path.name: path.read_bytes() for path in file.parent.iterdir()}


def put_back(folder: Path, files: dict[str, bytes]) -> Path:
    for old in folder.iterdir():
        old.unlink()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder / "accounts.duckdb"


LOG, RECORD = "accounts.duckdb.wal", "accounts.duckdb.commits"


def committed(file: Path) -> int:
    with connect(file) as store:
        [(count,)] = store.rows("SELECT count(*) FROM sign_in_failure")
    return int(count)


def test_what_was_acknowledged_before_a_kill_is_there(
    tmp_path: Path, crashed: dict[str, bytes]
) -> None:
    file = put_back(tmp_path, crashed)
    assert committed(file) == COMMITS
    assert names(tmp_path) == {file.name}


LOG_DAMAGES: dict[str, Callable[[bytes], bytes | None]] = {
    "lost": lambda _: None,
    "empty": cut(0),
    "cut to its first bytes": cut(9),
    "cut in its middle": lambda log: log[: len(log) // 2],
    "without its last byte": lambda log: log[:-1],
    "its first byte": flipped(0),
    "its header": flipped(12),
    "zeros in its middle": lambda log: log[:900] + b"\0" * 300 + log[1200:],
    "something else": lambda _: b"garbage" * 500,
}


@pytest.mark.parametrize("damage", LOG_DAMAGES)
def test_a_damaged_log_is_not_opened_over(
    tmp_path: Path, crashed: dict[str, bytes], damage: str
) -> None:
    log = LOG_DAMAGES[damage](crashed[LOG])
    files = crashed | ({LOG: log} if log is not None else {})
    if log is None:
        del files[LOG]
    file = put_back(tmp_path, files)
    for read_only in (False, True):
        with pytest.raises(WritesMissing, match=r"écritures? validées? manque.* depuis le"):
            connect(file, read_only=read_only)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == files


def test_a_log_damaged_in_its_middle_is_noticed_without_the_record(
    tmp_path: Path, crashed: dict[str, bytes]
) -> None:
    for at in range(60, len(crashed[LOG]) - 400, 97):
        file = put_back(tmp_path, crashed | {LOG: flipped(at)(crashed[LOG]), RECORD: b""})
        with pytest.raises(WritesMissing):
            connect(file)


@settings(max_examples=deep(25))
@given(at=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_whichever_bit_of_a_log_is_wrong_nothing_is_lost_silently(
    tmp_path_factory: pytest.TempPathFactory, crashed: dict[str, bytes], at: float, bit: int
) -> None:
    log = bytearray(crashed[LOG])
    log[int(at * len(log))] ^= 1 << bit
    file = put_back(tmp_path_factory.mktemp("bit"), crashed | {LOG: bytes(log)})
    with pytest.raises(Corrupt):
        connect(file)


def test_a_write_that_was_cut_off_before_it_was_acknowledged_is_no_damage(
    tmp_path: Path, crashed: dict[str, bytes]
) -> None:
    record = crashed[RECORD][: len(crashed[RECORD]) * (COMMITS - 1) // COMMITS]
    files = crashed | {LOG: crashed[LOG][:-3], RECORD: record}
    assert committed(put_back(tmp_path, files)) == COMMITS - 1


def test_a_log_that_another_program_has_brought_in_is_not_missed(
    tmp_path: Path, crashed: dict[str, bytes]
) -> None:
    file = put_back(tmp_path, crashed)
    with duckdb.connect(str(file)) as connection:
        connection.execute("CHECKPOINT")
    assert not log_of(file).exists()
    assert record_of(file).exists()
    assert committed(file) == COMMITS


def test_the_log_of_another_database_is_refused(tmp_path: Path, crashed: dict[str, bytes]) -> None:
    other = tmp_path / "other.duckdb"
    connect(other).close()
    file = put_back(tmp_path, crashed | {"accounts.duckdb": other.read_bytes()})
    with pytest.raises(Corrupt, match="le journal d'une autre base"):
        connect(file)


def test_what_can_still_be_read_can_be_kept(tmp_path: Path, crashed: dict[str, bytes]) -> None:
    """As the command says it: to its last whole write."""
    log = crashed[LOG]
    file = put_back(tmp_path, crashed | {LOG: flipped(len(log) // 2)(log)})
    with pytest.raises(WritesMissing) as told:
        connect(file)
    os.truncate(log_of(file), told.value.whole)
    record_of(file).unlink()
    assert 0 < committed(file) < COMMITS


def test_a_restoration_keeps_a_damaged_database_with_its_log(
    tmp_path: Path, crashed: dict[str, bytes], file: Path
) -> None:
    backup = tmp_path.parent / f"{tmp_path.name}.backup.duckdb"
    back_up(str(file), backup)
    damaged = crashed | {LOG: flipped(500)(crashed[LOG])}
    database = put_back(tmp_path, damaged)
    older = restore(backup, str(database), NOW, replace=True)
    assert older is not None
    assert older.read_bytes() == damaged[database.name]
    assert log_of(older).read_bytes() == damaged[LOG]
    assert committed(database) == 0
    assert names(tmp_path) == {database.name, older.name, log_of(older).name}


def test_a_file_that_is_in_use_is_told_as_that_and_no_other(
    tmp_path: Path, crashed: dict[str, bytes]
) -> None:
    file = put_back(tmp_path, crashed)
    holder = "import dashboard, sys; s = dashboard.connect(sys.argv[1]); print(); input()"
    command = [sys.executable, "-c", holder, str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with pytest.raises(InUse):
            connect(file)
        process.communicate(b"\n", timeout=30)
