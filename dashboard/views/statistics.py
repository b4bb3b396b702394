"""The tab Statistiques: tables and charts of the chosen school."""

import io
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pandas as pd
import panel as pn
import panel_material_ui as pmui

from dashboard.actions.statistics import statistics, statistics_document
from dashboard.domain.figures import figure_texts, headings
from dashboard.domain.grouping import Grouping
from dashboard.domain.scope import Scope, User
from dashboard.pipelines.charts import progress, progress_text
from dashboard.pipelines.statistics import records
from dashboard.store.engine import Store
from dashboard.views import html
from dashboard.views.browsing import Browsing, Tab
from dashboard.views.chart import Chart
from dashboard.views.help_button import HelpButton
from dashboard.views.repairs import Announcer, LiveHtml

_TITLES = {
    Grouping.STRUCTURE: "Synthèse des comptes responsables de la structure",
    Grouping.CLASS: "Synthèse des comptes responsables par classe",
    Grouping.LEVEL: "Synthèse des comptes responsables par niveau",
}
_MOST_BARS = 60
_NO_SCHOOL = "Choisissez d'abord un établissement dans l'onglet Accueil."


class StatisticsView(pn.viewable.Viewer):
    """Shows the statistics as they are when the tab is opened or refreshed."""

    def __init__(
        self,
        browsing: Browsing,
        user: User,
        store: Store,
        clock: Callable[[], datetime],
    ) -> None:
        super().__init__()
        self._browsing = browsing
        self._user = user
        self._store = store
        self._clock = clock
        self._message = pmui.Alert(object=_NO_SCHOOL, severity="info", visible=False)
        self._time = Announcer(margin=(8, 10))
        self._refresh = pmui.Button(label="Actualiser", size="small", on_click=self._on_change)
        self._sections = {by: _Section(by, clock) for by in _TITLES}
        self._body = pn.Column(
            pn.FlexBox(self._refresh, self._time, HelpButton("percentages"), align_items="center"),
            *self._sections.values(),
            sizing_mode="stretch_width",
        )
        browsing.param.watch(self._on_change, ["school", "tab"])
        self._on_change()

    @property
    def _scope(self) -> Scope | None:
        return self._user.people_in(self._browsing.school)

    def refresh(self) -> None:
        """Show the figures as they are now, if they are shown."""
        self._on_change()

    def _on_change(self, *_: Any) -> None:
        scope = self._scope
        self._message.visible = scope is None
        self._body.visible = scope is not None
        if scope is None or self._browsing.tab is not Tab.STATISTICS:
            return
        for by, section in self._sections.items():
            section.display(statistics(self._store, scope, by), scope)
        self._time.text = f"Chiffres du {self._clock():%d/%m/%Y à %H:%M:%S}"

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Column(self._message, self._body, sizing_mode="stretch_width")


class _Section(pn.viewable.Viewer):
    """One grouping: its title, chart, table and CSV."""

    def __init__(self, by: Grouping, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self._by = by
        self._clock = clock
        self._scope = Scope.schools()
        self._figures = pd.DataFrame()
        self._summary = pn.pane.HTML(sizing_mode="stretch_width", margin=(0, 10))
        self._chart = Chart()
        self._table = LiveHtml(
            sizing_mode="stretch_width", stylesheets=[html.TABLE_STYLE], margin=(0, 10)
        )
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
        charted = self._by is not Grouping.STRUCTURE and 0 < len(figures) <= _MOST_BARS
        self._summary.object = html.heading(2, _TITLES[self._by]) + (
            html.paragraph(progress_text(figures, self._by)) if charted else ""
        )
        self._chart.show(progress(figures, self._by) if charted else None)
        columns = headings(self._by)
        rows = [figure_texts(record, columns) for record in records(figures)]
        row_headers = self._by is not Grouping.STRUCTURE
        self._table.html = html.table(_TITLES[self._by], list(columns.values()), rows, row_headers)

    def _csv(self) -> io.BytesIO:
        document = statistics_document(self._figures, self._by, self._scope, self._clock())
        self._download.data = None  # the same bytes twice would not be a change
        self._download.filename = document.filename
        return io.BytesIO(document.content)

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Column(
            self._summary, self._chart, self._table, self._download, sizing_mode="stretch_width"
        )
