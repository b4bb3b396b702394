"""Where is it stuck: the funnel of accounts, and how the schools spread."""

from dataclasses import dataclass
from html import escape

import pandas as pd
import panel as pn

from dashboard.charts.schools import spread_chart
from dashboard.domain.enrolment import level_rank
from dashboard.domain.figure import Figures, SchoolGroup
from dashboard.domain.filters import SchoolFilter
from dashboard.domain.french import number
from dashboard.domain.grouping import Grouping
from dashboard.pipelines.distribution import (
    Stage,
    by_kind,
    by_size,
    expired_in,
    funnel,
    funnel_text,
    group_rows,
    kind_groups,
    share_bands,
    size_bands,
    spread_text,
    stage_texts,
)
from dashboard.pipelines.statistics import rows
from dashboard.views.components import html
from dashboard.views.components.chart import Chart
from dashboard.views.components.repairs import LiveHtml
from dashboard.views.inspector.parts import (
    FIGURES,
    STYLE,
    Asked,
    lead,
    note,
    quiet,
)
from dashboard.views.inspector.school_charts import drawn_spread
from dashboard.wording.statistics_columns import LEVELS_TEXT, figure_text, name_text

_FUNNEL = "Du compte remis au compte activé"
_SPREAD = "Établissements selon leur part de comptes activés"
_CLICK = (
    "Un clic sur une barre, ou un glissé sur plusieurs, mène à leurs établissements ; au clavier, "
    "par le tableau."
)


@dataclass(frozen=True, slots=True)
class Blockage:
    """The answer."""

    stages: list[Stage]
    schools: pd.DataFrame
    kinds: list[SchoolGroup]
    sizes: list[SchoolGroup]
    levels: list[Figures]


def find_blockage(asked: Asked) -> Blockage:
    """Ask the store for the answer."""
    explorer = asked.explorer
    [figures] = rows(explorer.figures(asked.place))
    schools = explorer.schools(asked.place)
    rule = explorer.suppression()
    return Blockage(
        funnel(figures),
        schools,
        group_rows(by_kind(schools, rule)),
        group_rows(by_size(schools, rule)),
        rows(explorer.figures(asked.place, Grouping.LEVEL)),
    )


class BlockageView(pn.viewable.Viewer):
    """Shows the answer."""

    def __init__(self) -> None:
        super().__init__()
        look = {"stylesheets": [STYLE], "sizing_mode": "stretch_width", "margin": (0, 10)}
        self._above = LiveHtml(**look)
        self._chart = Chart()
        self._below = LiveHtml(**look)

    def display(self, asked: Asked, found: Blockage) -> None:
        """Show this answer."""
        several = len(found.schools) > 1
        drawn = drawn_spread(asked, found.schools, SchoolFilter())
        self._above.html = (
            lead(funnel_text(found.stages))
            + _funnel_html(found.stages, asked.explorer.smallest_count)
            + _expired(asked, found.schools)
            + (
                html.heading(3, _SPREAD) + quiet(f"{spread_text(found.schools)} {_CLICK}")
                if several
                else ""
            )
        )
        self._chart.show(spread_chart(drawn.frame, drawn.swept) if several else None)
        self._below.html = (
            (_spread_html(drawn.frame) + _groups_html(asked, found) if several else "")
            + _levels_html(found.levels, asked.explorer.smallest_count)
            + note(asked.explorer.smallest_count)
        )

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Column(self._above, self._chart, self._below, sizing_mode="stretch_width")


def _funnel_html(stages: list[Stage], smallest_count: int) -> str:
    """The stages as a table; where small counts are hidden, a zero stands for one."""
    rows = [
        [
            stage.label,
            count,
            _gauge(stage.share),
            share,
            f"−{number(stage.lost)}" if stage.lost else "–",
        ]
        for stage in stages
        for count, share in [stage_texts(stage, smallest_count)]
    ]
    columns = [
        "Étape",
        "Comptes arrivés jusque-là",
        "En proportion",
        "% de tous",
        "Arrêtés juste avant",
    ]
    return html.heading(3, _FUNNEL) + html.table(_FUNNEL, columns, rows, row_headers=True)


def _gauge(share: float) -> html.Markup:
    """A bar as long as the percentage that stands beside it."""
    bar = f'<div style="width:{share:.1f}%;height:1rem;background:#00507d;border-radius:3px"></div>'
    return html.Markup(
        f'<div aria-hidden="true" style="min-width:9rem;text-align:left">{bar}</div>'
    )


def _expired(asked: Asked, schools: pd.DataFrame) -> str:
    """How many notifications are over, and which schools have some."""
    count, places = expired_in(schools)
    if not count:
        return ""
    link = html.step("les voir", asked.seen.narrowed(SchoolFilter(has_expired=True)))
    said = escape(f"{number(count)} notifications sont expirées, dans {number(places)} écoles : ")
    return f"<p>{said}{link}.</p>"


def _spread_html(counted: pd.DataFrame) -> str:
    rows = [
        [
            f"{band.label} %",
            html.step(number(count), address) if count else "0",
        ]
        for band, count, address in zip(
            share_bands(), map(int, counted["schools"]), counted["address"], strict=True
        )
    ]
    columns = ["Part de comptes activés", "Établissements (lien vers leur liste)"]
    return html.details(
        f"{_SPREAD} : le tableau, avec les listes",
        html.table(_SPREAD, columns, rows, row_headers=True),
    )


def _groups_html(asked: Asked, found: Blockage) -> str:
    kinds = {
        one.label: _group_name(asked, one.label, SchoolFilter(kind=one.kind, sector=one.sector))
        for one in kind_groups()
    }
    sizes = {
        band.label: _group_name(
            asked,
            band.label,
            SchoolFilter(
                least_accounts=int(band.least),
                most_accounts=None if band.most is None else int(band.most),
            ),
        )
        for band in size_bands()
    }
    said = []
    for title, heading, names, groups in (
        ("Par type et secteur", "Type et secteur", kinds, found.kinds),
        ("Par taille", "Comptes de l'école", sizes, found.sizes),
    ):
        columns = [heading, "Écoles", *FIGURES.values()]
        cells = [_row(group, names[group.label]) for group in groups]
        said.append(html.heading(3, title) + html.table(title, columns, cells, row_headers=True))
    return "".join(said)


def _group_name(asked: Asked, label: str, conditions: SchoolFilter) -> str:
    """A link to the schools of the group, where their conditions tell them from others."""
    is_known = conditions != SchoolFilter()
    return html.step(label, asked.seen.narrowed(conditions)) if is_known else label


def _row(group: SchoolGroup, name: str) -> list[str]:
    return [name, figure_text(group.schools), *_figures(group.figures)]


def _figures(figures: Figures) -> list[str]:
    return [figure_text(figures[name]) for name in FIGURES]


def _levels_html(levels: list[Figures], smallest_count: int) -> str:
    title = "Par niveau"
    why = quiet(LEVELS_TEXT) if smallest_count else ""
    if not levels:
        return html.heading(3, title) + why
    ordered = sorted(levels, key=lambda group: level_rank(group.names["level"]))
    cells = [[name_text("level", group.names["level"]), *_figures(group)] for group in ordered]
    columns = ["Niveau", *FIGURES.values()]
    return html.heading(3, title) + html.table(title, columns, cells, row_headers=True) + why
