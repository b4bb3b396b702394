"""How near two spellings of a name are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain.spelling import Likeness, likeness, one_edit_apart

WORDS = st.text("abcé", max_size=6)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Hélène", "HELENE", Likeness.EQUAL),
        ("Marie-Claire", "MarieClaire", Likeness.EQUAL),
        ("ALHPA", "ALPHA", Likeness.CLOSE),
        ("BERNARD", "BENARD", Likeness.CLOSE),
        ("BERNARD", "BERRNARD", Likeness.CLOSE),
        ("BERNARD", "BORNARD", Likeness.CLOSE),
        ("Lina", "Linna", Likeness.CLOSE),
        ("Marie", "Marie Claire Anne", Likeness.CLOSE),
        ("DUPONT", "DUPONT-MARTIN", Likeness.CLOSE),
        ("Louis", "Louise", Likeness.ENDING),
        ("Maria", "Marie", Likeness.ENDING),
        ("René", "Renée", Likeness.ENDING),
        ("Tom", "Tim", Likeness.OTHER),
        ("Léa", "Léon", Likeness.OTHER),
        ("Jean-Paul", "Jean-Pierre", Likeness.OTHER),
        ("DE LA", "DE LA TOUR", Likeness.OTHER),
        ("MARTIN", "MORTON", Likeness.OTHER),
        ("", "", Likeness.OTHER),
        ("", "Anne", Likeness.OTHER),
    ],
)
def test_two_spellings(one: str, other: str, alike: Likeness) -> None:
    assert likeness(one, other) is alike
    assert likeness(other, one) is alike


@given(WORDS, WORDS)
def test_one_edit_is_what_the_four_edits_of_a_word_make(one: str, other: str) -> None:
    letters = "abcé"
    places = range(len(one) + 1)
    edits = {
        *(one[:n] + one[n + 1 :] for n in places),
        *(one[:n] + letter + one[n:] for n in places for letter in letters),
        *(one[:n] + letter + one[n + 1 :] for n in places for letter in letters),
        *(one[:n] + one[n + 1 : n + 2] + one[n : n + 1] + one[n + 2 :] for n in places),
    }
    if one != other:
        assert one_edit_apart(one, other) == (other in edits)
