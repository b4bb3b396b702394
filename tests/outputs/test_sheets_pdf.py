"""The sheets as PDF, read back."""

import io
import re
from dataclasses import replace
from datetime import date, datetime
from itertools import combinations

import pikepdf
import pytest
import segno
from pypdf import PdfReader

from dashboard.domain.sheet import Sheet, SheetIssue, SheetLayout
from dashboard.outputs.pdf_drawing import PAGE_HEIGHT, PAGE_WIDTH
from dashboard.outputs.sheets_pdf import sheets_pdf
from tests.outputs.pdf_tree import Box, outline, texts, tree, untrue_parents

NOW = datetime(2026, 9, 28, 14, 30)
ADDRESS = "https://educonnect.example/activation"
ISSUE = SheetIssue("École de Bèze", ADDRESS, "Mme Lefèvre, 03 80 12 34 56")
ZOE = Sheet(
    "Mme Zoé ABRICOT",
    (("ABRICOT Léo", "CP A"), ("ABRICOT Lina", "CE2 B")),
    "8g3m-j61m",
    "abcd-2345-efgh",
    date(2027, 2, 24),
    "CP A",
)
FRANCECONNECT = replace(ZOE, guardian="M. Œillet FÉE", password="", valid_until=None)
HOSTILE = [
    "X" * 200,
    "W" * 40 + " " + "W" * 40,
    "Œillet d’été €",
    "<b>gras</b> **gras** (a\\b)",
    "اسم",
    "שם",
    "🙂 中文",
    "a\tb\x07c\nd\u202e\ud800",
    "",
]
PLACES = {1: (1, 1), 2: (1, 2), 4: (2, 2)}  # across and down


def nothing(_: int) -> None:
    pass


def pdf_of(
    sheets: list[Sheet], per_page: int = 1, class_pages: bool = False, issue: SheetIssue = ISSUE
) -> pikepdf.Pdf:
    layout = SheetLayout(per_page, class_pages)
    document = sheets_pdf(sheets, issue, layout, "feuilles.pdf", NOW, nothing)
    assert (document.filename, document.media_type) == ("feuilles.pdf", "application/pdf")
    return pikepdf.open(io.BytesIO(document.content))


def text_of(pdf: pikepdf.Pdf) -> str:
    file = io.BytesIO()
    pdf.save(file)
    return "\n".join(page.extract_text() for page in PdfReader(file).pages)


def numbered(count: int, class_label: str = "CP A") -> list[Sheet]:
    return [
        replace(
            ZOE,
            guardian=f"Mme NUMÉRO {number}",
            identifier=f"8g3m-{number:04d}",
            password=f"abcd-{number:04d}-efgh",
            class_label=class_label,
        )
        for number in range(count)
    ]


@pytest.mark.parametrize("per_page", PLACES)
def test_every_identifier_and_password_is_read_as_it_is(per_page: int) -> None:
    sheets = numbered(5)
    pdf = pdf_of(sheets, per_page)
    text = text_of(pdf)
    assert len(pdf.pages) == -(-5 // per_page)
    assert re.findall(r"Identifiant\s+(\S+)", text) == [sheet.identifier for sheet in sheets]
    assert re.findall(r"Mot de passe provisoire\s+(\S+)", text) == [s.password for s in sheets]
    assert text.count("valable jusqu'au 24/02/2027") == 5
    assert text.count(ADDRESS) == 5
    assert {tuple(map(round, page.mediabox[2:])) for page in pdf.pages} == {(595, 842)}


@pytest.mark.parametrize("per_page", PLACES)
def test_a_sheet_is_tagged_in_the_order_in_which_it_is_read(per_page: int) -> None:
    pdf = pdf_of([ZOE, FRANCECONNECT], per_page)
    kind, sheets = tree(pdf)
    assert kind == "Document"
    assert len(sheets) == 2
    assert sheets[0] == (
        "Sect",
        [
            ("P", "École de Bèze"),
            ("P", "CP A"),
            ("H1", "Compte EduConnect de Mme Zoé ABRICOT"),
            ("P", "pour suivre la scolarité de"),
            (
                "L",
                [
                    ("LI", [("LBody", "ABRICOT Léo – CP A")]),
                    ("LI", [("LBody", "ABRICOT Lina – CE2 B")]),
                ],
            ),
            ("P", "Identifiant 8g3m-j61m"),
            ("P", "Mot de passe provisoire abcd-2345-efgh"),
            ("P", "valable jusqu'au 24/02/2027"),
            ("H2", "Comment activer votre compte"),
            (
                "L",
                [
                    ("LI", [("Lbl", str(number)), ("LBody", text)])
                    for number, text in enumerate(
                        [
                            "Ouvrez cette page, avec le code QR ou en recopiant son adresse : "
                            f"{ADDRESS}",
                            "Saisissez l'identifiant et le mot de passe provisoire ci-dessus.",
                            "Choisissez votre propre mot de passe, puis confirmez votre adresse "
                            "e-mail par le lien que vous recevez.",
                        ],
                        start=1,
                    )
                ],
            ),
            ("Figure", f"Code QR de la page {ADDRESS}"),
            (
                "P",
                "Ce mot de passe est personnel : ne le donnez à personne, pas même à votre enfant.",
            ),
            ("P", "Une question ? Mme Lefèvre, 03 80 12 34 56"),
        ],
    )


@pytest.mark.parametrize("per_page", PLACES)
def test_what_is_read_goes_down_the_sheet_and_nothing_is_left_out(per_page: int) -> None:
    pdf = pdf_of([ZOE], per_page)
    assert untrue_parents(pdf) == []
    read = list(texts(pdf.pages[0]))
    assert [mark for mark, _ in read if mark is None] == []
    left = [box for _, box in read if box.left < 60]
    assert len(left) > 8
    assert [box.bottom for box in left] == sorted((box.bottom for box in left), reverse=True)


def test_the_file_is_sound_and_says_its_language_and_title() -> None:
    pdf = pdf_of([ZOE, FRANCECONNECT], per_page=2, class_pages=True)
    assert pdf.check_pdf_syntax() == []
    assert str(pdf.Root.Lang) == "fr-FR"
    assert str(pdf.docinfo.Title) == "Feuilles de connexion EduConnect – École de Bèze"
    assert pdf.Root.ViewerPreferences.DisplayDocTitle == True  # noqa: E712  # PDF's own
    assert pdf.Root.MarkInfo.Marked == True  # noqa: E712  # PDF's own


def test_without_a_password_the_sheet_leads_to_franceconnect() -> None:
    text = text_of(pdf_of([FRANCECONNECT])).replace("\n", " ")
    assert "Identifiant  8g3m-j61m" in text
    assert "Connexion  avec FranceConnect" in text
    assert "S'identifier avec FranceConnect" in text
    assert "provisoire" not in text
    assert "valable" not in text


@pytest.mark.parametrize("per_page", PLACES)
def test_no_text_leaves_its_sheet_or_meets_another(per_page: int) -> None:
    sheets = [
        Sheet(name, ((name, "CP A"), ("LÉO", name)) * 6, "8g3m-j61m", password, date.max, name)
        for name in HOSTILE
        for password in ("abcd-2345-efgh", "")
    ]
    long = SheetIssue("École " + "W" * 150, f"https://{'w' * 150}.example", "Question " * 60)
    boxes = sheet_boxes(pdf_of(sheets, per_page, issue=long), per_page)
    assert len(boxes) == len(sheets)
    for (across, down), found in boxes:
        assert len(found) > 20
        for box in found:
            assert box.left >= across + 20
            assert box.right <= across + points(PAGE_WIDTH) / PLACES[per_page][0] - 20
            assert box.bottom >= down + 10
            assert box.top <= down + points(PAGE_HEIGHT) / PLACES[per_page][1] - 20
        meeting = [(a, b) for a, b in combinations(found, 2) if a.meets(b)]
        assert meeting == []


def points(millimetres: float) -> float:
    return millimetres * 72 / 25.4


def sheet_boxes(pdf: pikepdf.Pdf, per_page: int) -> list[tuple[tuple[float, float], list[Box]]]:
    """Each sheet's corner, and what stands on it: its texts and its figure."""
    width, height = (points(PAGE_WIDTH), points(PAGE_HEIGHT))
    found: dict[tuple[int, float, float], list[Box]] = {}
    for number, page in enumerate(pdf.pages):
        figures = [
            Box("", *map(float, element.A.BBox))
            for element in pdf.Root.StructTreeRoot.ParentTree.Nums[2 * number + 1]
            if element.S == "/Figure"
        ]
        for box in figures + [box for _, box in texts(page) if box.text]:
            across = width / PLACES[per_page][0]
            down = height / PLACES[per_page][1]
            corner = (box.left // across * across, box.bottom // down * down)
            found.setdefault((number, *corner), []).append(box)
    return [(key[1:], boxes) for key, boxes in found.items()]


def test_what_is_too_long_is_shortened_or_counted() -> None:
    children = tuple((f"ENFANT {number}", "CP A") for number in range(12))
    sheet = replace(ZOE, guardian="M. " + "X" * 200, children=children)
    text = text_of(pdf_of([sheet]))
    assert "M. XXXXXXXXXX" in text
    assert "XX…" in text
    assert "ENFANT 6 – CP A" in text
    assert "ENFANT 7" not in text
    assert "et 5 autres enfants" in text


def test_a_character_that_the_fonts_lack_leaves_a_sign(caplog: pytest.LogCaptureFixture) -> None:
    text = text_of(pdf_of([replace(ZOE, guardian="中文 a\x07b", children=(("🙂 Léo", "\n"),))]))
    assert "\ufffd\ufffd a\ufffdb" in text
    assert "\ufffd Léo – \ufffd" in text
    assert "missing" not in caplog.text


def test_each_class_has_its_page_its_bookmark_and_pages_of_its_own() -> None:
    sheets = [*numbered(3), *numbered(2, "Classe 7")]
    pdf = pdf_of(sheets, per_page=2, class_pages=True)
    assert outline(pdf) == [
        ("Classe CP A", 1, [(f"Mme NUMÉRO {n}", 2 + n // 2, []) for n in range(3)]),
        ("Classe 7", 4, [(f"Mme NUMÉRO {n}", 5, []) for n in range(2)]),
    ]
    _, sections = tree(pdf)
    assert sections[0] == (
        "Sect",
        [
            ("P", "École de Bèze"),
            ("H1", "Classe CP A"),
            ("P", "3 feuilles à remettre – 28/09/2026"),
        ],
    )
    assert untrue_parents(pdf) == []


def test_without_class_pages_a_class_is_marked_at_its_first_sheet() -> None:
    pdf = pdf_of([*numbered(3), *numbered(2, "")], per_page=4)
    assert len(pdf.pages) == 2
    assert outline(pdf) == [
        ("Classe CP A", 1, [(f"Mme NUMÉRO {n}", 1, []) for n in range(3)]),
        ("Sans classe", 1, [("Mme NUMÉRO 0", 1, []), ("Mme NUMÉRO 1", 2, [])]),
    ]


def test_the_code_is_drawn_once_and_is_that_of_the_address() -> None:
    pdf = pdf_of(numbered(5))
    pictures = {page.Resources.XObject.I1.objgen for page in pdf.pages}
    assert len(pictures) == 1
    picture = pdf.get_object(pictures.pop())
    assert isinstance(picture, pikepdf.Stream)
    image = pikepdf.PdfImage(picture).as_pil_image().convert("1")
    matrix = segno.make_qr(ADDRESS, error="m").matrix
    side = image.width // len(matrix)
    assert image.size == (side * len(matrix),) * 2
    drawn = [
        [not image.getpixel((side * x + side // 2, side * y + side // 2)) for x in range(len(row))]
        for y, row in enumerate(matrix)
    ]
    assert drawn == [[bool(square) for square in row] for row in matrix]


def test_no_sheets_make_a_page_that_says_so() -> None:
    pdf = pdf_of([], class_pages=True)
    assert len(pdf.pages) == 1
    assert "Il n'y a aucun compte à remettre sur papier." in text_of(pdf)


def test_progress_is_told_after_each_sheet() -> None:
    told: list[int] = []
    sheets_pdf(numbered(5), ISSUE, SheetLayout(2), "f.pdf", NOW, told.append)
    assert told == [1, 2, 3, 4, 5]


def test_what_progress_raises_stops_the_printing() -> None:
    told: list[int] = []

    def stop(ready: int) -> None:
        told.append(ready)
        if ready == 2:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        sheets_pdf(numbered(5), ISSUE, SheetLayout(), "f.pdf", NOW, stop)
    assert told == [1, 2]
