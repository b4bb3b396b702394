"""What is wrong with an input file, said to the person who made it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from dashboard.domain.french import plural


class Severity(StrEnum):
    """An error keeps the whole import from being written; a warning does not."""

    ERROR = "erreur"
    WARNING = "avertissement"


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem: where it is, what is wrong and what would be right (in French)."""

    severity: Severity
    file: str
    message: str
    line: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        place = [self.file]
        if self.line is not None:
            place.append(f"ligne {self.line}")
        if self.column is not None:
            place.append(f"colonne « {self.column} »")
        return f"{self.severity} : {', '.join(place)} : {self.message}"


@dataclass(slots=True)
class Reading:
    """How a file was read: its encoding, and its columns that were not found or not used.

    The columns are named as the program (`absent`) and as the file (`unused`) call them.
    """

    encoding: str = ""
    absent: Sequence[str] = ()
    unused: Sequence[str] = ()

    def lines(self, file: str) -> list[str]:
        """What is said of it in French, a line each."""
        said = {
            "encodage": [self.encoding],
            "colonnes attendues et absentes": self.absent,
            "colonnes non lues": self.unused,
        }
        return [
            f"{file} : {what} : {', '.join(names)}" for what, names in said.items() if any(names)
        ]


class Problems:
    """The problems of one file, kept up to a limit so that garbage cannot fill the memory.

    Errors and warnings have a limit each: however many the warnings, the errors are told.
    """

    LIMIT = 1000
    LONGEST = 500

    def __init__(self, file: str) -> None:
        self.file = file
        self.reading = Reading()
        self._kept: dict[Severity, list[Problem]] = {severity: [] for severity in Severity}
        self._beyond = dict.fromkeys(Severity, 0)

    def error(self, message: str, line: int | None = None, column: str | None = None) -> None:
        self._add(Severity.ERROR, message, line, column)

    def warning(self, message: str, line: int | None = None, column: str | None = None) -> None:
        self._add(Severity.WARNING, message, line, column)

    def _add(self, severity: Severity, message: str, line: int | None, column: str | None) -> None:
        kept = self._kept[severity]
        if len(kept) < self.LIMIT:
            kept.append(Problem(severity, self.file, _shortened(message), line, column))
        else:
            self._beyond[severity] += 1

    @property
    def has_errors(self) -> bool:
        return bool(self._kept[Severity.ERROR])

    def all(self) -> list[Problem]:
        """Every problem in the order of the lines, and how many there were beyond the limit."""
        kept = [problem for problems in self._kept.values() for problem in problems]
        found = sorted(kept, key=lambda problem: problem.line or 0)
        for severity, count in self._beyond.items():
            if count:
                others = plural(count, f"autre {severity}", f"autres {severity}s")
                found.append(Problem(severity, self.file, f"et {others} du même fichier."))
        return found


def _shortened(message: str) -> str:
    """A message without the middle of the overlong cell that it quotes."""
    half = Problems.LONGEST // 2
    return message if len(message) <= 2 * half else f"{message[:half]}…{message[-half:]}"
