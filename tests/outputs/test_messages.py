"""Messages to guardians: what each says, and that nobody's name says more than a name."""

import locale
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dashboard.domain.email import envelope_address
from dashboard.domain.message import Message, MessageKind
from dashboard.outputs.messages import message_bytes, sender_address

SENDER = "École de Bèze <ecole@exemple.fr>"
HELP = "l'assistance informatique de votre académie"
SENT_AT = datetime(2026, 11, 23, 18, 30)
LINK = "https://educonnect.exemple.fr/activer?jeton=" + "Zx9-_" * 40
LINKED = Message(
    "0198c2f3a1",
    MessageKind.NOTIFICATION,
    "zoe.abricot@exemple.fr",
    "Mme ABRICOT Zoé",
    "k7mf-3q9t",
    "École de Bèze",
    LINK,
    datetime(2026, 11, 24, 18, 30),
)
REMINDER = replace(LINKED, kind=MessageKind.REMINDER, link="", valid_until=None)
FRANCE_CONNECT = replace(REMINDER, kind=MessageKind.NOTIFICATION)
ALL = [
    LINKED,
    FRANCE_CONNECT,
    replace(LINKED, kind=MessageKind.ACTIVATION),
    replace(LINKED, kind=MessageKind.RECOVERY),
    REMINDER,
]
HEADERS = {
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "Content-Language",
    "Content-Type",
    "Content-Transfer-Encoding",
    "MIME-Version",
}


def written(message: Message, sender: str = SENDER, help_contact: str = HELP) -> bytes:
    return message_bytes(message, sender, help_contact, SENT_AT)


def parsed(content: bytes) -> EmailMessage:
    return message_from_bytes(content, EmailMessage, policy=policy.SMTP)


def read(message: Message, sender: str = SENDER, help_contact: str = HELP) -> EmailMessage:
    return parsed(written(message, sender, help_contact))


def lines(message: Message) -> list[str]:
    return str(read(message).get_content()).splitlines()


def text(message: Message) -> str:
    return " ".join(lines(message))


def subjects() -> set[str]:
    return {read(message)["Subject"] for message in ALL}


def test_there_is_a_text_for_every_kind() -> None:
    assert {message.kind for message in ALL} == set(MessageKind)


@pytest.mark.parametrize("message", ALL, ids=lambda message: f"{message.kind}{message.link[:5]}")
def test_every_message_greets_the_guardian_and_says_whom_to_ask(message: Message) -> None:
    assert lines(message)[0] == "Bonjour Mme ABRICOT Zoé,"
    assert f"Pour toute question : {HELP}" in lines(message)
    assert "Ne donnez votre mot de passe à personne" in text(message)
    assert "{" not in text(message)


@pytest.mark.parametrize("message", [message for message in ALL if message.link])
def test_a_link_stands_whole_on_its_line_with_the_limits_of_its_use(message: Message) -> None:
    place = lines(message).index(LINK)
    assert lines(message)[place + 1] == (
        "Ce lien ne sert qu'une seule fois ; il est valable jusqu'au 24/11/2026 à 18:30."
    )


def test_a_link_without_end_is_still_said_to_serve_once() -> None:
    assert "Ce lien ne sert qu'une seule fois." in lines(replace(LINKED, valid_until=None))


@pytest.mark.parametrize("message", [LINKED, FRANCE_CONNECT])
def test_a_notification_names_the_school_and_the_identifier(message: Message) -> None:
    assert "École de Bèze" in lines(message)
    assert "k7mf-3q9t" in lines(message)


def test_a_notification_leads_to_a_password_then_to_the_address() -> None:
    assert "choisir votre mot de passe, puis confirmer votre adresse" in text(LINKED)


def test_a_notification_without_a_link_leads_to_franceconnect() -> None:
    assert "choisissez FranceConnect" in text(FRANCE_CONNECT)
    assert "http" not in text(FRANCE_CONNECT)


def test_an_activation_is_the_last_step_and_tells_a_stranger_nothing_of_the_account() -> None:
    message = replace(LINKED, kind=MessageKind.ACTIVATION)
    assert "Dernière étape" in text(message)
    assert "activer votre compte" in text(message)
    assert "k7mf-3q9t" not in text(message)
    assert "ignorez-le" in text(message)


def test_a_recovery_gives_the_identifier_and_may_be_ignored() -> None:
    message = replace(LINKED, kind=MessageKind.RECOVERY)
    assert "k7mf-3q9t" in lines(message)
    assert "Pour choisir un nouveau mot de passe" in text(message)
    assert "Si ce n'était pas vous, ignorez ce message" in text(message)


def test_a_reminder_gives_the_identifier_and_sends_to_the_school_for_the_password() -> None:
    assert "k7mf-3q9t" in lines(REMINDER)
    assert "Si l'école vous a remis une feuille, elle porte un mot de passe provisoire" in text(
        REMINDER
    )
    assert "demandez une nouvelle feuille à l'école : École de Bèze" in text(REMINDER)
    assert "http" not in text(REMINDER)


@pytest.mark.parametrize(
    "message",
    [replace(REMINDER, kind=MessageKind.ACTIVATION), replace(LINKED, kind=MessageKind.REMINDER)],
)
def test_a_message_that_no_text_fits_is_not_written(message: Message) -> None:
    with pytest.raises(ValueError, match="Aucun texte"):
        written(message)


def test_headers_are_those_of_an_automatic_french_message() -> None:
    mail = read(LINKED)
    assert set(mail.keys()) == HEADERS
    assert mail["From"] == SENDER
    assert mail["To"] == LINKED.recipient
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["Content-Language"] == "fr"
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content_charset() == "utf-8"


def test_a_message_is_written_as_every_mail_server_takes_it() -> None:
    content = written(replace(LINKED, guardian="É" * 200))
    assert content.isascii()
    assert content.count(b"\r\n") == content.count(b"\n") == content.count(b"\r")
    assert max(map(len, content.split(b"\r\n"))) <= 76


def test_a_moment_without_time_zone_is_local() -> None:
    assert read(LINKED)["Date"].datetime == SENT_AT.astimezone()
    moment = datetime(2026, 11, 23, 18, 30, tzinfo=UTC)
    assert parsed(message_bytes(LINKED, SENDER, HELP, moment))["Date"].datetime == moment


def test_the_same_message_has_the_same_identifier_whatever_else_changes() -> None:
    other = replace(REMINDER, recipient="leo@exemple.fr", guardian="Léo")
    assert read(LINKED)["Message-ID"] == "<0198c2f3a1@exemple.fr>"
    assert read(other, "autre@exemple.fr")["Message-ID"] == "<0198c2f3a1@exemple.fr>"


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), unique=True))
@example(["a.b", "a%2Eb", "a@b", "a>b", "a\r\nBcc: x@y.fr", "é", "e\u0301", "." * 300])
def test_different_messages_have_different_identifiers(names: list[str]) -> None:
    written_with = [read(replace(LINKED, message_id=name)) for name in names]
    identifiers = [mail["Message-ID"].strip() for mail in written_with]
    assert len(set(identifiers)) == len(names)
    for identifier in identifiers:
        assert re.fullmatch(r"<[A-Za-z0-9%~_-]+@exemple\.fr>", identifier)


HOSTILE = st.one_of(
    st.text(max_size=200),
    st.sampled_from(
        [
            "Zoé\r\nBcc: tous@exemple.fr",
            "Zoé\r\n\r\nhttps://mauvais.exemple/",
            "\u202eéoZ",
            "Zoé\u2028Subject: Autre",
            "a\0b\x1b[2J\x85",
            "=?utf-8?q?=0D=0ABcc=3A_x=40y=2Efr?=",
            "{link.__class__}",
            "\ud800",
            "Z" * 200,
        ]
    ),
)


@given(HOSTILE, HOSTILE, HOSTILE, HOSTILE)
def test_no_name_reaches_the_headers_or_breaks_a_line(
    guardian: str, identifier: str, school: str, help_contact: str
) -> None:
    for message in ALL:
        plain = read(message)
        hostile = replace(message, guardian=guardian, identifier=identifier, school=school)
        mail = read(hostile, help_contact=help_contact)
        assert mail.items() == plain.items()
        content = mail.get_content()
        assert content.count("\r\n") == plain.get_content().count("\r\n")
        assert len(content.splitlines()) == content.count("\r\n")
        assert not re.search(r"[\u202a-\u202e\u2066-\u2069\0\x1b]", content)


@given(HOSTILE)
@example("=??Q?=0D0")
@example("==??utf-8?q?=0D=0ABcc=3A_x=40y=2Efr?=")
def test_no_name_of_a_sender_adds_a_header(name: str) -> None:
    mail = read(LINKED, f"{name} <ecole@exemple.fr>")
    assert set(mail.keys()) == HEADERS
    assert len(mail.keys()) == len(HEADERS)
    assert [each.addr_spec for each in mail["From"].addresses] == ["ecole@exemple.fr"]


def refusal(recipient: str) -> str:
    """Why a message to there is not written; nothing if it is."""
    try:
        written(replace(LINKED, recipient=recipient))
    except ValueError as refused:
        return str(refused)
    return ""


@given(HOSTILE, HOSTILE)
def test_a_recipient_is_one_address_or_is_refused(local: str, domain: str) -> None:
    for recipient in (local, f"{local}@{domain}", f"{local}@exemple.fr", f"zoe@{domain}"):
        if reason := refusal(recipient):
            assert "\n" not in reason
            assert len(reason) < 200
        else:
            mail = read(replace(LINKED, recipient=recipient))
            assert len(mail.keys()) == len(HEADERS)
            assert [each.addr_spec for each in mail["To"].addresses] == [
                envelope_address(recipient)
            ]


@pytest.mark.parametrize(
    "address",
    [
        "zoe@exemple.fr",
        "zoe+ecole@exemple.fr",
        "o'hara_1{x}@sous-domaine.exemple.fr",
        "zoe@localhost",
        "z" * 64 + "@" + ".".join(["d" * 46] * 4),
    ],
)
def test_an_ordinary_address_stays_as_it_is(address: str) -> None:
    assert envelope_address(address) == address
    [to] = read(replace(LINKED, recipient=address))["To"].addresses
    assert to.addr_spec == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "zoe",
        "@exemple.fr",
        "zoe@",
        "zoe@exemple.fr,leo@exemple.fr",
        "zoe@exemple.fr\r\nBcc: leo@exemple.fr",
        "zoe@exemple.fr\n",
        " zoe@exemple.fr",
        "Zoe <zoe@exemple.fr>",
        "<zoe@exemple.fr>",
        "zoe@leo@exemple.fr",
        ".zoe@exemple.fr",
        "zo..e@exemple.fr",
        "zo e@exemple.fr",
        '"zo e"@exemple.fr',
        "zoe(x)@exemple.fr",
        "zoe@exemple..fr",
        "zoe@exemple.fr.",
        "zoe@-exemple.fr",
        "zoe@exem_ple.fr",
        "zoe@[192.0.2.1]",
        "zoe@exemple．fr/x",
        "zoe@exemple\u200b.fr",
        "zoe@straße.de",
        "z" * 65 + "@exemple.fr",
        "zoe@" + "d" * 64 + ".fr",
        "zoe@" + "d." * 130 + "fr",
    ],
)
def test_what_is_no_address_is_refused_in_french(address: str) -> None:
    with pytest.raises(ValueError, match=r"^adresse « .* » impossible : "):
        written(replace(LINKED, recipient=address))


def test_accents_before_the_at_sign_are_refused_for_what_they_are() -> None:
    with pytest.raises(ValueError, match=r"^adresse « zoé@exemple.fr » impossible : accent"):
        written(replace(LINKED, recipient="zoé@exemple.fr"))


@pytest.mark.parametrize("domain", ["École-de-Bèze.fr", "e\u0301cole-de-be\u0300ze.fr"])
def test_a_domain_with_accents_is_written_in_ascii(domain: str) -> None:
    assert envelope_address(f"zoe@{domain}") == "zoe@xn--cole-de-bze-69ad.fr"


@pytest.mark.parametrize(
    ("sender", "address"),
    [
        (SENDER, "ecole@exemple.fr"),
        ("ecole@exemple.fr", "ecole@exemple.fr"),
        (' "Bèze, École de" <ecole@exemple.fr> ', "ecole@exemple.fr"),
        ("École <ecole@Bèze.fr>", "ecole@xn--bze-6la.fr"),
    ],
)
def test_a_sender_has_an_address_with_or_without_a_name(sender: str, address: str) -> None:
    assert sender_address(sender) == address
    [shown] = read(LINKED, sender)["From"].addresses
    assert shown.addr_spec == address


def test_a_sender_without_address_is_refused() -> None:
    with pytest.raises(ValueError, match="impossible"):
        written(LINKED, "École de Bèze")


@contextmanager
def plain_locale() -> Iterator[None]:
    before = locale.setlocale(locale.LC_ALL)
    locale.setlocale(locale.LC_ALL, "C")
    try:
        yield
    finally:
        locale.setlocale(locale.LC_ALL, before)


def test_a_message_is_the_same_in_every_locale() -> None:
    with plain_locale():
        plain = [written(message) for message in ALL]
    assert plain == [written(message) for message in ALL]


def test_no_subject_holds_anything_of_a_person() -> None:
    for message, part in product(subjects(), ("ABRICOT", "Zoé", "k7mf", "Bèze")):
        assert part not in message
