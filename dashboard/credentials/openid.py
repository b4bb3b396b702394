"""Signing in at an OpenID Connect provider: the code flow with PKCE, and the ID token verified."""

import hashlib
import hmac
import json
import logging
import re
import secrets
import time
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Generic, TypeVar
from urllib.parse import quote_plus, urlencode, urlsplit

import requests
from joserfc import jwt
from joserfc.errors import (
    DecodeError,
    InvalidClaimError,
    InvalidKeyIdError,
    JoseError,
    MissingClaimError,
)
from joserfc.jwk import GuestProtocol, JWKRegistry, Key
from joserfc.jws import JWSRegistry
from joserfc.registry import Header
from requests.utils import get_environ_proxies
from urllib3.exceptions import HTTPError

from dashboard.domain.names import clean
from dashboard.domain.problem import Refused
from dashboard.domain.source import is_this_machine

_LOG = logging.getLogger(__name__)

# Signed with a key that only the provider has: no "none", and no HS…, whose key others know.
ALGORITHMS = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"),
    "Ed25519",
)
# By the last three characters of the algorithm; Ed25519 hashes with SHA-512.
_HASHES = {
    "256": hashlib.sha256,
    "384": hashlib.sha384,
    "512": hashlib.sha512,
    "519": hashlib.sha512,
}
_ESSENTIAL = ("iss", "sub", "aud", "exp", "iat", "nonce")
_KEY_TYPES = ("RSA", "EC", "OKP")
_SHORTEST_MODULUS = 342  # characters of 2048 bits

_LEEWAY_SECONDS = 60  # by which the provider's clock and ours may differ
_KEPT_SECONDS = 3600
_RENEWED_SECONDS = 60
_LARGEST_ANSWER = 512 * 1024
_PART = 16 * 1024
_LONGEST_DETAIL = 500
_LONGEST_SUBJECT = 255

_ADDRESS = re.compile(r"[!-\[\]-~]+")  # no blank, no backslash: all readers see the same host
_CODE = re.compile(r"[ -~]{1,4096}")
_TOKEN = re.compile(r"[!-~]+")

_AGAIN = "La connexion n'a pas abouti. Recommencez depuis la page de connexion."
_DENIED = "La connexion a été annulée, ou le service d'identité ne l'a pas autorisée."
_AWAY = "Le service d'identité ne répond pas. Réessayez dans quelques minutes."
_UNTRUSTED = (
    "La réponse du service d'identité n'a pas pu être vérifiée. Si cela se répète, prévenez "
    "l'assistance informatique."
)
_LATER_ERRORS = ("server_error", "temporarily_unavailable")

_T = TypeVar("_T")
_Claims = dict[str, object]


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
class Started:
    """A sign-in that has begun: where to send the browser, and what to remember until it is back.

    Whoever has begun it keeps all but the address, where nobody else can read or change it, for
    minutes, and forgets it when it is finished.
    """

    address: str = field(repr=False)
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True)
class Identity:
    """Who has signed in, as the provider says; a subject is unique within its issuer."""

    subject: str
    issuer: str
    claims: Mapping[str, object] = field(repr=False)
    id_token: str = field(repr=False)


@dataclass(frozen=True)
class Published:
    """What a provider publishes: its name, how many keys that serve here, and its clock's time."""

    issuer: str
    keys: int
    time: datetime | None


@dataclass(frozen=True)
class _Provider:
    """What a provider says of itself."""

    authorization: str
    token: str
    keys: str
    user_info: str
    end_session: str
    secret_in_form: bool
    names_itself: bool


@dataclass(frozen=True)
class _Answer:
    """An answer of the provider to this server."""

    status: int
    kind: str
    body: bytes
    date: str = ""


class OpenIdClient:
    """Signs users in at one provider.

    Its methods wait for the provider: they are not for an event loop, but any thread may call them.

    Raises:
        Refused: a setting is impossible.
    """

    def __init__(self, settings: OpenIdSettings, clock: Callable[[], datetime]) -> None:
        if problems := list(_problems(settings)):
            raise Refused(problems)
        self._settings = settings
        self._clock = clock
        self._provider = _Kept(self._discover, self._now)
        self._keys = _Kept(lambda: self._fetch_keys(self._provider.get().keys), self._now)
        # Parameters of the header that are not understood are ignored, but for critical ones.
        self._algorithms = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)

    def begin(self) -> Started:
        """A new sign-in.

        Raises:
            SignInRefused: the provider does not answer, or not as it should.
        """
        provider = self._provider.get()
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        parameters = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": self._settings.redirect_address,
            "scope": self._settings.scopes,
            "state": state,
            "nonce": nonce,
            "code_challenge": _text(hashlib.sha256(verifier.encode()).digest()),
            "code_challenge_method": "S256",
        }
        address = _with_query(provider.authorization, parameters)
        return Started(address, state, nonce, verifier)

    def finish(self, started: Started, query: Mapping[str, str]) -> Identity:
        """Who came back from the provider, with this query of the redirect address.

        Raises:
            SignInRefused: the answer is not one to this sign-in, says no, or cannot be verified.
        """
        if not _same(query.get("state"), started.state):
            raise _refusal(_AGAIN, "the state is not that of the browser's sign-in")
        provider = self._provider.get()
        self._check_sender(provider, query)
        tokens = self._exchange(provider, started, _code(query))
        id_token, access_token = _text_in(tokens, "id_token"), _text_in(tokens, "access_token")
        claims = self._verified(id_token, access_token, started.nonce)
        subject = str(claims["sub"])
        # What is signed for this sign-in prevails.
        claims = {**self._user_info(provider, access_token, subject), **claims}
        return Identity(subject, self._settings.issuer, claims, id_token)

    def end_address(self, id_token: str, return_to: str) -> str | None:
        """Where the browser signs out at the provider too, to be sent to `return_to` after.

        ``None`` where the provider has no such address, or does not say.
        """
        try:
            end_session = self._provider.get().end_session
        except SignInRefused:
            return None
        if not end_session:
            return None
        parameters = {
            "id_token_hint": id_token,
            "client_id": self._settings.client_id,
            "post_logout_redirect_uri": return_to,
        }
        return _with_query(end_session, parameters)

    def published(self) -> Published:
        """What the provider publishes now, whatever name it gives itself.

        Raises:
            SignInRefused: it does not answer, or not as a provider should.
        """
        answer = self._ask(self._discovery)
        document = _object(answer, "the discovery document")
        keys = self._fetch_keys(_endpoint(document, "jwks_uri"))
        return Published(str(document.get("issuer")), len(keys), _time(answer.date))

    @property
    def _discovery(self) -> str:
        return f"{self._settings.issuer.rstrip('/')}/.well-known/openid-configuration"

    def _now(self) -> int:
        return int(self._clock().timestamp())

    def _check_sender(self, provider: _Provider, query: Mapping[str, str]) -> None:
        """Raises unless the answer is this provider's (RFC 9207), and no error."""
        sender = query.get("iss", "" if provider.names_itself else self._settings.issuer)
        if sender != self._settings.issuer:
            raise _refusal(_UNTRUSTED, f"the answer is another issuer's: {sender!r}")
        if error := query.get("error"):
            reason = _AWAY if error in _LATER_ERRORS else _DENIED
            raise _refusal(reason, f"{error!r}: {query.get('error_description', '')!r}")

    def _discover(self) -> _Provider:
        issuer = self._settings.issuer
        answer = self._ask(self._discovery)
        document = _object(answer, "the discovery document")
        if document.get("issuer") != issuer:
            raise _refusal(_UNTRUSTED, f"discovered another issuer: {document.get('issuer')!r}")
        methods = document.get("token_endpoint_auth_methods_supported")
        return _Provider(
            authorization=_endpoint(document, "authorization_endpoint"),
            token=_endpoint(document, "token_endpoint"),
            keys=_endpoint(document, "jwks_uri"),
            user_info=_endpoint(document, "userinfo_endpoint", optional=True),
            end_session=_endpoint(document, "end_session_endpoint", optional=True),
            secret_in_form=isinstance(methods, list) and "client_secret_basic" not in methods,
            names_itself=document.get("authorization_response_iss_parameter_supported") is True,
        )

    def _exchange(self, provider: _Provider, started: Started, code: str) -> _Claims:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._settings.redirect_address,
            "code_verifier": started.verifier,
        }
        name, secret = self._settings.client_id, self._settings.client_secret
        if secret and not provider.secret_in_form:
            login = f"{quote_plus(name)}:{quote_plus(secret)}"
            authorization = f"Basic {b64encode(login.encode()).decode()}"
        else:
            authorization = ""
            form |= {"client_id": name} | ({"client_secret": secret} if secret else {})
        answer = self._ask(provider.token, authorization, form)
        return _object(answer, "the answer to the code")

    def _verified(self, id_token: str, access_token: str, nonce: str) -> _Claims:
        """The claims of an ID token that is right in every respect."""
        try:
            token = self._opened(id_token)
            self._rules(*_ESSENTIAL).validate(token.claims)
            _check_party(token.claims, self._settings.client_id)
            _check_binding(token, access_token, nonce)
        except JoseError as error:
            raise _refusal(_UNTRUSTED, f"the ID token: {error}") from None
        return token.claims

    def _user_info(self, provider: _Provider, access_token: str, subject: str) -> _Claims:
        """What more the provider tells of the user: most put little into an ID token."""
        if not provider.user_info:
            return {}
        answer = self._ask(provider.user_info, f"Bearer {access_token}")
        if answer.status == 200 and answer.kind == "application/jwt":
            claims = self._signed_user_info(answer.body)
        else:
            claims = _object(answer, "the user's claims")
        if claims.get("sub") != subject:
            raise _refusal(_UNTRUSTED, "the user's claims are another user's")
        return claims

    def _signed_user_info(self, signed: bytes) -> _Claims:
        try:
            claims: _Claims = self._opened(signed).claims
            self._rules().validate(claims)
        except JoseError as error:
            raise _refusal(_UNTRUSTED, f"the user's signed claims: {error}") from None
        return claims

    def _rules(self, *essential: str) -> jwt.JWTClaimsRegistry:
        """What is asked of the claims of a signed text, and which of them it must have."""
        options: dict[str, jwt.ClaimsOption] = {
            "iss": {"value": self._settings.issuer},
            "aud": {"value": self._settings.client_id},
        }
        for name in essential:
            options.setdefault(name, {})["essential"] = True
        return jwt.JWTClaimsRegistry(self._now(), _LEEWAY_SECONDS, **options)

    def _opened(self, signed: str | bytes) -> jwt.Token:
        """What the provider has signed; raises JoseError unless it has."""
        try:
            return jwt.decode(signed, self._key, registry=self._algorithms)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            # Of a header that is no object of texts.
            raise DecodeError(type(error).__name__) from None

    def _key(self, signed: GuestProtocol) -> Key:
        """The key that a text says it is signed with; asked for once the algorithm is allowed."""
        header = signed.headers()
        found = _fitting(self._keys.get(), header) or _fitting(self._keys.renewed(), header)
        if len(found) != 1:
            raise InvalidKeyIdError(f"{len(found)} keys fit {header.get('kid')!r}")
        return found[0]

    def _fetch_keys(self, address: str) -> list[Key]:
        document = _object(self._ask(address), "the keys")
        published = document.get("keys")
        if not isinstance(published, list):
            raise _refusal(_UNTRUSTED, "the keys are no list")
        return list(_public_keys(published))

    def _ask(
        self, address: str, authorization: str = "", form: Mapping[str, str] | None = None
    ) -> _Answer:
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
                    return _Answer(answer.status_code, kind, body, date)
        except (OSError, HTTPError) as error:
            raise _refusal(_AWAY, f"{address}: {error}") from None


class _Kept(Generic[_T]):
    """Something fetched, until it is old; where threads fetch at once, the last one's is kept."""

    def __init__(self, fetch: Callable[[], _T], now: Callable[[], int]) -> None:
        self._fetch = fetch
        self._now = now
        self._held: tuple[_T, int] | None = None
        self._renewed_at = -_RENEWED_SECONDS

    def get(self) -> _T:
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


def _endpoint(document: _Claims, name: str, optional: bool = False) -> str:
    address = document.get(name)
    if address is None and optional:
        return ""
    if not isinstance(address, str) or not _is_safe(address):
        raise _refusal(_UNTRUSTED, f"{name}: {address!r}")
    return address


def _code(query: Mapping[str, str]) -> str:
    code = query.get("code", "")
    if not _CODE.fullmatch(code):
        raise _refusal(_AGAIN, "the answer has no code, or an impossible one")
    return code


def _text_in(tokens: _Claims, name: str) -> str:
    text = tokens.get(name)
    if not isinstance(text, str) or not _TOKEN.fullmatch(text):
        raise _refusal(_UNTRUSTED, f"the answer to the code has no {name}, or an impossible one")
    return text


def _public_keys(published: Iterable[object]) -> Iterator[Key]:
    """The keys; those that cannot be read may be of a kind that is not needed."""
    for one in published:
        if isinstance(one, dict) and _is_public(one):
            try:
                yield JWKRegistry.import_key(one)
            except (JoseError, ValueError, KeyError) as error:
                _LOG.info("A key of the provider is left aside: %s", type(error).__name__)


def _is_public(published: _Claims) -> bool:
    kind = published.get("kty")
    long_enough = kind != "RSA" or len(str(published.get("n"))) >= _SHORTEST_MODULUS
    return kind in _KEY_TYPES and long_enough


def _fitting(keys: Iterable[Key], header: Header) -> list[Key]:
    """The keys that have the name in a header, or any name without one, and fit its algorithm."""
    return [
        key
        for key in keys
        if header.get("kid", key.kid) == key.kid
        and JWSRegistry.filter_algorithms(key, [header["alg"]])
    ]


def _check_party(claims: _Claims, client_id: str) -> None:
    """Raises JoseError where the token was made for another client that may use it here."""
    audience, party = claims["aud"], claims.get("azp")
    if party is None and isinstance(audience, list) and len(audience) > 1:
        raise MissingClaimError("azp")
    if party not in (None, client_id):
        raise InvalidClaimError("azp")


def _check_binding(token: jwt.Token, access_token: str, nonce: str) -> None:
    """Raises JoseError unless the token is for this sign-in and came with this access token."""
    claims = token.claims
    if not _same(claims["nonce"], nonce):
        raise InvalidClaimError("nonce")
    if len(claims["sub"]) > _LONGEST_SUBJECT:
        raise InvalidClaimError("sub")
    if "at_hash" in claims:
        digest = _HASHES[token.header["alg"][-3:]](access_token.encode()).digest()
        if not _same(claims["at_hash"], _text(digest[: len(digest) // 2])):
            raise InvalidClaimError("at_hash")


def _body(answer: requests.Response, timeout_seconds: float) -> bytes:
    deadline = time.monotonic() + timeout_seconds
    body = bytearray()
    while part := answer.raw.read1(_PART, decode_content=False):
        body += part
        if len(body) > _LARGEST_ANSWER or time.monotonic() > deadline:
            raise requests.RequestException("the answer is too long")
    return bytes(body)


def _object(answer: _Answer, what: str) -> _Claims:
    """The object in a good answer."""
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        found = None
    if answer.status == 200 and isinstance(found, dict):
        return found
    error = found.get("error") if isinstance(found, dict) else None
    again = _AGAIN if error == "invalid_grant" else _UNTRUSTED
    raise _refusal(
        _AWAY if answer.status >= 500 else again, f"{what}: status {answer.status}, {error!r}"
    )


def _refusal(reason: str, detail: str) -> SignInRefused:
    shown = clean(detail)[:_LONGEST_DETAIL]
    _LOG.warning("Nobody is signed in: %s", shown)
    return SignInRefused([reason], shown)


def _time(date: str) -> datetime | None:
    """The time in a header `Date`, with its zone."""
    try:
        return parsedate_to_datetime(date)
    except ValueError:
        return None


def _with_query(address: str, parameters: Mapping[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(parameters)}"


def _same(given: object, expected: str) -> bool:
    """Whether a text is the one expected, in a time that tells nothing; nothing is never."""
    if not isinstance(given, str) or not expected:
        return False
    return hmac.compare_digest(given.encode(errors="replace"), expected.encode())


def _text(digest: bytes) -> str:
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
