"""Takes the pictures of the README and the guides: ``python -m tests.browser.picture``.

They are of the running demonstration, whose people are fictitious.
"""

import io
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from dashboard.actions.load_demo import load_demo_academy
from dashboard.actions.users import add
from dashboard.domain.action import Action
from dashboard.domain.scope import Area, Role, StaffScope
from dashboard.guides import PICTURES
from dashboard.store.engine import Store, connect
from tests.browser.conftest import (
    DIRECTOR_OF_NOIRON,
    PHONE,
    SERVE,
    Server,
    ask,
    check,
    close_report,
    confirm,
    list_at,
    open_row,
    run_server,
)
from tests.chromium import QUIET, find_chromium

_COLOURS = 64
_ADMINISTRATOR, _PASSWORD = "a.petit", "Trombone-vert-42"
_STAFF = (
    (_ADMINISTRATOR, "Anne Petit", Role.ADMINISTRATOR, set[tuple[Area, str]]()),
    ("m.martin", "Marie Martin", Role.DIRECTOR, {(Area.SCHOOLS, "0210351T")}),
    ("i.durand", "Inès Durand", Role.INSPECTOR, {(Area.DEPARTMENT, "021")}),
)
# One that nothing is sent to: without any, the screen says so.
_MAIL_SERVER = {"EDUCONNECT_SMTP_HOST": "127.0.0.1", "EDUCONNECT_SMTP_SECURITY": "none"}
_DIALOG = ".MuiDialog-paper"


@dataclass(frozen=True)
class Picture:
    """A screen: who sees it, where, after which steps, how large, and the part that is shown."""

    name: str
    user: str
    address: str
    steps: Callable[[Page], object]
    height: int = 760
    width: int = 1280
    crop: str = "html"


def _home(page: Page) -> None:
    expect(page.get_by_role("heading", name="Guides et accessibilité")).to_be_visible()


def _two_ticked(page: Page) -> None:
    found = page.get_by_role("status").filter(has_text="trouvé")
    expect(found).to_have_text(re.compile(r"\d+ comptes trouvés"))
    for place in (1, 2):
        check(page.locator(".tabulator-row input[type=checkbox]").nth(place))
    expect(page.get_by_text(re.compile("Tout sélectionner : 2 sur"))).to_be_visible()


def _account(page: Page) -> None:
    open_row(page.locator(".tabulator-row a").nth(1))
    expect(page.get_by_role("table", name="Historique")).to_be_visible()


def _question(page: Page) -> None:
    _two_ticked(page)
    ask(page, Action.NOTIFY_BY_SHEET)


def _report(page: Page) -> None:
    _two_ticked(page)
    confirm(ask(page, Action.NOTIFY_BY_SHEET))


def _chart(page: Page) -> None:
    expect(page.locator("canvas").first).to_be_visible()
    page.wait_for_timeout(1000)  # the bars are drawn after the canvas appears


def _answered(page: Page) -> None:
    expect(page.get_by_role("status").filter(has_text="Chiffres du")).to_be_visible()


def _journal(page: Page) -> None:
    expect(page.get_by_role("table", name="Journal des actions")).to_be_visible()


def _users(page: Page) -> None:
    expect(page.get_by_role("button", name="Marie Martin")).to_be_visible()


def _activation(page: Page) -> None:
    expect(page.get_by_role("heading", name="Activer votre compte")).to_be_visible()


_INSPECTOR = "Rectorat · Dijon"
_STATISTICS = "/comptes?school=0210351T&tab=statistiques"
_LIST = f"/comptes{list_at()}"
# Acting comes last: it changes what the others show.
TABLE = (
    Picture("home", DIRECTOR_OF_NOIRON, "/comptes?school=0210749A", _home, height=620),
    Picture("list", DIRECTOR_OF_NOIRON, _LIST, _two_ticked),
    Picture("account", DIRECTOR_OF_NOIRON, _LIST, _account, height=900, crop=_DIALOG),
    Picture("overview", DIRECTOR_OF_NOIRON, _STATISTICS, _chart, height=1000),
    Picture("inspector", _INSPECTOR, "/comptes?tab=statistiques", _answered, height=760),
    Picture("users", _ADMINISTRATOR, "/comptes?tab=utilisateurs", _users, height=420),
    Picture("guardian", "", "/activation", _activation, width=PHONE["width"], crop=".card"),
    Picture("question", DIRECTOR_OF_NOIRON, _LIST, _question, crop=_DIALOG),
    Picture("report", DIRECTOR_OF_NOIRON, _LIST, _report, crop=_DIALOG),
    Picture(
        "journal", DIRECTOR_OF_NOIRON, "/comptes?school=0210749A&tab=journal", _journal, height=420
    ),
)


@contextmanager
def demonstration(folder: Path, load: Callable[[Store, date], bool]) -> Iterator[Server]:
    """The schools that `load` loads, served, with an administrator who manages two others."""
    database = folder / "accounts.duckdb"
    with connect(database) as store:
        load(store, date.today())
        for login, name, role, places in _STAFF:
            add(
                store, StaffScope("exploitant"), datetime.now(), login, name, role, places,
                _PASSWORD,
            )  # fmt: skip
    with run_server([*SERVE, "--demo"], database, "/healthz", _MAIL_SERVER) as server:
        yield server


def take(pictures: Iterable[Picture], browser: Browser, server: Server, folder: Path) -> None:
    """Take pictures in their order; each user signs in once, in a browser of their own."""
    pages: dict[str, Page] = {}
    with ExitStack() as contexts:
        for picture in pictures:
            if picture.user not in pages:
                context = contexts.enter_context(browser.new_context(locale="fr-FR"))
                pages[picture.user] = context.new_page()
                _sign_in(pages[picture.user], picture.user, server.address)
            _take(picture, pages[picture.user], server.address, folder)


def _sign_in(page: Page, user: str, address: str) -> None:
    if not user:
        return
    page.goto(address)
    if user == _ADMINISTRATOR:
        page.get_by_label("Identifiant").fill(_ADMINISTRATOR)
        page.get_by_label("Mot de passe", exact=True).fill(_PASSWORD)
        page.get_by_role("button", name="Se connecter").click()
    else:
        page.get_by_role("button", name=user).click()
    expect(page.get_by_role("tab", name="Accueil")).to_be_visible()


def _take(picture: Picture, page: Page, address: str, folder: Path) -> None:
    """Go where a picture is of, and save it, small, as ``name.png``."""
    page.set_viewport_size({"width": picture.width, "height": picture.height})
    page.goto(address + picture.address)
    picture.steps(page)
    page.mouse.move(0, 0)
    taken = page.locator(picture.crop).last.screenshot(animations="disabled", caret="hide")
    image = Image.open(io.BytesIO(taken)).convert("RGB")
    image.quantize(_COLOURS).save(folder / f"{picture.name}.png", optimize=True)
    close_report(page)  # or it would be shown on the next visit


def main(names: list[str]) -> None:
    """Take these pictures, or all, anew."""
    with (
        tempfile.TemporaryDirectory() as folder,
        demonstration(Path(folder), load_demo_academy) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=QUIET)
        wanted = (picture for picture in TABLE if not names or picture.name in names)
        take(wanted, browser, server, PICTURES)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
