"""Which schools need help: their table, narrowed, ranked and paged, with each one's last weeks."""

import asyncio
import io
from dataclasses import dataclass
from datetime import timedelta

import pandas as pd
import panel as pn
import panel_material_ui as pmui

from dashboard.actions.explore_places import Record, schools_document
from dashboard.domain.grouping import Grouping
from dashboard.pipelines.school_table import narrowed
from dashboard.pipelines.statistics import records
from dashboard.pipelines.timelines import weekly
from dashboard.views.components.repairs import LiveHtml
from dashboard.views.inspector.parts import STYLE, Asked, lead, note
from dashboard.views.inspector.school_charts import Linked, SchoolChartsView, link_charts
from dashboard.views.inspector.school_filters import filter_form, schools_text
from dashboard.views.inspector.school_rows import WEEKS, pager, school_rows

PAGE_SIZE = 25
_WEEK_DAYS = 7


@dataclass(frozen=True, slots=True)
class Listed:
    """The answer: all schools that are meant, their charts, those of the page and their weeks."""

    schools: pd.DataFrame
    linked: Linked
    page: int
    pages: int
    rows: list[Record]
    weeks: dict[str, list[float]]


def find_schools(asked: Asked) -> Listed:
    """Ask the store for the answer; a page beyond the last is the last."""
    seen = asked.seen
    whole = asked.explorer.schools(asked.place, seen.sort)
    found = narrowed(whole, seen.conditions, asked.today)
    pages = max(1, -(-len(found) // PAGE_SIZE))
    page = min(seen.page, pages)
    rows = found.iloc[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    linked = link_charts(asked, whole, found)
    return Listed(found, linked, page, pages, records(rows), _weeks(asked, list(rows["uai"])))


def _weeks(asked: Asked, uais: list[str]) -> dict[str, list[float]]:
    """The percentages of activated accounts at the ends of the last weeks, by school."""
    since = asked.today - timedelta(days=_WEEK_DAYS * (WEEKS - 1))
    days = asked.explorer.days(asked.place, since, asked.today, Grouping.SCHOOL, uais)
    if days.empty:
        return {}
    ends = weekly(days, WEEKS, asked.explorer.least_whole).groupby("school")["activated_pct"]
    return {str(uai): [float(share) for share in shares] for uai, shares in ends}


class SchoolsView(pn.viewable.Viewer):
    """Shows the answer, and gives it as a file."""

    def __init__(self) -> None:
        super().__init__()
        self._found = pd.DataFrame()
        self._filename = "etablissements.csv"
        look = {"stylesheets": [STYLE], "sizing_mode": "stretch_width", "margin": (0, 10)}
        self._above = LiveHtml(**look)
        self._charts = SchoolChartsView()
        self._below = LiveHtml(**look)
        self._csv = pmui.FileDownload(
            callback=self._document,
            filename="etablissements.csv",
            label="Télécharger ces établissements en CSV",
            size="small",
            variant="outlined",
        )
        self._note = LiveHtml(**look)

    def display(self, asked: Asked, found: Listed) -> None:
        """Show this answer."""
        self._found = found.schools
        self._filename = f"etablissements_{asked.today:%Y-%m-%d}.csv"
        seen = asked.seen
        said = schools_text(seen.conditions, seen.sort, len(found.schools))
        self._above.html = lead(said) + filter_form(asked)
        self._charts.display(found.linked)
        self._below.html = school_rows(asked, found.rows, found.weeks) + pager(
            asked, found.page, found.pages
        )
        self._csv.disabled = found.schools.empty
        self._note.html = note(asked.explorer.smallest_count)

    async def _document(self) -> io.BytesIO:
        document = await asyncio.to_thread(schools_document, self._found, self._filename)
        self._csv.data = None  # the same bytes twice would not be a change
        self._csv.filename = document.filename
        return io.BytesIO(document.content)

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Column(
            self._above,
            self._charts,
            self._below,
            self._csv,
            self._note,
            sizing_mode="stretch_width",
        )
