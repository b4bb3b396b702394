"""Killed at any moment: every account is whole, and every message has left once at most."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pypdf import PdfReader

from dashboard.domain.account import State
from dashboard.domain.message import MessageStatus
from dashboard.store.engine import Store, connect
from tests.actions.services import opens, read_sheet
from tests.mail_server import HOST, MailServer, mail_server
from tests.store.rows import SULPICE, Rows

FEW = 24
LETTERS = 250
SAMPLE = 20
DATABASE, SHEETS = "accounts.duckdb", "feuilles.pdf"
NOTIFY = ("-m", "dashboard", "notify", "--school", SULPICE, "--yes")
NOTIFY_BY_SHEET = (*NOTIFY[2:], "--by", "sheet", "--no-class-pages", "--output", SHEETS)
# One process forks for each instant: the child ends itself, as by SIGKILL, just before its nth
# statement that writes, commit, end of a commit or call that changes a name on the disk.
KILLER = """
import os, shutil, signal, sys
from pathlib import Path
import dashboard.actions.notify_by_sheet, dashboard.outputs.sheets_pdf
from dashboard.cli import main
from dashboard.store.engine import Store, Transaction

untouched, sys.argv = Path(sys.argv[1]), ["educonnect", *sys.argv[2:]]
calls = 0

def reach():
    global calls
    calls += 1
    if calls == nth:
        os.kill(os.getpid(), signal.SIGKILL)

def watch(owner, name, afterwards=False):
    call = getattr(owner, name)
    def instead(*arguments, **named):
        reach()
        found = call(*arguments, **named)
        if afterwards:
            reach()
        return found
    setattr(owner, name, instead)

def notify(folder):
    os.chdir(folder)
    os.environ["EDUCONNECT_DATABASE"] = "accounts.duckdb"
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    watch(Transaction, "write")
    watch(Store, "_commit", afterwards=True)
    for name in ("link", "rename", "replace", "unlink", "mkdir", "rmdir"):
        watch(os, name)
    try:
        main()
    except SystemExit as ended:
        os._exit(ended.code)

for nth in range(1, 200):
    folder = untouched.with_name(str(nth))
    folder.mkdir()
    shutil.copy(untouched, folder / "accounts.duckdb")
    child = os.fork()
    if not child:
        notify(folder)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code == 0:
        break
    assert code == -signal.SIGKILL, code
else:
    raise AssertionError("no end of it")
"""
SEND = """
import sys
from dashboard.bootstrap import open_services
from dashboard.settings import Settings
from dashboard.store.engine import connect
with connect(sys.argv[1]) as store:
    open_services(store, Settings(), "http://127.0.0.1:5006").postman().send_due()
"""


def enrol(path: Path, count: int) -> None:
    """A school of so many families, written in bulk."""
    with connect(path) as store:
        Rows(store).school()
        families = f"FROM generate_series(1, {count}) AS numbers(n)"
        with store.transaction() as transaction:
            transaction.write(
                f"INSERT INTO student SELECT n, '{SULPICE}', 'Martin', '', 'Zoé', 'martin zoe', "
                f"NULL, '', 'CP', 'CP ' || n % 20, NULL {families}"
            )
            transaction.write(
                "INSERT INTO account SELECT n, printf('%04d-%04d', n // 10000, n % 10000), 'Mme', "
                "'Martin', '', 'Léa', 'martin lea', 'lea' || n || '@exemple.fr', '', 'SCHOOL', "
                f"'NOT_NOTIFIED', NULL, NULL, 1, 'NONE', '' {families}"
            )
            transaction.write(
                f"INSERT INTO link SELECT n, n, '{SULPICE}', 'CP ' || n % 20, 'CP', NULL {families}"
            )


@contextmanager
def process(*arguments: object, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A program that runs meanwhile, and is killed at the latest at the end of the `with`."""
    with subprocess.Popen(
        [sys.executable, *map(str, arguments)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | environment,
    ) as running:
        try:
            yield running
        finally:
            running.kill()


def kill_once(running: subprocess.Popen[bytes], reached: Callable[[], bool]) -> None:
    """Kill a program when something comes true, unless it ends before."""
    deadline = time.monotonic() + 60
    while running.poll() is None and not reached():
        assert time.monotonic() < deadline
        time.sleep(0.001)
    running.kill()
    running.wait()


# Sheets


def drafts(output: Path) -> list[Path]:
    """What is on the disk of a file that has not its name yet."""
    return list(output.parent.glob(f".{output.name}.*"))


def states(store: Store) -> dict[str, int]:
    return dict(store.rows("SELECT state, count(*) FROM account GROUP BY state"))


def check_whole(database: Path, output: Path, many: int) -> State:
    """All accounts are notified and on the sheets, or none is and there are no sheets."""
    with connect(database) as store:
        [(state, count)] = states(store).items()
        [(versions, passwords)] = store.rows(
            "SELECT sum(version - 1), count(*) FILTER (WHERE password_hash <> '') FROM account"
        )
        journal = store.rows("SELECT action, from_state, to_state, reason FROM journal")
        if state == State.NOT_NOTIFIED:
            assert (count, versions, passwords, journal) == (many, 0, 0, [])
            assert not output.exists()
            return State.NOT_NOTIFIED
        assert (state, count, versions, passwords) == (State.NOTIFIED, many, many, many)
        assert journal == [("NOTIFY_BY_SHEET", "NOT_NOTIFIED", "NOTIFIED", "")] * many
        check_sheets(store, output, many)
    return State.NOTIFIED


def check_sheets(store: Store, output: Path, many: int) -> None:
    """The sheets are all there, and their passwords are the accounts'."""
    # Killed between the last two instants, they have not got their name.
    [file] = [output] if output.exists() else drafts(output)
    sheets = PdfReader(file).pages
    assert len(sheets) == many
    for number in random.Random(7).sample(range(many), SAMPLE):
        identifier, password = read_sheet(sheets[number].extract_text())
        assert opens(store, identifier, password)


def test_notified_by_sheets_and_killed_at_any_instant_all_are_or_nobody_is(tmp_path: Path) -> None:
    untouched = tmp_path / "untouched.duckdb"
    enrol(untouched, FEW)
    command = [sys.executable, "-c", KILLER, str(untouched), *NOTIFY_BY_SHEET]
    subprocess.run(command, check=True, timeout=300)
    left = sorted((path for path in tmp_path.iterdir() if path.is_dir()), key=lambda p: int(p.name))
    outcomes = [check_whole(path / DATABASE, path / SHEETS, FEW) for path in left]
    assert set(outcomes) == {State.NOT_NOTIFIED, State.NOTIFIED}
    assert outcomes == sorted(outcomes, key=[State.NOT_NOTIFIED, State.NOTIFIED].index)
    assert drafts(left[-1] / SHEETS) == []


# Messages


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    """A mail server that the settings of every program name."""
    with mail_server() as running:
        monkeypatch.setenv("EDUCONNECT_SMTP_HOST", HOST)
        monkeypatch.setenv("EDUCONNECT_SMTP_PORT", str(running.port))
        monkeypatch.setenv("EDUCONNECT_SMTP_SECURITY", "none")
        monkeypatch.setenv("EDUCONNECT_MAILS_PER_MINUTE", "100000")
        yield running


def test_whoever_is_killed_while_sending_no_message_is_lost_or_sent_twice(
    tmp_path: Path, server: MailServer
) -> None:
    database, moments = tmp_path / "accounts.duckdb", random.Random(7)
    enrol(database, LETTERS)
    programs: list[tuple[object, ...]] = [
        (*NOTIFY, "--by", "email", "--database", database),
        *[("-c", SEND, database)] * 5,
    ]
    for program in programs:
        wanted, later = len(server.received) + moments.randint(5, 35), moments.uniform(0, 0.02)

        def reached(wanted: int = wanted, later: float = later) -> bool:
            if len(server.received) < wanted:
                return False
            time.sleep(later)
            return True

        with process(*program) as running:
            kill_once(running, reached)
        server.wait_until_idle()
    assert len(server.received) < LETTERS
    with process("-c", SEND, database) as running:
        assert running.wait(60) == 0
    got = [received.recipient for received in server.received]
    assert len(got) == len(set(got))
    with connect(database) as store:
        became: dict[str, str] = dict(store.rows("SELECT recipient, status FROM message"))
    uncertain = {to for to, status in became.items() if status == MessageStatus.SENDING}
    assert len(became) == LETTERS
    assert set(became.values()) <= {MessageStatus.SENT, MessageStatus.SENDING}
    assert became.keys() - uncertain <= set(got) <= became.keys()
    assert len(uncertain) <= len(programs)
    assert MessageStatus.SENDING.label == "envoi interrompu, sans doute parti"
