"""The messages that guardians and staff are sent, as values, and what becomes of each."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class MessageKind(StrEnum):
    """What a message is for."""

    NOTIFICATION = "NOTIFICATION"  # the account exists: identifier, link to choose a password
    ACTIVATION = "ACTIVATION"  # the password is chosen: link that activates the account
    RECOVERY = "RECOVERY"  # password forgotten on an activated account: link to choose another
    REMINDER = "REMINDER"  # identifier forgotten, or an account that cannot be recovered by link

    @property
    def label(self) -> str:
        return _KIND_LABELS[self]


class MessageStatus(StrEnum):
    """Where a message is; `SENDING` is written just before the server may have accepted it."""

    QUEUED = "QUEUED"
    SENDING = "SENDING"
    SENT = "SENT"
    FAILED = "FAILED"

    @property
    def label(self) -> str:
        return _STATUS_LABELS[self]


_KIND_LABELS = {
    MessageKind.NOTIFICATION: "notification",
    MessageKind.ACTIVATION: "activation",
    MessageKind.RECOVERY: "mot de passe oublié",
    MessageKind.REMINDER: "identifiant oublié",
}
# How long after each failure of a kind that may pass a message is tried again; then it has failed.
RETRY_AFTER = tuple(
    timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 3 * 60, 6 * 60, 12 * 60, 24 * 60)
)

_STATUS_LABELS = {
    MessageStatus.QUEUED: "en attente d'envoi",
    MessageStatus.SENDING: "envoi interrompu, sans doute parti",
    MessageStatus.SENT: "envoyé",
    MessageStatus.FAILED: "échec de l'envoi",
}


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one guardian; `link` and `valid_until` are empty where it carries none.

    To a member of staff, `guardian` and `identifier` are their name and login.
    """

    message_id: str
    kind: MessageKind
    recipient: str
    guardian: str
    identifier: str
    school: str
    link: str = ""
    valid_until: datetime | None = None
    is_staff: bool = False


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What every sheet and message says of the installation: where to activate, whom to ask."""

    activation_address: str
    help_contact: str

    @property
    def staff_password_address(self) -> str:
        """Where staff choose a password, beside the guardians' pages."""
        return f"{self.activation_address.rpartition('/')[0]}/mot-de-passe"
