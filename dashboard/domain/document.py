"""A file made for somebody, and what keeps its cells from being run by a spreadsheet."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Document:
    """The name, media type and bytes of a file to hand out.

    Args:
        unprinted: the characters that its fonts lack, by what they are of: an account's identifier,
            or a text.
    """

    filename: str
    media_type: str
    content: bytes
    unprinted: Mapping[str, str] = field(default_factory=dict, compare=False)

    def warnings(self) -> list[str]:
        """What who asked for it must be told, in French: a line for each account or text."""
        return [f"{what} : {unprinted_text(signs)}" for what, signs in self.unprinted.items()]


def unprinted_text(signs: str) -> str:
    """What is said of a name some characters of which could not be printed."""
    listed = ", ".join(f"{sign} U+{ord(sign):04X}" for sign in signs)
    return f"la police n'a pas de quoi imprimer : {listed}"


# A cell that begins so is run as a formula by spreadsheets, some also past blanks, and so are
# their full-width forms; `|` and `%` open commands and macros.
_DANGEROUS = tuple("=+-@|%＝＋－＠")
_DANGEROUS_BLANKS = ("\t", "\r", "\n")
_SHIELD = "'"


def shield(text: str) -> str:
    """The text with an apostrophe before it if a spreadsheet would take it for a formula."""
    return _SHIELD + text if _looks_dangerous(text) else text


def unshield(text: str) -> str:
    """What `shield` was given."""
    if text.startswith(_SHIELD) and _looks_dangerous(text[1:]):
        return text[1:]
    return text


def _looks_dangerous(text: str) -> bool:
    """The same with and without a shield, so that shielding can always be undone."""
    bare = text.lstrip(_SHIELD)
    return bare.startswith(_DANGEROUS_BLANKS) or bare.lstrip().startswith(_DANGEROUS)
