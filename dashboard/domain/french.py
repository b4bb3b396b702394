"""How figures and dates are written in French, and names of the code shown."""

from datetime import date, datetime, time
from enum import StrEnum

NO_BREAK_SPACE = "\u00a0"
_VOWELS = tuple("AEÉÈIÎOU")


class Labelled(StrEnum):
    """Names that the code has for some things, each with a French label."""

    @property
    def label(self) -> str:
        raise NotImplementedError


def decimal(value: float) -> str:
    """``0,84``: a comma, at most two decimals, no trailing zeros."""
    return f"{value:.2f}".rstrip("0").rstrip(".").replace(".", ",")


def percent(value: float | None) -> str:
    """``0,84 %``: as `decimal` writes it; a dash for no value."""
    if value is None or value != value:
        return "–"
    return f"{decimal(value)}{NO_BREAK_SPACE}%"


def number(value: int) -> str:
    """``12 345``, thousands apart by a no-break space."""
    return f"{value:,}".replace(",", NO_BREAK_SPACE)


def out_of(part: int, whole: int) -> str:
    """``1 sur 1 234``."""
    return f"{number(part)} sur {number(whole)}"


def day(value: date | None) -> str:
    """``28/09/2026``; nothing for no date."""
    return f"{value:%d/%m/%Y}" if value else ""


def moment(value: datetime) -> str:
    """``28/09/2026 à 14:05``; at midnight sharp, which stands for a day, that day."""
    return day(value) if value.time() == time() else f"{value:%d/%m/%Y à %H:%M}"


def plural(count: int, singular: str, plural_form: str = "") -> str:
    """``0 compte``, ``1 compte``, ``2 comptes``: in French the plural begins at two."""
    word = singular if abs(count) < 2 else plural_form or f"{singular}s"
    return f"{number(count)} {word}"


def of(name: str) -> str:
    """``de Dijon``, ``d'Amiens``: elided before a vowel."""
    return f"d'{name}" if name.startswith(_VOWELS) else f"de {name}"
