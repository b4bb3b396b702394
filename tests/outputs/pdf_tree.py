"""Reading a tagged PDF back: its tree with its texts, and where each text stands on its page."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import pikepdf

Node = tuple[str, Any]
_DESCENT, _ASCENT = 0.22, 0.76
_ROUNDED = 0.05


@dataclass(frozen=True)
class Box:
    """What stands on a page, in points from its bottom left corner."""

    text: str
    left: float
    bottom: float
    right: float
    top: float

    def meets(self, other: "Box") -> bool:
        """Whether they overlap by more than what numbers in a PDF are rounded by."""
        return (
            self.left + _ROUNDED < other.right
            and other.left + _ROUNDED < self.right
            and self.bottom + _ROUNDED < other.top
            and other.bottom + _ROUNDED < self.top
        )


class _Font:
    def __init__(self, font: Any) -> None:
        cmap = font.ToUnicode.read_bytes().decode()
        self.signs = {
            int(code, 16): bytes.fromhex(sign).decode("utf-16-be")
            for code, sign in re.findall(r"<([0-9A-F]+)> <([0-9A-F]*)>\n", cmap)
        }
        self.widths: dict[int, float] = {}
        listed = list(font.DescendantFonts[0].W)
        while listed:
            first, then = int(listed.pop(0)), listed.pop(0)
            if isinstance(then, pikepdf.Array):
                self.widths |= {first + n: float(width) for n, width in enumerate(then)}
            else:
                self.widths |= dict.fromkeys(range(first, int(then) + 1), float(listed.pop(0)))

    def read(self, raw: bytes) -> tuple[str, float]:
        codes = [int.from_bytes(raw[at : at + 2]) for at in range(0, len(raw), 2)]
        return "".join(self.signs[code] for code in codes), sum(self.widths[c] for c in codes)


def texts(page: pikepdf.Page) -> Iterator[tuple[int | None, Box]]:
    """Each text of a page in the order drawn, with the number of its mark; none in artifacts."""
    mark: int | None = None
    fonts: dict[str, _Font] = {}
    font, size, x, y = "", 0.0, 0.0, 0.0
    for step in pikepdf.parse_content_stream(page):
        match str(step.operator), list(step.operands):
            case "BDC", [_, entries]:
                mark = int(entries.MCID)
            case "BMC" | "EMC", _:
                mark = None
            case "Tf", [name, points]:
                font, size = str(name), float(points)
                fonts.setdefault(font, _Font(page.Resources.Font[font]))
            case ("Td", [*_, across, up]) | ("Tm", [*_, across, up]):
                x, y = float(across), float(up)
            case "Tj", [raw]:
                text, width = fonts[font].read(bytes(raw))
                right = x + width * size / 1000
                yield mark, Box(text, x, y - _DESCENT * size, right, y + _ASCENT * size)


def tree(pdf: pikepdf.Pdf) -> Node:
    """The elements below the root: a kind, and a text or the elements within."""

    @cache
    def marked(page: int) -> dict[int | None, str]:
        found: dict[int | None, str] = {}
        for mark, box in texts(pages[page]):
            found[mark] = found.get(mark, "") + box.text
        return found

    def node(element: Any) -> Node:
        kind = str(element.S).removeprefix("/")
        if isinstance(element.K, pikepdf.Array):
            return kind, [node(part) for part in element.K]
        text = marked(element.Pg.objgen[0]).get(int(element.K), "")
        said = [element[name] for name in ("/Alt", "/ActualText") if name in element]
        return kind, str(said[0]) if said else text.strip()

    pages = {page.obj.objgen[0]: page for page in pdf.pages}
    [document] = pdf.Root.StructTreeRoot.K
    return node(document)


def untrue_parents(pdf: pikepdf.Pdf) -> list[str]:
    """Where the tree and the pages' numbers of marks do not lead to each other."""
    wrong: list[str] = []
    numbers = pdf.Root.StructTreeRoot.ParentTree.Nums
    by_page = {int(numbers[at]): numbers[at + 1] for at in range(0, len(numbers), 2)}
    for page in pdf.pages:
        drawn = {mark for mark, _ in texts(page) if mark is not None}
        elements = by_page[int(page.obj.StructParents)]
        wrong += [f"no element for {mark}" for mark in drawn if mark >= len(elements)]
        for mark, element in enumerate(elements):
            if mark != element.K or element.Pg.objgen != page.obj.objgen:
                wrong.append(f"element of {mark} is {element.K}")
            if element.objgen not in [part.objgen for part in element.P.K]:
                wrong.append(f"parent of {mark} does not know it")
    return wrong


def outline(pdf: pikepdf.Pdf) -> list[tuple[str, int, list[Any]]]:
    """The bookmarks: a title, the number of its page, and those below."""

    def read(items: Any) -> list[tuple[str, int, list[Any]]]:
        return [(item.title, at(item), read(item.children)) for item in items]

    def at(item: Any) -> int:
        return 1 + pdf.pages.index(pikepdf.Page(item.destination[0]))

    with pdf.open_outline() as bookmarks:
        return read(bookmarks.root)
