"""The columns of the statistics tables, as the screen and the files head and write them."""

from collections.abc import Callable, Iterable

from dashboard.domain.bundles import LEAST_SCHOOLS
from dashboard.domain.figure import HIDDEN, Figure, Figures, Growth
from dashboard.domain.filters import NO_CLASS
from dashboard.domain.french import NO_BREAK_SPACE, decimal, number, percent
from dashboard.domain.grouping import Grouping, Groupings, groupings_of

NO_LEVEL = "sans niveau"
# "Not communicated": of too few people to be told.
HIDDEN_TEXT = "n. c."

GROUP_HEADINGS: dict[Grouping, dict[str, str]] = {
    Grouping.STRUCTURE: {},
    Grouping.CLASS: {"class": "Classe"},
    Grouping.LEVEL: {"level": "Niveau"},
    Grouping.SCHOOL: {"school": "Établissement"},
    Grouping.DISTRICT: {"district": "Circonscription"},
    Grouping.DEPARTMENT: {"department": "Département"},
    Grouping.ACADEMY: {"academy": "Académie"},
}
COUNT_HEADINGS = {
    "accounts": "Nombre de comptes responsables",
    "not_notified": "Nombre de comptes non notifiés",
    "notified": "Nombre de comptes notifiés et non activés",
    "activating": "Nombre de comptes en cours d'activation",
    "activated": "Nombre de comptes activés",
}
PERCENT_HEADINGS = {
    "activated_pct": "% de comptes resp. avec un compte activé",
    "students_covered_pct": "% d'élèves ayant au moins un resp. avec un compte activé",
}
_UNNAMED = {"class": NO_CLASS, "level": NO_LEVEL}


def headings(by: Groupings, several_schools: bool = False) -> dict[str, str]:
    """The columns of a table of statistics and their headings, in order."""
    columns = dict(GROUP_HEADINGS[Grouping.SCHOOL]) if several_schools else {}
    for one in groupings_of(by):
        columns |= GROUP_HEADINGS[one]
    return columns | COUNT_HEADINGS | PERCENT_HEADINGS


def figure_text(figure: Figure) -> str:
    """A figure as the screen and the documents write it.

    ``1 234`` for a count, ``12,5 %`` for a percentage (a ``float``), ``n. c.`` for what is hidden
    and a dash for the percentage of nothing.
    """
    if figure is HIDDEN:
        return HIDDEN_TEXT
    return number(figure) if isinstance(figure, int) else percent(figure)


def file_text(figure: Figure) -> str:
    """A figure that a French spreadsheet reads as a number; empty for a percentage of nothing."""
    if isinstance(figure, float):
        return decimal(figure)
    return "" if figure is None else HIDDEN_TEXT if figure is HIDDEN else str(figure)


def name_text(column: str, name: str) -> str:
    """What a group is called in a key column; a class or level without a name has words too."""
    return name or _UNNAMED.get(column, "–")


def group_texts(
    group: Figures, columns: Iterable[str], written: Callable[[Figure], str] = figure_text
) -> list[str]:
    """The cells of one group of statistics under these columns, its figures as `written`."""
    return [
        name_text(column, group.names[column]) if column in group.names else written(group[column])
        for column in columns
    ]


def change_text(grown: Growth, unit: str = "") -> str:
    """A growth with its sign: ``+1 234``, ``−0,5 pt``; ``=`` for none."""
    if grown is HIDDEN:
        return HIDDEN_TEXT
    if not grown:
        return "="
    shown = decimal(round(abs(grown), 2))
    if not unit:
        shown = number(int(abs(grown)))
    return f"{'+' if grown > 0 else '−'}{shown}{NO_BREAK_SPACE if unit else ''}{unit}"


def points_text(grown: Growth) -> str:
    """A growth in points, in a sentence: ``+1,5 point``, ``−2 points``."""
    several = grown is not HIDDEN and abs(grown) >= 2
    return change_text(grown, "points" if several else "point")


def hidden_text(smallest_count: int) -> str:
    """What `HIDDEN_TEXT` means, where counts of fewer people are hidden."""
    least = number(smallest_count)
    return (
        f"« {HIDDEN_TEXT} » : non communiqué. Pour que nul ne soit reconnu, les effectifs de "
        f"chaque école sont arrondis à un multiple de {least} par un tirage fixé une fois pour "
        f"toutes, et ceux de moins de {least} personnes ne sont pas montrés, ni leurs "
        "pourcentages. Les totaux sont les sommes de ces nombres : ils s'écartent un peu des "
        "nombres exacts, et s'additionnent entre eux. Pour trier et filtrer, un chiffre non "
        "communiqué compte pour zéro."
    )


def together_text(what: str) -> str:
    """Why figures that are told of many schools only are not told of a place, or of all in it."""
    return (
        f"{what} à partir de {LEAST_SCHOOLS} écoles, et seulement là où, en retranchant d'un "
        f"territoire ceux qu'il contient, il n'en resterait pas moins de {LEAST_SCHOOLS}."
    )


LEVELS_TEXT = together_text("Par niveau, les chiffres sont montrés")
YEARS_TEXT = together_text("Les années scolaires passées sont montrées")
