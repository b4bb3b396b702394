"""The spread of schools and their map: what is swept over in one is chosen in all of the page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd
import panel as pn

from dashboard.charts.schools import map_text, school_map, spread_chart
from dashboard.domain.directory import Zone
from dashboard.domain.filters import SchoolFilter
from dashboard.domain.place import Place
from dashboard.domain.scope import Area
from dashboard.pipelines.distribution import share_bands, spread, spread_text
from dashboard.pipelines.school_table import narrowed, school_points
from dashboard.views.components import html
from dashboard.views.components.chart import Chart
from dashboard.views.components.repairs import LiveHtml
from dashboard.views.inspector.parts import STYLE, Asked, quiet
from dashboard.views.state.inspector_state import Question

_SWEEP = (
    "Glissez sur les barres ou sur la carte : l'autre graphique et le tableau suivent. Un clic sur "
    "une barre choisit sa tranche, un clic sur un point mène à l'école. Au clavier ou au doigt, "
    "par les filtres."
)
_LEAST = 2
_BESIDE = {"flex": "1 1 22rem", "min-width": "0"}


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a chart shows, and the query that what is swept over in it is added to."""

    frame: pd.DataFrame
    swept: str


def drawn_spread(asked: Asked, schools: pd.DataFrame, conditions: SchoolFilter) -> Drawn:
    """The bars of these schools; those of the conditions' band are chosen."""
    said = conditions.least_activated_pct, conditions.most_activated_pct
    bands = share_bands()
    frame = spread(schools).assign(
        least=[f"{band.least:g}" for band in bands],
        most=[f"{band.most:g}" for band in bands],
        chosen=[band.meets(*said) for band in bands],
        address=[_in_band(asked, conditions, band.least, band.most) for band in bands],
    )
    return Drawn(frame, _in_band(asked, conditions, None, None))


def drawn_map(
    asked: Asked, schools: pd.DataFrame, chosen: Sequence[str], conditions: SchoolFilter
) -> Drawn:
    """The points of these schools; `chosen` are UAIs."""
    told = schools.assign(chosen=schools["uai"].isin(chosen))
    points = school_points(told, asked.explorer.suppression())
    addresses = [
        asked.seen.address(place=str(Place(Area.SCHOOLS, str(uai))), page=asked.seen.page)
        if uai
        else _in_zone(asked, conditions, Zone(*map(float, edges)))
        for uai, *edges in points[["uai", "south", "west", "north", "east"]].itertuples(index=False)
    ]
    return Drawn(points.assign(address=addresses), _in_zone(asked, conditions, None))


def _in_band(
    asked: Asked, conditions: SchoolFilter, least: float | None, most: float | None
) -> str:
    meant = replace(conditions, least_activated_pct=least, most_activated_pct=most)
    return asked.seen.address(question=Question.SCHOOLS, conditions=meant)


def _in_zone(asked: Asked, conditions: SchoolFilter, zone: Zone | None) -> str:
    return asked.seen.address(question=Question.SCHOOLS, conditions=replace(conditions, zone=zone))


@dataclass(frozen=True, slots=True)
class Linked:
    """The charts show what meets all conditions but their own; what meets these too is chosen."""

    spread: Drawn
    spread_text: str
    map: Drawn
    map_text: str


def link_charts(asked: Asked, whole: pd.DataFrame, found: pd.DataFrame) -> Linked:
    """The charts of a place's schools, of which these are found."""
    said = asked.seen.conditions
    of_any_share = replace(said, least_activated_pct=None, most_activated_pct=None)
    spreading = narrowed(whole, of_any_share, asked.today)
    standing = narrowed(whole, replace(of_any_share, zone=None), asked.today)
    return Linked(
        drawn_spread(asked, spreading, said),
        spread_text(spreading),
        drawn_map(asked, standing, list(found["uai"]), said),
        map_text(standing.dropna(subset=["latitude", "longitude"])),
    )


class SchoolChartsView(pn.viewable.Viewer):
    """Shows the charts side by side, or one below the other where it is narrow."""

    def __init__(self) -> None:
        super().__init__()
        self._text = LiveHtml(stylesheets=[STYLE], sizing_mode="stretch_width", margin=(0, 10))
        self._spread = Chart()
        self._map = Chart()

    def display(self, linked: Linked) -> None:
        """Show these charts, where there is something to compare."""
        spreading, standing = linked.spread.frame, linked.map.frame
        is_spread = int(spreading["schools"].sum()) >= _LEAST
        is_placed = len(standing) >= _LEAST
        self._text.html = _text(linked, is_placed) if is_spread else ""
        self._spread.show(spread_chart(spreading, linked.spread.swept) if is_spread else None)
        self._map.show(school_map(standing, linked.map.swept, small=True) if is_placed else None)

    def __panel__(self) -> pn.viewable.Viewable:
        beside = [pn.Column(chart, styles=_BESIDE) for chart in (self._spread, self._map)]
        charts = pn.FlexBox(*beside, sizing_mode="stretch_width")
        return pn.Column(charts, self._text, sizing_mode="stretch_width")


def _text(linked: Linked, is_placed: bool) -> str:
    said = [linked.spread_text, *([linked.map_text] if is_placed else [])]
    return quiet(_SWEEP) + html.details(
        "Ces graphiques en mots", "".join(map(html.paragraph, said))
    )
