"""A file made for somebody."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Document:
    """The name, media type and bytes of a file to hand out."""

    filename: str
    media_type: str
    content: bytes
