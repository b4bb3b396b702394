"""The list of accounts as an A4 landscape PDF, to print and keep at hand."""

from collections.abc import Sequence
from datetime import datetime

from fpdf.enums import TableBordersLayout, XPos, YPos
from fpdf.fonts import FontFace

from dashboard.domain.account_list import LISTING, ListedAccount, account_cells
from dashboard.domain.document import Document
from dashboard.domain.french import plural
from dashboard.outputs.ink import FAMILY, Typeface, add_fonts
from dashboard.outputs.tagged_pdf import TaggedPdf, TaggedTable

# Millimetres; together the width of an A4 landscape page within its margins.
_WIDTHS = (45, 34, 40, 21, 50, 24, 27, 18, 18)
_MARGIN = 10
_LINE = (160, 170, 182)
_HEADER_FILL = FontFace(emphasis="BOLD", fill_color=(226, 232, 240))


class _List(TaggedPdf):
    """A document whose every page says what it lists, when, and how many pages there are."""

    def __init__(self, title: str, subtitle: str, made_at: datetime) -> None:
        super().__init__(title, made_at, orientation="landscape")
        self.set_margin(_MARGIN)
        self.set_auto_page_break(True, margin=14)
        add_fonts(self)
        self.printable = Typeface(self).printable
        self._heading = self.printable(title)
        self._subtitle = self.printable(subtitle)

    def header(self) -> None:
        first = self.page_no() == 1
        top = self.group("Sect") if first else None
        with self.marking("H1", top) if top else self.decorating():
            self.set_font(FAMILY, "B", 12)
            self.multi_cell(0, 6, self._heading, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        with self.marking("P", top) if top else self.decorating():
            self.set_font(FAMILY, "", 8)
            self.multi_cell(0, 4.5, self._subtitle, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(2)

    def footer(self) -> None:
        self.set_y(-11)
        self.set_font(FAMILY, "", 8)
        with self.decorating():
            self.cell(0, 5, f"Page {self.page_no()}/{{nb}}", align="R")


def account_list_pdf(
    accounts: Sequence[ListedAccount],
    filename: str,
    school: str,
    conditions: str,
    made_at: datetime,
) -> Document:
    """The list of accounts with the school, the filters and the date on top of every page."""
    pdf = _List(
        f"Liste des comptes responsables – {school}",
        f"{plural(len(accounts), 'compte')} – {conditions} – éditée le {made_at:%d/%m/%Y à %H:%M}",
        made_at,
    )
    pdf.add_page()
    pdf.set_font(FAMILY, "", 7)
    pdf.set_draw_color(*_LINE)
    pdf.set_line_width(0.15)
    table = TaggedTable(
        pdf,
        col_widths=_WIDTHS,
        text_align="LEFT",
        v_align="TOP",
        line_height=3.6,
        padding=0.8,
        borders_layout=TableBordersLayout.HORIZONTAL_LINES,
        headings_style=_HEADER_FILL,
    )
    table.row(list(LISTING.values()))
    for account in accounts:
        table.row([pdf.printable(cell) for cell in account_cells(account)])
    table.render()
    if not accounts:
        with pdf.marking("P", pdf.group("Sect")):
            pdf.cell(0, 8, "Aucun compte ne répond à ces filtres.")
    return Document(filename, "application/pdf", pdf.content())
