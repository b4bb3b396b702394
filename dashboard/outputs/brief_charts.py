"""The charts of a brief, as PDF operators: each within a frame, readable without colours."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from dashboard.domain.account import State
from dashboard.domain.brief import Bar, Course, Curve
from dashboard.domain.figure import HIDDEN, KnownShare
from dashboard.domain.french import number, percent
from dashboard.outputs.pdf_drawing import Faces, Typeface, bar, hatch, line, paint, rule
from dashboard.wording.states import STATES

INK, SOFT, WHITE = paint("#1c2129"), paint("#4a5462"), paint("#ffffff")
STRONG, OTHER = paint("#00507d"), paint("#a14a00")
TRACK, GRID = paint("#e6ebf0"), paint("#d5dae1")
_EDGE = paint("#5b6675")
_SMALL = 6.8
_LOOKS = ((STRONG, 0.7, ""), (OTHER, 0.5, "[3.4 2] 0 d"))
# How far below its top the base line of a line of text is, and half a capital, by its size.
_BASE, _HALF = 0.29, 0.127
_TICKS = (0, 25, 50, 75, 100)
_MOST_DAYS = 5
_APART = 3.4  # millimetres between two values at the end of their curves


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a chart stands, in millimetres from the top left corner of the page."""

    x: float
    y: float
    width: float
    height: float


def label(
    face: Typeface,
    text: str,
    size: float,
    place: tuple[float, float, float],
    colour: str,
    align: float = 0,
) -> bytes:
    """A text on one line, shortened to its width; the blank after it parts it from the next.

    Args:
        place: where its line begins, its base line, and its width.
        align: how much of the width that is left stands before it: 0, ½ or 1.
    """
    x, y, width = place
    said = face.shortened(face.printable(text), size, width)
    return face.ink(f"{said} ", size, x + align * (width - face.width(said, size)), y, colour)


def state_swatch(frame: Frame, state: State) -> bytes:
    """A box in the colour of a state, and in what tells it from others without colours."""
    where = frame.x, frame.y, frame.width, frame.height
    ink = bar(*where, paint(STATES[state].light.fill))
    return ink + (hatch(*where, 1.1, WHITE) if STATES[state].is_hatched else b"")


def state_bar(frame: Frame, states: Sequence[tuple[State, Bar]], faces: Faces) -> bytes:
    """The states side by side, with their percentages where there is room."""
    ink, x = b"", frame.x
    for state, told in states:
        width = frame.width * told.length / 100
        part = Frame(x, frame.y, width, frame.height)
        ink += state_swatch(part, state) + _share_in(part, state, told.share, faces.bold)
        x += width
        ink += rule((x, frame.y), (x, frame.y + frame.height), 0.4, WHITE)
    return ink + _outline(frame)


def _share_in(part: Frame, state: State, share: str, face: Typeface) -> bytes:
    size = 8.5
    wide = face.width(share, size) + 2
    if wide > part.width:
        return b""
    left, middle = part.x + (part.width - wide) / 2, part.y + part.height / 2
    tint = STATES[state].light
    ground = bar(left, middle - 2, wide, 4, paint(tint.fill))
    word = paint(tint.on_fill)
    return ground + face.ink(share, size, left + 1, middle + _HALF * size, word)


def _outline(frame: Frame) -> bytes:
    right, bottom = frame.x + frame.width, frame.y + frame.height
    corners = [(frame.x, frame.y), (right, frame.y), (right, bottom), (frame.x, bottom)]
    return line([*corners, corners[0]], 0.2, _EDGE)


def funnel_bars(frame: Frame, stages: Sequence[Bar], faces: Faces) -> bytes:
    """A bar for each stage below its name, count and percentage."""
    step, ink = frame.height / len(stages), b""
    for place, stage in enumerate(stages):
        y = frame.y + place * step
        is_whole = not place or stage.count == stage.share
        said = stage.count if is_whole else f"{stage.count} · {stage.share}"
        ink += label(faces.regular, stage.label, 7.4, (frame.x, y + 3, 0.6 * frame.width), INK)
        ink += label(faces.bold, said, 7.4, (frame.x, y + 3, frame.width), INK, align=1)
        ink += bar(frame.x, y + 4.4, frame.width, step - 7, TRACK)
        ink += bar(frame.x, y + 4.4, frame.width * stage.length / 100, step - 7, STRONG)
    return ink


def histogram(frame: Frame, bands: Sequence[tuple[str, int]], faces: Faces) -> bytes:
    """How many schools are in each band, over an axis of percentages."""
    plot = Frame(frame.x + 2, frame.y + 5, frame.width - 5, frame.height - 13)
    most = max(1, *(count for _, count in bands))
    step, bottom = plot.width / len(bands), plot.y + plot.height
    ink = b""
    for place, (_, count) in enumerate(bands):
        x, high = plot.x + place * step, plot.height * count / most
        if count:
            ink += bar(x + 0.3, bottom - high, step - 0.6, high, STRONG)
            spot = (x - 1, bottom - high - 1, step + 2)
            ink += label(faces.bold, number(count), _SMALL, spot, INK, 0.5)
    ink += rule((plot.x, bottom), (plot.x + plot.width, bottom), 0.25, _EDGE)
    for tick in _TICKS:
        x = plot.x + plot.width * tick / 100
        ink += rule((x, bottom), (x, bottom + 0.9), 0.2, _EDGE)
        ink += _tick(f"{tick}", x, bottom + 3.8, faces.regular)
    name = (frame.x, frame.y + frame.height - 0.3, frame.width)
    return ink + label(faces.regular, "% de comptes activés", _SMALL, name, SOFT, 0.5)


def _tick(text: str, x: float, y: float, face: Typeface) -> bytes:
    return label(face, text, _SMALL, (x - 6, y, 12), SOFT, 0.5)


def course_chart(frame: Frame, course: Course, faces: Faces) -> bytes:
    """The curves of percentages, each named above and with its last value at its end."""
    plot = Frame(frame.x + 8, frame.y + 11, frame.width - 20, frame.height - 16)
    ink = _legend(frame, course.curves, faces) + _grid(plot, course, faces)
    ends: list[tuple[float, str, str]] = []
    for curve, (colour, width, dash) in reversed(list(zip(course.curves, _LOOKS, strict=False))):
        for points in _runs(plot, curve.shares):
            ink += line(points, width, colour, dash)
        if curve.shares and (last := curve.shares[-1]) is not HIDDEN:
            ends.append((_height(plot, last), percent(last), colour))
    for y, said, colour in _spaced(sorted(ends)):
        spot = (plot.x + plot.width + 0.8, y + _HALF * _SMALL, 13)
        ink += label(faces.bold, said, _SMALL, spot, colour)
    return ink


def _legend(frame: Frame, curves: Sequence[Curve], faces: Faces) -> bytes:
    ink = b""
    for place, (curve, (colour, width, dash)) in enumerate(zip(curves, _LOOKS, strict=False)):
        y = frame.y + 3 + 3.8 * place
        ink += line([(frame.x, y - 0.9), (frame.x + 7, y - 0.9)], width, colour, dash)
        spot = (frame.x + 8.5, y, frame.width - 8.5)
        ink += label(faces.regular, curve.label, _SMALL, spot, INK)
    return ink


def _grid(plot: Frame, course: Course, faces: Faces) -> bytes:
    ink = b""
    for tick in _TICKS:
        y = _height(plot, tick)
        ink += rule((plot.x, y), (plot.x + plot.width, y), 0.15, GRID if tick else _EDGE)
        spot = (plot.x - 9, y + _HALF * _SMALL, 8)
        ink += label(faces.regular, f"{tick}", _SMALL, spot, SOFT, 1)
    span = max(1, (course.until - course.since).days)
    for day in _days(course.since, course.until):
        x = plot.x + plot.width * (day - course.since).days / span
        ink += rule((x, plot.y + plot.height), (x, plot.y + plot.height + 0.9), 0.2, _EDGE)
        ink += _tick(f"{day:%d/%m}", x, plot.y + plot.height + 3.8, faces.regular)
    return ink


def _days(since: date, until: date) -> list[date]:
    """The first days of months, so few that their names do not meet."""
    firsts = [since + timedelta(days=n) for n in range((until - since).days + 1)]
    firsts = [day for day in firsts if day.day == 1]
    return firsts[:: max(1, -(-len(firsts) // _MOST_DAYS))]


def _height(plot: Frame, share: float) -> float:
    return plot.y + plot.height * (1 - share / 100)


def _runs(plot: Frame, shares: Sequence[KnownShare]) -> Iterator[list[tuple[float, float]]]:
    """The points of a curve, apart where a share is hidden; one alone is a short line."""
    step = plot.width / max(1, len(shares) - 1)
    placed = enumerate(shares)
    for is_told, run in groupby(placed, key=lambda spot: spot[1] is not HIDDEN):
        if is_told:
            points = [
                (plot.x + place * step, _height(plot, share))
                for place, share in run
                if share is not HIDDEN
            ]
            x, y = points[-1]
            yield points if len(points) > 1 else [(x - 0.4, y), (x + 0.4, y)]


def _spaced(ends: list[tuple[float, str, str]]) -> list[tuple[float, str, str]]:
    """Heights of two texts, moved apart where they would meet."""
    if len(ends) == 2 and ends[1][0] - ends[0][0] < _APART:
        middle = (ends[0][0] + ends[1][0]) / 2
        heights = middle - _APART / 2, middle + _APART / 2
        return [(y, *end[1:]) for y, end in zip(heights, ends, strict=True)]
    return ends
