"""An inspector puts last school year beside this one."""

import re
from collections.abc import Callable
from datetime import date

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from dashboard.domain.school_year import SchoolYear
from dashboard.views.state.inspector_state import Question
from tests.browser.conftest import PHONE

LAST = SchoolYear(SchoolYear.of(date.today()).begins - 1)


def test_last_school_year_is_chosen_by_keyboard_drawn_told_and_listed(
    explore: Callable[..., Page],
) -> None:
    page = explore("Rectorat · Dijon", f"?tab=statistiques&question={Question.COURSE}", PHONE)
    choice = page.get_by_label("Comparer avec")
    expect(choice.get_by_role("option", name=f"l'{LAST.label}")).to_be_attached()
    choice.press(f"l'{LAST.label}"[0])
    page.get_by_role("button", name="Afficher").press("Enter")
    expect(page).to_have_url(re.compile(f"with=annee%2F{LAST.begins}"))
    expect(page.get_by_text("Au même moment l'an dernier")).to_be_visible()
    expect(choice).to_have_value(f"annee/{LAST.begins}")
    expect(page.locator("canvas").first).to_be_visible()
    expect(page.get_by_text(LAST.label, exact=True)).to_be_visible()  # in the legend
    page.locator("summary", has_text="semaine par semaine").press("Enter")
    heading = page.get_by_role("columnheader", name=f"% activés, {LAST.label}")
    expect(heading).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    violations = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in violations] == []
