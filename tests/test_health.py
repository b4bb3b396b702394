"""What a service says of itself that nobody's write has shown: workers, files, the engine away."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.health import Health
from dashboard.server import _thread
from dashboard.store.engine import Store, connect
from dashboard.store.failures import Corrupt


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "accounts.duckdb"


@pytest.fixture
def opened(file: Path) -> Iterator[Store]:
    with connect(file) as store:
        yield store


def causes(health: Health) -> list[str]:
    return [reason.cause for reason in health.reasons()]


def test_a_worker_that_is_not_there_is_named(opened: Store, file: Path) -> None:
    health = Health(opened, {"database": file.parent}, {"nobody": "Envoi des courriels"})
    [reason] = health.reasons()
    assert (reason.cause, health.working()) == ("worker", {"nobody": False})
    assert reason.text.startswith("Envoi des courriels : arrêté")


def test_a_worker_that_fails_is_logged_and_begins_again(
    opened: Store, file: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.server._BEGINS_AGAIN_SECONDS", 0)
    begun, done, times = threading.Event(), threading.Event(), []

    def work() -> None:
        times.append(1)
        if len(times) == 1:
            raise ValueError("unforeseen")
        begun.set()
        done.wait(30)

    health = Health(opened, {"database": file.parent}, {"worker-of-test": "Essai"})
    with _thread("worker-of-test", work, done.set):
        assert begun.wait(30)
        assert causes(health) == []
    assert causes(health) == ["worker"]
    assert "worker-of-test failed" in caplog.text


@pytest.mark.parametrize("how", ["removed", "replaced"])
def test_a_file_that_is_not_the_one_of_its_name_is_said(
    opened: Store, file: Path, tmp_path: Path, how: str
) -> None:
    health = Health(opened, {"database": tmp_path})
    assert causes(health) == []
    if how == "removed":
        file.unlink()
    else:
        other = tmp_path / "other.duckdb"
        connect(other).close()
        other.replace(file)
    assert causes(health) == ["away"]


def test_what_failed_is_remembered_until_something_is_written(opened: Store, file: Path) -> None:
    health = Health(opened, {"database": file.parent})
    opened.failure = Corrupt(str(file), "checksum")
    [reason] = health.reasons()
    assert (reason.cause, reason.text) == ("corrupt", "La base est abîmée.")
    with opened.transaction() as transaction:
        transaction.rows("SELECT 1")
    assert causes(health) == ["corrupt"]
    health.look()
    assert causes(health) == []


def test_trying_to_write_leaves_everything_as_it_was(opened: Store) -> None:
    drawn = "SELECT identifier_base FROM numbering"
    before = opened.rows(drawn)
    opened.try_writing()
    assert opened.rows(drawn) == before
