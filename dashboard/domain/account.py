"""A guardian's account: its states, its origins, its identifier, and when a notification ends."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from dashboard.domain.french import Labelled

# A provisional password and the notification that carries it are valid for this many months.
NOTIFICATION_MONTHS = 3


class State(Labelled):
    """The four states partition the accounts."""

    NOT_NOTIFIED = "NOT_NOTIFIED"
    NOTIFIED = "NOTIFIED"
    ACTIVATING = "ACTIVATING"
    ACTIVATED = "ACTIVATED"

    @property
    def label(self) -> str:
        return _STATE_LABELS[self]


class Origin(Labelled):
    """How an account came to be."""

    SCHOOL = "SCHOOL"
    SELF_REGISTERED = "SELF_REGISTERED"
    FRANCECONNECT = "FRANCECONNECT"

    @property
    def label(self) -> str:
        return _ORIGIN_LABELS[self]


_STATE_LABELS = {
    State.NOT_NOTIFIED: "non notifié",
    State.NOTIFIED: "notifié et non activé",
    State.ACTIVATING: "en cours d'activation",
    State.ACTIVATED: "activé",
}
_ORIGIN_LABELS = {
    Origin.SCHOOL: "Établissement",
    Origin.SELF_REGISTERED: "Auto-inscription",
    Origin.FRANCECONNECT: "FranceConnect",
}


@dataclass(frozen=True, slots=True)
class Account:
    """What is known of an account beside its guardian; dates are ``None`` where not yet."""

    identifier: str
    origin: Origin
    state: State
    distributed_on: date | None = None
    last_access_on: date | None = None


def expires_on(distributed_on: date) -> date:
    """The last day of a notification; in a month too short for it, that month's last day."""
    months = distributed_on.month - 1 + NOTIFICATION_MONTHS
    year, month = distributed_on.year + months // 12, months % 12 + 1
    return date(year, month, min(distributed_on.day, monthrange(year, month)[1]))


def is_expired(account: Account, today: date) -> bool:
    """Whether the account was notified, not activated since, and its time is over."""
    return (
        account.state is State.NOTIFIED
        and account.distributed_on is not None
        and expires_on(account.distributed_on) < today
    )


# Digits and letters that are not mistaken for one another when read from paper (no i, l, o, u).
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_LENGTH = 8
_SPACE = len(_ALPHABET) ** _LENGTH
# An odd multiplier makes the product a permutation of the space: unique, yet not in sequence.
_MULTIPLIER = 662_607_015_041


def identifier(base: int, number: int) -> str:
    """The identifier of the account of this number, ``xxxx-xxxx``: one for each number.

    `base` is drawn once for each database, so that two databases do not give the same ones.
    """
    rest = (base + number) * _MULTIPLIER % _SPACE
    digits = []
    for _ in range(_LENGTH):
        rest, digit = divmod(rest, len(_ALPHABET))
        digits.append(_ALPHABET[digit])
    return f"{''.join(digits[:4])}-{''.join(digits[4:])}"
