"""Who gets in, as whom, and for how long: by the page, by raw HTTP and by raw websocket."""

import re
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

import dashboard
from dashboard.actions.users import add
from dashboard.domain.scope import Area, Role, StaffScope
from tests.browser.conftest import SERVE, Server, free_port, run_server
from tests.openid_provider import DIRECTOR, INSPECTOR, STRANGER, openid_provider

GOOD = "Trombone-vert-42"
SERVER = StaffScope("exploitant")
SULPICE, BEZE = "0580189R", "0210351T"
STAFF = {
    "claire": (Role.DIRECTOR, {(Area.SCHOOLS, SULPICE)}),
    "bruno": (Role.DIRECTOR, {(Area.SCHOOLS, BEZE)}),
    "denis": (Role.DEPUTY, {(Area.SCHOOLS, SULPICE)}),
    "irene": (Role.INSPECTOR, {(Area.DEPARTMENT, "021")}),
    "alice": (Role.ADMINISTRATOR, set[tuple[Area, str]]()),
}
TABS = {
    "claire": ["Accueil", "Responsables", "Statistiques", "Journal"],
    "denis": ["Accueil", "Responsables", "Statistiques", "Journal"],
    "irene": ["Accueil", "Statistiques"],
    "alice": ["Accueil", "Journal", "Utilisateurs"],
}
SignIn = Callable[..., Page]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The demo's schools, served to staff who sign in."""
    database = tmp_path_factory.mktemp("staff") / "accounts.duckdb"
    with dashboard.connect(database, create=True) as store:
        dashboard.load_demo(store, datetime.now().date())
        for login, (role, places) in STAFF.items():
            add(store, SERVER, datetime.now(), login, login.capitalize(), role, places, GOOD)
    with run_server(SERVE, database, "/healthz") as server:
        yield server


@pytest.fixture
def sign_in(site: Server, open_page: Callable[..., Page]) -> SignIn:
    def sign_in_as(login: str, query: str = "", password: str = GOOD) -> Page:
        page = open_page()
        page.goto(f"{site.address}/comptes{query}")
        page.get_by_label("Identifiant").fill(login)
        page.get_by_label("Mot de passe", exact=True).fill(password)
        page.get_by_role("button", name="Se connecter").click()
        return page

    return sign_in_as


def test_an_administrator_reads_the_operators_guides_and_a_director_does_not(
    sign_in: SignIn,
) -> None:
    page = sign_in("alice")
    page.get_by_role("link", name="Exploitation : installer").click()
    expect(page.get_by_role("heading", name="Sauvegarder et restaurer")).to_be_visible()
    scrolled = page.get_by_role("group", name="Extrait").first
    scrolled.focus()
    expect(scrolled).to_be_focused()
    page.get_by_role("link", name="Sécurité : ce qui est protégé").click()
    expect(page.get_by_role("heading", name="Contre qui", exact=True)).to_be_visible()
    page = sign_in("claire")
    expect(page.get_by_role("link", name="Guide rapide")).to_be_visible()
    expect(page.get_by_role("link", name="Exploitation : installer")).to_have_count(0)


def token_of(page: Page) -> str:
    return next(c["value"] for c in page.context.cookies() if c["name"] == "staff")


def fetched(address: str, token: str = "", **headers: str) -> tuple[int, str]:
    request = urllib.request.Request(address, headers={"Cookie": f"staff={token}", **headers})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        with error:
            return error.code, ""


def opens_socket(site: Server, token: str, session_token: str) -> bool:
    """Whether a websocket to a page is let in, and hears of it."""
    with closing(HTTPConnection(urlsplit(site.address).netloc, timeout=10)) as connection:
        headers = {
            "Connection": "Upgrade",
            "Cookie": f"staff={token}",
            "Origin": site.address,
            "Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg==",
            "Sec-WebSocket-Protocol": f"bokeh, {session_token}",
            "Sec-WebSocket-Version": "13",
            "Upgrade": "websocket",
        }
        connection.request("GET", "/comptes/ws", headers=headers)
        answer = connection.getresponse()
        return answer.status == HTTPStatus.SWITCHING_PROTOCOLS and answer.fp.read(1) == b"\x81"


def page_token(html: str) -> str:
    """The token by which a page's socket finds its session."""
    found = re.search(r'"token":"([^"]+)"', html)
    assert found
    return found[1]


@pytest.mark.parametrize("login", TABS)
def test_each_role_has_its_tabs(sign_in: SignIn, login: str) -> None:
    page = sign_in(login)
    expect(page.get_by_role("tab")).to_have_text(TABS[login])


def test_signing_in_leads_to_the_page_that_was_wanted(sign_in: SignIn) -> None:
    page = sign_in("claire", "?tab=responsables&q=abricot")
    expect(page.get_by_role("status").filter(has_text="trouvé")).to_have_text("3 comptes trouvés")


def test_a_wrong_password_is_said_and_lets_nobody_in(site: Server, sign_in: SignIn) -> None:
    page = sign_in("bruno", password="faux")
    expect(page.get_by_role("alert")).to_contain_text("Identifiant ou mot de passe incorrect")
    expect(page.get_by_label("Identifiant")).to_have_value("bruno")
    assert all(cookie["name"] != "staff" for cookie in page.context.cookies())


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(sign_in: SignIn) -> None:
    page = sign_in("claire")
    expect(page.get_by_role("tab").first).to_be_visible()
    [cookie] = [c for c in page.context.cookies() if c["name"] == "staff"]
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")


def test_signing_out_ends_the_session(site: Server, sign_in: SignIn) -> None:
    page = sign_in("claire")
    expect(page.get_by_role("tab").first).to_be_visible()
    token = token_of(page)
    page.get_by_role("button", name="Se déconnecter").click()
    expect(page.get_by_text("Vous êtes déconnecté")).to_be_visible()
    assert "<h1>Connexion</h1>" in fetched(f"{site.address}/comptes", token)[1]


def test_a_deputy_reads_and_cannot_act(sign_in: SignIn) -> None:
    page = sign_in("denis", "?tab=responsables&q=abricot")
    expect(page.locator(".tabulator-row")).to_have_count(3)
    expect(page.get_by_role("button", name="Notifier par feuilles")).to_have_count(0)
    page.locator(".tabulator-row a").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.get_by_role("button", name="Corriger les coordonnées")).to_have_count(0)


def test_a_school_of_others_is_as_if_it_did_not_exist(sign_in: SignIn) -> None:
    page = sign_in("claire", f"?school={BEZE}&tab=responsables")
    expect(page.get_by_role("status").filter(has_text="trouvé")).to_have_text("238 comptes trouvés")


def test_nobody_speaks_to_the_page_of_another(site: Server, sign_in: SignIn) -> None:
    owner, other = sign_in("claire"), sign_in("irene")
    for page in (owner, other):
        expect(page.get_by_role("tab").first).to_be_visible()
    _, html = fetched(f"{site.address}/comptes?tab=responsables", token_of(owner))
    session = page_token(html)
    assert not opens_socket(site, "", session)
    assert not opens_socket(site, token_of(other), session)
    assert opens_socket(site, token_of(owner), session)


def test_a_page_of_a_chosen_number_cannot_be_made(site: Server, sign_in: SignIn) -> None:
    page = sign_in("claire")
    expect(page.get_by_role("tab").first).to_be_visible()
    status, html = fetched(f"{site.address}/comptes?bokeh-session-id=CHOSEN", token_of(page))
    assert status != 200 or "CHOSEN" not in html


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_form_of_another_site_signs_nobody_in(site: Server, method: str) -> None:
    data = b"login=claire&password=Trombone-vert-42" if method == "POST" else None
    request = urllib.request.Request(f"{site.address}/?login=claire", data=data, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            cookies = answer.headers.get_all("Set-Cookie") or []
    except HTTPError as error:
        with error:
            cookies = error.headers.get_all("Set-Cookie") or []
    assert not any(cookie.startswith("staff=") for cookie in cookies)


def test_local_access_is_refused_to_what_a_proxy_passes_on(tmp_path: Path) -> None:
    with run_server([*SERVE, "--local"], tmp_path / "a.duckdb", "/healthz") as server:
        assert fetched(f"{server.address}/comptes")[0] == 200
        _, html = fetched(f"{server.address}/comptes", **{"X-Forwarded-For": "203.0.113.9"})
        assert "<title>Comptes responsables" not in html


RULES = """
login = "sub"
name = "name"
role = "FrEduFonctAdm"
roles = {DIR = "director", IEN = "inspector"}
places = ["FrEduRneResp", "territoire"]
"""


@pytest.fixture
def through_provider(tmp_path: Path) -> Iterator[Server]:
    """The demo's schools, served to whom a certified provider signs in."""
    port, provider_port = free_port(), free_port()
    rules, database = tmp_path / "claims.toml", tmp_path / "accounts.duckdb"
    rules.write_text(RULES, encoding="utf-8")
    with dashboard.connect(database, create=True) as store:
        dashboard.load_demo(store, datetime.now().date())
    address = f"http://127.0.0.1:{port}"
    with openid_provider(
        f"{address}/connexion/retour", f"{address}/", port=provider_port
    ) as provider:
        settings = {
            "EDUCONNECT_OPENID_ISSUER": provider.issuer,
            "EDUCONNECT_OPENID_CLIENT_ID": provider.client_id,
            "EDUCONNECT_OPENID_CLIENT_SECRET": provider.client_secret,
            "EDUCONNECT_OPENID_CLAIMS": str(rules),
        }
        with run_server(SERVE, database, "/healthz", settings, port=port) as server:
            yield server


def enter_through_provider(page: Page, server: Server, login: str) -> None:
    page.goto(f"{server.address}/comptes?tab=statistiques")
    page.get_by_role("link", name="Se connecter avec le compte académique").click()
    page.get_by_label("Identifiant").fill(login)
    page.get_by_role("button", name="S'identifier").click()


def test_staff_of_a_provider_sign_in_and_out_there(
    through_provider: Server, open_page: Callable[..., Page]
) -> None:
    page = open_page()
    enter_through_provider(page, through_provider, DIRECTOR)
    expect(page.get_by_text("Marie Martin – Directeur")).to_be_visible()
    expect(page.get_by_role("heading", name=re.compile("de la structure"))).to_be_visible()
    token = token_of(page)
    page.get_by_role("button", name="Se déconnecter").click()
    expect(page).not_to_have_url(re.compile(f"^{re.escape(through_provider.address)}"))
    page.get_by_role("button", name="Se déconnecter").click()  # the provider asks, too
    expect(page).to_have_url(re.compile(f"^{re.escape(through_provider.address)}"))
    assert "<h1>Connexion</h1>" in fetched(f"{through_provider.address}/comptes", token)[1]


def test_a_provider_places_an_inspector_and_refuses_who_has_no_role(
    through_provider: Server, open_page: Callable[..., Page]
) -> None:
    page = open_page()
    enter_through_provider(page, through_provider, INSPECTOR)
    expect(page.get_by_role("heading", level=2)).to_have_text(re.compile("^Département"))
    stranger = open_page()
    enter_through_provider(stranger, through_provider, STRANGER)
    expect(stranger.get_by_role("alert")).to_be_visible()
    assert all(cookie["name"] != "staff" for cookie in stranger.context.cookies())
