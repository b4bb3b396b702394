"""What an action did, account by account, as CSV: for programs, and for people."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from dashboard.domain.action import Action, Outcome, Report, Result
from dashboard.domain.document import Document
from dashboard.domain.filters import NO_CLASS
from dashboard.outputs.csv_files import csv_document

_COLUMNS = ("account_id", "identifier", "outcome", "reason")
_HEADINGS = ("Responsable", "Élève(s)", "Classe(s)", "Identifiant", "Résultat", "Motif")
_RESULTS = {Outcome.DONE: "fait", Outcome.SKIPPED: "non fait", Outcome.FAILED: "échec"}
_NAMES = {
    Action.NOTIFY_BY_SHEET: "notification",
    Action.NOTIFY_BY_EMAIL: "notification-par-courriel",
    Action.RESET: "reinitialisation",
    Action.RESEND: "renvoi",
}


def report_csv(report: Report, filename: str) -> Document:
    """One row per account: its number and identifier, done, skipped or failed, and why."""
    return csv_document(filename, _COLUMNS, _rows(report.results))


def _rows(results: Iterable[Result]) -> Iterable[tuple[str, ...]]:
    for result in results:
        account = result.account
        yield (
            str(account.account_id),
            account.account.identifier,
            result.outcome.value,
            result.reason,
        )


def french_report(report: Report, places: Sequence[str], acted_at: datetime) -> Document:
    """One row per account in French, by whom it is: named after the action, the schools and when.

    ``Résultat`` is ``fait``, ``non fait`` or ``échec``.
    """
    parts = "compte-rendu", _NAMES[report.action], *places, f"{acted_at:%Y-%m-%d_%H%M}"
    return csv_document(f"{'_'.join(parts)}.csv", _HEADINGS, map(_french_row, report.results))


def _french_row(result: Result) -> tuple[str, ...]:
    account = result.account
    return (
        account.guardian.full_name,
        ", ".join(account.student_names),
        ", ".join(label or NO_CLASS for label in account.classes),
        account.account.identifier,
        _RESULTS[result.outcome],
        result.reason,
    )
