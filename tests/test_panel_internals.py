"""What of the libraries is relied on is looked for at the start, and missed by name."""

from types import SimpleNamespace

import bokeh
import bokeh.server.urls
import panel
import pytest
from tornado.web import RequestHandler

from dashboard import panel_internals
from dashboard.connections import Bounds
from dashboard.domain.errors import Refused


def test_all_is_where_it_was() -> None:
    panel_internals.check()


def test_what_has_moved_is_named_with_the_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("bokeh.server.connection.ServerConnection.detach_session")
    with pytest.raises(Refused) as refusal:
        panel_internals.check()
    [reason] = refusal.value.reasons
    assert "ServerConnection.detach_session" in reason
    assert f"Panel {panel.__version__}, Bokeh {bokeh.__version__}, Tornado " in reason


def test_a_route_that_another_handler_answers_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    others = [("/ws", RequestHandler)]
    monkeypatch.setattr(bokeh.server.urls, "per_app_patterns", others)
    with pytest.raises(Refused) as refusal:
        panel_internals.check()
    assert any("/ws" in reason for reason in refusal.value.reasons)


def test_a_server_that_accepts_otherwise_is_refused() -> None:
    with pytest.raises(Refused):
        panel_internals.bound_connections(SimpleNamespace(), Bounds(10, 5))
