"""What an inspector waits for: the page of an academy in a browser, of few schools and of many."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Browser, Page, sync_playwright

from dashboard.views.state.inspector_state import Question
from tests.benchmarks.databases import Size, database_file
from tests.benchmarks.measuring import Result, compare
from tests.browser.conftest import LAPTOP, SERVE, run_server
from tests.chromium import QUIET, find_chromium

_INSPECTOR, _ACADEMY = "Rectorat · Dijon", "Dijon"
_ACCOUNTS = 100
_FEW = Size(40, _ACCOUNTS, _ACADEMY)
_SCHOOLS = f"?tab=statistiques&question={Question.SCHOOLS}"
_WAIT_MS = 120_000
_LOOK = """address => {
    window.history.pushState({}, "", window.location.pathname + address);
    window.dispatchEvent(new PopStateEvent("popstate"));
}"""


def screen_results(folder: Path, schools: list[int], repeats: int) -> Iterator[Result]:
    """Each question of the page until it is answered, and a narrower table after a sweep."""
    with ExitStack() as stack:
        browser = stack.enter_context(sync_playwright()).chromium.launch(
            executable_path=find_chromium(), args=QUIET
        )

        def entered(size: Size) -> Page:
            file = database_file(folder, size)
            served = stack.enter_context(run_server([*SERVE, "--demo"], file, "/healthz"))
            return _enter(browser, served.address)

        few = entered(_FEW)
        for count in schools:
            many = entered(Size(count, _ACCOUNTS, _ACADEMY))
            for name, wait in _WAITS.items():
                yield compare(
                    f"{name}, academy of {count:,} schools",
                    partial(wait, many),
                    partial(wait, few),
                    f"floor: an academy of {_FEW.schools} schools",
                    repeats=repeats,
                )


def _enter(browser: Browser, address: str) -> Page:
    page = browser.new_page(viewport=LAPTOP, locale="fr-FR")
    page.set_default_timeout(_WAIT_MS)
    page.goto(f"{address}/?next={quote('/comptes')}")
    page.get_by_role("button", name=_INSPECTOR).click()
    page.get_by_role("tab", name="Accueil").wait_for()
    return page


def _open(page: Page) -> None:
    """Open the page anew, until its first question is answered."""
    page.goto(page.url.partition("?")[0] + "?tab=statistiques")
    page.get_by_role("status").filter(has_text="Chiffres du").wait_for()


def _ask(question: Question) -> Callable[[Page], None]:
    """Ask this question until it is answered, then the first one again."""

    def ask(page: Page) -> None:
        for asked in (question, Question.SITUATION):
            page.evaluate(_LOOK, f"?tab=statistiques&question={asked}")
            page.locator(f'a[aria-current="page"]:has-text("{asked.label}")').wait_for()

    return ask


def _sweep(page: Page) -> None:
    """Have the schools of a band of percentages, as a sweep over the bars does, then all again."""
    for band in ("20-49.99", ""):
        page.evaluate(_LOOK, f"{_SCHOOLS}&share={band}")
        page.locator(f'select[name="share"] option[value="{band}"]:checked').wait_for(
            state="attached"
        )


_WAITS: dict[str, Callable[[Page], None]] = {
    "page ready": _open,
    **{
        f"« {question.label} » and back": _ask(question)
        for question in Question
        if question is not Question.SITUATION
    },
    "a sweep over the bars, and back": _sweep,
}
