"""How long the families of a scope take to activate their accounts."""

from datetime import date

import pandas as pd

from dashboard.domain.grouping import Grouping, Groupings, groupings_of
from dashboard.domain.scope import Scope
from dashboard.pipelines import timelines as pipeline
from dashboard.store import timelines as stored
from dashboard.store.engine import Store


def activation_times(
    store: Store,
    scope: Scope,
    today: date,
    by: Groupings = Grouping.STRUCTURE,
    *,
    once: bool = False,
) -> pd.DataFrame:
    """Days from first notification to activation, account by account, without saying whose.

    Counted are the accounts that have an open link now and whose first notification, up to today,
    is still in the journal; those activated without one (taken over from elsewhere) are not.

    These are exact figures, for who has the database or a snapshot: publish curves of many
    accounts, never rows.

    Args:
        today: the day up to which the journal is read: an account not activated by then has been
            waiting so far.
        by: a grouping, or several to cross, whose keys are told with each row.
        once: tell an account that has children in several groups in the first of them alone, so
            that each account is one row; else it is one in each.

    Returns:
        The frame that `dashboard.pipelines.timelines.activation_times` documents.

    Raises:
        ValueError: `by` is none of `Grouping`.
    """
    told = stored.activation_times(store, scope, today, groupings_of(by), once)
    return pipeline.activation_times(told)
