"""A provider of OpenID Connect: how it describes itself, and what it answers this server."""

import json
import logging
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Generic, TypeVar
from urllib.parse import urlsplit

import requests
from requests.utils import get_environ_proxies
from urllib3.exceptions import HTTPError

from dashboard.domain.errors import Refused
from dashboard.domain.names import clean
from dashboard.domain.network import is_this_machine

_LOG = logging.getLogger(__name__)

_KEPT_SECONDS = 3600
_RENEWED_SECONDS = 60
_LARGEST_ANSWER = 512 * 1024
_PART = 16 * 1024
_LONGEST_DETAIL = 500
_ADDRESS = re.compile(r"[!-\[\]-~]+")  # no blank, no backslash: all readers see the same host

AGAIN = "La connexion n'a pas abouti. Recommencez depuis la page de connexion."
AWAY = "Le service d'identité ne répond pas. Réessayez dans quelques minutes."
UNTRUSTED = (
    "La réponse du service d'identité n'a pas pu être vérifiée. Si cela se répète, prévenez "
    "l'assistance informatique."
)

_T = TypeVar("_T")
Claims = dict[str, object]


class SignInRefused(Refused):
    """Somebody is not signed in; the reason may be shown, the detail is for who runs this."""

    def __init__(self, reasons: Iterable[object], detail: str = "") -> None:
        super().__init__(reasons)
        self.detail = detail


@dataclass(frozen=True)
class OpenIdSettings:
    """The provider, and how this application is registered there.

    `redirect_address` is where the provider sends the browser back to. `ca_file` is the path of the
    certificates of a private authority. Without a secret the client is a public one. The timeout is
    that of a connection, of silence, and of an answer once it has begun.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect_address: str
    scopes: str = "openid profile email"
    ca_file: str = ""
    timeout_seconds: float = 10


@dataclass(frozen=True)
class Description:
    """What a provider says of itself."""

    authorization: str
    token: str
    keys: str
    user_info: str
    end_session: str
    secret_in_form: bool
    names_itself: bool


@dataclass(frozen=True)
class Answer:
    """An answer of the provider to this server."""

    status: int
    kind: str
    body: bytes
    date: str = ""


class OpenIdProvider:
    """Describes itself once an hour, and answers.

    Its methods wait for the provider, and raise `SignInRefused` where it does not answer, or not as
    a provider should.

    Raises:
        Refused: a setting is impossible.
    """

    def __init__(self, settings: OpenIdSettings, now: Callable[[], int]) -> None:
        if problems := list(_problems(settings)):
            raise Refused(problems)
        self._settings = settings
        self._described = Kept(self._discover, now)

    def described(self) -> Description:
        """What it said of itself, within the hour."""
        return self._described.get()

    def document(self) -> tuple[Claims, datetime | None]:
        """How it describes itself now, whatever name it gives itself, and its clock's time."""
        answer = self.ask(f"{self._settings.issuer.rstrip('/')}/.well-known/openid-configuration")
        return object_in(answer, "the discovery document"), _time(answer.date)

    def keys(self, address: str) -> list[object]:
        """The keys that it publishes there."""
        published = object_in(self.ask(address), "the keys").get("keys")
        if not isinstance(published, list):
            raise refusal(UNTRUSTED, "the keys are no list")
        return published

    def ask(
        self, address: str, authorization: str = "", form: Mapping[str, str] | None = None
    ) -> Answer:
        """The provider's answer, of limited length; redirections are answers like others."""
        headers = {"Accept": "application/json, application/jwt", "Accept-Encoding": "identity"}
        if authorization:
            headers["Authorization"] = authorization
        proxies = (
            {}
            if is_this_machine(urlsplit(address).hostname or "")
            else get_environ_proxies(address)
        )
        try:
            with requests.Session() as session:
                session.trust_env = False  # it would send logins of ~/.netrc
                with session.request(
                    "GET" if form is None else "POST",
                    address,
                    data=form,
                    headers=headers,
                    proxies=proxies,
                    timeout=self._settings.timeout_seconds,
                    verify=self._settings.ca_file or True,
                    allow_redirects=False,
                    stream=True,
                ) as answer:
                    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
                    body = _body(answer, self._settings.timeout_seconds)
                    date = answer.headers.get("Date", "")
                    return Answer(answer.status_code, kind, body, date)
        except (OSError, HTTPError) as error:
            raise refusal(AWAY, f"{address}: {error}") from None

    def _discover(self) -> Description:
        issuer = self._settings.issuer
        document, _ = self.document()
        if document.get("issuer") != issuer:
            raise refusal(UNTRUSTED, f"discovered another issuer: {document.get('issuer')!r}")
        methods = document.get("token_endpoint_auth_methods_supported")
        return Description(
            authorization=endpoint(document, "authorization_endpoint"),
            token=endpoint(document, "token_endpoint"),
            keys=endpoint(document, "jwks_uri"),
            user_info=endpoint(document, "userinfo_endpoint", optional=True),
            end_session=endpoint(document, "end_session_endpoint", optional=True),
            secret_in_form=isinstance(methods, list) and "client_secret_basic" not in methods,
            names_itself=document.get("authorization_response_iss_parameter_supported") is True,
        )


class Kept(Generic[_T]):
    """Something fetched, until it is old; where threads fetch at once, the last one's is kept."""

    def __init__(self, fetch: Callable[[], _T], now: Callable[[], int]) -> None:
        self._fetch = fetch
        self._now = now
        self._held: tuple[_T, int] | None = None
        self._renewed_at = -_RENEWED_SECONDS

    def get(self) -> _T:
        """What was fetched last, if it is not old."""
        held = self._held
        if held is None or not 0 <= self._now() - held[1] < _KEPT_SECONDS:
            held = self._held = (self._fetch(), self._now())
        return held[0]

    def renewed(self) -> _T:
        """Fetched again, but not twice within a minute, whoever asks for it."""
        if abs(self._now() - self._renewed_at) >= _RENEWED_SECONDS:
            self._renewed_at = self._now()
            self._held = None
        return self.get()


def _problems(settings: OpenIdSettings) -> Iterator[str]:
    """What is wrong with the settings, in French."""
    if not _is_safe(settings.issuer) or "?" in settings.issuer:
        yield f"Fournisseur d'identité « {settings.issuer} » : adresse https attendue."
    if not _is_safe(settings.redirect_address):
        yield f"Adresse de retour « {settings.redirect_address} » : adresse https attendue."
    if not settings.client_id:
        yield "L'identifiant de l'application chez le fournisseur d'identité manque."
    if "openid" not in settings.scopes.split():
        yield f"Portées « {settings.scopes} » : « openid » attendu parmi elles."


def _is_safe(address: str) -> bool:
    """Whether nobody can read or change what goes there: it is encrypted, or stays here."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        return False
    if not _ADDRESS.fullmatch(address) or "#" in address or "@" in parts.netloc:
        return False
    if not host or port == 0:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_this_machine(host or ""))


def endpoint(document: Claims, name: str, optional: bool = False) -> str:
    """A safe address in a document; ``""`` for none, where it is optional."""
    address = document.get(name)
    if address is None and optional:
        return ""
    if not isinstance(address, str) or not _is_safe(address):
        raise refusal(UNTRUSTED, f"{name}: {address!r}")
    return address


def _body(answer: requests.Response, timeout_seconds: float) -> bytes:
    deadline = time.monotonic() + timeout_seconds
    body = bytearray()
    while part := answer.raw.read1(_PART, decode_content=False):
        body += part
        if len(body) > _LARGEST_ANSWER or time.monotonic() > deadline:
            raise requests.RequestException("the answer is too long")
    return bytes(body)


def object_in(answer: Answer, what: str) -> Claims:
    """The object in a good answer."""
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        found = None
    if answer.status == 200 and isinstance(found, dict):
        return found
    error = found.get("error") if isinstance(found, dict) else None
    again = AGAIN if error == "invalid_grant" else UNTRUSTED
    raise refusal(
        AWAY if answer.status >= 500 else again, f"{what}: status {answer.status}, {error!r}"
    )


def refusal(reason: str, detail: str) -> SignInRefused:
    """Why somebody is not signed in, for them, and in detail for the log."""
    shown = clean(detail)[:_LONGEST_DETAIL]
    _LOG.warning("Nobody is signed in: %s", shown)
    return SignInRefused([reason], shown)


def _time(date: str) -> datetime | None:
    """The time in a header `Date`, with its zone."""
    try:
        return parsedate_to_datetime(date)
    except ValueError:
        return None
