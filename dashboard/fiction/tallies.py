"""The fictitious school year before this one: how many accounts were in each state each week."""

from datetime import date

import numpy as np
import pandas as pd

from dashboard.domain.school_year import SchoolYear, sundays

# Weeks of the year: when a school begins to hand accounts out, how many that takes, and how many
# more until most of the families that ever will have activated theirs.
_BEGINS, _TAKES, _FOLLOWS = (0, 3, 17), (1, 8), (2, 9)
_ACTIVE_BEFORE, _HANDED_OUT, _ACTIVATED = (0.02, 0.32), (0.55, 1.0), (0.3, 0.9)
_CONFIRMED = 0.97
_GROWTH = (0.94, 1.06)


def draw_tallies(rng: np.random.Generator, accounts: pd.DataFrame, today: date) -> pd.DataFrame:
    """A campaign in autumn, growth, and a plateau, in the school year before that of a day.

    Args:
        accounts: per school ``uai`` and ``accounts``: how many it has now.

    Returns:
        One row per school and week: ``uai``, ``day`` (its Sunday), and the accounts by state:
        ``not_notified``, ``notified``, ``activating``, ``activated``.
    """
    year = SchoolYear(SchoolYear.of(today).begins - 1)
    weeks = sundays(year.start, year.end)
    count = len(accounts)

    def drawn(span: tuple[float, float]) -> np.ndarray:
        return rng.uniform(*span, (count, 1))

    total = np.round(accounts["accounts"].to_numpy()[:, None] * drawn(_GROWTH))
    begins, takes, before = (
        rng.triangular(*_BEGINS, (count, 1)),
        drawn(_TAKES),
        drawn(_ACTIVE_BEFORE),
    )
    since = np.maximum(np.arange(len(weeks)) - begins, 0)
    handed_out = before + (drawn(_HANDED_OUT) - before).clip(0) * np.minimum(since / takes, 1)
    grown = 1 - np.exp(-since / (takes + drawn(_FOLLOWS)))
    chosen = before + (handed_out - before) * drawn(_ACTIVATED) * grown
    confirmed = before + (chosen - before) * _CONFIRMED
    whole = np.ones_like(chosen)
    # each part of the one before: what is left of each is a state
    parts = [np.floor(total * share) for share in (whole, handed_out, chosen, confirmed)]
    states = -np.diff(np.stack([*parts, np.zeros_like(parts[0])]), axis=0)
    names = ("not_notified", "notified", "activating", "activated")
    return pd.DataFrame(
        {
            "uai": np.repeat(accounts["uai"].to_numpy(), len(weeks)),
            "day": np.tile(np.array(weeks, dtype="datetime64[us]"), count),
        }
        | {name: state.astype("int32").ravel() for name, state in zip(names, states, strict=True)}
    )
