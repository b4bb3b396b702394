"""Columns as data: what a table's columns are called, and how each cell becomes a value."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from dashboard.domain.names import clean, name_key, strange_signs
from dashboard.domain.problem import Problems

HeadingKey = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the name for people, other headings it goes by, and whether a file must have it.

    Headings are compared by a key, since they drift: `heading_key`, or a looser one.
    """

    name: str
    others: tuple[str, ...] = ()
    required: bool = True

    def headings(self, key: HeadingKey) -> frozenset[str]:
        return frozenset(key(name) for name in (self.name, *self.others))


@lru_cache(maxsize=4096)
def heading_key(heading: str) -> str:
    """What spellings of one heading share: ``Nom d’usage Elève(s)`` is ``nom usage eleve``."""
    words = name_key(heading).split()
    return " ".join(re.sub(r"(?<=...)s$", "", word) for word in words if word not in _SMALL_WORDS)


_SMALL_WORDS = {"d", "de", "du", "des", "la", "le", "l", "s", "no", "n"}


@lru_cache(maxsize=4096)
def bare_heading_key(heading: str) -> str:
    """What headings share beside the order of words and the numbers that programs give them.

    ``Nom d'usage enfant2`` (a table of Excel), ``… .1`` (pandas), ``…_1``, ``…...15`` (R),
    ``… (2)``, ``…_duplicated_0`` (Polars) and ``Enfant 2 : nom d'usage`` are one.
    """
    words = (_NUMBERING.sub("", word) for word in heading_key(heading).split())
    return " ".join(sorted(word for word in words if word not in _NUMBER_WORDS))


_NUMBERING = re.compile(r"^\d+(?:e|er|ere|eme|nd|nde)?$|\d+$")
_NUMBER_WORDS = {"", "duplicated", "numero"}


def locate(
    header: Sequence[str], columns: Mapping[str, Column], key: HeadingKey = heading_key
) -> dict[str, int]:
    """Where each column stands in a header (its first occurrence), by the key of the headings."""
    keys = [key(heading) for heading in header]
    places = {}
    for name, column in columns.items():
        known = column.headings(key)
        place = next((place for place, heading in enumerate(keys) if heading in known), None)
        if place is not None:
            places[name] = place
    return places


def missing(places: Mapping[str, int], columns: Mapping[str, Column]) -> list[str]:
    """The names of the columns that a header lacks and must have."""
    return [c.name for key, c in columns.items() if c.required and key not in places]


class Row:
    """One row under its header: cells by column, problems noted where they are."""

    def __init__(
        self,
        line: int,
        cells: Sequence[str],
        places: Mapping[str, int],
        columns: Mapping[str, Column],
        problems: Problems,
    ) -> None:
        self.line = line
        self._cells = cells
        self._places = places
        self._columns = columns
        self._problems = problems
        self.is_valid = True

    def raw(self, key: str) -> str:
        place = self._places.get(key)
        return self._cells[place] if place is not None and place < len(self._cells) else ""

    def text(self, key: str) -> str:
        return clean(self.raw(key))

    def required(self, key: str, what: str) -> str:
        value = self.text(key)
        if not value:
            self.error(key, f"{what} manquant.")
        return value

    def date(self, key: str, latest: date) -> date | None:
        """A date not after `latest`, as ``AAAA-MM-JJ`` or ``JJ/MM/AAAA``; ``None`` if empty."""
        text = self.text(key)
        if not text:
            return None
        try:
            day = parse_date(text)
        except ValueError as error:
            self.error(key, str(error))
            return None
        if day > latest or day.year < _FIRST_YEAR:
            self.error(
                key,
                f"date « {text} » impossible. Attendu : entre le 01/01/{_FIRST_YEAR} et le "
                f"{latest:%d/%m/%Y}.",
            )
        return day

    def name(self, key: str) -> str:
        """A name of a person; signs that stand in none are a warning."""
        text = self.raw(key)
        if not text.isascii() and (signs := strange_signs(text)):
            self.warning(
                key, f"signe « {clean(signs) or ascii(signs)} » inattendu dans « {clean(text)} »."
            )
        return clean(text)

    def error(self, key: str, message: str) -> None:
        self.is_valid = False
        self._problems.error(message, self.line, self._columns[key].name)

    def warning(self, key: str, message: str) -> None:
        self._problems.warning(message, self.line, self._columns[key].name)


_FIRST_YEAR = 1900
_DATES = (
    re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})", re.ASCII),
    re.compile(r"(?P<d>\d{1,2})/(?P<m>\d{1,2})/(?P<y>\d{4})", re.ASCII),
)
_MIDNIGHT = re.compile(r"[ T]0?0:00(:00)?$", re.ASCII)


def parse_date(text: str) -> date:
    """The day that a cell names; a time of midnight, as spreadsheets add, is dropped.

    Raises:
        ValueError: in French, with the forms that would be right.
    """
    for form in _DATES:
        if found := form.fullmatch(_MIDNIGHT.sub("", text)):
            try:
                return date(int(found["y"]), int(found["m"]), int(found["d"]))
            except ValueError:
                break
    raise ValueError(
        f"date « {text} » impossible. Attendu : une date existante, AAAA-MM-JJ ou JJ/MM/AAAA."
    )


_CIVILITIES = {
    "m": "M.",
    "mr": "M.",
    "monsieur": "M.",
    "mme": "Mme",
    "mlle": "Mme",
    "madame": "Mme",
    "mademoiselle": "Mme",
}


def parse_civility(text: str) -> str:
    """``M.`` or ``Mme`` (which stands for Mlle since 2012); ``""`` where unknown."""
    return _CIVILITIES.get(name_key(text), "")


# Digits and what is written between them; letters say that it is more than a number.
_NUMBER = re.compile(r"\+?[0-9\s.,/()_·-]+")
_NOT_DIGIT = re.compile(r"[^0-9]+")


def parse_mobile(text: str) -> str:
    """A French number as ten digits, another as ``+`` and digits; ``""`` for an empty cell.

    Raises:
        ValueError: in French.
    """
    digits = _NOT_DIGIT.sub("", text)
    international = text.startswith("+") or digits.startswith("00")
    number = digits.removeprefix("00") if not text.startswith("+") else digits
    if international and number.startswith("33"):
        number, international = "0" + number[2:].removeprefix("0"), False
    if not international and len(number) == 9 and number[0] != "0":
        number = "0" + number  # a spreadsheet drops the leading zero
    if not text:
        return ""
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"numéro « {text} » impossible. Attendu : 10 chiffres, et rien d'autre.")
    if international and 8 <= len(number) <= 15:
        return "+" + number
    if not international and len(number) == 10 and number[0] == "0":
        return number
    raise ValueError(f"numéro « {text} » impossible. Attendu : 10 chiffres, 06 ou 07.")
