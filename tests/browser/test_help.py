"""What the screen explains beside its controls, with a mouse, by keyboard and on a phone."""

import re

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from dashboard.domain.action import BULK_ACTIONS
from dashboard.guides.help import HELP, Help
from tests.browser.conftest import DIRECTOR_OF_NOIRON, LAPTOP, PHONE, Enter, list_at, open_row
from tests.browser.test_accessibility import AT_REST, tab_to, violations

PLACES = [
    ("actions", list_at()),
    ("filters", list_at()),
    ("percentages", "?school=0210749A&tab=statistiques"),
]


@pytest.mark.parametrize(("subject", "query"), PLACES)
def test_a_help_button_explains_within_the_screen(enter: Enter, subject: str, query: str) -> None:
    page, help_ = enter(DIRECTOR_OF_NOIRON, query, PHONE), HELP[subject]
    for viewport in (PHONE, LAPTOP):
        page.set_viewport_size(viewport)
        explains_within(page, help_, viewport)


def explains_within(page: Page, help_: Help, viewport: ViewportSize) -> None:
    button = page.get_by_role("button", name=help_.title)
    expect(button).to_have_attribute("aria-expanded", "false")
    button.click()
    expect(button).to_have_attribute("aria-expanded", "true")
    note = page.get_by_role("region", name=help_.title)
    expect(note.get_by_role("term")).to_have_text([term for term, _ in help_.terms])
    expect(note.get_by_role("link")).to_have_attribute("href", f".{help_.address}")
    frame = note.bounding_box()
    assert frame is not None
    assert frame["x"] >= 0
    assert frame["x"] + frame["width"] <= viewport["width"]
    assert frame["y"] >= 0
    assert frame["y"] + frame["height"] <= viewport["height"]
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(note).to_be_hidden()
    expect(button).to_have_attribute("aria-expanded", "false")


def test_help_in_an_account_is_left_by_escape_before_the_account(enter: Enter) -> None:
    page = enter(DIRECTOR_OF_NOIRON, list_at())
    open_row(page.locator(".tabulator-row a").first)
    account = page.get_by_role("dialog", name="Détail du compte")
    expect(account.get_by_role("table", name="Historique")).to_be_visible()
    button = account.get_by_role("button", name=HELP["actions"].title)
    page.wait_for_function(AT_REST)  # a window that still opens takes the focus
    tab_to(page, button)
    button.press("Enter")
    note = page.get_by_role("region", name=HELP["actions"].title)
    expect(note).to_contain_text(BULK_ACTIONS[0].label)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(note.get_by_role("link")).to_be_focused()
    page.keyboard.press("Escape")
    expect(note).to_be_hidden()
    expect(account).to_be_visible()
    page.keyboard.press("Escape")
    expect(account).to_be_hidden()


def test_help_leads_to_its_section_of_the_guide(enter: Enter) -> None:
    page = enter(DIRECTOR_OF_NOIRON, list_at())
    page.get_by_role("button", name=HELP["filters"].title).click()
    with page.expect_popup() as opened:
        page.get_by_role("link", name=re.compile("En savoir plus")).click()
    expect(opened.value.get_by_role("heading", name="Filtrer la liste")).to_be_in_viewport()
