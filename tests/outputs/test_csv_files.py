"""Lists as CSV: what a French spreadsheet opens, and never runs."""

import csv
import io
from datetime import date

import pytest

from dashboard.domain.account import Account, Origin, State
from dashboard.domain.people import Guardian, ListedAccount, Student
from dashboard.outputs.csv_files import account_list_csv, csv_document
from dashboard.wording.account_columns import headings


def listed(name: str = "ABRICOT", children: int = 1) -> ListedAccount:
    return ListedAccount(
        "0210351T",
        "École de Bèze",
        Guardian("Mme", name, "", "Zoé", "", ""),
        tuple(
            Student("ABRICOT", "", f"Léo {number}", date(2019, 2, 1), "", "CP", "CP A")
            for number in range(children)
        ),
        Account("k7mf-3q9t", Origin.SCHOOL, State.NOTIFIED, date(2026, 9, 1)),
    )


def cells(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def test_it_begins_with_a_byte_order_mark_and_ends_lines_as_windows_does() -> None:
    content = account_list_csv([listed()], "comptes.csv").content
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\r\n") == content.count(b"\n") == 2


def test_every_row_is_as_wide_as_the_account_with_most_children_needs() -> None:
    rows = cells(account_list_csv([listed(), listed(children=3)], "comptes.csv").content)
    assert rows[0] == headings(children=3)
    assert {len(row) for row in rows} == {len(rows[0])}


def test_dates_states_and_origins_are_written_in_french() -> None:
    [head, row] = cells(account_list_csv([listed()], "comptes.csv").content)
    account = dict(zip(head, row, strict=True))
    assert account["Date de distribution"] == "01/09/2026"
    assert account["État de compte"] == "notifié et non activé"
    assert account["Origine du compte"] == "Établissement"


@pytest.mark.parametrize(
    "name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "|cmd", "%0A", "＝1+1", "'=1"]
)
def test_no_cell_begins_as_a_formula(name: str) -> None:
    for row in cells(account_list_csv([listed(name)], "comptes.csv").content):
        for cell in row:
            assert not cell.lstrip().startswith(tuple("=+-@|%＝＋－＠"))


def test_an_empty_list_has_its_header() -> None:
    assert cells(account_list_csv([], "comptes.csv").content) == [headings(children=0)]


def test_cells_with_delimiters_quotes_and_newlines_stay_one_cell() -> None:
    hostile = 'a;b"c\nd'
    assert cells(csv_document("x.csv", ["h"], [[hostile]]).content) == [["h"], [hostile]]
