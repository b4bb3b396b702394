"""Signing in at a certified provider, and at one that lies: only the truth gets through."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from dashboard.credentials.openid import OpenIdClient
from dashboard.credentials.openid_provider import OpenIdSettings
from tests import openid
from tests.credentials.desk import (
    AGAIN,
    AWAY,
    BACK,
    CODE,
    DENIED,
    ENDED,
    SECRET,
    UNTRUSTED,
    Claims,
    Desk,
    refused,
)
from tests.openid import TOKEN, USER_INFO
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

DRAWN = ("state", "nonce", "verifier")
People = Callable[[OpenIdProvider], Person]


def client_of(provider: OpenIdProvider, secret: str = "") -> OpenIdClient:
    settings = OpenIdSettings(
        provider.issuer, provider.client_id, secret or provider.client_secret, BACK
    )
    return OpenIdClient(settings, datetime.now)


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


def test_the_lying_provider_is_believed_while_it_does_not_lie(desk: Desk) -> None:
    identity = desk.sign_in()
    assert identity.subject == openid.SUBJECT
    [form] = desk.provider.forms
    assert (form["code"], form["redirect_uri"]) == (CODE, BACK)
    assert "client_secret" not in form


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


@pytest.mark.parametrize("user_info", [{}, {"sub": "autre"}, {"sub": [openid.SUBJECT]}])
def test_claims_of_another_user_are_refused(desk: Desk, user_info: Claims) -> None:
    desk.provider.user_info = user_info
    assert refused(desk.sign_in) == UNTRUSTED


def test_claims_of_the_id_token_prevail(desk: Desk) -> None:
    desk.provider.user_info |= {"role": "DIR", "nom": "Marie"}
    assert desk.claim(role="ENS").claims.items() >= {("role", "ENS"), ("nom", "Marie")}


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


def test_no_representation_has_a_secret(desk: Desk) -> None:
    started = desk.begin()
    shown = repr((OpenIdSettings("https://exemple.fr", "c", SECRET, BACK), started))
    shown += repr(desk.finish(started))
    for secret in (SECRET, started.state, started.nonce, started.verifier, desk.provider.id_token):
        assert secret not in shown
