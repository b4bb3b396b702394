"""Schools are told of together in bundles that are large enough, and leave no small rest."""

from collections import Counter
from itertools import chain
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain.bundles import LEAST_SCHOOLS, Bundle, District, Held, bundled, bundles

DISTRICTS = st.tuples(st.sampled_from("AB"), st.sampled_from("12"), st.sampled_from("wxyz"))
SCHOOLS = st.dictionaries(DISTRICTS, st.integers(0, 14))


def district(name: str, department: str = "021", academy: str = "Dijon") -> District:
    return academy, department, name


@given(SCHOOLS)
def test_every_school_is_in_one_bundle_of_ten_at_least(schools: dict[District, int]) -> None:
    made = bundles(schools)
    inside = list(chain.from_iterable(made))
    assert len(inside) == len(set(inside))
    assert all(sum(schools[one] for one in bundle) >= LEAST_SCHOOLS for bundle in made)
    known = {one for one, count in schools.items() if count}
    enough = sum(schools.values()) >= LEAST_SCHOOLS
    assert set(inside) == (known if enough else set())


@given(SCHOOLS, st.integers(0, 3))
def test_no_two_areas_that_are_large_enough_are_told_together(
    schools: dict[District, int], depth: int
) -> None:
    """A large area is told of, unless a rest that would be too small has joined it."""
    sizes: Counter[tuple[str, ...]] = Counter()
    for one, count in schools.items():
        sizes[one[:depth]] += count
    for bundle in bundles(schools):
        large = {one[:depth] for one in bundle if sizes[one[:depth]] >= LEAST_SCHOOLS}
        assert len(large) <= 1


@given(SCHOOLS, st.randoms())
def test_the_order_of_districts_does_not_matter(
    schools: dict[District, int], random: Random
) -> None:
    shuffled = list(schools.items())
    random.shuffle(shuffled)
    assert bundles(dict(shuffled)) == bundles(schools)


@pytest.mark.parametrize(
    ("schools", "told_together"),
    [
        ({"a": 12, "b": 10}, [["a"], ["b"]]),
        ({"a": 12, "b": 9, "c": 1}, [["a"], ["b", "c"]]),
        ({"a": 12, "b": 10, "c": 9}, [["a"], ["b", "c"]]),
        ({"a": 12, "b": 12, "": 1}, [["", "a"], ["b"]]),
        ({"a": 9}, []),
        ({"a": 5, "b": 5}, [["a", "b"]]),
    ],
    ids=str,
)
def test_the_rest_of_a_department_is_large_enough_or_joins_the_smallest_district(
    schools: dict[str, int], told_together: list[list[str]]
) -> None:
    made = bundles({district(name): count for name, count in schools.items()})
    assert sorted(sorted(name for _, _, name in bundle) for bundle in made) == told_together


def test_a_small_department_joins_the_smallest_department_of_its_academy() -> None:
    schools = {district("a"): 30, district("b"): 11, district("c", "058"): 20}
    lone = district("d", "071")
    assert bundles(schools | {lone: 1}) == [
        [district("a")],
        [district("b")],
        [district("c", "058"), lone],
    ]


def uais(count: int, first: int = 0) -> tuple[str, ...]:
    return tuple(f"021{number:04}X" for number in reversed(range(first, first + count)))


def test_levels_and_weeks_are_split_each_apart() -> None:
    held = [
        Held("CP", district("a"), uais(10, first=3)),
        Held("CP", district("b"), uais(3)),
        Held("ULIS", district("a"), uais(2)),
    ]
    together = Bundle(tuple(sorted(uais(13))))
    assert bundled(held) == {("CP", district("a")): together, ("CP", district("b")): together}
    assert together.name == "0210000X"
    assert together.key != Bundle(tuple(sorted(uais(12)))).key
