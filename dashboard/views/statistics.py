"""The tab Statistiques: tables and charts of the chosen school."""

import io
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pandas as pd
import panel as pn
import panel_material_ui as pmui

from dashboard.actions.figures import statistics, statistics_document
from dashboard.charts.statistics import progress, progress_text
from dashboard.domain.account import State
from dashboard.domain.figure import Figures, zero_if_hidden
from dashboard.domain.french import out_of
from dashboard.domain.grouping import Grouping
from dashboard.domain.scope import PeopleScope, Scope, User
from dashboard.pipelines.statistics import rows
from dashboard.store.engine import Store
from dashboard.views.clarifying import unclear_html
from dashboard.views.components import html
from dashboard.views.components.chart import Chart
from dashboard.views.components.heat import HEAT_LEGEND, heat_table, shaded
from dashboard.views.components.help_button import HelpButton
from dashboard.views.components.repairs import Announcer, LiveHtml
from dashboard.views.state.list_state import ListState, Tab
from dashboard.wording.statistics_columns import (
    GROUP_HEADINGS,
    figure_text,
    group_texts,
    headings,
    name_text,
)

_CROSSED = (Grouping.CLASS, Grouping.LEVEL)
_TITLES: dict[tuple[Grouping, ...], str] = {
    (Grouping.STRUCTURE,): "Synthèse des comptes responsables de la structure",
    (Grouping.CLASS,): "Synthèse des comptes responsables par classe",
    (Grouping.LEVEL,): "Synthèse des comptes responsables par niveau",
    _CROSSED: "Synthèse des comptes responsables par classe et niveau",
}
_HEAT = "Part de comptes activés par classe et niveau"
_ONE_LEVEL_EACH = (
    "Aucune classe n'a plusieurs niveaux : les chiffres par classe ci-dessus disent déjà tout."
)
_MOST_BARS = 60
_STYLE = (
    html.TABLE_STYLE
    + """
details { margin: 0.8rem 0 0; }
summary { cursor: pointer; }
summary:focus-visible { outline: 3px solid #00507d; }
details > div { margin-top: 0.5rem; }
"""
)
_NO_SCHOOL = "Choisissez d'abord un établissement dans l'onglet Accueil."


class StatisticsView(pn.viewable.Viewer):
    """Shows the statistics as they are when the tab is opened or refreshed."""

    def __init__(
        self,
        list_state: ListState,
        user: User,
        store: Store,
        clock: Callable[[], datetime],
    ) -> None:
        super().__init__()
        self._list_state = list_state
        self._user = user
        self._store = store
        self._clock = clock
        self._message = pmui.Alert(object=_NO_SCHOOL, severity="info", visible=False)
        self._time = Announcer(margin=(8, 10))
        self._unclear = LiveHtml(sizing_mode="stretch_width", margin=(0, 10))
        self._refresh = pmui.Button(label="Actualiser", size="small", on_click=self._on_change)
        self._sections = {
            by: (_Crossing if by == _CROSSED else _Section)(by, clock) for by in _TITLES
        }
        self._body = pn.Column(
            pn.FlexBox(self._refresh, self._time, HelpButton("percentages"), align_items="center"),
            self._unclear,
            *self._sections.values(),
            sizing_mode="stretch_width",
        )
        list_state.param.watch(self._on_change, ["school", "tab"])
        self._on_change()

    @property
    def _scope(self) -> PeopleScope | None:
        return self._user.people_in(self._list_state.school)

    def refresh(self) -> None:
        """Show the figures as they are now, if they are shown."""
        self._on_change()

    def _on_change(self, *_: Any) -> None:
        scope = self._scope
        self._message.visible = scope is None
        self._body.visible = scope is not None
        if scope is None or self._list_state.tab is not Tab.STATISTICS:
            return
        for by, section in self._sections.items():
            section.display(statistics(self._store, scope, by), scope)
        today = self._clock().date()
        self._unclear.html = unclear_html(self._store, scope, self._list_state, today)
        self._time.text = f"Chiffres du {self._clock():%d/%m/%Y à %H:%M:%S}"

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Column(self._message, self._body, sizing_mode="stretch_width")


class _Section(pn.viewable.Viewer):
    """One grouping: its title, chart, table and CSV."""

    def __init__(self, by: tuple[Grouping, ...], clock: Callable[[], datetime]) -> None:
        super().__init__()
        self._by = by
        self._clock = clock
        self._scope = Scope.schools()
        self._figures = pd.DataFrame()
        self._summary = pn.pane.HTML(sizing_mode="stretch_width", margin=(0, 10))
        self._chart = Chart()
        self._table = LiveHtml(sizing_mode="stretch_width", stylesheets=[_STYLE], margin=(0, 10))
        self._download = pmui.FileDownload(
            callback=self._csv,
            filename="statistiques.csv",
            label=f"Télécharger en CSV : {_TITLES[by].lower()}",
            size="small",
            variant="text",
        )

    def display(self, figures: pd.DataFrame, scope: Scope) -> None:
        """Show these statistics of a scope."""
        if scope == self._scope and figures.equals(self._figures):
            return
        self._figures, self._scope = figures, scope
        self._draw(figures)

    def _draw(self, figures: pd.DataFrame) -> None:
        [by] = self._by
        charted = by is not Grouping.STRUCTURE and 0 < len(figures) <= _MOST_BARS
        self._summary.object = html.heading(2, _TITLES[self._by]) + (
            html.paragraph(progress_text(figures, by)) if charted else ""
        )
        self._chart.show(progress(figures, by) if charted else None)
        self._table.html = self._table_html(figures)

    def _table_html(self, figures: pd.DataFrame) -> str:
        columns = headings(self._by)
        cells = [group_texts(group, columns) for group in rows(figures)]
        heads = sum(len(GROUP_HEADINGS[one]) for one in self._by)
        return html.table(_TITLES[self._by], list(columns.values()), cells, heads)

    def _csv(self) -> io.BytesIO:
        document = statistics_document(self._figures, self._by, self._scope, self._clock())
        self._download.data = None  # the same bytes twice would not be a change
        self._download.filename = document.filename
        return io.BytesIO(document.content)

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Column(
            self._summary, self._chart, self._table, self._download, sizing_mode="stretch_width"
        )


class _Crossing(_Section):
    """Classes crossed with levels: a heat table, and all figures on demand."""

    def _draw(self, figures: pd.DataFrame) -> None:
        is_crossed = bool(figures["class"].duplicated().any())
        said = progress_text(figures, self._by)
        if is_crossed:
            said = f"{said} {HEAT_LEGEND}"
        elif len(figures):
            said = _ONE_LEVEL_EACH
        self._summary.object = html.heading(2, _HEAT) + html.paragraph(said)
        self._table.html = self._heat_html(figures) if is_crossed else ""
        self._download.visible = is_crossed

    def _heat_html(self, figures: pd.DataFrame) -> str:
        cells = {
            (name_text("class", group.names["class"]), group.names["level"]): _heat_cell(group)
            for group in rows(figures)
        }
        [heading] = GROUP_HEADINGS[Grouping.CLASS].values()
        return heat_table(_HEAT, heading, cells) + html.details(
            _TITLES[_CROSSED], self._table_html(figures)
        )


def _heat_cell(group: Figures) -> str:
    """The share of a class at a level, and of how many accounts it is; there may be none."""
    share = group.activated_pct
    if not isinstance(share, float):
        return figure_text(share)
    activated = zero_if_hidden(group.states[State.ACTIVATED])
    return shaded(share, out_of(activated, zero_if_hidden(group.accounts)))
