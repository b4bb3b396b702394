"""The public pages as they are served: what they tell, to whom, and what they refuse."""

import html
import logging
import socket
import threading
import time
from typing import Any
from urllib.parse import urlencode

import pytest
from tornado.web import create_signed_value

from dashboard.actions.guardian_access import GuardianAccess, SessionOver
from dashboard.domain.account import State
from dashboard.domain.credentials import Purpose
from dashboard.store.engine import Store
from dashboard.web.page_templates import masked
from tests.web.conftest import SECRET, Site
from tests.web.guardians import EMAIL, NOW, OTHER_SHEET, OWN, SHEET, eventually
from tests.web.visitor import FORM, Answer, Visitor

HOSTILE = "<img src=x onerror=alert(1)>"
OPEN = ["/activation", "/activation/", "/activation/oubli", "/activation/oubli/envoye"]
VISITED = ["/activation/mot-de-passe", "/activation/en-cours", "/activation/active"]


@pytest.fixture
def visitor(site: Site) -> Visitor:
    return Visitor(site.port)


@pytest.fixture
def broken(site: Site, visitor: Visitor) -> Visitor:
    """A visitor of pages whose store is gone."""
    site.guardians.store.close()
    return visitor


def place(answer: Answer) -> str:
    """Where an answer leads on."""
    assert answer.status == 303
    return str(answer.headers["Location"])


# What every answer has


STATUSES = [
    *((path, 200) for path in OPEN),
    *((path, 303) for path in VISITED),
    ("/activation/quitter", 303),
    ("/activation/lien/none", 410),
    ("/activation/none", 404),
    ("/theme/none.css", 404),
    ("/theme/../__init__.py", 404),
    ("/theme/%2e%2e/__init__.py", 404),
]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_every_answer_is_guarded_by_its_headers(visitor: Visitor, method: str) -> None:
    for path, status in STATUSES:
        answer = visitor.ask(method, path)
        assert (path, answer.status) == (path, status)
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'self'; script-src 'self';")
        assert "unsafe" not in policy
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Server"] is None


def test_errors_are_pages_in_the_same_style(visitor: Visitor) -> None:
    for answer in (
        visitor.get("/activation/none"),
        visitor.get("/activation/static/none"),
        visitor.ask("PUT", "/activation"),
        visitor.post("/activation/oubli/envoye", _xsrf=visitor.get("/activation").token),
    ):
        assert answer.status in {404, 405}
        assert '<html lang="fr">' in answer.body
        assert answer.body.count("<h1>") == 1


def test_only_a_versioned_file_is_kept_by_browsers(visitor: Visitor) -> None:
    page = visitor.get("/activation").body
    [script] = [word[5:-1] for word in page.split() if word.startswith('src="')]
    assert "max-age" in visitor.get(script).headers["Cache-Control"]


def test_pages_say_who_runs_them_and_whom_to_ask(visitor: Visitor) -> None:
    answer = visitor.get("/activation")
    assert "contactez l'assistance &lt;b&gt;" in answer.body.replace("&#39;", "'")
    assert "tableau de bord avec lequel l'école gère les comptes" in answer.text
    assert "pas un site officiel" in answer.text


# Forms


NO_TOKENS = [
    {},
    {"_xsrf": ""},
    {"_xsrf": "2|00000000|00000000000000000000000000000000|0"},
    {"_xsrf": "é|x"},
]


@pytest.mark.parametrize("path", ["/activation", "/activation/oubli"])
def test_a_form_without_its_token_is_shown_again(visitor: Visitor, path: str) -> None:
    visitor.get(path)
    for fields in NO_TOKENS:
        answer = visitor.post(path, identifier="a", password=OWN, email=EMAIL, **fields)
        assert answer.status == 403
        assert "Le formulaire a expiré, recommencez." in answer.text
        assert OWN not in answer.body
    accepted = visitor.post(path, identifier="a", password="b", email=EMAIL, _xsrf=answer.token)
    assert accepted.status in {200, 303}
    assert "a expiré" not in accepted.text


def test_a_token_is_of_one_visitor_and_is_not_taken_from_the_address(
    site: Site, visitor: Visitor
) -> None:
    token = visitor.get("/activation/oubli").token
    other = Visitor(site.port)
    other.get("/activation/oubli")
    assert other.post("/activation/oubli", email=EMAIL, _xsrf=token).status == 403
    assert visitor.post(f"/activation/oubli?_xsrf={token}", email=EMAIL).status == 403
    assert visitor.post("/activation/oubli", email=EMAIL, _xsrf=token).status == 303


ODD = [
    (b"identifier=a&identifier=b", FORM["Content-Type"], 400),
    (b"identifier=" + b"a" * 1001, FORM["Content-Type"], 400),
    (b"identifier=%ff%fe", FORM["Content-Type"], 400),
    (b"&".join(b"f%d=1" % number for number in range(3000)), FORM["Content-Type"], 400),
    (b'{"identifier": "a"}', "application/json", 415),
    (b"--x\r\n\r\n--x--", "multipart/form-data; boundary=x", 415),
    (b"a" * (64 * 1024 + 1), FORM["Content-Type"], 413),
    (b"a" * (64 * 1024), FORM["Content-Type"], 403),
    (b"\x00\x01=\x02", FORM["Content-Type"], 403),
]


def test_what_no_browser_sends_is_refused(visitor: Visitor) -> None:
    for body, kind, status in ODD:
        answer = visitor.ask("POST", "/activation", body, {"Content-Type": kind})
        assert (body[:20], answer.status) == (body[:20], status)
        assert '<html lang="fr">' in answer.body
        assert "Traceback" not in answer.body


def test_a_body_is_refused_before_it_is_read(site: Site) -> None:
    for head, status in (
        (b"Content-Length: 99999999999", b"413"),
        (b"Content-Length: x", b"400"),
        (b"Transfer-Encoding: chunked", b"411"),
    ):
        with socket.create_connection(("127.0.0.1", site.port), timeout=5) as line:
            line.sendall(b"POST /activation HTTP/1.1\r\nHost: x\r\n" + head + b"\r\n\r\n")
            assert line.recv(100).split()[1] == status


# Signing in


def test_sign_in_leads_to_the_step_of_the_account(site: Site, visitor: Visitor) -> None:
    guardians = site.guardians
    reset = guardians.add(State.ACTIVATED, OWN)
    guardians.hand_out(reset, SHEET)
    for number, password, step in (
        (guardians.add(State.NOTIFIED, SHEET), SHEET, "mot-de-passe"),
        (guardians.add(State.ACTIVATING, OWN), OWN, "en-cours"),
        (guardians.add(State.ACTIVATED, OWN), OWN, "active"),
        (reset, SHEET, "mot-de-passe"),
    ):
        answer = visitor.sign_in(guardians.identifier(number), password)
        assert place(answer) == f"/activation/{step}"
        assert visitor.get(place(answer)).status == 200
        for other in set(VISITED) - {place(answer)}:
            assert place(visitor.get(other)) == place(answer)


def test_the_visit_is_in_a_cookie_that_no_script_and_no_other_site_has(
    site: Site, visitor: Visitor
) -> None:
    number = site.guardians.add(State.NOTIFIED, SHEET)
    page = visitor.get("/activation")
    fields = {"identifier": site.guardians.identifier(number), "password": SHEET}
    body = urlencode(fields | {"_xsrf": page.token})
    answer = visitor.ask("POST", "/activation", body, FORM)
    [cookie] = [one for one in answer.cookies if one.startswith("visit=")]
    for flag in ("HttpOnly", "Path=/activation", "SameSite=Strict", "Max-Age=900"):
        assert flag in cookie
    assert "Secure" not in cookie
    assert all("HttpOnly" in one and "Path=/activation" in one for one in page.cookies)
    for told in (SHEET, fields["identifier"], EMAIL):
        assert told not in cookie


def test_over_https_cookies_are_secure(visitor: Visitor) -> None:
    answer = visitor.ask("GET", "/activation", headers={"X-Forwarded-Proto": "https"})
    assert all("Secure" in cookie for cookie in answer.cookies)


def test_wrong_passwords_and_unknown_identifiers_are_answered_alike(
    site: Site, visitor: Visitor
) -> None:
    number = site.guardians.add(State.NOTIFIED, SHEET)
    typed = site.guardians.identifier(number)
    wrong = visitor.sign_in(typed, "wrong")
    unknown = visitor.sign_in("zzzz-zzzz", "wrong")
    assert wrong.status == unknown.status == 200
    assert "Identifiant ou mot de passe incorrect." in wrong.text
    assert wrong.text == unknown.text
    assert f'value="{typed}"' in wrong.body
    assert 'value="wrong"' not in wrong.body


def test_what_is_missing_is_said_at_its_field_and_is_no_guess(site: Site, visitor: Visitor) -> None:
    for _ in range(7):
        answer = visitor.sign_in("", "")
        assert answer.body.count('aria-invalid="true"') == 2
        assert 'href="#identifier"' in answer.body
        assert "Erreur : Activer votre compte" in answer.text


def test_who_guesses_has_to_wait_and_is_told_until_when(site: Site, visitor: Visitor) -> None:
    number = site.guardians.add(State.NOTIFIED, SHEET)
    for _ in range(5):
        visitor.sign_in(site.guardians.identifier(number), "wrong")
    answer = visitor.sign_in(site.guardians.identifier(number), SHEET)
    assert (answer.status, answer.headers["Retry-After"]) == (429, "300")
    assert "Réessayez après 10:05" in answer.text
    site.clock.pass_by(minutes=5)
    assert visitor.sign_in(site.guardians.identifier(number), SHEET).status == 303


# The session


def sign_in(site: Site, visitor: Visitor, state: State = State.NOTIFIED) -> int:
    password = SHEET if state is State.NOTIFIED else OWN
    number = site.guardians.add(state, password)
    assert visitor.sign_in(site.guardians.identifier(number), password).status == 303
    return number


@pytest.mark.parametrize("path", VISITED)
def test_without_a_visit_one_is_led_to_the_sign_in(visitor: Visitor, path: str) -> None:
    assert place(visitor.get(path)) == "/activation?avis=visite"
    assert "Votre visite est terminée" in visitor.get("/activation?avis=visite").text
    token = visitor.get("/activation").token
    expected = 405 if path.endswith("/active") else 303
    assert visitor.post(path, _xsrf=token, password=OWN, email=EMAIL).status == expected


def test_a_made_up_or_old_visit_is_none(site: Site, visitor: Visitor) -> None:
    sign_in(site, visitor)
    good = visitor.cookies["visit"]
    number, ticket, seal = "1", "0", good.split("|")[-2]
    for made_up in (
        good[:-1] + ("0" if good[-1] != "0" else "1"),
        f"{number}.{ticket}.{seal}",
        create_signed_value("other" * 8, "visit", "1.0.x").decode(),
        create_signed_value(SECRET, "staff", "1.0.x").decode(),
        create_signed_value(SECRET, "visit", "1.0.x").decode(),
    ):
        visitor.cookies["visit"] = made_up
        assert place(visitor.get("/activation/mot-de-passe")) == "/activation?avis=visite"


@pytest.mark.parametrize(("minutes", "status"), [(14, 200), (16, 303)])
def test_a_visit_lasts_a_quarter_of_an_hour(
    site: Site, visitor: Visitor, minutes: int, status: int
) -> None:
    number = sign_in(site, visitor)
    session = site.guardians.enter(number, SHEET)
    visitor.cookies["visit"] = create_signed_value(
        SECRET, "visit", f"{number}.0.{session.seal}", clock=lambda: time.time() - 60 * minutes
    ).decode()
    assert visitor.get("/activation/mot-de-passe").status == status


def test_a_new_sheet_ends_the_visit(site: Site, visitor: Visitor) -> None:
    number = sign_in(site, visitor)
    token = visitor.get("/activation/mot-de-passe").token
    site.guardians.hand_out(number, OTHER_SHEET)
    answer = visitor.post("/activation/mot-de-passe", _xsrf=token, password=OWN, email=EMAIL)
    assert place(answer) == "/activation?avis=visite"
    assert "visit" not in visitor.cookies
    assert site.guardians.state(number) is State.NOTIFIED


def test_leaving_ends_the_visit(site: Site, visitor: Visitor) -> None:
    sign_in(site, visitor)
    assert visitor.get("/activation/quitter").status == 303
    assert "visit" in visitor.cookies
    assert place(visitor.post("/activation/quitter")) == "/activation?avis=quitte"
    assert "visit" not in visitor.cookies


def test_notices_are_only_the_known_ones(visitor: Visitor) -> None:
    answer = visitor.get(f"/activation?avis={HOSTILE.replace(' ', '+')}")
    assert answer.status == 200
    assert "onerror" not in answer.body


# Choosing a password


def test_errors_keep_the_address_and_never_the_password(site: Site, visitor: Visitor) -> None:
    sign_in(site, visitor)
    hostile = f'"{HOSTILE}@x'
    answer = visitor.fill_in("/activation/mot-de-passe", password="Azertyuiop12", email=hostile)
    assert answer.status == 200
    assert "Azertyuiop12" not in answer.body
    assert HOSTILE not in answer.body
    assert 'value="&#34;&lt;img src=x onerror=alert(1)&gt;@x"' in answer.body
    assert 'role="alert"' in answer.body
    assert 'aria-describedby="rules password-wrong"' in answer.body
    assert 'aria-describedby="email-hint email-wrong"' in answer.body


def test_a_password_typed_twice_without_scripts_must_be_the_same(
    site: Site, visitor: Visitor
) -> None:
    number = sign_in(site, visitor)
    path, fields = "/activation/mot-de-passe", {"password": OWN, "email": EMAIL}
    for again in ("", OWN.upper()):
        answer = visitor.fill_in(path, **fields, confirmation=again)
        assert "Les deux mots de passe sont différents." in answer.text
    assert place(visitor.fill_in(path, **fields, confirmation=OWN)).startswith(
        "/activation/en-cours"
    )
    assert site.guardians.state(number) is State.ACTIVATING


def test_hostile_names_stay_text(site: Site, visitor: Visitor) -> None:
    number = site.guardians.add(
        State.NOTIFIED, SHEET, email=f'"{HOSTILE}"@x.fr', first_name=HOSTILE, birth_name="{{ 7*7 }}"
    )
    visitor.sign_in(site.guardians.identifier(number), SHEET)
    answer = visitor.get("/activation/mot-de-passe")
    assert HOSTILE not in answer.body
    assert f"Mme {{{{ 7*7 }}}} {HOSTILE}" in answer.text


@pytest.mark.parametrize(
    ("email", "shown"),
    [
        ("lea.martin@exemple.fr", "l…n@exemple.fr"),
        ("lea@exemple.fr", "l…@exemple.fr"),
        ("a@exemple.fr", "a…@exemple.fr"),
        ("", ""),
    ],
)
def test_addresses_are_shown_masked(email: str, shown: str) -> None:
    assert masked(email) == shown


def test_the_address_just_typed_is_shown_whole_and_can_be_corrected(
    site: Site, visitor: Visitor
) -> None:
    number = sign_in(site, visitor)
    wrong, right = "lea.matrin@exemple.fr", " Lea.Martin@exemple.fr "
    waiting = place(visitor.fill_in("/activation/mot-de-passe", password=OWN, email=wrong))
    page = visitor.get(waiting)
    assert f"Suivez le lien envoyé à {wrong} " in page.text
    assert f'value="{wrong}"' in page.body
    old = site.guardians.last_link(number)
    corrected = visitor.fill_in("/activation/en-cours", email=right)
    assert place(corrected) == "/activation/en-cours?avis=corrige"
    page = visitor.get(place(corrected))
    assert "Un courriel est parti à cette adresse." in page.text
    assert f"Suivez le lien envoyé à {EMAIL} " in page.text
    assert [to for _, to, _ in site.guardians.messages(number)] == [wrong, EMAIL]
    assert visitor.get(f"/activation/lien/{old}").status == 410
    site.guardians.access.activate(site.guardians.last_link(number), site.clock())
    assert site.guardians.state(number) is State.ACTIVATED


@pytest.mark.parametrize(
    "typed", ["lea martin@exemple.fr", "lea@exemple", "a@b.fr, c@d.fr", "", " ", HOSTILE]
)
def test_what_is_no_address_is_refused_at_its_field_and_kept(
    site: Site, visitor: Visitor, typed: str
) -> None:
    number = sign_in(site, visitor)
    visitor.fill_in("/activation/mot-de-passe", password=OWN, email="lea.matrin@exemple.fr")
    before = site.guardians.holder(number)
    answer = visitor.fill_in("/activation/en-cours", email=typed)
    assert answer.status == 200
    assert 'aria-invalid="true"' in answer.body
    assert 'href="#email"' in answer.body
    if typed:
        assert f'value="{html.escape(typed)}"' in answer.body
    assert site.guardians.holder(number) == before
    assert len(site.guardians.messages(number)) == 1


def test_an_address_with_a_blank_inside_is_not_taken_for_another(
    site: Site, visitor: Visitor
) -> None:
    number = sign_in(site, visitor)
    answer = visitor.fill_in(
        "/activation/mot-de-passe", password=OWN, email="lea martin@exemple.fr"
    )
    assert "un blanc à l'intérieur" in answer.text
    assert 'value="lea martin@exemple.fr"' in answer.body
    assert site.guardians.state(number) is State.NOTIFIED


def test_corrections_are_limited_as_resending_is(site: Site, visitor: Visitor) -> None:
    number = sign_in(site, visitor, State.ACTIVATING)
    for count in range(5):
        visitor.fill_in("/activation/en-cours", email=f"{count}@exemple.fr")
    assert visitor.fill_in("/activation/en-cours").status == 429
    assert visitor.fill_in("/activation/en-cours", email="6@exemple.fr").status == 429
    assert len(site.guardians.messages(number)) == 5


def test_an_address_that_is_lost_can_be_given_again(site: Site, visitor: Visitor) -> None:
    number = site.guardians.add(State.ACTIVATING, OWN, email="")
    visitor.sign_in(site.guardians.identifier(number), OWN)
    assert "Renvoyer" not in visitor.get("/activation/en-cours").text
    visitor.fill_in("/activation/en-cours", email=EMAIL)
    assert [to for _, to, _ in site.guardians.messages(number)] == [EMAIL]


def test_nobody_corrects_the_address_by_a_link_or_once_activated(
    site: Site, visitor: Visitor
) -> None:
    number = sign_in(site, visitor, State.ACTIVATED)
    token = visitor.get("/activation").token
    answer = visitor.post("/activation/en-cours", _xsrf=token, email="other@exemple.fr")
    assert place(answer) == "/activation/active"
    other = site.guardians.add(State.ACTIVATING, OWN)
    session, _ = site.guardians.access.follow(site.guardians.link(other, Purpose.ACTIVATE), NOW)
    with pytest.raises(SessionOver):
        site.guardians.access.correct_email(session, "other@exemple.fr", NOW)
    assert site.guardians.holder(number).guardian.email == EMAIL
    assert site.guardians.holder(other).guardian.email == EMAIL


# Devices


def test_a_device_is_known_by_a_cookie_that_strangers_cannot_make_up(
    site: Site, visitor: Visitor
) -> None:
    number = site.guardians.add(State.ACTIVATED, OWN)
    identifier = site.guardians.identifier(number)
    [cookie] = [c for c in visitor.sign_in(identifier, OWN).cookies if c.startswith("device=")]
    for flag in ("HttpOnly", "Path=/activation", "SameSite=Lax", "Max-Age=15552000"):
        assert flag in cookie
    visitor.post("/activation/quitter")
    stranger = Visitor(site.port)
    for _ in range(5):
        stranger.sign_in(identifier, "wrong")
    assert stranger.sign_in(identifier, OWN).status == 429
    assert visitor.sign_in(identifier, OWN).status == 303


def test_waiting_shows_the_masked_address_and_sends_again(site: Site, visitor: Visitor) -> None:
    number = sign_in(site, visitor, State.ACTIVATING)
    answer = visitor.get("/activation/en-cours")
    assert "Suivez le lien envoyé à l…n@exemple.fr" in answer.text
    assert EMAIL not in answer.body
    for _ in range(5):
        assert place(visitor.fill_in("/activation/en-cours")) == "/activation/en-cours?avis=renvoi"
    assert "Un nouveau courriel est parti" in visitor.get("/activation/en-cours?avis=renvoi").text
    assert len(site.guardians.messages(number)) == 5
    assert visitor.fill_in("/activation/en-cours").status == 429


# Links


@pytest.mark.parametrize(
    ("state", "purpose", "step"),
    [
        (State.NOTIFIED, Purpose.CHOOSE_PASSWORD, "mot-de-passe"),
        (State.ACTIVATING, Purpose.ACTIVATE, "active"),
        (State.ACTIVATED, Purpose.RECOVER, "mot-de-passe"),
    ],
)
def test_a_link_is_used_by_its_button_and_not_by_looking(
    site: Site, visitor: Visitor, state: State, purpose: Purpose, step: str
) -> None:
    number = site.guardians.add(state)
    path = f"/activation/lien/{site.guardians.link(number, purpose)}"
    for method in ("GET", "HEAD", "GET"):
        answer = visitor.ask(method, path)
        assert answer.status == 200
        assert "visit" not in visitor.cookies
    assert site.guardians.state(number) is state
    assert visitor.post(path).status == 403
    assert place(visitor.fill_in(path)) == f"/activation/{step}"
    assert visitor.get(f"/activation/{step}").status == 200


def test_a_dead_link_says_what_to_do(site: Site, visitor: Visitor) -> None:
    number = site.guardians.add(State.ACTIVATING, OWN)
    path = f"/activation/lien/{site.guardians.link(number, Purpose.ACTIVATE)}"
    token = visitor.get(path).token
    visitor.fill_in(path)
    for answer in (
        visitor.get(path),
        visitor.post(path, _xsrf=token),
        visitor.get("/activation/lien/"),
        visitor.get("/activation/lien/a/b?c"),
        visitor.get("/activation/lien/%F0%9F%98%80%00"),
        visitor.get("/activation/lien/" + "A" * 5000),
    ):
        assert answer.status == 410
        assert "Ce lien n'est plus valable" in answer.text
        assert 'href="/activation/oubli"' in answer.body


def test_a_link_that_is_revoked_meanwhile_is_dead(site: Site, visitor: Visitor) -> None:
    number = site.guardians.add(State.ACTIVATED, OWN)
    visitor.fill_in(f"/activation/lien/{site.guardians.link(number, Purpose.RECOVER)}")
    token = visitor.get("/activation/mot-de-passe").token
    site.guardians.link(number, Purpose.RECOVER)
    answer = visitor.post("/activation/mot-de-passe", _xsrf=token, password=OWN + "!")
    assert answer.status == 410


def test_a_recovery_asks_for_no_address(site: Site, visitor: Visitor) -> None:
    number = site.guardians.add(State.ACTIVATED, OWN)
    visitor.fill_in(f"/activation/lien/{site.guardians.link(number, Purpose.RECOVER)}")
    assert 'name="email"' not in visitor.get("/activation/mot-de-passe").body
    answer = visitor.fill_in("/activation/mot-de-passe", password=OWN + "!")
    assert place(answer) == "/activation/active?avis=change"
    page = visitor.get(place(answer))
    assert "Votre mot de passe est enregistré." in page.text
    assert 'href="https://portail.example.org/?a=1&amp;b=2"' in page.body


# Forgotten


def test_help_is_answered_alike_whether_accounts_exist_or_not(site: Site, visitor: Visitor) -> None:
    number = site.guardians.add(State.ACTIVATED, OWN)
    for _ in range(5):
        site.guardians.add(State.ACTIVATED)
    answers = [visitor.fill_in("/activation/oubli", email=e) for e in (EMAIL, "none@exemple.fr")]
    assert [place(answer) for answer in answers] == ["/activation/oubli/envoye"] * 2
    assert [dict(answer.headers) | {"Date": ""} for answer in answers[:1]] == [
        dict(answer.headers) | {"Date": ""} for answer in answers[1:]
    ]
    assert "Si un compte a cette adresse" in visitor.get("/activation/oubli/envoye").text
    assert eventually(lambda: len(site.guardians.messages(number)) == 1)


def test_help_is_sent_after_the_answer_whose_time_would_tell(
    site: Site, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, is_answered = site.guardians.add(State.ACTIVATED), threading.Event()
    send = GuardianAccess.send_help

    def send_later(access: GuardianAccess, *about: Any) -> None:
        assert is_answered.wait(30)
        send(access, *about)

    monkeypatch.setattr(GuardianAccess, "send_help", send_later)
    assert visitor.fill_in("/activation/oubli", email=EMAIL).status == 303
    assert site.guardians.messages(number) == []
    is_answered.set()
    assert eventually(lambda: site.guardians.messages(number) != [])


def test_help_says_what_is_wrong_with_an_address_and_when_it_is_too_much(visitor: Visitor) -> None:
    answer = visitor.fill_in("/activation/oubli", email=HOSTILE)
    assert "impossible" in answer.text
    assert HOSTILE not in answer.body
    answers = [visitor.fill_in("/activation/oubli", email="none@exemple.fr") for _ in range(6)]
    assert [answer.status for answer in answers] == [303] * 5 + [429]
    assert answers[-1].headers["Retry-After"] == "3600"


# Logs


def test_no_log_holds_a_link_or_what_was_typed(
    site: Site, visitor: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    number = site.guardians.add(State.ACTIVATED, OWN)
    token = site.guardians.link(number, Purpose.RECOVER)
    visitor.get(f"/activation/lien/{token}")
    visitor.ask("PUT", f"/activation/lien/{token}")
    visitor.get(f"/activation?q={token}")
    visitor.get(f"/activation/lien%2F{token}")
    visitor.fill_in(f"/activation/lien/{token}")
    visitor.sign_in("typed-identifier", "typed-password")
    visitor.ask("POST", "/activation", b"identifier=typed%ff", FORM)
    assert "GET _Link (127.0.0.1)" in caplog.text
    assert "/activation" not in caplog.text
    assert "typed" not in caplog.text
    assert token not in caplog.text


def test_a_failure_is_a_page_and_is_logged_without_what_was_typed(
    broken: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    for answer in (
        broken.sign_in("typed-identifier", "typed-password"),
        broken.fill_in("/activation/oubli", email="typed@exemple.fr"),
    ):
        assert answer.status == 500
        assert "Une erreur est survenue" in answer.text
        assert "Traceback" not in answer.body
    assert "ConnectionException: POST _SignIn (127.0.0.1)" in caplog.text
    assert "guardian_access.py" in caplog.text
    assert "typed" not in caplog.text


def test_help_that_fails_is_logged_without_the_address(
    site: Site, visitor: Visitor, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    site.guardians.add(State.ACTIVATED, OWN)
    with store.transaction() as transaction:
        transaction.write("ALTER TABLE message RENAME TO gone")
    assert visitor.fill_in("/activation/oubli", email=EMAIL).status == 303
    assert eventually(lambda: "help not sent" in caplog.text)
    assert EMAIL not in caplog.text
