"""Comparing the schools of a scope: the ranked table, and each one's course over time."""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from dashboard.actions.figures import suppression
from dashboard.domain.document import Document
from dashboard.domain.filters import SchoolFilter, SchoolSort
from dashboard.domain.scope import Scope
from dashboard.outputs.csv_files import csv_document
from dashboard.pipelines.school_table import narrowed, ranked, school_table
from dashboard.pipelines.statistics import records
from dashboard.store.counts import school_figures
from dashboard.store.engine import Store
from dashboard.wording.school_columns import SCHOOL_HEADINGS, school_texts

_EVERY_SCHOOL, _LEAST_ACTIVATED_FIRST = SchoolFilter(), SchoolSort()


@dataclass(frozen=True, slots=True)
class SchoolPage:
    """Some schools of a table, and how many it has."""

    schools: pd.DataFrame
    count: int


def explore_schools(
    store: Store,
    scope: Scope,
    today: date,
    conditions: SchoolFilter = _EVERY_SCHOOL,
    sort: SchoolSort = _LEAST_ACTIVATED_FIRST,
    *,
    limit: int | None = None,
    offset: int = 0,
    smallest_count: int = 0,
) -> SchoolPage:
    """A page of the schools of a scope that meet the conditions, in order.

    The database counts; what is narrowed and ranked are the figures as they are told, since an
    order or a condition by others would tell more.

    Args:
        smallest_count: as for `dashboard.statistics`.

    Returns:
        The frame that `dashboard.pipelines.school_table.school_table` documents, and the number of
        schools on all pages.
    """
    rule = suppression(store, smallest_count)
    table = school_table(school_figures(store, scope, today), rule)
    chosen = ranked(narrowed(table, conditions, today), sort)
    end = None if limit is None else offset + limit
    return SchoolPage(chosen.iloc[offset:end].reset_index(drop=True), len(chosen))


def schools_document(schools: pd.DataFrame, filename: str) -> Document:
    """A table of schools as a CSV file, headed as on the screen."""
    rows = (list(school_texts(record, for_file=True).values()) for record in records(schools))
    return csv_document(filename, list(SCHOOL_HEADINGS.values()), rows)
