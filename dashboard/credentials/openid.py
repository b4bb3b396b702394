"""Signing in at an OpenID Connect provider: the code flow with PKCE."""

import hashlib
import re
import secrets
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote_plus, urlencode

from dashboard.credentials.openid_provider import (
    AGAIN,
    AWAY,
    UNTRUSTED,
    Claims,
    Description,
    OpenIdProvider,
    OpenIdSettings,
    SignInRefused,
    endpoint,
    object_in,
    refusal,
)
from dashboard.credentials.openid_tokens import TokenVerifier, is_same, public_keys, text_of

_CODE = re.compile(r"[ -~]{1,4096}")
_TOKEN = re.compile(r"[!-~]+")
_DENIED = "La connexion a été annulée, ou le service d'identité ne l'a pas autorisée."
_LATER_ERRORS = ("server_error", "temporarily_unavailable")


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


class OpenIdClient:
    """Signs users in at one provider.

    Its methods wait for the provider: they are not for an event loop, but any thread may call them.

    Raises:
        Refused: a setting is impossible.
    """

    def __init__(self, settings: OpenIdSettings, clock: Callable[[], datetime]) -> None:
        def now() -> int:
            return int(clock().timestamp())

        self._settings = settings
        self._provider = OpenIdProvider(settings, now)
        self._verifier = TokenVerifier(settings.issuer, settings.client_id, self._fetch_keys, now)

    def begin(self) -> Started:
        """A new sign-in.

        Raises:
            SignInRefused: the provider does not answer, or not as it should.
        """
        provider = self._provider.described()
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        parameters = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": self._settings.redirect_address,
            "scope": self._settings.scopes,
            "state": state,
            "nonce": nonce,
            "code_challenge": text_of(hashlib.sha256(verifier.encode()).digest()),
            "code_challenge_method": "S256",
        }
        address = _with_query(provider.authorization, parameters)
        return Started(address, state, nonce, verifier)

    def finish(self, started: Started, query: Mapping[str, str]) -> Identity:
        """Who came back from the provider, with this query of the redirect address.

        Raises:
            SignInRefused: the answer is not one to this sign-in, says no, or cannot be verified.
        """
        if not is_same(query.get("state"), started.state):
            raise refusal(AGAIN, "the state is not that of the browser's sign-in")
        provider = self._provider.described()
        self._check_sender(provider, query)
        tokens = self._exchange(provider, started, _code(query))
        id_token, access_token = _text_in(tokens, "id_token"), _text_in(tokens, "access_token")
        claims = self._verifier.id_token_claims(id_token, access_token, started.nonce)
        subject = str(claims["sub"])
        # What is signed for this sign-in prevails.
        claims = {**self._user_info(provider, access_token, subject), **claims}
        return Identity(subject, self._settings.issuer, claims, id_token)

    def end_address(self, id_token: str, return_to: str) -> str | None:
        """Where the browser signs out at the provider too, to be sent to `return_to` after.

        ``None`` where the provider has no such address, or does not say.
        """
        try:
            end_session = self._provider.described().end_session
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
        document, time = self._provider.document()
        keys = list(public_keys(self._provider.keys(endpoint(document, "jwks_uri"))))
        return Published(str(document.get("issuer")), len(keys), time)

    def _fetch_keys(self) -> list[object]:
        return self._provider.keys(self._provider.described().keys)

    def _check_sender(self, provider: Description, query: Mapping[str, str]) -> None:
        """Raises unless the answer is this provider's (RFC 9207), and no error."""
        sender = query.get("iss", "" if provider.names_itself else self._settings.issuer)
        if sender != self._settings.issuer:
            raise refusal(UNTRUSTED, f"the answer is another issuer's: {sender!r}")
        if error := query.get("error"):
            reason = AWAY if error in _LATER_ERRORS else _DENIED
            raise refusal(reason, f"{error!r}: {query.get('error_description', '')!r}")

    def _exchange(self, provider: Description, started: Started, code: str) -> Claims:
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
        answer = self._provider.ask(provider.token, authorization, form)
        return object_in(answer, "the answer to the code")

    def _user_info(self, provider: Description, access_token: str, subject: str) -> Claims:
        """What more the provider tells of the user: most put little into an ID token."""
        if not provider.user_info:
            return {}
        answer = self._provider.ask(provider.user_info, f"Bearer {access_token}")
        if answer.status == 200 and answer.kind == "application/jwt":
            claims = self._verifier.user_claims(answer.body)
        else:
            claims = object_in(answer, "the user's claims")
        if claims.get("sub") != subject:
            raise refusal(UNTRUSTED, "the user's claims are another user's")
        return claims


def _code(query: Mapping[str, str]) -> str:
    code = query.get("code", "")
    if not _CODE.fullmatch(code):
        raise refusal(AGAIN, "the answer has no code, or an impossible one")
    return code


def _text_in(tokens: Claims, name: str) -> str:
    text = tokens.get(name)
    if not isinstance(text, str) or not _TOKEN.fullmatch(text):
        raise refusal(UNTRUSTED, f"the answer to the code has no {name}, or an impossible one")
    return text


def _with_query(address: str, parameters: Mapping[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(parameters)}"
