"""The public pages on a real server, one for each test, and a browser to visit them with."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application

from dashboard.store.engine import Store
from dashboard.web.guardian_pages import guardian_routes
from dashboard.web.handler import Threads
from dashboard.web.page_templates import Pages
from tests.browser.conftest import LAPTOP
from tests.web.guardians import NOW, Guardians

SECRET = "s" * 32
HELP = "l'assistance <b>de test</b>"
PORTAL = "https://portail.example.org/?a=1&b=2"


@dataclass
class Clock:
    """A clock that tests set."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **how_much: float) -> None:
        self.now += timedelta(**how_much)


@dataclass
class Site:
    """The public pages being served: where, at what time, and to whom."""

    port: int
    clock: Clock
    guardians: Guardians
    address: str = field(init=False)

    def __post_init__(self) -> None:
        self.address = f"http://127.0.0.1:{self.port}/activation"


@contextmanager
def served(application: Application) -> Iterator[int]:
    """The port at which an application is served by another thread until the caller is done."""
    [socket] = bind_sockets(0, "127.0.0.1")
    loop, ready = asyncio.new_event_loop(), threading.Event()
    stop = asyncio.Event()

    async def run() -> None:
        server = HTTPServer(application, xheaders=True)  # as behind a proxy
        server.add_socket(socket)
        ready.set()
        await stop.wait()
        server.stop()
        await server.close_all_connections()

    thread = threading.Thread(target=lambda: loop.run_until_complete(run()))
    thread.start()
    assert ready.wait(10)
    try:
        yield socket.getsockname()[1]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


@pytest.fixture
def site(store: Store) -> Iterator[Site]:
    clock = Clock()
    guardians = Guardians(store, clock)
    with Threads() as threads:
        routes = guardian_routes(guardians.access, Pages(HELP, PORTAL), clock, threads)
        with served(Application(routes, cookie_secret=SECRET)) as port:
            yield Site(port, clock, guardians)


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens pages; nothing that they say to developers but the status of a page may be an error."""
    errors: list[str] = []
    contexts = []

    def open_one(**how: object) -> Page:
        options = {"viewport": LAPTOP, "locale": "fr-FR"} | how
        context = browser.new_context(**options)  # type: ignore[arg-type]  # by name
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.extend([said.text] * (said.type == "error")))
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert [error for error in errors if "status of 4" not in error] == []
