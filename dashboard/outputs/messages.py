"""Messages to guardians as e-mail: plain French text that any mail program shows whole."""

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import NamedTuple
from urllib.parse import quote

from dashboard.domain.email import envelope_address
from dashboard.domain.french import day
from dashboard.domain.message import Message, MessageKind
from dashboard.domain.names import clean

# 76 is the longest line that quoted-printable allows; the library's own limit is 78.
_POLICY = SMTP.clone(max_line_length=76)


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
    mail["To"] = Address(addr_spec=envelope_address(message.recipient))
    mail["Subject"] = text.subject
    mail["Date"] = sent_at.astimezone()
    mail["Message-ID"] = _message_id(message, sender)
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(_body(text, message, help_contact), cte="quoted-printable")
    mail["Content-Language"] = "fr"  # last: new content takes such headers away
    return mail.as_bytes()


def sender_address(sender: str) -> str:
    """The bare address of a sender such as ``École de Bèze <ecole@exemple.fr>``.

    Raises ValueError (in French) as `envelope_address` does.
    """
    return _sender(sender).addr_spec


def _sender(sender: str) -> Address:
    name, _, address = sender.rpartition("<")
    checked = envelope_address(address.strip().removesuffix(">"))
    # The library would decode "=?…?=", line ends included, into the header.
    shown = clean(name).replace("=?", "= ?").strip('" ')
    return Address(shown, addr_spec=checked)


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
