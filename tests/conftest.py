from collections.abc import Iterator
from datetime import date

import pytest

from dashboard.actions.load_demo import load_demo
from dashboard.store.engine import MEMORY, Store, connect


@pytest.fixture(scope="session")
def today() -> date:
    return date(2026, 9, 28)


@pytest.fixture(scope="session")
def demo_store(today: date) -> Iterator[Store]:
    """The demo schools, for reading."""
    with connect(MEMORY) as store:
        load_demo(store, today)
        yield store


@pytest.fixture
def store() -> Iterator[Store]:
    with connect(MEMORY) as store:
        yield store
