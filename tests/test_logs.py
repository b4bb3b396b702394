"""Lines of the log: time, level, logger; ranked for systemd's journal; nothing that was typed."""

import io
import logging
import re
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from dashboard import logs, server
from dashboard.metrics import Meter
from dashboard.settings import Settings
from dashboard.store.engine import connect
from tests.actions.services import make_services

TYPED = "Capucine-secrète"
LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4} [A-Z]+ [\w.]+: .+")


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Where the log goes; afterwards, logging is as it was."""
    root, stream = logging.getLogger(), io.StringIO()
    before = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in ("dashboard", "tornado", "panel")}
    monkeypatch.setattr("threading.excepthook", threading.excepthook)
    monkeypatch.setattr("sys.excepthook", None)
    monkeypatch.setattr(root, "handlers", [])
    logs.begin(stream)
    yield stream
    root.handlers, root.level = before[0], before[1]
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def fail() -> None:
    try:
        raise ValueError(TYPED)
    except ValueError as error:
        raise OSError(28, "No space left on device", f"/{TYPED}") from error


def test_a_line_has_its_time_its_level_and_its_logger(written: io.StringIO) -> None:
    logging.getLogger("dashboard.server").warning("a page was %s", "let go")
    [line] = written.getvalue().splitlines()
    assert LINE.fullmatch(line)
    assert line.endswith("WARNING dashboard.server: a page was let go")


def test_libraries_are_quoted_without_what_they_quote(written: io.StringIO) -> None:
    logging.getLogger("tornado.general").warning("invalid header %r", TYPED)
    logging.getLogger("bokeh.server").error(f"error handling {TYPED}")
    logging.getLogger("panel").info("chatter")
    general, handling = written.getvalue().splitlines()
    assert "invalid header %r (test_logs.py:" in general
    assert "ERROR bokeh.server: test_logs.py:" in handling
    assert TYPED not in written.getvalue()


def test_an_error_is_told_by_its_kind_and_where_it_happened(written: io.StringIO) -> None:
    try:
        fail()
    except OSError:
        logging.getLogger("dashboard.server").exception("the backup failed")
    said = written.getvalue()
    assert "OSError (No space left on device)" in said
    assert "ValueError\n" in said
    assert "test_logs.py" in said
    assert TYPED not in said


def test_a_thread_that_ends_by_an_error_is_told(written: io.StringIO) -> None:
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    assert " CRITICAL dashboard.logs: a thread has ended" in written.getvalue()
    assert TYPED not in written.getvalue()


@pytest.mark.parametrize(
    ("level", "mark"),
    [(logging.CRITICAL, "<2>"), (logging.ERROR, "<3>"), (logging.WARNING, "<4>"), (25, "<6>")],
)
def test_each_line_is_ranked_for_the_journal(level: int, mark: str) -> None:
    record = logging.LogRecord("dashboard.x", level, "x.py", 1, "one\ntwo", None, None)
    try:
        fail()
    except OSError as error:
        record.exc_info = (OSError, error, error.__traceback__)
    lines = logs.Lines(is_ranked=True).format(record).splitlines()
    assert len(lines) > 4
    assert all(line.startswith(mark) for line in lines)


def test_systemd_is_known_by_what_it_sets(
    monkeypatch: pytest.MonkeyPatch, written: io.StringIO
) -> None:
    monkeypatch.setenv("JOURNAL_STREAM", "8:1")
    logs.begin(written)
    logging.getLogger("dashboard").error("x")
    assert written.getvalue().startswith("<3>")


def test_a_backup_that_failed_is_made_as_soon_as_it_can_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(server, "_AGAIN_SECONDS", 0.05)
    folder, meter = tmp_path / "copies", Meter()
    folder.write_text("not a folder", encoding="utf-8")

    def failed() -> bool:
        return any("the daily backup failed" in one.getMessage() for one in caplog.records)

    with (
        connect(tmp_path / "accounts.duckdb", copies_to=folder) as store,
        server._keeping_house(make_services(store), Settings(backup_folder=folder), meter),
    ):
        wait_for(failed)
        folder.unlink()
        wait_for(lambda: meter.backed_up_at is not None)
    assert len(list(folder.iterdir())) == 1


def wait_for(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_it_is_tried_again_within_the_hour() -> None:
    assert timedelta(seconds=server._AGAIN_SECONDS) < timedelta(hours=1)
