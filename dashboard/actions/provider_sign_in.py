"""Signing staff in and out through their OpenID Connect provider."""

from collections.abc import Mapping
from datetime import datetime

from dashboard.actions.staff_sessions import StaffSessions
from dashboard.credentials.openid import OpenIdClient, Started
from dashboard.credentials.openid_provider import SignInRefused
from dashboard.domain.claims import ClaimRules, staff_of

_MOST_KEPT = 10_000


class ProviderSignIn:
    """Begins and ends sign-ins at the provider; role and places are what it says each time."""

    def __init__(self, sessions: StaffSessions, client: OpenIdClient, rules: ClaimRules) -> None:
        self._sessions = sessions
        self._client = client
        self._rules = rules
        # What signing out at the provider takes, by session; a restart forgets it.
        self._id_tokens: dict[str, str] = {}

    def begin(self) -> Started:
        """Where the browser goes, and what `enter` needs when it comes back.

        Raises:
            SignInRefused: the provider does not answer as one should.
        """
        return self._client.begin()

    def enter(self, started: Started, query: Mapping[str, str], now: datetime) -> str:
        """Begin a session for whom the provider has sent back; its token.

        Raises:
            SignInRefused: what came back proves nothing, or gives no role here.
            WrongPassword: the account is disabled here.
        """
        identity = self._client.finish(started, query)
        try:
            claims = staff_of(identity.claims, self._rules)
        except ValueError as error:
            raise SignInRefused([str(error)]) from error
        token = self._sessions.enter(claims, now)
        if len(self._id_tokens) >= _MOST_KEPT:
            self._id_tokens.pop(next(iter(self._id_tokens)))
        self._id_tokens[token] = identity.id_token
        return token

    def end_address(self, token: str, return_to: str) -> str | None:
        """Where a browser signs out at the provider too; ``None`` if it did not sign in there."""
        id_token = self._id_tokens.pop(token, "")
        return self._client.end_address(id_token, return_to) if id_token else None
