"""What an action did: the outcome and the reason, account by account."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from dashboard.domain.action import Action
from dashboard.domain.document import Document
from dashboard.domain.people import ListedAccount


class Outcome(StrEnum):
    """What became of one account."""

    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"

    @property
    def label(self) -> str:
        return {"done": "fait", "skipped": "passé", "failed": "en échec"}[self.value]

    @property
    def plural(self) -> str:
        return {"done": "faits", "skipped": "passés", "failed": "en échec"}[self.value]


@dataclass(frozen=True, slots=True)
class Result:
    """One account's line of a report; `reason` is also what to know of an account that is done."""

    account: ListedAccount
    outcome: Outcome
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What an action did, account by account, and the sheets it made."""

    action: Action
    results: tuple[Result, ...]
    sheets: Document | None = field(default=None, repr=False)

    def count(self, outcome: Outcome) -> int:
        return sum(result.outcome is outcome for result in self.results)

    @property
    def noted(self) -> list[Result]:
        """What is done, and of which there is more to know."""
        return [one for one in self.results if one.outcome is Outcome.DONE and one.reason]

    @property
    def reasons(self) -> Mapping[str, int]:
        """How many accounts have each reason, most frequent first."""
        counted = Counter(result.reason for result in self.results if result.reason)
        return dict(counted.most_common())
