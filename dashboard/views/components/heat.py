"""A heat table: percentages by row and level, each on a ground as dark as it is high.

A table rather than a chart: on a phone it scrolls where a chart of ten levels cannot be read, and
a screen reader walks through its cells.
"""

from collections.abc import Mapping

from dashboard.charts.statistics import shade_of
from dashboard.domain.enrolment import level_rank
from dashboard.domain.french import percent
from dashboard.views.components import html
from dashboard.wording.statistics_columns import name_text

HEAT_LEGEND = "Plus la case est foncée, plus la part de comptes activés est forte."


def heat_table(
    caption: str, heading: str, cells: Mapping[tuple[str, str], str], absent: str = ""
) -> str:
    """Cells by row and level as a table: rows as they come, levels in the pedagogical order.

    Args:
        heading: of the column of the rows' names.
        cells: what a row, by its name, has at a level: as `shaded` gives it.
        absent: what a row has at a level that it has no cell of.
    """
    levels = sorted({level for _, level in cells}, key=level_rank)
    columns = [heading, *(name_text("level", level) for level in levels)]
    rows = [
        [row, *(cells.get((row, level), absent) for level in levels)]
        for row in dict.fromkeys(row for row, _ in cells)
    ]
    return html.table(caption, columns, rows, row_headers=True)


def shaded(share: float, counts: str = "") -> html.Markup:
    """A percentage on its shade, with the counts that it is of below it."""
    shade = shade_of(share)
    look = "padding:0.3rem 0.5rem;border-radius:4px;white-space:nowrap"
    style = f"background:{shade.ground};color:{shade.ink};{look}"
    below = f'<div style="font-size:0.8125rem">{html.text(counts)}</div>' if counts else ""
    return html.Markup(f'<div style="{style}">{percent(share)}{below}</div>')
