"""The journal: who did what when to which account, and why something was refused."""

from dataclasses import dataclass
from datetime import date, datetime

from dashboard.domain.account import State
from dashboard.domain.action import Action
from dashboard.domain.french import moment

GUARDIAN = "responsable"
IMPORT = "import"
RETENTION = "durée de conservation"
# Names that no member of staff acts by.
RESERVED_ACTORS = frozenset({GUARDIAN, IMPORT, RETENTION})


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry; `reason` is empty where the action was done. Never a secret, nor an address."""

    happened_at: datetime
    actor: str
    action: Action
    account_id: int
    from_state: State
    to_state: State
    reason: str = ""

    def text(self) -> str:
        """The entry in plain French."""
        if self.reason:
            return f"{self.action.label} : refusé, {self.reason}"
        if self.from_state is self.to_state:
            return self.action.past
        return f"{self.action.past} : {self.from_state.label} → {self.to_state.label}"


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries of the journal are meant; an empty condition is none."""

    actor: str = ""
    action: Action | None = None
    since: date | None = None
    refused_only: bool = False


@dataclass(frozen=True, slots=True)
class AuditedEntry:
    """An entry with the identifier of its account, which names nobody."""

    entry: Entry
    identifier: str


AUDIT_HEADINGS = ("Date", "Par", "Identifiant du compte", "Ce qui a été fait")


def audit_cells(audited: AuditedEntry) -> tuple[str, ...]:
    """What the columns of the journal show of an entry."""
    entry = audited.entry
    return moment(entry.happened_at), entry.actor, audited.identifier, entry.text()
