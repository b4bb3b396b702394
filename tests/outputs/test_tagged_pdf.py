"""The tree of tags that is written through what fpdf2 does not promise to keep."""

import io
from collections.abc import Iterator
from datetime import datetime
from importlib.metadata import version

import pikepdf
import pytest

from dashboard.domain.errors import Refused
from dashboard.outputs.pdf_drawing import FAMILY, Typeface, add_fonts
from dashboard.outputs.tagged_pdf import NUMBERED_LIST, TaggedPdf, check
from tests.outputs.pdf_tree import tree, untrue_parents

NOW = datetime(2026, 9, 28, 14, 30)
BLACK = "0 0 0"


def new_pdf() -> TaggedPdf:
    pdf = TaggedPdf("Titre", NOW)
    add_fonts(pdf)
    pdf.set_font(FAMILY, "", 10)
    pdf.add_page()
    return pdf


def read(pdf: TaggedPdf) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(pdf.content()))


def test_elements_nest_and_keep_their_pages() -> None:
    pdf = new_pdf()
    ink = Typeface(pdf).ink("texte", 10, 20, 20, BLACK)
    for _ in range(3):
        section = pdf.group("Sect")
        pdf.decorate(ink)
        items = pdf.group("L", section, NUMBERED_LIST)
        pdf.mark("LBody", pdf.group("LI", items), ink)
        pdf.add_page()
        pdf.mark("P", section, ink)
    written = read(pdf)
    section_read = ("Sect", [("L", [("LI", [("LBody", "texte")])]), ("P", "texte")])
    assert written.check_pdf_syntax() == []
    assert tree(written) == ("Document", [section_read] * 3)
    assert untrue_parents(written) == []
    assert str(written.Root.StructTreeRoot.K[0].K[0].K[0].A.ListNumbering) == "/Decimal"


@pytest.fixture
def checked_anew() -> Iterator[None]:
    check.cache_clear()
    yield
    check.cache_clear()


@pytest.mark.usefixtures("checked_anew")
def test_what_has_moved_in_fpdf2_is_named_with_the_version(monkeypatch: pytest.MonkeyPatch) -> None:
    check()
    check.cache_clear()
    monkeypatch.delattr("fpdf.FPDF._out")
    with pytest.raises(Refused) as refusal:
        check()
    [reason] = refusal.value.reasons
    assert f"fpdf2 {version('fpdf2')} : introuvable dans cette version, FPDF._out" in reason
