"""Briefs of districts as PDF, read back."""

import io
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import combinations

import pikepdf
import pytest
from pypdf import PdfReader

from dashboard.domain.account import State
from dashboard.domain.brief import SCHOOL_COLUMNS, Bar, Brief, Card, Course, Curve
from dashboard.domain.document import Document
from dashboard.domain.figure import HIDDEN, KnownShare
from dashboard.outputs.brief_charts import Frame, course_chart
from dashboard.outputs.brief_pdf import briefs_pdf
from dashboard.outputs.pdf_drawing import PAGE_HEIGHT, PAGE_WIDTH, Faces, add_fonts
from dashboard.outputs.tagged_pdf import TaggedPdf
from dashboard.wording.school_columns import SCHOOL_FIGURES
from tests.outputs.pdf_tree import outline, texts, tree, untrue_parents

TODAY = date(2026, 11, 24)
SINCE = date(2026, 9, 1)
HOSTILE = [
    "X" * 200,
    "W" * 40 + " " + "W" * 40,
    "Œillet d’été €",
    "<b>gras</b> **gras** (a\\b)",
    "اسم שם",
    "🙂 中文",
    "a\tb\x07c\nd\u202e\ud800",
    "",
]
SHARES = tuple(20 + day / 5 for day in range(85))
BRIEF = Brief(
    title="Circonscription Dijon Est",
    within="Département 21 · Académie de Dijon",
    day=TODAY,
    lead="36,8 % des 1 000 comptes sont activés.",
    cards=tuple(
        Card(f"Carte {place}", f"{place} 000", (f"note {place}", f"autre {place}"))
        for place in range(8)
    ),
    states=tuple(
        (state, Bar(f"Part {place}", f"{place}0", f"{place} %", 25.0))
        for place, state in enumerate(State)
    ),
    funnel=(Bar("Comptes", "1 000", "100 %", 100.0), Bar("Activés", "368", "36,8 %", 36.8)),
    funnel_text="On perd le plus ici : là.",
    course=Course(SINCE, TODAY, (Curve("Dijon Est", SHARES), Curve("Département 21", SHARES))),
    course_text="De 20 % à 36,8 %.",
    spread=tuple((f"{least} à {least + 10}", least % 30) for least in range(0, 100, 10)),
    spread_text="La moitié est au-dessous.",
    schools=(("École de Bèze", "0210351T", "12 %", "120", "n. c.", "30", "23/11/2026"),),
    school_count=45,
    publication="« n. c. » : non communiqué.",
)


def document_of(*briefs: Brief) -> Document:
    return briefs_pdf(briefs, "Fiche – Dijon Est", "fiche.pdf")


def pdf_of(*briefs: Brief) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(document_of(*briefs).content))


def text_of(*briefs: Brief) -> str:
    pages = PdfReader(io.BytesIO(document_of(*briefs).content)).pages
    return "\n".join(page.extract_text() for page in pages)


def hostile(name: str) -> Brief:
    """A page whose names are all of this one, with as much on it as there can be."""
    row = (name, "0210351T", "100 %", "123 456", "123 456", "123 456", "23/11/2026")
    card = Card(f"Carte {name}", "123 456", (name, name, name))
    return replace(
        BRIEF,
        title=f"Circonscription {name}",
        within=name,
        lead=f"{BRIEF.lead} {name} {BRIEF.lead}",
        cards=(card,) * 8,
        course=replace(BRIEF.course, curves=(Curve(name, SHARES), Curve(name, SHARES))),
        course_text=f"{name} : {name}",
        schools=(row,) * 10,
    )


def test_a_page_is_tagged_in_the_order_in_which_it_is_read() -> None:
    kind, [(section, parts)] = tree(pdf_of(BRIEF))
    assert (kind, section) == ("Document", "Sect")
    headings = ["Établissement", "UAI", *(SCHOOL_FIGURES[name] for name in SCHOOL_COLUMNS)]
    [school] = BRIEF.schools
    read = [part for part in parts if part[0] != "P"]
    assert read == [
        ("H1", "Circonscription Dijon Est"),
        (
            "L",
            [("LI", [("LBody", f"Carte {n} {n} 000 note {n} autre {n}")]) for n in range(8)],
        ),
        ("H2", "Les comptes dans chaque état"),
        (
            "Figure",
            "Barre : part 0 00 (0 %) ; part 1 10 (1 %) ; part 2 20 (2 %) ; part 3 30 (3 %).",
        ),
        ("L", [("LI", [("LBody", f"Part {n} {n} %")]) for n in range(4)]),
        ("H2", "Du compte remis au compte activé"),
        (
            "Figure",
            "Barres, de plus en plus courtes : comptes 1 000 (100 %) ; activés 368 (36,8 %).",
        ),
        ("H2", "Part de comptes activés (%)"),
        ("Figure", "Courbe : De 20 % à 36,8 %."),
        ("H2", "Établissements selon leur part"),
        (
            "Figure",
            "Histogramme du nombre d'établissements : de 10 à 20 % : 10 ; de 20 à 30 % : 20 ; "
            "de 40 à 50 % : 10 ; de 50 à 60 % : 20 ; de 70 à 80 % : 10 ; de 80 à 90 % : 20.",
        ),
        ("H2", "Les établissements à aider d'abord"),
        (
            "Table",
            [
                ("TR", [("TH", heading) for heading in headings]),
                ("TR", [("TH", school[0]), *(("TD", cell) for cell in school[1:])]),
            ],
        ),
    ]
    said = [text.replace("\u00a0", " ") for kind, text in parts if kind == "P"]
    assert said[:3] == [BRIEF.within, "Chiffres du 24/11/2026", BRIEF.lead]
    assert {BRIEF.funnel_text, BRIEF.course_text, BRIEF.spread_text} < set(said)
    assert "1 sur 45, du moins activé au plus activé" in said
    assert said[-2] == BRIEF.publication


def test_headings_of_rows_and_of_columns_are_told_apart() -> None:
    pdf = pdf_of(BRIEF)
    [table] = [part for part in pdf.Root.StructTreeRoot.K[0].K[0].K if part.S == "/Table"]
    scopes = [[str(cell.A.Scope) for cell in row.K if cell.S == "/TH"] for row in table.K]
    assert scopes == [["/Column"] * 7, ["/Row"]]


def test_every_figure_stands_within_the_page() -> None:
    pdf = pdf_of(BRIEF)
    section = pdf.Root.StructTreeRoot.K[0].K[0]
    boxes = [list(map(float, part.A.BBox)) for part in section.K if part.S == "/Figure"]
    assert len(boxes) == 4
    for left, bottom, right, top in boxes:
        assert 0 < left < right < points(PAGE_WIDTH)
        assert 0 < bottom < top < points(PAGE_HEIGHT)


def test_the_file_is_sound_and_says_its_language_and_title() -> None:
    pdf = pdf_of(BRIEF, BRIEF)
    assert pdf.check_pdf_syntax() == []
    assert untrue_parents(pdf) == []
    assert str(pdf.Root.Lang) == "fr-FR"
    assert str(pdf.docinfo.Title) == "Fiche – Dijon Est"
    assert pdf.Root.MarkInfo.Marked == True  # noqa: E712  # PDF's own


def test_each_district_has_its_page_its_number_and_its_bookmark() -> None:
    briefs = [replace(BRIEF, title=f"Circonscription {number}") for number in range(1, 4)]
    pdf = pdf_of(*briefs)
    assert outline(pdf) == [(brief.title, n, []) for n, brief in enumerate(briefs, start=1)]
    assert "Page 2/3" in text_of(*briefs)
    assert "Page" not in text_of(BRIEF)


def points(millimetres: float) -> float:
    return millimetres * 72 / 25.4


@pytest.mark.parametrize("name", HOSTILE)
def test_no_text_leaves_its_page_or_meets_another(name: str) -> None:
    pdf = pdf_of(hostile(name))
    assert pdf.check_pdf_syntax() == []
    [page] = pdf.pages
    boxes = [box for _, box in texts(page) if box.text.strip()]
    assert len(boxes) > 120
    for box in boxes:
        assert box.left >= points(10)
        assert box.right <= points(PAGE_WIDTH - 10)
        assert box.bottom >= points(5)
        assert box.top <= points(PAGE_HEIGHT - 5)
    assert [(a, b) for a, b in combinations(boxes, 2) if a.meets(b)] == []


def test_what_stands_in_a_name_is_printed_as_it_is() -> None:
    text = text_of(hostile("<b>gras</b> 中\x07文"))
    assert "<b>gras</b> \ufffd\ufffd\ufffd" in text


def test_a_district_without_accounts_says_so() -> None:
    empty = replace(BRIEF, states=(), schools=(), school_count=0, spread=(("0 à 10", 0),))
    text = text_of(replace(empty, course=Course(TODAY, TODAY, (Curve("x", (HIDDEN,)),))))
    assert "Aucun compte à représenter." in text
    assert "Aucun établissement n'a encore de comptes." in text


def curve_of(*shares: KnownShare, days: int | None = None) -> str:
    """The operators of a chart of one curve over its days, or over so many."""
    until = SINCE + timedelta(days=(days or len(shares)) - 1)
    pdf = TaggedPdf("x", datetime(2026, 11, 24))
    add_fonts(pdf)
    try:
        frame = Frame(20, 20, 60, 40)
        course = Course(SINCE, until, (Curve("x", shares),))
        return course_chart(frame, course, Faces(pdf)).decode("latin-1")
    finally:
        pdf.close_fonts()


def thick_lines(operators: str) -> list[str]:
    """The curve itself, without the sample of its line in the legend."""
    return [line for line in operators.splitlines() if line.startswith("q 1.98 w")][1:]


def test_a_curve_has_a_gap_where_its_share_is_hidden() -> None:
    assert len(thick_lines(curve_of(10.0, 20.0, 30.0))) == 1
    assert len(thick_lines(curve_of(10.0, HIDDEN, 20.0, 30.0))) == 2
    assert len(thick_lines(curve_of(HIDDEN, HIDDEN))) == 0


def test_a_year_names_few_enough_months_for_them_not_to_meet() -> None:
    whole_year = replace(BRIEF, course=Course(SINCE, SINCE + timedelta(days=364), ()))
    labels = [line for line in text_of(whole_year).split() if line[-3:] in ("/09", "/12", "/03")]
    assert labels == ["01/09", "01/12", "01/03"]
