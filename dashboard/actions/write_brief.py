"""The one-page brief of each district of a place, as one PDF to print or to mail."""

from datetime import timedelta
from functools import cache

import pandas as pd

from dashboard.actions.explore_places import Explorer, Level
from dashboard.domain.document import Document
from dashboard.domain.errors import Refused
from dashboard.domain.french import number
from dashboard.domain.grouping import Grouping
from dashboard.domain.names import name_key
from dashboard.domain.place import Place
from dashboard.domain.school_year import SchoolYear
from dashboard.domain.scope import Area
from dashboard.outputs.brief_pdf import briefs_pdf
from dashboard.pipelines.briefs import Above, DistrictFigures, compose_brief, need
from dashboard.pipelines.situation import SPANS, changes, growths
from dashboard.pipelines.statistics import rows, texts
from dashboard.pipelines.territory import place_of
from dashboard.pipelines.timelines import share_rows

# Of more districts, nobody would read the pages.
MOST_BRIEFS = 200
_LONGEST_NAME = 80
_BY_DISTRICT = (Grouping.DEPARTMENT, Grouping.DISTRICT)
_KEYS = [grouping.value for grouping in _BY_DISTRICT]


def districts(explorer: Explorer, place: Place) -> list[Place]:
    """The districts that a place has briefs of; none for a school."""
    if place.area is Area.SCHOOLS:
        return []
    found = explorer.territory.districts(place)
    return [place] if place.area is Area.DISTRICT and len(found) == 1 else found


def write_brief(explorer: Explorer, place: Place) -> Document:
    """A page for each district of a place, the one that needs help most first.

    Raises:
        Refused: the place is a school, or has no district or too many.
    """
    chosen, label = districts(explorer, place), explorer.territory.label(place)
    _require_briefs(place, label, len(chosen))
    found = _Found(explorer, place)
    told = sorted((found.of(district) for district in chosen), key=lambda one: need(one.figures))
    several = "s" if len(chosen) > 1 else ""
    where = name_key(label).replace(" ", "-")[:_LONGEST_NAME]
    return briefs_pdf(
        [compose_brief(one, explorer.today, explorer.smallest_count) for one in told],
        f"Fiches des circonscriptions – {label}" if several else f"Fiche – {label}",
        f"fiche{several}_{where}_{explorer.today:%Y-%m-%d}.pdf",
    )


def _require_briefs(place: Place, label: str, count: int) -> None:
    if place.area is Area.SCHOOLS:
        raise Refused([f"{label} : une fiche décrit une circonscription, et non une école."])
    if not count:
        raise Refused([f"{label} : aucune école n'est connue, il n'y a pas de fiche à écrire."])
    if count > MOST_BRIEFS:
        raise Refused(
            [
                f"{label} : {number(count)} circonscriptions, et un document ne tient que "
                f"{MOST_BRIEFS} fiches. Demandez celles d'une académie ou d'un département."
            ]
        )


class _Found:
    """The figures of all districts of a place, each kind of them asked of the store at once."""

    def __init__(self, explorer: Explorer, place: Place) -> None:
        today = explorer.today
        self._explorer = explorer
        self._since = SchoolYear.of(today).start
        first = min(self._since, today - timedelta(days=max(SPANS)))
        self._days = explorer.days(place, first, today, _BY_DISTRICT)
        figures, grown = explorer.figures(place, _BY_DISTRICT), changes(self._days)
        self._figures = dict(zip(_keys_of(figures), rows(figures), strict=True))
        self._changes = dict(zip(_keys_of(grown), growths(grown), strict=True))
        self._schools = explorer.schools(place)
        self._above = cache(self._level)

    def of(self, district: Place) -> DistrictFigures:
        """The figures of one of them."""
        explorer = self._explorer
        names = explorer.territory.names(district)
        key = names["department"], names["district"]
        above = explorer.level_above(district)
        return DistrictFigures(
            label=explorer.territory.label(district),
            within=" · ".join(
                place_of(area, names).label for area in (Area.DEPARTMENT, Area.ACADEMY)
            ),
            figures=self._figures.get(key) or rows(explorer.figures(district))[0],
            change=self._changes.get(key, {}),
            days=_rows(self._days, *key),
            schools=_rows(self._schools, *key),
            above=self._above(above) if above else None,
        )

    def _level(self, level: Level) -> Above:
        shares = self._explorer.shares(level, self._since, self._explorer.today)
        return Above(level.label, self._explorer.percentages(level), share_rows(shares))


def _keys_of(frame: pd.DataFrame) -> list[tuple[str, str]]:
    return [(names["department"], names["district"]) for names in texts(frame[_KEYS])]


def _rows(frame: pd.DataFrame, department: str, district: str) -> pd.DataFrame:
    return frame[(frame["department"] == department) & (frame["district"] == district)]
