"""The examples of the public functions are true."""

import doctest

import dashboard


def test_the_examples_of_the_package_are_true() -> None:
    assert doctest.testmod(dashboard).failed == 0


def test_every_public_function_says_what_it_gives() -> None:
    for name in dashboard.__all__:
        assert getattr(dashboard, name).__doc__
