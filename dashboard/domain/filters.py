"""Which accounts of a scope are meant, in which order: shared by screen, address and command."""

from dataclasses import dataclass, fields
from enum import StrEnum

from dashboard.domain.account import Origin, State
from dashboard.domain.stated import TO_CLARIFY


class Email(StrEnum):
    """Whether the guardian's e-mail is known."""

    KNOWN = "known"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        return {"known": "connue", "unknown": "inconnue"}[self.value]


class SortColumn(StrEnum):
    """The columns that a list of accounts may be sorted by."""

    STUDENTS = "students"
    CLASSES = "classes"
    GUARDIAN = "guardian"
    IDENTIFIER = "identifier"
    EMAIL = "email"
    ORIGIN = "origin"
    STATE = "state"
    DISTRIBUTED_ON = "distributed_on"
    LAST_ACCESS_ON = "last_access_on"


@dataclass(frozen=True, slots=True)
class AccountFilter:
    """Conditions that must all hold; an empty one is no condition."""

    search: str = ""
    classes: tuple[str, ...] = ()
    states: tuple[State, ...] = ()
    email: Email | None = None
    origin: Origin | None = None
    expired: bool = False
    to_clarify: bool = False

    @property
    def is_empty(self) -> bool:
        return not any(getattr(self, field.name) for field in fields(self))

    def describe(self) -> str:
        """The conditions as a French sentence; ``tous les comptes`` when there are none."""
        words = {
            "nom ou prénom": f"« {self.search} »" if self.search else "",
            "classes": ", ".join(label or NO_CLASS for label in self.classes),
            "états": ", ".join(state.label for state in self.states),
            "adresse de messagerie": self.email.label if self.email else "",
            "origine": self.origin.label if self.origin else "",
            "notification": "expirée" if self.expired else "",
            "enfant": TO_CLARIFY if self.to_clarify else "",
        }
        said = [f"{name} : {value}" for name, value in words.items() if value]
        return " ; ".join(said) or "tous les comptes"


@dataclass(frozen=True, slots=True)
class Sort:
    """The order of a list of accounts; equal rows keep the order of their account numbers."""

    column: SortColumn = SortColumn.STUDENTS
    descending: bool = False

    @classmethod
    def parse(cls, text: str) -> "Sort":
        """The order that ``column`` or, descending, ``-column`` names.

        Raises:
            ValueError: the column is none of `SortColumn`.
        """
        return cls(SortColumn(text.removeprefix("-")), text.startswith("-"))

    def __str__(self) -> str:
        return f"{'-' if self.descending else ''}{self.column}"


NO_CLASS = "sans classe"
