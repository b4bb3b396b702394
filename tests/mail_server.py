"""A real SMTP server on this machine: keeps what it accepts, and misbehaves when told to."""

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import AnyStr, Literal

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

HOST = "127.0.0.1"
# MAIL, RCPT, DATA: in answer to these commands; BODY: after the first line; DOT: after the last.
Stage = Literal["MAIL", "RCPT", "DATA", "BODY", "DOT"]
Security = Literal["none", "starttls", "tls"]
_WAIT = 10.0


@dataclass(frozen=True)
class Received:
    """A message that the server accepted, or that it had read whole when told to go silent."""

    sender: str
    recipient: str
    content: bytes

    @property
    def message(self) -> EmailMessage:
        """The message, parsed; lines end by a newline alone."""
        lines = self.content.replace(b"\r\n", b"\n")
        return message_from_bytes(lines, EmailMessage, policy=policy.default)


class MailServer:
    """Listens on `port` of `host`; what it does is decided before, or while, it runs."""

    def __init__(self, ca_file: Path, login: tuple[str, str] | None) -> None:
        self.host = HOST
        self.port = 0
        self.ca_file = str(ca_file)  # of the authority that signed its certificate
        self.received: list[Received] = []
        self.logins: list[str] = []
        self.resets = 0
        self.connections = 0  # ever made, but for the first one that finds out if it listens
        self.open_connections = 0
        self._login = login
        self._scripted: dict[tuple[Stage, str], str] = {}

    def reply(self, stage: Stage, address: str, answer: str) -> None:
        """Answers so to a recipient's messages (MAIL: to a sender's); 421 also hangs up."""
        self._scripted[stage, address] = answer

    def drop(self, stage: Stage, address: str) -> None:
        """Cuts the connection there instead of answering; at DOT the message is kept."""
        self.reply(stage, address, "drop")

    def hold(self, stage: Stage, address: str) -> None:
        """Never answers there; at DOT the message is kept."""
        self.reply(stage, address, "hold")

    def behave(self) -> None:
        """Accepts everything again."""
        self._scripted.clear()

    def messages(self, recipient: str) -> list[EmailMessage]:
        """What the recipient got, in order."""
        return [each.message for each in self.received if each.recipient == recipient]

    def wait_for(self, count: int = 1, recipient: str | None = None) -> None:
        """Returns once so many messages have come (to that recipient)."""

        def came() -> bool:
            mine = [each for each in self.received if recipient in (None, each.recipient)]
            return len(mine) >= count

        _wait_until(came, f"{count} message(s)")

    def wait_until_idle(self) -> None:
        """Returns once no connection is open: what has not been accepted never will be."""
        _wait_until(lambda: not self.open_connections, "the end of the connections")

    def scripted(self, stage: Stage, address: str | None) -> str:
        return self._scripted.get((stage, address or ""), "")

    def may_log_in(self, login: bytes, password: bytes) -> bool:
        if (login.decode(), password.decode()) != self._login:
            return False
        self.logins.append(login.decode())
        return True

    @property
    def requires_login(self) -> bool:
        return self._login is not None


@contextmanager
def mail_server(
    security: Security = "none", login: tuple[str, str] | None = None, certified: str = HOST
) -> Iterator[MailServer]:
    """A running server, until the end of the `with`.

    With `starttls` it refuses messages that come in clear; with a `login` (name and password),
    those of who is not logged in. `certified` is the name in its certificate.
    """
    authority = trustme.CA()
    with TemporaryDirectory() as folder:
        ca_file = Path(folder) / "authority.pem"
        authority.cert_pem.write_to_path(str(ca_file))
        server = MailServer(ca_file, login)
        controller = _Controller(server, security, _server_context(authority, certified))
        controller.start()
        try:
            server.wait_until_idle()
            server.connections = 0
            yield server
        finally:
            controller.stop()


def _server_context(authority: trustme.CA, certified: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(certified).configure_cert(context)
    return context


def _wait_until(reached: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + _WAIT
    while not reached():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited in vain for {what}")
        time.sleep(0.005)


class _Controller(Controller):
    """Runs the server in a thread, on a port that the system chooses."""

    def __init__(self, server: MailServer, security: Security, tls: ssl.SSLContext) -> None:
        self._socket = socket.create_server((HOST, 0))
        server.port = self._socket.getsockname()[1]
        self._mail_server = server
        self._starttls = tls if security == "starttls" else None
        super().__init__(
            _Handler(server),
            hostname=HOST,
            port=server.port,
            ssl_context=tls if security == "tls" else None,
        )
        self._protocols: list[_Protocol] = []

    def factory(self) -> "_Protocol":
        protocol = _Protocol(self._mail_server, self.handler, self._starttls, self.loop)
        self._protocols.append(protocol)
        return protocol

    def _create_server(self) -> Awaitable[asyncio.AbstractServer]:
        return self.loop.create_server(
            self._factory_invoker, sock=self._socket, ssl=self.ssl_context
        )

    def stop(self, no_assert: bool = False) -> None:
        """Cuts what is still open first: the loop would leave those sockets unclosed."""
        cut = threading.Event()
        self.loop.call_soon_threadsafe(self._cut, cut)
        cut.wait(_WAIT)
        self._mail_server.wait_until_idle()
        super().stop(no_assert)

    def _cut(self, done: threading.Event) -> None:
        for protocol in self._protocols:
            protocol.cut()
        done.set()


class _Handler:
    """Decides on senders, recipients and messages."""

    def __init__(self, server: MailServer) -> None:
        self._server = server

    async def handle_MAIL(  # noqa: N802  # aiosmtpd's name
        self, smtp: "_Protocol", session: Session, envelope: Envelope, address: str, options: object
    ) -> str:
        if self._server.requires_login and not session.authenticated:
            return "530 5.7.0 Authentication required"
        if answer := await smtp.scripted_answer("MAIL", address):
            return answer
        envelope.mail_from = address
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name
        self, smtp: "_Protocol", session: Session, envelope: Envelope, address: str, options: object
    ) -> str:
        if answer := await smtp.scripted_answer("RCPT", address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802  # aiosmtpd's name
        self, smtp: "_Protocol", session: Session, envelope: Envelope
    ) -> str:
        [recipient] = envelope.rcpt_tos
        scripted = self._server.scripted("DOT", recipient)
        if scripted in ("", "drop", "hold"):
            content = envelope.original_content or b""
            self._server.received.append(Received(envelope.mail_from or "", recipient, content))
        answer = await smtp.scripted_answer("DOT", recipient)
        return answer or f"250 2.0.0 OK queued as {len(self._server.received)}"


class _Protocol(SMTP):
    """One connection."""

    def __init__(
        self,
        server: MailServer,
        handler: _Handler,
        starttls: ssl.SSLContext | None,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._server = server
        self._counted = False
        super().__init__(
            handler,
            hostname="mail.test",
            tls_context=starttls,
            require_starttls=starttls is not None,
            auth_require_tls=starttls is not None,
            auth_callback=self._may_log_in,
            loop=loop,
        )

    def _may_log_in(self, mechanism: str, login: bytes, password: bytes) -> bool:
        return self._server.may_log_in(login, password)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        # STARTTLS makes the connection anew.
        if not self._counted and self._handler_coroutine:
            self._counted = True
            self._server.connections += 1
            self._server.open_connections += 1
            self._handler_coroutine.add_done_callback(self._ended)

    def _ended(self, conversation: asyncio.Task[None]) -> None:
        self._server.open_connections -= 1
        if not conversation.cancelled():
            conversation.exception()  # asyncio complains of those that nobody looks at

    async def push(self, status: AnyStr) -> None:
        raw = status if isinstance(status, bytes) else status.encode()
        await super().push(raw)
        if raw.startswith(b"421") and self.transport:
            self.transport.close()

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802  # aiosmtpd's name
        recipient = next(iter(self.envelope.rcpt_tos), None) if self.envelope else None
        if answer := await self.scripted_answer("DATA", recipient):
            await self.push(answer)
        elif self._server.scripted("BODY", recipient):
            await self.push("354 Go on")
            await self._reader.readline()
            await self.push(await self.scripted_answer("BODY", recipient))
        else:
            await super().smtp_DATA(arg)

    async def smtp_RSET(self, arg: str) -> None:  # noqa: N802  # aiosmtpd's name
        self._server.resets += 1
        await super().smtp_RSET(arg)

    async def scripted_answer(self, stage: Stage, address: str | None) -> str:
        """The answer to give, or ""; does not return where none shall ever come."""
        answer = self._server.scripted(stage, address)
        if answer == "drop":
            self.cut()
        if answer in ("drop", "hold"):
            await asyncio.Event().wait()  # until the connection ends, which cancels this
        return answer

    def cut(self) -> None:
        """Ends the connection without a word."""
        transport = self._original_transport or self.transport
        if isinstance(transport, asyncio.Transport):
            transport.abort()
        # Cut in the middle of STARTTLS, the conversation would not notice.
        if self._handler_coroutine:
            self._handler_coroutine.cancel()
