"""Which encoding a text file is in, told by what names and headings can hold."""

import codecs
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_BLOCK = 1 << 20
_HEAD = 64 * 1024
# More distinct words than this tell nothing new.
_ENOUGH_WORDS = 5000
# UTF-16 without its mark: every other byte of Western text is zero.
_MOSTLY = 0.7

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Encodings of one byte a character that French schools' programs write, the likeliest first.
_SINGLE_BYTE = ("cp1252", "iso8859_15", "mac_roman", "cp850")
_LABELS = {
    "ascii": "ASCII",
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "utf-32": "UTF-32",
    "cp1252": "Windows-1252",
    "iso8859_15": "ISO-8859-15",
    "mac_roman": "Mac OS Roman",
    "cp850": "DOS (page de codes 850)",
}
_USUAL = frozenset("àâäæçèéêëîïôöœùûüÿñáíóúãõ’")
_PUNCTUATION = frozenset("«»‘“”–—…€°ªº·§²³№• \xa0\u202f")
# ASCII's words too: were they left out here, a long one would be tried from each of its letters.
_WORD = re.compile(rb"[A-Za-z\x80-\xff]+")

# What a character says against an encoding under which it would stand there.
_CONTROL, _WITHIN_A_WORD, _WRONG_CASE, _SIGN, _RARE = 5, 4, 3, 2, 1


@dataclass(frozen=True, slots=True)
class Encoding:
    """An encoding: its codec, and its name for people."""

    codec: str

    @property
    def label(self) -> str:
        return _LABELS[self.codec]


class CutShort(Exception):
    """A UTF-8 file ends in the middle of a character."""


def recognise(path: Path) -> Encoding | None:
    """The encoding of a file; ``None`` if it is no text.

    Byte-order marks and valid UTF-8 decide. Else it is the encoding under which the words that
    have other letters than ASCII's look most like French names: ``BŒUF`` rather than ``B¼UF``,
    ``Prénom`` rather than ``PrÈnom``.

    Raises:
        CutShort: it is UTF-8, but its last character is cut in two.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    for mark, codec in _BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return Encoding(codec)
    if b"\0" in head:
        return _utf16_without_mark(head)
    if (unicode := _utf8(path)) is not None:
        return Encoding(unicode)
    words = _words(path)
    if sum(map(_is_utf8, words)) > len(words) / 2:
        return Encoding(_SINGLE_BYTE[0])  # UTF-8 with foreign bytes in it: read so, it shows
    return Encoding(min(_SINGLE_BYTE, key=lambda codec: _strangeness(words, codec)))


def _utf16_without_mark(head: bytes) -> Encoding | None:
    for codec, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[0::2])):
        if zeros.count(0) > _MOSTLY * len(zeros) and head.count(0) < 2 * len(zeros):
            others = head[0::2] if codec == "utf-16-le" else head[1::2]
            if 0 not in others:
                return Encoding(codec)
    return None


def _utf8(path: Path) -> str | None:
    """``ascii`` or ``utf-8`` if the whole file is."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_ascii = True
    with path.open("rb") as file:
        try:
            while block := file.read(_BLOCK):
                is_ascii = decoder.decode(block).isascii() and is_ascii
        except UnicodeDecodeError:
            return None
    if decoder.getstate()[0] == b"":
        return "ascii" if is_ascii else "utf-8"
    if is_ascii:  # a single foreign byte at the end says nothing of UTF-8
        return None
    raise CutShort


def _words(path: Path) -> set[bytes]:
    """The distinct words of a file that ASCII cannot write, as many as tell something."""
    words: set[bytes] = set()
    for block in _blocks(path):
        words.update(word for word in _WORD.findall(block) if not word.isascii())
        if len(words) > _ENOUGH_WORDS:
            break
    return words


def _is_utf8(word: bytes) -> bool:
    try:
        word.decode()
    except UnicodeDecodeError:
        return False
    return True


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block + file.readline(_BLOCK)


def _strangeness(words: set[bytes], codec: str) -> int:
    return sum(_strange(word.decode(codec, "cp1252_controls")) for word in words)


def _strange(word: str) -> int:
    beside = zip(f" {word}", word, f"{word[1:]} ", strict=False)
    return sum(_against(*three) for three in beside if not three[1].isascii())


def _against(before: str, letter: str, after: str) -> int:
    """What a character between two others says against its encoding."""
    if unicodedata.category(letter) == "Cc":
        return _CONTROL
    if letter.isalpha():
        if letter.isupper() and before.islower():
            return _WRONG_CASE
        if letter.islower() and before.isupper() and after.isupper():
            return _WRONG_CASE
        return 0 if letter.lower() in _USUAL else _RARE
    if letter in _USUAL:
        return 0
    if before.isalpha() and after.isalpha():
        return _WITHIN_A_WORD
    return 0 if letter in _PUNCTUATION else _SIGN


def _keep_as_latin1(error: UnicodeError) -> tuple[str, int]:
    """Windows-1252 leaves five bytes undefined; ISO-8859-1 has controls there."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error("cp1252_controls", _keep_as_latin1)
