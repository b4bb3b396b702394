"""The page around the tabs: title, who is there, tabs, address bar, and errors said aloud."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any
from weakref import WeakKeyDictionary, ref

import panel as pn
import panel_material_ui as pmui
from bokeh.document import Document

from dashboard.actions.local_users import LOCAL
from dashboard.domain.scope import Role, User
from dashboard.settings import Settings
from dashboard.store.engine import Change, Listener
from dashboard.store.schools import schools
from dashboard.views.account_dialog import AccountDialog
from dashboard.views.action_dialog import ActionDialog
from dashboard.views.components.repairs import AddressBar, Announcer, make_page, say_disconnection
from dashboard.views.guardians import GuardiansView
from dashboard.views.home import HomeView
from dashboard.views.inspector.page import ExplorationView
from dashboard.views.journal import JournalView
from dashboard.views.state.action_state import deselect_handled
from dashboard.views.state.list_state import ListState, Tab
from dashboard.views.state.shared import Shared
from dashboard.views.state.users_state import UsersState
from dashboard.views.state.waiting_sheets import WaitingSheets
from dashboard.views.statistics import StatisticsView
from dashboard.views.user_dialog import UserDialog
from dashboard.views.users import UsersView
from dashboard.views.waiting_banner import WaitingBanner

TITLE = "Comptes responsables"
_TABS = {
    Role.DIRECTOR: (Tab.HOME, Tab.GUARDIANS, Tab.STATISTICS, Tab.JOURNAL),
    Role.DEPUTY: (Tab.HOME, Tab.GUARDIANS, Tab.STATISTICS, Tab.JOURNAL),
    Role.INSPECTOR: (Tab.HOME, Tab.STATISTICS),
    Role.ADMINISTRATOR: (Tab.HOME, Tab.JOURNAL, Tab.USERS),
}
_THEME = {
    "palette": {"primary": {"main": "#00507d"}, "background": {"default": "#ffffff"}},
    "shape": {"borderRadius": 6},
}
_FAILED = (
    "Une erreur s'est produite : ce que vous demandiez n'a pas été fait. Réessayez ; si cela "
    "se répète, rechargez la page ou prévenez l'assistance."
)
_LEAVE = '<a href="./">Changer d\'utilisateur</a>'
_SIGN_OUT = '<form method="post" action="./deconnexion"><button>Se déconnecter</button></form>'
_CHANGE_PASSWORD = '<a href="./mot-de-passe">Changer de mot de passe</a> – '
_IDENTITY_STYLE = """
a { color: #00507d; }
form { display: inline; }
button { font: inherit; color: #00507d; background: none; border: 0; padding: 0; cursor: pointer;
  text-decoration: underline; }
p { margin: 0.6rem 0; }
"""
_NOTICE = {
    "padding": "6px 10px",
    "color": "#5a3900",
    "background": "#fdf3dc",
    "border-left": "4px solid #b36b00",
    "overflow-wrap": "anywhere",
}
_QUIET = {"color": "#3d4a5c", "font-size": "0.875rem"}
_LOG = logging.getLogger(__name__)
# Each session's place for errors; weak both ways, since an alert knows its document.
_failure_alerts: WeakKeyDictionary[Document, ref[pmui.Alert]] = WeakKeyDictionary()
_addresses: WeakKeyDictionary[Document, ref[AddressBar]] = WeakKeyDictionary()


def staff_page(user: User, shared: Shared, settings: Settings, demo: bool) -> pmui.Page:
    """The whole application for one page of a user; their address says where it starts."""
    found = schools(shared.services.store, user.scope)
    names = dict(zip(found["uai"], found["name"], strict=True))
    address = AddressBar(width=0, height=0, margin=0)
    address.search = pn.state.location.search if pn.state.location else ""
    list_state = ListState()
    list_state.go_to(address.search, names)
    parts = _parts(list_state, user, names, shared, settings)
    tabs = pmui.Tabs(
        *((tab.label, view) for tab, view in parts.views.items()), sizing_mode="stretch_width"
    )
    _follow_tabs(tabs, list_state, list(parts.views))
    _follow_address(address, list_state, names)
    if pn.state.curdoc is not None:
        say_disconnection(pn.state.curdoc)
        _addresses[pn.state.curdoc] = ref(address)
        shared.live.follow(pn.state.curdoc, _follower(list_state, user, names, parts))
    return make_page(
        title=TITLE,
        theme_config=_THEME,
        theme_toggle=False,
        main=[
            pn.Column(
                address,
                pn.FlexBox(
                    *([_school_line(list_state, names)] if user.reads_people else []),
                    _identity(user, demo),
                    align_items="center",
                    justify_content="space-between",
                    sizing_mode="stretch_width",
                ),
                _failure_alert(),
                _notices(list_state),
                *parts.above,
                tabs,
                *parts.dialogs,
                sizing_mode="stretch_width",
            )
        ],
    )


@dataclass(slots=True)
class _Parts:
    """What a page is made of: its tabs, what is above them, its dialogs, and what shows again
    what has changed: in the school that is shown, or `anywhere`.
    """

    views: dict[Tab, pn.viewable.Viewer]
    above: list[pn.viewable.Viewer] = field(default_factory=list)
    dialogs: list[pn.viewable.Viewer] = field(default_factory=list)
    following: list[Callable[[], None]] = field(default_factory=list)
    anywhere: list[Callable[[], None]] = field(default_factory=list)


def _parts(
    list_state: ListState,
    user: User,
    names: dict[str, str],
    shared: Shared,
    settings: Settings,
) -> _Parts:
    """The parts that a user's role has."""
    services = shared.services
    store = services.store
    parts = _Parts({Tab.HOME: HomeView(list_state, user, names, settings)})
    if Tab.GUARDIANS in _TABS[user.role]:
        action_state = shared.action_states.state_for(user, pn.state.curdoc)
        deselect_handled(action_state, list_state)
        guardians = GuardiansView(list_state, user, services, action_state)
        account = AccountDialog(list_state, user, services, action_state)
        parts.views[Tab.GUARDIANS] = guardians
        dialog = ActionDialog(action_state, services)
        parts.dialogs += [account, dialog]
        parts.following += [guardians.refresh, account.refresh, dialog.refresh]
    if user.acts:
        waiting = WaitingSheets(user, shared.productions)
        parts.above.append(WaitingBanner(waiting))
        parts.anywhere.append(waiting.refresh)
    if Tab.STATISTICS in _TABS[user.role]:
        figures = (
            StatisticsView(list_state, user, store, services.clock)
            if user.reads_people
            else ExplorationView(list_state, user, store, services.clock, settings.smallest_count)
        )
        parts.views[Tab.STATISTICS] = figures
        parts.following.append(figures.refresh)
    if Tab.JOURNAL in _TABS[user.role]:
        journal = JournalView(list_state, user, services)
        parts.views[Tab.JOURNAL] = journal
        parts.following.append(journal.refresh)
    if (staff := user.staff_scope) is not None:
        users_state = UsersState(services, staff)
        users = UsersView(list_state, users_state, services, staff)
        parts.views[Tab.USERS] = users
        parts.dialogs.append(UserDialog(users_state))
        parts.following += [users.refresh, users_state.refresh]
    return parts


def _follower(
    list_state: ListState,
    user: User,
    names: Mapping[str, str],
    parts: _Parts,
) -> Listener:
    """What shows again what changed, if it is of the schools that this page shows."""

    def follow(change: Change) -> None:
        shown = {list_state.school} if user.reads_people else names.keys()
        if change.schools & shown or user.role is Role.ADMINISTRATOR:
            for refresh in parts.following:
                refresh()
        for refresh in parts.anywhere:
            refresh()

    return follow


def _follow_tabs(tabs: pmui.Tabs, list_state: ListState, order: list[Tab]) -> None:
    def show(*_: Any) -> None:
        tabs.active = order.index(list_state.tab) if list_state.tab in order else 0

    def go(event: Any) -> None:
        list_state.tab = order[event.new]

    show()
    list_state.param.watch(show, "tab")
    tabs.param.watch(go, "active")


def _follow_address(address: AddressBar, list_state: ListState, schools: dict[str, str]) -> None:
    """Write every step to the address; go where the back button leads, without writing that."""
    going = False

    def write(*_: Any) -> None:
        if not going:
            list_state.notices = ()  # of a link that has been left
            address.search = list_state.query()

    def go_to(event: Any) -> None:
        nonlocal going
        if event.new == list_state.query():
            return
        going = True
        try:
            list_state.go_to(event.new, schools)
        finally:
            going = False

    list_state.param.watch(write, list(ListState.ADDRESSED))
    address.param.watch(go_to, "search")


def _school_line(list_state: ListState, names: dict[str, str]) -> Announcer:
    line = Announcer(margin=(8, 10), styles={"font-weight": "600"})

    def show(*_: Any) -> None:
        uai = list_state.school
        line.text = f"{uai} – {names[uai]}" if uai else "Aucun établissement choisi"

    show()
    list_state.param.watch(show, "school")
    return line


def _notices(list_state: ListState) -> Announcer:
    line = Announcer(margin=(4, 10), styles=_NOTICE)

    def show(*_: Any) -> None:
        line.param.update(text=" ".join(list_state.notices), visible=bool(list_state.notices))

    show()
    list_state.param.watch(show, "notices")
    return line


def _identity(user: User, demo: bool) -> pn.pane.HTML:
    said = escape(user.label)
    if demo:
        said = f"Démonstration, personnes fictives – {said} – {_LEAVE}"
    elif user.user_id != LOCAL:
        change = _CHANGE_PASSWORD if user.has_password else ""
        said = f"{said} – {escape(user.role.label)} – {change}{_SIGN_OUT}"
    return pn.pane.HTML(
        f"<div>{said}</div>", margin=(0, 10), styles=_QUIET, stylesheets=[_IDENTITY_STYLE]
    )


def _failure_alert() -> pmui.Alert:
    alert = pmui.Alert(object=_FAILED, severity="error", visible=False, closeable=True)
    if pn.state.curdoc is not None:
        _failure_alerts[pn.state.curdoc] = ref(alert)
    return alert


def say_failure(error: Exception) -> None:
    """Log what went wrong in a session and tell its user that it did."""
    _LOG.error("a handler failed", exc_info=error)
    found = _failure_alerts.get(pn.state.curdoc) if pn.state.curdoc else None
    if found and (alert := found()) is not None:
        alert.visible = True


def end_page(document: Document) -> None:
    """Lead the browser of an open page to the start page; called in the document's own turn."""
    found = _addresses.get(document)
    if found and (address := found()) is not None:
        address.elsewhere = "/?avis=fin"


def failure_page(reason: str) -> pmui.Page:
    """A page for when the application cannot be built: what happened and what to do."""
    return make_page(
        title=TITLE,
        theme_config=_THEME,
        theme_toggle=False,
        main=[pmui.Alert(object=reason, severity="error")],
    )
