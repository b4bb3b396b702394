"""How long families take from their notification to their activation, for survival curves."""

import pandas as pd

from dashboard.domain.action import Action
from dashboard.pipelines.statistics import SHOWN_KEYS

CHANNELS = {Action.NOTIFY_BY_SHEET.value: "sheet", Action.NOTIFY_BY_EMAIL.value: "email"}


def activation_times(told: pd.DataFrame) -> pd.DataFrame:
    """The times of accounts, each by the channel of its first notification.

    Args:
        told: as `dashboard.store.activation_times` documents.

    Returns:
        One row per account, and group that it is told in: the keys (a school's as
        ``school``), ``channel`` (``sheet`` or ``email``), ``days`` (int64), ``activated`` (bool).
        Where ``activated``, days from the first notification to the activation; elsewhere days that
        it has been waited so far (censored). Reminders do not begin anew.
    """
    channel = told["action"].map(CHANNELS)
    keys = [name for name in told.columns if name not in ("action", "days", "activated")]
    times = told.assign(channel=channel, days=told["days"].astype("int64"))
    return times[[*keys, "channel", "days", "activated"]].rename(columns=SHOWN_KEYS)
