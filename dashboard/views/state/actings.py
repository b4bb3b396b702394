"""The actions that are under way: kept for who loses their page, stopped with the server."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from weakref import ReferenceType, ref

from bokeh.document import Document

from dashboard.actions.productions import Productions
from dashboard.actions.services import Services
from dashboard.domain.scope import User
from dashboard.views.state.action_state import Acting, Step

_KEPT = timedelta(minutes=30)
_STOPPED_WITHIN_SECONDS = 20


@dataclass(slots=True)
class _Page:
    """Where an action is shown, and when that was last seen open."""

    user: User
    document: ReferenceType[Document] | None
    seen_at: datetime

    @property
    def is_open(self) -> bool:
        """Whether a browser is connected to the page; one that is being built has none yet."""
        document = self.document() if self.document else None
        context = document.session_context if document else None
        if context is None or context.destroyed:
            return False
        return not context.session or context.session.connection_count > 0


class Actings:
    """One action for each open page.

    Who loses the connection or reloads the page is given the same action again: its report would
    be lost with the page. Sheets are kept apart, for longer (`dashboard.actions.productions`).

    Pages are built in the thread of the server's loop, which has ended when all are stopped: this
    needs no lock.
    """

    def __init__(self, services: Services, productions: Productions) -> None:
        self._services = services
        self._productions = productions
        self._pages: dict[Acting, _Page] = {}

    def acting_for(self, user: User, document: Document | None) -> Acting:
        """The action that the user left behind on a page that is gone, else a new one.

        Who has other rights since then is another user: the action was in the rights they had.
        """
        now = self._services.clock()
        self._forget_old(now)
        left = (
            acting
            for acting, page in self._pages.items()
            if page.user == user and acting.is_busy and not page.is_open
        )
        acting = next(left, None) or Acting(self._services, user, self._productions)
        self._pages[acting] = _Page(user, ref(document) if document else None, now)
        return acting

    def _forget_old(self, now: datetime) -> None:
        """Forget the actions of pages that are gone: at once if over, else after a while."""
        for acting, page in list(self._pages.items()):
            if page.is_open or acting.step is Step.RUNNING:
                page.seen_at = now
            elif not acting.is_busy or now - page.seen_at > _KEPT:
                del self._pages[acting]

    def stop(self) -> None:
        """Cancel what is running, and wait until it has let go of the store."""
        running = [acting for acting in self._pages if acting.step is Step.RUNNING]
        for acting in running:
            acting.cancel()
        end = time.monotonic() + _STOPPED_WITHIN_SECONDS
        for acting in running:
            acting.wait_until_idle(end - time.monotonic())
