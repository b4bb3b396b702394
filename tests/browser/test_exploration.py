"""An inspector asks, goes down to the school that needs help, and comes back."""

import io
import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect
from pypdf import PdfReader

from dashboard.views.state.inspector_state import Question
from tests.browser.conftest import PHONE, downloaded

Enter = Callable[..., Page]
RECTOR = "Rectorat · Dijon"


def answered(page: Page) -> None:
    """Wait until what is asked last is answered."""
    expect(page.get_by_role("status").filter(has_text="Chiffres du")).to_be_visible()


def question(page: Page, asked: Question) -> Locator:
    return page.get_by_role("navigation", name="Questions").get_by_role("link", name=asked.label)


def heading(page: Page) -> Locator:
    return page.get_by_role("heading", level=2)


def test_from_the_academy_to_the_school_that_needs_help_and_back(explore: Enter) -> None:
    page = explore(RECTOR)
    page.get_by_role("tab", name="Statistiques").click()
    expect(heading(page)).to_have_text("Académie de Dijon")
    page.evaluate("window.sameVisit = true")

    question(page, Question.SCHOOLS).click()
    page.get_by_label("Rien de notifié").check()
    page.get_by_role("button", name="Filtrer").click()
    expect(page).to_have_url(re.compile("question=ecoles&untouched=1$"))
    table = page.get_by_role("table", name="Établissements")
    found = page.get_by_text(re.compile(r"^\d+ établissements? répond"))
    expect(found).to_be_visible()
    listed = found.inner_text()
    school = table.get_by_role("rowheader").first.get_by_role("link")
    expect(school).to_have_attribute("href", re.compile("untouched=1"))
    name = school.inner_text()

    school.click()
    expect(heading(page)).to_have_text(name)
    expect(heading(page)).to_be_focused()
    expect(page).to_have_url(re.compile("place=ecole%2F"))
    expect(page.get_by_role("table", name="L'école")).to_be_visible()

    way = page.get_by_role("navigation", name="Fil d'Ariane")
    way.get_by_role("link", name="Département").click()
    expect(heading(page)).to_have_text(re.compile("^Département"))
    expect(page).to_have_url(re.compile("place=departement%2F.*&question=ecoles&untouched=1$"))
    expect(page.get_by_label("Rien de notifié")).to_be_checked()

    page.go_back()
    expect(heading(page)).to_have_text(name)
    page.go_back()
    expect(heading(page)).to_have_text("Académie de Dijon")
    expect(found).to_have_text(listed)
    page.go_back()
    expect(page.get_by_label("Rien de notifié")).not_to_be_checked()
    assert page.evaluate("window.sameVisit")


def test_a_ranked_page_is_an_address_and_a_file(explore: Enter) -> None:
    page = explore(RECTOR, "?tab=statistiques&question=ecoles&order=-accounts&p=2")
    table = page.get_by_role("table", name="Établissements")
    expect(page.get_by_text(re.compile("Page 2 sur"))).to_be_visible()
    expect(table.get_by_role("columnheader", name="Comptes")).to_have_attribute(
        "aria-sort", "descending"
    )
    expect(table.get_by_role("img", name=re.compile("^de .* à ")).first).to_be_visible()
    button = page.get_by_role("button", name="Télécharger ces établissements en CSV")
    name, content = downloaded(page, button)
    assert name.startswith("etablissements_")
    assert len(content.decode("utf-8-sig").splitlines()) == 1 + 64


def sweep(page: Page, place: int) -> None:
    """Drag over the middle of a chart of the page."""
    plot = page.locator(".bk-events").nth(place)
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    assert box
    across, down = box["width"], box["height"]
    page.mouse.move(box["x"] + 0.35 * across, box["y"] + 0.35 * down)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.55 * across, box["y"] + 0.6 * down, steps=4)
    page.mouse.up()


def found(page: Page, said: str) -> int:
    """How many schools are found, as the page says in these words."""
    told = page.get_by_text(re.compile(rf"^[\d\s]+ établissements{said}"))
    expect(told).to_be_visible()
    return int("".join(re.findall(r"\d", told.inner_text())))


def test_what_is_swept_over_in_a_chart_narrows_the_table_and_is_an_address(explore: Enter) -> None:
    page = explore(RECTOR, "?tab=statistiques&question=ecoles")
    answered(page)
    expect(page.locator("canvas").first).to_be_visible()
    every = found(page, ", en commençant")
    sweep(page, 0)
    expect(page).to_have_url(re.compile(r"question=ecoles&share=\d0-\d9\.99$"))
    expect(page.get_by_label("Part de comptes activés")).to_have_value(re.compile(r"^\d0-"))
    of_share = found(page, " répondent")
    assert 0 < of_share < every
    answered(page)
    sweep(page, 1)
    expect(page).to_have_url(re.compile(r"&share=.*&zone="))
    expect(page.get_by_label("Sur la carte")).to_be_visible()
    of_both = found(page, " répondent")
    assert 0 < of_both < of_share
    rows = page.get_by_role("table", name="Établissements").get_by_role("rowheader")
    expect(rows).to_have_count(min(of_both, 25))
    page.get_by_label("Part de comptes activés").select_option("toutes")
    page.get_by_role("button", name="Filtrer").click()
    expect(page).to_have_url(re.compile(r"question=ecoles&zone="))
    page.reload()
    expect(page.get_by_label("Sur la carte")).to_be_visible()
    assert of_both < found(page, " répondent") < every


def test_a_department_has_a_brief_of_each_district_and_keeps_the_focus(explore: Enter) -> None:
    page = explore(RECTOR, "?tab=statistiques&place=departement/021")
    button = page.get_by_role("button", name=re.compile(r"^Fiches des \d+ circonscriptions"))
    name, content = downloaded(page, button)
    assert re.fullmatch(r"fiches_departement-21_[\d-]+\.pdf", name)
    pages = len(PdfReader(io.BytesIO(content)).pages)
    expect(button).to_have_text(f"Fiches des {pages} circonscriptions (PDF)")
    expect(button).to_be_focused()


@pytest.mark.parametrize("asked", Question)
def test_every_question_passes_axe_and_a_phone_scrolls_tables_only(
    explore: Enter, asked: Question
) -> None:
    page = explore(RECTOR, f"?tab=statistiques&question={asked}", PHONE)
    answered(page)
    if asked is not Question.SITUATION:
        expect(page.locator("canvas").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    violations = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in violations] == []


def test_a_place_of_others_is_not_accessible(explore: Enter) -> None:
    page = explore(
        "Inspecteur · Circonscription Dijon Est", "?tab=statistiques&place=ecole/0580189R"
    )
    expect(heading(page)).to_have_text("Ce lieu ne vous est pas accessible.")
    page.get_by_role("link", name="Revenir à mes établissements").click()
    expect(heading(page)).to_have_text("Circonscription Dijon Est")
