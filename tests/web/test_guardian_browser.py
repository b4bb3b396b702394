"""The public pages in a browser: a phone, a keyboard, no script, a screen reader's eyes."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from dashboard.domain.account import State
from dashboard.domain.credentials import Purpose, password_problem
from dashboard.domain.message import MessageKind
from tests.browser.conftest import PHONE
from tests.browser.test_accessibility import tab_to
from tests.web.conftest import Site
from tests.web.guardians import EMAIL, OWN, SHEET, eventually

Open = Callable[..., Page]
NARROW = {"width": 320, "height": 640}
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def sign_in(page: Page, site: Site, number: int, password: str) -> None:
    page.goto(site.address)
    page.get_by_label("Identifiant", exact=True).fill(site.guardians.identifier(number))
    page.get_by_label("Mot de passe", exact=True).fill(password)
    page.get_by_role("button", name="Se connecter").click()


def link(site: Site, number: int, purpose: Purpose) -> str:
    return f"{site.address}/lien/{site.guardians.link(number, purpose)}"


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


# The whole life


def test_a_guardian_activates_on_a_phone(site: Site, open_page: Open) -> None:
    number = site.guardians.add(State.NOTIFIED, SHEET)
    page = open_page(viewport=PHONE)
    sign_in(page, site, number, "ABCD 2345 EFGH")
    heading(page, "Choisir votre mot de passe")
    expect(page.get_by_text("Mme MARTIN Léa")).to_be_visible()
    expect(page.get_by_label("Votre adresse électronique")).to_have_value(EMAIL)

    password = page.get_by_label("Mot de passe", exact=True)
    password.fill("court")
    expect(page.get_by_role("status")).to_contain_text("Trop court")
    page.get_by_role("button", name="Continuer").click()
    alert = page.get_by_role("alert")
    expect(alert).to_be_focused()
    expect(password).to_have_attribute("aria-invalid", "true")
    alert.get_by_role("link").click()
    expect(password).to_be_focused()

    page.get_by_role("button", name="Afficher le mot de passe").click()
    expect(password).to_have_attribute("type", "text")
    password.fill(OWN)
    expect(page.get_by_role("status")).to_have_text("Très solide.")
    page.get_by_role("button", name="Masquer le mot de passe").click()
    expect(password).to_have_attribute("type", "password")
    page.get_by_role("button", name="Continuer").click()

    heading(page, "Presque terminé")
    expect(page.get_by_text(EMAIL).first).to_be_visible()
    first = site.guardians.last_link(number)
    page.get_by_role("button", name="Renvoyer le courriel").click()
    expect(page.get_by_role("status")).to_contain_text("Un nouveau courriel est parti")
    page.goto(f"{site.address}/lien/{first}")
    heading(page, "Ce lien n'est plus valable")
    page.goto(f"{site.address}/lien/{site.guardians.last_link(number)}")
    page.get_by_role("button", name="Activer mon compte").click()
    heading(page, "Votre compte est activé")
    assert site.guardians.state(number) is State.ACTIVATED
    page.get_by_role("button", name="Se déconnecter").click()
    expect(page.get_by_role("status")).to_have_text("Vous êtes déconnecté.")
    sign_in(page, site, number, OWN)
    heading(page, "Votre compte est activé")


def test_a_guardian_needs_no_script(site: Site, open_page: Open) -> None:
    number = site.guardians.add(State.NOT_NOTIFIED)
    site.guardians.notify_by_email(number)
    page = open_page(viewport=PHONE, java_script_enabled=False)
    page.goto(f"{site.address}/lien/{site.guardians.last_link(number)}")
    page.get_by_role("button", name="Choisir mon mot de passe").click()
    expect(page.get_by_role("button", name="Afficher")).to_have_count(0)
    page.get_by_label("Mot de passe", exact=True).fill(OWN)
    page.get_by_label("une seconde fois").fill(OWN + "x")
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("différents")
    page.get_by_label("Mot de passe", exact=True).fill(OWN)
    page.get_by_label("une seconde fois").fill(OWN)
    page.get_by_role("button", name="Continuer").click()
    heading(page, "Presque terminé")
    page.goto(f"{site.address}/lien/{site.guardians.last_link(number)}")
    assert site.guardians.state(number) is State.ACTIVATING
    page.get_by_role("button", name="Activer mon compte").click()
    heading(page, "Votre compte est activé")


def test_a_guardian_needs_no_mouse(site: Site, open_page: Open) -> None:
    number = site.guardians.add(State.ACTIVATED, OWN)
    page = open_page()
    keyboard = page.keyboard
    page.goto(site.address)
    keyboard.press("Tab")
    expect(page.get_by_role("link", name="Aller au contenu")).to_be_focused()
    keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    tab_to(page, page.get_by_role("link", name="oublié"))
    keyboard.press("Enter")
    tab_to(page, page.get_by_label("Votre adresse électronique"))
    keyboard.type(EMAIL)
    keyboard.press("Enter")
    heading(page, "Regardez votre messagerie")
    assert eventually(lambda: site.guardians.messages(number) != [])
    [(kind, _, token)] = site.guardians.messages(number)
    assert kind is MessageKind.RECOVERY

    page.goto(f"{site.address}/lien/{token}")
    tab_to(page, page.get_by_role("button", name="Choisir un nouveau mot de passe"))
    keyboard.press("Enter")
    expect(page.get_by_label("Mot de passe", exact=True)).to_be_visible()
    tab_to(page, page.get_by_label("Mot de passe", exact=True))
    keyboard.type("pivoine sauterelle")
    tab_to(page, page.get_by_role("button", name="Afficher le mot de passe"))
    keyboard.press("Space")
    expect(page.get_by_role("button", name="Masquer le mot de passe")).to_be_focused()
    tab_to(page, page.get_by_role("button", name="Enregistrer le mot de passe"))
    keyboard.press("Enter")
    heading(page, "Votre compte est activé")
    assert site.guardians.enter(number, "pivoine sauterelle").account_id == number


# Links


def test_a_link_followed_from_a_webmail_activates_by_a_click(site: Site, open_page: Open) -> None:
    number = site.guardians.add(State.ACTIVATING, OWN)
    page = open_page()
    page.goto(site.address)  # a visitor who has been here before
    page.goto(f"http://localhost:{site.port}/activation")  # to the browser, another site
    page.evaluate("to => { location.href = to }", link(site, number, Purpose.ACTIVATE))
    page.get_by_role("button", name="Activer mon compte").click()
    heading(page, "Votre compte est activé")
    page.go_back()
    heading(page, "Ce lien n'est plus valable")
    expect(page.get_by_text("C'est sans doute fait")).to_be_visible()


STATES = {
    Purpose.CHOOSE_PASSWORD: State.NOTIFIED,
    Purpose.ACTIVATE: State.ACTIVATING,
    Purpose.RECOVER: State.ACTIVATED,
}


@pytest.mark.parametrize("purpose", [Purpose.CHOOSE_PASSWORD, Purpose.RECOVER])
def test_a_link_leads_to_the_choice_of_a_password(
    site: Site, open_page: Open, purpose: Purpose
) -> None:
    page = open_page()
    page.goto(link(site, site.guardians.add(STATES[purpose]), purpose))
    page.get_by_role("button", name="Choisir").click()
    expect(page).to_have_url(f"{site.address}/mot-de-passe")


@pytest.mark.parametrize("purpose", Purpose)
def test_a_mail_scanner_that_runs_scripts_uses_no_link_up(
    site: Site, open_page: Open, purpose: Purpose
) -> None:
    number = site.guardians.add(STATES[purpose], OWN)
    before, address = site.guardians.holder(number), link(site, number, purpose)
    scanner = open_page()
    sent: list[str] = []
    scanner.on("request", lambda request: sent.append(request.method))
    for _ in range(2):
        scanner.goto(address, wait_until="networkidle")
    expect(scanner.get_by_role("button")).to_have_count(1)
    assert set(sent) == {"GET"}
    assert site.guardians.holder(number) == before
    reader = open_page()
    reader.goto(address)
    reader.locator("form button").click()
    expect(reader).not_to_have_url(address)
    expect(reader.get_by_role("heading", name="n'est plus valable")).to_have_count(0)


def test_a_form_is_sent_once_however_often_its_button_is_pressed(
    site: Site, open_page: Open
) -> None:
    number = site.guardians.add(State.ACTIVATING, OWN)
    page = open_page()
    sign_in(page, site, number, OWN)
    page.get_by_role("button", name="Renvoyer").dblclick()
    expect(page.get_by_role("status")).to_be_visible()
    assert len(site.guardians.messages(number)) == 1


# The estimate of a password


JUDGED = [
    "", "a", "aaaaaaaaaaa", "abcdefghijk", "aB3!aB3", "aB3!aB3!", "12345678901234",
    "1234567890123456", "éàüßé", "éàüßéàüßéàüß", "ÀÉÎÕÜ", "mot de passe", "pivoine 7",
    "🦔🦔🦔🦔🦔", "Zx9~Zx9~",
]  # fmt: skip
GUESSED = ["Azertyuiop12", "aaaaaaaaaaaaaaa", "14b9-739k-14b9", "Martin-Lea-Martin"]


def test_the_page_finds_too_short_what_the_server_does_and_warns_of_what_is_guessed(
    site: Site, open_page: Open
) -> None:
    page = open_page()
    sign_in(page, site, site.guardians.add(State.NOTIFIED, SHEET), SHEET)
    field, meter = page.get_by_label("Mot de passe", exact=True), page.locator(".strength")
    for text in JUDGED:
        field.fill("-")
        field.fill(text)
        is_short = meter.get_attribute("data-level") in {"0", "1"}
        assert is_short == bool(password_problem(text)), text
    for text in GUESSED:
        field.fill(text)
        assert meter.get_attribute("data-level") == "2", text
    expect(page.get_by_role("status")).to_contain_text("facile à deviner")


# Every page


def every_page(site: Site, page: Page) -> list[Callable[[], object]]:
    """Ways to each page, with errors and without."""
    guardians = site.guardians
    notified = guardians.add(State.NOTIFIED, SHEET)
    activating = guardians.add(State.ACTIVATING, OWN)
    activated = guardians.add(State.ACTIVATED, OWN)

    def send_bad_choice() -> None:
        sign_in(page, site, notified, SHEET)
        page.get_by_label("Votre adresse électronique").fill("lea")
        page.get_by_role("button", name="Continuer").click()
        expect(page.get_by_role("alert")).to_be_focused()

    return [
        lambda: page.goto(f"{site.address}?avis=quitte"),
        lambda: sign_in(page, site, notified, "wrong"),
        lambda: sign_in(page, site, notified, SHEET),
        send_bad_choice,
        lambda: sign_in(page, site, activating, OWN),
        lambda: sign_in(page, site, activated, OWN),
        lambda: page.goto(f"{site.address}/oubli"),
        lambda: page.goto(f"{site.address}/oubli/envoye"),
        lambda: page.goto(link(site, activating, Purpose.ACTIVATE)),
        lambda: page.goto(f"{site.address}/lien/none"),
        lambda: page.goto(f"{site.address}/none"),
    ]


def told(violations: list[dict[str, Any]], page: Page) -> list[str]:
    return [f"{page.url} {one['id']}: {one['nodes'][0]['html']}" for one in violations]


def test_axe_finds_nothing_on_any_page_in_the_light_or_in_the_dark(
    site: Site, open_page: Open
) -> None:
    page = open_page(viewport=PHONE, color_scheme="light")
    found, titles = [], set()
    for visit in every_page(site, page):
        page.emulate_media(color_scheme="light")
        visit()
        titles.add(page.title())
        found += told(Axe().run(page).response["violations"], page)
        page.emulate_media(color_scheme="dark")
        dark = page.evaluate("axe.run({ runOnly: ['color-contrast'] })")
        assert dark["passes"]
        found += told(dark["violations"], page)
    assert found == []
    assert len(titles) == 11


def test_zoomed_in_no_page_scrolls_sideways_and_buttons_are_thumb_sized(
    site: Site, open_page: Open
) -> None:
    page = open_page(viewport=NARROW)
    for visit in every_page(site, page):
        visit()
        assert page.evaluate(OVERFLOW) <= 0, page.url
        heights = page.locator("button:visible, a.btn, .entry input").evaluate_all(
            "all => all.map(one => one.getBoundingClientRect().height)"
        )
        assert min(heights, default=44) >= 44, page.url
