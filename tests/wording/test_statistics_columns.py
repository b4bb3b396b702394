"""How figures are written: one way for each kind, wherever they stand."""

import pytest

from dashboard.domain.figure import HIDDEN, Figure, Growth
from dashboard.wording.statistics_columns import change_text, figure_text, file_text, points_text


@pytest.mark.parametrize(
    ("figure", "shown", "in_a_file"),
    [
        (1234, "1\u00a0234", "1234"),
        (0, "0", "0"),
        (12.5, "12,5\u00a0%", "12,5"),
        (0.0, "0\u00a0%", "0"),
        (HIDDEN, "n. c.", "n. c."),
        (None, "–", ""),  # a percentage of nothing
    ],
)
def test_a_figure_is_written_by_what_it_is(figure: Figure, shown: str, in_a_file: str) -> None:
    assert (figure_text(figure), file_text(figure)) == (shown, in_a_file)


@pytest.mark.parametrize(
    ("grown", "count", "points"),
    [
        (1234.0, "+1\u00a0234", "+1234\u00a0points"),
        (-0.5, "−0", "−0,5\u00a0point"),
        (0.0, "=", "="),
        (HIDDEN, "n. c.", "n. c."),
    ],
)
def test_a_growth_has_its_sign_and_may_be_hidden(grown: Growth, count: str, points: str) -> None:
    assert (change_text(grown), points_text(grown)) == (count, points)
