"""Who a request to the staff's application comes from, and for how long an open page is theirs."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import panel as pn
from bokeh.document import Document
from bokeh.server.auth_provider import AuthProvider
from bokeh.server.views.ws import WSHandler
from bokeh.util.token import get_session_id
from tornado.web import RequestHandler

from dashboard.actions.office import Office
from dashboard.actions.sign_in import local_user
from dashboard.actions.staff_desk import StaffDesk
from dashboard.domain.problem import Refused
from dashboard.domain.scope import User
from dashboard.public.staff import STAFF_COOKIE
from dashboard.views.shell import end_visit

_LOOKED_AT_EVERY_SECONDS = 20


@dataclass(slots=True)
class _Visit:
    """An open page: whose, by which token, and whether they did something since last looked at."""

    session_id: str
    user_id: str
    token: str
    is_active: bool = True


class Visitors(AuthProvider):
    """Knows visitors by their session's token, or, where asked for, by being at this machine."""

    def __init__(self, desk: StaffDesk, office: Office, is_local: bool) -> None:
        self._desk = desk
        self._office = office
        self._is_local = is_local
        self._lock = threading.Lock()
        self._visits: WeakKeyDictionary[Document, _Visit] = WeakKeyDictionary()
        self._stopped = threading.Event()
        super().__init__()

    @property
    def get_user(self) -> Callable[[RequestHandler], str | None]:
        return self._user_id

    @property
    def login_url(self) -> str:
        return "/"

    def _user_id(self, handler: RequestHandler) -> str | None:
        try:
            user = self._user(handler.request, handler.get_cookie(STAFF_COOKIE) or "")
        except Refused:
            return None
        # A page is its visitor's alone: nobody else may speak to it, whatever its number.
        if isinstance(handler, WSHandler) and self._owner(handler) not in (None, user.user_id):
            return None
        return user.user_id

    def _owner(self, handler: WSHandler) -> str | None:
        """Whose page a websocket asks for; ``None`` while it is nobody's."""
        _, _, token = handler.request.headers.get("Sec-WebSocket-Protocol", "").partition(",")
        try:
            session_id = get_session_id(token.strip())
        except ValueError:  # of a token that is none, which opens nothing
            return None
        with self._lock:
            owners = {visit.session_id: visit.user_id for visit in self._visits.values()}
        return owners.get(session_id)

    def current(self) -> User:
        """The user of the page that is being built, which is theirs from now on.

        Raises:
            Refused: the sign-in has ended.
        """
        document, token = pn.state.curdoc, pn.state.cookies.get(STAFF_COOKIE, "")
        user = self._user(document.session_context.request, token)
        if not self._is_local:
            self._keep(document, user, token)
        return user

    def _user(self, request: Any, token: str) -> User:
        if self._is_local:
            return local_user(self._office.store, request.remote_ip, request.headers)
        user = self._desk.who(token, self._office.clock())
        if user is None:
            raise Refused(["Votre connexion est terminée. Revenez à la page d'accueil."])
        return user

    def _keep(self, document: Document, user: User, token: str) -> None:
        visit = _Visit(document.session_context.id, user.user_id, token)
        with self._lock:
            self._visits[document] = visit

        def notice(event: Any) -> None:
            # What comes from the browser has a setter; what others change is no sign of life.
            if getattr(event, "setter", None) is not None:
                visit.is_active = True

        document.on_change(notice)

    def run(self) -> None:
        """Close the pages whose sign-in has ended, until `stop`."""
        while not self._stopped.wait(_LOOKED_AT_EVERY_SECONDS):
            with self._lock:
                visits = list(self._visits.items())
            for document, visit in visits:
                self._look_at(document, visit)

    def stop(self) -> None:
        """End `run`."""
        self._stopped.set()

    def _look_at(self, document: Document, visit: _Visit) -> None:
        was_active, visit.is_active = visit.is_active, False
        user = self._desk.who(visit.token, self._office.clock(), is_active=was_active)
        if user is None:
            with self._lock:
                self._visits.pop(document, None)
            document.add_next_tick_callback(lambda: end_visit(document))
