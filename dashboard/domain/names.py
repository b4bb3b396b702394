"""Names of people and classes: how they are compared, sorted and shown."""

import re
import unicodedata
from functools import lru_cache

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "đ": "d"})
_NOT_WORD = re.compile(r"[\W_]+")
# Controls, bidirectional overrides and isolates reorder or break the text around them; halves of
# surrogate pairs cannot be stored.
_UNSEEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]+"
)


def clean(text: str) -> str:
    """Text on one line, composed (NFC), without control or direction characters, blanks folded."""
    if not text.isprintable():
        text = _UNSEEN.sub(" ", text)
    return " ".join(unicodedata.normalize("NFC", text).split())


def name_key(*names: str) -> str:
    """What search and matching compare: lower case, no accents, no punctuation, single blanks."""
    return " ".join(key for key in map(_key_of_one, names) if key)


# A roster repeats its names from row to row; the size keeps this to neighbouring rows.
@lru_cache(maxsize=4096)
def _key_of_one(name: str) -> str:
    text = name.casefold()
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", name).casefold().translate(_LIGATURES)
        letters = unicodedata.normalize("NFKD", decomposed)
        text = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return _NOT_WORD.sub(" ", text).strip()


def class_key(label: str) -> str:
    """What two spellings of one class share: no case, accent, blank or punctuation."""
    return name_key(label).replace(" ", "")


def person_key(birth_name: str, usage_name: str, first_name: str) -> str:
    """The stored search and sort key of a person: shown name, first name, other name."""
    shown = usage_name or birth_name
    other = birth_name if name_key(birth_name) != name_key(shown) else ""
    return name_key(shown, first_name, other)


def full_name(birth_name: str, usage_name: str, first_name: str) -> str:
    """How a person is shown: the usage name (else the birth name) in capitals, the first name."""
    return f"{capitals(usage_name or birth_name)} {first_name}".strip()


# Georgian is written in one case; what Unicode has as its capitals, few fonts have.
_ONE_CASE = {capital: ord(chr(capital).lower()) for capital in range(0x1C90, 0x1CC0)}


def capitals(name: str) -> str:
    """A name in capitals, as far as its script has any that are printed and read."""
    return name.upper().translate(_ONE_CASE)
