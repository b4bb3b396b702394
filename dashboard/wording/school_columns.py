"""The columns of the table of schools, as the screen and the files head and write them."""

from collections.abc import Callable

from dashboard.domain.figure import Figure, SchoolFigures
from dashboard.domain.french import day
from dashboard.wording.statistics_columns import figure_text, file_text

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
_NO_DAY = "–"


def school_texts(
    school: SchoolFigures, written: Callable[[Figure], str] = figure_text
) -> dict[str, str]:
    """The cells of a school by column, its figures as the screen writes them, or as `written`."""
    words = {
        "uai": school.uai,
        "name": school.name,
        "district": school.district,
        "department": school.department,
        "kind": school.kind.label if school.kind else "",
        "sector": school.sector.label if school.sector else "",
        "expired": written(school.expired),
        "last_progress_on": day(school.last_progress_on) or _NO_DAY,
    }
    return {
        name: words[name] if name in words else written(school.figures[name])
        for name in SCHOOL_HEADINGS
    }


def school_file_texts(school: SchoolFigures) -> dict[str, str]:
    """The same for a file: numbers are plain, with a decimal comma and without a sign."""
    return school_texts(school, file_text)
