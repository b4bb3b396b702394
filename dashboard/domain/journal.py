"""The journal: who did what when to which account, and why something was refused."""

from dataclasses import dataclass
from datetime import datetime

from dashboard.domain.account import State
from dashboard.domain.action import Action

GUARDIAN = "responsable"
IMPORT = "import"


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
