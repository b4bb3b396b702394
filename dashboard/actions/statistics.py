"""Statistics of the accounts of a scope."""

import pandas as pd

from dashboard.domain.grouping import Grouping
from dashboard.domain.scope import Scope
from dashboard.pipelines.statistics import summarise
from dashboard.store import counts
from dashboard.store.engine import Store


def statistics(store: Store, scope: Scope, by: Grouping | str = Grouping.CLASS) -> pd.DataFrame:
    """Accounts by state and students covered, for each group of a scope.

    Returns:
        The frame that `dashboard.pipelines.statistics.summarise` documents.

    Raises:
        ValueError: `by` is none of `Grouping`.
    """
    grouping = Grouping(by)
    return summarise(
        counts.count_accounts_by(store, scope, grouping),
        counts.count_students_by(store, scope, grouping),
        counts.class_levels(store, scope) if grouping is Grouping.CLASS else counts.NO_LEVELS,
        grouping,
    )
