"""What passwords and links must be like (CNIL recommendation 2022-100), and how long they last."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from dashboard.domain.account import Origin, State, expires_on
from dashboard.domain.french import day


class Password(StrEnum):
    """What password an account has; the password itself is nowhere stored."""

    NONE = "NONE"
    PROVISIONAL = "PROVISIONAL"
    CHOSEN = "CHOSEN"


class Purpose(StrEnum):
    """What a link in a message lets its reader do, once."""

    CHOOSE_PASSWORD = "CHOOSE_PASSWORD"
    ACTIVATE = "ACTIVATE"
    RECOVER = "RECOVER"


_LINK_VALIDITY = {Purpose.ACTIVATE: timedelta(days=7), Purpose.RECOVER: timedelta(hours=1)}


def link_ends_at(purpose: Purpose, now: datetime, notified_on: date | None = None) -> datetime:
    """When a link made now ends; that of a notification lasts as long as the notification."""
    if purpose is Purpose.CHOOSE_PASSWORD:
        last_day = expires_on(notified_on or now.date())
        return datetime.combine(last_day, time.max).replace(microsecond=0)
    return now + _LINK_VALIDITY[purpose]


# No i, l, o, 0, 1: nothing that is mistaken for something else when read from paper.
PROVISIONAL_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
PROVISIONAL_LENGTH = 12  # 59 bits; with the lock-out, 50 are asked for


def normal_provisional(text: str) -> str:
    """A provisional password as typed, without the hyphens, blanks and capitals of reading."""
    return re.sub(r"[\s\-‐‑–]+", "", text).lower()


def held_password(state: State, origin: Origin) -> Password:
    """The password that an account taken over in this state has."""
    if origin is Origin.FRANCECONNECT or state is State.NOT_NOTIFIED:
        return Password.NONE
    return Password.PROVISIONAL if state is State.NOTIFIED else Password.CHOSEN


def password_text(password: Password, distributed_on: date | None, today: date) -> str:
    """The status of a password as the staff read it."""
    match password:
        case Password.NONE:
            return "aucun"
        case Password.CHOSEN:
            return "choisi par le responsable"
        case Password.PROVISIONAL if distributed_on is None:
            return "provisoire"
        case Password.PROVISIONAL:
            last = expires_on(distributed_on)
            when = "provisoire, expiré depuis le" if last < today else "provisoire jusqu'au"
            return f"{when} {day(last)}"


BITS_WITH_LOCKOUT = 50
_LONGEST = 200
_CLASSES = {r"[a-zà-öø-ÿ]": 26, r"[A-ZÀ-ÖØ-Þ]": 26, r"[0-9]": 10, r"[^0-9A-Za-zÀ-ÖØ-öø-ÿ]": 33}


def password_bits(text: str) -> float:
    """The entropy of a random password of this length and these classes of characters."""
    size = sum(size for pattern, size in _CLASSES.items() if re.search(pattern, text))
    return len(text) * math.log2(size) if size else 0.0


def password_problem(text: str) -> str:
    """Why a password is not accepted by its composition; empty if it is."""
    if len(text) > _LONGEST:
        return f"Le mot de passe est trop long : {_LONGEST} caractères au plus."
    if password_bits(text) < BITS_WITH_LOCKOUT:
        return (
            "Le mot de passe est trop court : 8 caractères avec majuscules, minuscules, chiffres "
            "et signes, ou une phrase d'au moins 12 caractères."
        )
    return ""


@dataclass(frozen=True, slots=True)
class Limit:
    """After so many failures within a time, no attempt is heard before a pause is over."""

    failures: int
    within: timedelta
    pause: timedelta


# More than a minute after five failures, at most 25 attempts a day for an account; a source may
# be a whole neighbourhood behind one address.
ACCOUNT_LIMITS = (
    Limit(5, timedelta(minutes=15), timedelta(minutes=5)),
    Limit(25, timedelta(days=1), timedelta(days=1)),
)
SOURCE_LIMITS = (
    Limit(30, timedelta(minutes=15), timedelta(minutes=15)),
    Limit(300, timedelta(days=1), timedelta(hours=6)),
)
REQUEST_LIMITS = (Limit(5, timedelta(hours=1), timedelta(hours=1)),)


def locked_until(
    failures: Sequence[datetime], limits: Sequence[Limit], now: datetime
) -> datetime | None:
    """When attempts are heard again; ``None`` if they are now."""
    ends = []
    for limit in limits:
        # A failure of the future is a clock's that was wrong, not anybody's.
        recent = [failed for failed in failures if timedelta() <= now - failed < limit.within]
        if len(recent) >= limit.failures:
            ends.append(max(recent) + limit.pause)
    return max((end for end in ends if end > now), default=None)
