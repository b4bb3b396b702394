"""A PDF whose content is tagged, so that a screen reader reads it in order and knows what is what.

fpdf2 itself tags pictures only, all of them right below the document, and counts all tags for
each new one. This module reaches into what fpdf2 does not promise to keep: how it writes on a page
and makes its objects, and the builder that its output asks for the tree. It is written for fpdf2
2.8.9; `check` says what has moved in another version, before files are no longer tagged.
"""

import io
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from importlib.metadata import version
from typing import cast

from fpdf import FPDF
from fpdf.fonts import TTFFont
from fpdf.image_parsing import preload_image
from fpdf.output import OutputProducer, PDFPage
from fpdf.prefs import ViewerPreferences
from fpdf.structure_tree import StructureTreeBuilder
from fpdf.syntax import PDFObject, PDFString

from dashboard.domain.errors import Refused

_LANGUAGE = "fr-FR"

# What an element says of itself, besides its kind and its content.
NUMBERED_LIST = " /A <</O /List /ListNumbering /Decimal>>"
PLAIN_LIST = " /A <</O /List /ListNumbering /None>>"
COLUMN_HEADING = " /A <</O /Table /Scope /Column>>"
ROW_HEADING = " /A <</O /Table /Scope /Row>>"


# What is relied on: of a document and its parts, once they are made.
_OF_DOCUMENT = (
    *("_out", "output", "pages", "page", "fonts", "image_cache"),
    *("struct_builder", "single_resources_object", "viewer_preferences"),
)
_OF_TREE = ("struct_tree_root", "empty", "__iter__")
_OF_ROOT = ("k", "parent_tree")


@cache
def check() -> None:
    """Look whether all that is relied on is where it was.

    Raises:
        Refused: it has moved; with what, and the version.
    """
    tree = StructureTreeBuilder()
    root = getattr(tree, "struct_tree_root", None)
    relied_on: tuple[tuple[object, tuple[str, ...]], ...] = (
        (FPDF(), _OF_DOCUMENT),
        (OutputProducer, ("_add_pdf_obj",)),
        (tree, _OF_TREE),
        (root, _OF_ROOT),
        (getattr(root, "parent_tree", None), ("nums",)),
    )
    moved = [
        f"{getattr(owner, '__name__', type(owner).__name__)}.{name}"
        for owner, names in relied_on
        for name in names
        if not hasattr(owner, name)
    ]
    if moved:
        raise Refused(
            [
                f"fpdf2 {version('fpdf2')} : introuvable dans cette version, {', '.join(moved)}. "
                "Installez les versions de requirements.txt."
            ]
        )


def figure(bounds: str, alternative: str) -> str:
    """What a figure says of itself: where it stands, and the text for those who do not see it."""
    return f" /Alt {PDFString(alternative).serialize()} /A <</O /Layout /BBox {bounds}>>"


class _Node(PDFObject):
    """An element of the tree, written without fpdf2's look at each of its attributes."""

    __slots__ = ("_entries", "_id", "_kind", "_parent")

    def __init__(self, kind: str, parent: PDFObject, entries: str) -> None:
        super().__init__()
        self._kind = kind
        self._parent = parent
        self._entries = entries

    def walk(self) -> Iterator[PDFObject]:
        yield self

    def content(self) -> str:
        raise NotImplementedError

    def serialize(self, *_: object, **__: object) -> str:
        return (
            f"{self.id} 0 obj\n<</S /{self._kind} /P {self._parent.ref}{self._entries} "
            f"/K {self.content()}>>\nendobj"
        )


class Element(_Node):
    """An element that holds others."""

    __slots__ = ("_parts",)

    def __init__(self, kind: str, parent: PDFObject, entries: str = "") -> None:
        super().__init__(kind, parent, entries)
        self._parts: list[_Node] = []

    def add(self, part: _Node) -> None:
        self._parts.append(part)

    def walk(self) -> Iterator[PDFObject]:
        yield self
        for part in self._parts:
            yield from part.walk()

    def content(self) -> str:
        return f"[{' '.join([part.ref for part in self._parts])}]"


class _Mark(_Node):
    """An element that is drawn: by its number among what is marked on its page."""

    __slots__ = ("_number", "_page")

    def __init__(
        self, kind: str, parent: PDFObject, entries: str, page: PDFPage, number: int
    ) -> None:
        super().__init__(kind, parent, entries)
        self._page = page
        self._number = number

    def content(self) -> str:
        return f"{self._number} /Pg {self._page.ref}"


class _Tree(StructureTreeBuilder):
    """What fpdf2's output asks for the tree; `doc_struct_elem` stays empty and is left out."""

    def __init__(self) -> None:
        super().__init__()
        self.document = Element("Document", self.struct_tree_root)
        self.struct_tree_root.k[:] = [self.document]

    def marked_on(self, page: int) -> list[PDFObject]:
        """The elements drawn on a page, each at the place of its number."""
        return self.struct_tree_root.parent_tree.nums[page - 1]

    def empty(self) -> bool:
        return False

    def __iter__(self) -> Iterator[PDFObject]:
        yield self.struct_tree_root
        yield self.struct_tree_root.parent_tree
        yield from self.document.walk()


class _Output(OutputProducer):
    """fpdf2's output without its statistics of sizes, which take an entry for each object."""

    def _add_pdf_obj(
        self,
        pdf_obj: PDFObject,
        trace_label: str | None = None,  # noqa: ARG002  # what fpdf2 counts sizes by
    ) -> int:
        return super()._add_pdf_obj(pdf_obj)


class TaggedPdf(FPDF):
    """A French document with a title, all that is drawn in which is an element or an artifact."""

    def __init__(self, title: str, made_at: datetime, orientation: str = "portrait") -> None:
        check()
        super().__init__(orientation=orientation, format="A4")
        self.set_title(title)
        self.set_lang(_LANGUAGE)
        self.set_creation_date(made_at)
        self.viewer_preferences = ViewerPreferences(display_doc_title=True)
        self._tree = _Tree()
        self.struct_builder = self._tree
        # One dictionary of fonts and pictures for all pages, whatever is drawn on each.
        self.single_resources_object = True

    def content(self) -> bytes:
        """The finished file."""
        return bytes(self.output(output_producer_class=_Output))

    def close_fonts(self) -> None:
        """Close the files of the fonts, which stay open in a document that is left unfinished."""
        for font in self.fonts.values():
            if isinstance(font, TTFFont):
                font.ttfont.close()

    def add_picture(self, content: bytes) -> int:
        """Take a picture into the document, to be drawn by the index returned."""
        _, _, picture = preload_image(self.image_cache, io.BytesIO(content))
        return cast(int, picture["i"])

    def bookmark(self, title: str, level: int, y: float) -> None:
        """Put a bookmark at that height of this page."""
        self.y = y
        self.start_section(title, level)

    def group(self, kind: str, parent: Element | None = None, entries: str = "") -> Element:
        """Begin an element that holds others, below the document where no other is named."""
        parent = parent or self._tree.document
        element = Element(kind, parent, entries)
        parent.add(element)
        return element

    def mark(self, kind: str, parent: Element, ink: bytes, entries: str = "") -> None:
        """Draw those operators as an element of that kind."""
        self._out(self._beginning(kind, parent, entries) + ink + b"EMC")

    def decorate(self, ink: bytes) -> None:
        """Draw those operators as an artifact: what is not read."""
        self._out(b"/Artifact BMC\n" + ink + b"EMC")

    def _beginning(self, kind: str, parent: Element, entries: str) -> bytes:
        page = self.pages[self.page]
        page.struct_parents = self.page - 1
        marked = self._tree.marked_on(self.page)
        number = len(marked)
        element = _Mark(kind, parent, entries, page, number)
        parent.add(element)
        marked.append(element)
        return b"/%b <</MCID %d>> BDC\n" % (kind.encode(), number)
