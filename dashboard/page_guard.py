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

from dashboard.actions.local_users import local_user
from dashboard.actions.services import Services
from dashboard.actions.staff_sessions import StaffSessions
from dashboard.domain.errors import Refused
from dashboard.domain.scope import User
from dashboard.page_messages import Reason
from dashboard.store.engine import Change
from dashboard.views.shell import end_page
from dashboard.web.page_templates import Pages
from dashboard.web.staff_pages import STAFF_COOKIE

_LOG = logging.getLogger(__name__)

_LOOKED_AT_EVERY_SECONDS = 20
_LEAVING_MS = 2000
_SENDER = "sender"  # what a request keeps its sender by
_ENDED = "Votre connexion est terminée. Revenez à la page d'accueil."
# An open page takes about 5 MB. Nobody works in twenty of them.
_MOST_PAGES = 300
_MOST_PAGES_OF_ONE = 20
_FULL = (
    "Trop de pages sont ouvertes",
    "Fermez celles dont vous ne vous servez plus, ou réessayez dans une minute.",
)


@dataclass(frozen=True, slots=True)
class _Sender:
    """Who sent a request, and the token of their session."""

    user: User
    token: str
    one: str  # what is one sender where open pages are counted


@dataclass(slots=True)
class _OpenPage:
    """An open page: whose, after how many changes looked at, and what was seen of it."""

    session_id: str
    sender: _Sender
    looked_after: int
    sockets: "WeakSet[WSHandler]" = field(default_factory=WeakSet)
    is_active: bool = True
    is_over: bool = False


class PageGuard(AuthProvider):
    """Knows who sends a request: by their session's token, or, where asked, by this machine."""

    def __init__(
        self,
        sessions: StaffSessions,
        services: Services,
        pages: Pages,
        is_local: bool,
        is_demo: bool = False,
    ) -> None:
        self._sessions = sessions
        self._services = services
        self._pages = pages
        self._is_local = is_local
        self._is_demo = is_demo
        self.messages_refused: Counter[str] = Counter({reason.value: 0 for reason in Reason})
        self._lock = threading.Lock()
        self._open_pages: WeakKeyDictionary[Document, _OpenPage] = WeakKeyDictionary()
        self._changes = 0
        self._woken = threading.Event()
        self._is_stopped = False
        services.store.listen(self._on_change)
        super().__init__()

    @property
    def get_user(self) -> Callable[[RequestHandler], str | None]:
        return self._user_id

    @property
    def login_url(self) -> str:
        return "/"

    def _user_id(self, handler: RequestHandler) -> str | None:
        try:
            sender = self._sender(handler)
        except Refused:
            return None
        user_id = sender.user.user_id
        # A page is its sender's alone: nobody else may speak to it, whatever its number.
        if isinstance(handler, WSHandler) and self._owner(handler) not in (None, user_id):
            return None
        # Who asks for a page is known by this request; what the page's token says is anybody's.
        setattr(handler.request, _SENDER, sender)
        return user_id

    def _sender(self, handler: RequestHandler) -> _Sender:
        request, token = handler.request, handler.get_cookie(STAFF_COOKIE) or ""
        if self._is_local:
            here = local_user(self._services.store, request.remote_ip, request.headers)
            return _Sender(here, "", "")
        user = self._sessions.who(token, self._services.clock())
        if user is None:
            raise Refused([_ENDED])
        # The users of the demonstration are everybody's.
        one = request.remote_ip or "" if self._is_demo else user.user_id
        return _Sender(user, token, one)

    def _owner(self, handler: WSHandler) -> str | None:
        """Whose page a websocket asks for; ``None`` while it is nobody's."""
        _, _, token = handler.request.headers.get("Sec-WebSocket-Protocol", "").partition(",")
        try:
            session_id = get_session_id(token.strip())
        except ValueError:  # of a token that is none, which opens nothing
            return None
        with self._lock:
            owners = {one.session_id: one.sender.user.user_id for one in self._open_pages.values()}
        return owners.get(session_id)

    def current(self) -> User:
        """The user of the page that is being built, which is theirs from now on.

        Raises:
            Refused: the sign-in has ended.
        """
        document = pn.state.curdoc
        sender: _Sender | None = getattr(document.session_context.request, _SENDER, None)
        if sender is None:
            raise Refused([_ENDED])
        if not self._is_local:
            self._keep(document, sender)
        return sender.user

    def _keep(self, document: Document, sender: _Sender) -> None:
        # Who they are was asked before the page was built: it is asked again when they speak.
        page = _OpenPage(document.session_context.id, sender, looked_after=-1)
        with self._lock:
            self._open_pages[document] = page

        def notice(event: Any) -> None:
            # What comes from the browser has a setter; what others change is no sign of life.
            if getattr(event, "setter", None) is not None:
                page.is_active = True

        document.on_change(notice)

    def full(self, handler: RequestHandler) -> str | None:
        """The page that says that there is no room for another; ``None`` while there is."""
        sender: _Sender | None = getattr(handler.request, _SENDER, None)
        with self._lock:
            open_pages = [page.sender.one for page in self._open_pages.values() if page.sockets]
        own = open_pages.count(sender.one) if sender else 0
        if own < _MOST_PAGES_OF_ONE and len(open_pages) < _MOST_PAGES:
            return None
        title, text = _FULL
        return self._pages.page("error", title=title, text=text)

    def connected(self, document: Document, socket: WSHandler) -> None:
        """Know by which connections a page is open."""
        if page := self._open_pages.get(document):
            page.sockets.add(socket)

    def disconnected(self, document: Document, socket: WSHandler) -> None:
        """Know which connections are lost."""
        if page := self._open_pages.get(document):
            page.sockets.discard(socket)

    def refused(self, reason: Reason) -> None:
        """Count and tell that a page said what no page says, without what it was."""
        self.messages_refused[reason] += 1
        _LOG.warning("a page's message was refused and its connection closed: %s", reason)

    async def hears(self, document: Document) -> bool:
        """Whether a page's sender still has the rights that it was made for."""
        page = self._open_pages.get(document)
        if page is None:
            return self._is_local
        if page.looked_after != self._changes and not page.is_over:
            await asyncio.to_thread(self._look_at, document, page, is_active=False)
        return not page.is_over

    def _on_change(self, change: Change) -> None:
        """Staff, rights or sessions have changed: nobody is heard before being looked at."""
        if not (change.staff or change.sessions):
            return
        with self._lock:
            self._changes += 1
        # Who signs out is on their way: leading their page elsewhere would stop them.
        if change.staff:
            self._woken.set()

    def run(self) -> None:
        """Close the pages whose sign-in or rights have ended, until `stop`."""
        while True:
            self._woken.wait(_LOOKED_AT_EVERY_SECONDS)
            self._woken.clear()
            if self._is_stopped:
                return
            with self._lock:
                pages = list(self._open_pages.items())
            for document, page in pages:
                was_active, page.is_active = page.is_active, False
                self._look_at(document, page, is_active=was_active)

    def stop(self) -> None:
        """End `run`."""
        self._is_stopped = True
        self._woken.set()

    def _look_at(self, document: Document, page: _OpenPage, is_active: bool) -> None:
        changes = self._changes
        user = self._sessions.who(page.sender.token, self._services.clock(), is_active=is_active)
        with self._lock:
            page.looked_after = changes
            is_ending = user != page.sender.user and not page.is_over
            page.is_over = page.is_over or is_ending
        if is_ending:
            with suppress(AttributeError):  # of a page that is let go at this moment
                document.add_next_tick_callback(lambda: _end(document, page))


def _end(document: Document, page: _OpenPage) -> None:
    """Lead an open page's browser away; what does not follow is cut off."""
    end_page(document)

    def cut_off() -> None:
        for socket in list(page.sockets):
            socket.close()

    document.add_timeout_callback(cut_off, _LEAVING_MS)
