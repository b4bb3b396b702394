"""An OpenID Connect provider on this machine that lies when told to: a real server, real keys."""

import asyncio
import hmac
import ssl
import threading
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from hashlib import new, sha256
from json import dumps

from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from joserfc.jws import JWSRegistry, serialize_compact
from tornado.httpserver import HTTPServer
from tornado.httputil import parse_body_arguments
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

HOST = "127.0.0.1"
SUBJECT = "m.martin"
CLIENT = "tableau-de-bord"
ACCESS_TOKEN = "acces-Zx9"

DISCOVERY = "/.well-known/openid-configuration"
KEYS = "/keys"
TOKEN = "/token"
USER_INFO = "/me"

_PARTS = 20


@cache
def rsa_key(kid: str) -> RSAKey:
    """A key of this name, for signatures; it is made once."""
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig"})


def ec_key(kid: str) -> ECKey:
    return ECKey.generate_key("P-256", {"kid": kid, "use": "sig"})


def ed_key(kid: str) -> OKPKey:
    return OKPKey.generate_key("Ed25519", {"kid": kid, "use": "sig"})


def signed(
    claims: Mapping[str, object], key: Key, algorithm: str = "RS256", **header: object
) -> str:
    """Claims signed with a key, whose name is in the header but for `kid=None`."""
    return signed_bytes(dumps(claims).encode(), key, algorithm, **header)


def signed_bytes(content: bytes, key: Key, algorithm: str = "RS256", **header: object) -> str:
    """Whatever it is, signed."""
    whole = {"alg": algorithm, "kid": key.kid, **header}
    named = {name: value for name, value in whole.items() if value is not None}
    registry = JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    return serialize_compact(named, content, key, registry=registry)


def unsigned(claims: Mapping[str, object], **header: object) -> str:
    """Claims that nobody has signed."""
    return f"{encoded({'alg': 'none', **header})}.{encoded(claims)}."


def hashed(claims: Mapping[str, object], secret: bytes, **header: object) -> str:
    """Claims with the signature that anybody could make who knows the secret."""
    content = f"{encoded({'alg': 'HS256', **header})}.{encoded(claims)}"
    return f"{content}.{_base64(hmac.digest(secret, content.encode(), sha256))}"


def encoded(content: object) -> str:
    """A part of a signed text."""
    return _base64(dumps(content).encode())


def half_hash(access_token: str, algorithm: str = "sha256") -> str:
    """What an ID token says of the access token that comes with it."""
    digest = new(algorithm, access_token.encode()).digest()
    return _base64(digest[: len(digest) // 2])


def secret_key(secret: str, kid: str) -> dict[str, object]:
    """A secret, published as if it were a key."""
    return {"kty": "oct", "k": _base64(secret.encode()), "kid": kid}


def _base64(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


@dataclass
class Reply:
    """What an address answers instead of what it should, after seconds or all along them."""

    body: str | bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0
    in_parts: bool = False


@dataclass
class LyingProvider:
    """Honest until its fields are changed; `asked` counts what it was asked for."""

    issuer: str
    now: datetime
    document: dict[str, object] = field(default_factory=dict)
    published: list[Mapping[str, object]] = field(default_factory=list)
    id_token: str = ""
    tokens: dict[str, object] = field(default_factory=dict)
    user_info: dict[str, object] = field(default_factory=lambda: {"sub": SUBJECT})
    replies: dict[str, Reply] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    forms: list[dict[str, str]] = field(default_factory=list)
    authorizations: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.publish(rsa_key("first"))
        self.document = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}{TOKEN}",
            "jwks_uri": f"{self.issuer}{KEYS}",
            "userinfo_endpoint": f"{self.issuer}{USER_INFO}",
        }

    def publish(self, *keys: Key) -> None:
        """Has these keys from now on."""
        self.published = [key.as_dict(private=False) for key in keys]

    def claims(self, nonce: str, /, **lies: object) -> dict[str, object]:
        """Those of a good ID token but for lies; ``None`` leaves one out."""
        now = int(self.now.timestamp())
        good = {
            "iss": self.issuer,
            "sub": SUBJECT,
            "aud": CLIENT,
            "exp": now + 300,
            "iat": now,
            "nonce": nonce,
            "at_hash": half_hash(ACCESS_TOKEN),
        }
        return {name: claim for name, claim in (good | lies).items() if claim is not None}

    def reply(self, path: str) -> Reply:
        """What it answers at one of its addresses."""
        return self.replies.get(path) or Reply(dumps(self._honest(path)))

    def _honest(self, path: str) -> object:
        match path:
            case "/.well-known/openid-configuration":
                return self.document
            case "/keys":
                return {"keys": self.published}
            case "/token":
                return {"id_token": self.id_token, "access_token": ACCESS_TOKEN} | self.tokens
            case _:
                return self.user_info


class _Handler(RequestHandler):
    def initialize(self, provider: LyingProvider) -> None:
        self._provider = provider

    async def get(self) -> None:
        self._provider.asked[self.request.path] += 1
        self._provider.authorizations.append(self.request.headers.get("Authorization", ""))
        await self._answer(self._provider.reply(self.request.path))

    async def post(self) -> None:
        fields: dict[str, list[bytes]] = {}
        kind = self.request.headers.get("Content-Type", "")
        parse_body_arguments(kind, self.request.body, fields, {})
        self._provider.forms.append({name: values[0].decode() for name, values in fields.items()})
        await self.get()

    async def _answer(self, reply: Reply) -> None:
        self.set_status(reply.status)
        self.set_header("Content-Type", "application/json")
        for name, value in reply.headers.items():
            self.set_header(name, value)
        if reply.in_parts:
            for _ in range(_PARTS):
                self.write(" ")
                await self.flush()
                await asyncio.sleep(reply.seconds / _PARTS)
        else:
            await asyncio.sleep(reply.seconds)
        await self.finish(reply.body)


@contextmanager
def lying_provider(now: datetime, tls: ssl.SSLContext | None = None) -> Iterator[LyingProvider]:
    """A running one, until the end of the `with`; by HTTPS with a context for that."""
    [socket] = bind_sockets(0, HOST)
    scheme = "https" if tls else "http"
    provider = LyingProvider(f"{scheme}://{HOST}:{socket.getsockname()[1]}", now)
    application = Application([(".*", _Handler, {"provider": provider})], log_function=_say_nothing)
    loop, ready, stop = asyncio.new_event_loop(), threading.Event(), asyncio.Event()

    async def run() -> None:
        server = HTTPServer(application, ssl_options=tls)
        server.add_socket(socket)
        ready.set()
        await stop.wait()
        server.stop()
        await server.close_all_connections()

    thread = threading.Thread(target=lambda: loop.run_until_complete(run()))
    thread.start()
    assert ready.wait(10)
    try:
        yield provider
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


def _say_nothing(handler: RequestHandler) -> None:
    """What it answers is for the tests to see, not for the log."""
