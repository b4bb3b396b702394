"""The page as Python objects: what it lets go, and how it fails."""

import gc
import weakref

import panel as pn
import panel_material_ui as pmui
import pytest
from bokeh.document import Document
from panel.io.state import set_curdoc

from dashboard import connect
from dashboard.actions.local_users import DEMO_USERS, local_user
from dashboard.app import page_for
from dashboard.bootstrap import open_services
from dashboard.domain.errors import Refused
from dashboard.domain.scope import User
from dashboard.settings import Settings
from dashboard.store.engine import Store
from dashboard.views import shell
from dashboard.views.state.shared import open_shared


def page_of(user: str, store: Store) -> pmui.Page:
    services = open_services(store, Settings(), "http://localhost")
    shared = open_shared(services)
    return shell.staff_page(DEMO_USERS[user], shared, Settings(), demo=True)


@pytest.mark.parametrize("user", DEMO_USERS)
def test_a_page_is_let_go_with_its_visit(demo_store: Store, user: str) -> None:
    """Without the repair, the server's global busy state keeps every page ever made."""
    page = page_of(user, demo_store)
    watch = weakref.ref(page)
    del page
    gc.collect()
    assert watch() is None


def test_a_page_that_cannot_be_built_says_so(caplog: pytest.LogCaptureFixture) -> None:
    def nobody() -> User:
        raise ZeroDivisionError

    store = connect(":memory:")
    services = open_services(store, Settings(), "http://localhost")
    page = page_for(nobody, lambda: open_shared(services), Settings(), demo=False)
    [alert] = page.main
    assert "Rechargez-la" in alert.object
    assert "could not be built" in caplog.text


def test_a_visitor_of_another_machine_is_refused(demo_store: Store) -> None:
    with pytest.raises(Refused, match="seul cet ordinateur"):
        local_user(demo_store, "192.0.2.7")
    with pytest.raises(Refused):
        local_user(demo_store, None)


def test_the_person_at_this_machine_sees_every_school(demo_store: Store) -> None:
    user = local_user(demo_store, "127.0.0.1")
    assert set(user.scope.places) == {"0580189R", "0210351T", "0210507M", "0210749A"}
    assert user.people_in("0580189R") is not None
    assert user.people_in("0750001A") is None


def test_an_inspector_reads_no_people() -> None:
    assert DEMO_USERS["inspector"].people_in("0210351T") is None


def test_a_failing_handler_is_logged_and_said(
    demo_store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    document = Document()
    with set_curdoc(document):
        page = page_of("director-1", demo_store)
        shell.say_failure(ZeroDivisionError("on purpose"))
    [alert] = page.select(lambda item: getattr(item, "severity", "") == "error")
    assert alert.visible
    assert "a handler failed" in caplog.text
    assert pn.state.curdoc is None
