from collections.abc import Iterator

import pytest

from tests.rights.service import Site, served


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """The service, for tests that leave the staff and the accounts as they are."""
    with served() as one:
        yield one


@pytest.fixture
def own_site() -> Iterator[Site]:
    """A service for one test alone."""
    with served() as one:
        yield one
