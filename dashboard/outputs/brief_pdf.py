"""Briefs of districts as PDF: a page of A4 portrait for each, to print or to mail."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, time

from dashboard.domain.brief import SCHOOL_COLUMNS, Brief, Card
from dashboard.domain.document import Document
from dashboard.domain.french import NO_BREAK_SPACE, day, number
from dashboard.outputs.brief_charts import (
    GRID,
    INK,
    SOFT,
    STRONG,
    Frame,
    course_chart,
    funnel_bars,
    histogram,
    label,
    state_bar,
    state_swatch,
)
from dashboard.outputs.pdf_drawing import Faces, add_fonts, bar, bounds, box, paint, rule, said
from dashboard.outputs.tagged_pdf import (
    COLUMN_HEADING,
    PLAIN_LIST,
    ROW_HEADING,
    Element,
    TaggedPdf,
    figure,
)
from dashboard.wording.school_columns import SCHOOL_FIGURES

# Millimetres; heights are those of tops, of base lines where text stands.
_LEFT, _WIDTH = 14.0, 182.0
_RIGHT = _LEFT + _WIDTH
_TITLE, _WITHIN, _LEAD, _CARDS, _STATES, _PANELS, _SCHOOLS, _FOOT = (
    *(19.0, 24.8, 30.5, 46.5, 100.5, 123.0, 196.5, 268.5),
)
_CARD_HEIGHTS, _CARD_GAP = (23.2, 20.2), 3.0
_CARDS_ACROSS, _NOTES = 4, 3
_PANEL_WIDTH, _PANEL_GAP, _CHART = 56.0, 7.0, 40.0
_ROW, _HEADER = 5.2, 9.2
_CELLS = (78.0, 17.0, 15.0, 15.5, 15.5, 22.0, 19.0)
_CELL_GAP = 1.2
_WORDS = 2  # columns; those of figures are set to the right
_PAGE_NUMBER = 290.0
_TINT, _ZEBRA = paint("#f3f6f9"), paint("#f5f7fa")
_LEAD_SIZE, _HEADING, _PANEL_HEADING, _BODY, _SMALL, _LEAST = 11.0, 9.5, 8.0, 8.0, 7.2, 6.6
_LEADING = 0.45  # millimetres from line to line for each point of size
_METHOD = (
    "Méthode : sont comptés les comptes des responsables des élèves inscrits ce jour. Un élève est "
    "couvert si l'un de ses responsables au moins a un compte activé. Une notification expire au "
    "bout de trois mois. Dernier progrès : le dernier jour où un compte a avancé vers l'activation."
)


def briefs_pdf(briefs: Sequence[Brief], title: str, filename: str) -> Document:
    """A page for each district, in the order given, with a bookmark each; one brief at least."""
    pdf = TaggedPdf(title, datetime.combine(briefs[0].day, time()))
    try:
        pdf.set_auto_page_break(False)
        add_fonts(pdf)
        faces = Faces(pdf)
        unprinted: dict[str, str] = {}
        for place, brief in enumerate(briefs, start=1):
            pdf.add_page()
            pdf.bookmark(faces.bold.printable(brief.title), 0, 0)
            _Page(pdf, faces, brief).draw()
            if signs := faces.take_lacked():
                unprinted[brief.title] = signs
            if len(briefs) > 1:
                spot = (_LEFT, _PAGE_NUMBER, _WIDTH)
                said = f"Page {place}/{len(briefs)}"
                pdf.decorate(label(faces.regular, said, _LEAST, spot, SOFT, 1))
        return Document(filename, "application/pdf", pdf.content(), unprinted)
    finally:
        pdf.close_fonts()


class _Page:
    """The page of one district, drawn from its top to its foot as it is read."""

    def __init__(self, pdf: TaggedPdf, faces: Faces, brief: Brief) -> None:
        self._pdf = pdf
        self._faces = faces
        self._brief = brief
        self._section = pdf.group("Sect")

    def draw(self) -> None:
        """Draw all of it."""
        self._head()
        self._cards()
        self._states()
        self._panels()
        self._schools()
        self._foot()

    def _head(self) -> None:
        brief, bold, regular = self._brief, self._faces.bold, self._faces.regular
        dated = f"Chiffres du {day(brief.day)}"
        room = _WIDTH - regular.width(dated, _BODY) - 5
        title = bold.printable(brief.title)
        size = max(bold.shrunk(title, 19, _WIDTH), 12)
        self._pdf.decorate(bar(_LEFT, 9, _WIDTH, 1.1, STRONG))
        self._mark("H1", label(bold, title, size, (_LEFT, _TITLE, _WIDTH), INK), said(title))
        self._mark("P", label(regular, brief.within, 10, (_LEFT, _WITHIN, room), SOFT))
        self._mark("P", label(regular, dated, _BODY, (_LEFT, _WITHIN, _WIDTH), SOFT, 1))
        lines = self._paragraph(brief.lead, _LEAD_SIZE, (_LEFT + 4, _LEAD + 3.8, _WIDTH - 4), 3)
        high = lines * _LEAD_SIZE * _LEADING
        self._pdf.decorate(bar(_LEFT, _LEAD, 1.1, high, STRONG))

    def _cards(self) -> None:
        cards = self._pdf.group("L", self._section, PLAIN_LIST)
        width = (_WIDTH - (_CARDS_ACROSS - 1) * _CARD_GAP) / _CARDS_ACROSS
        for place, card in enumerate(self._brief.cards):
            down, across = divmod(place, _CARDS_ACROSS)
            x = _LEFT + across * (width + _CARD_GAP)
            y, height = _CARDS + down * (_CARD_HEIGHTS[0] + _CARD_GAP), _CARD_HEIGHTS[down]
            self._pdf.decorate(box(x, y, width, height, 1.4, _TINT))
            ink = self._card(card, Frame(x + 3, y, width - 6, height))
            self._pdf.mark("LBody", self._pdf.group("LI", cards), ink)

    def _card(self, card: Card, frame: Frame) -> bytes:
        bold, regular = self._faces.bold, self._faces.regular
        x, y, width = frame.x, frame.y, frame.width
        ink = label(regular, card.label, _SMALL, (x, y + 4.6, width), SOFT)
        ink += label(bold, card.figure, 15, (x, y + 11.2, width), INK)
        for place, note in enumerate(card.notes[:_NOTES]):
            ink += label(regular, note, _LEAST, (x, y + 15.2 + 3.2 * place, width), SOFT)
        return ink

    def _states(self) -> None:
        states = self._brief.states
        self._heading("Les comptes dans chaque état", _LEFT, _STATES, _WIDTH)
        if not states:
            self._paragraph("Aucun compte à représenter.", _BODY, (_LEFT, _STATES + 6, _WIDTH))
            return
        frame = Frame(_LEFT, _STATES + 2.2, _WIDTH, 7)
        parts = [f"{told.label.lower()} {told.count} ({told.share})" for _, told in states]
        self._figure(frame, state_bar(frame, states, self._faces), f"Barre : {_listed(parts)}.")
        keys, x, y = self._pdf.group("L", self._section, PLAIN_LIST), _LEFT, _STATES + 13.4
        for state, told in states:
            said = f"{told.label} {told.share}"
            self._pdf.decorate(state_swatch(Frame(x, y - 2.6, 3.2, 3.2), state))
            ink = label(self._faces.regular, said, _SMALL, (x + 4.6, y, _WIDTH), INK)
            self._pdf.mark("LBody", self._pdf.group("LI", keys), ink)
            x += self._faces.regular.width(said, _SMALL) + 11

    def _panels(self) -> None:
        brief, faces = self._brief, self._faces
        steps = [f"{stage.label.lower()} {stage.count} ({stage.share})" for stage in brief.funnel]
        bands = [f"de {name} % : {number(count)}" for name, count in brief.spread if count]
        self._panel(
            0,
            "Du compte remis au compte activé",
            lambda frame: funnel_bars(frame, brief.funnel, faces),
            f"Barres, de plus en plus courtes : {_listed(steps)}.",
            brief.funnel_text,
        )
        self._panel(
            1,
            "Part de comptes activés (%)",
            lambda frame: course_chart(frame, brief.course, faces),
            f"Courbe : {brief.course_text}",
            brief.course_text,
        )
        self._panel(
            2,
            "Établissements selon leur part",
            lambda frame: histogram(frame, brief.spread, faces),
            f"Histogramme du nombre d'établissements : {_listed(bands) or 'aucun'}.",
            brief.spread_text,
        )

    def _panel(
        self,
        place: int,
        heading: str,
        draw: Callable[[Frame], bytes],
        alternative: str,
        text: str,
    ) -> None:
        """One of the three charts side by side, below its heading and above its text."""
        x = _LEFT + place * (_PANEL_WIDTH + _PANEL_GAP)
        frame = Frame(x, _PANELS + 2.5, _PANEL_WIDTH, _CHART)
        self._heading(heading, x, _PANELS, _PANEL_WIDTH)
        self._figure(frame, draw(frame), alternative)
        self._paragraph(text, _SMALL, (x, frame.y + _CHART + 5, _PANEL_WIDTH), 6)

    def _schools(self) -> None:
        brief = self._brief
        self._heading("Les établissements à aider d'abord", _LEFT, _SCHOOLS, _WIDTH)
        if not brief.schools:
            said = "Aucun établissement n'a encore de comptes."
            self._paragraph(said, _BODY, (_LEFT, _SCHOOLS + 6, _WIDTH))
            return
        shown = len(brief.schools)
        said = f"{number(shown)} sur {number(brief.school_count)}, du moins activé au plus activé"
        self._mark("P", label(self._faces.regular, said, _SMALL, _line(_SCHOOLS), SOFT, 1))
        table = self._pdf.group("Table", self._section)
        self._columns(table)
        for place, cells in enumerate(brief.schools, start=1):
            y = _SCHOOLS + _HEADER + place * _ROW
            if place % 2 == 0:
                self._pdf.decorate(bar(_LEFT, y - 3.6, _WIDTH, _ROW, _ZEBRA))
            self._school(self._pdf.group("TR", table), cells, y)

    def _columns(self, table: Element) -> None:
        """The headings, each on two lines at most, above a rule."""
        row, face, y = self._pdf.group("TR", table), self._faces.bold, _SCHOOLS + _HEADER
        headings = ["Établissement", "UAI", *(SCHOOL_FIGURES[name] for name in SCHOOL_COLUMNS)]
        for heading, (x, width, align) in zip(headings, _cells(), strict=True):
            lines = face.wrapped(heading, _SMALL, width, 2)
            ink = b"".join(
                label(face, text, _SMALL, (x, y - 3.2 * back, width), SOFT, align)
                for text, back in zip(lines, reversed(range(len(lines))), strict=True)
            )
            self._pdf.mark("TH", row, ink, COLUMN_HEADING)
        self._pdf.decorate(rule((_LEFT, y + 1.5), (_RIGHT, y + 1.5), 0.35, STRONG))

    def _school(self, row: Element, cells: Sequence[str], y: float) -> None:
        kinds = [("TH", ROW_HEADING), *[("TD", "")] * len(cells)]
        for (kind, entries), text, (x, width, align) in zip(kinds, cells, _cells(), strict=False):
            ink = label(self._faces.regular, text, _SMALL, (x, y, width), INK, align)
            self._pdf.mark(kind, row, ink, entries + said(text))

    def _foot(self) -> None:
        self._pdf.decorate(rule((_LEFT, _FOOT - 4), (_RIGHT, _FOOT - 4), 0.2, GRID))
        lines = self._paragraph(self._brief.publication, _LEAST, (_LEFT, _FOOT, _WIDTH), 4, SOFT)
        y = _FOOT + (lines + 0.35) * _LEAST * _LEADING
        self._paragraph(_METHOD, _LEAST, (_LEFT, y, _WIDTH), 3, SOFT)

    # What the parts are made of

    def _mark(self, kind: str, ink: bytes, entries: str = "") -> None:
        self._pdf.mark(kind, self._section, ink, entries)

    def _heading(self, text: str, x: float, y: float, width: float) -> None:
        size = _HEADING if width == _WIDTH else _PANEL_HEADING
        self._mark("H2", label(self._faces.bold, text, size, (x, y, width), STRONG))

    def _paragraph(
        self,
        text: str,
        size: float,
        place: tuple[float, float, float],
        most: int = 1,
        colour: str = INK,
    ) -> int:
        """A text on so many lines at most, from that place on; on how many."""
        face, (x, y, width) = self._faces.regular, place
        lines = face.wrapped(face.printable(_unbroken(text)), size, width, most)
        self._mark(
            "P",
            b"".join(
                face.ink(f"{line} ", size, x, y + below * size * _LEADING, colour)
                for below, line in enumerate(lines)
            ),
            said(" ".join(lines)),
        )
        return len(lines)

    def _figure(self, frame: Frame, ink: bytes, alternative: str) -> None:
        where = bounds(frame.x, frame.y, frame.width, frame.height)
        said = self._faces.regular.printable(alternative)
        self._pdf.mark("Figure", self._section, ink, figure(where, said))


def _cells() -> Iterator[tuple[float, float, float]]:
    """Where the texts of each column begin, their width, and how they are aligned."""
    x = _LEFT
    for place, width in enumerate(_CELLS):
        yield x + _CELL_GAP, width - 2 * _CELL_GAP, 0 if place < _WORDS else 1
        x += width


def _line(y: float) -> tuple[float, float, float]:
    """The whole width at that height."""
    return _LEFT, y, _WIDTH


def _unbroken(text: str) -> str:
    """The text whose signs of two parts do not begin a line."""
    for sign in ":;»":
        text = text.replace(f" {sign}", f"{NO_BREAK_SPACE}{sign}")
    return text.replace("« ", f"«{NO_BREAK_SPACE}")


def _listed(parts: Sequence[str]) -> str:
    return " ; ".join(parts)
