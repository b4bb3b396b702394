"""The sheets that hand accounts out on paper, one for each guardian, as an A4 PDF to print."""

import io
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from functools import cache
from itertools import groupby

import segno

from dashboard.domain.document import Document
from dashboard.domain.french import day, plural
from dashboard.domain.sheet import Progress, Sheet, SheetIssue, SheetLayout
from dashboard.outputs.pdf_drawing import (
    PAGE_HEIGHT,
    PAGE_WIDTH,
    add_fonts,
    apart,
    box,
    needs_shaping,
    rule,
    said,
)
from dashboard.outputs.sheet_layouts import (
    FORMS,
    LEAD,
    WITH_FRANCECONNECT,
    WITH_PASSWORD,
    Form,
)
from dashboard.outputs.sheet_slots import ACCENT, CLASS_SHARE, INK, SOFT, SheetFaces, Slot, Slots
from dashboard.outputs.tagged_pdf import NUMBERED_LIST, PLAIN_LIST, Element, TaggedPdf

_CUT, _DASH = "0.55 0.58 0.62", "[4 3] 0 d"
_LEAST = 0.45  # of a name's size, before it is shortened
_GUTTER = 4  # millimetres between columns of children
_PIXELS = 8  # for each square of the code, which viewers that smooth pictures so leave sharp
_LEFT, _TOP = 30, 110  # of the words on a page that is not a sheet


def sheets_pdf(
    sheets: Sequence[Sheet],
    issue: SheetIssue,
    layout: SheetLayout,
    filename: str,
    made_at: datetime,
    progress: Progress,
) -> Document:
    """The sheets in the order given, with a page before each run of one class where asked for.

    Raises what `progress` raises, and KeyError where no form has so many sheets on a page.
    """
    printed = _Sheets(issue, FORMS[layout.per_page], layout.class_pages, made_at)
    with closing(printed):
        printed.add_all(sheets, progress)
        return Document(filename, "application/pdf", printed.content(), printed.unprinted)


class _Sheets:
    """The document under way, and where on its page the next sheet goes."""

    def __init__(self, issue: SheetIssue, form: Form, class_pages: bool, made_at: datetime) -> None:
        self._pdf = pdf = TaggedPdf(f"Feuilles de connexion EduConnect – {issue.school}", made_at)
        add_fonts(pdf, mono=True)
        self._faces = SheetFaces(pdf)
        self._issue = issue
        self._form = form
        self._class_pages = class_pages
        self._made_on = day(made_at.date())
        self._corners = _corners(form)
        self._cuts = _cuts(form)
        self._taken = len(self._corners)
        self._class = self._to_bookmark = ""
        self.unprinted: dict[str, str] = {}
        code = pdf.add_picture(_code(issue.activation_address))
        self._slot_at = cache(Slots(form, self._faces, issue, code).at)

    def content(self) -> bytes:
        return self._pdf.content()

    def close(self) -> None:
        self._pdf.close_fonts()

    def add_all(self, sheets: Sequence[Sheet], progress: Progress) -> None:
        """Print the sheets, or a page that says that there are none; raise as `progress` does."""
        ready = 0
        for label, run in groupby(sheets, key=lambda sheet: sheet.class_label):
            of_class = list(run)
            self._begin_class(label, len(of_class))
            for sheet in of_class:
                self._add(sheet)
                ready += 1
                progress(ready)
        if not sheets:
            self._pdf.add_page()
            self._words("Aucune feuille", "Il n'y a aucun compte à remettre sur papier.")

    def _begin_class(self, label: str, count: int) -> None:
        """Announce the class, on a page of its own where asked for."""
        face, size = self._faces.bold, self._form.small
        label = face.printable(label)
        self._class = face.shortened(label, size, CLASS_SHARE * self._form.inner)
        title = self._to_bookmark = _class_title(label)
        if self._class_pages:
            self._pdf.add_page()
            self._taken = len(self._corners)
            self._bookmark_class(0)
            self._words(title, f"{plural(count, 'feuille')} à remettre – {self._made_on}")

    def _add(self, sheet: Sheet) -> None:
        """Print the sheet on the next free slot."""
        wording = WITH_PASSWORD if sheet.password else WITH_FRANCECONNECT
        slot = self._slot_at(*self._corner(), wording)
        self._faces.take_lacked()  # what of the school and the class is no account's
        guardian = self._faces.bold.printable(sheet.guardian)
        self._bookmark_class(slot.y)
        self._pdf.bookmark(guardian, 1, slot.y)
        section = self._pdf.group("Sect")
        self._pdf.decorate(slot.background)
        self._head(section, slot, guardian)
        self._children(section, slot, sheet.children)
        self._access(section, slot, sheet)
        self._guidance(section, slot)
        if signs := self._faces.take_lacked():
            self.unprinted[sheet.identifier] = signs

    def _corner(self) -> tuple[float, float]:
        if self._taken == len(self._corners):
            self._pdf.add_page()
            if self._cuts:
                self._pdf.decorate(self._cuts)
            self._taken = 0
        self._taken += 1
        return self._corners[self._taken - 1]

    def _bookmark_class(self, y: float) -> None:
        if self._to_bookmark:
            self._pdf.bookmark(self._to_bookmark, 0, y)
        self._to_bookmark = ""

    # The parts of a sheet, from top to bottom

    def _head(self, section: Element, slot: Slot, guardian: str) -> None:
        form, face = self._form, self._faces.bold
        left, right = slot.x + form.margin, slot.x + form.margin + form.inner
        self._pdf.mark("P", section, slot.school, slot.school_entries)
        if self._class:
            x = right - face.width(self._class, form.small)
            ink = face.ink(self._class, form.small, x, slot.y + form.school, ACCENT)
            self._pdf.mark("P", section, ink, said(self._class))
        size = max(face.shrunk(guardian, form.name_size, form.inner), _LEAST * form.name_size)
        name = face.shortened(guardian, size, form.inner)
        ink = face.ink(name, size, left, slot.y + form.name, INK)
        entries = said(f"{LEAD} {name}") if needs_shaping(name) else ""
        self._pdf.mark("H1", section, slot.lead + ink, entries)

    def _children(self, section: Element, slot: Slot, children: Sequence[tuple[str, str]]) -> None:
        if not children:
            return
        form = self._form
        self._pdf.mark("P", section, slot.intro)
        items = self._pdf.group("L", section, PLAIN_LIST)
        columns = 1 if len(children) <= form.child_rows else form.child_columns
        step = (form.inner + _GUTTER) / columns
        for number, text in enumerate(self._children_texts(children, step - _GUTTER)):
            down, across = divmod(number, columns)
            x = slot.x + form.margin + across * step
            y = slot.y + form.children + down * form.child_step
            item = self._pdf.group("LI", items)
            ink = self._faces.regular.ink(text, form.body, x, y, INK)
            self._pdf.mark("LBody", item, ink, said(text))

    def _children_texts(self, children: Sequence[tuple[str, str]], width: float) -> list[str]:
        """A line for each child, the last one for those that find no place."""
        room = self._form.child_columns * self._form.child_rows
        if len(children) <= room:
            return [self._child(*child, width) for child in children]
        shown = [self._child(*child, width) for child in children[: room - 1]]
        return [*shown, f"et {len(children) - len(shown)} autres enfants"]

    def _child(self, name: str, class_label: str, width: float) -> str:
        """The child's name and class on one line; where it is too long, both are shortened."""
        face, size = self._faces.regular, self._form.body
        name = face.printable(name)
        label = face.printable(f" – {class_label}") if class_label else ""
        left = max(width / 2, width - face.width(name, size))
        label = face.shortened(label, size, left)
        return apart(face.shortened(name, size, width - face.width(label, size))) + label

    def _access(self, section: Element, slot: Slot, sheet: Sheet) -> None:
        form = self._form
        identifier = self._value(slot, form.identifier.value, sheet.identifier)
        self._pdf.mark("P", section, slot.identifier + identifier)
        if not sheet.password:
            self._pdf.mark("P", section, slot.password)
            return
        password = self._value(slot, form.password.value, sheet.password)
        self._pdf.mark("P", section, slot.password + password)
        if sheet.valid_until:
            left = slot.x + form.margin + form.pad
            text = f"valable jusqu'au {day(sheet.valid_until)}"
            ink = self._faces.regular.ink(text, form.small, left, slot.y + form.validity, SOFT)
            self._pdf.mark("P", section, ink)

    def _value(self, slot: Slot, y: float, text: str) -> bytes:
        form, face = self._form, self._faces.mono
        text = face.printable(text)
        size = face.shrunk(text, form.code_size, form.inner - 2 * form.pad)
        return face.ink(text, size, slot.x + form.margin + form.pad, slot.y + y, INK)

    def _guidance(self, section: Element, slot: Slot) -> None:
        pdf = self._pdf
        pdf.mark("H2", section, slot.heading)
        steps = pdf.group("L", section, NUMBERED_LIST)
        for step in slot.steps:
            item = pdf.group("LI", steps)
            pdf.mark("Lbl", item, step.number)
            pdf.mark("LBody", item, step.text)
        pdf.mark("Figure", section, slot.code, slot.code_entries)
        pdf.mark("P", section, slot.warning)
        pdf.mark("P", section, slot.help)

    # Pages that are not sheets

    def _words(self, title: str, text: str) -> None:
        """A page with little on it, under the school's name."""
        pdf, bold, regular = self._pdf, self._faces.bold, self._faces.regular
        width = PAGE_WIDTH - 2 * _LEFT
        school = bold.shortened(bold.printable(self._issue.school), 14, width)
        size = max(bold.shrunk(title, 44, width), 16)
        title = bold.shortened(title, size, width)
        section = pdf.group("Sect")
        pdf.decorate(box(_LEFT, _TOP + 29, 30, 1.6, 0.8, ACCENT))
        pdf.mark("P", section, bold.ink(school, 14, _LEFT, _TOP, SOFT), said(school))
        pdf.mark("H1", section, bold.ink(title, size, _LEFT, _TOP + 20, INK), said(title))
        pdf.mark("P", section, regular.ink(text, 14, _LEFT, _TOP + 42, SOFT))


def _class_title(label: str) -> str:
    if not label:
        return "Sans classe"
    return label if label.casefold().startswith("classe") else f"Classe {label}"


def _corners(form: Form) -> list[tuple[float, float]]:
    """Of the slots on a page, from left to right and from top to bottom."""
    across, down = round(PAGE_WIDTH / form.width), round(PAGE_HEIGHT / form.height)
    return [(form.width * x, form.height * y) for y in range(down) for x in range(across)]


def _cuts(form: Form) -> bytes:
    """The dashed lines between the slots on a page."""
    ink = b""
    if form.height < PAGE_HEIGHT:
        ink += rule((0, form.height), (PAGE_WIDTH, form.height), 0.2, _CUT, _DASH)
    if form.width < PAGE_WIDTH:
        ink += rule((form.width, 0), (form.width, PAGE_HEIGHT), 0.2, _CUT, _DASH)
    return ink


def _code(address: str) -> bytes:
    """The address as the picture of its QR code."""
    file = io.BytesIO()
    segno.make_qr(address, error="m").save(file, kind="png", scale=_PIXELS, border=0)
    return file.getvalue()
