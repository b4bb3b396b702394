"""What a provider signs: ID tokens and claims, verified with the keys that it publishes."""

import hashlib
import hmac
import logging
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable, Iterator

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

from dashboard.credentials.openid_provider import UNTRUSTED, Claims, Kept, refusal

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
_LONGEST_SUBJECT = 255


class TokenVerifier:
    """Opens what one issuer signs for one client.

    `fetch_keys` fetches the keys that it publishes.
    """

    def __init__(
        self,
        issuer: str,
        client_id: str,
        fetch_keys: Callable[[], Iterable[object]],
        now: Callable[[], int],
    ) -> None:
        self._issuer = issuer
        self._client_id = client_id
        self._now = now
        self._keys = Kept(lambda: list(public_keys(fetch_keys())), now)
        # Parameters of the header that are not understood are ignored, but for critical ones.
        self._algorithms = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)

    def id_token_claims(self, id_token: str, access_token: str, nonce: str) -> Claims:
        """The claims of an ID token that is right in every respect.

        Raises:
            SignInRefused: it is not.
        """
        try:
            token = self._opened(id_token)
            self._rules(*_ESSENTIAL).validate(token.claims)
            _check_party(token.claims, self._client_id)
            _check_binding(token, access_token, nonce)
        except JoseError as error:
            raise refusal(UNTRUSTED, f"the ID token: {error}") from None
        return token.claims

    def user_claims(self, signed: bytes) -> Claims:
        """The claims of a user that are told signed.

        Raises:
            SignInRefused: the signature or what they are for is wrong.
        """
        try:
            claims: Claims = self._opened(signed).claims
            self._rules().validate(claims)
        except JoseError as error:
            raise refusal(UNTRUSTED, f"the user's signed claims: {error}") from None
        return claims

    def _rules(self, *essential: str) -> jwt.JWTClaimsRegistry:
        """What is asked of the claims of a signed text, and which of them it must have."""
        options: dict[str, jwt.ClaimsOption] = {
            "iss": {"value": self._issuer},
            "aud": {"value": self._client_id},
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


def public_keys(published: Iterable[object]) -> Iterator[Key]:
    """The keys; those that cannot be read may be of a kind that is not needed."""
    for one in published:
        if isinstance(one, dict) and _is_public(one):
            try:
                yield JWKRegistry.import_key(one)
            except (JoseError, ValueError, KeyError) as error:
                _LOG.info("A key of the provider is left aside: %s", type(error).__name__)


def _is_public(published: Claims) -> bool:
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


def _check_party(claims: Claims, client_id: str) -> None:
    """Raises JoseError where the token was made for another client that may use it here."""
    audience, party = claims["aud"], claims.get("azp")
    if party is None and isinstance(audience, list) and len(audience) > 1:
        raise MissingClaimError("azp")
    if party not in (None, client_id):
        raise InvalidClaimError("azp")


def _check_binding(token: jwt.Token, access_token: str, nonce: str) -> None:
    """Raises JoseError unless the token is for this sign-in and came with this access token."""
    claims = token.claims
    if not is_same(claims["nonce"], nonce):
        raise InvalidClaimError("nonce")
    if len(claims["sub"]) > _LONGEST_SUBJECT:
        raise InvalidClaimError("sub")
    if "at_hash" in claims:
        digest = _HASHES[token.header["alg"][-3:]](access_token.encode()).digest()
        if not is_same(claims["at_hash"], text_of(digest[: len(digest) // 2])):
            raise InvalidClaimError("at_hash")


def is_same(given: object, expected: str) -> bool:
    """Whether a text is the one expected, in a time that tells nothing; nothing is never."""
    if not isinstance(given, str) or not expected:
        return False
    return hmac.compare_digest(given.encode(errors="replace"), expected.encode())


def text_of(digest: bytes) -> str:
    """Bytes as a token writes them."""
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
