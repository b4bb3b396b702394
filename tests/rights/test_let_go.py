"""Pages that are let go at any instant: nothing of it is an error, nothing of it stays."""

import asyncio
import logging
from collections.abc import Iterator

import pytest
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from tests.rights.service import Site

RELOADS = 200


@pytest.fixture
def untroubled(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    assert [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING] == []


async def glimpse(site: Site, token: str, page_token: str, instant: int) -> None:
    """Open a page's connection and break it off after so many turns of the loop."""
    request = HTTPRequest(
        f"ws://127.0.0.1:{site.port}/comptes/ws",
        headers={"Origin": f"http://127.0.0.1:{site.port}", "Cookie": f"staff={token}"},
    )
    socket = await websocket_connect(request, subprotocols=["bokeh", page_token])
    for _ in range(instant):
        await asyncio.sleep(0)
    assert socket.protocol is not None
    assert socket.protocol.stream is not None
    socket.protocol.stream.close()
    socket.close()
    assert await socket.read_message() is None or instant


def connections(site: Site) -> int:
    return sum(one.connection_count for one in site.service.server.get_sessions())


def test_two_hundred_quick_reloads_leave_nothing(own_site: Site, untroubled: None) -> None:
    token = own_site.sign_in("claire")
    page_token = own_site.page(token).page_token
    for number in range(RELOADS):
        own_site.run(glimpse(own_site, token, page_token, number % 12))
    own_site.settle()
    assert connections(own_site) == 0
