"""Messages leave by an SMTP server, which accepts one when it has read its terminator."""

import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal

from dashboard.domain.names import clean
from dashboard.domain.network import is_this_machine
from dashboard.transport.delivery import (
    CommitPoint,
    Delayed,
    NotDelivered,
    Rejected,
    Unavailable,
    Uncertain,
)

Security = Literal["none", "starttls", "tls"]
Reply = tuple[int, bytes]

_TERMINATOR = b"\r\n.\r\n"
_LINE_END = re.compile(rb"\r\n|\r|\n")
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)
_ADDRESS = re.compile(r"[!-;=?-~]+@[!-;=?-~]+")
_LONGEST_ANSWER = 500
# The server asks for a login or for TLS: a matter of configuration, not of the message.
_AUTHENTICATION = {530, 534, 535, 538}

# The first that fits is told.
_CONNECTION_FAILURES: tuple[tuple[type[Exception], str], ...] = (
    (ssl.SSLCertVerificationError, "configuration : certificat du serveur non reconnu"),
    (ssl.SSLError, "configuration : connexion chiffrée (TLS) impossible"),
    (smtplib.SMTPAuthenticationError, "configuration : identifiant ou mot de passe refusé"),
    (smtplib.SMTPNotSupportedError, "configuration : TLS ou authentification non proposés"),
    (smtplib.SMTPResponseException, "connexion refusée par le serveur de messagerie"),
    (TimeoutError, "le serveur de messagerie ne répond pas"),
    (OSError, "le serveur de messagerie est injoignable"),
)


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """The server that messages are handed to, and how.

    `ca_file` is the path of the certificates of a private authority. Without a `username`
    nobody logs in.
    """

    host: str
    port: int
    security: Security = "starttls"
    username: str = ""
    password: str = field(default="", repr=False)
    timeout_seconds: float = 60
    ca_file: str = ""

    @contextmanager
    def open(self) -> "Iterator[SmtpConnection]":
        """A connection made at its first message."""
        connection = SmtpConnection(self)
        try:
            yield connection
        finally:
            connection.close()


def try_connection(server: SmtpServer) -> None:
    """Connects as for a message, encrypted and logged in, and takes leave; raises Unavailable."""
    with suppress(OSError):
        _connected(server).quit()


class SmtpConnection:
    """Kept from message to message, and made again once the server has closed it."""

    def __init__(self, server: SmtpServer) -> None:
        self._server = server
        self._smtp: smtplib.SMTP | None = None

    def deliver(
        self, content: bytes, sender: str, recipient: str, commit_point: CommitPoint
    ) -> str:
        """Sends a message, its terminator only once `commit_point` has returned.

        Raises Rejected, Delayed or Uncertain, and whatever `commit_point` raises.
        """
        _check(sender, recipient)
        smtp = self._ready()
        try:
            _offer(smtp, content, sender, recipient)
            commit_point()
            return _conclude(smtp)
        except (Rejected, Delayed):
            raise
        except BaseException:
            # Midway in a message, anything more said would be taken for a part of it.
            self._hang_up()
            raise

    def close(self) -> None:
        """Takes leave of the server, if it still listens."""
        if self._smtp is not None:
            with suppress(OSError):
                self._smtp.quit()
        self._hang_up()

    def _ready(self) -> smtplib.SMTP:
        if self._smtp is None or not _reset(self._smtp):
            self._hang_up()
            self._smtp = _connected(self._server)
        return self._smtp

    def _hang_up(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None


def _check(sender: str, recipient: str) -> None:
    """Raises where an address would say more to the server than an address."""
    if not _ADDRESS.fullmatch(sender):
        raise Unavailable("configuration : adresse d'expédition impossible")
    if not _ADDRESS.fullmatch(recipient):
        raise Rejected("adresse de destination impossible")


def _reset(smtp: smtplib.SMTP) -> bool:
    """Clears what is left of the message before; false if the server no longer listens."""
    try:
        return smtp.rset()[0] == 250
    except OSError:
        return False


def _offer(smtp: smtplib.SMTP, content: bytes, sender: str, recipient: str) -> None:
    """Sends all but the terminator."""
    try:
        _expect(2, smtp.docmd("MAIL", f"FROM:<{sender}>"))
        _expect(2, smtp.docmd("RCPT", f"TO:<{recipient}>"))
        _expect(3, smtp.docmd("DATA"))
        smtp.send(_transparent(content))
    except smtplib.SMTPException:
        raise Delayed("connexion perdue avant la fin du message") from None


def _conclude(smtp: smtplib.SMTP) -> str:
    """Sends the terminator and reads what the server makes of the message."""
    try:
        smtp.send(_TERMINATOR)
        reply = smtp.getreply()
    except smtplib.SMTPException:
        raise Uncertain("connexion perdue avant la réponse du serveur") from None
    if reply[0] // 100 not in (2, 4, 5):
        raise Uncertain(_said(reply))
    _expect(2, reply)
    return _said(reply)


def _expect(first_digit: int, reply: Reply) -> None:
    if reply[0] // 100 != first_digit:
        raise _refusal(reply)


def _refusal(reply: Reply) -> NotDelivered:
    if reply[0] in _AUTHENTICATION:
        return Unavailable(f"configuration : authentification exigée ({_said(reply)})")
    return Rejected(_said(reply)) if reply[0] // 100 == 5 else Delayed(_said(reply))


def _said(reply: Reply) -> str:
    code, text = reply
    return clean(f"{code} {text.decode(errors='replace')}")[:_LONGEST_ANSWER]


def _transparent(content: bytes) -> bytes:
    """The lines ended by CRLF, the last one's end left to the terminator, leading dots doubled."""
    lines = _LINE_END.sub(b"\r\n", content).removesuffix(b"\r\n")
    return _LEADING_DOT.sub(b"..", lines)


def _connected(server: SmtpServer) -> smtplib.SMTP:
    """A connection, encrypted and logged in as configured; raises Unavailable."""
    _check_login(server)
    context = _context(server)
    try:
        smtp = _connect(server, context)
    except OSError as error:
        raise _unavailable(error) from None
    try:
        _log_in(smtp, server, context)
    except OSError as error:
        smtp.close()
        raise _unavailable(error) from None
    return smtp


def _check_login(server: SmtpServer) -> None:
    if not server.username:
        return
    if server.security == "none" and not is_this_machine(server.host):
        raise Unavailable("configuration : pas d'authentification sans connexion chiffrée (TLS)")
    # The library would put the password into the exception that it raises.
    if not (server.username + server.password).isascii():
        raise Unavailable("configuration : identifiant et mot de passe sans accents exigés")


def _context(server: SmtpServer) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=server.ca_file or None)
    except OSError:
        raise Unavailable("configuration : fichier de certificats illisible") from None


def _connect(server: SmtpServer, context: ssl.SSLContext) -> smtplib.SMTP:
    if server.security == "tls":
        return smtplib.SMTP_SSL(
            server.host, server.port, timeout=server.timeout_seconds, context=context
        )
    return smtplib.SMTP(server.host, server.port, timeout=server.timeout_seconds)


def _log_in(smtp: smtplib.SMTP, server: SmtpServer, context: ssl.SSLContext) -> None:
    if server.security == "starttls":
        smtp.starttls(context=context)
    smtp.ehlo_or_helo_if_needed()
    if server.username:
        smtp.login(server.username, server.password)
    # The terminator leaves at once, without waiting until the lines before it are acknowledged.
    if smtp.sock:
        smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _unavailable(error: OSError) -> Unavailable:
    reason = next(text for kind, text in _CONNECTION_FAILURES if isinstance(error, kind))
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        detail = _said((error.smtp_code, said if isinstance(said, bytes) else said.encode()))
    else:
        detail = clean(str(error))[:_LONGEST_ANSWER]
    return Unavailable(f"{reason} ({detail})")
