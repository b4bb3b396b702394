"""What all pages of one server share; each follows what is written while it is open."""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from bokeh.document import Document

from dashboard.actions.productions import Productions
from dashboard.actions.services import Services
from dashboard.store.engine import Change, Listener, Store
from dashboard.views.state.action_state import ActionStates

# Changes that come together are shown together.
_PAUSE_MS = 250


class Live:
    """Tells each session, in its own time, what has changed; idle, it does nothing."""

    def __init__(self, store: Store) -> None:
        self._lock = threading.Lock()
        self._followers: WeakKeyDictionary[Document, _Follower] = WeakKeyDictionary()
        store.listen(self.tell)

    def follow(self, document: Document, refresh: Listener) -> None:
        """Call `refresh` with what changed, while the document's session lives."""
        with self._lock:
            self._followers[document] = _Follower(refresh)
        document.on_session_destroyed(lambda _: self._forget(document))

    def _forget(self, document: Document) -> None:
        with self._lock:
            self._followers.pop(document, None)

    def tell(self, change: Change) -> None:
        """Have every session follow a change; from any thread."""
        with self._lock:
            followers = list(self._followers.items())
        for document, follower in followers:
            if follower.add(change):
                # A page that is let go at this moment has no ticks any more; the others do.
                with suppress(AttributeError):
                    # From another thread, only the next tick may be asked for.
                    document.add_next_tick_callback(_later(document, follower))


def _later(document: Document, follower: "_Follower") -> Callable[[], None]:
    def wait() -> None:
        document.add_timeout_callback(follower.refresh, _PAUSE_MS)

    return wait


class _Follower:
    """One session: what changed since it was last refreshed."""

    def __init__(self, refresh: Listener) -> None:
        self._refresh = refresh
        self._lock = threading.Lock()
        self._change = Change()

    def add(self, change: Change) -> bool:
        """Keep a change for the next refresh; true if that has still to be asked for."""
        with self._lock:
            is_first = not self._change
            self._change |= change
            return is_first

    def refresh(self) -> None:
        with self._lock:
            change, self._change = self._change, Change()
        self._refresh(change)


@dataclass(frozen=True, slots=True)
class Shared:
    """The services that they act through, who follows what in it, and the sheets that wait."""

    services: Services
    live: Live
    action_states: ActionStates
    productions: Productions


def open_shared(services: Services) -> Shared:
    """What the pages share before anybody has opened one."""
    live = Live(services.store)
    productions = Productions(services.clock, live.tell)
    return Shared(services, live, ActionStates(services, productions), productions)
