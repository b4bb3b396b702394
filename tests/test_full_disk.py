"""A full disk: told as such, nothing lost, nothing left behind, and over once there is room.

The disk is a real one in memory where the machine mounts it, a real one in a file where it mounts
that; elsewhere the process may write no more bytes to any file.
"""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import date, datetime
from http import HTTPStatus
from pathlib import Path

import pytest
from tornado.web import Application

from dashboard.actions.back_up import back_up, back_up_daily, restore
from dashboard.actions.send_messages import Postman
from dashboard.actions.staff_sessions import SessionLimits
from dashboard.actions.take_snapshot import take_snapshot
from dashboard.commands.printing import write_file
from dashboard.credentials.links import Signer, load_signer
from dashboard.domain.errors import Refused
from dashboard.domain.message import MessageStatus
from dashboard.health import Health
from dashboard.metrics import Meter, metrics
from dashboard.server import _Health
from dashboard.store.engine import Changed, Store, connect
from dashboard.store.failures import Cause, DiskFull
from dashboard.transport.delivery import CommitPoint
from dashboard.transport.maildir import Maildir
from dashboard.web.guardian_pages import guardian_routes
from dashboard.web.handler import Threads
from dashboard.web.page_templates import Pages
from tests.actions.services import (
    ABRICOT,
    BOULEAU,
    NOW,
    Clock,
    Postbox,
    change,
    families,
    make_services,
    notified_by_email,
    notified_by_sheet,
    statuses,
)
from tests.full_disk import Disk, small_disk
from tests.web.conftest import served
from tests.web.guardians import Guardians
from tests.web.visitor import Visitor

TOLD = "Le disque est plein : rien n'a été écrit"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with small_disk(tmp_path / "disk") as found:
        yield found


@pytest.fixture
def database(disk: Disk) -> Path:
    return disk.folder / "accounts.duckdb"


@pytest.fixture
def school(database: Path) -> Iterator[Store]:
    with connect(database) as store:
        families(store)
        yield store


def emails(store: Store) -> set[str]:
    return {email for (email,) in store.rows("SELECT email FROM account")}


def rename_all(store: Store, email: str) -> None:
    with store.transaction() as transaction:
        transaction.write("UPDATE account SET email = $1", [email])


@contextmanager
def full(disk: Disk, store: Store) -> Iterator[None]:
    """No commit finds room meanwhile, not even where the log has begun a block."""
    with disk.full():
        with suppress(DiskFull):
            for _ in range(500):
                with store.transaction() as transaction:
                    transaction.rows("SELECT nextval('journal_number')")
        store.failure = None
        yield


# What is told


def test_a_write_is_told_as_a_full_disk_and_goes_again_with_room(
    disk: Disk, school: Store, caplog: pytest.LogCaptureFixture
) -> None:
    before = emails(school)
    with full(disk, school):
        caplog.clear()
        for _ in range(3):
            with pytest.raises(DiskFull, match=TOLD) as told:
                rename_all(school, "nouvelle@exemple.fr")
        assert emails(school) == before
        assert school.failure is not None
    assert not isinstance(told.value, Changed)
    assert "ecommencez" not in str(told.value)
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "No space left" in caplog.text or "File too large" in caplog.text
    rename_all(school, "nouvelle@exemple.fr")
    assert emails(school) == {"nouvelle@exemple.fr"}
    assert school.failure is None


def test_sheets_that_could_not_be_written_down_notified_nobody(disk: Disk, school: Store) -> None:
    with full(disk, school), pytest.raises(DiskFull):
        notified_by_sheet(school, ABRICOT)
    assert school.rows("SELECT DISTINCT state FROM account") == [("NOT_NOTIFIED",)]
    assert school.rows("SELECT count(*) FROM journal") == [(0,)]
    notified_by_sheet(school, ABRICOT)
    assert school.rows("SELECT count(*) FROM journal") == [(1,)]


def test_the_engine_that_stopped_at_a_checkpoint_is_opened_again(
    disk: Disk, school: Store, database: Path
) -> None:
    rename_all(school, "nouvelle@exemple.fr")
    with full(disk, school):
        with pytest.raises(DiskFull):
            school.rows("CHECKPOINT")
        assert emails(school) == {"nouvelle@exemple.fr"}
        with pytest.raises(DiskFull):
            rename_all(school, "autre@exemple.fr")
        assert emails(school) == {"nouvelle@exemple.fr"}
    rename_all(school, "autre@exemple.fr")
    school.close()
    with connect(database, read_only=True) as again:
        assert emails(again) == {"autre@exemple.fr"}


# Nothing is left behind


def test_a_key_that_finds_no_room_leaves_nothing(disk: Disk) -> None:
    key = disk.folder / "a.key"
    with disk.full():
        with pytest.raises(Refused, match="plein"):
            load_signer(key)
        assert disk.names() == set()
    load_signer(key)
    assert disk.names() == {"a.key"}


def test_an_output_that_finds_no_room_leaves_what_was_there(disk: Disk) -> None:
    output = disk.folder / "liste.csv"
    write_file(b"ancienne", output)
    with disk.full():
        with pytest.raises(Refused, match="plein"):
            write_file(b"nouvelle" * 100_000, output)
        assert disk.names() == {"liste.csv"}
    assert output.read_bytes() == b"ancienne"


def test_copies_that_find_no_room_leave_nothing(disk: Disk, tmp_path: Path) -> None:
    database, kept = tmp_path / "accounts.duckdb", tmp_path / "kept.duckdb"
    with connect(database) as store:
        families(store)
    back_up(str(database), kept)
    with connect(database, copies_to=disk.folder) as store, disk.full():
        with pytest.raises(Refused, match="plein"):
            back_up_daily(store, disk.folder, NOW, kept=7)
        with pytest.raises(Refused, match="plein"):
            take_snapshot(store, Signer(b"k" * 32), disk.folder / "extrait", date(2026, 9, 28))
    with disk.full():
        with pytest.raises(Refused, match="plein"):
            back_up(str(database), disk.folder / "copy.duckdb")
        with pytest.raises(Refused, match="plein"):
            restore(kept, str(disk.folder / "accounts.duckdb"), NOW, replace=False)
        assert disk.names() == set()


def test_a_message_that_finds_no_room_waits(disk: Disk, tmp_path: Path) -> None:
    with connect(tmp_path / "accounts.duckdb") as store:
        families(store)
        notified_by_email(store, ABRICOT)
        services = make_services(store, Maildir(disk.folder / "sortie"))  # type: ignore[arg-type]  # no Postbox
        with disk.full():
            if not disk.is_mounted:
                pytest.skip("the limit is on the database too, which would be told first")
            assert services.postman().send_due() == 0
            assert {name for name in disk.names() if "message" in name} == set()
        assert set(statuses(store).values()) == {MessageStatus.QUEUED}
        assert services.postman().send_due() == 1


# The worker


def postman_of(store: Store, post: Postbox) -> Postman:
    return make_services(store, post).postman()


def test_what_became_of_a_message_is_written_once_there_is_room(disk: Disk, school: Store) -> None:
    """It has left, and is not sent again."""
    notified_by_email(school, ABRICOT)
    post, room = Postbox(), ExitStack()

    class Filling(Postbox):
        def deliver(
            self, content: bytes, sender: str, recipient: str, commit_point: CommitPoint
        ) -> str:
            answer = post.deliver(content, sender, recipient, commit_point)
            room.enter_context(full(disk, school))
            return answer

    postman = postman_of(school, Filling())
    with room, pytest.raises(DiskFull):
        postman.send_due()
    assert postman.send_due() == 0
    assert set(statuses(school).values()) == {MessageStatus.SENT}
    assert len(post.received) == 1


def test_a_worker_says_once_that_it_cannot_write_and_goes_on_with_room(
    disk: Disk, school: Store, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.actions.send_messages._AGAIN", datetime.resolution)
    notified_by_email(school, ABRICOT, BOULEAU)
    post = Postbox()
    postman, tried = postman_of(school, post), threading.Event()
    send_due, tries = postman.send_due, 0

    def counted() -> int:
        nonlocal tries
        tries += 1
        if tries > 5:
            tried.set()
        return send_due()

    monkeypatch.setattr(postman, "send_due", counted)
    thread = threading.Thread(target=postman.run)
    with full(disk, school):
        thread.start()
        assert tried.wait(30)
    deadline = time.monotonic() + 30
    while len(post.received) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    postman.stop()
    thread.join()
    assert len(post.received) == 2
    told = [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR]
    assert [line for line in told if "message" in line] == ["no message can leave for now: full"]
    assert "Traceback" not in caplog.text


# What monitoring and guardians see


def health_of(store: Store, disk: Disk) -> Health:
    return Health(store, {"database": disk.folder})


def test_it_is_in_the_health_and_goes_with_its_cause(disk: Disk, school: Store) -> None:
    health = health_of(school, disk)
    route = (r"/healthz", _Health, {"health": health})
    with served(Application([route])) as port:
        visitor = Visitor(port)
        assert visitor.get("/healthz").body == '{"status": "ok"}'
        with full(disk, school):
            with pytest.raises(DiskFull):
                change(school, ABRICOT, "email", "'x@exemple.fr'")
            answer, head = visitor.get("/healthz"), visitor.ask("HEAD", "/healthz")
            health.look()
            assert school.failure is not None
        assert (answer.status, head.status, head.body) == (503, 503, "")
        assert '"cause": "full"' in answer.body
        assert "disque est plein" in answer.text
        assert str(disk.folder) not in answer.body
        health.look()
        assert visitor.get("/healthz").status == HTTPStatus.OK


def test_it_is_there_before_anybody_writes(disk: Disk, school: Store) -> None:
    if not disk.is_mounted:
        pytest.skip("a limit is no disk that can be looked at")
    with disk.full():
        assert [one.cause for one in health_of(school, disk).reasons()] == [Cause.DISK_FULL]
    assert health_of(school, disk).reasons() == []


def test_it_is_in_the_metrics(disk: Disk, school: Store) -> None:
    services = make_services(school)
    meter = Meter(health=health_of(school, disk))
    with full(disk, school), pytest.raises(DiskFull):
        change(school, ABRICOT, "email", "'x@exemple.fr'")
    text = metrics(services, SessionLimits(), meter)
    assert 'educonnect_database_failing{cause="full"} 1' in text
    assert 'educonnect_database_failing{cause="corrupt"} 0' in text
    school.try_writing()
    assert 'educonnect_database_failing{cause="full"} 0' in metrics(
        services, SessionLimits(), meter
    )


def test_a_guardian_reads_that_it_is_nobodys_fault(disk: Disk, database: Path) -> None:
    clock = Clock()
    with connect(database) as store, Threads() as threads:
        guardians = Guardians(store, clock)
        routes = guardian_routes(guardians.access, Pages("l'école", ""), clock, threads)
        with served(Application(routes, cookie_secret="s" * 32)) as port:
            visitor = Visitor(port)
            token = visitor.get("/activation").token
            with full(disk, store):
                answer = visitor.post("/activation", _xsrf=token, identifier="x", password="y")
            assert answer.status == HTTPStatus.SERVICE_UNAVAILABLE
            assert "rien de ce qui était enregistré n'est perdu" in answer.text
            assert visitor.sign_in("inconnu", "faux").status < HTTPStatus.INTERNAL_SERVER_ERROR
