"""CSV that French spreadsheets open rightly: `;`, UTF-8 with its BOM, no cell run as a formula."""

import csv
import io
from collections.abc import Iterable, Sequence

from dashboard.domain.document import Document, shield
from dashboard.domain.enrolment import Enrolment
from dashboard.domain.french import day
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
