"""A real server, a real browser, and guards: nothing leaves the host, nothing fails unseen."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from tests.chromium import find_chromium

LAPTOP: ViewportSize = {"width": 1366, "height": 768}
PHONE: ViewportSize = {"width": 390, "height": 844}
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
_START_SECONDS = 60
SERVE = ["dashboard", "serve"]
_HERE = {"127.0.0.1", "localhost"}

expect.set_options(timeout=15_000)


@dataclass(frozen=True)
class Server:
    """A running server: where it is, its process, and what it printed."""

    address: str
    process: "subprocess.Popen[bytes]"
    log: Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def run_server(command: list[str], database: Path, health: str) -> Iterator[Server]:
    """Run a server on a free port until the caller is done; fail if it does not come up."""
    port = free_port()
    log = database.with_suffix(".log")
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", *command, "--port", str(port)],
            env=os.environ | {"EDUCONNECT_DATABASE": str(database)},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_for(f"http://127.0.0.1:{port}{health}", process, log)
        yield Server(f"http://127.0.0.1:{port}", process, log)
    finally:
        process.kill()
        process.wait()


def _wait_for(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, f"the server ended at once: {log.read_text('utf-8')}"
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"no answer from {url} in {_START_SECONDS} seconds")


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The demonstration, served."""
    database = tmp_path_factory.mktemp("demo") / "accounts.duckdb"
    with run_server([*SERVE, "--demo"], database, "/healthz") as server:
        yield server


@pytest.fixture
def run() -> Iterator[Callable[..., Server]]:
    """Runs further servers, which outlive the pages of the test."""
    with ExitStack() as servers:

        def run_one(command: list[str], database: Path, health: str = "/healthz") -> Server:
            return servers.enter_context(run_server(command, database, health))

        yield run_one


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_chromium(), args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser: Browser, run: Callable[..., Server]) -> Iterator[Callable[..., Page]]:
    """Opens pages whose scripts may not fail and whose requests may not leave the host."""
    strays: list[str] = []
    failures: list[str] = []
    contexts = []

    def open_one(viewport: ViewportSize = LAPTOP) -> Page:
        context = browser.new_context(viewport=viewport, locale="fr-FR", accept_downloads=True)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: strays.extend(_strays(request.url)))
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.on("console", lambda said: failures.extend([said.text] * (said.type == "error")))
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert strays == [], "requests left the host"
    assert failures == [], "scripts failed"


def _strays(url: str) -> list[str]:
    parts = urlsplit(url)
    leaves = parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname not in _HERE
    return [url] if leaves else []


@pytest.fixture
def enter(demo: Server, open_page: Callable[..., Page]) -> Callable[..., Page]:
    """Enters the demonstration as a user, at an address of the application."""

    def enter_as(user: str, query: str = "", viewport: ViewportSize = LAPTOP) -> Page:
        page = open_page(viewport)
        page.goto(f"{demo.address}/?next={quote(f'/comptes{query}')}")
        page.get_by_role("button", name=user).click()
        expect(page.get_by_role("tab", name="Accueil")).to_be_visible()
        return page

    return enter_as
