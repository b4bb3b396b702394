"""The dashboard as a service: one Tornado process with its plain routes and its signals."""

import logging
import secrets
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Any

import bokeh.server.urls
import panel as pn
import panel_material_ui as pmui
from bokeh.server.auth_provider import AuthProvider
from tornado.web import RequestHandler, decode_signed_value

from dashboard.actions.activate import GuardianDesk
from dashboard.actions.housekeeping import housekeep
from dashboard.actions.office import Office
from dashboard.actions.sign_in import DEMO_USERS, local_user
from dashboard.app import page_for
from dashboard.domain.problem import Refused
from dashboard.domain.scope import User
from dashboard.office import open_office
from dashboard.public.guarded import Threads
from dashboard.public.handlers import guardian_routes
from dashboard.settings import Settings
from dashboard.store.engine import Store
from dashboard.views.premises import Premises, open_premises
from dashboard.views.shell import TITLE, say_failure
from dashboard.views.start_page import start_page

Routes = list[tuple[Any, ...]]

_LOG = logging.getLogger(__name__)

_STAFF = "/comptes"
_COOKIE = "staff"
_COOKIE_DAYS = 1
_THREADS = 4
_DAY_SECONDS = 24 * 60 * 60
# Bokeh's own routes that answer about a session to anyone who asks; the dashboard uses neither.
_CLOSED = (r"/metadata", r"/autoload.js")


def serve(store: Store, settings: Settings, address: str, port: int, demo: bool) -> None:
    """Serve until interrupted (Ctrl-C or SIGTERM).

    Raises:
        Refused: the address is not this machine's own, or it is in use.
    """
    if not _is_loopback(address):
        raise Refused(
            [
                f"Refus d'écouter sur {address} : sans connexion nominative, le tableau de bord "
                "n'est servi qu'à cet ordinateur (127.0.0.1)."
            ]
        )
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    _prepare_panel()
    office = open_office(store, settings, f"http://{_shown(address)}:{port}")
    with Threads() as threads:
        routes = _routes(demo) + _guardian_routes(office, settings, threads)
        premises = open_premises(office)
        server = _listen(premises, settings, address, port, demo, routes)
        print(
            f"Tableau de bord : http://{_shown(address)}:{server.port}/  (Ctrl-C pour arrêter)",
            flush=True,
        )
        server.start()
        with _sending(office), _keeping_house(office, settings):
            server.io_loop.start()
        premises.actings.stop()
        server.stop()


def _listen(
    premises: Premises, settings: Settings, address: str, port: int, demo: bool, routes: Routes
) -> Any:
    """The server, listening."""
    visitors = _Visitors(premises.office.store, demo)

    def page() -> pmui.Page:
        return page_for(visitors.current, lambda: premises, settings, demo)

    try:
        return pn.serve(
            {_STAFF: page},
            address=address,
            port=port,
            show=False,
            start=False,
            title={_STAFF: TITLE},
            websocket_origin=[f"{host}:{port}" for host in _hosts(address)],
            cookie_secret=visitors.secret,
            auth_provider=visitors,
            session_history=0,
            liveness=False,
            index=None,
            verbose=False,
            extra_patterns=routes,
        )
    except OSError as error:
        raise Refused([f"Le port {port} de {address} est déjà pris ({error.strerror})."]) from error


@contextmanager
def _sending(office: Office) -> Iterator[None]:
    """Send messages meanwhile; at the end, the one that is being sent is waited for."""
    postman = office.postman()
    with _thread("postman", postman.run, postman.stop):
        yield


@contextmanager
def _keeping_house(office: Office, settings: Settings) -> Iterator[None]:
    """Trim what is too old meanwhile, at once and then daily."""
    done = threading.Event()

    def keep() -> None:
        while True:
            try:
                housekeep(office.store, office.clock(), settings.journal_months)
            except Exception:  # nobody else would notice that nothing is trimmed any more
                _LOG.exception("housekeeping failed; it is tried again tomorrow")
            if done.wait(_DAY_SECONDS):
                return

    with _thread("housekeeping", keep, done.set):
        yield


@contextmanager
def _thread(name: str, target: Callable[[], None], stop: Callable[[], None]) -> Iterator[None]:
    thread = threading.Thread(target=target, name=name)
    thread.start()
    try:
        yield
    finally:
        stop()
        thread.join()


def _guardian_routes(office: Office, settings: Settings, threads: Threads) -> Routes:
    desk = GuardianDesk(office.store, office.signer)
    return guardian_routes(
        desk, settings.help_contact, settings.portal_address, office.clock, threads
    )


def _prepare_panel() -> None:
    pn.extension("tabulator")
    pn.config.nthreads = _THREADS
    pn.config.exception_handler = say_failure
    patterns = bokeh.server.urls.per_app_patterns
    patterns[:] = [pattern for pattern in patterns if pattern[0] not in _CLOSED]


def _is_loopback(address: str) -> bool:
    try:
        return address == "localhost" or ip_address(address).is_loopback
    except ValueError:
        return False


def _hosts(address: str) -> set[str]:
    """The names by which a browser of this machine may call the address."""
    return {_shown(address), "127.0.0.1", "localhost"}


def _shown(address: str) -> str:
    return f"[{address}]" if ":" in address else address


class _Visitors(AuthProvider):
    """Says who a request comes from; without a sign-in, it is led to the start page."""

    def __init__(self, store: Store, demo: bool) -> None:
        self._store = store
        self._demo = demo
        self.secret = secrets.token_urlsafe(32)
        super().__init__()

    @property
    def get_user(self) -> Callable[[RequestHandler], str | None]:
        return self._user_id

    @property
    def login_url(self) -> str:
        return "/"

    def _user_id(self, handler: RequestHandler) -> str | None:
        if not self._demo:
            return "local"
        signed = handler.get_signed_cookie(_COOKIE, max_age_days=_COOKIE_DAYS)
        user_id = signed.decode() if signed else ""
        return user_id if user_id in DEMO_USERS else None

    def current(self) -> User:
        """The user of the session that is being built."""
        request = pn.state.curdoc.session_context.request
        if not self._demo:
            return local_user(self._store, request.remote_ip)
        signed = decode_signed_value(
            self.secret, _COOKIE, pn.state.cookies.get(_COOKIE), max_age_days=_COOKIE_DAYS
        )
        if signed is None:
            raise Refused(["Votre connexion est terminée. Revenez à la page d'accueil."])
        return DEMO_USERS[signed.decode()]


class _Health(RequestHandler):
    def get(self) -> None:
        self.write({"status": "ok"})


class _Start(RequestHandler):
    """The start page: in the demonstration one enters as a user, else one is in already."""

    def initialize(self, demo: bool) -> None:
        self._demo = demo

    def get(self) -> None:
        if not self._demo:
            self.redirect(f".{_STAFF}")
            return
        self.set_header("Cache-Control", "no-store")
        self.write(start_page(TITLE, DEMO_USERS.values(), self.get_query_argument("next", "")))


class _SignIn(RequestHandler):
    """Enters the demonstration as one of its users."""

    def post(self) -> None:
        user_id = self.get_body_argument("user", "")
        if user_id not in DEMO_USERS:
            self.send_error(400)
            return
        self.set_signed_cookie(
            _COOKIE, user_id, expires_days=_COOKIE_DAYS, httponly=True, samesite="Lax"
        )
        wanted = self.get_body_argument("next", "")
        is_inside = wanted == _STAFF or wanted.startswith(f"{_STAFF}?")
        self.redirect(wanted if is_inside else _STAFF, status=303)


def _routes(demo: bool) -> Routes:
    routes: Routes = [(r"/healthz", _Health), (r"/", _Start, {"demo": demo})]
    return [*routes, (r"/sign-in", _SignIn)] if demo else routes
