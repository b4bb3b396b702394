"""A page of the table of schools: a row each, with the last weeks as a small drawing."""

from collections.abc import Sequence
from html import escape

from dashboard.actions.explore_places import Record
from dashboard.domain.filters import SchoolColumn, SchoolSort
from dashboard.domain.french import number
from dashboard.domain.place import Place
from dashboard.domain.scope import Area
from dashboard.views.components import html
from dashboard.views.inspector.parts import Asked, quiet
from dashboard.wording.school_columns import SCHOOL_FIGURES, school_texts
from dashboard.wording.statistics_columns import share_text

WEEKS = 8
_TITLE = "Établissements"
# The column of the last weeks stands beside the present percentage.
_WEEKS_AT = 2
# A sparkline's box, in pixels; percentages from 0 to 100 fill its height.
_WIDE, _HIGH, _EDGE = 96, 26, 3


def school_rows(asked: Asked, schools: list[Record], weeks: dict[str, list[float]]) -> str:
    """The table of these schools, with each one's percentages at the ends of the last weeks."""
    if not schools:
        return quiet("Aucun établissement : élargissez les filtres, ou remontez d'un niveau.")
    headed = {"name": _TITLE[:-1]} | SCHOOL_FIGURES
    columns = [_heading(asked, name, label) for name, label in headed.items()]
    columns.insert(_WEEKS_AT, f"{WEEKS} dernières semaines")
    rows = [_row(asked, record, weeks) for record in schools]
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


def _row(asked: Asked, record: Record, weeks: dict[str, list[float]]) -> list[str]:
    texts = school_texts(record)
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


def sparkline(shares: Sequence[float]) -> html.Markup:
    """Percentages over time as a small drawing that says its first and its last."""
    told = [(place, share) for place, share in enumerate(shares) if share == share]
    if len(told) < 2:
        return html.Markup('<span class="quiet">n. c.</span>')
    step = (_WIDE - 2 * _EDGE) / max(1, len(shares) - 1)
    points = [
        (_EDGE + step * place, _HIGH - _EDGE - (_HIGH - 2 * _EDGE) * share / 100)
        for place, share in told
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    x, y = points[-1]
    said = escape(f"de {share_text(told[0][1])} à {share_text(told[-1][1])}", quote=True)
    return html.Markup(
        f'<svg role="img" aria-label="{said}" width="{_WIDE}" height="{_HIGH}" '
        f'viewBox="0 0 {_WIDE} {_HIGH}"><title>{said}</title>'
        f'<line x1="0" x2="{_WIDE}" y1="{_HIGH - _EDGE}" y2="{_HIGH - _EDGE}" stroke="#d5dae1"/>'
        f'<polyline points="{line}" fill="none" stroke="#00507d" stroke-width="2"/>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="#00507d"/></svg>'
    )


def pager(asked: Asked, page: int, pages: int) -> str:
    """Links to the page before and the next one; nothing for a single page."""
    if pages == 1:
        return ""
    steps = [("Page précédente", page - 1), ("Page suivante", page + 1)]
    links = " ".join(
        f'<a class="button" data-step href="{escape(asked.seen.address(page=there), quote=True)}">'
        f"{label}</a>"
        for label, there in steps
        if 1 <= there <= pages
    )
    said = f"Page {number(page)} sur {number(pages)}"
    return f'<nav aria-label="Pages"><p>{links} <span class="quiet">{said}</span></p></nav>'
