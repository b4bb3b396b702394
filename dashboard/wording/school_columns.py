"""The columns of the table of schools, as the screen and the files head and write them."""

from collections.abc import Mapping
from datetime import datetime

from dashboard.domain.directory import Kind, Sector
from dashboard.domain.french import day, decimal, number, percent
from dashboard.wording.statistics_columns import HIDDEN

_PLACES = {
    "uai": "UAI",
    "name": "Établissement",
    "district": "Circonscription",
    "department": "Département",
    "kind": "Type",
    "sector": "Secteur",
}
# What is ranked by, in the order of the screen; the words are short, since all stand in one row.
SCHOOL_FIGURES = {
    "activated_pct": "% activés",
    "accounts": "Comptes",
    "not_notified": "Non notifiés",
    "notified": "Notifiés non activés",
    "activating": "En cours",
    "activated": "Activés",
    "students": "Élèves",
    "students_covered_pct": "% élèves couverts",
    "expired": "Notifications expirées",
    "last_progress_on": "Dernier progrès",
}
SCHOOL_HEADINGS = _PLACES | SCHOOL_FIGURES
_WORDS: dict[str, dict[str, str]] = {
    "kind": {kind.value: kind.label for kind in Kind},
    "sector": {sector.value: sector.label for sector in Sector},
}
_NO_DAY = "–"


def school_texts(record: Mapping[str, object], *, for_file: bool = False) -> dict[str, str]:
    """The cells of a school by column; ``None`` and no percentage are hidden figures.

    For a file, numbers are plain, with a decimal comma and without a sign.
    """
    return {name: _text(name, record[name], for_file) for name in SCHOOL_HEADINGS}


def _text(name: str, value: object, for_file: bool) -> str:
    if name in _WORDS:
        return _WORDS[name].get(str(value), "")
    if name in _PLACES:
        return str(value)
    if name == "last_progress_on":
        # a missing date differs from itself
        return day(value) if isinstance(value, datetime) and value == value else _NO_DAY
    if value is None or value != value:
        return HIDDEN
    if name.endswith("_pct"):
        return (decimal if for_file else percent)(float(str(value)))
    return str(value) if for_file else number(int(str(value)))
