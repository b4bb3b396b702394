"""A client of a provider that lies, and what it is told."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from dashboard.credentials.openid import Identity, OpenIdClient, Started
from dashboard.credentials.openid_provider import OpenIdSettings, SignInRefused
from tests import openid
from tests.openid import LyingProvider, rsa_key, signed

BACK = "http://127.0.0.1:5006/connexion/retour"
ENDED = "http://127.0.0.1:5006/connexion/fin"
NOW = datetime(2026, 9, 28, 10, 0)
SECRET = "s3cret-Zx9"
CODE = "code-Zx9"

AGAIN = "La connexion n'a pas abouti. Recommencez depuis la page de connexion."
DENIED = "La connexion a été annulée, ou le service d'identité ne l'a pas autorisée."
AWAY = "Le service d'identité ne répond pas. Réessayez dans quelques minutes."
UNTRUSTED = (
    "La réponse du service d'identité n'a pas pu être vérifiée. Si cela se répète, prévenez "
    "l'assistance informatique."
)

Claims = dict[str, object]
Forgery = Callable[[Claims], str]


def refused(ask: Callable[[], object]) -> str:
    """The one reason for which nobody is signed in."""
    with pytest.raises(SignInRefused) as told:
        ask()
    [reason] = told.value.reasons
    return reason


@dataclass
class Clock:
    """A clock that tests set."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Desk:
    """A client of the lying provider, with a sign-in begun there."""

    provider: LyingProvider
    ca_file: str = ""
    timeout_seconds: float = 30
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        settings = OpenIdSettings(
            self.provider.issuer,
            openid.CLIENT,
            SECRET,
            BACK,
            ca_file=self.ca_file,
            timeout_seconds=self.timeout_seconds,
        )
        self.client = OpenIdClient(settings, self.clock)

    def begin(self) -> Started:
        """A sign-in, to which the provider's ID token is a good one."""
        started = self.client.begin()
        claims = self.provider.claims(started.nonce)
        self.provider.id_token = signed(claims, rsa_key("first"))
        return started

    def finish(self, started: Started, **query: str) -> Identity:
        return self.client.finish(started, {"state": started.state, "code": CODE, **query})

    def sign_in(self) -> Identity:
        return self.finish(self.begin())

    def pass_by(self, **how_much: float) -> None:
        """Time passes for everybody."""
        self.provider.now = self.clock.now = self.clock.now + timedelta(**how_much)

    def claim(self, **lies: object) -> Identity:
        """Signs in with an ID token that is signed as it should, but has these claims."""
        started = self.begin()
        claims = self.provider.claims(started.nonce, **lies)
        self.provider.id_token = signed(claims, rsa_key("first"))
        return self.finish(started)

    def forge(self, forgery: Forgery) -> Identity:
        """Signs in with what a forger makes of the right claims."""
        started = self.begin()
        self.provider.id_token = forgery(self.provider.claims(started.nonce))
        return self.finish(started)
