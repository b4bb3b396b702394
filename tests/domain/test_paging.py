import pytest

from dashboard.domain.paging import Page


@pytest.mark.parametrize(
    ("wanted", "count", "number", "pages", "offset"),
    [
        (1, 0, 1, 1, 0),
        (9, 0, 1, 1, 0),
        (1, 25, 1, 1, 0),
        (1, 26, 1, 2, 0),
        (2, 26, 2, 2, 25),
        (9, 51, 3, 3, 50),
        (0, 51, 1, 3, 0),
        (-4, 51, 1, 3, 0),
    ],
)
def test_a_page_is_the_nearest_that_there_is(
    wanted: int, count: int, number: int, pages: int, offset: int
) -> None:
    page = Page.at(wanted, count, 25)
    assert (page.number, page.pages, page.offset) == (number, pages, offset)
    assert (page.is_first, page.is_last) == (number == 1, number == pages)


def test_a_page_says_where_it_stands() -> None:
    assert Page.at(2, 200, 25).place == "2 sur 8"


@pytest.mark.parametrize(("steps", "number"), [(1, 3), (-1, 1), (-9, 1), (99, 8), (0, 2)])
def test_steps_end_at_the_first_and_the_last_page(steps: int, number: int) -> None:
    assert Page.at(2, 200, 25).after(steps) == number
