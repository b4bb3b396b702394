"""Connections that ask nothing, ask slowly or are too many: others are answered meanwhile."""

import asyncio
import logging
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import pytest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from dashboard.connections import Bounds, Connections, Door

_SECONDS = 1.0
_BOUNDS = Bounds(in_all=12, of_one=6)


class _Answer(RequestHandler):
    def get(self) -> None:
        self.write("ok")

    post = get


class _Hang(RequestHandler):
    async def get(self) -> None:
        self.write("begun")
        await self.flush()
        await asyncio.Event().wait()


@dataclass
class Served:
    """A server that bounds its connections, and who opens some."""

    port: int
    connections: Connections
    loop: asyncio.AbstractEventLoop
    opened: list[socket.socket] = field(default_factory=list)

    def count(self) -> int:
        """How many connections are open."""

        async def counted() -> int:
            return len(self.connections)

        return asyncio.run_coroutine_threadsafe(counted(), self.loop).result(10)

    def connect(self, said: bytes = b"", source: str = "127.0.0.1") -> socket.socket:
        one = socket.create_connection(("127.0.0.1", self.port), 10, (source, 0))
        self.opened.append(one)
        one.sendall(said)
        return one

    def hang(self, source: str = "127.0.0.1") -> bytes:
        """What is said at first on a connection whose request takes for ever."""
        try:
            return self.connect(request("/hang"), source).recv(8)
        except ConnectionResetError:
            return b""

    def ask(self, path: str = "/", source: str = "127.0.0.1") -> str:
        """The answer to one request on a connection of its own."""
        return answer(self.connect(request(path), source))


def request(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()


def answer(one: socket.socket) -> str:
    """All that is said until the connection is closed; empty if that is at once."""
    said = b""
    try:
        while chunk := one.recv(65536):
            said += chunk
    except ConnectionResetError:
        pass
    return said.decode()


@contextmanager
def serving(bounds: Bounds) -> Iterator[Served]:
    loop, ready, found = asyncio.new_event_loop(), threading.Event(), list[Served]()

    def serve() -> None:
        asyncio.set_event_loop(loop)
        application = Application(
            [("/", _Answer), ("/healthz", _Answer), ("/hang", _Hang)], log_function=lambda _: None
        )
        server = HTTPServer(application, idle_connection_timeout=_SECONDS, body_timeout=_SECONDS)
        sockets = bind_sockets(0, "127.0.0.1")
        server.add_sockets(sockets)
        found.append(Served(sockets[0].getsockname()[1], Connections(server, bounds), loop))
        loop.call_soon(ready.set)
        loop.run_forever()
        server.stop()
        loop.run_until_complete(server.close_all_connections())

    thread = threading.Thread(target=serve)
    thread.start()
    assert ready.wait(10)
    try:
        yield found[0]
    finally:
        for one in found[0].opened:
            one.close()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.fixture
def served() -> Iterator[Served]:
    with serving(_BOUNDS) as one:
        yield one


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: ",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
)
def test_who_says_nothing_or_half_is_not_waited_for(served: Served, said: bytes) -> None:
    one = served.connect(said)
    one.settimeout(10 * _SECONDS)
    assert answer(one).count("HTTP/1.1 200") == said.endswith(b"x\r\n\r\n")


def test_idle_connections_of_one_source_make_room_for_its_next(served: Served) -> None:
    assert _BOUNDS.of_one is not None
    for _ in range(10 * _BOUNDS.of_one):
        served.connect()
    assert served.ask().startswith("HTTP/1.1 200")
    assert served.count() <= _BOUNDS.of_one


def test_a_source_that_keeps_asking_is_told_to_wait_and_others_are_answered(
    served: Served,
) -> None:
    assert _BOUNDS.of_one is not None
    for _ in range(_BOUNDS.of_one):
        served.hang()
    assert served.ask("/healthz").startswith("HTTP/1.1 200")
    refusal = served.ask()
    assert refusal.startswith("HTTP/1.1 503")
    assert "Trop de connexions" in refusal
    assert served.ask("/hang?/healthz").startswith("HTTP/1.1 503")
    assert served.connections.refused == 2
    assert served.ask(source="127.0.0.2").startswith("HTTP/1.1 200")


def test_many_sources_together_leave_room_to_ask_how_the_service_is(served: Served) -> None:
    for number in range(_BOUNDS.in_all + 40):
        served.hang(f"127.0.0.{number % 50 + 2}")
    assert served.connections.refused == 40
    assert served.count() <= _BOUNDS.in_all + 32
    assert served.ask("/healthz").startswith("HTTP/1.1 200")


def test_nobody_keeps_others_from_asking_how_the_service_is_by_asking_slowly(
    served: Served,
) -> None:
    for number in range(_BOUNDS.in_all):
        served.hang(f"127.0.0.{number + 2}")
    for number in range(40):
        slow = request("/healthz").replace(b"\r\n\r\n", b"\r\nContent-Length: 9\r\n\r\nhalf")
        assert answer(served.connect(slow, f"127.0.0.{number + 50}")).startswith("HTTP/1.1 503")
    assert served.ask("/healthz", "127.0.0.100").startswith("HTTP/1.1 200")


def test_who_has_most_connections_loses_idle_ones_first(served: Served) -> None:
    kept = [served.connect(source="127.0.0.9") for _ in range(2)]
    for number in range(4 * _BOUNDS.in_all):
        served.connect(source=f"127.0.0.{number % 2 + 2}")
    assert served.ask(source="127.0.0.8").startswith("HTTP/1.1 200")
    for one in kept:
        one.sendall(request("/"))
        assert answer(one).startswith("HTTP/1.1 200")


def test_a_proxy_stands_for_all_and_is_bounded_as_all_are() -> None:
    with serving(Bounds(in_all=12, of_one=None)) as served:
        for _ in range(10):
            served.hang()
        assert served.ask().startswith("HTTP/1.1 200")


def test_bounds_leave_descriptors_for_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.connections._descriptors", lambda: 1024)
    assert Bounds.of_process(is_behind_proxy=False) == Bounds(896, 256)
    assert Bounds.of_process(is_behind_proxy=True) == Bounds(896, None)
    monkeypatch.setattr("dashboard.connections._descriptors", lambda: 2**20)
    assert Bounds.of_process(is_behind_proxy=False) == Bounds(4096, 256)


class _Exhausted:
    """A listening socket of a system without room; then one of a system that has some."""

    def __init__(self) -> None:
        self.tries = 0
        self.listening = bind_sockets(0, "127.0.0.1")[0]

    def accept(self) -> tuple[socket.socket, object]:
        self.tries += 1
        if self.tries < 3:
            raise OSError(24, "Too many open files")
        return self.listening.accept()

    def fileno(self) -> int:
        return self.listening.fileno()

    def close(self) -> None:
        self.listening.close()


def test_a_system_without_room_is_waited_for_and_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def accept() -> None:
        came, exhausted = asyncio.Event(), _Exhausted()
        with ExitStack() as stack:
            stack.callback(exhausted.close)

            def welcome(one: socket.socket, _: object) -> None:
                one.close()
                came.set()

            door = Door(exhausted, welcome)  # type: ignore[arg-type]  # a stub
            stack.callback(door.close)
            with socket.create_connection(exhausted.listening.getsockname()):
                await asyncio.wait_for(came.wait(), 20)
            assert exhausted.tries <= 5

    # A browser of other tests may have a loop running in this thread.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, accept()).result()
    [told] = [one for one in caplog.records if one.levelno >= logging.WARNING]
    assert told.getMessage().endswith("Too many open files")
