"""The guides as they are read: in the light and the dark, on a phone, with their pictures."""

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from dashboard.actions.load_demo import load_demo
from dashboard.guides import DETAILED, GUIDES, PICTURES, ROOT, guide
from dashboard.guides.help import HELP, Help, possibilities
from tests.browser.conftest import LAPTOP, PHONE, SERVE, Server, demo_database, run_server
from tests.browser.picture import TABLE, demonstration, take

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
ASSISTANCE = {
    "EDUCONNECT_HELP_CONTACT": "le pôle numérique",
    "EDUCONNECT_HELP_EMAIL": "aide@academie.example",
}
# What is left of a laptop's screen at 200 %.
ZOOMED: ViewportSize = {"width": LAPTOP["width"] // 2, "height": LAPTOP["height"] // 2}


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The demo schools, served to this machine, which reads every guide."""
    database = demo_database(tmp_path_factory.mktemp("local"))
    with run_server([*SERVE, "--local"], database, "/healthz", ASSISTANCE) as server:
        yield server


def read(page: Page, server: Server, name: str) -> None:
    """Open a guide and wait until its pictures have come."""
    page.goto(f"{server.address}{ROOT}/{name}")
    expect(page.get_by_role("heading", level=1)).to_have_text(GUIDES[name].title)
    for picture in page.get_by_role("img").all():
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("complete", True)
        assert picture.evaluate("image => image.naturalWidth") > 0


@pytest.fixture(scope="module")
def reader(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context() as context:
        yield context


@pytest.fixture
def page(reader: BrowserContext) -> Iterator[Page]:
    with reader.new_page() as page:
        yield page


@pytest.mark.parametrize("name", GUIDES)
def test_axe_finds_nothing_in_a_guide_in_the_light_and_the_dark(
    local: Server, page: Page, name: str
) -> None:
    page.set_viewport_size(LAPTOP)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        read(page, local, name)
        found = Axe().run(page).response["violations"]
        assert [f"{one['id']}: {node['html']}" for one in found for node in one["nodes"]] == []


@pytest.mark.parametrize("name", GUIDES)
def test_a_guide_is_never_scrolled_sideways(local: Server, page: Page, name: str) -> None:
    for viewport in (ZOOMED, PHONE):
        page.set_viewport_size(viewport)
        read(page, local, name)
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


@pytest.mark.parametrize("name", GUIDES)
def test_the_headings_of_a_guide_are_in_order(local: Server, page: Page, name: str) -> None:
    read(page, local, name)
    levels = page.locator("h1, h2, h3, h4").evaluate_all("all => all.map(h => +h.tagName[1])")
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_the_contents_lead_to_every_section(local: Server, page: Page) -> None:
    read(page, local, DETAILED.name)
    contents = page.get_by_role("navigation", name="Sommaire").get_by_role("link")
    written = re.findall(r"^## (.*)$", guide(DETAILED.file), re.MULTILINE)
    expect(contents).to_have_text(written)
    for link in contents.all():
        target = link.get_attribute("href") or ""
        expect(page.locator(f"h2{target}")).to_have_text(link.inner_text())


@pytest.mark.parametrize("help_", HELP.values(), ids=HELP)
def test_what_the_screen_explains_leads_to_a_section(
    local: Server, page: Page, help_: Help
) -> None:
    page.goto(local.address + help_.address)
    expect(page.locator(f"#{help_.section}")).to_be_in_viewport()


def test_the_detailed_guide_has_the_table_of_the_rules(local: Server, page: Page) -> None:
    read(page, local, DETAILED.name)
    rows = page.get_by_role("table").filter(has_text="→").get_by_role("row")
    cells = [row.locator("th, td").all_inner_texts() for row in rows.all()]
    assert cells == possibilities()


def test_guides_and_home_name_the_assistance(local: Server, page: Page) -> None:
    for path in (f"{ROOT}/rapide", f"{ROOT}/detaille", "/comptes"):
        page.goto(local.address + path)
        expect(page.get_by_text("le pôle numérique").first).to_be_visible()
        mail = page.get_by_role("link", name="aide@academie.example").first
        expect(mail).to_have_attribute("href", "mailto:aide@academie.example")


# Pictures


def pictures_named() -> set[str]:
    texts = [README, *(guide(one.file) for one in GUIDES.values())]
    return {name for text in texts for name in re.findall(r"pictures/([\w-]+)\.png\)", text)}


def test_the_pictures_are_those_that_are_named_and_small() -> None:
    sizes = {file.stem: file.stat().st_size for file in PICTURES.iterdir()}
    assert set(sizes) == pictures_named() == {picture.name for picture in TABLE}
    assert max(sizes.values()) <= 80_000
    assert sum(sizes.values()) <= 1_000_000


def test_every_picture_has_a_text_alternative() -> None:
    for one in GUIDES.values():
        assert all(len(alt) > 20 for alt in re.findall(r"!\[(.*?)\]", guide(one.file), re.DOTALL))


def test_every_screen_that_a_picture_is_of_still_exists(browser: Browser, tmp_path: Path) -> None:
    with demonstration(tmp_path, load_demo) as server:
        take(TABLE, browser, server, tmp_path)
    assert {file.stem for file in tmp_path.glob("*.png")} == {picture.name for picture in TABLE}
