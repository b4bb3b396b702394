"""How many connections there may be, and whose: no one visitor takes the place of all others.

An idle connection makes room for a new one, first those of whoever has most. A connection beyond
the bounds is told so, unless it asks how the service is: that is answered always.
"""

import logging
import socket
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address
from typing import Any, Self

from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPHeaders, HTTPMessageDelegate, RequestStartLine, ResponseStartLine
from tornado.ioloop import IOLoop
from tornado.iostream import IOStream

_LOG = logging.getLogger(__name__)

HEALTH = "/healthz"
_OF_BODIES = ("Content-Length", "Transfer-Encoding")
# For the database, files, mail and the like, which no connection may take.
_KEPT_DESCRIPTORS = 128
_MOST, _FEWEST = 4096, 64
_MOST_OF_ONE, _FEWEST_OF_ONE = 256, 32
# Beyond the bounds: what asks how the service is, and what has not yet said what it asks.
_SPARE = 32
# What was sent and is not received for so long is given up, and the connection with it.
_UNRECEIVED_MS = 60_000
_ACCEPTED_AT_ONCE = 128
_PAUSE_SECONDS = 0.5
_TOLD_EVERY_SECONDS = 60
_SAID = "Trop de connexions sont ouvertes. Réessayez dans une minute.\n".encode()
_FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\n"
    b"Cache-Control: no-store\r\nRetry-After: 60\r\nConnection: close\r\n"
    b"Content-Length: %d\r\n\r\n%s" % (len(_SAID), _SAID)
)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many connections may be open; of one source, none where a proxy stands for all."""

    in_all: int
    of_one: int | None

    @classmethod
    def of_process(cls, is_behind_proxy: bool) -> Self:
        """What the descriptors that the process may have allow."""
        in_all = max(_FEWEST, min(_MOST, _descriptors() - _KEPT_DESCRIPTORS))
        of_one = max(_FEWEST_OF_ONE, min(_MOST_OF_ONE, in_all // 2))
        return cls(in_all, None if is_behind_proxy else of_one)


def raise_descriptors() -> None:
    """Let the process open as many files and connections as the system lets it."""
    with suppress(ImportError, ValueError, OSError):  # where there are no such limits, or fixed
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _descriptors() -> int:
    with suppress(ImportError):
        import resource

        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft != resource.RLIM_INFINITY:
            return soft
    return _MOST + _KEPT_DESCRIPTORS


@dataclass(slots=True)
class _Connection:
    """One connection: from where, whether it is beyond the bounds, since when it asks nothing."""

    source: str
    is_extra: bool
    idle_since: float | None = field(default_factory=time.monotonic)


class Connections:
    """The connections of an HTTP server that has not yet accepted any."""

    def __init__(self, server: HTTPServer, bounds: Bounds) -> None:
        self._bounds = bounds
        self._open: dict[IOStream, _Connection] = {}
        self._accept: Any = server.handle_stream
        self._start: Any = server.start_request
        self.refused = 0
        server.handle_stream = self._on_stream  # type: ignore[method-assign]  # wrapped
        server.start_request = self._on_request  # type: ignore[method-assign]  # wrapped

    def __len__(self) -> int:
        """How many connections are open."""
        self._forget_closed()
        return len(self._open)

    def _on_stream(self, stream: IOStream, address: Any) -> None:
        self._forget_closed()
        source = _source(address)
        is_extra = self._is_full(source)
        if is_extra and len(self._open) >= self._bounds.in_all + _SPARE:
            self.refused += 1
            stream.close()
            return
        self._open[stream] = _Connection(source, is_extra)
        _give_up_unreceived(stream.socket)
        self._accept(stream, address)

    def _forget_closed(self) -> None:
        for stream in [stream for stream in self._open if stream.closed()]:
            del self._open[stream]

    def _is_full(self, source: str) -> bool:
        """Whether there is no room for one more of a source, even without its idle ones."""
        counts = Counter(one.source for one in self._open.values())
        if self._bounds.of_one is not None and counts[source] >= self._bounds.of_one:
            return not self._let_go([source])
        if len(self._open) >= self._bounds.in_all:
            return not self._let_go([source for source, _ in counts.most_common()])
        return False

    def _let_go(self, sources: list[str]) -> bool:
        """Close the connection that is idle for longest, of the first source that has one."""
        for source in sources:
            idle = [
                (one.idle_since, stream)
                for stream, one in self._open.items()
                if one.source == source and one.idle_since is not None
            ]
            if idle:
                _, oldest = min(idle, key=lambda one: one[0])
                oldest.close()
                return True
        return False

    def _on_request(self, server_conn: Any, request_conn: Any) -> HTTPMessageDelegate:
        delegate: HTTPMessageDelegate = self._start(server_conn, request_conn)
        stream: IOStream = server_conn.stream
        connection = self._open.get(stream)
        if connection is None:  # of a stream that was closed meanwhile
            return delegate
        connection.idle_since = time.monotonic()
        return _Request(delegate, connection, lambda: self._turn_away(stream))

    def _turn_away(self, stream: IOStream) -> None:
        self.refused += 1
        stream.write(_FULL).add_done_callback(lambda _: stream.close())


class _Request(HTTPMessageDelegate):
    """A request, from its headers on, unless its connection is beyond the bounds."""

    def __init__(
        self,
        delegate: HTTPMessageDelegate,
        connection: _Connection,
        turn_away: Callable[[], None],
    ) -> None:
        self._delegate = delegate
        self._connection = connection
        self._turn_away = turn_away
        self._is_heard = True

    def headers_received(
        self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders
    ) -> Any:
        self._connection.idle_since = None
        asked = getattr(start_line, "path", "").partition("?")[0]
        # Who asks how the service is has nothing to send, least of all slowly.
        is_short = not any(name in headers for name in _OF_BODIES)
        self._is_heard = not self._connection.is_extra or (asked == HEALTH and is_short)
        if not self._is_heard:
            return self._turn_away()
        return self._delegate.headers_received(start_line, headers)

    def data_received(self, chunk: bytes) -> Any:
        return self._delegate.data_received(chunk) if self._is_heard else None

    def finish(self) -> None:
        if self._is_heard:
            self._delegate.finish()

    def on_connection_close(self) -> None:
        if self._is_heard:
            self._delegate.on_connection_close()


def _source(address: Any) -> str:
    """Whose connection it is: an IPv4 address, or the network that an IPv6 visitor is given."""
    if not isinstance(address, tuple):
        return ""
    found = ip_address(str(address[0]).partition("%")[0])
    if not isinstance(found, IPv6Address):
        return str(found)
    return str(found.ipv4_mapped or IPv6Address(int(found) >> 64 << 64))


def _give_up_unreceived(sock: socket.socket) -> None:
    with suppress(AttributeError, OSError):  # where there is no such option
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNRECEIVED_MS)


class Door:
    """Accepts the connections of a listening socket; waits a moment when the system has no room.

    Tornado's own would try again at once, for ever, with a traceback each time.
    """

    def __init__(self, sock: socket.socket, callback: Callable[[socket.socket, Any], None]) -> None:
        self._socket = sock
        self._callback = callback
        self._told_at = -float(_TOLD_EVERY_SECONDS)
        self._is_closed = False
        self._open()

    def close(self) -> None:
        """Accept no more; the socket is the caller's to close."""
        self._is_closed = True
        IOLoop.current().remove_handler(self._socket)

    def _open(self) -> None:
        if not self._is_closed:
            IOLoop.current().add_handler(self._socket, self._accept, IOLoop.READ)

    def _accept(self, *_: Any) -> None:
        for _number in range(_ACCEPTED_AT_ONCE):
            if self._is_closed:
                return
            try:
                connection, address = self._socket.accept()
            except BlockingIOError:
                return
            except ConnectionAbortedError:
                continue
            except OSError as error:
                self._wait(error)
                return
            self._callback(connection, address)

    def _wait(self, error: OSError) -> None:
        if time.monotonic() - self._told_at >= _TOLD_EVERY_SECONDS:
            self._told_at = time.monotonic()
            _LOG.error("no connection can be accepted for the moment: %s", error.strerror)
        IOLoop.current().remove_handler(self._socket)
        IOLoop.current().call_later(_PAUSE_SECONDS, self._open)
