import shutil
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, expect, sync_playwright

from dashboard.actions.load_demo import load_demo
from dashboard.cli import main
from dashboard.store.engine import MEMORY, Store, connect
from tests.chromium import QUIET, find_chromium
from tests.command import Ran, Run

# How long an example takes is a matter of what else the machine does.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
# Nor does it matter how long a page takes to show something, as long as it does.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests: two could not live in one thread."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_chromium(), args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def today() -> date:
    return date(2026, 9, 28)


@pytest.fixture(scope="session")
def demo_store(today: date) -> Iterator[Store]:
    """The demo schools, for reading."""
    with connect(MEMORY) as store:
        load_demo(store, today)
        yield store


@pytest.fixture(scope="session")
def demo_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the demo schools as they are today, for reading and for copying."""
    path = tmp_path_factory.mktemp("demo") / "demo.duckdb"
    with connect(path) as store:
        load_demo(store, date.today())
    return path


@pytest.fixture
def demo_schools(demo_file: Path, tmp_path: Path) -> None:
    """The demo schools, without an academy around them, where `run` has its database."""
    shutil.copy(demo_file, tmp_path / "accounts.duckdb")


@pytest.fixture
def store() -> Iterator[Store]:
    with connect(MEMORY) as store:
        yield store


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes], tmp_path: Path
) -> Run:
    """Run the command in this process, on a database of its own unless one is named."""
    monkeypatch.setenv("EDUCONNECT_DATABASE", str(tmp_path / "accounts.duckdb"))

    def run(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["educonnect", *map(str, arguments)])
        with pytest.raises(SystemExit) as exit_:
            main()
        out, err = capsysbinary.readouterr()
        code = exit_.value.code
        assert isinstance(code, int)
        assert b"Traceback" not in err
        return Ran(code, out, err.decode())

    return run
