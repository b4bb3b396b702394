"""Names in scripts that join their letters, run from right to left, or that the fonts lack."""

import io
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import cast

import pikepdf
import pytest
from fpdf.fonts import TTFFont
from pypdf import PdfReader

from dashboard.domain.account import Account, Origin, State
from dashboard.domain.document import Document
from dashboard.domain.people import Guardian, ListedAccount, Student
from dashboard.domain.sheet import Sheet, SheetIssue, SheetLayout
from dashboard.outputs.account_list_pdf import account_list_pdf
from dashboard.outputs.pdf_drawing import Typeface, add_fonts, apart, needs_shaping
from dashboard.outputs.sheets_pdf import sheets_pdf
from dashboard.outputs.tagged_pdf import TaggedPdf
from tests.outputs.pdf_tree import Node, tree, untrue_parents

Glyphs = Callable[[str], list[str]]
NOW = datetime(2026, 9, 28, 14, 30)
ISSUE = SheetIssue("École des Lilas", "https://ecole.example/activation", "Mme Prune")
ARABIC, HEBREW, GEORGIAN = ("حداد", "سلمى"), ("ברקוביץ", "תמר"), ("ჯაფარიძე", "ელენე")
NAMES = [ARABIC, HEBREW, GEORGIAN, ("SERGUEÏEVA", "Сергеева"), ("ΠΑΠΠΑ", "Ελένη")]


def listed(name: tuple[str, str], number: int = 0) -> ListedAccount:
    child = Student(name[0], "", name[1], date(2019, 2, 1), "", "CE1", "CE1 2")
    facts = Account(f"id-{number}", Origin.SCHOOL, State.NOT_NOTIFIED)
    return ListedAccount(
        "0210351T", "École", Guardian("Mme", name[0], "", name[1], "", ""), (child,), facts, number
    )


def list_of(*names: tuple[str, str]) -> Document:
    accounts = [listed(name, number) for number, name in enumerate(names)]
    return account_list_pdf(accounts, "comptes.pdf", "École", "tous", NOW)


def sheets_of(*names: tuple[str, str]) -> Document:
    sheets = [
        Sheet(
            f"Mme {one.guardian.full_name}",
            tuple((child.full_name, child.class_label) for child in one.students),
            one.account.identifier,
            "abcd-2345-efgh",
            date(2027, 2, 24),
            "CE1 2",
        )
        for one in (listed(name, number) for number, name in enumerate(names))
    ]
    return sheets_pdf(sheets, ISSUE, SheetLayout(2, False), "feuilles.pdf", NOW, lambda _: None)


def opened(document: Document) -> pikepdf.Pdf:
    pdf = pikepdf.open(io.BytesIO(document.content))
    assert pdf.check_pdf_syntax() == []
    assert untrue_parents(pdf) == []
    return pdf


def leaves(node: Node, kind: str) -> list[str]:
    """The texts of the elements of a kind, as they are read."""
    found, within = node
    if isinstance(within, str):
        return [within] if found == kind else []
    return [text for part in within for text in leaves(part, kind)]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_read_as_it_is_written(name: tuple[str, str]) -> None:
    shown = listed(name).guardian.full_name
    assert leaves(tree(opened(sheets_of(name))), "H1") == [f"Compte EduConnect de Mme {shown}"]
    assert leaves(tree(opened(list_of(name))), "TD")[2] == shown
    text = PdfReader(io.BytesIO(list_of(name).content)).pages[0].extract_text()
    assert all(word in text for word in shown.split())


@pytest.mark.parametrize("name", [ARABIC, HEBREW])
def test_a_name_from_right_to_left_is_found_by_those_who_copy_it(
    name: tuple[str, str], tmp_path: Path
) -> None:
    program = shutil.which("pdftotext")
    if program is None:
        pytest.skip("poppler is not installed")
    (tmp_path / "a.pdf").write_bytes(sheets_of(name).content)
    ran = subprocess.run([program, tmp_path / "a.pdf", "-"], capture_output=True, check=True)
    assert " ".join(name) in ran.stdout.decode()


@pytest.fixture(scope="module")
def pdf() -> Iterator[TaggedPdf]:
    made = TaggedPdf("Titre", NOW)
    add_fonts(made)
    yield made
    made.close_fonts()


@pytest.fixture
def face(pdf: TaggedPdf) -> Typeface:
    return Typeface(pdf)


@pytest.fixture
def glyphs(pdf: TaggedPdf) -> Glyphs:
    """The names of the glyphs that a text is drawn by, from left to right."""
    font = cast(TTFFont, pdf.fonts["dejavu"])

    def drawn(text: str) -> list[str]:
        holder = pikepdf.new()
        operators = pikepdf.Stream(holder, Typeface(pdf).ink(text, 10, 0, 0, "0 0 0"))
        names = {code: glyph.glyph_name for glyph, code in font.subset.items() if glyph}
        shown = [
            bytes(step.operands[0])
            for step in pikepdf.parse_content_stream(operators)
            if str(step.operator) == "Tj"
        ]
        codes = [raw[at : at + 2] for raw in shown for at in range(0, len(raw), 2)]
        found = [names[int.from_bytes(code)] for code in codes]
        return [name for name in found if name != "space"]

    return drawn


def test_arabic_letters_take_the_forms_that_join_and_run_from_right_to_left(glyphs: Glyphs) -> None:
    initial, medial, final = "uniFEB3", "uniFEE4", "uniFEF0"
    drawn = glyphs("سمى")  # seen, meem, alef maksura
    assert drawn == [final, medial, initial]


def test_hebrew_runs_from_right_to_left_and_numbers_within_do_not(
    glyphs: Glyphs,
) -> None:
    assert glyphs("אב 12") == ["one", "two", "uni05D1", "uni05D0"]


@pytest.mark.parametrize("text", ["Zoé ŒILLET", "Сергеева", "Ελένη", "ელენე", "Dvořák – 1"])
def test_what_need_not_be_shaped_is_not(text: str) -> None:
    assert not needs_shaping(text)


def test_what_follows_a_name_on_its_line_stands_to_its_right(glyphs: Glyphs) -> None:
    assert glyphs(f"{apart('אב')} – 1")[:2] == ["uni05D1", "uni05D0"]
    assert apart("Zoé") == "Zoé"


@pytest.mark.parametrize("text", ["سلمى حداد " * 9, "ברקוביץ תמר " * 9, "Zoé سلمى " * 9])
def test_shaped_text_is_shortened_and_wrapped_to_its_width(face: Typeface, text: str) -> None:
    text = text.strip()
    assert 0 < face.width(text[:4], 10) < face.width(text, 10)
    short = face.shortened(text, 10, 40)
    assert "…" in short
    assert face.width(short, 10) <= 40
    lines = face.wrapped(text, 10, 40, 99)
    assert " ".join(lines) == text
    assert all(face.width(line, 10) <= 40 for line in lines)


def test_an_ellipsis_ends_a_name_where_it_is_left_off(face: Typeface, glyphs: Glyphs) -> None:
    assert glyphs(face.shortened("אבגדהוזחטיכלמ", 10, 15))[0] == "ellipsis"
    assert glyphs(face.shortened("abcdefghijklmn", 10, 15))[-1] == "ellipsis"


@pytest.mark.parametrize("document", [list_of, sheets_of])
def test_who_cannot_be_printed_is_told_by_identifier(
    document: Callable[..., Document],
) -> None:
    made = document(ARABIC, ("山田", "Aoi"), GEORGIAN, ("Puig", "देव"))
    assert made.unprinted == {"id-1": "山田", "id-3": "दवे"}
    said = made.warnings()
    assert said[0] == "id-1 : la police n'a pas de quoi imprimer : 山 U+5C71, 田 U+7530"


def test_the_list_names_below_it_whom_it_lacks_characters_of() -> None:
    [*_, last] = leaves(tree(opened(list_of(("山田", "Aoi")))), "P")
    assert last.startswith("id-0 : la police n'a pas de quoi imprimer : ")
    assert "U+5C71" in last
    assert "U+" not in str(tree(opened(list_of(("Puig", "Aoi")))))


def test_a_letter_that_the_font_lacks_is_printed_by_what_is_as_good(face: Typeface) -> None:
    assert face.printable("\u1c94\u1c9a") == "\u10d4\u10da"  # capitals of Georgian
    assert face.printable("\uff21\uff22") == "AB"  # full width
    assert face.lacked == set()
    assert face.printable("a\u5c71") == "a\ufffd"
    assert face.lacked == {"\u5c71"}
