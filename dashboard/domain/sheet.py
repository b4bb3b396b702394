"""The sheet that hands an account out on paper, as values."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one sheet says to one guardian.

    `password` and `valid_until` are empty where guardians sign in through FranceConnect, with no
    password of ours. `children` are names and classes; `class_label` is the class through which
    the sheet is handed out.
    """

    guardian: str
    children: tuple[tuple[str, str], ...]
    identifier: str
    password: str
    valid_until: date | None
    class_label: str


@dataclass(frozen=True, slots=True)
class SheetLayout:
    """How sheets are printed: 1, 2 or 4 on a page, with a page before each class or not."""

    per_page: int = 1
    class_pages: bool = True


@dataclass(frozen=True, slots=True)
class SheetIssue:
    """What all sheets of one issue share: the school, where to activate, whom to ask."""

    school: str
    activation_address: str
    help_contact: str


# Told how many are ready; raises to stop.
Progress = Callable[[int], None]
