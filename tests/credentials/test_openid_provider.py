"""What a provider says of itself and how it answers: only what is safe is believed."""

import ssl
from datetime import datetime
from gzip import compress
from pathlib import Path

import pytest
import trustme

from dashboard.credentials.openid import OpenIdClient
from dashboard.credentials.openid_provider import OpenIdSettings
from dashboard.domain.errors import Refused
from tests import openid
from tests.credentials.desk import AWAY, BACK, NOW, UNTRUSTED, Claims, Desk, refused
from tests.openid import DISCOVERY, KEYS, TOKEN, USER_INFO, Reply, lying_provider


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


def test_what_is_logged_stays_on_one_line_of_bounded_length(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    started = desk.begin()
    refused(lambda: desk.finish(started, error="a\nWARNING b" * 200))
    logged = caplog.records[-1].getMessage()
    assert logged.isprintable()
    assert len(logged) < 600


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
