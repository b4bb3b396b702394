"""What a provider signs: only the truth, signed with its own keys, gets through."""

import re
from base64 import urlsafe_b64encode
from functools import partial

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.errors import SecurityWarning
from joserfc.jwk import Key, RSAKey

from tests import openid
from tests.credentials.desk import NOW, SECRET, UNTRUSTED, Claims, Desk, Forgery, refused
from tests.openid import (
    ACCESS_TOKEN,
    KEYS,
    USER_INFO,
    Reply,
    ec_key,
    ed_key,
    hashed,
    rsa_key,
    signed,
    signed_bytes,
    unsigned,
)

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
