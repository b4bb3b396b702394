from collections.abc import Iterator

import panel as pn
import pytest

from tests.rights.service import Site, served


@pytest.fixture(scope="package", autouse=True)
def _threads() -> Iterator[None]:
    """A service sets how many threads work for all of this process; others have none."""
    yield
    pn.config.nthreads = None


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
