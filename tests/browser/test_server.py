"""The service: who gets in, what it answers, how it starts and stops, what it lets go."""

import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

import dashboard
from dashboard.actions.import_roster import import_roster
from tests.browser.conftest import SERVE, Server, demo_database

Run = Callable[..., Server]

HOSTILE = "<img src=x onerror=window.stolen=1>"


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def answer(url: str, headers: dict[str, str] | None = None) -> tuple[int, str]:
    opener = urllib.request.build_opener(_Stay)
    try:
        with opener.open(urllib.request.Request(url, headers=headers or {}), timeout=10) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers.get("Location", "")


def test_health_is_told_to_anyone(demo: Server) -> None:
    assert answer(f"{demo.address}/healthz") == (200, '{"status": "ok"}')


def test_every_answer_keeps_the_page_to_itself(demo: Server) -> None:
    for path in ("/healthz", "/", "/comptes", "/activation", "/static/js/bokeh.min.js", "/nowhere"):
        try:
            with urllib.request.urlopen(demo.address + path, timeout=10) as reply:
                headers = reply.headers
        except urllib.error.HTTPError as error:
            with error:
                headers = error.headers
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"], path
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert "Server" not in headers, path


def test_a_visitor_without_sign_in_is_led_to_the_start_page(demo: Server) -> None:
    status, location = answer(f"{demo.address}/comptes?school=0580189R")
    assert (status, location) == (302, "./?next=%2Fcomptes%3Fschool%3D0580189R")


@pytest.mark.parametrize("cookie", ["director-1", "demo:director-1", "0" * 43])
def test_a_made_up_sign_in_is_none(demo: Server, cookie: str) -> None:
    status, _ = answer(f"{demo.address}/comptes", {"Cookie": f"staff={cookie}"})
    assert status == 302


def test_a_websocket_needs_a_sign_in(demo: Server) -> None:
    handshake = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Origin": demo.address,
    }
    assert answer(f"{demo.address}/comptes/ws", handshake)[0] in {401, 403}


@pytest.mark.parametrize(
    "path",
    ["/comptes/metadata", "/comptes/autoload.js", "/liveness", "/rest/session_info", "/admin"],
)
def test_what_the_dashboard_does_not_need_is_closed(demo: Server, path: str) -> None:
    assert answer(demo.address + path)[0] == 404


@pytest.mark.parametrize("wanted", ["https://example.org/", "//example.org", "/comptes/../x"])
def test_signing_in_never_leads_elsewhere(
    demo: Server, open_page: Callable[[], Page], wanted: str
) -> None:
    page = open_page()
    page.goto(f"{demo.address}/?next={wanted}")
    page.get_by_role("button", name="Directeur · Saint-Sulpice").click()
    expect(page).to_have_url(f"{demo.address}/comptes")
    expect(page.get_by_role("tab", name="Accueil")).to_be_visible()


@pytest.fixture
def hostile(tmp_path: Path, run: Run) -> Server:
    """A school whose people, classes and name are made to break the page, served locally."""
    students = tmp_path / "students.csv"
    students.write_text(
        "Nom élève;Nom d'usage élève;Prénom élève;Date naissance;Niveau;Libellé classe\n"
        f"{HOSTILE};;Léa;01/02/2019;CP;{HOSTILE}\n",
        encoding="utf-8",
    )
    guardians = tmp_path / "guardians.csv"
    guardians.write_text(
        "Civilité Responsable;Nom responsable;Prénom responsable;Courriel;"
        "Nom de famille enfant;Prénom enfant;Classes enfants\n"
        f"Mme;{HOSTILE};Ève;;{HOSTILE};Léa;{HOSTILE}\n",
        encoding="utf-8",
    )
    database = tmp_path / "accounts.duckdb"
    with dashboard.connect(database, create=True) as store:
        import_roster(store, "0210351T", students, guardians, date.today(), name=HOSTILE)
    return run([*SERVE, "--local"], database)


def test_hostile_names_stay_text_everywhere(hostile: Server, open_page: Callable[[], Page]) -> None:
    page = open_page()
    page.goto(f"{hostile.address}/")
    expect(page.get_by_text(f"Vous avez choisi {HOSTILE}")).to_be_visible()
    page.get_by_role("tab", name="Responsables").click()
    cell = page.locator(".tabulator-row [tabulator-field=guardian]")
    expect(cell).to_have_text(f"{HOSTILE.upper()} Ève")
    page.get_by_role("textbox", name="Classes").click()
    page.get_by_role("option", name=HOSTILE).click()
    expect(page.get_by_role("status").filter(has_text="trouvé")).to_have_text("1 compte trouvé")
    page.get_by_role("tab", name="Statistiques").click()
    expect(page.get_by_role("rowheader", name=HOSTILE)).to_be_visible()
    assert page.evaluate("window.stolen") is None


def test_an_empty_database_says_how_to_begin(
    tmp_path: Path, run: Run, open_page: Callable[[], Page]
) -> None:
    page = open_page()
    page.goto(run([*SERVE, "--local"], tmp_path / "empty.duckdb").address)
    expect(page.get_by_text("educonnect import")).to_be_visible()


def test_panel_serves_the_script_as_well(
    tmp_path: Path, run: Run, open_page: Callable[[], Page]
) -> None:
    database = tmp_path / "accounts.duckdb"
    with dashboard.connect(database, create=True) as store:
        dashboard.load_demo(store, date.today())
    script = str(Path(dashboard.__file__).with_name("app.py"))
    server = run(["panel", "serve", script], database, "/app")
    page = open_page()
    page.goto(
        f"{server.address.replace('127.0.0.1', 'localhost')}/app?school=0580189R&tab=responsables"
    )
    expect(page.get_by_text("238 comptes trouvés")).to_be_visible()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_the_server_stops_cleanly(tmp_path: Path, run: Run, how: signal.Signals) -> None:
    server = run([*SERVE, "--demo"], demo_database(tmp_path))
    server.process.send_signal(how)
    assert server.process.wait(timeout=20) == 0
    assert "Traceback" not in server.log.read_text("utf-8")


def test_a_lost_connection_is_said(tmp_path: Path, run: Run, browser: Browser) -> None:
    server = run([*SERVE, "--demo"], demo_database(tmp_path))
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(server.address)
        page.get_by_role("button", name="Directeur · Saint-Sulpice").click()
        expect(page.get_by_role("tab", name="Accueil")).to_be_visible()
        server.process.kill()
        expect(page.get_by_role("alert").filter(has_text="perdue")).to_be_visible()


def test_a_taken_port_is_refused(demo: Server, tmp_path: Path) -> None:
    there = ("--database", str(tmp_path / "a.duckdb"), "--port", demo.address.rsplit(":", 1)[1])
    taken = subprocess.run(
        [sys.executable, "-m", *SERVE, *there], capture_output=True, text=True, timeout=60
    )
    assert (taken.returncode, "déjà pris" in taken.stderr) == (1, True)
