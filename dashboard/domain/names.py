"""Names of people and classes: how they are compared, sorted and shown."""

import re
import unicodedata
from functools import lru_cache

# What neither Unicode's decompositions nor the names of its letters say of Latin letters.
_OTHER_LETTERS = {
    "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ŋ": "n", "ĸ": "k", "ə": "e", "ǝ": "e", "ɛ": "e",
    "ɔ": "o", "ƿ": "w", "ʒ": "z",
}  # fmt: skip
# "… O WITH STROKE", "… DOTLESS I": a Latin letter with something that is no separate mark.
_MARKED = re.compile(
    r"LATIN (?:SMALL )?LETTER (?:DOTLESS |LONG |SMALL CAPITAL )?([A-Z])(?: WITH .*)?"
)
# Letters, digits, and marks that are part of a letter; what is left parts words.
_IN_WORDS = ("L", "M", "N")
# Unicode's default ignorable code points that are neither controls nor marks of direction.
_IGNORABLE = (
    "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8"
    "\U000e0000-\U000e0fff"
)
# They show nothing, and reorder or break what is around them: soft hyphens, joiners, directional
# overrides, byte-order marks; halves of surrogate pairs cannot be stored. Each vanishes.
_UNSEEN = re.compile(
    rf"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e"
    rf"\u2060-\u206f\ufeff\ufff9-\ufffb\U0001d173-\U0001d17a\ud800-\udfff{_IGNORABLE}]+"
)


def clean(text: str) -> str:
    """Text on one line, composed (NFC), without what is not seen, blanks folded."""
    if not text.isascii() or not text.isprintable():
        text = unicodedata.normalize("NFC", _UNSEEN.sub("", text))
    return " ".join(text.split())


def strange_signs(text: str) -> str:
    """The signs of a text that stand in no name: what a wrong reading makes of letters."""
    return "".join(
        sign
        for sign in text
        if not sign.isascii() and (unicodedata.category(sign) in _STRANGE or sign in "§¶")
    )


_STRANGE = frozenset({"Cc", "Co", "Cn", "No", "Sc", "Sm", "So"})


def name_key(*names: str) -> str:
    """What search and matching compare: lower case, no accents, no punctuation, single blanks.

    Letters fold by Unicode's case folding, decompositions and letter names, so that a name is
    found as it is shown, in capitals too, and as a keyboard without its letters types it.
    """
    return " ".join(key for key in map(_key_of_one, names) if key)


# A roster repeats its names from row to row; the size keeps this to neighbouring rows.
@lru_cache(maxsize=4096)
def _key_of_one(name: str) -> str:
    if not name.isascii():
        name = _UNSEEN.sub("", name)
    return " ".join(name.translate(_FOLDED).split())


class _Folds(dict[int, str]):
    """What each character is in a key, found when it is first met."""

    def __missing__(self, point: int) -> str:
        letters = unicodedata.normalize("NFKD", chr(point)).casefold()
        letters = unicodedata.normalize("NFKD", letters).casefold()
        self[point] = "".join(map(_fold, letters))
        return self[point]


_FOLDED = _Folds()


def _fold(letter: str) -> str:
    if letter.isascii():
        return letter if letter.isalnum() else " "
    if unicodedata.combining(letter) or letter == _TATWEEL or _UNSEEN.match(letter):
        return ""
    category = unicodedata.category(letter)
    if category[0] not in _IN_WORDS or (category == "Lm" and letter in _MODIFIERS):
        return " "
    if other := _OTHER_LETTERS.get(letter):
        return other
    marked = _MARKED.fullmatch(unicodedata.name(letter, ""))
    return marked[1].lower() if marked else letter


# It lengthens an Arabic word and is no letter of it.
_TATWEEL = "\u0640"
# Typed for apostrophes and other marks between letters.
_MODIFIERS = frozenset(map(chr, range(0x02B0, 0x0300))) | {"\ua78c"}


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
    return f"{(usage_name or birth_name).upper()} {first_name}".strip()
