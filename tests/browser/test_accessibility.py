"""The dashboard by keyboard alone, by screen reader's names, and on a phone."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.browser.conftest import LAPTOP, PHONE, Server

Enter = Callable[..., Page]
# The laptop's screen at 200 %.
ZOOMED: ViewportSize = {"width": 683, "height": 384}
VISITS = [
    ("Directeur · Saint-Sulpice", ""),
    ("Directrice · Bèze", "?tab=responsables"),
    ("Directrice · Bèze", "?school=0210749A&tab=responsables&state=NOTIFIED"),
    ("Directrice · Bèze", "?school=0210749A&tab=responsables&q=personne"),
    ("Directeur · Saint-Sulpice", "?tab=statistiques"),
    ("Directeur · Saint-Sulpice", "?tab=journal"),
    ("Inspectrice · Côte-d'Or", "?tab=statistiques&question=blocages"),
]


def settled(page: Page) -> None:
    """Wait until the tab that the address asks for has its content."""
    if "statistiques" in page.url:
        expect(page.locator("canvas").first).to_be_visible()
    elif "responsables" in page.url and "school=" in page.url:
        expect(page.get_by_role("status").filter(has_text="trouvé")).to_be_visible()
    expect(page.get_by_role("tablist", name="Rubriques")).to_be_visible()


# Axe would measure colours that are still changing.
AT_REST = """() => {
  const rests = (root) => !root.getAnimations().length
    && [...root.querySelectorAll("*")].every((e) => !e.shadowRoot || rests(e.shadowRoot));
  return rests(document);
}"""


def violations(page: Page, *viewports: ViewportSize) -> list[str]:
    """Everything that axe finds, however little it weighs; as it is shown, or on these screens."""
    found = []
    for viewport in viewports or [page.viewport_size or LAPTOP]:
        page.set_viewport_size(viewport)
        page.wait_for_function(AT_REST)
        found += [(viewport["width"], one) for one in Axe().run(page).response["violations"]]
    return [f"{width} {one['id']}: {node['html']}" for width, one in found for node in one["nodes"]]


def sides(shown: Locator) -> tuple[float, float]:
    """Where something that is shown begins and ends, from the left."""
    box = shown.bounding_box()
    assert box is not None
    return box["x"], box["x"] + box["width"]


@pytest.mark.parametrize(("user", "query"), VISITS)
def test_on_a_phone_and_on_wider_screens_axe_finds_nothing_and_only_tables_scroll_sideways(
    enter: Enter, user: str, query: str
) -> None:
    page = enter(user, query, PHONE)
    settled(page)
    for control in page.get_by_role("button").all():
        if control.is_visible():
            assert sides(control)[1] <= PHONE["width"], control.inner_text()
    assert violations(page, PHONE, ZOOMED, LAPTOP) == []


def test_axe_finds_nothing_at_all_on_the_start_page(
    demo: Server, open_page: Callable[[], Page]
) -> None:
    page = open_page()
    page.goto(demo.address)
    assert violations(page) == []


def test_the_page_is_in_french_and_titled(enter: Enter) -> None:
    page = enter("Directeur · Saint-Sulpice")
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    expect(page).to_have_title("Comptes responsables")
    title = page.get_by_role("heading", name="Comptes responsables")
    expect(title).to_have_attribute("aria-level", "1")


def tab_to(page: Page, target: Locator, most: int = 80) -> None:
    """Press Tab until the target has the focus, as someone without a mouse does."""
    for _ in range(most):
        if target.evaluate("e => e.getRootNode().activeElement === e"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"not reached in {most} steps: {target}")


def test_a_director_needs_no_mouse(enter: Enter) -> None:
    page = enter("Directrice · Bèze", "?school=0210749A")
    keyboard = page.keyboard

    tab_to(page, page.get_by_role("tab", name="Accueil"))
    keyboard.press("ArrowRight")
    keyboard.press("Enter")
    found = page.get_by_role("status").filter(has_text="trouvé")
    expect(found).to_have_text("121 comptes trouvés")

    tab_to(page, page.get_by_label("Nom ou prénom"))
    keyboard.type("anemone")
    expect(found).not_to_have_text("121 comptes trouvés")
    tab_to(page, page.get_by_role("textbox", name="Classes"))
    keyboard.type("MS")
    keyboard.press("Enter")
    expect(page).to_have_url(re.compile("class=MS"))
    tab_to(page, page.get_by_role("button", name="Effacer les filtres"))
    keyboard.press("Enter")
    expect(found).to_have_text("121 comptes trouvés")

    tab_to(page, page.get_by_label("Trier par"))
    keyboard.press("ArrowDown")
    expect(page).to_have_url(re.compile("sort=classes"))
    tab_to(page, page.locator(".tabulator-row input[type=checkbox]").first)
    keyboard.press("Space")
    expect(page.get_by_text("Tout sélectionner : 1 sur 121")).to_be_visible()
    tab_to(page, page.get_by_role("button", name="Page suivante"))
    keyboard.press("Enter")
    expect(page.get_by_text("Page 2 sur 5")).to_be_visible()


def test_a_list_is_downloaded_by_keyboard(enter: Enter) -> None:
    page = enter("Directrice · Bèze", "?school=0210749A&tab=responsables")
    expect(page.get_by_role("status").filter(has_text="trouvé")).to_have_text("121 comptes trouvés")
    tab_to(page, page.get_by_role("button", name=re.compile("Lister les comptes en CSV")))
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert download.value.suggested_filename.startswith("comptes_0210749A_")


def test_each_row_says_whom_it_selects(enter: Enter) -> None:
    page = enter("Directrice · Bèze", "?school=0210749A&tab=responsables&q=acacia")
    box = page.get_by_role("checkbox", name="Sélectionner ACACIA Zacharie")
    expect(box).to_be_visible()
