"""The dashboard as Panel serves it: the page of one visit, and what fails said to the visitor.

``panel serve dashboard/app.py`` shows the database that the settings name to visitors of this
machine only, to read; acting, sign-ins, guides and guardians' pages are those of ``educonnect
serve`` (`dashboard.server`).
"""

import logging
from collections.abc import Callable
from functools import cache

import panel as pn
import panel_material_ui as pmui

from dashboard.actions.local_users import local_user
from dashboard.bootstrap import open_services
from dashboard.domain.errors import Refused
from dashboard.domain.scope import Role, User
from dashboard.settings import Settings, read_settings
from dashboard.store.opening import connect
from dashboard.views.shell import TITLE, failure_page, staff_page
from dashboard.views.state.shared import Shared, open_shared

_LOG = logging.getLogger(__name__)
_BROKEN = (
    "La page n'a pas pu être préparée. Rechargez-la ; si cela se répète, prévenez l'assistance."
)


def page_for(
    find_user: Callable[[], User],
    shared: Callable[[], Shared],
    settings: Settings,
    demo: bool,
) -> pmui.Page:
    """The page of one visit, or one that says why it cannot be shown."""
    try:
        return staff_page(find_user(), shared(), settings, demo)
    except Refused as refused:
        return failure_page(" ".join(refused.reasons))
    except Exception:
        _LOG.exception("the page could not be built")
        return failure_page(_BROKEN)


@cache
def _shared() -> Shared:
    store = connect(read_settings().database)
    return open_shared(open_services(store, read_settings(), "http://localhost:5006"))


def _visitor_of_this_machine() -> User:
    context = pn.state.curdoc.session_context if pn.state.curdoc else None
    request = getattr(context, "request", None)
    return local_user(
        _shared().services.store,
        getattr(request, "remote_ip", None),
        getattr(request, "headers", ()),
        role=Role.DEPUTY,
    )


def script_page() -> pmui.Page:
    """The page that ``panel serve`` shows."""
    return page_for(_visitor_of_this_machine, _shared, read_settings(), demo=False)


if pn.state.served:
    pn.extension("tabulator")
    script_page().servable(title=TITLE)
