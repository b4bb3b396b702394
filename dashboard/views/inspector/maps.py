"""By level and on the map: what is told of the levels of a place, and where its schools stand."""

from dataclasses import dataclass

import pandas as pd
import panel as pn

from dashboard.charts.schools import map_text, school_map
from dashboard.domain.figure import Figures, Share
from dashboard.domain.filters import SchoolFilter
from dashboard.domain.french import plural
from dashboard.domain.grouping import Grouping
from dashboard.domain.place import AREA_WORDS, Place
from dashboard.domain.scope import Area
from dashboard.pipelines.statistics import rows
from dashboard.pipelines.territory import place_of
from dashboard.views.components import html
from dashboard.views.components.chart import Chart
from dashboard.views.components.heat import HEAT_LEGEND, heat_table, shaded
from dashboard.views.components.repairs import LiveHtml
from dashboard.views.inspector.parts import STYLE, Asked, note, quiet
from dashboard.views.inspector.school_charts import Drawn, drawn_map
from dashboard.wording.statistics_columns import HIDDEN_TEXT, LEVELS_TEXT

_HEAT = "Part de comptes activés par niveau"
_MAP = "Carte des établissements"
_CLICK = (
    "Un clic sur un point mène à l'école, ou aux établissements qu'il rassemble ; un glissé, à "
    "ceux de la zone"
)
_UNTOLD = html.Markup(f'<span class="quiet">{HIDDEN_TEXT}</span>')
_GROUPINGS = {
    Area.ACADEMY: (Grouping.ACADEMY,),
    Area.DEPARTMENT: (Grouping.DEPARTMENT,),
    Area.DISTRICT: (Grouping.DEPARTMENT, Grouping.DISTRICT),
}


@dataclass(frozen=True, slots=True)
class Maps:
    """The answer: figures by part and level, and the schools whose position is known."""

    cells: list[tuple[Place, Figures]]
    schools: pd.DataFrame
    drawn: Drawn
    count: int


def find_maps(asked: Asked) -> Maps:
    """Ask the store for the answer."""
    explorer, place = asked.explorer, asked.place
    table = explorer.schools(place)
    placed = table.dropna(subset=["latitude", "longitude"])
    drawn = drawn_map(asked, placed, list(placed["uai"]), SchoolFilter())
    return Maps(_cells(asked), placed, drawn, len(table))


def _cells(asked: Asked) -> list[tuple[Place, Figures]]:
    """The levels of the parts of a place; where these are schools, of the place itself."""
    area = asked.explorer.territory.part_area(asked.place)
    by = _GROUPINGS.get(area, ()) if area else ()
    figures = rows(asked.explorer.figures(asked.place, (*by, Grouping.LEVEL)))
    if not by or area is None:
        return [(asked.place, group) for group in figures]
    return [(place_of(area, group.names), group) for group in figures]


class MapsView(pn.viewable.Viewer):
    """Shows the answer."""

    def __init__(self) -> None:
        super().__init__()
        look = {"stylesheets": [STYLE], "sizing_mode": "stretch_width", "margin": (0, 10)}
        self._above = LiveHtml(**look)
        self._map = Chart(max_width=720)
        self._below = LiveHtml(**look)

    def display(self, asked: Asked, found: Maps) -> None:
        """Show this answer."""
        self._above.html = _heat_html(asked, found.cells) + _map_html(asked, found)
        drawn = found.drawn
        self._map.show(school_map(drawn.frame, drawn.swept) if len(drawn.frame) else None)
        self._below.html = note(asked.explorer.smallest_count)

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Column(self._above, self._map, self._below, sizing_mode="stretch_width")


def _heat_html(asked: Asked, cells: list[tuple[Place, Figures]]) -> str:
    title = html.heading(3, _HEAT)
    told = {
        (_name(asked, place), group.names["level"]): _cell(group.activated_pct)
        for place, group in cells
    }
    why = f"{LEVELS_TEXT} Par classe, ils le sont à la direction de l'école seulement."
    if not set(told.values()) - {_UNTOLD}:
        return title + quiet(why)
    word = AREA_WORDS.get(cells[0][0].area, ("lieu", ""))[0].capitalize()
    table = heat_table(_HEAT, word, told, absent=_UNTOLD)
    below = quiet(why) if asked.explorer.smallest_count else ""
    return title + quiet(HEAT_LEGEND) + table + below


def _name(asked: Asked, place: Place) -> str:
    label = asked.explorer.territory.label(place)
    return label if place == asked.place else html.step(place.short, asked.address(place))


def _cell(share: Share) -> html.Markup:
    return shaded(share) if isinstance(share, float) else _UNTOLD


def _map_html(asked: Asked, found: Maps) -> str:
    title = html.heading(3, _MAP)
    if found.schools.empty:
        return title + quiet("La position de ces établissements n'est pas connue.")
    missing = found.count - len(found.schools)
    unknown = f" Position inconnue : {plural(missing, 'établissement')}." if missing else ""
    listing = html.step("le tableau des établissements", asked.seen.narrowed(SchoolFilter()))
    return (
        title
        + quiet(map_text(found.schools) + unknown)
        + quiet(html.Markup(f"{_CLICK} ; au clavier, par {listing}."))
    )
