"""The list of accounts as an A4 landscape PDF, to print and keep at hand."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime
from typing import NamedTuple

from dashboard.domain.document import Document, unprinted_text
from dashboard.domain.french import plural
from dashboard.domain.people import ListedAccount
from dashboard.outputs.pdf_drawing import (
    PAGE_HEIGHT,
    PAGE_WIDTH,
    Faces,
    Typeface,
    add_fonts,
    bar,
    rule,
    said,
)
from dashboard.outputs.tagged_pdf import COLUMN_HEADING, Element, TaggedPdf
from dashboard.wording.account_columns import LISTING, account_cells

# Millimetres; heights are counted from the top of an upright page, those of text to its base line.
_WIDTHS = (45, 34, 40, 21, 50, 24, 27, 18, 18)
_LEFT, _WIDTH = 10.0, float(sum(_WIDTHS))
_TOP = PAGE_HEIGHT - PAGE_WIDTH + 10
_BOTTOM, _NUMBER = PAGE_HEIGHT - 14, PAGE_HEIGHT - 7.5
_PAD, _LINE = 0.8, 3.6
_BASE = 2.7  # of a line of the table, below its top
_TITLE, _SUBTITLE, _BODY = 12.0, 8.0, 7.0
_TITLE_LINE, _SUBTITLE_LINE = 6.0, 4.5
_INK, _RULE, _GROUND = "0 0 0", "0.627 0.667 0.714", "0.886 0.91 0.941"
_MOST_LINES = 36  # of a row: of a page
_MOST_TITLE_LINES = 3

_Cells = list[list[str]]


class _Row(NamedTuple):
    """An account's cells, each in its lines; or a text as wide as the page."""

    cells: _Cells

    @property
    def height(self) -> float:
        return max(len(lines) for lines in self.cells) * _LINE + 2 * _PAD


def account_list_pdf(
    accounts: Sequence[ListedAccount],
    filename: str,
    school: str,
    conditions: str,
    made_at: datetime,
) -> Document:
    """The list of accounts with the school, the filters and the date on top of every page.

    Below the last are named those of whom it lacks characters.
    """
    printed = _List(
        f"Liste des comptes responsables – {school}",
        f"{plural(len(accounts), 'compte')} – {conditions} – éditée le {made_at:%d/%m/%Y à %H:%M}",
        made_at,
    )
    with closing(printed):
        unprinted = printed.draw(accounts)
        return Document(filename, "application/pdf", printed.content(), unprinted)


class _List:
    """A document whose every page says what it lists, when, and how many pages there are."""

    def __init__(self, title: str, subtitle: str, made_at: datetime) -> None:
        self._pdf = TaggedPdf(title, made_at, orientation="landscape")
        self._pdf.set_auto_page_break(False)
        add_fonts(self._pdf)
        self._faces = faces = Faces(self._pdf)
        self._title = faces.bold.wrapped(
            faces.bold.printable(title), _TITLE, _WIDTH, _MOST_TITLE_LINES
        )
        self._subtitle = faces.regular.wrapped(
            faces.regular.printable(subtitle), _SUBTITLE, _WIDTH, _MOST_TITLE_LINES
        )
        self._headings = self._row(list(LISTING.values()), faces.bold)
        self._table: Element | None = None

    def content(self) -> bytes:
        return self._pdf.content()

    def close(self) -> None:
        self._pdf.close_fonts()

    def draw(self, accounts: Sequence[ListedAccount]) -> dict[str, str]:
        """Draw all pages; the characters that could not be printed, by identifier."""
        self._faces.take_lacked()
        unprinted: dict[str, str] = {}
        rows: list[_Row] = []
        for account in accounts:
            rows.append(self._row(account_cells(account), self._faces.regular))
            if signs := self._faces.take_lacked():
                unprinted[account.account.identifier] = signs
        notes = [f"{who} : {unprinted_text(signs)}" for who, signs in unprinted.items()]
        if not accounts:
            notes = ["Aucun compte ne répond à ces filtres."]
        rows += [_Row([self._lines(note, self._faces.regular, _WIDTH)]) for note in notes]
        pages = list(self._pages(rows))
        for number, page in enumerate(pages, start=1):
            self._draw_page(page, number, len(pages))
        return unprinted

    def _row(self, texts: Sequence[str], face: Typeface) -> _Row:
        cells = zip(texts, _WIDTHS, strict=True)
        return _Row([self._lines(text, face, width) for text, width in cells])

    def _lines(self, text: str, face: Typeface, width: float) -> list[str]:
        return face.wrapped(face.printable(text), _BODY, width - 2 * _PAD, _MOST_LINES)

    def _pages(self, rows: Sequence[_Row]) -> Iterator[list[_Row]]:
        """The rows of each page."""
        room = _BOTTOM - self._table_top - self._headings.height
        page: list[_Row] = []
        left = room
        for row in rows:
            if row.height > left and page:
                yield page
                page, left = [], room
            page.append(row)
            left -= row.height
        yield page

    @property
    def _table_top(self) -> float:
        titles = len(self._title) * _TITLE_LINE + len(self._subtitle) * _SUBTITLE_LINE
        return _TOP + titles + 2

    def _draw_page(self, rows: Sequence[_Row], number: int, count: int) -> None:
        self._pdf.add_page()
        self._draw_titles(number == 1)
        y = self._table_top
        self._pdf.decorate(bar(_LEFT, y, _WIDTH, self._headings.height, _GROUND))
        self._draw_row(self._headings, y, "TH", is_read=number == 1)
        y += self._headings.height
        for row in rows:
            self._draw_row(row, y, "TD")
            y += row.height
        face, said = self._faces.regular, f"Page {number}/{count}"
        x = _LEFT + _WIDTH - face.width(said, _SUBTITLE)
        self._pdf.decorate(face.ink(said, _SUBTITLE, x, _NUMBER, _INK))

    def _draw_titles(self, is_read: bool) -> None:
        """What the page lists, which is read once and seen on each."""
        faces, top = self._faces, _TOP + len(self._title) * _TITLE_LINE
        title = _ink(faces.bold, self._title, _TITLE, (_LEFT, _TOP + 4.5), _TITLE_LINE)
        below = _ink(faces.regular, self._subtitle, _SUBTITLE, (_LEFT, top + 3.3), _SUBTITLE_LINE)
        if not is_read:
            self._pdf.decorate(title + below)
            return
        section = self._pdf.group("Sect")
        self._pdf.mark("H1", section, title, said(" ".join(self._title)))
        self._pdf.mark("P", section, below, said(" ".join(self._subtitle)))

    def _draw_row(self, row: _Row, y: float, kind: str, is_read: bool = True) -> None:
        face = self._faces.bold if kind == "TH" else self._faces.regular
        x, inks = _LEFT + _PAD, list[bytes]()
        for lines, width in zip(row.cells, _WIDTHS, strict=False):
            inks.append(_ink(face, lines, _BODY, (x, y + _PAD + _BASE), _LINE))
            x += width
        below = y + row.height
        self._pdf.decorate(rule((_LEFT, below), (_LEFT + _WIDTH, below), 0.15, _RULE))
        if not is_read:
            self._pdf.decorate(b"".join(inks))
        elif len(inks) == 1:
            self._pdf.mark("P", self._pdf.group("Sect"), inks[0], said(" ".join(row.cells[0])))
        else:
            self._mark_row(row, inks, kind)

    def _mark_row(self, row: _Row, inks: Sequence[bytes], kind: str) -> None:
        self._table = self._table or self._pdf.group("Table")
        element = self._pdf.group("TR", self._table)
        scope = COLUMN_HEADING if kind == "TH" else ""
        for lines, ink in zip(row.cells, inks, strict=True):
            self._pdf.mark(kind, element, ink, scope + said(" ".join(lines)))


def _ink(
    face: Typeface, lines: Sequence[str], size: float, place: tuple[float, float], step: float
) -> bytes:
    """Lines below each other, with the blank that keeps their words apart when they are read."""
    x, y = place
    return b"".join(
        face.ink(f"{line} ", size, x, y + number * step, _INK) for number, line in enumerate(lines)
    )
