"""CSV that French spreadsheets open rightly: `;`, UTF-8 with its BOM, no cell run as a formula."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from dashboard.domain.action import Action, Outcome, Report, Result
from dashboard.domain.document import Document, shield
from dashboard.domain.enrolment import Enrolment
from dashboard.domain.filters import NO_CLASS
from dashboard.domain.french import day, decimal
from dashboard.domain.grouping import Groupings
from dashboard.domain.people import ListedAccount, Student
from dashboard.domain.stated import SAID_OUTSIDE
from dashboard.wording.account_columns import (
    CHILD,
    STATED,
    account_cells,
    headings,
    most_children,
    most_stated,
)
from dashboard.wording.statistics_columns import (
    COUNT_HEADINGS,
    PERCENT_HEADINGS,
    figure_text,
)
from dashboard.wording.statistics_columns import headings as statistics_headings

_MEDIA_TYPE = "text/csv; charset=utf-8"


def csv_document(filename: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> Document:
    """A table of texts as a CSV file."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([shield(cell) for cell in row] for row in rows)
    return Document(filename, _MEDIA_TYPE, text.getvalue().encode("utf-8-sig"))


def account_list_csv(accounts: Sequence[ListedAccount], filename: str) -> Document:
    """The list of accounts, one row each, as `import-accounts` reads it back."""
    children, stated = most_children(accounts), most_stated(accounts)
    rows = (
        account_cells(account) + _details(account, children) + _stated(account, stated)
        for account in accounts
    )
    return csv_document(filename, headings(children, stated), rows)


def _details(account: ListedAccount, children: int) -> list[str]:
    guardian = account.guardian
    cells = [
        account.uai,
        account.school,
        guardian.civility,
        guardian.birth_name,
        guardian.usage_name,
        guardian.first_name,
        guardian.mobile,
    ]
    for student, enrolment in account.enrolled:
        cells += _child(student, enrolment)
    return cells + [""] * (len(CHILD) * (children - len(account.enrolled)))


def _stated(account: ListedAccount, most: int) -> list[str]:
    cells = []
    for child in account.stated:
        cells += [
            child.birth_name,
            child.usage_name,
            child.first_name,
            day(child.born_on),
            child.stated_class,
            child.level,
            child.class_label,
            child.why.label,
            "" if child.is_to_clarify else SAID_OUTSIDE,
        ]
    return cells + [""] * (len(STATED) * (most - len(account.stated)))


def _child(student: Student, enrolment: Enrolment) -> list[str]:
    return [
        student.birth_name,
        student.usage_name,
        student.first_name,
        day(student.born_on),
        enrolment.level,
        enrolment.class_label,
    ]


_REPORT_COLUMNS = ("account_id", "identifier", "outcome", "reason")
_REPORT_HEADINGS = ("Responsable", "Élève(s)", "Classe(s)", "Identifiant", "Résultat", "Motif")
_RESULTS = {Outcome.DONE: "fait", Outcome.SKIPPED: "non fait", Outcome.FAILED: "échec"}
_REPORT_NAMES = {
    Action.NOTIFY_BY_SHEET: "notification",
    Action.NOTIFY_BY_EMAIL: "notification-par-courriel",
    Action.RESET: "reinitialisation",
    Action.RESEND: "renvoi",
}


def report_csv(report: Report, filename: str) -> Document:
    """One row per account: its number and identifier, done, skipped or failed, and why."""
    return csv_document(filename, _REPORT_COLUMNS, _rows(report.results))


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
    parts = "compte-rendu", _REPORT_NAMES[report.action], *places, f"{acted_at:%Y-%m-%d_%H%M}"
    return csv_document(
        f"{'_'.join(parts)}.csv", _REPORT_HEADINGS, map(_french_row, report.results)
    )


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


def statistics_csv(
    records: Sequence[Mapping[str, object]],
    by: Groupings,
    filename: str,
    several_schools: bool = False,
) -> Document:
    """Statistics with numbers that a spreadsheet in French reads as numbers (decimal comma)."""
    columns = statistics_headings(by, several_schools)
    rows = [[_cell(column, record[column]) for column in columns] for record in records]
    return csv_document(filename, list(columns.values()), rows)


def _cell(column: str, value: object) -> str:
    if column in COUNT_HEADINGS and value is not None:
        return str(value)
    if column in PERCENT_HEADINGS and value is not None:
        return decimal(float(str(value))) if value == value else ""
    return figure_text(column, value)
