"""An administrator manages the staff on the screen."""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime

import pytest
from playwright.sync_api import Locator, Page, expect

from dashboard.actions.users import add
from dashboard.domain.scope import Area, Role
from tests.browser.conftest import LAPTOP, PHONE
from tests.browser.test_accessibility import tab_to, violations
from tests.rights.service import GOOD, SERVER, SULPICE, TODAY, Site, served

HOSTILE = "<img src=x onerror=window.stolen=1>"
Visit = Callable[..., Page]


@pytest.fixture
def site() -> Iterator[Site]:
    with served() as one:
        one.clock.now = datetime.now()
        add(one.store, SERVER, TODAY, "<b>x", HOSTILE, Role.DEPUTY, {(Area.SCHOOLS, SULPICE)}, GOOD)
        yield one


@pytest.fixture
def visit(site: Site, open_page: Callable[..., Page]) -> Visit:
    def visit_as(login: str = "alice", password: str = GOOD, viewport: object = LAPTOP) -> Page:
        page = open_page(viewport)
        page.goto(f"http://127.0.0.1:{site.port}/comptes?tab=utilisateurs")
        sign_in(page, login, password)
        return page

    return visit_as


def sign_in(page: Page, login: str, password: str) -> None:
    page.get_by_label("Identifiant").fill(login)
    page.get_by_label("Mot de passe", exact=True).fill(password)
    page.get_by_role("button", name="Se connecter").click()


def people(page: Page) -> Locator:
    return page.get_by_role("table", name="Utilisateurs").get_by_role("rowheader")


def press_until(button: Locator, shown: Locator) -> None:
    """Press a button until it has had its effect: what was typed last may arrive after it."""

    def pressed() -> None:
        if button.is_visible():
            button.click()
        expect(shown).to_be_visible(timeout=1000)

    for _ in range(5):
        with suppress(AssertionError):
            pressed()
            return
    pressed()


def add_zoe(page: Page) -> str:
    """Add a director on the screen; their provisional password."""
    page.get_by_role("button", name="Ajouter un utilisateur").click()
    dialog = page.get_by_role("dialog", name="Ajouter un utilisateur")
    dialog.get_by_label("Identifiant").fill("zoe")
    dialog.get_by_label("Nom affiché").fill("Zoé Exemple")
    dialog.get_by_label("Lieux").fill(SULPICE)
    password = page.get_by_role("dialog").locator("code")
    press_until(dialog.get_by_role("button", name="Ajouter"), password)
    return password.inner_text()


def test_a_person_is_added_and_chooses_a_password_at_the_first_sign_in(
    site: Site, visit: Visit
) -> None:
    page = visit()
    expect(people(page)).to_have_count(6)
    given = add_zoe(page)
    page.get_by_role("dialog").get_by_role("button", name="Fermer").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(people(page)).to_have_count(7)
    assert given not in page.content()

    theirs = visit("zoe", given)
    expect(theirs.get_by_role("heading", name="Choisir votre mot de passe")).to_be_visible()
    theirs.get_by_label("Nouveau mot de passe", exact=True).fill("Clairon-rouge-17")
    theirs.get_by_role("button", name="Enregistrer").click()
    expect(theirs.get_by_text("Zoé Exemple – Directeur")).to_be_visible()
    expect(theirs.get_by_role("tab", name="Utilisateurs")).to_have_count(0)


def test_disabling_a_person_closes_their_open_page_at_once(site: Site, visit: Visit) -> None:
    theirs, page = visit("claire"), visit()
    expect(theirs.get_by_role("tab", name="Responsables")).to_be_visible()
    people(page).get_by_role("button", name="Claire").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Désactiver").click()
    expect(dialog.get_by_text("ne pourra plus se connecter")).to_be_visible()
    dialog.get_by_role("button", name="Confirmer").dblclick()
    expect(dialog.get_by_role("button", name="Réactiver")).to_be_visible()
    expect(theirs.get_by_text("Votre connexion est terminée")).to_be_visible()
    entries = site.store.rows(
        "SELECT actor, login FROM staff_journal WHERE action = 'DISABLE_STAFF'"
    )
    assert entries == [("Alice", "claire")]


def test_an_administrator_cannot_lock_themself_out(visit: Visit) -> None:
    page = visit()
    people(page).get_by_role("button", name="Alice").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Désactiver").click()
    dialog.get_by_role("button", name="Confirmer").click()
    expect(dialog.get_by_role("status")).to_have_text(re.compile("votre propre compte"))


def test_staff_are_searched_and_an_empty_result_says_so(visit: Visit) -> None:
    page = visit()
    page.get_by_label("Rechercher").fill("denis")
    expect(people(page)).to_have_text(["Denis"])
    page.get_by_label("Rechercher").fill("personne-de-ce-nom")
    expect(page.get_by_text("Personne ne répond à cette recherche")).to_be_visible()


def test_a_hostile_name_stays_text(visit: Visit) -> None:
    page = visit()
    people(page).get_by_role("button", name=HOSTILE).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name=HOSTILE)).to_be_visible()
    dialog.get_by_role("button", name="Réinitialiser le mot de passe").click()
    expect(dialog.get_by_text(f"{HOSTILE} recevra")).to_be_visible()
    assert page.evaluate("window.stolen") is None


def test_on_a_phone_and_a_laptop_axe_finds_nothing_at_all(visit: Visit) -> None:
    page = visit(viewport=PHONE)
    expect(people(page)).to_have_count(6)
    assert violations(page, PHONE, LAPTOP) == []
    people(page).get_by_role("button", name="Denis").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Lieux")).to_have_value(SULPICE)
    assert violations(page, PHONE, LAPTOP) == []
    dialog.get_by_role("button", name="Réinitialiser le mot de passe").click()
    expect(dialog.get_by_text("recevra un mot de passe provisoire")).to_be_visible()
    assert violations(page, PHONE, LAPTOP) == []
    dialog.get_by_role("button", name="Confirmer").click()
    expect(dialog.locator("code")).to_be_visible()
    assert violations(page, PHONE, LAPTOP) == []


def test_an_administrator_needs_no_mouse(visit: Visit) -> None:
    page = visit()
    expect(people(page)).to_have_count(6)
    tab_to(page, people(page).get_by_role("button", name="Denis"))
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    tab_to(page, dialog.get_by_role("button", name="Désactiver"))
    page.keyboard.press("Enter")
    tab_to(page, dialog.get_by_role("button", name="Annuler"))
    page.keyboard.press("Enter")
    tab_to(page, dialog.get_by_role("button", name="Fermer"))
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(people(page).get_by_role("button", name="Denis")).to_be_focused()


def test_ones_own_password_is_changed_on_a_plain_page(visit: Visit) -> None:
    page = visit("denis")
    page.get_by_role("link", name="Changer de mot de passe").click()
    page.get_by_label("Mot de passe actuel", exact=True).fill("faux")
    page.get_by_label("Nouveau mot de passe", exact=True).fill("Clairon-rouge-17")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("alert")).to_contain_text("Ce n'est pas votre mot de passe actuel")
    assert violations(page) == []
    page.get_by_label("Mot de passe actuel", exact=True).fill(GOOD)
    page.get_by_label("Nouveau mot de passe", exact=True).fill("Clairon-rouge-17")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("Denis – Adjoint")).to_be_visible()
