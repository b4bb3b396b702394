"""A file made for somebody."""

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
