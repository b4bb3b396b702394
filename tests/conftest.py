import shutil
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests import depth
from tests.command import Ran, Run

# What is heavy is imported by the fixtures that need it: a test of the rules alone starts at once.
if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from dashboard.store.engine import Store

settings.load_profile(depth.QUICK)

# Who needs a browser or a server is known by the fixtures of a test, or by what its module starts.
_BY_FIXTURE = {"browser": "browser", "site": "server", "own_site": "server"}
_BY_NAME = {"run_server": "server", "served": "server"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need a browser or a server, for `make check` to leave them out."""
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        module = getattr(item, "module", None)
        marks = {mark for name, mark in _BY_FIXTURE.items() if name in fixtures}
        marks |= {mark for name, mark in _BY_NAME.items() if hasattr(module, name)}
        if item.path.is_relative_to(Path(__file__).parent / "browser"):
            marks.add("browser")
        for mark in marks:
            item.add_marker(mark)


@pytest.fixture(scope="session", autouse=True)
def _cheap_passwords() -> Iterator[None]:
    """Hash passwords for next to nothing in this process: they are made and checked by thousands.

    What a hash costs elsewhere is a test of its own.
    """
    from argon2 import PasswordHasher

    from dashboard.credentials.passwords import HASHERS

    costly = dict(HASHERS)
    HASHERS.update(dict.fromkeys(HASHERS, PasswordHasher(1, 8, 1)))
    yield
    HASHERS.update(costly)


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    """One browser for all tests: two could not live in one thread."""
    from playwright.sync_api import expect, sync_playwright

    from tests.chromium import QUIET, find_chromium

    # How long a page takes to show something does not matter, as long as it does.
    expect.set_options(timeout=30_000)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_chromium(), args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def today() -> date:
    return date(2026, 9, 28)


@pytest.fixture(scope="session")
def demo_store(today: date) -> "Iterator[Store]":
    """The demo schools, for reading."""
    from dashboard.actions.load_demo import load_demo
    from dashboard.store.engine import MEMORY, connect

    with connect(MEMORY) as store:
        load_demo(store, today)
        yield store


@pytest.fixture(scope="session")
def demo_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the demo schools as they are today, for reading and for copying."""
    from dashboard.actions.load_demo import load_demo
    from dashboard.store.engine import connect

    path = tmp_path_factory.mktemp("demo") / "demo.duckdb"
    with connect(path) as store:
        load_demo(store, date.today())
    return path


@pytest.fixture
def demo_schools(demo_file: Path, tmp_path: Path) -> None:
    """The demo schools, without an academy around them, where `run` has its database."""
    shutil.copy(demo_file, tmp_path / "accounts.duckdb")


@pytest.fixture
def store() -> "Iterator[Store]":
    from dashboard.store.engine import MEMORY, connect

    with connect(MEMORY) as store:
        yield store


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes], tmp_path: Path
) -> Run:
    """Run the command in this process, on a database of its own unless one is named."""
    from dashboard.cli import main

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
