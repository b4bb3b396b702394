"""Who a request to the staff's application comes from, and for how long an open page is theirs."""

import asyncio
import logging
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

import panel as pn
from bokeh.document import Document
from bokeh.server.auth_provider import AuthProvider
from bokeh.util.token import get_session_id
from panel.io.server import WSHandler
from tornado.web import RequestHandler

from dashboard.actions.office import Office
from dashboard.actions.sign_in import local_user
from dashboard.actions.staff_desk import StaffDesk
from dashboard.domain.problem import Refused
from dashboard.domain.scope import User
from dashboard.page_messages import Reason
from dashboard.public.pages import Pages
from dashboard.public.staff import STAFF_COOKIE
from dashboard.store.staff import SIGNED_OUT, STAFF
from dashboard.views.shell import end_visit

_LOG = logging.getLogger(__name__)

_LOOKED_AT_EVERY_SECONDS = 20
_LEAVING_MS = 2000
_VISITOR = "visitor"  # what a request keeps its sender by
_ENDED = "Votre connexion est terminée. Revenez à la page d'accueil."
# An open page takes about 5 MB. Nobody works in twenty of them.
_MOST_PAGES = 300
_MOST_PAGES_OF_ONE = 20
_FULL = (
    "Trop de pages sont ouvertes",
    "Fermez celles dont vous ne vous servez plus, ou réessayez dans une minute.",
)


@dataclass(frozen=True, slots=True)
class _Visitor:
    """Who sent a request, and the token of their session."""

    user: User
    token: str
    one: str  # what is one visitor where open pages are counted


@dataclass(slots=True)
class _Visit:
    """An open page: whose, after how many changes looked at, and what was seen of it."""

    session_id: str
    visitor: _Visitor
    looked_after: int
    sockets: "WeakSet[WSHandler]" = field(default_factory=WeakSet)
    is_active: bool = True
    is_over: bool = False


class Visitors(AuthProvider):
    """Knows visitors by their session's token, or, where asked for, by being at this machine."""

    def __init__(
        self,
        desk: StaffDesk,
        office: Office,
        pages: Pages,
        is_local: bool,
        is_demo: bool = False,
    ) -> None:
        self._desk = desk
        self._office = office
        self._pages = pages
        self._is_local = is_local
        self._is_demo = is_demo
        self.messages_refused: Counter[str] = Counter({reason.value: 0 for reason in Reason})
        self._lock = threading.Lock()
        self._visits: WeakKeyDictionary[Document, _Visit] = WeakKeyDictionary()
        self._changes = 0
        self._woken = threading.Event()
        self._is_stopped = False
        office.store.listen(self._on_change)
        super().__init__()

    @property
    def get_user(self) -> Callable[[RequestHandler], str | None]:
        return self._user_id

    @property
    def login_url(self) -> str:
        return "/"

    def _user_id(self, handler: RequestHandler) -> str | None:
        try:
            visitor = self._visitor(handler)
        except Refused:
            return None
        user_id = visitor.user.user_id
        # A page is its visitor's alone: nobody else may speak to it, whatever its number.
        if isinstance(handler, WSHandler) and self._owner(handler) not in (None, user_id):
            return None
        # Who asks for a page is known by this request; what the page's token says is anybody's.
        setattr(handler.request, _VISITOR, visitor)
        return user_id

    def _visitor(self, handler: RequestHandler) -> _Visitor:
        request, token = handler.request, handler.get_cookie(STAFF_COOKIE) or ""
        if self._is_local:
            here = local_user(self._office.store, request.remote_ip, request.headers)
            return _Visitor(here, "", "")
        user = self._desk.who(token, self._office.clock())
        if user is None:
            raise Refused([_ENDED])
        # The users of the demonstration are everybody's.
        one = request.remote_ip or "" if self._is_demo else user.user_id
        return _Visitor(user, token, one)

    def _owner(self, handler: WSHandler) -> str | None:
        """Whose page a websocket asks for; ``None`` while it is nobody's."""
        _, _, token = handler.request.headers.get("Sec-WebSocket-Protocol", "").partition(",")
        try:
            session_id = get_session_id(token.strip())
        except ValueError:  # of a token that is none, which opens nothing
            return None
        with self._lock:
            owners = {one.session_id: one.visitor.user.user_id for one in self._visits.values()}
        return owners.get(session_id)

    def current(self) -> User:
        """The user of the page that is being built, which is theirs from now on.

        Raises:
            Refused: the sign-in has ended.
        """
        document = pn.state.curdoc
        visitor: _Visitor | None = getattr(document.session_context.request, _VISITOR, None)
        if visitor is None:
            raise Refused([_ENDED])
        if not self._is_local:
            self._keep(document, visitor)
        return visitor.user

    def _keep(self, document: Document, visitor: _Visitor) -> None:
        # Who they are was asked before the page was built: it is asked again when they speak.
        visit = _Visit(document.session_context.id, visitor, looked_after=-1)
        with self._lock:
            self._visits[document] = visit

        def notice(event: Any) -> None:
            # What comes from the browser has a setter; what others change is no sign of life.
            if getattr(event, "setter", None) is not None:
                visit.is_active = True

        document.on_change(notice)

    def full(self, handler: RequestHandler) -> str | None:
        """The page that says that there is no room for another; ``None`` while there is."""
        visitor: _Visitor | None = getattr(handler.request, _VISITOR, None)
        with self._lock:
            open_pages = [visit.visitor.one for visit in self._visits.values() if visit.sockets]
        own = open_pages.count(visitor.one) if visitor else 0
        if own < _MOST_PAGES_OF_ONE and len(open_pages) < _MOST_PAGES:
            return None
        title, text = _FULL
        return self._pages.page("error", title=title, text=text)

    def connected(self, document: Document, socket: WSHandler) -> None:
        """Know by which connections a page is open."""
        if visit := self._visits.get(document):
            visit.sockets.add(socket)

    def disconnected(self, document: Document, socket: WSHandler) -> None:
        """Know which connections are lost."""
        if visit := self._visits.get(document):
            visit.sockets.discard(socket)

    def refused(self, reason: Reason) -> None:
        """Count and tell that a page said what no page says, without what it was."""
        self.messages_refused[reason] += 1
        _LOG.warning("a page's message was refused and its connection closed: %s", reason)

    async def hears(self, document: Document) -> bool:
        """Whether a page's visitor still has the rights that it was made for."""
        visit = self._visits.get(document)
        if visit is None:
            return self._is_local
        if visit.looked_after != self._changes and not visit.is_over:
            await asyncio.to_thread(self._look_at, document, visit, is_active=False)
        return not visit.is_over

    def _on_change(self, changed: frozenset[str]) -> None:
        """Staff, rights or sessions have changed: nobody is heard before being looked at."""
        if not changed & {STAFF, SIGNED_OUT}:
            return
        with self._lock:
            self._changes += 1
        # Who signs out is on their way: leading their page elsewhere would stop them.
        if STAFF in changed:
            self._woken.set()

    def run(self) -> None:
        """Close the pages whose sign-in or rights have ended, until `stop`."""
        while True:
            self._woken.wait(_LOOKED_AT_EVERY_SECONDS)
            self._woken.clear()
            if self._is_stopped:
                return
            with self._lock:
                visits = list(self._visits.items())
            for document, visit in visits:
                was_active, visit.is_active = visit.is_active, False
                self._look_at(document, visit, is_active=was_active)

    def stop(self) -> None:
        """End `run`."""
        self._is_stopped = True
        self._woken.set()

    def _look_at(self, document: Document, visit: _Visit, is_active: bool) -> None:
        changes = self._changes
        user = self._desk.who(visit.visitor.token, self._office.clock(), is_active=is_active)
        with self._lock:
            visit.looked_after = changes
            is_ending = user != visit.visitor.user and not visit.is_over
            visit.is_over = visit.is_over or is_ending
        if is_ending:
            with suppress(AttributeError):  # of a page that is let go at this moment
                document.add_next_tick_callback(lambda: _end(document, visit))


def _end(document: Document, visit: _Visit) -> None:
    """Lead an open page's browser away; what does not follow is cut off."""
    end_visit(document)

    def cut_off() -> None:
        for socket in list(visit.sockets):
            socket.close()

    document.add_timeout_callback(cut_off, _LEAVING_MS)
