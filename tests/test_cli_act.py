"""``educonnect notify``, ``reset``, ``resend`` and ``housekeeping``, as a terminal runs them."""

import csv
import getpass
import io
import re
import socket
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from dashboard.domain.account import State
from dashboard.domain.document import Document
from dashboard.domain.french import plural
from dashboard.store.engine import Row, connect
from tests.actions.services import (
    ABRICOT,
    BOULEAU,
    CERISE,
    DATTIER,
    FIGUE,
    GENET,
    HERE,
    address,
    entries,
    families,
    messages,
    opens,
    pages,
    passwords_on,
    read_letter,
    row,
    state_of,
)
from tests.actions.stored import tables
from tests.command import Run
from tests.mail_server import HOST, MailServer, mail_server
from tests.store.rows import BEZE, SULPICE, Rows

AT_SULPICE = ("--school", SULPICE)
BY_SHEET = ("notify", *AT_SULPICE, "--by", "sheet", "--yes")
BY_EMAIL = ("notify", *AT_SULPICE, "--by", "email", "--yes")
REVOKE = "--revoke-recent"
ADDRESS = "https://comptes.exemple.fr"
WHERE = f"Adresse d'activation : {ADDRESS}/activation"
NOT_YET = "compte pas encore notifié : notifiez-le d'abord"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "accounts.duckdb"


@pytest.fixture
def school(database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The database of the families, none notified yet; its folder is the current one."""
    with connect(database) as store:
        families(store)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EDUCONNECT_PUBLIC_ADDRESS", f"{ADDRESS}/")
    return database


def made(folder: Path, state: State) -> None:
    with connect(folder) as store:
        families(store, state)


def pdf(path: Path) -> Document:
    return Document(path.name, "application/pdf", path.read_bytes())


def rows_of(report: Path) -> list[list[str]]:
    text = report.read_bytes().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text), delimiter=";"))


def stored(path: Path) -> dict[str, list[Row]]:
    with connect(path) as store:
        return tables(store)


def done(path: Path, action: str) -> set[int]:
    """Whom an action was done to, as the journal says."""
    with connect(path) as store:
        found = store.rows(
            "SELECT account_id FROM journal WHERE action = $1 AND reason = ''", [action]
        )
    return {number for (number,) in found}


# By sheets


def test_accounts_are_notified_and_their_sheets_written(run: Run, school: Path) -> None:
    ran = run(*BY_SHEET, "--output", "feuilles.pdf")
    assert (ran.code, ran.text) == (0, "Notifier par feuilles : 5 faits, 0 passé, 0 en échec\n")
    assert ran.err.splitlines() == [WHERE, "Écrit : feuilles.pdf"]
    printed = passwords_on(pdf(school.with_name("feuilles.pdf")))
    with connect(school) as store:
        assert len(printed) == len(HERE)
        assert all(opens(store, identifier, password) for identifier, password in printed.items())
        assert {state_of(store, number) for number in HERE} == {State.NOTIFIED}
        assert row(store, ABRICOT)["distributed_on"] == date.today()
        assert state_of(store, FIGUE) is State.NOT_NOTIFIED


def test_sheets_are_for_their_owner_alone_and_nothing_else_is_left(run: Run, school: Path) -> None:
    before = {file.name for file in school.parent.iterdir()}
    run(*BY_SHEET, "--output", "feuilles.pdf")
    left = {file.name for file in school.parent.iterdir()} - before
    assert left == {"feuilles.pdf", "accounts.key"}
    assert school.with_name("feuilles.pdf").stat().st_mode & 0o777 == 0o600


def test_without_an_output_the_file_is_named_after_the_school(run: Run, school: Path) -> None:
    ran = run(*BY_SHEET)
    [file] = school.parent.glob("*.pdf")
    assert file.name.startswith("feuilles_0580189R_")
    assert ran.err.splitlines() == [WHERE, f"Écrit : {file.name}"]


@pytest.mark.parametrize(
    ("options", "count"),
    [
        ((), 8),
        (("--no-class-pages",), 5),
        (("--per-page", "2", "--no-class-pages"), 3),
        (("--per-page", "4", "--no-class-pages"), 2),
        (("--per-page", "4", "--class-pages"), 6),
    ],
)
def test_sheets_are_printed_as_asked(
    run: Run, school: Path, options: tuple[str, ...], count: int
) -> None:
    assert run(*BY_SHEET, "--output", "feuilles.pdf", *options).code == 0
    assert len(pages(pdf(school.with_name("feuilles.pdf")))) == count


def test_passwords_are_on_the_sheets_and_nowhere_else(run: Run, school: Path) -> None:
    run(*BY_EMAIL)
    ran = run(*BY_SHEET, REVOKE, "--output", "feuilles.pdf", "--report", "rapport.csv")
    again = run("reset", *AT_SULPICE, "--yes", REVOKE, "--output", "encore.pdf")
    printed = [
        password
        for name in ("feuilles.pdf", "encore.pdf")
        for password in passwords_on(pdf(school.with_name(name))).values()
    ]
    assert len(set(printed)) == 2 * len(HERE)
    kept = b"".join(
        file.read_bytes()
        for file in sorted(school.parent.rglob("*"))
        if file.is_file() and file.suffix != ".pdf"
    )
    said = kept + ran.out + ran.err.encode() + again.out + again.err.encode()
    rows = repr(stored(school))
    for password in printed:
        for spelt in (password, password.replace("-", "")):
            assert spelt.encode() not in said
            assert spelt not in rows


def test_the_new_sheets_take_the_name_of_the_old_ones_which_are_kept(
    run: Run, school: Path
) -> None:
    run(*BY_SHEET, "--output", "feuilles.pdf")
    first = passwords_on(pdf(school.with_name("feuilles.pdf")))
    run("reset", *AT_SULPICE, "--yes", REVOKE, "--output", "feuilles.pdf")
    second = passwords_on(pdf(school.with_name("feuilles.pdf")))
    assert first.keys() == second.keys()
    with connect(school) as store:
        assert all(opens(store, identifier, second[identifier]) for identifier in second)
        assert not any(opens(store, identifier, first[identifier]) for identifier in first)
    [older] = school.parent.glob("feuilles_*.pdf")
    assert passwords_on(pdf(older)) == first


def test_resetting_leaves_activated_accounts_activated(run: Run, database: Path) -> None:
    made(database, State.ACTIVATED)
    assert run("reset", *AT_SULPICE, "--yes", "--output", database.with_name("f.pdf")).code == 0
    with connect(database) as store:
        assert {state_of(store, number) for number in HERE} == {State.ACTIVATED}
        assert {row(store, number)["password"] for number in HERE} == {"PROVISIONAL"}


# Who is meant


@pytest.mark.parametrize(
    ("options", "meant"),
    [
        ((), set(HERE)),
        (("--class", "CP A"), {ABRICOT, BOULEAU}),
        (("--class", "CP A", "--class", "Petits"), {ABRICOT, BOULEAU, CERISE, DATTIER}),
        (("--search", "abricot"), {ABRICOT}),
        (("--search", "LIA"), {DATTIER}),
        (("--state", "NOT_NOTIFIED"), set(HERE)),
        (("--state", "NOTIFIED"), set()),
        (("--email", "known", "--search", "genet"), {GENET}),
        (("--email", "unknown"), set()),
        (("--origin", "FRANCECONNECT"), set()),
        (("--class", "CE1 B", "--search", "tom"), {GENET}),
        (("--expired",), set()),
    ],
    ids=lambda value: " ".join(map(str, value)),
)
@pytest.mark.parametrize("command", [BY_SHEET, BY_EMAIL], ids=["sheet", "email"])
def test_conditions_say_who_is_notified(
    run: Run, school: Path, options: tuple[str, ...], meant: set[int], command: tuple[str, ...]
) -> None:
    ran = run(*command, *options)
    assert ran.code == 0
    action = "NOTIFY_BY_SHEET" if command is BY_SHEET else "NOTIFY_BY_EMAIL"
    assert done(school, action) == meant
    assert len(list(school.parent.glob("*.pdf"))) == (command is BY_SHEET and meant != set())


def test_expired_notifications_are_sent_anew(run: Run, school: Path) -> None:
    run(*BY_SHEET)
    long_ago = date.today() - timedelta(days=120)
    with connect(school) as store, store.transaction() as transaction:
        transaction.write(
            "UPDATE account SET distributed_on = $1 WHERE account_id = $2", [long_ago, CERISE]
        )
    assert run(*BY_EMAIL, "--expired").code == 0
    assert done(school, "NOTIFY_BY_EMAIL") == {CERISE}


def test_a_shared_account_is_notified_by_either_school(run: Run, school: Path) -> None:
    assert run("notify", "--school", BEZE, "--by", "sheet", "--yes").code == 0
    assert done(school, "NOTIFY_BY_SHEET") == {FIGUE, GENET}


def test_nobody_meant_is_no_failure(run: Run, school: Path) -> None:
    before = stored(school)
    ran = run(*BY_SHEET, "--search", "personne")
    assert (ran.code, ran.text) == (0, "Notifier par feuilles : 0 fait, 0 passé, 0 en échec\n")
    assert stored(school) == before


@pytest.mark.parametrize(
    "command",
    [BY_SHEET, BY_EMAIL, ("reset", *AT_SULPICE, "--yes"), ("resend", *AT_SULPICE, "--yes")],
    ids=["sheet", "email", "reset", "resend"],
)
@pytest.mark.parametrize(
    "options",
    [("--search", "@"), ("--search", ""), ("--search", " - "), ("--class", "")],
    ids=" ".join,
)
def test_a_condition_of_nothing_means_nobody(
    run: Run, database: Path, command: tuple[str, ...], options: tuple[str, ...]
) -> None:
    made(database, State.NOTIFIED)
    before = stored(database)
    ran = run(*command, *options, "--state", "NOTIFIED")
    assert (ran.code, ran.out) == (1, b"")
    assert ran.err.startswith(f"erreur : {options[0]} : ")
    assert stored(database) == before
    assert not list(database.parent.glob("*.pdf"))


# The report


def test_the_report_has_these_columns(run: Run, school: Path) -> None:
    run(*BY_SHEET, "--class", "CP A", "--report", "rapport.csv")
    report = school.with_name("rapport.csv")
    assert report.read_bytes().startswith(b"\xef\xbb\xbfaccount_id;identifier;outcome;reason\r\n")
    with connect(school) as store:
        identifiers = {number: row(store, number)["identifier"] for number in HERE}
    assert rows_of(report)[1:] == [
        [str(number), identifiers[number], "done", ""] for number in (ABRICOT, BOULEAU)
    ]


def test_who_is_skipped_is_told_with_the_reason(run: Run, school: Path) -> None:
    run(*BY_SHEET, "--class", "CP A")
    ran = run("reset", *AT_SULPICE, "--yes", REVOKE, "--report", "rapport.csv")
    assert ran.code == 0
    assert ran.text.splitlines() == [
        "Réinitialiser les mots de passe : 2 faits, 3 passés, 0 en échec",
        f"- 3 comptes : {NOT_YET}",
    ]
    told = {
        int(number): (outcome, reason)
        for number, _, outcome, reason in rows_of(school.with_name("rapport.csv"))[1:]
    }
    assert told == {
        number: ("done", "") if number in (ABRICOT, BOULEAU) else ("skipped", NOT_YET)
        for number in HERE
    }


def test_if_nothing_can_be_done_it_is_refused_with_every_reason(run: Run, school: Path) -> None:
    before = stored(school)
    ran = run("reset", *AT_SULPICE, "--yes", "--output", "feuilles.pdf", "--report", "rapport.csv")
    assert (ran.code, ran.out) == (1, b"")
    with connect(school) as store:
        identifiers = [row(store, number)["identifier"] for number in HERE]
        assert [entries(store, number) for number in HERE] == [
            [("RESET", "NOT_NOTIFIED", "NOT_NOTIFIED", NOT_YET)]
        ] * len(HERE)
    assert ran.err.splitlines() == [
        WHERE,
        "Écrit : rapport.csv",
        *(f"{identifier} : {NOT_YET}" for identifier in identifiers),
    ]
    assert len(rows_of(school.with_name("rapport.csv"))) == 1 + len(HERE)
    assert not school.with_name("feuilles.pdf").exists()
    assert stored(school) | {"journal": []} == before


@pytest.mark.parametrize("options", [(), ("--as", "Mme Abricot")])
def test_the_journal_says_who_did_it(run: Run, school: Path, options: tuple[str, ...]) -> None:
    run(*BY_SHEET, "--search", "abricot", *options)
    [actor] = options[1:] or [getpass.getuser()]
    with connect(school) as store:
        [(who, when)] = store.rows("SELECT actor, happened_at FROM journal")
    assert who == actor
    assert timedelta() <= datetime.now() - when < timedelta(minutes=1)


@pytest.mark.parametrize("actor", ["responsable", "import"])
def test_nobody_acts_in_the_name_of_a_guardian(run: Run, school: Path, actor: str) -> None:
    before = stored(school)
    ran = run(*BY_SHEET, "--as", actor)
    assert (ran.code, ran.out) == (1, b"")
    assert ran.err.startswith(f"erreur : « {actor} »")
    assert stored(school) == before


# What is refused before anything is done


@pytest.mark.parametrize(
    "command",
    [
        ("notify", *AT_SULPICE, "--by", "sheet", "--output", "feuilles.pdf"),
        ("notify", *AT_SULPICE, "--by", "email"),
    ],
)
def test_without_a_terminal_nothing_is_done_unless_confirmed(
    run: Run, school: Path, command: tuple[str, ...]
) -> None:
    before = stored(school)
    ran = run(*command)
    assert (ran.code, ran.out) == (1, b"")
    assert "5 personnes. Continuer ?" in ran.err
    assert "--yes" in ran.err
    assert stored(school) == before
    assert not school.with_name("feuilles.pdf").exists()


def test_who_would_be_skipped_is_told_before_confirming(run: Run, school: Path) -> None:
    run(*BY_SHEET, "--search", "abricot")
    ran = run("reset", *AT_SULPICE, REVOKE)
    assert ran.err.splitlines()[1] == f"4 comptes passés : {NOT_YET}"
    assert ran.err.splitlines()[2].startswith("1 déjà notifié, dont 1 depuis moins de 14 jours")
    assert "1 personne. Continuer ?" in ran.err


# What has to be confirmed apart


@pytest.mark.parametrize("yes", [("--yes",), ()])
@pytest.mark.parametrize(
    "command",
    [("notify", "--by", "sheet"), ("notify", "--by", "email"), ("reset",)],
    ids=["sheet", "email", "reset"],
)
def test_what_was_just_handed_out_is_not_revoked_by_yes_alone(
    run: Run, school: Path, command: tuple[str, ...], yes: tuple[str, ...]
) -> None:
    run(*BY_SHEET, "--output", "feuilles.pdf")
    before = stored(school)
    ran = run(*command, *AT_SULPICE, *yes)
    assert (ran.code, ran.out) == (1, b"")
    said = ran.err.splitlines()[-1]
    assert said.startswith("5 déjà notifiés, dont 5 depuis moins de 14 jours, le dernier le ")
    assert "--revoke-recent" in said
    assert "--leave-recent" in said
    assert stored(school) == before


def test_what_was_just_handed_out_is_left_out_as_asked(run: Run, school: Path) -> None:
    run(*BY_SHEET, "--class", "CP A")
    ran = run(*BY_SHEET, "--leave-recent", "--output", "feuilles.pdf", "--report", "rapport.csv")
    assert ran.text.splitlines() == [
        "Notifier par feuilles : 3 faits, 2 passés, 0 en échec",
        "- 2 comptes : laissé de côté : distribué depuis moins de 14 jours",
    ]
    assert len(passwords_on(pdf(school.with_name("feuilles.pdf")))) == 3


@pytest.fixture
def activated(database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Ten activated accounts of one school."""
    with connect(database) as store:
        rows = Rows(store)
        rows.school(SULPICE)
        child = rows.student()
        for _ in range(10):
            rows.account(child, state=State.ACTIVATED)
    monkeypatch.chdir(tmp_path)
    return database


@pytest.mark.parametrize("options", [(), (REVOKE,), ("--reset-activated", "9")], ids=str)
def test_many_activated_accounts_are_not_reset_by_yes_alone(
    run: Run, activated: Path, options: tuple[str, ...]
) -> None:
    before = stored(activated)
    ran = run("reset", *AT_SULPICE, "--yes", *options)
    assert (ran.code, ran.out) == (1, b"")
    assert ran.err.splitlines()[-1] == (
        "10 comptes activés à réinitialiser : ajoutez --reset-activated 10 (--yes ne suffit pas)."
    )
    assert stored(activated) == before


def test_many_activated_accounts_are_reset_by_their_number(run: Run, activated: Path) -> None:
    ran = run("reset", *AT_SULPICE, "--yes", "--reset-activated", "10", "--output", "f.pdf")
    assert ran.code == 0, ran.err
    assert len(done(activated, "RESET")) == 10


@pytest.mark.parametrize(
    "options",
    [
        ("--output", "absent/feuilles.pdf"),
        ("--output", "folder"),
        ("--report", "absent/rapport.csv"),
        ("--report", "folder"),
        ("--output", "same", "--report", "./same"),
        ("--output", "accounts.duckdb"),
        ("--report", "accounts.duckdb"),
    ],
    ids=" ".join,
)
def test_a_file_that_cannot_be_written_leaves_everything_untouched(
    run: Run, school: Path, options: tuple[str, ...]
) -> None:
    school.with_name("folder").mkdir()
    before = stored(school)
    ran = run(*BY_SHEET, *options)
    assert (ran.code, ran.out) == (1, b"")
    assert ran.err.startswith("erreur : « ")
    assert stored(school) == before
    assert not list(school.parent.rglob("*.pdf"))
    assert list(school.with_name("folder").iterdir()) == []


def test_what_the_disk_refuses_last_leaves_everything_untouched(run: Run, school: Path) -> None:
    before = stored(school)
    ran = run(*BY_SHEET, "--output", f"{'f' * 250}.pdf")
    assert ran.code == 1
    assert ran.err.splitlines()[1].startswith("erreur : « ")
    assert stored(school) == before


@pytest.mark.parametrize(
    "arguments",
    [
        ("notify", *AT_SULPICE, "--yes"),
        ("notify", "--by", "sheet", "--yes"),
        ("notify", *AT_SULPICE, "--by", "post", "--yes"),
        (*BY_EMAIL, "--output", "feuilles.pdf"),
        (*BY_SHEET, "--per-page", "3"),
        (*BY_SHEET, "--state", "activé"),
        ("reset", "--yes"),
        ("reset", *AT_SULPICE, "--by", "sheet"),
        ("resend", *AT_SULPICE, "--output", "feuilles.pdf"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_told_from_a_refusal(
    run: Run, school: Path, arguments: tuple[str, ...]
) -> None:
    before = stored(school)
    assert run(*arguments).code == 2
    assert stored(school) == before


@pytest.mark.parametrize("uai", ["0750001D", "0580189A", "ecole", ""])
@pytest.mark.parametrize(
    "command", [("notify", "--by", "sheet"), ("notify", "--by", "email"), ("reset",), ("resend",)]
)
def test_an_unknown_school_is_refused(
    run: Run, school: Path, command: tuple[str, ...], uai: str
) -> None:
    ran = run(*command, "--school", uai, "--yes")
    assert (ran.code, ran.out) == (1, b"")
    assert ran.err.startswith("erreur : ")


@pytest.mark.parametrize("command", ["notify", "reset", "resend", "housekeeping"])
def test_each_command_has_help(run: Run, command: str) -> None:
    ran = run(command, "--help")
    assert ran.code == 0
    assert "--database" in ran.text


# By e-mail


def letters(folder: Path) -> dict[str, str]:
    """The text of the letter to each recipient in a mail folder."""
    found = [read_letter(file.read_bytes()) for file in (folder / "new").iterdir()]
    assert len({letter["To"] for letter in found}) == len(found)
    return {str(letter["To"]): str(letter.get_content()) for letter in found}


@pytest.mark.parametrize("folder", [None, "courriels"])
def test_letters_are_put_into_a_folder(
    run: Run, school: Path, monkeypatch: pytest.MonkeyPatch, folder: str | None
) -> None:
    if folder:
        monkeypatch.setenv("EDUCONNECT_MAIL_FOLDER", folder)
    ran = run(*BY_EMAIL)
    assert (ran.code, ran.text) == (0, "Notifier par courriel : 5 faits, 0 passé, 0 en échec\n")
    found = letters(school.with_name(folder or "accounts.mail"))
    assert found.keys() == {address(number) for number in HERE}
    with connect(school) as store:
        for number in HERE:
            assert row(store, number)["identifier"] in found[address(number)]
            assert messages(store, number)[0][1] == "SENT"


def test_links_lead_to_the_public_address(run: Run, school: Path) -> None:
    ran = run(*BY_EMAIL, "--search", "abricot")
    [text] = letters(school.with_name("accounts.mail")).values()
    assert f"{ADDRESS}/activation/lien/" in text
    assert ran.err.splitlines()[0] == WHERE


@pytest.mark.parametrize("command", [BY_SHEET, BY_EMAIL], ids=["sheet", "email"])
def test_an_address_that_families_do_not_reach_is_told(
    run: Run, school: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.delenv("EDUCONNECT_PUBLIC_ADDRESS")
    ran = run(*command)
    assert ran.code == 0
    assert "réglez EDUCONNECT_PUBLIC_ADDRESS" in ran.err


def test_letters_that_go_into_a_folder_are_told_so(run: Run, school: Path) -> None:
    assert "EDUCONNECT_SMTP_HOST" in run(*BY_EMAIL).err


def test_the_activation_letter_is_sent_again(run: Run, database: Path) -> None:
    made(database, State.ACTIVATING)
    ran = run("resend", *AT_SULPICE, "--yes", "--search", "abricot")
    assert (ran.code, ran.text) == (
        *(0, "Renvoyer le courriel d'activation : 1 fait, 0 passé, 0 en échec\n"),
    )
    assert letters(database.with_name("accounts.mail")).keys() == {address(ABRICOT)}
    with connect(database) as store:
        assert messages(store, ABRICOT)[0][0] == "ACTIVATION"


def test_resending_to_who_has_not_begun_is_refused(run: Run, school: Path) -> None:
    ran = run("resend", *AT_SULPICE, "--yes")
    assert ran.code == 1
    assert len(ran.err.splitlines()) == 2 + len(HERE)
    assert not school.with_name("accounts.mail").exists()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    """A mail server that the settings name."""
    with mail_server() as running:
        monkeypatch.setenv("EDUCONNECT_SMTP_HOST", HOST)
        monkeypatch.setenv("EDUCONNECT_SMTP_PORT", str(running.port))
        monkeypatch.setenv("EDUCONNECT_SMTP_SECURITY", "none")
        monkeypatch.setenv("EDUCONNECT_MAIL_FROM", "École <ecole@exemple.fr>")
        yield running


def test_a_server_gets_one_letter_for_each_guardian(
    run: Run, school: Path, server: MailServer
) -> None:
    assert run(*BY_EMAIL).code == 0
    for number in HERE:
        [letter] = server.messages(address(number))
        assert letter["From"] == "École <ecole@exemple.fr>"
    assert not school.with_name("accounts.mail").exists()


def test_what_the_server_refuses_is_reported_with_its_answer(
    run: Run, school: Path, server: MailServer
) -> None:
    server.reply("RCPT", address(BOULEAU), "550 5.1.1 No such user")
    server.reply("RCPT", address(CERISE), "450 4.2.1 Busy")
    ran = run(*BY_EMAIL, "--report", "rapport.csv")
    refused = "courriel : échec de l'envoi (550 5.1.1 No such user)"
    waiting = "courriel : en attente d'envoi (450 4.2.1 Busy)"
    assert ran.code == 0
    assert ran.text.splitlines() == [
        "Notifier par courriel : 4 faits, 0 passé, 1 en échec",
        f"- 1 compte : {refused}",
        f"- 1 compte : {waiting}",
    ]
    told = {int(n): rest for n, _, *rest in rows_of(school.with_name("rapport.csv"))[1:]}
    assert told == {number: ["done", ""] for number in (ABRICOT, DATTIER, GENET)} | {
        BOULEAU: ["failed", refused],
        CERISE: ["done", waiting],
    }


def test_if_every_letter_is_refused_so_is_the_command(
    run: Run, school: Path, server: MailServer
) -> None:
    server.reply("RCPT", address(BOULEAU), "550 5.1.1 No such user")
    ran = run(*BY_EMAIL, "--search", "bouleau")
    assert (ran.code, ran.out) == (1, b"")
    assert ran.err.endswith("courriel : échec de l'envoi (550 5.1.1 No such user)\n")


def test_a_server_that_is_away_leaves_the_letters_in_the_queue(
    run: Run, school: Path, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server((HOST, 0)) as taken:
        free = taken.getsockname()[1]
    monkeypatch.setenv("EDUCONNECT_SMTP_PORT", str(free))
    ran = run(*BY_EMAIL)
    assert ran.code == 0
    assert "5 faits" in ran.text
    assert "courriel : en attente d'envoi" in ran.text
    with connect(school) as store:
        assert [messages(store, number)[0][1] for number in HERE] == ["QUEUED"] * len(HERE)
    monkeypatch.setenv("EDUCONNECT_SMTP_PORT", str(server.port))
    run(*BY_EMAIL, REVOKE, "--search", "abricot")  # sends what is due of the others, too
    assert all(len(server.messages(address(number))) == 1 for number in HERE)


# Housekeeping


@pytest.mark.parametrize(("months", "kept"), [(None, 2), ("6", 1), ("1", 1), ("24", 3)])
def test_housekeeping_deletes_what_is_too_old(
    run: Run, school: Path, monkeypatch: pytest.MonkeyPatch, months: str | None, kept: int
) -> None:
    if months:
        monkeypatch.setenv("EDUCONNECT_JOURNAL_MONTHS", months)
    run(*BY_SHEET, "--class", "CE1 B", "--class", "Petits")
    with connect(school) as store, store.transaction() as transaction:
        for account, days in ((CERISE, 200), (DATTIER, 400)):
            transaction.write(
                "UPDATE journal SET happened_at = happened_at - to_days($1) WHERE account_id = $2",
                [days, account],
            )
    before = stored(school)
    ran = run("housekeeping")
    gone = 3 - kept
    assert (ran.code, ran.text.splitlines()[0]) == (
        *(0, f"journal : {plural(gone, 'entrée effacée', 'entrées effacées')}"),
    )
    *others, weeks = ran.text.splitlines()[1:]
    assert others == [
        *("courriels : 0 effacé", "liens expirés : 0 effacé", "échecs de connexion : 0 effacé"),
        "connexions terminées : 0 effacée",
        *("responsables partis : 0 anonymisé", "élèves partis : 0 anonymisé"),
    ]
    assert re.fullmatch(r"semaines écoulées : 5[78] comptées", weeks)
    after = stored(school)
    assert len(after["journal"]) == kept
    assert after | {"journal": [], "tally": []} == before | {"journal": []}
