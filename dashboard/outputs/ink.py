"""What is drawn on an A4 portrait page, as PDF operators: text, boxes, discs, lines, a picture.

Lengths are in millimetres from the top left corner, sizes of text in points. The operators are
bytes, so that what thousands of pages share is made once.
"""

from collections.abc import Sequence
from math import ceil, floor
from pathlib import Path
from typing import cast

from fpdf import FPDF
from fpdf.fonts import TTFFont

PAGE_WIDTH, PAGE_HEIGHT = 210.0, 297.0
FAMILY, MONO = "DejaVu", "DejaVuMono"
_FONTS = Path(__file__).parent / "fonts"
_MISSING = "\N{REPLACEMENT CHARACTER}"
_MORE = "…"
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

    All but `printable` take text that it returned.
    """

    def __init__(self, pdf: FPDF, style: str = "", family: str = FAMILY) -> None:
        self._font = cast(TTFFont, pdf.fonts[family.lower() + style])
        self._widths = self._font.cw

    def printable(self, text: str) -> str:
        """The text with a sign in place of each character that the font lacks and would omit."""
        known = self._font.cmap
        return "".join(sign if ord(sign) in known else _MISSING for sign in text)

    def width(self, text: str, size: float) -> float:
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
        left = width - self.width(_MORE, size)
        count = 0
        for sign in text:
            left -= self.width(sign, size)
            if left < 0:
                break
            count += 1
        return text[:count].rstrip() + _MORE

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
            count = max(1, len(self.shortened(line, size, width)) - 1)
            return line[:count], [line[count:], *words[1:]]
        for taken, word in enumerate(words[1:], start=1):
            longer = f"{line} {word}"
            if self.width(longer, size) > width:
                return line, words[taken:]
            line = longer
        return line, []

    def ink(self, text: str, size: float, x: float, y: float, colour: str) -> bytes:
        """The text from `x` on, on the base line `y`."""
        return (
            f"BT /F{self._font.i} {size:.2f} Tf {colour} rg {_at(x, y)} Td "
            f"{self._font.encode_text(text)} ET\n"
        ).encode("latin-1")


class Faces:
    """The typefaces that a document is printed in."""

    def __init__(self, pdf: FPDF) -> None:
        self.regular, self.bold = Typeface(pdf), Typeface(pdf, "B")


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
