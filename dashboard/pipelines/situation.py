"""Where a place stands: its figures and their change in words, and the shares of its states."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from dashboard.domain.account import State
from dashboard.domain.french import day
from dashboard.pipelines.statistics import STATE_COLUMNS
from dashboard.pipelines.timelines import change_over
from dashboard.wording.statistics_columns import change_text, count_text, points_text, share_text

# Over so many days changes are told.
SPANS = (7, 30)
_CHANGED = ("accounts", *STATE_COLUMNS.values(), "activated_pct")

Record = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class StateShare:
    """The accounts in a state and their percentage of all; ``None`` where hidden.

    `part` is what is drawn: a percentage that takes a hidden count for a zero.
    """

    state: State
    accounts: int | None
    share: float | None
    part: float


def changes(days: pd.DataFrame) -> pd.DataFrame:
    """How accounts, states and the share of the activated changed over `SPANS`.

    Args:
        days: a timeline.

    Returns:
        The frame that `dashboard.pipelines.timelines.change_over` documents.
    """
    return change_over(days, SPANS, _CHANGED)


def state_shares(figures: Record) -> list[StateShare]:
    """The shares of the states, the activated first; of no accounts, none."""
    told = {state: figures[column] for state, column in STATE_COLUMNS.items()}
    counts = {state: int(str(count or 0)) for state, count in told.items()}
    whole = sum(counts.values())
    if not whole:
        return []
    parts = {state: 100 * count / whole for state, count in counts.items()}
    return [
        StateShare(State(state), None, None, parts[state])
        if told[state] is None
        else StateShare(State(state), counts[state], round(parts[state], 1), parts[state])
        for state in reversed(STATE_COLUMNS)
    ]


def grown_texts(figures: Record, change: Record, name: str) -> list[str]:
    """How much a figure grew over each span, in words; nothing where that is not known."""
    if pd.isna(figures[name]):  # type: ignore[call-overload]
        return []
    unit = "pt" if name.endswith("_pct") else ""
    grown = {span: change.get(f"{name}_{span}") for span in SPANS}
    return [
        f"{change_text(growth, unit)} en {span} jours"
        for span, growth in grown.items()
        if growth is not None and growth == growth
    ]


def situation_text(
    label: str, figures: Record, change: Record, above: str = "", above_share: object = None
) -> str:
    """Where a place stands, in a sentence.

    Args:
        label: of the place.
        figures: a record of `dashboard.statistics`.
        change: a record of `changes`.
        above, above_share: the label of the level above, and its ``activated_pct``.
    """
    accounts, share = figures["accounts"], figures["activated_pct"]
    if accounts is None:
        return f"{label} : trop peu de comptes pour en montrer les chiffres."
    if not accounts:
        return f"{label} : aucun compte pour le moment."
    if share != share:
        return (
            f"{label} : sur {count_text(accounts)} comptes, si peu sont activés que leur nombre "
            "n'est pas communiqué."
        )
    said = f"{share_text(share)} des {count_text(accounts)} comptes sont activés"
    if change.get("activated_pct_7") == change.get("activated_pct_7"):
        week, month = (points_text(change.get(f"activated_pct_{span}")) for span in SPANS)
        said += f" ({week} en 7 jours, {month} en 30 jours)"
    return f"{said}. {_stand(share, above, above_share)}".strip()


def _stand(here: object, above: str, there: object) -> str:
    """How a percentage stands to that of the level above."""
    if here is None or here != here or there is None or there != there:
        return ""
    gap = round(float(str(here)) - float(str(there)), 1)
    where = f"l'ensemble ({above} : {share_text(there)})"
    if abs(gap) < 1:
        return f"C'est à peu près comme {where}."
    side = "de plus" if gap > 0 else "de moins"
    return f"C'est {points_text(abs(gap)).lstrip('+')} {side} que {where}."


def moved_text(label: str, shares: pd.DataFrame) -> str:
    """How a share moved from its first day to its last, in a sentence.

    Args:
        label: of the place.
        shares: ``day``, ``activated_pct``, as `dashboard.pipelines.timelines.shares` has them.
    """
    known = shares.dropna(subset=["activated_pct"])
    if known.empty:
        return f"{label} : la part de comptes activés n'est pas communiquée."
    first, last = known.iloc[0], known.iloc[-1]
    return (
        f"{label} : de {share_text(first['activated_pct'])} de comptes activés le "
        f"{day(first['day'])} à {share_text(last['activated_pct'])} le {day(last['day'])}."
    )
