"""A table of statistics as CSV, headed as on the screen."""

from collections.abc import Mapping, Sequence

from dashboard.domain.document import Document
from dashboard.domain.grouping import Groupings
from dashboard.outputs.csv_files import csv_document
from dashboard.wording.statistics_columns import (
    COUNT_HEADINGS,
    PERCENT_HEADINGS,
    figure_text,
    headings,
)


def statistics_csv(
    records: Sequence[Mapping[str, object]],
    by: Groupings,
    filename: str,
    several_schools: bool = False,
) -> Document:
    """Statistics with numbers that a spreadsheet in French reads as numbers (decimal comma)."""
    columns = headings(by, several_schools)
    rows = [[_cell(column, record[column]) for column in columns] for record in records]
    return csv_document(filename, list(columns.values()), rows)


def _cell(column: str, value: object) -> str:
    if column in COUNT_HEADINGS and value is not None:
        return str(value)
    text = figure_text(column, value)
    return text.removesuffix("%").strip("–\u00a0") if column in PERCENT_HEADINGS else text
