"""What of Panel, Bokeh and Tornado is touched beyond what they promise, in this one place.

Their connections deserialise whatever is sent, write it into the log and the answer when it fails,
and stumble when a page is let go while it is being opened. The handlers here stand in for theirs.
They are written for Panel 1.9.4, Bokeh 3.9.2 and Tornado 6.6.1; `check` says at the start what has
moved in another version, before a repair silently does nothing.
"""

import logging
import time
from contextlib import suppress
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import bokeh
import bokeh.server.urls
import panel
import tornado
from bokeh.document import Document
from bokeh.protocol import Protocol
from bokeh.server.connection import ServerConnection
from bokeh.server.contexts import ApplicationContext, BokehSessionContext
from bokeh.server.server import BaseServer
from bokeh.server.session import ServerSession
from bokeh.server.util import check_allowlist
from bokeh.server.views.ws import WSHandler as BokehSocket
from bokeh.util.token import check_token_signature, get_token_payload
from panel.io.server import DocHandler, WSHandler
from tornado.httpserver import HTTPServer
from tornado.web import ErrorHandler, HTTPError
from tornado.websocket import WebSocketClosedError

from dashboard.connections import Bounds, Connections, Door
from dashboard.domain.errors import Refused
from dashboard.page_messages import MessageReader, Reason, Unheard
from dashboard.web.handler import told

_LOG = logging.getLogger(__name__)

_PAGE, _SOCKET = r"/?", r"/ws"
# Bokeh's own routes that answer about a session to anyone who asks; the dashboard uses neither.
_CLOSED = (r"/metadata", r"/autoload.js")
# What no handler is asked, before all of them. Panel's own route imports any module that its
# address names, for anybody; no file's name has a NUL.
_REFUSED: list[tuple[Any, ...]] = [
    (r"/components/.*", ErrorHandler, {"status_code": HTTPStatus.NOT_FOUND}),
    (r".*%00.*", ErrorHandler, {"status_code": HTTPStatus.BAD_REQUEST}),
]
_REFUSED_CODE = 1008  # RFC 6455: a message that violates the server's policy
_FAILED = "La demande n'a pas pu être traitée."
_WORK = {"PULL-DOC-REQ": ServerSession.pull, "PATCH-DOC": ServerSession.patch}
# By which an address would name its own session; pages are made for who asks for them.
_NAMED_SESSIONS = ("bokeh-session-id", "bokeh-token")

# What is relied on, by where it is.
_RELIED_ON: dict[Any, tuple[str, ...]] = {
    BokehSocket: ("_async_open", "on_message", "on_close", "send_message", "check_origin", "open"),
    WSHandler: ("prepare", "_async_open"),
    DocHandler: ("get", "get_session"),
    ServerConnection: ("session", "detach_session", "protocol"),
    ServerSession: ("pull", "patch", "document", "connection_count"),
    ApplicationContext: ("create_session_if_needed", "sessions"),
    BaseServer: ("get_sessions", "io_loop"),
    Protocol: ("assemble", "create"),
    HTTPServer: ("handle_stream", "start_request", "on_close", "_handle_connection"),
    BokehSessionContext: ("request", "id"),
}


def check() -> None:
    """Look whether all that is relied on is where it was.

    Raises:
        Refused: it has moved; with what, and the versions.
    """
    moved = [
        f"{owner.__module__}.{owner.__qualname__}.{name}"
        for owner, names in _RELIED_ON.items()
        for name in names
        if not hasattr(owner, name)
    ]
    served = {pattern[0]: pattern[1] for pattern in bokeh.server.urls.per_app_patterns}
    moved += [
        f"bokeh.server.urls {route}"
        for route, known in ((_SOCKET, WSHandler), (_PAGE, DocHandler))
        if not (route in served and issubclass(served[route], known))
    ]
    if moved:
        raise _moved(moved)


def _moved(names: list[str]) -> Refused:
    versions = f"Panel {panel.__version__}, Bokeh {bokeh.__version__}, Tornado {tornado.version}"
    return Refused(
        [
            f"{versions} : introuvable dans cette version, {name}. "
            "Installez les versions de requirements.txt."
            for name in names
        ]
    )


def install() -> None:
    """Have the handlers of this module stand in for Panel's, and close what nobody uses.

    Raises:
        Refused: they no longer fit.
    """
    check()
    ours = {_SOCKET: GuardedSocket, _PAGE: GuardedPage}
    patterns = bokeh.server.urls.per_app_patterns
    patterns[:] = [
        (pattern[0], ours.get(pattern[0], pattern[1]))
        for pattern in patterns
        if pattern[0] not in _CLOSED
    ]


def application(server: Any) -> Any:
    """The Tornado application of a server."""
    return server._tornado


def bound_connections(server: Any, bounds: Bounds) -> Connections:
    """Bound the connections of a server, which has not yet accepted any.

    Raises:
        Refused: it does not accept them as it did.
    """
    try:
        accepting = server._http
        for number, sock in accepting._sockets.items():
            accepting._handlers[number]()
            accepting._handlers[number] = Door(sock, accepting._handle_connection).close
    except (AttributeError, KeyError) as error:
        raise _moved([f"bokeh.server.server.BaseServer._http : {error}"]) from error
    return Connections(accepting, bounds)


def close_routes(server: Any) -> None:
    """Answer what no handler may be asked."""
    application(server).add_handlers(".*", _REFUSED)


def _kind(document: Document, number: str) -> str | None:
    """The kind of a page's model by its number: empty once it has left, ``None`` if it is none."""
    model = document.models.get_by_id(number)
    if model is None:
        return "" if document.models.seen(number) else None
    kind: str = type(model).__qualified_model__
    return kind.rpartition(".")[2].rstrip("0123456789")


class _Quiet:
    """A handler whose errors tell where they happened, and nothing of the request."""

    application: Any
    request: Any

    def log_exception(self, _: Any, value: BaseException | None, __: Any) -> None:
        if not isinstance(value, HTTPError):
            _LOG.error("%s", told(f"{self.request.method} {type(self).__name__}", value))


class GuardedPage(_Quiet, DocHandler):
    """A new page, for a visitor who has room for one."""

    async def get(self, *args: Any, **kwargs: Any) -> None:
        named = "Bokeh-Session-Id" in self.request.headers or any(
            name in self.request.arguments for name in _NAMED_SESSIONS
        )
        if named:
            self.send_error(HTTPStatus.BAD_REQUEST)
        elif self.current_user and (full := self.application.auth_provider.full(self)):
            self.set_status(HTTPStatus.SERVICE_UNAVAILABLE)
            self.set_header("Cache-Control", "no-store")
            self.set_header("Retry-After", "60")
            self.finish(full)
        else:
            answer = super().get(*args, **kwargs)
            if answer is not None:  # as it is for who has been led to the sign-in
                await answer


class GuardedSocket(_Quiet, WSHandler):
    """A page's connection, on which only what a page may say is heard.

    Nothing is heard once its visitor's rights have ended, nor deserialised that was not checked.
    """

    def initialize(self, *args: Any, **kwargs: Any) -> None:
        super().initialize(*args, **kwargs)
        self._reader = MessageReader()
        self._is_gone = False

    def get_compression_options(self) -> None:
        """None: whatever comes is as large as it says."""

    def check_origin(self, origin: str) -> bool:
        try:
            host = urlsplit(origin).netloc.lower()
        except ValueError:
            return False
        return bool(check_allowlist(host, self.application.websocket_origins))

    async def prepare(self) -> None:
        if self._has_token():
            await super().prepare()
        else:
            self.set_status(HTTPStatus.FORBIDDEN)
            self.finish()

    def _has_token(self) -> bool:
        """Whether the page that is asked for is one that was made here, not long ago."""
        protocols = self.request.headers.get("Sec-WebSocket-Protocol", "").split(",")
        app, token = self.application, protocols[-1].strip()
        try:
            is_ours = len(protocols) == 2 and check_token_signature(
                token, signed=app.sign_sessions, secret_key=app.secret_key
            )
            return bool(is_ours and get_token_payload(token)["session_expiry"] > time.time())
        except Exception:  # whatever else a made-up token leads to
            return False

    @property
    def page(self) -> Document | None:
        """The page that it is a connection to, while it is open."""
        try:
            session = self.connection.session if self.connection else None
        except AssertionError:  # what Bokeh says of a connection that is lost
            return None
        return session.document if session else None

    async def _async_open(self, token: str) -> None:
        try:
            await super()._async_open(token)
        except Exception as error:
            _LOG.error("%s", told("a page's connection could not be opened", error))
            self.close()
            return
        # Whoever left meanwhile was not missed: Bokeh had no connection yet that could be lost.
        if self._is_gone:
            self.on_close()
        elif (page := self.page) is not None:
            self.application.auth_provider.connected(page, self)

    async def send_message(self, message: Any) -> None:
        with suppress(WebSocketClosedError):  # of a page that is let go; `on_close` is called
            await message.send(self)

    def on_close(self) -> None:
        self._is_gone = True
        if (page := self.page) is not None:
            self.application.auth_provider.disconnected(page, self)
            super().on_close()

    async def on_message(self, fragment: str | bytes) -> None:
        page = self.page
        if page is None or not await self.application.auth_provider.hears(page):
            self.close()
            return
        try:
            texts = self._reader.read(fragment, lambda number: _kind(page, number))
        except Unheard as refusal:
            self._refuse(refusal.reason)
            return
        # The connection may have been lost while the rights were looked at.
        if texts is not None and self.page is not None:
            await self._answer(texts)

    async def _answer(self, texts: tuple[str, str, str]) -> None:
        connection = self.connection
        message = connection.protocol.assemble(*texts)
        try:
            answer = await _WORK[message.msgtype](message, connection)
        except ValueError:  # what Bokeh says of a value that its model cannot have
            self._refuse(Reason.VALUE)
            return
        except Exception as error:
            _LOG.error("%s", told("a page's message could not be handled", error))
            failed = True
        else:
            failed = False
        if failed:  # outside of the handling, whose error Bokeh would put into the answer
            answer = connection.protocol.create("ERROR", message.header["msgid"], _FAILED)
        if answer is not None:
            await self.send_message(answer)

    def _refuse(self, reason: Reason) -> None:
        self.application.auth_provider.refused(reason)
        self.close(_REFUSED_CODE)
