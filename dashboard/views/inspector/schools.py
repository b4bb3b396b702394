"""Which schools need help: their table, narrowed, ranked and paged, with each one's last weeks."""

import asyncio
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil

import pandas as pd
import panel as pn
import panel_material_ui as pmui

from dashboard.actions.explore_places import schools_document
from dashboard.domain.directory import Kind, Sector
from dashboard.domain.figure import HIDDEN, KnownShare, SchoolFigures
from dashboard.domain.filters import SchoolColumn, SchoolFilter, SchoolSort
from dashboard.domain.french import plural
from dashboard.domain.grouping import Grouping
from dashboard.domain.paging import Page
from dashboard.domain.place import Place
from dashboard.domain.school_year import WEEK
from dashboard.domain.scope import Area
from dashboard.domain.search import Search
from dashboard.pipelines.distribution import size_bands
from dashboard.pipelines.school_table import narrowed, school_rows
from dashboard.pipelines.timelines import share_rows, weekly
from dashboard.views.components import html
from dashboard.views.components.repairs import LiveHtml
from dashboard.views.inspector.parts import (
    STYLE,
    Asked,
    field,
    hidden_fields,
    lead,
    note,
    quiet,
    select,
    tick,
)
from dashboard.views.inspector.school_charts import Linked, SchoolChartsView, link_charts
from dashboard.wording.school_columns import SCHOOL_FIGURES, school_texts
from dashboard.wording.statistics_columns import HIDDEN_TEXT, figure_text

PAGE_SIZE = 25


@dataclass(frozen=True, slots=True)
class Listed:
    """The answer: all schools that are meant, their charts, those of the page and their weeks."""

    schools: pd.DataFrame
    linked: Linked
    page: Page
    rows: list[SchoolFigures]
    weeks: dict[str, list[KnownShare]]


def find_schools(asked: Asked) -> Listed:
    """Ask the store for the answer; a page beyond the last is the last."""
    seen = asked.seen
    whole = asked.explorer.schools(asked.place, seen.sort)
    found = narrowed(whole, seen.conditions, asked.today)
    page = Page.at(seen.page, len(found), PAGE_SIZE)
    rows = found.iloc[page.offset : page.offset + page.size]
    linked = link_charts(asked, whole, found)
    return Listed(found, linked, page, school_rows(rows), _weeks(asked, list(rows["uai"])))


def _weeks(asked: Asked, uais: list[str]) -> dict[str, list[KnownShare]]:
    """The percentages of activated accounts at the ends of the last weeks, by school."""
    since = asked.today - WEEK * (WEEKS - 1)
    days = asked.explorer.days(asked.place, since, asked.today, Grouping.SCHOOL, uais)
    if days.empty:
        return {}
    ends = weekly(days, WEEKS, asked.explorer.least_whole).groupby("school")
    return {str(uai): [one.share for one in share_rows(shares)] for uai, shares in ends}


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
        self._below.html = schools_html(asked, found.rows, found.weeks) + pager(asked, found.page)
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


_SHARES = [
    ("", "toutes"),
    ("0-24.99", "moins de 25 %"),
    ("25-49.99", "25 à 50 %"),
    ("50-74.99", "50 à 75 %"),
    ("75-100", "75 % et plus"),
]
_IDLE = [("", "–"), *((str(days), f"{days} jours") for days in (7, 14, 30, 60, 90))]
_SIZE, _SHARE = (
    SchoolFilter.definition("least_accounts"),
    SchoolFilter.definition("least_activated_pct"),
)
_SIZES = [
    ("", "toutes"),
    *(
        ("".join(_SIZE.value.write((band.least or None, band.most))), band.label)
        for band in size_bands()
    ),
]
_KINDS = [("", "tous"), *((kind.value, kind.label) for kind in Kind)]
_SECTORS = [("", "tous"), *((sector.value, sector.label) for sector in Sector)]


def _search_box(label: str, key: str, text: str) -> str:
    return field(label, key, text, "search", ' maxlength="200"')


def _share_choice(label: str, key: str, text: str) -> str:
    """A choice of the usual bands of percentages, and of one that was swept over."""
    options = list(_SHARES)
    if text not in dict(_SHARES):
        least, most = _SHARE.value.read([text])
        options.append((text, f"{least or 0:g} à {ceil(100 if most is None else most)} %"))
    return select(label, key, options, text)


def _zone_choice(label: str, key: str, text: str) -> str:
    """A choice where a zone was swept over; else there is none to choose."""
    return select(label, key, [("", "partout"), (text, "zone choisie")], text) if text else ""


def _choice(options: list[tuple[str, str]]) -> Callable[[str, str, str], str]:
    return lambda label, key, text: select(label, key, options, text)


def _box(label: str, key: str, text: str) -> str:
    return tick(label, key, bool(text))


# The control of each filter, in the form's order: made of its label, its key and its text.
CONTROLS: Mapping[str, Callable[[str, str, str], str]] = {
    "search": _search_box,
    "kind": _choice(_KINDS),
    "sector": _choice(_SECTORS),
    "least_accounts": _choice(_SIZES),
    "least_activated_pct": _share_choice,
    "idle_days": _choice(_IDLE),
    "zone": _zone_choice,
    "nothing_notified": _box,
    "has_expired": _box,
}


def schools_text(conditions: SchoolFilter, sort: SchoolSort, count: int) -> str:
    """The answer in a sentence."""
    found = plural(count, "établissement")
    if reason := Search(conditions.search).reason:
        return f"{found} : {reason}"
    if conditions == SchoolFilter():
        if sort == SchoolSort():
            return (
                f"{found}, en commençant par ceux où la part de comptes activés est la plus faible."
            )
        return f"{found}."
    words = ["répond à ces filtres", "répondent à ces filtres"][count > 1]
    return f"{found} {words}."


def filter_form(asked: Asked) -> str:
    """The form, with what the address says; also what was swept over in a chart."""
    seen = asked.seen
    pairs = [("tab", "statistiques"), *seen.pairs()]
    kept = [(name, value) for name, value in pairs if name not in SchoolFilter.keys() | {"p"}]
    clear = seen.address(conditions=SchoolFilter())
    return (
        '<form data-step role="search" method="get" aria-label="Filtrer les établissements">'
        + hidden_fields(kept)
        + "".join(_control(name, seen.conditions) for name in CONTROLS)
        + '<button type="submit">Filtrer</button>'
        + f'<a class="button" data-step href="{escape(clear, quote=True)}">Effacer les filtres</a>'
        + "</form>"
    )


def _control(name: str, conditions: SchoolFilter) -> str:
    condition = SchoolFilter.definition(name)
    text = "".join(condition.value.write(conditions.values()[condition]))
    return CONTROLS[name](condition.label, condition.key, text)


WEEKS = 8
_TITLE = "Établissements"
# The column of the last weeks stands beside the present percentage.
_WEEKS_AT = 2
# A sparkline's box, in pixels; percentages from 0 to 100 fill its height.
_WIDE, _HIGH, _EDGE = 96, 26, 3


def schools_html(
    asked: Asked, schools: list[SchoolFigures], weeks: dict[str, list[KnownShare]]
) -> str:
    """The table of these schools, with each one's percentages at the ends of the last weeks."""
    if not schools:
        return quiet("Aucun établissement : élargissez les filtres, ou remontez d'un niveau.")
    headed = {"name": _TITLE[:-1]} | SCHOOL_FIGURES
    columns = [_heading(asked, name, label) for name, label in headed.items()]
    columns.insert(_WEEKS_AT, f"{WEEKS} dernières semaines")
    rows = [_row(asked, school, weeks) for school in schools]
    return html.table(_TITLE, columns, rows, row_headers=True, sorted_by=_order(asked.seen.sort))


def _order(sort: SchoolSort) -> tuple[int, str] | None:
    names = ["name", *SCHOOL_FIGURES]
    names.insert(_WEEKS_AT, "")
    if sort.column.value not in names:
        return None
    return names.index(sort.column.value), "descending" if sort.descending else "ascending"


def _heading(asked: Asked, name: str, label: str) -> str:
    """A column's heading, which sorts by it, and the other way round if that is done already."""
    sort = asked.seen.sort
    is_sorted = sort.column.value == name
    other = SchoolSort(SchoolColumn(name), descending=is_sorted and not sort.descending)
    arrow = ("▾" if sort.descending else "▴") if is_sorted else ""
    return html.step(f"{label} {arrow}".strip(), asked.seen.address(sort=other))


def _row(asked: Asked, school: SchoolFigures, weeks: dict[str, list[KnownShare]]) -> list[str]:
    texts = school_texts(school)
    place = Place(Area.SCHOOLS, texts["uai"])
    where = ", ".join(filter(None, (texts["uai"], texts["district"])))
    # the list stays where it is for the way back
    address = asked.seen.address(place=str(place), page=asked.seen.page)
    name = html.Markup(
        f'{html.step(texts["name"], address)}<span class="quiet">{escape(where)}</span>'
    )
    cells = [name, *(texts[column] for column in SCHOOL_FIGURES)]
    cells.insert(_WEEKS_AT, sparkline(weeks.get(texts["uai"], [])))
    return cells


def sparkline(shares: Sequence[KnownShare]) -> html.Markup:
    """Percentages over time as a small drawing that says its first and its last."""
    told = [(place, share) for place, share in enumerate(shares) if share is not HIDDEN]
    if len(told) < 2:
        return html.Markup(f'<span class="quiet">{HIDDEN_TEXT}</span>')
    step = (_WIDE - 2 * _EDGE) / max(1, len(shares) - 1)
    points = [
        (_EDGE + step * place, _HIGH - _EDGE - (_HIGH - 2 * _EDGE) * share / 100)
        for place, share in told
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    x, y = points[-1]
    said = escape(f"de {figure_text(told[0][1])} à {figure_text(told[-1][1])}", quote=True)
    return html.Markup(
        f'<svg role="img" aria-label="{said}" width="{_WIDE}" height="{_HIGH}" '
        f'viewBox="0 0 {_WIDE} {_HIGH}"><title>{said}</title>'
        f'<line x1="0" x2="{_WIDE}" y1="{_HIGH - _EDGE}" y2="{_HIGH - _EDGE}" stroke="#d5dae1"/>'
        f'<polyline points="{line}" fill="none" stroke="#00507d" stroke-width="2"/>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="#00507d"/></svg>'
    )


def pager(asked: Asked, page: Page) -> str:
    """Links to the page before and the next one; nothing for a single page."""
    if page.pages == 1:
        return ""
    steps = [("Page précédente", page.after(-1)), ("Page suivante", page.after(1))]
    links = " ".join(
        f'<a class="button" data-step href="{escape(asked.seen.address(page=there), quote=True)}">'
        f"{label}</a>"
        for label, there in steps
        if there != page.number
    )
    said = f"Page {page.place}"
    return f'<nav aria-label="Pages"><p>{links} <span class="quiet">{said}</span></p></nav>'
