"""What is at stake in an action on several accounts, and what has to be confirmed apart for it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from dashboard.domain.account import State
from dashboard.domain.action import Action
from dashboard.domain.enrolment import level_rank
from dashboard.domain.filters import NO_CLASS
from dashboard.domain.french import day, plural
from dashboard.domain.names import name_key
from dashboard.domain.people import ListedAccount

# Sheets and links given out more recently are on their way to families, or lie on their tables.
RECENT = timedelta(days=14)
RECENTLY = f"depuis moins de {RECENT.days} jours"
LEFT_OUT = f"laissé de côté : distribué {RECENTLY}"
# As many families, who sign in today, would be locked out at once by one reset.
MANY_ACTIVATED = 10
_REVOKING = frozenset({Action.NOTIFY_BY_SHEET, Action.NOTIFY_BY_EMAIL, Action.RESET})


class Recent(StrEnum):
    """What becomes of accounts whose sheet or link was given out in the last days."""

    LEFT_OUT = "LEFT_OUT"
    REVOKED = "REVOKED"

    @property
    def label(self) -> str:
        return _RECENT_LABELS[self]


_RECENT_LABELS = {
    Recent.LEFT_OUT: "Les laisser de côté : ce qui leur a été remis reste valable",
    Recent.REVOKED: "Les traiter aussi : ce qui leur a été remis ne vaudra plus",
}


class Apart(StrEnum):
    """What is confirmed apart, beside the action itself."""

    RECENT = "RECENT"
    ACTIVATED = "ACTIVATED"


@dataclass(frozen=True, slots=True)
class Consent:
    """What was confirmed apart: that recent sheets are revoked, how many activated are reset."""

    revokes_recent: bool = False
    resets_activated: int | None = None


@dataclass(frozen=True, slots=True)
class Stakes:
    """Whom an action is done to: counted, since when they have what it replaces, by class.

    `classes` are in the order of levels; an account counts once in each class it has a child in.
    """

    people: int
    notified: int
    recent: int
    last_on: date | None
    activated: int
    classes: tuple[tuple[str, int], ...]

    def missing(self, consent: Consent) -> frozenset[Apart]:
        """What is still to be confirmed apart; a number that is given must be the right one."""
        number = consent.resets_activated
        asks_number = self.activated >= MANY_ACTIVATED or number is not None
        apart = {
            Apart.RECENT: self.recent > 0 and not consent.revokes_recent,
            Apart.ACTIVATED: asks_number and number != self.activated,
        }
        return frozenset(one for one, is_missing in apart.items() if is_missing)

    def describe_notified(self) -> str:
        """``12 déjà notifiés, dont 9 depuis moins de 14 jours, le dernier le 26/11/2026``."""
        if not self.notified:
            return ""
        words = [plural(self.notified, "déjà notifié", "déjà notifiés")]
        words += [f"dont {self.recent} {RECENTLY}"] if self.recent else []
        words += [f"le dernier le {day(self.last_on)}"] if self.last_on else []
        return ", ".join(words)


def stakes(action: Action, accounts: Sequence[ListedAccount], today: date) -> Stakes:
    """What is at stake if an action is done to these accounts, all of which allow it."""
    states = [one.account.state for one in accounts]
    notified = [one for one in accounts if one.account.state is not State.NOT_NOTIFIED]
    given = [one.account.distributed_on for one in notified]
    return Stakes(
        len(accounts),
        len(notified),
        sum(is_recent(action, one, today) for one in accounts),
        max((on for on in given if on), default=None),
        states.count(State.ACTIVATED) if action is Action.RESET else 0,
        _by_class(accounts),
    )


def is_recent(action: Action, listed: ListedAccount, today: date) -> bool:
    """Whether the action revokes what the account was given in the last days."""
    account = listed.account
    if action not in _REVOKING or account.state is State.NOT_NOTIFIED:
        return False
    return account.distributed_on is not None and today - account.distributed_on < RECENT


def _by_class(accounts: Collection[ListedAccount]) -> tuple[tuple[str, int], ...]:
    counts: dict[str, int] = {}
    ranks: dict[str, int] = {}
    for account in accounts:
        for label in account.classes:
            counts[label] = counts.get(label, 0) + 1
        places = [(one.class_label, one.level) for _, one in account.enrolled]
        places += [(child.class_label, child.level) for child in account.stated]
        for label, level in places:
            rank = level_rank(level)
            ranks[label] = min(rank, ranks.get(label, rank))
    ordered = sorted(counts, key=lambda label: (ranks[label], name_key(label), label))
    return tuple((label or NO_CLASS, counts[label]) for label in ordered)
