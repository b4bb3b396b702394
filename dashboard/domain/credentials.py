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
# Fewer than an account's, so that nobody at one place can have everybody else kept out of it.
ACCOUNT_FROM_SOURCE_LIMITS = (Limit(15, timedelta(days=1), timedelta(days=1)),)
REQUEST_LIMITS = (Limit(5, timedelta(hours=1), timedelta(hours=1)),)


class Counted(StrEnum):
    """What failures are counted by."""

    ACCOUNT = "ACCOUNT"  # by strangers, wherever they are
    SOURCE = "SOURCE"
    ACCOUNT_FROM_SOURCE = "ACCOUNT_FROM_SOURCE"
    ACCOUNT_ON_DEVICE = "ACCOUNT_ON_DEVICE"


Rules = tuple[tuple[Counted, tuple[Limit, ...]], ...]
# Strangers share what an account allows. Who signed in before on the same device, or has a session,
# is none: their mistakes count apart, so that no stranger can lock them out.
STRANGER_RULES: Rules = (
    (Counted.ACCOUNT, ACCOUNT_LIMITS),
    (Counted.SOURCE, SOURCE_LIMITS),
    (Counted.ACCOUNT_FROM_SOURCE, ACCOUNT_FROM_SOURCE_LIMITS),
)
KNOWN_DEVICE_RULES: Rules = ((Counted.ACCOUNT_ON_DEVICE, ACCOUNT_LIMITS),)
HELP_RULES: Rules = ((Counted.ACCOUNT, REQUEST_LIMITS), (Counted.SOURCE, SOURCE_LIMITS))
RESEND_RULES: Rules = ((Counted.ACCOUNT, REQUEST_LIMITS),)

_DEVICE = "device:"


def guardian_subject(account_id: int) -> str:
    """What the failures at a guardian's account are counted under."""
    return f"guardian:{account_id}"


def staff_subject(login: str) -> str:
    """What the failures at the account of a member of staff are counted under."""
    return f"staff:{login}"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What is limited: at which account, from which source, and on which device known to it.

    A failure is written under subjects: its account followed by where it was made, and its source.
    None of the three has a blank.
    """

    account: str
    source: str = ""
    device: str = ""
    rules: Rules = ()

    @property
    def own_subject(self) -> str:
        """The subject that failures at this account, made from here, have in common."""
        place = f"{_DEVICE}{self.device}" if self.device else self.source
        return f"{self.account} {place}".rstrip()

    @property
    def subjects(self) -> list[str]:
        by_source = any(counted is Counted.SOURCE for counted, _ in self._rules)
        return [self.own_subject, *([self.source] if by_source else [])]

    @property
    def _rules(self) -> Rules:
        return self.rules or (KNOWN_DEVICE_RULES if self.device else STRANGER_RULES)

    def locked_until(
        self, failures: Sequence[tuple[str, datetime]], now: datetime
    ) -> datetime | None:
        """When it is heard, after these failures by subject; ``None`` if it is now."""
        ends = []
        for counted, limits in self._rules:
            times = [at for subject, at in failures if self._counts(counted, subject)]
            ends.append(locked_until(times, limits, now))
        return max((end for end in ends if end), default=None)

    def _counts(self, counted: Counted, subject: str) -> bool:
        match counted:
            case Counted.ACCOUNT:
                account, _, place = subject.partition(" ")
                return account == self.account and not place.startswith(_DEVICE)
            case Counted.SOURCE:
                return subject == self.source
            case Counted.ACCOUNT_FROM_SOURCE | Counted.ACCOUNT_ON_DEVICE:
                return subject == self.own_subject


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
