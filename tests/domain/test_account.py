import re

from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain.account import identifier

BASES = st.integers(0, 2**40 - 1)


@given(BASES, st.integers(0, 2**40))
def test_an_identifier_is_two_groups_of_four_unmistakable_characters(base: int, n: int) -> None:
    assert re.fullmatch("[0-9a-hjkmnp-tv-z]{4}-[0-9a-hjkmnp-tv-z]{4}", identifier(base, n))


@given(BASES, st.sets(st.integers(0, 2**40 - 1), max_size=50))
def test_different_numbers_have_different_identifiers(base: int, numbers: set[int]) -> None:
    assert len({identifier(base, number) for number in numbers}) == len(numbers)


@given(BASES)
def test_identifiers_of_neighbours_do_not_look_alike(base: int) -> None:
    one, other = identifier(base, 1), identifier(base, 2)
    assert sum(a != b for a, b in zip(one, other, strict=True)) > 2
