"""Messages to guardians as e-mail: plain French text that any mail program shows whole."""

import re
import unicodedata
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import NamedTuple
from urllib.parse import quote

from dashboard.domain.french import day
from dashboard.domain.message import Message, MessageKind
from dashboard.domain.names import clean

# 76 is the longest line that quoted-printable allows; the library's own limit is 78.
_POLICY = SMTP.clone(max_line_length=76)
_LONGEST_LOCAL_PART = 64
_LONGEST_DOMAIN = 253
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL_PART = re.compile(rf"{_ATOM}(\.{_ATOM})*")
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(\.{_LABEL})*")


class _Text(NamedTuple):
    """What one kind of message says; no subject holds anything of a person's."""

    subject: str
    body: str


_GREETING = "Bonjour {guardian},\n\n"
_CLOSING = """

Pour toute question : {help_contact}

Ce message est envoyé automatiquement : merci de ne pas y répondre.
Ne donnez votre mot de passe à personne ; aucun message ne vous le demandera.
"""

_LINK, _NO_LINK = True, False
_TEXTS = {
    (MessageKind.NOTIFICATION, _LINK): _Text(
        "Votre compte EduConnect est créé",
        """\
Un compte EduConnect est créé pour vous, responsable d'élève de l'école :
{school}

Votre identifiant :
{identifier}

Pour choisir votre mot de passe, puis confirmer votre adresse électronique, ouvrez ce lien :
{link}
{validity}""",
    ),
    (MessageKind.NOTIFICATION, _NO_LINK): _Text(
        "Votre compte EduConnect est créé",
        """\
Un compte EduConnect est créé pour vous, responsable d'élève de l'école :
{school}

Votre identifiant :
{identifier}

Pour vous connecter, choisissez FranceConnect sur la page de connexion d'EduConnect :
vous n'avez pas d'autre mot de passe à retenir.""",
    ),
    (MessageKind.ACTIVATION, _LINK): _Text(
        "Dernière étape : activez votre compte EduConnect",
        """\
Votre mot de passe est choisi. Dernière étape : pour confirmer votre adresse électronique
et activer votre compte EduConnect, ouvrez ce lien :
{link}
{validity}

Si vous n'attendiez pas ce message, ignorez-le : le compte ne sera pas activé.""",
    ),
    (MessageKind.RECOVERY, _LINK): _Text(
        "Votre identifiant EduConnect et un nouveau mot de passe",
        """\
Quelqu'un, sans doute vous, a signalé l'oubli de l'identifiant ou du mot de passe
de votre compte EduConnect.

Votre identifiant :
{identifier}

Pour choisir un nouveau mot de passe, ouvrez ce lien :
{link}
{validity}

Si ce n'était pas vous, ignorez ce message : votre mot de passe reste le même.""",
    ),
    (MessageKind.REMINDER, _NO_LINK): _Text(
        "Votre identifiant EduConnect",
        """\
Quelqu'un, sans doute vous, a demandé l'identifiant de votre compte EduConnect.

Votre identifiant :
{identifier}

Si l'école vous a remis une feuille, elle porte un mot de passe provisoire, valable trois mois.
Si vous ne l'avez plus, ou s'il a expiré, demandez une nouvelle feuille à l'école :
{school}

Si ce n'était pas vous, ignorez ce message.""",
    ),
}


def message_bytes(message: Message, sender: str, help_contact: str, sent_at: datetime) -> bytes:
    """The message as it goes to a mail server: ASCII, lines ended by CRLF.

    The same message has the same Message-ID each time. A `sent_at` without time zone is local.
    Raises ValueError (in French) for an address that mail cannot be sent to or from, and for a
    message without the link that its kind needs.
    """
    mail = EmailMessage(policy=_POLICY)
    text = _text(message)
    mail["From"] = _sender(sender)
    mail["To"] = Address(addr_spec=checked_address(message.recipient))
    mail["Subject"] = text.subject
    mail["Date"] = sent_at.astimezone()
    mail["Message-ID"] = _message_id(message, sender)
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(_body(text, message, help_contact), cte="quoted-printable")
    mail["Content-Language"] = "fr"  # last: new content takes such headers away
    return mail.as_bytes()


def checked_address(address: str) -> str:
    """A bare address as it is written in an envelope: its domain in ASCII.

    Raises ValueError (in French) for anything else than one address, and for letters before the
    @ that only some mail servers take.
    """
    local, _, domain = address.rpartition("@")
    if not local.isascii():
        raise ValueError(f"{_shown(address)} : pas d'accent ni d'autre signe rare avant le « @ ».")
    if len(local) > _LONGEST_LOCAL_PART or not _LOCAL_PART.fullmatch(local):
        raise ValueError(f"{_shown(address)} n'est pas une adresse électronique.")
    try:
        return f"{local}@{_ascii_domain(domain)}"
    except UnicodeError:
        raise ValueError(f"{_shown(address)} : le domaine n'existe pas.") from None


def sender_address(sender: str) -> str:
    """The bare address of a sender such as ``École de Bèze <ecole@exemple.fr>``.

    Raises ValueError (in French) as `checked_address` does.
    """
    return _sender(sender).addr_spec


def _sender(sender: str) -> Address:
    name, _, address = sender.rpartition("<")
    checked = checked_address(address.strip().removesuffix(">"))
    # The library would decode "=?…?=", line ends included, into the header.
    shown = clean(name).replace("=?", "= ?").strip('" ')
    return Address(shown, addr_spec=checked)


def _ascii_domain(domain: str) -> str:
    """Raises UnicodeError for what is no domain, or would be written as another one."""
    name = unicodedata.normalize("NFC", domain).lower()
    if len(name) > _LONGEST_DOMAIN:
        raise UnicodeError
    ascii_name = name.encode("idna").decode()
    # "straße.de" would become "strasse.de", which may be someone else's.
    same = domain.isascii() or ascii_name.encode().decode("idna") == name
    if not (same and len(ascii_name) <= _LONGEST_DOMAIN and _DOMAIN.fullmatch(ascii_name)):
        raise UnicodeError
    return ascii_name


def _shown(address: str) -> str:
    text = clean(address)
    return f"« {text if len(text) <= 100 else text[:100] + '…'} »"


def _message_id(message: Message, sender: str) -> str:
    name = quote(message.message_id, safe="").replace(".", "%2E")
    domain = sender_address(sender).rpartition("@")[2]
    return f"<{name}@{domain}>"


def _text(message: Message) -> _Text:
    if text := _TEXTS.get((message.kind, bool(message.link))):
        return text
    link = "avec un lien" if message.link else "sans lien"
    raise ValueError(f"Aucun texte n'est prévu pour un message {message.kind} {link}.")


def _body(text: _Text, message: Message, help_contact: str) -> str:
    return (_GREETING + text.body + _CLOSING).format(
        guardian=clean(message.guardian),
        school=clean(message.school),
        identifier=clean(message.identifier),
        link=message.link,
        validity=_validity(message.valid_until),
        help_contact=clean(help_contact),
    )


def _validity(until: datetime | None) -> str:
    once = "Ce lien ne sert qu'une seule fois"
    end = f" ; il est valable jusqu'au {day(until)} à {until:%H:%M}" if until else ""
    return f"{once}{end}."
