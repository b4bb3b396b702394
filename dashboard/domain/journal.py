"""The journal: who did what when to which account, and why something was refused."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

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


class StaffAction(StrEnum):
    """What is done with a member of staff; the journal keeps these names."""

    ADD = "ADD_STAFF"
    DISABLE = "DISABLE_STAFF"
    ENABLE = "ENABLE_STAFF"
    RESET_PASSWORD = "RESET_STAFF_PASSWORD"
    CHOOSE_PASSWORD = "CHOOSE_STAFF_PASSWORD"
    SET_RIGHTS = "SET_STAFF_RIGHTS"
    SET_EMAIL = "SET_STAFF_EMAIL"
    RECOVER = "RECOVER_STAFF_PASSWORD"

    @property
    def past(self) -> str:
        return _STAFF_PAST[self]


_STAFF_PAST = {
    StaffAction.ADD: "Utilisateur ajouté",
    StaffAction.DISABLE: "Utilisateur désactivé",
    StaffAction.ENABLE: "Utilisateur réactivé",
    StaffAction.RESET_PASSWORD: "Mot de passe d'utilisateur réinitialisé",
    StaffAction.CHOOSE_PASSWORD: "Mot de passe choisi par l'utilisateur",
    StaffAction.SET_RIGHTS: "Rôle et lieux d'utilisateur changés",
    StaffAction.SET_EMAIL: "Adresse électronique d'utilisateur changée",
    StaffAction.RECOVER: "Mot de passe oublié, remplacé par l'utilisateur",
}


@dataclass(frozen=True, slots=True)
class StaffEntry:
    """What was done with a member of staff; `detail` is what changed. Never a secret."""

    happened_at: datetime
    actor: str
    action: StaffAction
    login: str
    detail: str = ""

    def text(self) -> str:
        """The entry in plain French."""
        return f"{self.action.past} : {self.detail}" if self.detail else self.action.past


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries of the journal are meant; an empty condition is none."""

    actor: str = ""
    action: Action | StaffAction | None = None
    since: date | None = None
    refused_only: bool = False


@dataclass(frozen=True, slots=True)
class AuditedEntry:
    """An entry with the identifier of its account, which names nobody, or the user's login."""

    entry: Entry | StaffEntry
    identifier: str


AUDIT_HEADINGS = ("Date", "Par", "Identifiant du compte", "Ce qui a été fait")


def audit_cells(audited: AuditedEntry) -> tuple[str, ...]:
    """What the columns of the journal show of an entry."""
    entry = audited.entry
    return moment(entry.happened_at), entry.actor, audited.identifier, entry.text()
