"""What every plain page is guarded by: headers, limits, a token per form, logs that tell no one's.

Nothing that a visitor typed and no link reaches a log, and no failure shows more than a page.
"""

import asyncio
import logging
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from http import HTTPStatus
from types import TracebackType
from typing import Any, ClassVar, ParamSpec, Self, TypeVar
from urllib.parse import quote

from tornado.httputil import HTTPInputError, parse_body_arguments
from tornado.web import HTTPError, RequestHandler, StaticFileHandler, stream_request_body

from dashboard.store.failures import Failure
from dashboard.theme import ROOT, assets
from dashboard.web.page_templates import Pages

_LOG = logging.getLogger(__name__)

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
}
_THREADS = 4
_LARGEST_BODY = 64 * 1024
_LONGEST_VALUE = 1000
_DEVICE_SECONDS = 180 * 24 * 60 * 60
_BODY_SECONDS = 20
_FOR_GOOD = "public, max-age=31536000, immutable"
_BACK_IN_SECONDS = 120
# What stands in an address as it is; the rest is written in per cents.
_ADDRESS_SIGNS = "%/?&=:;,+@!$'()*~-._"
_FORM = "application/x-www-form-urlencoded"
_P = ParamSpec("_P")
_T = TypeVar("_T")


class Threads:
    """Where what is asked is answered, away from the loop; left, all that was begun is done."""

    def __init__(self) -> None:
        self.workers = ThreadPoolExecutor(_THREADS, "guardian")
        # For what no answer may wait for.
        self.helpers = ThreadPoolExecutor(1, "guardian-help")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.workers.shutdown()
        self.helpers.shutdown()


@dataclass(frozen=True, slots=True)
class Service:
    """What every handler works with."""

    pages: Pages
    clock: Callable[[], datetime]
    threads: Threads
    # How many sign-ins failed, by whose they were.
    failures: Counter[str] = field(default_factory=Counter, kw_only=True)


@stream_request_body
class Handler(RequestHandler):
    """A handler that refuses what is too large before it reads it, and whose errors are pages.

    `root` is where the pages that share its cookies begin, `form_cookie` that of their forms,
    `device_cookie` that by which a device is known;
    `visitors` is what those who sign in there are called where failures are counted.
    """

    root: ClassVar[str]
    visitors: ClassVar[str]
    form_cookie: ClassVar[str]
    device_cookie: ClassVar[str] = "device"

    def initialize(self, service: Service) -> None:
        self.service = service
        self._body = bytearray()
        self._later: list[Callable[[], object]] = []

    @property
    def settings(self) -> dict[str, Any]:
        """The application's settings, with a form token that is these pages' own."""
        cookie = {"path": self.root, "httponly": True, "samesite": "Lax", "secure": self.is_secure}
        own = {"xsrf_cookie_name": self.form_cookie, "xsrf_cookie_kwargs": cookie}
        return self.application.settings | own

    @property
    def is_secure(self) -> bool:
        return self.request.protocol == "https"

    @property
    def source(self) -> str:
        """Where the request comes from, for what is counted by source."""
        return self.request.remote_ip or ""

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        for name, value in HEADERS.items():
            self.set_header(name, value)

    def prepare(self) -> None:
        if "Transfer-Encoding" in self.request.headers:
            raise HTTPError(HTTPStatus.LENGTH_REQUIRED)
        length = self.request.headers.get("Content-Length", "0")
        if not (length.isascii() and length.isdigit()):
            raise HTTPError(HTTPStatus.BAD_REQUEST)
        if int(length) > _LARGEST_BODY:
            raise HTTPError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if self.request.connection is not None:
            # It is an HTTP/1 connection, which Tornado's type does not say.
            self.request.connection.set_body_timeout(_BODY_SECONDS)  # type: ignore[attr-defined]  # see above

    def data_received(self, chunk: bytes) -> None:
        self._body += chunk

    def compute_etag(self) -> None:
        """None: a page that is not stored has no use for one."""

    async def get(self, *_: str) -> None:
        raise HTTPError(HTTPStatus.METHOD_NOT_ALLOWED)

    async def head(self, *path: str) -> None:
        await self.get(*path)

    def form(self, *names: str) -> Mapping[str, str]:
        """What was typed into these fields of the form that was sent, empty where nothing was.

        Raises:
            HTTPError: it is no form, has a field twice, or a value that is too long.
        """
        if self.request.headers.get("Content-Type", "").split(";")[0].strip() != _FORM:
            raise HTTPError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
        arguments: dict[str, list[bytes]] = {}
        try:
            parse_body_arguments(_FORM, bytes(self._body), arguments, {})
        except HTTPInputError:
            raise HTTPError(HTTPStatus.BAD_REQUEST) from None
        # A token in the address, which others may see, is no token.
        self.request.arguments = self.request.body_arguments = arguments
        if any(len(values) > 1 or len(values[0]) > _LONGEST_VALUE for values in arguments.values()):
            raise HTTPError(HTTPStatus.BAD_REQUEST)
        return {name: self.get_body_argument(name, "", strip=False) for name in names}

    def is_own_form(self) -> bool:
        """Whether the form that `form` has read was made for this visitor."""
        try:
            self.check_xsrf_cookie()
        except HTTPError:
            return False
        return True

    async def ask(self, question: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """What a call answers, without keeping other visitors waiting."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            self.service.threads.workers, partial(question, *args, **kwargs)
        )

    def afterwards(self, work: Callable[_P, object], *args: _P.args, **kwargs: _P.kwargs) -> None:
        """Do something once the answer is sent: its time would tell what the answer does not."""
        self._later.append(partial(work, *args, **kwargs))

    def on_finish(self) -> None:
        for work in self._later:
            self.service.threads.helpers.submit(work).add_done_callback(_report)

    def tell_failure(self, kind: str) -> None:
        """Count and log that a sign-in failed, without whose it was said to be."""
        self.service.failures[kind] += 1
        _LOG.warning("a sign-in failed (%s) from %s", kind, self.source)

    def show(self, page: str, status: int = HTTPStatus.OK, **values: object) -> None:
        self.set_status(status)
        token = self.xsrf_token.decode()
        self.finish(self.service.pages.page(page, form_token=token, **values))

    def go_to(self, path: str) -> None:
        self.redirect(path, status=HTTPStatus.SEE_OTHER)

    @property
    def devices(self) -> str:
        """The cookie by which this device is known to accounts that have signed in on it."""
        return (self.get_cookie(self.device_cookie) or "")[:_LONGEST_VALUE]

    def keep_device(self, devices: str) -> None:
        """Have this device known from now on."""
        self.set_cookie(
            self.device_cookie,
            devices,
            path=self.root,
            max_age=_DEVICE_SECONDS,
            expires_days=None,
            httponly=True,
            samesite="Lax",
            secure=self.is_secure,
        )

    def write_error(self, status_code: int, **about: Any) -> None:
        if isinstance(about.get("exc_info", (None, None))[1], Failure):
            status_code = HTTPStatus.SERVICE_UNAVAILABLE
            self.set_status(status_code)
            self.set_header("Retry-After", str(_BACK_IN_SECONDS))
        self.finish(self.service.pages.error(status_code))

    def log_exception(
        self,
        typ: type[BaseException] | None,  # noqa: ARG002  # Tornado's signature
        value: BaseException | None,
        tb: TracebackType | None,  # noqa: ARG002  # Tornado's signature
    ) -> None:
        """Write where an error happened; its message might quote what was typed."""
        if isinstance(value, Failure):
            _LOG.error("%s: the database fails (%s)", self._request_summary(), value.cause)
        elif not isinstance(value, HTTPError):
            _LOG.error("%s", told(self._request_summary(), value))

    def _request_summary(self) -> str:
        return f"{self.request.method} {type(self).__name__} ({self.source})"

    def _log(self) -> None:
        """Log the answer, whatever the application's own way is: that would log the links."""
        status = self.get_status()
        write = _LOG.debug if status < HTTPStatus.INTERNAL_SERVER_ERROR else _LOG.error
        milliseconds = 1000 * self.request.request_time()
        write("%d %s %.2fms", status, self._request_summary(), milliseconds)


def _report(helping: "Future[object]") -> None:
    if error := helping.exception():
        _LOG.error("%s", told("help not sent", error))


class _File(RequestHandler):
    """What is served as it is: guarded like a page, and a page where it is missing."""

    _pages: Pages

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        for name, value in HEADERS.items():
            self.set_header(name, value)

    def write_error(self, status_code: int, **_: object) -> None:
        self.finish(self._pages.error(status_code))


class Static(_File, StaticFileHandler):
    """A file as it is: kept by browsers, since another content has another address."""

    def initialize(  # type: ignore[override]  # Tornado gives it what the route says
        self, path: str, pages: Pages
    ) -> None:
        super().initialize(path)
        self._pages = pages


class ThemeAsset(_File):
    """A file of the theme, compressed where the browser takes that, and kept there for good."""

    def initialize(self, pages: Pages) -> None:
        self._pages = pages

    def get(self, name: str) -> None:
        found = next((asset for asset in assets().values() if asset.name == name), None)
        if found is None:
            raise HTTPError(HTTPStatus.NOT_FOUND)
        self.set_header("Content-Type", f"{found.media_type}; charset=utf-8")
        self.set_header("Cache-Control", _FOR_GOOD)
        self.set_header("Vary", "Accept-Encoding")
        takes_gzip = "gzip" in self.request.headers.get("Accept-Encoding", "")
        if takes_gzip:
            self.set_header("Content-Encoding", "gzip")
        self.finish(found.compressed if takes_gzip else found.content)

    def head(self, name: str) -> None:
        self.get(name)


def theme_route(pages: Pages) -> tuple[Any, ...]:
    """The pattern of the theme's files, for a Tornado application."""
    return rf"{ROOT}/(.*)", ThemeAsset, {"pages": pages}


def inside(wanted: str, page: str) -> str:
    """The address that was wanted if it is a page's own, as a header may hold it; else the page's.

    Nothing that could end a header or lead elsewhere is taken: only the page's path, with a query.
    """
    is_own = wanted == page or wanted.startswith(f"{page}?")
    is_safe = wanted.isprintable() and "\\" not in wanted and len(wanted) <= _LONGEST_VALUE
    if not (is_own and is_safe):
        return page
    return quote(wanted, safe=_ADDRESS_SIGNS)


def told(what: str, error: BaseException | None) -> str:
    """An error for the log: its kind and its place, without its message."""
    frames = traceback.format_tb(error.__traceback__) if error else []
    return f"{type(error).__name__}: {what}\n{''.join(frames)}".rstrip()
