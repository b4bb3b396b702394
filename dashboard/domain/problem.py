"""What is wrong with an input file, said to the person who made it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


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


class Problems:
    """The problems of one file, kept up to a limit so that garbage cannot fill the memory."""

    LIMIT = 1000

    def __init__(self, file: str) -> None:
        self.file = file
        self._kept: list[Problem] = []
        self._errors = 0
        self._beyond = 0

    def error(self, message: str, line: int | None = None, column: str | None = None) -> None:
        self._errors += 1
        self._add(Problem(Severity.ERROR, self.file, message, line, column))

    def warning(self, message: str, line: int | None = None, column: str | None = None) -> None:
        self._add(Problem(Severity.WARNING, self.file, message, line, column))

    def _add(self, problem: Problem) -> None:
        if len(self._kept) < self.LIMIT:
            self._kept.append(problem)
        else:
            self._beyond += 1

    @property
    def has_errors(self) -> bool:
        return self._errors > 0

    def all(self) -> list[Problem]:
        """Every problem in the order of the lines, and how many there were beyond the limit."""
        found = sorted(self._kept, key=lambda problem: problem.line or 0)
        if self._beyond:
            severity = Severity.ERROR if self.has_errors else Severity.WARNING
            found.append(
                Problem(severity, self.file, f"et {self._beyond} autres problèmes du même fichier.")
            )
        return found


class Refused(Exception):
    """Something asked for is not done; the reasons are for the person who asked, in French."""

    def __init__(self, reasons: Iterable[object]) -> None:
        self.reasons = [str(reason) for reason in reasons]
        super().__init__("\n".join(self.reasons))
