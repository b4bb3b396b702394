"""What an action would do to the accounts that are meant, and the writing of what is decided."""

import random
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TypeVar

from dashboard.domain.action import (
    CHANGED_MEANWHILE,
    Action,
    Decision,
    Outcome,
    Report,
    Result,
    decide,
)
from dashboard.domain.document import Document, unprinted_text
from dashboard.domain.errors import Refused
from dashboard.domain.filters import AccountFilter, Sort
from dashboard.domain.french import number, plural
from dashboard.domain.people import ListedAccount
from dashboard.domain.scope import ActingScope
from dashboard.domain.stakes import LEFT_OUT, RECENTLY, Apart, Consent, Stakes, is_recent, stakes
from dashboard.store.accounts import listed_accounts
from dashboard.store.changes import AccountChange, write_changes
from dashboard.store.engine import Changed, Store, Transaction

# Told how far an action is, of how much; raises `Cancelled` to stop it.
Progress = Callable[[int, int], None]
_T = TypeVar("_T")
_TRIES = 8
_PAUSE_SECONDS = 0.02


class Cancelled(Refused):
    """The person who asked gave up; nothing was written."""

    def __init__(self) -> None:
        super().__init__(["Annulé : rien n'a été fait."])


class Unconfirmed(Refused):
    """Something was to be confirmed apart and was not; nothing was written."""

    def __init__(self, apart: Collection[Apart], at_stake: Stakes) -> None:
        super().__init__([f"{_APART[one](at_stake)} Rien n'a été fait." for one in sorted(apart)])
        self.apart = frozenset(apart)


_APART: Mapping[Apart, Callable[[Stakes], str]] = {
    Apart.RECENT: lambda seen: (
        f"Il reste à confirmer que ce qui a été distribué {RECENTLY} ne vaudra plus "
        f"({plural(seen.recent, 'compte')})."
    ),
    Apart.ACTIVATED: lambda seen: (
        "Il reste à confirmer le nombre de comptes activés à réinitialiser "
        f"({number(seen.activated)})."
    ),
}


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and when: what the journal keeps of them."""

    actor: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Candidate:
    """An account as it was seen, and what is decided about it."""

    listed: ListedAccount
    decision: Decision


@dataclass(frozen=True, slots=True)
class Preparation:
    """An action on accounts of a scope, as it stands before it is confirmed.

    `today` is the day it was prepared, and `consent` what has been confirmed apart since.
    """

    action: Action
    scope: ActingScope
    candidates: tuple[Candidate, ...]
    today: date
    consent: Consent = field(default_factory=Consent)

    @property
    def accepted(self) -> list[ListedAccount]:
        return [one.listed for one in self.candidates if one.decision.is_done]

    @property
    def refusals(self) -> Mapping[str, int]:
        """How many accounts are to be skipped, by reason, most frequent first."""
        counted = Counter(c.decision.reason for c in self.candidates if not c.decision.is_done)
        return dict(counted.most_common())

    @property
    def stakes(self) -> Stakes:
        return stakes(self.action, self.accepted, self.today)

    @property
    def missing(self) -> frozenset[Apart]:
        """What has still to be confirmed apart."""
        return self.stakes.missing(self.consent)

    def without_recent(self) -> "Preparation":
        """The same, but leaving out the accounts that were given something in the last days."""
        return replace(self, candidates=tuple(map(self._left_out, self.candidates)))

    def _left_out(self, one: Candidate) -> Candidate:
        if not one.decision.is_done or not is_recent(self.action, one.listed, self.today):
            return one
        return Candidate(one.listed, Decision(one.listed.account.state, LEFT_OUT))

    def require_consent(self) -> None:
        """Refuse what was not confirmed apart.

        Raises:
            Unconfirmed: with what was not.
        """
        seen = self.stakes
        if missing := seen.missing(self.consent):
            raise Unconfirmed(missing, seen)


def prepare(
    store: Store,
    scope: ActingScope,
    action: Action,
    conditions: AccountFilter,
    today: date,
    *,
    only: Collection[int] | None = None,
) -> Preparation:
    """Decide about every account of the scope that meets the conditions; with `only`, those."""
    found = listed_accounts(store, scope, conditions, Sort(), today, only=only)
    return Preparation(
        action,
        scope,
        tuple(Candidate(one, _decide(action, one)) for one in found),
        today,
    )


def _decide(action: Action, listed: ListedAccount) -> Decision:
    account = listed.account
    return decide(action, account.state, account.origin, bool(listed.guardian.email))


def report_of(
    preparation: Preparation, written: Collection[int], sheets: Document | None = None
) -> Report:
    """The report of an action that wrote these accounts, and whose names its sheets lack."""
    results = []
    unprinted = sheets.unprinted if sheets else {}
    for candidate in preparation.candidates:
        if candidate.listed.account_id in written:
            signs = unprinted.get(candidate.listed.account.identifier, "")
            note = unprinted_text(signs) if signs else ""
            results.append(Result(candidate.listed, Outcome.DONE, note))
        else:
            reason = candidate.decision.reason or CHANGED_MEANWHILE
            results.append(Result(candidate.listed, Outcome.SKIPPED, reason))
    return Report(preparation.action, tuple(results), sheets)


def write_decisions(
    transaction: Transaction,
    preparation: Preparation,
    asker: Asker,
    facts: Callable[[ListedAccount], Mapping[str, object]],
) -> set[int]:
    """Write what was decided, with the facts of each accepted account; the numbers written."""
    changes: Sequence[AccountChange] = [
        AccountChange(
            one.listed.account_id,
            one.listed.version,
            one.listed.account.state,
            one.decision.state,
            facts(one.listed) if one.decision.is_done else {},
            one.decision.reason,
        )
        for one in preparation.candidates
    ]
    return write_changes(
        transaction, preparation.scope, preparation.action, asker.actor, asker.now, changes
    )


def in_one_transaction(store: Store, write: Callable[[Transaction], _T]) -> _T:
    """Run a write until no other session writes the same accounts at the same moment.

    Raises:
        Changed: there was one each time.
    """
    for tried in range(1, _TRIES):
        try:
            with store.transaction() as transaction:
                return write(transaction)
        except Changed:
            # Not again at the same moment.
            time.sleep(tried * random.uniform(0, _PAUSE_SECONDS))  # noqa: S311  # no secret
    with store.transaction() as transaction:
        return write(transaction)
