"""What is drawn on an A4 portrait page, as PDF operators: text, boxes, discs, lines, a picture.

Lengths are in millimetres from the top left corner, sizes of text in points. The operators are
bytes, so that what thousands of pages share is made once.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from math import ceil, floor
from pathlib import Path
from typing import NamedTuple, cast
from unicodedata import bidirectional, normalize

from fpdf import FPDF
from fpdf.bidi import BidiParagraph
from fpdf.enums import TextDirection
from fpdf.fonts import TTFFont

PAGE_WIDTH, PAGE_HEIGHT = 210.0, 297.0
FAMILY, MONO = "DejaVu", "DejaVuMono"
_FONTS = Path(__file__).parent / "fonts"
_MISSING = "\N{REPLACEMENT CHARACTER}"
_MORE = "…"
# Marks that are not seen: what stands beside them runs in their direction.
_LEFT_TO_RIGHT, _RIGHT_TO_LEFT = "\u200e", "\u200f"
# Marks upon letters; Hebrew, Arabic, N'Ko and other scripts up to Myanmar; forms of their letters.
_SHAPED = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0590-\u109f\u1ab0-\u1aff\u1dc0-\u1dff\u200e\u200f"
    "\u20d0-\u20ff\ufb1d-\ufdff\ufe20-\ufe2f\ufe70-\ufefc\U00010800-\U00010fff"
    "\U0001e800-\U0001efff]"
)
# Points in a millimetre.
_K = 72 / 25.4


def add_fonts(pdf: FPDF, mono: bool = False) -> None:
    """Give the document the fonts that it is printed in, with that of codes where asked for."""
    pdf.add_font(FAMILY, "", _FONTS / "DejaVuSans.ttf")
    pdf.add_font(FAMILY, "B", _FONTS / "DejaVuSans-Bold.ttf")
    if mono:
        pdf.add_font(MONO, "B", _FONTS / "DejaVuSansMono-Bold.ttf")


class Typeface:
    """A font of a document: the text that it can print, how wide it is, and its operators.

    All but `printable` take text that it returned. Text of scripts that join their letters or run
    from right to left is shaped, in lines that themselves run from left to right; other text, which
    is nearly all, is printed letter by letter.
    """

    def __init__(self, pdf: FPDF, style: str = "", family: str = FAMILY) -> None:
        self._font = cast(TTFFont, pdf.fonts[family.lower() + style])
        self._widths = self._font.cw
        self.lacked: set[str] = set()

    def printable(self, text: str) -> str:
        """The text with a sign in place of each character that the font lacks and would omit.

        These are remembered in `lacked`, for who must be told.
        """
        known = self._font.cmap
        return "".join(sign if ord(sign) in known else self._instead(sign) for sign in text)

    def _instead(self, sign: str) -> str:
        """What is as good: a small letter for a capital, its parts for a letter; else a sign."""
        for form in (sign.lower(), normalize("NFD", sign), normalize("NFKD", sign)):
            if form.isprintable() and all(ord(part) in self._font.cmap for part in form):
                return form
        self.lacked.add(sign)
        return _MISSING

    def width(self, text: str, size: float) -> float:
        if needs_shaping(text):
            return sum(glyph.advance for glyph in self._shaped(text)) * size / (1000 * _K)
        return sum(self._widths[ord(sign)] for sign in text) * size / (1000 * _K)

    def shrunk(self, text: str, size: float, width: float) -> float:
        """The size, or the lesser one at which the text is no wider than that."""
        wide = self.width(text, size)
        # Rounded down as it is printed, for the text to fit still where it is measured again.
        return size if wide <= width else floor(100 * size * width / wide) / 100

    def shortened(self, text: str, size: float, width: float) -> str:
        """The text, or as much of its beginning as fits, ending in « … »."""
        if self.width(text, size) <= width:
            return text
        left = text[: self._fitting(text, size, width - self.width(_MORE, size))].rstrip()
        return f"{left}{_MORE}{_RIGHT_TO_LEFT}" if _ends_from_right(left) else left + _MORE

    def _fitting(self, text: str, size: float, width: float) -> int:
        """How many characters of a text that is too wide fit."""
        if needs_shaping(text):
            fits = (n for n in range(len(text), 0, -1) if self.width(text[:n], size) <= width)
            return next(fits, 0)
        for count, sign in enumerate(text):
            width -= self.width(sign, size)
            if width < 0:
                return count
        return len(text)

    def wrapped(self, text: str, size: float, width: float, lines: int) -> list[str]:
        """The text on at most so many lines; a word wider than a line is broken."""
        done: list[str] = []
        rest = text.split(" ")
        while rest and len(done) < lines - 1:
            line, rest = self._first_line(rest, size, width)
            done.append(line)
        return [*done, self.shortened(" ".join(rest), size, width)] if rest else done

    def _first_line(self, words: list[str], size: float, width: float) -> tuple[str, list[str]]:
        line = words[0]
        if self.width(line, size) > width:
            count = max(1, self._fitting(line, size, width))
            return line[:count], [line[count:], *words[1:]]
        for taken, word in enumerate(words[1:], start=1):
            longer = f"{line} {word}"
            if self.width(longer, size) > width:
                return line, words[taken:]
            line = longer
        return line, []

    def ink(self, text: str, size: float, x: float, y: float, colour: str) -> bytes:
        """The text from `x` on, on the base line `y`."""
        placed = (
            self._placed(text, size, x, y)
            if needs_shaping(text)
            else f"{_at(x, y)} Td {self._font.encode_text(text)} "
        )
        return f"BT /F{self._font.i} {size:.2f} Tf {colour} rg {placed}ET\n".encode("latin-1")

    def _placed(self, text: str, size: float, x: float, y: float) -> str:
        """The glyphs of a text that is shaped, each at its place."""
        drawn, scale = "", size / (1000 * _K)
        for glyph in self._shaped(text):
            spot = _at(x + glyph.right * scale, y - glyph.up * scale)
            drawn += f"1 0 0 1 {spot} Tm ({self._font.escape_text(glyph.code)}) Tj "
            x += glyph.advance * scale
        return drawn

    def _shaped(self, text: str) -> Iterator["_Glyph"]:
        """The glyphs of a text from left to right."""
        scale = self._font.scale
        for run, direction in _runs(text):
            shaping = {"features": {}, "fragment_direction": direction}
            for glyph in self._font.shape_text(run, 1000, shaping):
                yield _Glyph(
                    chr(glyph["mapped_char"]),
                    glyph["x_advance"] * scale,
                    glyph["x_offset"] * scale,
                    glyph["y_offset"] * scale,
                )


class _Glyph(NamedTuple):
    """A glyph of a font's subset; in thousandths of the size, how it moves on and is moved."""

    code: str
    advance: float
    right: float
    up: float


def needs_shaping(text: str) -> bool:
    """Whether letters of a text join, carry marks of their own, or run from right to left."""
    return not text.isascii() and _SHAPED.search(text) is not None


def _runs(text: str) -> Iterator[tuple[str, TextDirection]]:
    """The parts of a line that run in one direction, from left to right, as they are written.

    The marks of a direction have done their work then, and nothing is drawn for them.
    """
    signs = BidiParagraph(
        text, TextDirection.LTR, preserve_bn_chars=True
    ).get_reordered_characters()
    for direction, run in groupby(signs, key=lambda sign: sign.get_direction_from_level()):
        shown = _without_marks("".join(sign.character for sign in run))
        if direction == "R":
            yield shown[::-1], TextDirection.RTL
        else:
            yield shown, TextDirection.LTR


def apart(name: str) -> str:
    """A name that what follows on its line does not join, though it may run from right to left."""
    return name + _LEFT_TO_RIGHT if _ends_from_right(name) else name


def _ends_from_right(text: str) -> bool:
    strong = (kind for kind in map(bidirectional, reversed(text)) if kind in ("L", "R", "AL"))
    return next(strong, "L") != "L"


def said(text: str) -> str:
    """What an element says of itself whose text is drawn in another order than it is read."""
    if not needs_shaping(text):
        return ""
    read = _without_marks(text)
    return f" /ActualText <FEFF{read.encode('utf-16-be').hex().upper()}>"


def _without_marks(text: str) -> str:
    return text.replace(_LEFT_TO_RIGHT, "").replace(_RIGHT_TO_LEFT, "")


class Faces:
    """The typefaces that a document is printed in."""

    def __init__(self, pdf: FPDF) -> None:
        self.regular, self.bold = Typeface(pdf), Typeface(pdf, "B")

    def take_lacked(self) -> str:
        """The characters that could not be printed since this was last asked."""
        signs = self.regular.lacked | self.bold.lacked
        self.regular.lacked.clear()
        self.bold.lacked.clear()
        return "".join(sorted(signs))


def box(x: float, y: float, width: float, height: float, radius: float, colour: str) -> bytes:
    """A filled box with round corners: its border's line, as wide as they are, rounds them."""
    corner = _at(x + radius, y + height - radius)
    sides = f"{(width - 2 * radius) * _K:.2f} {(height - 2 * radius) * _K:.2f}"
    line = f"{2 * radius * _K:.2f} w 1 j {colour} RG {colour} rg"
    return f"q {line} {corner} {sides} re B Q\n".encode()


def disc(x: float, y: float, diameter: float, colour: str) -> bytes:
    """A filled disc about a point: a line of no length with round ends."""
    line = f"{diameter * _K:.2f} w 1 J {colour} RG"
    return f"q {line} {_at(x, y)} m {_at(x, y)} l S Q\n".encode()


def bar(x: float, y: float, width: float, height: float, colour: str) -> bytes:
    """A filled box with square corners."""
    return f"q {colour} rg {_sides(x, y, width, height)} re f Q\n".encode()


def hatch(x: float, y: float, width: float, height: float, gap: float, colour: str) -> bytes:
    """Slanting lines, so far apart, within a box."""
    lines = "".join(
        f"{_at(x + gap * step, y)} m {_at(x + gap * step - height, y + height)} l "
        for step in range(1, ceil((width + height) / gap))
    )
    within = f"{_sides(x, y, width, height)} re W n"
    return f"q {within} {gap / 3 * _K:.2f} w {colour} RG {lines}S Q\n".encode()


def rule(
    start: tuple[float, float], end: tuple[float, float], width: float, colour: str, dash: str = ""
) -> bytes:
    """A straight line; `dash` is its pattern, as of ``[4 3] 0 d``."""
    return line([start, end], width, colour, dash)


def line(points: Sequence[tuple[float, float]], width: float, colour: str, dash: str = "") -> bytes:
    """A line from point to point."""
    start, *others = (_at(*point) for point in points)
    way = "".join(f"{point} l " for point in others)
    look = f"{width * _K:.2f} w 0 J 1 j {colour} RG {dash}"
    return f"q {look} {start} m {way}S Q\n".encode()


def paint(colour: str) -> str:
    """A colour as the operators take it, of one that is written ``#00507d``."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return " ".join(f"{part:.3f}" for part in parts)


def picture(index: int, x: float, y: float, side: float) -> bytes:
    """A square picture of the document, by its index among them."""
    length = f"{side * _K:.2f}"
    return f"q {length} 0 0 {length} {_at(x, y + side)} cm /I{index} Do Q\n".encode()


def bounds(x: float, y: float, width: float, height: float) -> str:
    """Where a figure stands, as PDF's array of its left, bottom, right and top."""
    return f"[{_at(x, y + height)} {_at(x + width, y)}]"


def _sides(x: float, y: float, width: float, height: float) -> str:
    return f"{_at(x, y + height)} {width * _K:.2f} {height * _K:.2f}"


def _at(x: float, y: float) -> str:
    return f"{x * _K:.2f} {(PAGE_HEIGHT - y) * _K:.2f}"
