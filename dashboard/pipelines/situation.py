"""Where a place stands: its figures and their change in words, and the shares of its states."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from dashboard.domain.account import State
from dashboard.domain.figure import (
    HIDDEN,
    Count,
    DayShare,
    Figures,
    Growth,
    Share,
    zero_if_hidden,
)
from dashboard.domain.french import day
from dashboard.pipelines.statistics import STATE_COLUMNS
from dashboard.pipelines.timelines import change_over
from dashboard.wording.statistics_columns import change_text, figure_text, points_text

# Over so many days changes are told.
SPANS = (7, 30)
_CHANGED = ("accounts", *STATE_COLUMNS.values(), "activated_pct")

# By the columns of `dashboard.pipelines.timelines.change_over`: ``activated_7``, …
Growths = Mapping[str, Growth]


@dataclass(frozen=True, slots=True)
class StateShare:
    """The accounts in a state and their percentage of all.

    `part` is what is drawn: a percentage that takes a hidden count for a zero.
    """

    state: State
    accounts: Count
    share: Share
    part: float


def changes(days: pd.DataFrame) -> pd.DataFrame:
    """How accounts, states and the share of the activated changed over `SPANS`.

    Args:
        days: a timeline.

    Returns:
        The frame that `dashboard.pipelines.timelines.change_over` documents.
    """
    return change_over(days, SPANS, _CHANGED)


def growths(grown: pd.DataFrame) -> list[dict[str, Growth]]:
    """The growths of each row of a frame of changes, hidden where they are not known."""
    names = [name for name in grown.columns if name.endswith(_ENDS)]
    columns = {name: grown[name].astype("Float64") for name in names}
    return [
        {
            name: HIDDEN if pd.isna(column.iloc[place]) else float(column.iloc[place])
            for name, column in columns.items()
        }
        for place in range(len(grown))
    ]


_ENDS = tuple(f"_{span}" for span in SPANS)


def state_shares(figures: Figures) -> list[StateShare]:
    """The shares of the states, the activated first; of no accounts, none."""
    counts = {state: zero_if_hidden(count) for state, count in figures.states.items()}
    whole = sum(counts.values())
    if not whole:
        return []
    parts = {state: 100 * count / whole for state, count in counts.items()}
    return [
        StateShare(
            state, count, HIDDEN if count is HIDDEN else round(parts[state], 1), parts[state]
        )
        for state, count in reversed(list(figures.states.items()))
    ]


def grown_texts(figures: Figures, change: Growths, name: str) -> list[str]:
    """How much a figure grew over each span, in words; nothing where that is not known."""
    if figures[name] in (HIDDEN, None):
        return []
    unit = "pt" if name.endswith("_pct") else ""
    grown = {span: change.get(f"{name}_{span}", HIDDEN) for span in SPANS}
    return [
        f"{change_text(growth, unit)} en {span} jours"
        for span, growth in grown.items()
        if growth is not HIDDEN
    ]


def situation_text(
    label: str, figures: Figures, change: Growths, above: str = "", above_share: Share = None
) -> str:
    """Where a place stands, in a sentence.

    Args:
        label: of the place.
        above, above_share: the label of the level above, and its percentage of activated accounts.
    """
    accounts, share = figures.accounts, figures.activated_pct
    if accounts is HIDDEN:
        return f"{label} : trop peu de comptes pour en montrer les chiffres."
    if not accounts:
        return f"{label} : aucun compte pour le moment."
    if share is HIDDEN:
        return (
            f"{label} : sur {figure_text(accounts)} comptes, si peu sont activés que leur nombre "
            "n'est pas communiqué."
        )
    said = f"{figure_text(share)} des {figure_text(accounts)} comptes sont activés"
    week, month = (change.get(f"activated_pct_{span}", HIDDEN) for span in SPANS)
    if week is not HIDDEN:
        said += f" ({points_text(week)} en 7 jours, {points_text(month)} en 30 jours)"
    return f"{said}. {_stand(share, above, above_share)}".strip()


def _stand(here: Share, above: str, there: Share) -> str:
    """How a percentage stands to that of the level above."""
    if not isinstance(here, float) or not isinstance(there, float):
        return ""
    gap = round(here - there, 1)
    where = f"l'ensemble ({above} : {figure_text(there)})"
    if abs(gap) < 1:
        return f"C'est à peu près comme {where}."
    side = "de plus" if gap > 0 else "de moins"
    return f"C'est {points_text(abs(gap)).lstrip('+')} {side} que {where}."


def moved_text(label: str, shares: Sequence[DayShare]) -> str:
    """How the share of a place moved from its first day to its last, in a sentence."""
    known = [one for one in shares if one.share is not HIDDEN]
    if not known:
        return f"{label} : la part de comptes activés n'est pas communiquée."
    first, last = known[0], known[-1]
    return (
        f"{label} : de {figure_text(first.share)} de comptes activés le {day(first.day)} à "
        f"{figure_text(last.share)} le {day(last.day)}."
    )
