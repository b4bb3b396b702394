"""Signing in at a certified provider, and at one that lies: only the truth gets through."""

import logging
import re
import ssl
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from gzip import compress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import trustme
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.errors import SecurityWarning
from joserfc.jwk import Key, RSAKey

from dashboard.credentials.openid import Identity, OpenIdClient, Started
from dashboard.credentials.openid_provider import OpenIdSettings, SignInRefused
from dashboard.domain.problem import Refused
from tests import openid
from tests.openid import (
    ACCESS_TOKEN,
    DISCOVERY,
    KEYS,
    TOKEN,
    USER_INFO,
    LyingProvider,
    Reply,
    ec_key,
    ed_key,
    hashed,
    lying_provider,
    rsa_key,
    signed,
    signed_bytes,
    unsigned,
)
from tests.openid_provider import (
    DIRECTOR,
    INSPECTOR,
    USERS,
    ClaimsIn,
    OpenIdProvider,
    Person,
    SecretBy,
    openid_provider,
)

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

DRAWN = ("state", "nonce", "verifier")

People = Callable[[OpenIdProvider], Person]
Claims = dict[str, object]
Forgery = Callable[[Claims], str]


def client_of(provider: OpenIdProvider, secret: str = "") -> OpenIdClient:
    settings = OpenIdSettings(
        provider.issuer, provider.client_id, secret or provider.client_secret, BACK
    )
    return OpenIdClient(settings, datetime.now)


def refused(ask: Callable[[], object]) -> str:
    """The one reason for which nobody is signed in."""
    with pytest.raises(SignInRefused) as told:
        ask()
    [reason] = told.value.reasons
    return reason


@pytest.fixture
def people() -> Iterator[People]:
    """Makes people, whose browsers are closed at the end."""
    with ExitStack() as browsers:

        def person_at(provider: OpenIdProvider) -> Person:
            person = Person(provider)
            browsers.callback(person.close)
            return person

        yield person_at


@pytest.fixture(scope="module")
def certified() -> Iterator[OpenIdProvider]:
    """A certified provider."""
    with openid_provider(BACK, ENDED) as provider:
        yield provider


# At the certified provider.


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256"])
def test_who_signs_in_at_a_certified_provider_is_known_by_their_claims(
    people: People, algorithm: str
) -> None:
    with openid_provider(BACK, algorithm=algorithm) as provider:
        client = client_of(provider)
        started = client.begin()
        identity = client.finish(started, people(provider).sign_in(started.address, DIRECTOR))
    assert (identity.subject, identity.issuer) == (DIRECTOR, provider.issuer)
    assert USERS[DIRECTOR].items() <= identity.claims.items()


@pytest.mark.parametrize(
    ("claims_in", "signs_user_info", "secret_by"),
    [
        ("id_token", False, "client_secret_post"),
        ("userinfo", False, "client_secret_basic"),
        ("userinfo", True, "client_secret_post"),
    ],
)
def test_claims_are_found_wherever_and_the_secret_is_sent_however_the_provider_wants(
    people: People, claims_in: ClaimsIn, signs_user_info: bool, secret_by: SecretBy
) -> None:
    with openid_provider(
        BACK, claims_in=claims_in, signs_user_info=signs_user_info, secret_by=secret_by
    ) as provider:
        client = client_of(provider)
        started = client.begin()
        identity = client.finish(started, people(provider).sign_in(started.address, INSPECTOR))
    assert identity.claims["territoire"] == "021"


def test_an_id_token_signed_with_the_secret_is_refused_from_a_certified_provider_too(
    people: People,
) -> None:
    with openid_provider(BACK, algorithm="HS256") as provider:
        client = client_of(provider)
        started = client.begin()
        query = people(provider).sign_in(started.address, DIRECTOR)
        assert refused(lambda: client.finish(started, query)) == UNTRUSTED


def test_what_is_asked_of_the_provider_is_a_code_bound_to_this_sign_in(
    certified: OpenIdProvider,
) -> None:
    client = client_of(certified)
    first, second = client.begin(), client.begin()
    query = {name: values[0] for name, values in parse_qs(urlsplit(first.address).query).items()}
    assert query["response_type"] == "code"
    assert query["code_challenge_method"] == "S256"
    assert (query["state"], query["nonce"]) == (first.state, first.nonce)
    assert first.verifier not in first.address
    drawn = [getattr(one, name) for one in (first, second) for name in DRAWN]
    assert len(set(drawn)) == len(drawn)
    assert all(len(text) >= 43 for text in drawn)


def test_a_code_is_worth_one_sign_in(certified: OpenIdProvider, people: People) -> None:
    client = client_of(certified)
    started = client.begin()
    query = people(certified).sign_in(started.address, DIRECTOR)
    client.finish(started, query)
    assert refused(lambda: client.finish(started, query)) == AGAIN


@pytest.mark.parametrize(
    ("kept", "reason"), [("state", AGAIN), ("nonce", UNTRUSTED), ("verifier", AGAIN)]
)
def test_the_answer_to_another_sign_in_is_refused(
    certified: OpenIdProvider, people: People, kept: str, reason: str
) -> None:
    client = client_of(certified)
    started, other = client.begin(), client.begin()
    query = people(certified).sign_in(started.address, DIRECTOR)
    mixed = replace(started, **{kept: getattr(other, kept)})
    assert refused(lambda: client.finish(mixed, query)) == reason


def test_who_declines_at_the_provider_is_told_so(
    certified: OpenIdProvider, people: People, caplog: pytest.LogCaptureFixture
) -> None:
    client = client_of(certified)
    started = client.begin()
    query = people(certified).cancel(started.address)
    assert query["error"] == "access_denied"
    assert refused(lambda: client.finish(started, query)) == DENIED
    assert "access_denied" in caplog.text


def test_a_wrong_secret_is_the_application_s_fault(
    certified: OpenIdProvider, people: People, caplog: pytest.LogCaptureFixture
) -> None:
    client = client_of(certified, "wr0ng-Zx9")
    started = client.begin()
    query = people(certified).sign_in(started.address, DIRECTOR)
    assert refused(lambda: client.finish(started, query)) == UNTRUSTED
    assert "invalid_client" in caplog.text
    assert "wr0ng-Zx9" not in caplog.text
    assert query["code"] not in caplog.text


def test_signing_out_at_the_provider_makes_it_forget_and_send_the_browser_back(
    certified: OpenIdProvider, people: People
) -> None:
    client, person = client_of(certified), people(certified)
    started = client.begin()
    identity = client.finish(started, person.sign_in(started.address, DIRECTOR))
    assert not person.is_asked_who_they_are(client.begin().address)
    address = client.end_address(identity.id_token, ENDED)
    assert address
    assert person.sign_out(address) == ENDED
    assert person.is_asked_who_they_are(client.begin().address)


def test_a_provider_started_again_with_new_keys_is_still_believed(people: People) -> None:
    with openid_provider(BACK) as provider:
        client = client_of(provider)
        started = client.begin()
        client.finish(started, people(provider).sign_in(started.address, DIRECTOR))
        provider.stop()
    with openid_provider(BACK, port=provider.port) as provider:
        started = client.begin()
        query = people(provider).sign_in(started.address, DIRECTOR)
        assert client.finish(started, query).subject == DIRECTOR


def test_a_provider_that_is_down_signs_nobody_in_and_lets_everybody_out(people: People) -> None:
    with openid_provider(BACK) as provider:
        client, late = client_of(provider), client_of(provider)
        started = client.begin()
        query = people(provider).sign_in(started.address, DIRECTOR)
        provider.stop()
        assert refused(lambda: client.finish(started, query)) == AWAY
        assert refused(late.begin) == AWAY
        assert late.end_address("id-token", ENDED) is None


# At a provider that lies.


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
    timeout_seconds: float = 5
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


@pytest.fixture
def desk(caplog: pytest.LogCaptureFixture) -> Iterator[Desk]:
    """A desk; whatever goes wrong at it, the log has no secret."""
    caplog.set_level(logging.DEBUG)
    with lying_provider(NOW) as provider:
        yield Desk(provider)
        for secret in (SECRET, CODE, ACCESS_TOKEN, provider.id_token or ACCESS_TOKEN):
            assert secret not in caplog.text


def test_the_lying_provider_is_believed_while_it_does_not_lie(desk: Desk) -> None:
    identity = desk.sign_in()
    assert identity.subject == openid.SUBJECT
    [form] = desk.provider.forms
    assert (form["code"], form["redirect_uri"]) == (CODE, BACK)
    assert "client_secret" not in form


LIES: dict[str, Claims] = {
    "another issuer": {"iss": "https://autre.exemple.fr"},
    "no issuer": {"iss": None},
    "several issuers": {"iss": ["https://autre.exemple.fr"]},
    "another audience": {"aud": "autre"},
    "no audience": {"aud": None},
    "other audiences": {"aud": ["autre", "encore"], "azp": openid.CLIENT},
    "several audiences, no party": {"aud": [openid.CLIENT, "autre"]},
    "several audiences, another party": {"aud": [openid.CLIENT, "autre"], "azp": "autre"},
    "another party": {"azp": "autre"},
    "no end": {"exp": None},
    "an end that is no number": {"exp": "demain"},
    "an end that is never": {"exp": float("nan")},
    "no beginning": {"iat": None},
    "another nonce": {"nonce": "autre"},
    "no nonce": {"nonce": None},
    "nonces": {"nonce": ["autre"]},
    "no subject": {"sub": None},
    "an empty subject": {"sub": ""},
    "a subject that is no text": {"sub": 5},
    "an endless subject": {"sub": "m" * 256},
    "another access token": {"at_hash": openid.half_hash("autre")},
    "no hash": {"at_hash": 5},
}


@pytest.mark.parametrize("lies", LIES.values(), ids=LIES)
def test_an_id_token_with_a_wrong_claim_is_refused(
    desk: Desk, lies: Claims, caplog: pytest.LogCaptureFixture
) -> None:
    assert refused(lambda: desk.claim(**lies)) == UNTRUSTED
    assert re.search(f"the ID token: .*'({'|'.join([*lies, 'azp'])})'", caplog.text)


def test_an_id_token_may_be_for_others_too_and_need_not_name_the_access_token(desk: Desk) -> None:
    desk.claim(aud=[openid.CLIENT, "autre"], azp=openid.CLIENT, at_hash=None)


@pytest.mark.parametrize(
    ("claim", "seconds", "believed"),
    [
        ("exp", -59, True),
        ("exp", -60, False),
        ("exp", -3600, False),
        ("iat", 60, True),
        ("iat", 61, False),
        ("nbf", 60, True),
        ("nbf", 61, False),
    ],
)
def test_clocks_may_differ_by_a_minute(
    desk: Desk, claim: str, seconds: int, believed: bool
) -> None:
    lie = {claim: int(NOW.timestamp()) + seconds}
    if believed:
        desk.claim(**lie)
    else:
        assert refused(lambda: desk.claim(**lie)) == UNTRUSTED


def tampered(claims: Claims) -> str:
    """Another's claims with the signature of the right ones."""
    head, _, signature = signed(claims, rsa_key("first")).split(".")
    return f"{head}.{openid.encoded({**claims, 'sub': 'autre'})}.{signature}"


def with_header(header: object) -> Forgery:
    """The right claims and signature, under another header."""

    def forge(claims: Claims) -> str:
        _, body, signature = signed(claims, rsa_key("first")).split(".")
        return f"{openid.encoded(header)}.{body}.{signature}"

    return forge


PUBLIC = rsa_key("first")
IMPOSTOR = RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})

FORGERIES: dict[str, Forgery] = {
    "nobody's": unsigned,
    "nobody's, with a key's name": lambda claims: unsigned(claims, kid="first"),
    "nobody's, in other letters": lambda claims: unsigned(claims, alg="nOnE"),
    "hashed with the public key": lambda claims: hashed(claims, PUBLIC.as_pem(False), kid="first"),
    "hashed with its bytes": lambda claims: hashed(claims, PUBLIC.as_der(False), kid="first"),
    "hashed with the secret": lambda claims: hashed(claims, SECRET.encode()),
    "hashed with nothing": lambda claims: hashed(claims, b"", kid="first"),
    "signed with a key of that name": lambda claims: signed(claims, IMPOSTOR),
    "signed with a key that it links to": lambda claims: signed(
        claims, IMPOSTOR, jku="https://autre.exemple.fr/keys"
    ),
    "signed with a key of another kind": lambda claims: signed(claims, ec_key("first"), "ES256"),
    "signed, then changed": tampered,
    "without its signature": lambda claims: signed(claims, PUBLIC).rpartition(".")[0] + ".",
    "critical of what is unknown": lambda claims: signed_anyhow(claims, crit=["exemple"]),
    "two parts": lambda claims: signed(claims, PUBLIC).rpartition(".")[0],
    "a header that is a list": with_header(["alg", "RS256"]),
    "a header that is a text": with_header("alg"),
    "an algorithm that is a list": with_header({"alg": ["RS256"], "kid": "first"}),
    "a name that is a list": with_header({"alg": "RS256", "kid": ["first"]}),
    "claims that are a list": lambda claims: signed_bytes(b"[]", PUBLIC),
    "claims that are no JSON": lambda claims: signed_bytes(b"{", PUBLIC),
    "claims too deep to be read": lambda claims: signed_bytes(b"[" * 50_000, PUBLIC),
    "endless claims": lambda claims: signed({**claims, "x": "x" * 200_000}, PUBLIC),
    "no text": lambda claims: "",
}


def signed_anyhow(claims: Claims, **header: object) -> str:
    """Claims signed well under a header that no library would sign."""
    head = openid.encoded({"alg": "RS256", "kid": "first", "exemple": 1, **header})
    content = f"{head}.{openid.encoded(claims)}"
    raw = PUBLIC.private_key
    assert raw
    signature = raw.sign(content.encode(), PKCS1v15(), SHA256())
    return f"{content}.{urlsafe_b64encode(signature).rstrip(b'=').decode()}"


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES)
def test_a_forged_id_token_is_refused(desk: Desk, forgery: Forgery) -> None:
    assert refused(lambda: desk.forge(forgery)) == UNTRUSTED


def test_a_key_that_a_token_brings_is_none(desk: Desk) -> None:
    desk.provider.publish(ec_key("first"))
    impostor = ec_key("first")
    forgery = partial(signed, key=impostor, algorithm="ES256", jwk=impostor.as_dict(private=False))
    assert refused(lambda: desk.forge(forgery)) == UNTRUSTED


def test_a_header_may_have_more_than_is_known(desk: Desk) -> None:
    desk.forge(signed_anyhow)


def test_a_published_secret_is_no_key(desk: Desk) -> None:
    desk.provider.published = [openid.secret_key(SECRET, "first")]
    forgery = partial(hashed, secret=SECRET.encode(), kid="first")
    assert refused(lambda: desk.forge(forgery)) == UNTRUSTED


def test_keys_that_cannot_be_used_are_left_aside(desk: Desk) -> None:
    other = rsa_key("other").as_dict(private=False)
    desk.provider.published = [
        {"kty": "EC", "crv": "P-999", "x": "AA", "y": "AA", "kid": "first"},
        {"kty": "AKP", "kid": "first"},
        {"kty": "RSA", "n": "A" * 342, "e": "AQAB", "kid": "first"},
        {**other, "use": "enc", "kid": "first"},
        {**other, "alg": "PS256", "kid": "first"},
        *desk.provider.published,
    ]
    assert desk.sign_in().subject == openid.SUBJECT


@pytest.mark.parametrize("published", ["{}", '{"keys": {}}', '{"keys": []}', '{"keys": [5, []]}'])
def test_a_provider_without_keys_is_refused(desk: Desk, published: str) -> None:
    desk.provider.replies[KEYS] = Reply(published)
    assert refused(desk.sign_in) == UNTRUSTED


def test_a_key_so_short_that_others_could_find_it_is_none(desk: Desk) -> None:
    with pytest.warns(SecurityWarning):
        short = RSAKey.generate_key(1024, {"kid": "first"})
    desk.provider.publish(short)
    assert refused(lambda: desk.forge(partial(signed, key=short))) == UNTRUSTED


@pytest.mark.parametrize(
    ("key", "algorithm", "hashed_by"),
    [
        (rsa_key("other"), "RS384", "sha384"),
        (rsa_key("other"), "PS512", "sha512"),
        (ec_key("other"), "ES256", "sha256"),
        (ed_key("other"), "Ed25519", "sha512"),
    ],
)
def test_signatures_of_every_kind_are_verified(
    desk: Desk, key: Key, algorithm: str, hashed_by: str
) -> None:
    desk.provider.publish(key)

    def of_that_kind(claims: Claims) -> str:
        at_hash = openid.half_hash(ACCESS_TOKEN, hashed_by)
        return signed({**claims, "at_hash": at_hash}, key, algorithm)

    desk.forge(of_that_kind)


def test_a_token_need_not_name_its_key_where_one_alone_fits(desk: Desk) -> None:
    nameless = partial(signed, key=rsa_key("first"), kid=None)
    desk.provider.publish(rsa_key("first"), ec_key("other"))
    desk.forge(nameless)
    desk.pass_by(hours=2)
    desk.provider.publish(rsa_key("first"), rsa_key("other"))
    assert refused(lambda: desk.forge(nameless)) == UNTRUSTED


def test_new_keys_are_fetched_when_one_is_unknown_but_not_at_will(desk: Desk) -> None:
    by_another = partial(signed, key=rsa_key("other"))
    desk.sign_in()
    desk.sign_in()
    assert desk.provider.asked[KEYS] == 1
    desk.provider.publish(rsa_key("other"))
    desk.forge(by_another)
    assert desk.provider.asked[KEYS] == 2
    for _ in range(3):
        assert refused(desk.sign_in) == UNTRUSTED
    assert desk.provider.asked[KEYS] == 2
    desk.pass_by(minutes=1)
    assert refused(desk.sign_in) == UNTRUSTED
    assert desk.provider.asked[KEYS] == 3


def test_a_withdrawn_key_is_believed_for_an_hour_at_most(desk: Desk) -> None:
    desk.sign_in()
    desk.provider.publish(rsa_key("other"))
    desk.pass_by(minutes=59)
    desk.sign_in()
    desk.pass_by(minutes=1)
    assert refused(desk.sign_in) == UNTRUSTED


def test_the_provider_is_asked_what_it_is_once_an_hour(desk: Desk) -> None:
    desk.sign_in()
    desk.sign_in()
    assert desk.provider.asked[DISCOVERY] == 1
    desk.pass_by(hours=1)
    desk.sign_in()
    assert desk.provider.asked[DISCOVERY] == 2


def test_a_clock_set_back_keeps_nothing_longer(desk: Desk) -> None:
    desk.sign_in()
    desk.pass_by(days=-1)
    desk.sign_in()
    assert (desk.provider.asked[DISCOVERY], desk.provider.asked[KEYS]) == (2, 2)


@pytest.mark.parametrize(
    "lies",
    [
        {"issuer": "https://autre.exemple.fr"},
        {"issuer": None},
        {"authorization_endpoint": None},
        {"authorization_endpoint": "http://exemple.fr/authorize"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": "http://exemple.fr/token"},
        {"token_endpoint": "https://moi:secret@exemple.fr/token"},
        {"token_endpoint": "https://exemple.fr\\@127.0.0.1/token"},
        {"token_endpoint": "https://exemple.fr:port/token"},
        {"jwks_uri": "//exemple.fr/keys"},
        {"jwks_uri": ["https://exemple.fr/keys"]},
        {"userinfo_endpoint": "http://exemple.fr/me"},
        {"end_session_endpoint": "http://exemple.fr/fin"},
    ],
)
def test_a_provider_that_describes_another_or_is_not_safe_to_reach_is_refused(
    desk: Desk, lies: Claims
) -> None:
    desk.provider.document |= lies
    assert refused(desk.begin) == UNTRUSTED


def test_an_issuer_that_differs_by_a_slash_is_another(desk: Desk) -> None:
    desk.provider.document["issuer"] = f"{desk.provider.issuer}/"
    assert refused(desk.begin) == UNTRUSTED


ELSEWHERE = {"Location": "/ailleurs"}
BAD_REPLIES = {
    "no JSON": (Reply("<html>"), UNTRUSTED),
    "a list": (Reply("[]"), UNTRUSTED),
    "too deep to be read": (Reply("[" * 50_000), UNTRUSTED),
    "not found": (Reply("{}", 404), UNTRUSTED),
    "elsewhere": (Reply("{}", 302, ELSEWHERE), UNTRUSTED),
    "elsewhere, as it is": (Reply("{}", 307, ELSEWHERE), UNTRUSTED),
    "compressed": (
        Reply(compress(b" " * 600_000), headers={"Content-Encoding": "gzip"}),
        UNTRUSTED,
    ),
    "an error of its own": (Reply("{}", 503), AWAY),
    "too long": (Reply(" " * 600_000), AWAY),
    "too late": (Reply("{}", seconds=2), AWAY),
    "never at its end": (Reply("{}", seconds=3, in_parts=True), AWAY),
}


@pytest.mark.parametrize("path", [DISCOVERY, KEYS, TOKEN, USER_INFO])
@pytest.mark.parametrize(("reply", "reason"), BAD_REPLIES.values(), ids=BAD_REPLIES)
def test_a_bad_answer_signs_nobody_in(path: str, reply: Reply, reason: str) -> None:
    with lying_provider(NOW) as provider:
        desk = Desk(provider, timeout_seconds=0.5)
        provider.replies[path] = reply
        assert refused(desk.sign_in) == reason
        assert provider.asked["/ailleurs"] == 0


@pytest.mark.parametrize(
    "tokens",
    [
        {"id_token": None},
        {"id_token": ["a.b.c"]},
        {"access_token": None},
        {"access_token": ""},
        {"access_token": "acces-Zx9\r\nX-Autre: 1"},
        {"access_token": "accès-Zx9"},
    ],
)
def test_an_answer_without_tokens_is_refused(desk: Desk, tokens: Claims) -> None:
    desk.provider.tokens = tokens
    assert refused(lambda: desk.claim(at_hash=None)) == UNTRUSTED
    assert desk.provider.asked[USER_INFO] == 0


@pytest.mark.parametrize("given", [{}, {"state": ""}, {"state": "autre"}, {"state": "\ud800é"}])
def test_an_answer_to_no_sign_in_is_refused_without_asking_the_provider(
    desk: Desk, given: dict[str, str]
) -> None:
    started = desk.begin()
    query = {"code": CODE, **given}
    assert refused(lambda: desk.client.finish(started, query)) == AGAIN
    assert refused(lambda: desk.client.finish(replace(started, state=""), query)) == AGAIN
    assert desk.provider.asked[TOKEN] == 0


@pytest.mark.parametrize("code", ["", "é", "\ud800", "c\n", "c" * 5000])
def test_an_answer_without_a_possible_code_is_refused(desk: Desk, code: str) -> None:
    started = desk.begin()
    assert refused(lambda: desk.finish(started, code=code)) == AGAIN
    assert desk.provider.asked[TOKEN] == 0


def test_the_answer_of_another_provider_is_refused(desk: Desk) -> None:
    started = desk.begin()
    assert refused(lambda: desk.finish(started, iss="https://autre.exemple.fr")) == UNTRUSTED
    assert desk.provider.asked[TOKEN] == 0
    desk.finish(started, iss=desk.provider.issuer)


def test_a_provider_that_always_names_itself_is_refused_when_it_does_not(desk: Desk) -> None:
    desk.provider.document["authorization_response_iss_parameter_supported"] = True
    assert refused(desk.sign_in) == UNTRUSTED
    desk.finish(desk.begin(), iss=desk.provider.issuer)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ("access_denied", DENIED),
        ("login_required", DENIED),
        ("temporarily_unavailable", AWAY),
        ("<script>", DENIED),
    ],
)
def test_an_error_is_told_in_words_of_ours(desk: Desk, error: str, reason: str) -> None:
    started = desk.begin()
    assert refused(lambda: desk.finish(started, error=error)) == reason
    assert desk.provider.asked[TOKEN] == 0


def test_what_is_logged_stays_on_one_line_of_bounded_length(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    started = desk.begin()
    refused(lambda: desk.finish(started, error="a\nWARNING b" * 200))
    logged = caplog.records[-1].getMessage()
    assert logged.isprintable()
    assert len(logged) < 600


@pytest.mark.parametrize("user_info", [{}, {"sub": "autre"}, {"sub": [openid.SUBJECT]}])
def test_claims_of_another_user_are_refused(desk: Desk, user_info: Claims) -> None:
    desk.provider.user_info = user_info
    assert refused(desk.sign_in) == UNTRUSTED


def test_claims_of_the_id_token_prevail(desk: Desk) -> None:
    desk.provider.user_info |= {"role": "DIR", "nom": "Marie"}
    assert desk.claim(role="ENS").claims.items() >= {("role", "ENS"), ("nom", "Marie")}


SIGNED = {"Content-Type": "application/jwt; charset=utf-8"}


@pytest.mark.parametrize(
    ("claims", "key", "reason"),
    [
        ({}, rsa_key("first"), ""),
        ({}, IMPOSTOR, UNTRUSTED),
        ({"aud": "autre"}, rsa_key("first"), UNTRUSTED),
        ({"iss": "https://autre.exemple.fr"}, rsa_key("first"), UNTRUSTED),
        ({"sub": "autre"}, rsa_key("first"), UNTRUSTED),
        ({"exp": 0}, rsa_key("first"), UNTRUSTED),
    ],
)
def test_signed_claims_of_the_user_are_verified(
    desk: Desk, claims: Claims, key: Key, reason: str
) -> None:
    told = signed({"sub": openid.SUBJECT, "aud": openid.CLIENT, "nom": "Marie", **claims}, key)
    desk.provider.replies[USER_INFO] = Reply(told, headers=SIGNED)
    if reason:
        assert refused(desk.sign_in) == reason
    else:
        assert desk.sign_in().claims["nom"] == "Marie"


def test_a_provider_without_more_claims_is_not_asked_for_them(desk: Desk) -> None:
    del desk.provider.document["userinfo_endpoint"]
    assert desk.sign_in().subject == openid.SUBJECT
    assert desk.provider.asked[USER_INFO] == 0


def test_addresses_keep_the_query_that_they_have(desk: Desk) -> None:
    desk.provider.document["authorization_endpoint"] = f"{desk.provider.issuer}/authorize?p=1"
    desk.provider.document["end_session_endpoint"] = f"{desk.provider.issuer}/end?p=2"
    assert "/authorize?p=1&response_type=code&" in desk.begin().address
    address = desk.client.end_address("id&token", ENDED)
    assert address
    assert parse_qs(urlsplit(address).query) == {
        "p": ["2"],
        "id_token_hint": ["id&token"],
        "client_id": [openid.CLIENT],
        "post_logout_redirect_uri": [ENDED],
    }


def test_a_provider_may_have_no_address_for_signing_out(desk: Desk) -> None:
    assert desk.client.end_address("id-token", ENDED) is None


def test_the_secret_is_sent_in_the_form_to_a_provider_that_wants_it_there(desk: Desk) -> None:
    desk.provider.document["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
    desk.sign_in()
    [form] = desk.provider.forms
    assert (form["client_id"], form["client_secret"]) == (openid.CLIENT, SECRET)
    assert not any("Basic" in sent for sent in desk.provider.authorizations)


def test_a_public_client_sends_its_name_and_no_secret(desk: Desk) -> None:
    public = OpenIdSettings(desk.provider.issuer, openid.CLIENT, "", BACK)
    desk.client = OpenIdClient(public, desk.clock)
    desk.sign_in()
    [form] = desk.provider.forms
    assert form["client_id"] == openid.CLIENT
    assert "client_secret" not in form
    assert not any("Basic" in sent for sent in desk.provider.authorizations)


def test_a_login_that_the_machine_has_for_the_host_is_not_sent(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logins = tmp_path / "netrc"
    logins.write_text("machine 127.0.0.1 login autre password autre\n")
    logins.chmod(0o600)
    monkeypatch.setenv("NETRC", str(logins))
    desk.begin()
    assert desk.provider.authorizations == [""]


def test_a_provider_of_a_private_authority_is_believed_by_those_who_know_it(
    tmp_path: Path,
) -> None:
    authority = trustme.CA()
    ca_file = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(openid.HOST).configure_cert(context)
    with lying_provider(NOW, context) as provider:
        assert Desk(provider, str(ca_file)).sign_in().subject == openid.SUBJECT
        assert refused(Desk(provider).begin) == AWAY
        assert refused(Desk(provider, str(tmp_path / "absent.pem")).begin) == AWAY


def test_every_impossible_setting_is_told_at_once() -> None:
    settings = OpenIdSettings("http://exemple.fr", "", "", "http://exemple.fr/retour", "profile")
    with pytest.raises(Refused) as told:
        OpenIdClient(settings, datetime.now)
    assert told.value.reasons == [
        "Fournisseur d'identité « http://exemple.fr » : adresse https attendue.",
        "Adresse de retour « http://exemple.fr/retour » : adresse https attendue.",
        "L'identifiant de l'application chez le fournisseur d'identité manque.",
        "Portées « profile » : « openid » attendu parmi elles.",
    ]


@pytest.mark.parametrize(
    "issuer",
    [
        "https://exemple.fr?a=1",
        "https://exemple.fr#a",
        "https://",
        "exemple.fr",
        "http://127.0.0.1.exemple.fr",
        "http://localhost.exemple.fr",
        "https://[exemple.fr",
        "https://exemple.fr:0",
        "https://exemple .fr",
    ],
)
def test_an_issuer_that_is_no_safe_address_is_impossible(issuer: str) -> None:
    with pytest.raises(Refused):
        OpenIdClient(OpenIdSettings(issuer, "c", "", BACK), datetime.now)


@pytest.mark.parametrize(
    "issuer", ["https://exemple.fr/royaume", "http://localhost:1", "http://[::1]:1"]
)
def test_a_safe_issuer_is_possible(issuer: str) -> None:
    OpenIdClient(OpenIdSettings(issuer, "c", "", BACK), datetime.now)


def test_no_representation_has_a_secret(desk: Desk) -> None:
    started = desk.begin()
    shown = repr((OpenIdSettings("https://exemple.fr", "c", SECRET, BACK), started))
    shown += repr(desk.finish(started))
    for secret in (SECRET, started.state, started.nonce, started.verifier, desk.provider.id_token):
        assert secret not in shown
