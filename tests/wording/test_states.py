"""Colours of states: enough contrast, on light ground and on dark, and one order in grey."""

from itertools import pairwise

import pytest

from dashboard.domain.account import State
from dashboard.wording.states import STATES, Tint

GROUNDS = {"light": "#ffffff", "dark": "#171e21"}


def luminance(colour: str) -> float:
    """As WCAG 2.2 has it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted(map(luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


def tint(state: State, theme: str) -> Tint:
    return STATES[state].light if theme == "light" else STATES[state].dark


@pytest.mark.parametrize("theme", GROUNDS)
@pytest.mark.parametrize("state", State)
def test_words_and_lines_of_a_state_are_seen(state: State, theme: str) -> None:
    shown, ground = tint(state, theme), GROUNDS[theme]
    assert contrast(shown.line, ground) >= 3
    assert contrast(shown.on_fill, shown.fill) >= 4.5
    assert contrast(shown.word, shown.soft) >= 4.5
    assert contrast(shown.word, ground) >= 4.5


@pytest.mark.parametrize("theme", GROUNDS)
def test_the_further_an_account_is_the_more_its_colour_stands_out(theme: str) -> None:
    against = [contrast(tint(state, theme).fill, GROUNDS[theme]) for state in State]
    assert all(less < more for less, more in pairwise(against))


def test_no_two_states_look_alike_without_colours() -> None:
    assert len({look.dash for look in STATES.values()}) == len(State)
    assert len({look.label for look in STATES.values()}) == len(State)
