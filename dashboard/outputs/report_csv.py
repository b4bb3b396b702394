"""What an action did, account by account, as CSV."""

from collections.abc import Iterable

from dashboard.domain.document import Document
from dashboard.domain.report import Report, Result
from dashboard.outputs.csv_files import csv_document

_COLUMNS = ("account_id", "identifier", "outcome", "reason")


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
