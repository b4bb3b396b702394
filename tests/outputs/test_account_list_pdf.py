"""The list of accounts as PDF, read back."""

import io
from datetime import date, datetime
from typing import Any

import pikepdf
import pytest
from pypdf import PdfReader

from dashboard.actions.list_accounts import ListFormat, list_accounts
from dashboard.domain.account import Account, Origin, State
from dashboard.domain.filters import AccountFilter, Sort
from dashboard.domain.people import Guardian, ListedAccount, Student
from dashboard.domain.scope import PeopleScope
from dashboard.outputs.account_list_pdf import account_list_pdf
from dashboard.store.engine import Store
from dashboard.wording.account_columns import LISTING
from tests.outputs.pdf_tree import tree, untrue_parents

NOW = datetime(2026, 9, 28, 14, 30)
A4_LANDSCAPE = (842, 595)


def pdf_of(accounts: list[ListedAccount]) -> PdfReader:
    document = account_list_pdf(accounts, "comptes.pdf", "École de Bèze", "classes : CP A", NOW)
    return PdfReader(io.BytesIO(document.content))


def tagged(accounts: list[ListedAccount]) -> pikepdf.Pdf:
    document = account_list_pdf(accounts, "comptes.pdf", "École de Bèze", "classes : CP A", NOW)
    return pikepdf.open(io.BytesIO(document.content))


def listed(name: str = "ABRICOT", number: int = 0) -> ListedAccount:
    return ListedAccount(
        "0210351T",
        "École de Bèze",
        Guardian("Mme", name, "", "Zoé", "zoe@famille.example", ""),
        (Student(name, "", "Léo", date(2019, 2, 1), "", "CP", "CP A"),),
        Account(f"id-{number:04d}", Origin.SCHOOL, State.NOT_NOTIFIED),
    )


def text_of(pdf: PdfReader) -> str:
    return "\n".join(page.extract_text() for page in pdf.pages)


def test_a_school_is_listed_whole(demo_store: Store) -> None:
    scope = PeopleScope.schools("0210749A")
    document = list_accounts(demo_store, scope, AccountFilter(), Sort(), NOW, ListFormat.PDF)
    pdf = PdfReader(io.BytesIO(document.content))
    text = text_of(pdf)
    identifiers = demo_store.rows(
        "SELECT identifier FROM account WHERE account_id IN "
        "(SELECT account_id FROM link WHERE uai = '0210749A')"
    )
    assert document.filename == "comptes_0210749A_2026-09-28.pdf"
    assert len(identifiers) == 121
    assert all(identifier in text for (identifier,) in identifiers)


def test_every_page_has_its_header_its_columns_and_its_number() -> None:
    pdf = pdf_of([listed(number=number) for number in range(150)])
    pages = len(pdf.pages)
    assert pages > 2
    for number, page in enumerate(pdf.pages, start=1):
        text = page.extract_text()
        assert "150 comptes – classes : CP A – éditée le 28/09/2026 à 14:30" in text
        assert "École de Bèze" in text
        assert f"Page {number}/{pages}" in text
        assert LISTING["identifier"] in text
        assert tuple(round(side) for side in page.mediabox[2:]) == A4_LANDSCAPE


def test_it_says_its_title_and_its_language_and_carries_its_fonts() -> None:
    pdf = pdf_of([listed()])
    assert pdf.metadata is not None
    assert pdf.metadata.title == "Liste des comptes responsables – École de Bèze"
    assert str(pdf.root_object["/Lang"]) == "fr-FR"
    objects: list[Any] = [pdf.get_object(number) for number in range(1, len(pdf.xref[0]) + 1)]
    described = [o for o in objects if isinstance(o, dict) and o.get("/Type") == "/FontDescriptor"]
    assert len(described) == 2
    assert all("/FontFile2" in font for font in described)


def test_an_empty_list_says_so() -> None:
    assert "Aucun compte ne répond à ces filtres." in text_of(pdf_of([]))


@pytest.mark.parametrize(
    "name",
    ["Œillet d’été €", "<b>gras</b>", "**gras**", "=1+1", "X" * 200, "اسم", "שם", "🙂", "a\tb"],
)
def test_any_name_is_printed_and_breaks_nothing(name: str) -> None:
    pdf = pdf_of([listed(name), listed("SUIVANT", number=7)])
    assert "id-0007" in text_of(pdf)


def test_what_stands_in_a_name_is_printed_as_it_is() -> None:
    assert "<B>GRAS</B> Zoé" in text_of(pdf_of([listed("<b>gras</b>")])).replace("\n", " ")


def test_a_character_that_the_font_lacks_leaves_a_sign(caplog: pytest.LogCaptureFixture) -> None:
    text = text_of(pdf_of([listed("中文 ŒUVRE 🦔 a\x07b")]))
    assert "\ufffd\ufffd ŒUVRE \ufffd A\ufffdB Zoé" in text.replace("\n", " ")
    assert "missing" not in caplog.text


def test_it_is_read_as_a_table_whose_headings_are_read_once() -> None:
    pdf = tagged([listed(f"NOM{number}", number) for number in range(60)])
    assert len(pdf.pages) > 1
    kind, [titles, (table, [headings, *rows])] = tree(pdf)
    assert (kind, titles[0], table) == ("Document", "Sect", "Table")
    assert headings == ("TR", [("TH", name) for name in LISTING.values()])
    assert [row[1][2] for row in rows] == [("TD", f"NOM{number} Zoé") for number in range(60)]
    assert untrue_parents(pdf) == []
    assert str(pdf.Root.StructTreeRoot.K[0].K[1].K[0].K[0].A.Scope) == "/Column"
    assert pdf.check_pdf_syntax() == []
