"""Messages by SMTP: each leaves once, and whatever happens is told."""

import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from dashboard.transport.delivery import (
    Connection,
    Delayed,
    NotDelivered,
    Rejected,
    Transport,
    Unavailable,
    Uncertain,
)
from dashboard.transport.smtp import Security, SmtpServer
from tests.mail_server import MailServer, Stage, mail_server

SENDER = "ecole@exemple.fr"
ZOE = "zoe@exemple.fr"
LEO = "leo@exemple.fr"
LOGIN = ("ecole", "s3cret-Zx9")
CONTENT = b"Subject: Bonjour\r\nMessage-ID: <1@exemple.fr>\r\n\r\nUne ligne\r\n"


class Journal:
    """Counts the commit points."""

    def __init__(self) -> None:
        self.commits = 0

    def commit(self) -> None:
        self.commits += 1


@pytest.fixture
def journal() -> Journal:
    return Journal()


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


def transport(server: MailServer, security: Security = "none") -> SmtpServer:
    return SmtpServer(server.host, server.port, security, timeout_seconds=5, ca_file=server.ca_file)


def with_login(server: MailServer, security: Security) -> SmtpServer:
    return replace(transport(server, security), username=LOGIN[0], password=LOGIN[1])


def send(by: Transport, commit_point: Callable[[], None], recipient: str = ZOE) -> str:
    with by.open() as connection:
        return connection.deliver(CONTENT, SENDER, recipient, commit_point)


def refusal(by: Transport) -> Unavailable:
    """What is told of a connection that cannot be made."""
    journal = Journal()
    with pytest.raises(Unavailable) as told:
        send(by, journal.commit)
    assert journal.commits == 0
    return told.value


def test_an_accepted_message_arrives_and_the_answer_is_returned(
    server: MailServer, journal: Journal
) -> None:
    assert send(transport(server), journal.commit) == "250 2.0.0 OK queued as 1"
    [received] = server.received
    assert (received.sender, received.recipient, received.content) == (SENDER, ZOE, CONTENT)
    assert journal.commits == 1


def test_at_the_commit_point_the_server_has_no_message_yet(server: MailServer) -> None:
    received: list[int] = []
    send(transport(server), lambda: received.append(len(server.received)))
    assert received == [0]


def test_opening_a_connection_asks_nothing_of_the_server() -> None:
    with SmtpServer("127.0.0.1", 1).open():
        pass


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_message_leaves_encrypted_and_logged_in(security: Security, journal: Journal) -> None:
    with mail_server(security, LOGIN) as server:
        assert send(with_login(server, security), journal.commit).startswith("250 ")
        assert server.logins == [LOGIN[0]]
        assert len(server.messages(ZOE)) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_logging_in_on_this_machine_needs_no_encryption(journal: Journal, host: str) -> None:
    with mail_server("none", LOGIN) as server:
        send(replace(with_login(server, "none"), host=host), journal.commit)
        assert server.logins == [LOGIN[0]]


@pytest.mark.parametrize("host", ["mail.exemple.fr", "192.0.2.1", "127.0.0.1.exemple.fr", ""])
def test_nobody_logs_in_elsewhere_without_encryption(host: str) -> None:
    answer = refusal(SmtpServer(host, 25, "none", *LOGIN)).answer
    assert answer == "configuration : pas d'authentification sans connexion chiffrée (TLS)"


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_of_an_unknown_authority_is_refused(security: Security) -> None:
    with mail_server(security, LOGIN) as server:
        answer = refusal(replace(with_login(server, security), ca_file="")).answer
        assert answer.startswith("configuration : certificat du serveur non reconnu")
        assert not server.logins


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_of_another_server_is_refused(security: Security) -> None:
    with mail_server(security, LOGIN, certified="mail.exemple.fr") as server:
        answer = refusal(with_login(server, security)).answer
        assert answer.startswith("configuration : certificat du serveur non reconnu")
        assert not server.logins


def test_a_server_without_encryption_gets_neither_login_nor_message() -> None:
    with mail_server("none", LOGIN) as server:
        answer = refusal(with_login(server, "starttls")).answer
        assert answer.startswith("configuration : TLS ou authentification non proposés")
        answer = refusal(with_login(server, "tls")).answer
        assert answer.startswith("configuration : connexion chiffrée (TLS) impossible")
        assert not server.logins


def test_a_file_of_authorities_that_cannot_be_read_is_told(server: MailServer) -> None:
    answer = refusal(replace(transport(server, "tls"), ca_file="/absent.pem")).answer
    assert answer == "configuration : fichier de certificats illisible"


def test_a_wrong_password_is_told_and_never_shown() -> None:
    with mail_server("starttls", LOGIN) as server:
        wrong = replace(with_login(server, "starttls"), password="not-this-0ne")
        refused = refusal(wrong)
        assert refused.answer.startswith("configuration : identifiant ou mot de passe refusé (535")
        assert "not-this-0ne" not in repr(refused) + repr(wrong) + str(wrong)


def test_a_password_with_accents_is_refused_without_being_shown() -> None:
    with mail_server("starttls", LOGIN) as server:
        refused = refusal(replace(with_login(server, "starttls"), password="gâteau-9"))
        assert refused.answer.startswith("configuration : ")
        assert refused.__context__ is None


def test_a_server_that_demands_a_login_is_a_matter_of_configuration() -> None:
    with mail_server("starttls", LOGIN) as server:
        answer = refusal(transport(server, "starttls")).answer
        assert answer.startswith("configuration : authentification exigée (530")


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA", "DOT"])
@pytest.mark.parametrize(("code", "told"), [("450", Delayed), ("550", Rejected)])
def test_a_refusal_at_each_step_is_told_and_the_next_message_leaves(
    server: MailServer, journal: Journal, stage: Stage, code: str, told: type[NotDelivered]
) -> None:
    refused = SENDER if stage == "MAIL" else ZOE
    server.reply(stage, refused, f"{code} 4.2.0 boîte pleine")
    with transport(server).open() as connection:
        with pytest.raises(told) as refusal:
            connection.deliver(CONTENT, SENDER, ZOE, journal.commit)
        assert refusal.value.answer == f"{code} 4.2.0 boîte pleine"
        assert not isinstance(refusal.value, Unavailable)
        server.behave()
        connection.deliver(CONTENT, SENDER, LEO, journal.commit)
    assert [each.recipient for each in server.received] == [LEO]
    assert journal.commits == (2 if stage == "DOT" else 1)
    assert server.connections == 1


def test_many_messages_go_over_one_connection(server: MailServer, journal: Journal) -> None:
    with transport(server).open() as connection:
        for number in range(50):
            connection.deliver(CONTENT, SENDER, f"p{number}@exemple.fr", journal.commit)
    assert server.connections == 1
    assert journal.commits == len(server.received) == 50


def test_a_server_that_closes_delays_one_message_and_is_called_again(
    server: MailServer, journal: Journal
) -> None:
    server.reply("RCPT", ZOE, "421 4.7.0 trop de messages")
    with transport(server).open() as connection:
        with pytest.raises(Delayed, match="421"):
            connection.deliver(CONTENT, SENDER, ZOE, journal.commit)
        connection.deliver(CONTENT, SENDER, LEO, journal.commit)
    assert server.connections == 2
    assert [each.recipient for each in server.received] == [LEO]


def test_a_connection_closed_between_two_messages_is_made_again(journal: Journal) -> None:
    with mail_server() as server:
        server.reply("DOT", LEO, "421 4.3.2 arrêt")
        with transport(server).open() as connection:
            with pytest.raises(Delayed):
                connection.deliver(CONTENT, SENDER, LEO, journal.commit)
            server.wait_until_idle()
            assert connection.deliver(CONTENT, SENDER, ZOE, journal.commit).startswith("250")


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
def test_a_connection_lost_before_the_commit_point_delays(
    server: MailServer, journal: Journal, stage: Stage
) -> None:
    server.drop(stage, SENDER if stage == "MAIL" else ZOE)
    with pytest.raises(Delayed):
        send(transport(server), journal.commit)
    assert journal.commits == 0
    assert not server.received


def test_a_connection_lost_while_the_message_is_sent_delays(
    server: MailServer, journal: Journal
) -> None:
    server.drop("BODY", ZOE)
    long = CONTENT + b"Une ligne\r\n" * 3_000_000  # more than the system holds back for the server
    with transport(server).open() as connection, pytest.raises(Delayed):
        connection.deliver(long, SENDER, ZOE, journal.commit)
    assert journal.commits == 0


def test_a_connection_lost_at_the_commit_point_is_uncertain(server: MailServer) -> None:
    server.drop("BODY", ZOE)
    with pytest.raises(Uncertain):
        send(transport(server), server.wait_until_idle)
    assert not server.received


def test_a_connection_lost_after_the_terminator_is_uncertain(
    server: MailServer, journal: Journal
) -> None:
    server.drop("DOT", ZOE)
    with transport(server).open() as connection:
        with pytest.raises(Uncertain):
            connection.deliver(CONTENT, SENDER, ZOE, journal.commit)
        connection.deliver(CONTENT, SENDER, LEO, journal.commit)
    assert [each.recipient for each in server.received] == [ZOE, LEO]
    assert journal.commits == 2


@pytest.mark.parametrize(("stage", "told"), [("RCPT", Delayed), ("DOT", Uncertain)])
def test_silence_is_not_waited_for_longer_than_configured(
    server: MailServer, journal: Journal, stage: Stage, told: type[NotDelivered]
) -> None:
    server.hold(stage, ZOE)
    with pytest.raises(told):
        send(replace(transport(server), timeout_seconds=0.3), journal.commit)


def test_an_answer_that_says_neither_yes_nor_no_is_uncertain(
    server: MailServer, journal: Journal
) -> None:
    server.reply("DOT", ZOE, "what?")
    with pytest.raises(Uncertain):
        send(transport(server), journal.commit)


def test_a_server_that_is_away_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    answer = refusal(SmtpServer("127.0.0.1", port, "none")).answer
    assert answer.startswith("le serveur de messagerie est injoignable")


def test_a_server_that_does_not_greet_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        mute = SmtpServer("127.0.0.1", silent.getsockname()[1], "none", timeout_seconds=0.2)
        assert refusal(mute).answer.startswith("le serveur de messagerie")


def test_a_failing_commit_point_leaves_the_server_without_the_message(
    server: MailServer, journal: Journal
) -> None:
    def fail() -> None:
        raise KeyError("disk full")

    with transport(server).open() as connection:
        with pytest.raises(KeyError, match="disk full"):
            connection.deliver(CONTENT, SENDER, ZOE, fail)
        server.wait_until_idle()
        assert not server.received
        connection.deliver(CONTENT, SENDER, LEO, journal.commit)
    assert [each.recipient for each in server.received] == [LEO]


def test_an_interruption_at_the_commit_point_says_nothing_more_to_the_server(
    server: MailServer,
) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        send(transport(server), interrupt)
    server.wait_until_idle()
    assert not server.received


PROCESS = """
import os, signal, sys
from dashboard.transport.smtp import SmtpServer

content, sender, recipient = {message!r}
server = SmtpServer("{host}", {port}, "{security}", timeout_seconds=60, ca_file="{ca_file}")
with server.open() as connection:
    connection.deliver(content, sender, recipient, lambda: {at_the_commit_point})
"""


def process(server: MailServer, security: str, at_the_commit_point: str) -> subprocess.Popen[bytes]:
    script = PROCESS.format(
        message=(CONTENT, SENDER, ZOE),
        host=server.host,
        port=server.port,
        security=security,
        ca_file=server.ca_file,
        at_the_commit_point=at_the_commit_point,
    )
    return subprocess.Popen([sys.executable, "-c", script])


@pytest.mark.parametrize("security", ["none", "starttls", "tls"])
def test_a_process_killed_at_the_commit_point_leaves_the_server_without_the_message(
    security: Security,
) -> None:
    with mail_server(security) as server:
        killed = process(server, security, "os.kill(os.getpid(), signal.SIGKILL)")
        assert killed.wait(30) == -signal.SIGKILL
        server.wait_until_idle()
        assert server.connections == 1
        assert not server.received


def test_the_message_of_a_process_killed_after_the_commit_point_has_left(
    server: MailServer,
) -> None:
    server.hold("DOT", ZOE)
    waiting = process(server, "none", "None")
    server.wait_for(1, ZOE)
    waiting.kill()
    assert waiting.wait(30) == -signal.SIGKILL
    assert len(server.messages(ZOE)) == 1


@pytest.mark.parametrize(
    ("lines", "arrived"),
    [
        (b".\r\n", b".\r\n"),
        (b"..\r\n...\r\n.\r\nfin\r\n", b"..\r\n...\r\n.\r\nfin\r\n"),
        (b".\r\n.\r\n", b".\r\n.\r\n"),
        (b".sans fin", b".sans fin\r\n"),
        (b"a\n.\nb\r.\rc\r\n.\r\n", b"a\r\n.\r\nb\r\n.\r\nc\r\n.\r\n"),
        (b"\r\n\r\n", b"\r\n\r\n"),
    ],
)
def test_lines_of_dots_and_strange_line_ends_stay_one_message(
    server: MailServer, journal: Journal, lines: bytes, arrived: bytes
) -> None:
    with transport(server).open() as connection:
        connection.deliver(CONTENT + lines, SENDER, ZOE, journal.commit)
    assert [each.content for each in server.received] == [CONTENT + arrived]


@pytest.mark.parametrize(
    "address",
    ["", "zoe", "zoé@exemple.fr", "z@e.fr>\r\nRCPT TO:<x@e.fr", "z@e.fr> NOTIFY=NEVER", "a@b\n"],
)
def test_no_address_says_more_to_the_server(
    server: MailServer, journal: Journal, address: str
) -> None:
    with transport(server).open() as connection:
        with pytest.raises(Rejected):
            connection.deliver(CONTENT, SENDER, address, journal.commit)
        with pytest.raises(Unavailable):
            connection.deliver(CONTENT, address, ZOE, journal.commit)
    assert (journal.commits, server.connections) == (0, 0)


def test_what_a_server_says_is_shown_on_one_line_of_bounded_length(server: MailServer) -> None:
    server.reply("RCPT", ZOE, "550-" + "non \u202e" * 200 + "\r\n550 fin")
    with pytest.raises(Rejected) as told:
        send(transport(server), Journal().commit)
    assert told.value.answer.isprintable()
    assert len(told.value.answer) <= 500


def test_the_password_is_not_in_the_representation() -> None:
    assert "s3cret" not in repr(SmtpServer("mail.exemple.fr", 587, "starttls", *LOGIN))


def test_the_transport_keeps_the_protocol() -> None:
    by: Transport = SmtpServer("127.0.0.1", 1)
    with by.open() as connection:
        kept: Connection = connection
        assert kept is connection
