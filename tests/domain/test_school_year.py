"""School years, and how their weeks lie on one another."""

from datetime import date, timedelta

import pytest

from dashboard.domain.school_year import WEEK, SchoolYear, sundays


@pytest.mark.parametrize(
    ("day", "begins"),
    [(date(2026, 8, 31), 2025), (date(2026, 9, 1), 2026), (date(2027, 1, 1), 2026)],
)
def test_a_day_is_of_the_year_that_began_on_the_last_first_of_september(
    day: date, begins: int
) -> None:
    year = SchoolYear.of(day)
    assert year == SchoolYear(begins)
    assert year.start <= day <= year.end
    assert year.label == f"année scolaire {begins}-{begins + 1}"


def test_a_year_is_moved_by_whole_weeks_and_its_start_by_three_days_at_most() -> None:
    assert SchoolYear(2025).weeks_to(SchoolYear(2026)) == 52 * WEEK
    for begins in range(2000, 2040):
        for later in range(begins + 1, begins + 12):
            moved = SchoolYear(begins).weeks_to(SchoolYear(later))
            assert moved % WEEK == timedelta()
            off = SchoolYear(begins).start + moved - SchoolYear(later).start
            assert abs(off) <= timedelta(days=3)


def test_sundays_are_those_between_two_days() -> None:
    assert sundays(date(2026, 11, 15), date(2026, 11, 29)) == [
        date(2026, 11, 15),
        date(2026, 11, 22),
        date(2026, 11, 29),
    ]
    assert sundays(date(2026, 11, 16), date(2026, 11, 21)) == []
    assert sundays(date(2026, 11, 22), date(2026, 11, 1)) == []
