"""Where answers lead and what their headers hold: nothing that a visitor has put there."""

import re
import socket
from collections.abc import Callable
from urllib.parse import quote, quote_from_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.actions.users import set_email
from dashboard.credentials.links import STAFF_LINK
from dashboard.web.handler import inside
from tests.rights.service import GOOD, SERVER, TODAY, Answer, Site
from tests.web.guardians import eventually

APPLICATION = "/comptes"
ELSEWHERE = [
    b"/comptes\r\nSet-Cookie: staff=x",
    b"/comptes?a=1\r\nSet-Cookie: staff=x",
    b"/comptes?a=1\nX: y",
    b"/comptes?\x00",
    b"/comptes?\x7f\x1b[0m",
    "/comptes?\u2028\u202e".encode(),
    b"//evil.example",
    b"///evil.example",
    b"/\\evil.example",
    b"\\\\evil.example",
    b"/comptes?\\evil",
    b"/comptes/../evil",
    b"/comptes@evil.example",
    b"/comptesx?a",
    b"https://evil.example/comptes?a",
    b"javascript:alert(1)//comptes?",
    b" /comptes?a",
    b"/comptes?" + b"a" * 5000,
]
INSIDE = {
    "/comptes": "/comptes",
    "/comptes?tab=journal": "/comptes?tab=journal",
    "/comptes?q=%C3%A9l%C3%A8ve&class=CP+A": "/comptes?q=%C3%A9l%C3%A8ve&class=CP+A",
    "/comptes?q=élève Ł": "/comptes?q=%C3%A9l%C3%A8ve%20%C5%81",
}


@given(st.text() | st.text().map(lambda end: f"/comptes?{end}"))
def test_an_address_that_is_led_to_is_the_applications_and_fits_a_header(wanted: str) -> None:
    found = inside(wanted, APPLICATION)
    assert found == APPLICATION or found.startswith(f"{APPLICATION}?")
    assert re.fullmatch(r"[!-~]+", found)
    assert "\\" not in found


@pytest.mark.parametrize(("wanted", "led_to"), INSIDE.items())
def test_a_page_that_was_wanted_is_led_to_as_it_is(wanted: str, led_to: str) -> None:
    assert inside(wanted, APPLICATION) == led_to


def is_clean(answer: Answer) -> bool:
    return not answer.sets_cookie_of_others and "x" not in answer.headers


def test_next_leads_nowhere_else_by_any_of_the_sign_ins_roads(site: Site) -> None:
    token = site.sign_in("claire")
    for wanted in ELSEWHERE:
        typed = quote_from_bytes(wanted, safe="")
        signed_in = site.ask(f"/?next={typed}", token)
        assert signed_in.status == 303
        assert signed_in.headers["location"].split("?")[0] == APPLICATION, wanted
        assert is_clean(signed_in)
        if len(wanted) > 1000:
            continue
        fields = {"login": "claire", "password": GOOD, "next": wanted.decode()}
        entered = site.fill_in("/", fields)
        assert entered.status == 303
        assert entered.headers["location"].split("?")[0] == APPLICATION, wanted
        assert is_clean(entered)


def test_next_leads_to_the_page_that_was_wanted(site: Site) -> None:
    token = site.sign_in("claire")
    for wanted, led_to in INSIDE.items():
        answer = site.ask(f"/?next={quote(wanted, safe='')}", token)
        assert answer.headers["location"] == led_to


def test_no_raw_line_end_reaches_a_header(site: Site) -> None:
    for path in (b"/?next=/comptes%0d%0aX:%20y", b"/comptes%0d%0aX:%20y", b"/guides/%0d%0aX:%20y"):
        with socket.create_connection(("127.0.0.1", site.port), timeout=10) as line:
            line.sendall(b"GET " + path + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            head = b"".join(iter(lambda: line.recv(65536), b"")).partition(b"\r\n\r\n")[0]
        assert b"\r\nX:" not in head
        assert not head.startswith(b"HTTP/1.1 500")


# Staff who forgot their password


def link(site: Site, login: str) -> str:
    """The path of the newest link for a member of staff."""
    [(number,)] = site.store.rows("SELECT max(ticket_id) FROM ticket WHERE login = $1", [login])
    return f"/mot-de-passe/lien/{site.service.services.signer.token(STAFF_LINK, number)}"


def queued(site: Site) -> list[str]:
    rows = site.store.rows("SELECT recipient FROM message WHERE account_id = 0 ORDER BY 1")
    return [to for (to,) in rows]


def without_token(answer: Answer) -> tuple[int, object, str]:
    headers = {k: v for k, v in answer.headers.items() if k not in {"date", "set-cookie"}}
    return answer.status, headers, re.sub(r'name="_xsrf" value="[^"]*"', "", answer.body)


def test_a_forgotten_password_is_answered_alike_and_recovered(own_site: Site) -> None:
    site = own_site
    set_email(site.store, SERVER, TODAY, "claire", "claire@exemple.fr")
    before = site.sign_in("claire")
    answers = [
        site.fill_in("/mot-de-passe/oubli", {"login": login})
        for login in ("claire", "denis", "nobody", "x@exemple.fr")
    ]
    assert len({str(without_token(answer)) for answer in answers}) == 1
    assert answers[0].headers["location"] == "/mot-de-passe/oubli/envoye"
    assert eventually(lambda: queued(site) == ["claire@exemple.fr"])
    path = link(site, "claire")
    for method in ("GET", "HEAD", "GET"):
        assert site.ask(path, method=method).status == 200
    assert site.page(before).status == 200
    wrong = site.fill_in(path, {"password": "azerty"})
    assert "trop court" in wrong.body
    entered = site.fill_in(path, {"password": "pivoine sauterelle"})
    assert (entered.status, entered.headers["location"]) == (303, APPLICATION)
    assert site.page(before).status == 302
    assert site.sign_in("claire", "pivoine sauterelle")
    for again in (site.ask(path), site.ask("/mot-de-passe/lien/x")):
        assert again.status == 410
        assert "Demander un nouveau lien" in again.body


def test_nothing_typed_and_no_link_reaches_the_log(
    own_site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    own_site.fill_in("/mot-de-passe/oubli", {"login": "typed-login"})
    own_site.ask("/mot-de-passe/lien/typed-link")
    own_site.ask("/mot-de-passe/lien/typed-link", method="PUT")
    assert "typed" not in caplog.text


# The same done for whoever there is and whoever there is not


def statements(site: Site, ask: Callable[[], Answer], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is asked of the store, and which passwords are checked, before an answer is sent."""
    said: list[str] = []
    store = type(site.store)
    rows = store.rows

    def spied(self: object, sql: str, parameters: object = ()) -> object:
        said.append(sql)
        return rows(self, sql, parameters)  # type: ignore[arg-type]  # the method replaced

    def verified(_: object, kind: object, __: object) -> bool:
        said.append(f"verify {kind}")
        return False

    with monkeypatch.context() as patch:
        patch.setattr(store, "rows", spied)
        for module in ("staff_sessions", "guardian_access"):
            name = f"dashboard.actions.{module}.verify_password"
            patch.setattr(name, verified)
        ask()
    return said


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/", "login"),
        ("/mot-de-passe/oubli", "login"),
        ("/activation", "identifier"),
        ("/activation/oubli", "email"),
    ],
)
def test_as_much_is_done_whether_somebody_is_known_or_not(
    own_site: Site, monkeypatch: pytest.MonkeyPatch, path: str, field: str
) -> None:
    site = own_site
    # What comes after the answer is done by others, whenever they come to it.
    monkeypatch.setattr("dashboard.web.handler.Handler.on_finish", lambda _: None)
    set_email(site.store, SERVER, TODAY, "claire", "claire@exemple.fr")
    [(identifier, email)] = site.store.rows(
        "SELECT min(identifier), min(email) FROM account WHERE email <> '' AND state = 'NOTIFIED'"
    )
    known = {"login": "claire", "identifier": identifier, "email": email}[field]
    unknown = {"login": "nobody", "identifier": "zzzz-zzzz", "email": "none@exemple.fr"}[field]

    def ask(typed: str) -> Callable[[], Answer]:
        return lambda: site.fill_in(path, {field: typed, "password": "faux"})

    site.ask(path)
    site.clock.passes(hours=1)
    ask("warm-up@exemple.fr")()
    assert statements(site, ask(known), monkeypatch) == statements(site, ask(unknown), monkeypatch)
