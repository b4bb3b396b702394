from datetime import date

import pytest

from dashboard.domain.french import day, number, out_of, percent, plural


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.84, "0,84\u00a0%"),
        (3.7, "3,7\u00a0%"),
        (4.0, "4\u00a0%"),
        (0.0, "0\u00a0%"),
        (100.0, "100\u00a0%"),
        (33.33, "33,33\u00a0%"),
        (10.0, "10\u00a0%"),
        (None, "–"),
        (float("nan"), "–"),
    ],
)
def test_percentages_have_a_comma_no_useless_zero_and_a_no_break_space(
    value: float | None, written: str
) -> None:
    assert percent(value) == written


@pytest.mark.parametrize(
    ("count", "written"),
    [(0, "0 compte"), (1, "1 compte"), (2, "2 comptes"), (12345, "12\u00a0345 comptes")],
)
def test_the_plural_begins_at_two(count: int, written: str) -> None:
    assert plural(count, "compte") == written


def test_an_irregular_plural_is_given() -> None:
    assert plural(3, "compte sélectionné", "comptes sélectionnés") == "3 comptes sélectionnés"


def test_thousands_stand_apart() -> None:
    assert number(1234567) == "1\u00a0234\u00a0567"


def test_a_part_is_told_with_its_whole() -> None:
    assert out_of(3, 1234) == "3 sur 1\u00a0234"


@pytest.mark.parametrize(("value", "written"), [(date(2026, 9, 8), "08/09/2026"), (None, "")])
def test_days_are_written_as_in_france(value: date | None, written: str) -> None:
    assert day(value) == written
