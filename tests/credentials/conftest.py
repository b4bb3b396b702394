"""A desk for each test."""

import logging
from collections.abc import Iterator

import pytest

from tests.credentials.desk import CODE, NOW, SECRET, Desk
from tests.openid import ACCESS_TOKEN, lying_provider


@pytest.fixture
def desk(caplog: pytest.LogCaptureFixture) -> Iterator[Desk]:
    """A desk; whatever goes wrong at it, the log has no secret."""
    caplog.set_level(logging.DEBUG)
    with lying_provider(NOW) as provider:
        yield Desk(provider)
        for secret in (SECRET, CODE, ACCESS_TOKEN, provider.id_token or ACCESS_TOKEN):
            assert secret not in caplog.text
