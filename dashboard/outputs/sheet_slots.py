"""What all sheets in one slot of the page and of one wording share, drawn beforehand."""

from dataclasses import dataclass

from dashboard.domain.sheet import SheetIssue
from dashboard.outputs.pdf_drawing import (
    MONO,
    Faces,
    Typeface,
    bounds,
    box,
    disc,
    picture,
    rule,
    said,
)
from dashboard.outputs.sheet_layouts import (
    CHILDREN,
    IDENTIFIER,
    LEAD,
    QUESTION,
    Form,
    Wording,
)
from dashboard.outputs.tagged_pdf import TaggedPdf, figure

INK, SOFT, ACCENT = "0.11 0.13 0.16", "0.31 0.35 0.4", "0.02 0.35 0.37"
_TINT, _WHITE = "0.92 0.96 0.96", "1 1 1"
_LINE = "0.72 0.76 0.79"
# Of the width between the margins, what the name of the class may take.
CLASS_SHARE = 0.35
# How high a capital stands, in millimetres for each point of its size.
_CAPITAL = 0.73 * 25.4 / 72
_STEP_LINES, _FOOT_LINES = 4, 2
# Of the size of a code, that of the words in its place.
_SECOND = 0.55
# How small the text of one line becomes before it is shortened or broken, of its own size.
_LEAST = 0.7
# Blank about the code, which those who read it need.
_CODE_GAP = 6


class SheetFaces(Faces):
    """The typefaces of the sheets in one document."""

    def __init__(self, pdf: TaggedPdf) -> None:
        super().__init__(pdf)
        self.mono = Typeface(pdf, "B", MONO)


@dataclass(frozen=True, slots=True)
class Step:
    """A numbered step: the disc behind its number, the number and the text."""

    disc: bytes
    number: bytes
    text: bytes


@dataclass(frozen=True, slots=True)
class Slot:
    """A sheet's corner on the page, and the operators of each of its fixed parts."""

    x: float
    y: float
    background: bytes
    school: bytes
    school_entries: str
    lead: bytes
    intro: bytes
    identifier: bytes
    password: bytes
    heading: bytes
    steps: tuple[Step, ...]
    code: bytes
    code_entries: str
    warning: bytes
    help: bytes


class Slots:
    """Draws the fixed parts of sheets of one form; `code` is the index of the code's picture."""

    def __init__(self, form: Form, faces: SheetFaces, issue: SheetIssue, code: int) -> None:
        self._form = form
        self._faces = faces
        self._issue = issue
        self._code = code

    def at(self, x: float, y: float, wording: Wording) -> Slot:
        """The fixed parts of a sheet whose corner is there."""
        form, left = self._form, x + self._form.margin
        code_x, code_y = left + form.inner - form.qr, y + form.qr_top
        steps = self._steps(left, y + form.steps, wording.steps)
        alternative = f"Code QR de la page {self._issue.activation_address}"
        warning, help_ = self._foot(left, y + form.foot, wording.warning)
        return Slot(
            x=x,
            y=y,
            background=self._background(left, y) + b"".join(step.disc for step in steps),
            school=self._school(left, y + form.school),
            school_entries=said(self._faces.bold.printable(self._issue.school)),
            lead=self._small(f"{LEAD} ", left, y + form.lead),
            intro=self._small(f"{CHILDREN} ", left, y + form.intro),
            identifier=self._label(f"{IDENTIFIER} ", left, y + form.identifier.label),
            password=self._second(left, y, wording),
            heading=self._faces.bold.ink(
                wording.heading, form.heading, left, y + form.steps_heading, ACCENT
            ),
            steps=steps,
            code=picture(self._code, code_x, code_y, form.qr),
            code_entries=figure(bounds(code_x, code_y, form.qr, form.qr), alternative),
            warning=warning,
            help=help_,
        )

    def _background(self, left: float, y: float) -> bytes:
        form = self._form
        card = box(left, y + form.card, form.inner, form.card_height, 2.5, _TINT)
        middle, top = y + form.card_middle, y + form.foot - 1.5 * form.line
        across = rule((left + 5, middle), (left + form.inner - 5, middle), 0.5, _WHITE)
        below = rule((left, top), (left + form.inner, top), 0.25, _LINE)
        bar = box(left, y + form.school + 0.6 * form.line, 2.4 * form.line, 0.8, 0.4, ACCENT)
        return bar + card + across + below

    def _school(self, left: float, y: float) -> bytes:
        face, size = self._faces.bold, self._form.small
        width = self._form.inner * (1 - CLASS_SHARE) - 5
        name = face.printable(self._issue.school)
        size = max(face.shrunk(name, size, width), _LEAST * size)
        return face.ink(face.shortened(name, size, width), size, left, y, SOFT)

    def _small(self, text: str, x: float, y: float) -> bytes:
        return self._faces.regular.ink(text, self._form.small, x, y, SOFT)

    def _label(self, text: str, left: float, y: float) -> bytes:
        form = self._form
        return self._faces.bold.ink(text, form.body, left + form.pad, y, INK)

    def _second(self, left: float, y: float, wording: Wording) -> bytes:
        form = self._form
        if not wording.second_value:
            return self._label(f"{wording.second_label} ", left, y + form.password.label)
        label = self._label(f"{wording.second_label} ", left, y + form.sign_in.label)
        x, size = left + form.pad, _SECOND * form.code_size
        return label + self._faces.bold.ink(
            wording.second_value, size, x, y + form.sign_in.value, INK
        )

    def _steps(self, left: float, y: float, texts: tuple[str, ...]) -> tuple[Step, ...]:
        form, bold = self._form, self._faces.bold
        radius = 0.6 * form.line
        steps: list[Step] = []
        for number, text in enumerate(texts, start=1):
            ink, lines = self._step_text(text, left + 2 * form.line, y, first=number == 1)
            digit = left + radius - bold.width(str(number), form.body) / 2
            steps.append(
                Step(
                    disc(left + radius, y - _CAPITAL * form.body / 2, 2 * radius, ACCENT),
                    bold.ink(f"{number} ", form.body, digit, y, _WHITE),
                    ink,
                )
            )
            y += form.line * (lines + 0.5)
        return tuple(steps)

    def _step_text(self, text: str, x: float, y: float, first: bool) -> tuple[bytes, int]:
        """The text's operators, the page's address below it where it is first; how many lines."""
        form, faces = self._form, self._faces
        width = form.inner - 2 * form.line - form.qr - _CODE_GAP
        lines = faces.regular.wrapped(text, form.body, width, _STEP_LINES)
        ink = self._lines(faces.regular, lines, form.body, x, y)
        if not first:
            return ink, len(lines)
        size, parts = self._address(width)
        for number, part in enumerate(parts, start=len(lines)):
            ink += faces.bold.ink(part, size, x, y + number * form.line, INK)
        return ink, len(lines) + len(parts)

    def _address(self, width: float) -> tuple[float, list[str]]:
        """The page's address whole, on one line or small on two, and its size."""
        face, size = self._faces.bold, self._form.body
        address = face.printable(self._issue.activation_address)
        size = max(face.shrunk(address, size, width), _LEAST * size)
        # A little less than two lines: where they are broken, less than a letter is left blank.
        size = face.shrunk(address, size, 1.9 * width)
        return size, face.wrapped(address, size, width, 2)

    def _foot(self, left: float, y: float, warning: str) -> tuple[bytes, bytes]:
        form, faces = self._form, self._faces
        size = max(faces.bold.shrunk(warning, form.small, form.inner), 0.95 * form.small)
        bold = faces.bold.wrapped(warning, size, form.inner, _FOOT_LINES)
        question = faces.regular.printable(f"{QUESTION} {self._issue.help_contact}")
        plain = faces.regular.wrapped(question, form.small, form.inner, _FOOT_LINES)
        below = y + len(bold) * form.line
        return (
            self._lines(faces.bold, bold, size, left, y),
            self._lines(faces.regular, plain, form.small, left, below),
        )

    def _lines(self, face: Typeface, lines: list[str], size: float, x: float, y: float) -> bytes:
        """Lines of words, with the blank that keeps their words apart when they are read."""
        return b"".join(
            face.ink(f"{line} ", size, x, y + number * self._form.line, INK)
            for number, line in enumerate(lines)
        )
