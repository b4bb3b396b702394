"""Real servers, a real browser, and guards: nothing leaves the host, nothing fails unseen."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Locator, Page, ViewportSize, expect
from playwright.sync_api import TimeoutError as NotThere

from dashboard.actions.generate import generate
from dashboard.actions.load_demo import demo_folder, load_demo
from dashboard.domain.account import Origin, State
from dashboard.domain.action import Action
from dashboard.domain.people import ListedAccount
from dashboard.domain.problem import Problems
from dashboard.domain.stakes import RECENT
from dashboard.inputs.account_lists import read_account_list
from dashboard.store.engine import connect
from tests.mail_server import MailServer, mail_server

LAPTOP: ViewportSize = {"width": 1366, "height": 768}
PHONE: ViewportSize = {"width": 390, "height": 844}
_START_SECONDS = 120
_CLICKS = 5
# The day that the demonstration's files tell of: it becomes the day they are loaded.
_FILES_OF = date(2026, 9, 28)
_CLICK_MS = 3_000
SERVE = ["dashboard", "serve"]
AS_IT_IS: Mapping[str, str] = MappingProxyType({})
NOIRON = "0210749A"
DIRECTOR_OF_NOIRON = "Directrice · Bèze"
# All is drawn, and the server has been told so: from then on it sends what changes.
_IS_READY = "window.Bokeh?.documents.length > 0 && Bokeh.documents.every((one) => one.is_idle)"
_HERE = {"127.0.0.1", "localhost"}


@dataclass(frozen=True)
class Server:
    """A running server: where it is, its process, and what it printed."""

    address: str
    process: "subprocess.Popen[bytes]"
    log: Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def run_server(
    command: list[str],
    database: Path,
    health: str,
    settings: Mapping[str, str] = AS_IT_IS,
    port: int | None = None,
) -> Iterator[Server]:
    """Run a server until the caller is done; fail if it does not come up.

    `settings` are further variables of its environment; without a `port`, it has a free one.
    """
    port = port or free_port()
    log = database.with_suffix(".log")
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", *command, "--port", str(port)],
            env={**os.environ, "EDUCONNECT_DATABASE": str(database), **settings},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_for(f"http://127.0.0.1:{port}{health}", process, log)
        yield Server(f"http://127.0.0.1:{port}", process, log)
    finally:
        process.kill()
        process.wait()


def demo_database(folder: Path) -> Path:
    """A new database with the demo schools alone: serving adds no academy around them."""
    path = folder / "accounts.duckdb"
    with connect(path) as store:
        load_demo(store, date.today())
    return path


def _wait_for(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, f"the server ended at once: {log.read_text('utf-8')}"
        try:
            with urllib.request.urlopen(url, timeout=30):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"no answer from {url} in {_START_SECONDS} seconds")


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The demonstration, served; tests that change accounts take `acted` instead."""
    database = demo_database(tmp_path_factory.mktemp("demo"))
    with run_server([*SERVE, "--demo"], database, "/healthz") as server:
        yield server


@pytest.fixture(scope="session")
def post() -> Iterator[MailServer]:
    """The mail server of the demonstration that tests act on."""
    with mail_server() as server:
        yield server


@pytest.fixture(scope="session")
def acted(tmp_path_factory: pytest.TempPathFactory, post: MailServer) -> Iterator[Server]:
    """The demonstration, served for tests that change accounts, each those of its `cast`."""
    database = demo_database(tmp_path_factory.mktemp("acted"))
    with run_server([*SERVE, "--demo"], database, "/healthz", mails_to(post)) as server:
        yield server


def mails_to(post: MailServer) -> dict[str, str]:
    """The settings with which messages go there at once."""
    return {
        "EDUCONNECT_SMTP_HOST": post.host,
        "EDUCONNECT_SMTP_PORT": str(post.port),
        "EDUCONNECT_SMTP_SECURITY": "none",
        "EDUCONNECT_MAILS_PER_MINUTE": "60000",
    }


class Cast:
    """Accounts of a demonstration school, each given to one test and to no other."""

    def __init__(self, uai: str) -> None:
        file = demo_folder() / f"{uai}_accounts.csv"
        listed = read_account_list(file, Problems(file.name), date.today())
        names = Counter(one.guardian.full_name for one in listed)
        self._free = [one for one in listed if names[one.guardian.full_name] == 1]
        self.activated = self.take(State.ACTIVATED)  # for all: tests look at it and leave it so

    def take(
        self, state: State, has_email: bool = True, origin: Origin = Origin.SCHOOL
    ) -> ListedAccount:
        """An account in this state that no other test has; nobody else has its guardian's name.

        It was not given anything in the last days, which would have to be confirmed apart; that
        does not matter for a message of activation.
        """
        found = next(
            one
            for one in self._free
            if (one.account.state, bool(one.guardian.email), one.account.origin)
            == (state, has_email, origin)
            and (
                state is State.ACTIVATING
                or (one.account.distributed_on or date.min) <= _FILES_OF - RECENT
            )
        )
        self._free.remove(found)
        return found


@pytest.fixture(scope="session")
def cast() -> Cast:
    """Accounts of the school Noiron, as `acted` has them at its start."""
    return Cast(NOIRON)


@pytest.fixture
def run() -> Iterator[Callable[..., Server]]:
    """Runs further servers, which outlive the pages of the test."""
    with ExitStack() as servers:

        def run_one(
            command: list[str],
            database: Path,
            health: str = "/healthz",
            settings: Mapping[str, str] = AS_IT_IS,
        ) -> Server:
            return servers.enter_context(run_server(command, database, health, settings))

        yield run_one


Watch = Callable[[Page], Page]


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Watches pages: their scripts may not fail, and their requests may not leave the host."""
    strays: list[str] = []
    failures: list[str] = []

    def watch_one(page: Page) -> Page:
        page.on("request", lambda request: strays.extend(_strays(request.url)))
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.on("console", lambda said: failures.extend([said.text] * (said.type == "error")))
        return page

    yield watch_one
    assert strays == [], "requests left the host"
    assert failures == [], "scripts failed"


@pytest.fixture
def open_page(
    browser: Browser, run: Callable[..., Server], watch: Watch
) -> Iterator[Callable[..., Page]]:
    """Opens pages of strangers, each in a browser of its own, and watches them."""
    with ExitStack() as contexts:

        def open_one(viewport: ViewportSize = LAPTOP) -> Page:
            context = browser.new_context(viewport=viewport, locale="fr-FR", accept_downloads=True)
            contexts.enter_context(context)
            return watch(context.new_page())

        yield open_one


def _strays(url: str) -> list[str]:
    parts = urlsplit(url)
    leaves = parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname not in _HERE
    return [url] if leaves else []


SignedIn = Callable[[Server, str], BrowserContext]


@pytest.fixture(scope="session")
def signed_in(browser: Browser) -> Iterator[SignedIn]:
    """The browsers of the demonstrations' users, where each has signed in once for all tests."""
    found: dict[tuple[str, str], BrowserContext] = {}
    with ExitStack() as contexts:

        def sign_in(server: Server, user: str) -> BrowserContext:
            context = browser.new_context(locale="fr-FR", accept_downloads=True)
            page = contexts.enter_context(context).new_page()
            page.goto(server.address)
            page.get_by_role("button", name=user).click()
            expect(page.get_by_role("tab", name="Accueil")).to_be_visible()
            page.close()
            return context

        def browser_of(server: Server, user: str) -> BrowserContext:
            key = server.address, user
            if key not in found:
                found[key] = sign_in(server, user)
            return found[key]

        yield browser_of


Enter = Callable[..., Page]
Entrance = Callable[[Server], Enter]


@pytest.fixture
def entrance(signed_in: SignedIn, watch: Watch) -> Iterator[Entrance]:
    """Opens pages of a demonstration's users, which are new to each test, and watches them."""
    used: set[BrowserContext] = set()

    def into(server: Server) -> Enter:
        def enter_as(user: str, query: str = "", viewport: ViewportSize = LAPTOP) -> Page:
            context = signed_in(server, user)
            used.add(context)
            page = watch(context.new_page())
            page.set_viewport_size(viewport)
            page.goto(f"{server.address}/comptes{query}")
            expect(page.get_by_role("tab", name="Accueil")).to_be_visible()
            page.wait_for_function(_IS_READY)
            return page

        return enter_as

    yield into
    for context in used:
        for page in context.pages:
            page.close()


@pytest.fixture
def enter(demo: Server, entrance: Entrance) -> Enter:
    """Enters the demonstration as a user, at an address of the application."""
    return entrance(demo)


@pytest.fixture(scope="session")
def academy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The demonstration amid sixty schools of its academy, served for reading."""
    database = demo_database(tmp_path_factory.mktemp("academy"))
    with connect(database) as store:
        generate(store, 60, 3, date.today(), "Dijon")
    with run_server([*SERVE, "--demo"], database, "/healthz") as server:
        yield server


@pytest.fixture
def explore(academy: Server, entrance: Entrance) -> Enter:
    """Enters the demonstration's academy, as `enter` does the four schools."""
    return entrance(academy)


@pytest.fixture
def act(acted: Server, entrance: Entrance) -> Iterator[Enter]:
    """Enters the demonstration that tests act on, as `enter` does the other.

    At the end, dialogs are closed, since a report would be shown again on the next visit, and
    sheets that wait are given up: there may only be so many.
    """
    entered: list[Page] = []
    enter = entrance(acted)

    def enter_as(*visit: Any, **more: Any) -> Page:
        page = enter(*visit, **more)
        if not entered:  # of a page that another test could not close
            close_report(page)
        entered.append(page)
        return page

    yield enter_as
    for page in entered:
        if not page.is_closed():
            close_report(page)
            close_detail(page)
            give_up_sheets(page)


def close_detail(page: Page) -> None:
    """Close the dialog of an account, if it is open."""
    detail = page.get_by_role("dialog", name="Détail du compte")
    if detail.is_visible():
        detail.get_by_role("button", name="Fermer").last.click()
        expect(detail).to_be_hidden()


def close_report(page: Page) -> None:
    """Close the dialog of an action, if it is open."""
    report = page.get_by_role("dialog", name=re.compile("|".join(a.label for a in Action)))
    if report.is_visible():
        report.get_by_role("button", name=re.compile("Fermer|Annuler")).click()
        expect(report).to_be_hidden()


def waiting(page: Page) -> Locator:
    """What the banner says of sheets that have been produced."""
    return page.get_by_text(re.compile("feuilles? produites? le"))


def give_up_sheets(page: Page) -> None:
    """Give up all sheets of the banner that were not downloaded."""
    while (count := waiting(page).count()) and (
        give_up := page.get_by_role("button", name="Abandonner").first
    ).is_visible():
        give_up.click()
        with suppress(NotThere):  # what was downloaded meanwhile is let go without a question
            page.get_by_role("button", name="Abandonner définitivement").click(timeout=5_000)
        expect(waiting(page)).to_have_count(count - 1)


def list_at(query: str = "") -> str:
    """The address of Noiron's list, narrowed by a further query."""
    return f"?school={NOIRON}&tab=responsables{query}"


def row_of(page: Page, listed: ListedAccount) -> Locator:
    return page.locator(".tabulator-row", has_text=listed.account.identifier)


def state_of(page: Page, listed: ListedAccount) -> Locator:
    return row_of(page, listed).locator("[tabulator-field=state]")


def find(page: Page, listed: ListedAccount) -> Locator:
    """Search for an account by its guardian's name; its row, once the list is what was searched."""
    name = listed.guardian.full_name
    page.get_by_label("Nom ou prénom").fill(name)
    row = row_of(page, listed)
    searched = re.compile(re.escape(urlencode({"q": name})) + "&")
    expect(row.get_by_role("link", name=name)).to_have_attribute("href", searched)
    return row


def check(box: Locator) -> None:
    """Tick a row, again if the table drew its rows anew under the pointer."""
    for _ in range(_CLICKS):
        with suppress(Error):
            box.check()
            return
    expect(box).to_be_checked()


def tick(page: Page, *accounts: ListedAccount) -> None:
    """Find each account by its guardian's name, and select it."""
    for listed in accounts:
        check(find(page, listed).get_by_role("checkbox"))
    words = "compte sélectionné" if len(accounts) == 1 else "comptes sélectionnés"
    listing = page.get_by_role(
        "button", name=f"Lister les comptes en CSV ({len(accounts)} {words})"
    )
    expect(listing).to_be_visible()


def ask(within: Page | Locator, action: Action) -> Locator:
    """Ask for an action, in the list or in an account's detail; the dialog that asks back."""
    within.get_by_role("button", name=action.label).click()
    page = within if isinstance(within, Page) else within.page
    dialog = page.get_by_role("dialog", name=action.label)
    expect(dialog.get_by_text(re.compile(rf"{action.label} : \d+ personne"))).to_be_visible()
    return dialog


def confirm(dialog: Locator) -> None:
    """Confirm what is asked, and wait for the report."""
    dialog.get_by_role("button", name="Confirmer").click()
    expect(dialog.get_by_role("status")).to_have_text(re.compile("^Terminé"))


def downloaded(page: Page, button: Locator) -> tuple[str, bytes]:
    """The name and the content of the file that a button gives."""
    with page.expect_download() as download:
        button.click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def open_row(cell: Locator) -> None:
    """Click in a row until its account opens: the table may draw its rows anew meanwhile."""
    dialog = cell.page.get_by_role("dialog", name="Détail du compte")
    for _ in range(_CLICKS):
        cell.click()
        with suppress(AssertionError):
            expect(dialog).to_be_visible(timeout=_CLICK_MS)
            return
    expect(dialog).to_be_visible()


def open_detail(page: Page, listed: ListedAccount) -> Locator:
    """Find an account and open it; its dialog."""
    open_row(find(page, listed).get_by_role("link"))
    dialog = page.get_by_role("dialog", name="Détail du compte")
    expect(dialog.get_by_role("heading", name=listed.guardian.full_name)).to_be_visible()
    return dialog


def history_of(detail: Locator) -> Locator:
    """What has been done with an account, newest first, after the headings of the columns."""
    return detail.get_by_role("table", name="Historique").get_by_role("row")
