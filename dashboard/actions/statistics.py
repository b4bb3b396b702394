"""Statistics of the accounts of a scope."""

from datetime import datetime

import pandas as pd

from dashboard.domain.document import Document
from dashboard.domain.grouping import Grouping, Groupings, groupings_of
from dashboard.domain.scope import Scope
from dashboard.outputs.statistics_csv import statistics_csv
from dashboard.pipelines.statistics import records, summarise
from dashboard.store import counts
from dashboard.store.engine import Store


def statistics(store: Store, scope: Scope, by: Groupings = Grouping.CLASS) -> pd.DataFrame:
    """Accounts by state and students covered, for each group of a scope.

    Args:
        by: a grouping, or several to cross: ``("class", "level")``.

    Returns:
        The frame that `dashboard.pipelines.statistics.summarise` documents.

    Raises:
        ValueError: `by` is none of `Grouping`.
    """
    groupings = groupings_of(by)
    return summarise(
        counts.count_accounts_by(store, scope, groupings),
        counts.count_students_by(store, scope, groupings),
        counts.class_levels(store, scope) if Grouping.CLASS in groupings else counts.NO_LEVELS,
        groupings,
    )


def statistics_document(
    figures: pd.DataFrame, by: Grouping, scope: Scope, now: datetime
) -> Document:
    """Statistics as a CSV file, headed as on the screen, named after its scope and day."""
    several = "school" in figures.columns and figures["school"].nunique() > 1
    place = "_".join(scope.places) or scope.area.value
    filename = f"statistiques_{by}_{place}_{now:%Y-%m-%d}.csv"
    return statistics_csv(records(figures), by, filename, several)
