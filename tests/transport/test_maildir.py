"""Messages in a Maildir: one file each, however often they are delivered."""

import mailbox
import os
import signal
import stat
import subprocess
import sys
from email import message_from_bytes
from pathlib import Path

import pytest

from dashboard.transport.delivery import Delayed, Transport
from dashboard.transport.maildir import Maildir

CONTENT = b"Subject: Bonjour\r\nMessage-ID: <7f3a@exemple.fr>\r\n\r\nUne ligne\r\n.\r\n"
NAME = "message.7f3a@exemple.fr"


def nothing() -> None:
    pass


def deliver(folder: Path, content: bytes = CONTENT) -> str:
    by: Transport = Maildir(folder)
    with by.open() as connection:
        return connection.deliver(content, "ecole@exemple.fr", "zoe@exemple.fr", nothing)


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_message_is_a_file_named_for_its_identifier(tmp_path: Path) -> None:
    assert deliver(tmp_path / "sortie") == f"déposé dans {NAME}"
    assert files(tmp_path / "sortie") == [f"new/{NAME}"]


def test_other_programs_read_it(tmp_path: Path) -> None:
    deliver(tmp_path / "sortie")
    [message] = mailbox.Maildir(tmp_path / "sortie", create=False)
    assert message["Subject"] == "Bonjour"
    assert message.get_payload() == "Une ligne\n.\n"


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        deliver(tmp_path / "sortie")
    finally:
        os.umask(before)
    folder = tmp_path / "sortie"
    assert {mode(folder / part) for part in ("", "tmp", "new", "cur")} == {0o700}
    assert mode(folder / "new" / NAME) == 0o600


def test_the_same_message_delivered_twice_is_one_file(tmp_path: Path) -> None:
    assert deliver(tmp_path / "sortie") == deliver(tmp_path / "sortie")
    assert len(files(tmp_path / "sortie")) == 1


def test_at_the_commit_point_the_message_is_not_in_its_place(tmp_path: Path) -> None:
    folder = tmp_path / "sortie"
    seen: list[list[str]] = []
    Maildir(folder).deliver(CONTENT, "", "", lambda: seen.append(files(folder)))
    assert seen == [[f"tmp/{NAME}"]]


def test_a_failing_commit_point_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> None:
        raise KeyError("disk full")

    with pytest.raises(KeyError, match="disk full"):
        Maildir(tmp_path / "sortie").deliver(CONTENT, "", "", fail)
    assert files(tmp_path / "sortie") == []


def test_a_process_killed_at_the_commit_point_delivers_nothing_and_the_next_does(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "sortie"
    script = (
        "import os, pathlib, signal\n"
        "from dashboard.transport.maildir import Maildir\n"
        f"folder = Maildir(pathlib.Path({str(folder)!r}))\n"
        "kill = lambda: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"folder.deliver({CONTENT!r}, '', '', kill)\n"
    )
    assert subprocess.run([sys.executable, "-c", script]).returncode == -signal.SIGKILL
    assert len(mailbox.Maildir(folder, create=False)) == 0
    deliver(folder)
    assert files(folder) == [f"new/{NAME}"]


@pytest.mark.parametrize(
    "identifier", ["<../../x@e.fr>", "<a/b@e.fr>", "<.x@e.fr>", "<a:2,S@e.fr>", "<a\0b@e.fr>"]
)
def test_no_identifier_leads_out_of_the_folder(tmp_path: Path, identifier: str) -> None:
    deliver(tmp_path / "sortie", CONTENT.replace(b"<7f3a@exemple.fr>", identifier.encode()))
    assert len(files(tmp_path)) == 1
    [message] = mailbox.Maildir(tmp_path / "sortie", create=False)
    assert message.get_payload() == "Une ligne\n.\n"


def test_a_message_without_identifier_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Message-ID"):
        deliver(tmp_path / "sortie", b"Subject: Bonjour\r\n\r\n")
    assert files(tmp_path) == []


def test_a_folder_that_cannot_be_written_delays(tmp_path: Path) -> None:
    (tmp_path / "sortie").write_text("a file")
    with pytest.raises(Delayed, match="dossier des messages non accessible"):
        deliver(tmp_path / "sortie")


def test_the_file_holds_every_line_of_the_message(tmp_path: Path) -> None:
    deliver(tmp_path / "sortie")
    content = (tmp_path / "sortie" / "new" / NAME).read_bytes()
    assert content == CONTENT.replace(b"\r\n", b"\n")
    assert message_from_bytes(content)["Message-ID"] == "<7f3a@exemple.fr>"
