"""The dashboard as a service: one Tornado process with its plain routes and its signals."""

import logging
import secrets
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import panel as pn
import panel_material_ui as pmui
from tornado.web import RequestHandler

from dashboard import logs, panel_internals
from dashboard.actions.back_up import back_up_daily
from dashboard.actions.guardian_access import GuardianAccess
from dashboard.actions.housekeeping import housekeep
from dashboard.actions.local_users import demo_users
from dashboard.actions.services import Services
from dashboard.actions.staff_sessions import SessionLimits, StaffSessions
from dashboard.app import page_for
from dashboard.bootstrap import open_provider, open_services, paths, retention
from dashboard.connections import HEALTH, Bounds, raise_descriptors
from dashboard.domain.errors import Refused
from dashboard.domain.network import is_this_machine
from dashboard.health import Health
from dashboard.metrics import Meter, Metrics, counting, metrics
from dashboard.outputs import tagged_pdf
from dashboard.page_guard import PageGuard
from dashboard.settings import Settings
from dashboard.store.engine import MEMORY, Store
from dashboard.views.shell import TITLE, say_failure
from dashboard.views.state.shared import Shared, open_shared
from dashboard.web.guardian_pages import guardian_routes
from dashboard.web.guides import guide_routes
from dashboard.web.handler import Threads
from dashboard.web.headers import SecurityHeaders
from dashboard.web.page_templates import Pages
from dashboard.web.staff_pages import StaffService, staff_routes

Routes = list[tuple[Any, ...]]

_LOG = logging.getLogger(__name__)

_STAFF = "/comptes"
_BEGINS_AGAIN_SECONDS = 10
_DAY_SECONDS = 24 * 60 * 60
_AGAIN_SECONDS = 15 * 60
# Nothing is uploaded: what a page or a form says is small.
_LARGEST_MESSAGE = 256 * 1024
_LARGEST_BODY = 1024 * 1024
_LARGEST_HEADER = 32 * 1024
# The threads without which the service does not do what it promises.
_WORKERS = {
    "postman": "Envoi des courriels",
    "housekeeping": "Sauvegarde et ménage quotidiens",
    "visitors": "Fin des connexions",
}
# In which a request must have come, headers and then body; until the next one, a browser waits.
_IDLE_SECONDS = 30
_BODY_SECONDS = 20


class Access(StrEnum):
    """How visitors of the staff's application come in."""

    SIGN_IN = "SIGN_IN"
    LOCAL = "LOCAL"  # whoever is at this machine, which has the database's file
    DEMO = "DEMO"  # whoever comes, as a user of the demonstration


@dataclass(frozen=True, slots=True)
class ListenAddress:
    """Where the dashboard is served, and to whom.

    Raises:
        Refused: strangers would be served what nobody signs in to; with what to do instead.
    """

    address: str
    port: int
    access: Access = Access.SIGN_IN
    exposes_demo: bool = False

    def __post_init__(self) -> None:
        if is_this_machine(self.address) or self.access is Access.SIGN_IN or self.exposes_demo:
            return
        instead = (
            "ajoutez --expose-demo pour montrer la démonstration à d'autres"
            if self.access is Access.DEMO
            else "--local ne sert qu'à cet ordinateur (127.0.0.1)"
        )
        raise Refused(
            [f"Refus d'écouter sur {self.address} sans connexion nominative : {instead}."]
        )

    @property
    def shown(self) -> str:
        return f"[{self.address}]" if ":" in self.address else self.address


@dataclass(frozen=True, slots=True)
class Service:
    """A server that listens, and what works beside it."""

    server: Any
    services: Services
    page_guard: PageGuard
    shared: Shared
    meter: Meter
    health: Health


def serve(store: Store, settings: Settings, listen: ListenAddress) -> None:
    """Serve until interrupted (Ctrl-C or SIGTERM).

    Raises:
        Refused: the address is in use.
    """
    logs.begin()
    raise_descriptors()
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    with Threads() as threads:
        service = open_service(store, settings, listen, threads)
        print(
            f"Tableau de bord : http://{listen.shown}:{service.server.port}/  "
            "(Ctrl-C pour arrêter)",
            flush=True,
        )
        service.server.start()
        with (
            _sending(service.services),
            _keeping_house(service.services, settings, service.meter),
            looking_at(service.page_guard),
            _thread("watch", service.health.run, service.health.stop),
        ):
            service.health.workers = _WORKERS
            service.server.io_loop.start()
        service.shared.action_states.stop()
        service.server.stop()
        say_lost(service.shared)


def open_service(
    store: Store,
    settings: Settings,
    listen: ListenAddress,
    threads: Threads,
    clock: Callable[[], datetime] = datetime.now,
) -> Service:
    """A server that listens on the current loop; nothing is answered before that runs.

    Raises:
        Refused: the address is in use.
    """
    _prepare_panel()
    services = open_services(store, settings, f"http://{listen.shown}:{listen.port}", clock)
    sessions = _staff_sessions(services, settings, listen)
    page_guard = PageGuard(
        sessions,
        services,
        _pages(settings),
        is_local=listen.access is Access.LOCAL,
        is_demo=listen.access is Access.DEMO,
    )
    health = Health(store, _disks(settings, store))
    meter = Meter(health=health)
    routes = [
        (HEALTH, _Health, {"health": health}),
        _metrics_route(services, settings, meter),
        *_staff_routes(sessions, services, settings, listen, threads, meter),
        *_guardian_routes(services, settings, threads, meter),
    ]
    shared = open_shared(services)
    server = _listen(shared, settings, listen, page_guard, routes)
    panel_internals.application(server).add_transform(counting(meter))
    connections = panel_internals.bound_connections(
        server, Bounds.of_process(settings.behind_proxy)
    )
    meter.messages_refused = page_guard.messages_refused
    meter.open_connections = lambda: len(connections)
    meter.connections_refused = lambda: connections.refused
    meter.open_pages = lambda: len(server.get_sessions())
    return Service(server, services, page_guard, shared, meter, health)


def _disks(settings: Settings, store: Store) -> dict[str, Path]:
    """The folders that the service writes to."""
    if store.url == MEMORY:
        return {}
    found = {
        "database": Path(store.url).resolve().parent,
        "backups": settings.backup_folder,
        "mail": paths(settings, store.url).mail_folder,
    }
    return {name: folder for name, folder in found.items() if folder is not None}


def say_lost(shared: Shared) -> None:
    """Tell the operator of the sheets that end with the process: nobody else can."""
    for one in shared.productions.waiting:
        print(f"Perdues à l'arrêt : {one} Ces comptes sont à notifier de nouveau.", flush=True)


def looking_at(page_guard: PageGuard) -> AbstractContextManager[None]:
    """Close the pages of those whose rights end meanwhile."""
    return _thread("visitors", page_guard.run, page_guard.stop)


def _listen(
    shared: Shared,
    settings: Settings,
    listen: ListenAddress,
    page_guard: PageGuard,
    routes: Routes,
) -> Any:
    """The server, listening."""

    def page() -> pmui.Page:
        is_demo = listen.access is Access.DEMO
        return page_for(page_guard.current, lambda: shared, settings, is_demo)

    try:
        server = pn.serve(
            {_STAFF: page},
            address=listen.address,
            port=listen.port,
            show=False,
            start=False,
            title={_STAFF: TITLE},
            websocket_origin=_origins(settings, listen),
            cookie_secret=secrets.token_urlsafe(32),
            auth_provider=page_guard,
            sign_sessions=True,
            secret_key=secrets.token_urlsafe(32),
            generate_session_ids=True,
            session_history=0,
            liveness=False,
            index=None,
            verbose=False,
            use_xheaders=settings.behind_proxy,
            extra_patterns=routes,
            # A page's token is in the page, where scripts read it: it holds no cookie.
            include_cookies=[],
            include_headers=[],
            websocket_max_message_size=_LARGEST_MESSAGE,
            http_server_kwargs={
                "max_body_size": _LARGEST_BODY,
                "max_header_size": _LARGEST_HEADER,
                "idle_connection_timeout": _IDLE_SECONDS,
                "body_timeout": _BODY_SECONDS,
            },
        )
    except OSError as error:
        said = f"Le port {listen.port} de {listen.address} est déjà pris ({error.strerror})."
        raise Refused([said]) from error
    served = panel_internals.application(server)
    served.settings["log_function"] = _log_request
    served.add_transform(SecurityHeaders)
    panel_internals.close_routes(server)
    return server


def _log_request(handler: RequestHandler) -> None:
    """Log an answer without its address, which may hold a link or a name searched for."""
    request, status = handler.request, handler.get_status()
    write = _LOG.error if status >= HTTPStatus.INTERNAL_SERVER_ERROR else _LOG.debug
    write("%d %s %s (%s)", status, request.method, type(handler).__name__, request.remote_ip)


def _origins(settings: Settings, listen: ListenAddress) -> list[str]:
    """The hosts whose pages may open a websocket: this machine's names, and the public one."""
    names = {listen.shown, "127.0.0.1", "localhost"}
    public = urlsplit(settings.public_address)
    known = [f"{name}:{listen.port}" for name in sorted(names)]
    if not public.hostname:
        return known
    default = 443 if public.scheme == "https" else 80
    return [*known, f"{public.hostname}:{public.port or default}", public.netloc]


@contextmanager
def _sending(services: Services) -> Iterator[None]:
    """Send messages meanwhile; at the end, the one that is being sent is waited for."""
    postman = services.postman()
    with _thread("postman", postman.run, postman.stop):
        yield


@contextmanager
def _keeping_house(services: Services, settings: Settings, meter: Meter) -> Iterator[None]:
    """Trim what is too old meanwhile, and make a backup, at once and then daily."""
    done = threading.Event()

    def keep() -> None:
        while True:
            are_done = [
                _is_done("housekeeping", lambda: _keep_house(services, settings, meter)),
                _is_done("the daily backup", lambda: _back_up(services, settings, meter)),
            ]
            if done.wait(_DAY_SECONDS if all(are_done) else _AGAIN_SECONDS):
                return

    with _thread("housekeeping", keep, done.set):
        yield


def _is_done(what: str, work: Callable[[], None]) -> bool:
    try:
        work()
    except Exception as error:  # nobody else would notice that it is not done any more
        why = " ".join(error.reasons) if isinstance(error, Refused) else ""
        minutes = _AGAIN_SECONDS // 60
        _LOG.exception("%s failed; it is tried again in %d minutes. %s", what, minutes, why)
        return False
    return True


def _keep_house(services: Services, settings: Settings, meter: Meter) -> None:
    housekeep(services.store, services.clock(), retention(settings), services.mail_folder)
    meter.house_kept_at = services.clock()


def _back_up(services: Services, settings: Settings, meter: Meter) -> None:
    folder = settings.backup_folder
    if folder is not None:
        back_up_daily(services.store, folder, services.clock(), settings.backups_kept)
        meter.backed_up_at = services.clock()


@contextmanager
def _thread(name: str, target: Callable[[], None], stop: Callable[[], None]) -> Iterator[None]:
    stopping = threading.Event()

    def live() -> None:
        while not stopping.is_set():
            try:
                target()
            except Exception:  # nobody else would notice that its work is not done any more
                _LOG.exception("the thread %s failed; it begins again", name)
                stopping.wait(_BEGINS_AGAIN_SECONDS)
            else:
                return

    thread = threading.Thread(target=live, name=name)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        stop()
        thread.join()


def _limits(settings: Settings) -> SessionLimits:
    return SessionLimits(
        timedelta(minutes=settings.session_idle_minutes), timedelta(hours=settings.session_hours)
    )


def _pages(settings: Settings) -> Pages:
    return Pages(
        settings.help_contact,
        settings.portal_address,
        settings.help_email,
        settings.accessibility_statement,
    )


def _metrics_route(services: Services, settings: Settings, meter: Meter) -> tuple[Any, ...]:
    limits, token = _limits(settings), settings.metrics_token.get_secret_value()
    return r"/metrics", Metrics, {"token": token, "read": lambda: metrics(services, limits, meter)}


def _staff_sessions(services: Services, settings: Settings, listen: ListenAddress) -> StaffSessions:
    offered = demo_users(services.store) if listen.access is Access.DEMO else {}
    return StaffSessions(services.store, services.signer, _limits(settings), offered)


def _staff_routes(
    sessions: StaffSessions,
    services: Services,
    settings: Settings,
    listen: ListenAddress,
    threads: Threads,
    meter: Meter,
) -> Routes:
    service = StaffService(
        _pages(settings),
        services.clock,
        threads,
        sessions,
        _STAFF,
        listen.access is Access.LOCAL,
        open_provider(sessions, settings, services),
        services.public_address,
        failures=meter.sign_ins_failed,
    )
    return [*staff_routes(service), *guide_routes(service)]


def _guardian_routes(
    services: Services, settings: Settings, threads: Threads, meter: Meter
) -> Routes:
    access = GuardianAccess(services.store, services.signer)
    return guardian_routes(
        access,
        _pages(settings),
        services.clock,
        threads,
        meter.sign_ins_failed,
    )


def _prepare_panel() -> None:
    pn.extension("tabulator")
    pn.config.exception_handler = say_failure
    panel_internals.install()
    tagged_pdf.check()


class _Health(RequestHandler):
    """Answers anybody whether the service can serve, and why it cannot: no path, nobody's name."""

    def initialize(self, health: Health) -> None:
        self._health = health

    def get(self) -> None:
        reasons = self._health.reasons()
        self.set_header("Cache-Control", "no-store")
        if reasons:
            self.set_status(HTTPStatus.SERVICE_UNAVAILABLE)
            self.write({"status": "failing", "reasons": [asdict(one) for one in reasons]})
            return
        self.write({"status": "ok"})

    def head(self) -> None:
        self.get()
