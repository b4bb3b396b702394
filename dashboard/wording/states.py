"""The four states of an account as they are shown: one table of words, colours and shapes."""

from collections.abc import Mapping
from dataclasses import dataclass

from dashboard.domain.account import State


@dataclass(frozen=True, slots=True)
class Tint:
    """Colours of a state on a light ground, or on a dark one.

    `fill` is for areas and has `on_fill` written upon it; `line` has a contrast of 3 to 1 with the
    page; `word` is written upon `soft` or the page, and `on_fill` upon `fill`, at 4.5 to 1.
    """

    fill: str
    on_fill: str
    line: str
    soft: str
    word: str


@dataclass(frozen=True, slots=True)
class StateLook:
    """How a state is shown; a dash of lines and a hatch of areas say it without colours."""

    label: str
    light: Tint
    dark: Tint
    dash: str
    is_hatched: bool = False


# The further an account is, the darker on light ground, so that the order is seen in grey too.
STATES: Mapping[State, StateLook] = {
    State.NOT_NOTIFIED: StateLook(
        State.NOT_NOTIFIED.label,
        Tint("#c9d1d4", "#172225", "#76828a", "#eff2f2", "#48565c"),
        Tint("#4a575c", "#ffffff", "#7d8b92", "#232d30", "#b3bfc4"),
        "dotted",
    ),
    State.NOTIFIED: StateLook(
        State.NOTIFIED.label,
        Tint("#c07f0a", "#172225", "#c07f0a", "#fdf2da", "#6e4900"),
        Tint("#c98d25", "#172225", "#c98d25", "#33270d", "#edc26a"),
        "dashed",
        is_hatched=True,
    ),
    State.ACTIVATING: StateLook(
        State.ACTIVATING.label,
        Tint("#1f77a8", "#ffffff", "#1f77a8", "#e3f0f8", "#0d537c"),
        Tint("#55aede", "#172225", "#55aede", "#10303f", "#9ad2f0"),
        "dotdash",
    ),
    State.ACTIVATED: StateLook(
        State.ACTIVATED.label,
        Tint("#0b4d58", "#ffffff", "#0b4d58", "#dceeee", "#08424c"),
        Tint("#97e3da", "#172225", "#97e3da", "#12393b", "#97e3da"),
        "solid",
    ),
}
