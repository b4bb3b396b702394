"""Columns as data: what a table's columns are called, and how each cell becomes a value."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from dashboard.domain.names import clean, name_key
from dashboard.domain.problem import Problems


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the name for people, other headings it goes by, and whether a file must have it.

    Headings are compared without case, accents, punctuation and plural marks, since they drift.
    """

    name: str
    others: tuple[str, ...] = ()
    required: bool = True

    @property
    def headings(self) -> frozenset[str]:
        return frozenset(heading_key(name) for name in (self.name, *self.others))


@lru_cache(maxsize=4096)
def heading_key(heading: str) -> str:
    """What spellings of one heading share: ``Nom d’usage Elève(s)`` is ``nom usage eleve``."""
    words = name_key(heading).split()
    return " ".join(re.sub(r"(?<=...)s$", "", word) for word in words if word not in _SMALL_WORDS)


_SMALL_WORDS = {"d", "de", "du", "des", "la", "le", "l", "s", "no", "n"}


def locate(header: Sequence[str], columns: Mapping[str, Column]) -> dict[str, int]:
    """Where each column stands in a header (its first occurrence)."""
    keys = [heading_key(heading) for heading in header]
    places = {}
    for key, column in columns.items():
        place = next((place for place, name in enumerate(keys) if name in column.headings), None)
        if place is not None:
            places[key] = place
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
    if international and 8 <= len(number) <= 15:
        return "+" + number
    if not international and len(number) == 10 and number[0] == "0":
        return number
    raise ValueError(f"numéro « {text} » impossible. Attendu : 10 chiffres, 06 ou 07.")
