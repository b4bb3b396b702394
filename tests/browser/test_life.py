"""The whole life of an account: from the school's list, over paper or mail, to its activation."""

import io
import re
from collections.abc import Callable

from playwright.sync_api import Page, expect
from pypdf import PdfReader

from dashboard.domain.account import State
from dashboard.domain.action import Action
from dashboard.domain.people import ListedAccount
from tests.browser.conftest import (
    DIRECTOR_OF_NOIRON,
    NOIRON,
    PHONE,
    Cast,
    Enter,
    ask,
    check,
    confirm,
    downloaded,
    history_of,
    list_at,
    open_detail,
    row_of,
    state_of,
    tick,
)
from tests.mail_server import MailServer

PASSWORD = "trois loutres et un parapluie"
OpenPage = Callable[..., Page]


def sheet_of(page: Page, listed: ListedAccount, action: Action) -> tuple[str, str, str]:
    """Hand an account out on paper; the address, identifier and password that are printed."""
    tick(page, listed)
    dialog = ask(page, action)
    if action is Action.RESET:  # of what was handed out a moment ago
        dialog.get_by_role("radio", name=re.compile("Les traiter aussi")).check()
    confirm(dialog)
    _, content = downloaded(page, dialog.get_by_role("button", name="Télécharger les feuilles"))
    dialog.get_by_role("button", name="Fermer").click()
    text = "\n".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(content)).pages)
    [address] = re.findall(r"http://\S+/activation", text)
    [identifier] = re.findall(r"Identifiant\s+(\S+)", text)
    [password] = re.findall(r"Mot de passe provisoire\s+(\S+)", text)
    return address, identifier, password


def sign_in(page: Page, address: str, identifier: str, password: str) -> None:
    page.goto(address)
    page.get_by_label("Identifiant").fill(identifier)
    page.get_by_label("Mot de passe", exact=True).fill(password)
    page.get_by_role("button", name="Se connecter").click()


def choose_password(page: Page) -> None:
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_role("heading", name="Presque terminé")).to_be_visible()


def link_in_mail(post: MailServer, recipient: str, count: int = 1) -> str:
    """The link of the message that is, so far, the newest of so many to an address."""
    post.wait_for(count, recipient)
    message = post.messages(recipient)[count - 1]
    [link] = re.findall(r"http://\S+/lien/\S+", message.get_content())
    return str(link)


def follow(page: Page, link: str) -> None:
    """Open a link of a message and press what its page offers."""
    page.goto(link)
    page.locator("main form button").click()


def expect_activated(page: Page, listed: ListedAccount) -> None:
    expect(page.get_by_role("heading", name="Votre compte est activé")).to_be_visible()
    expect(page.get_by_text(listed.account.identifier)).to_be_visible()


def resent_link(act: Enter, post: MailServer, listed: ListedAccount) -> str:
    """Send a guardian who has chosen a password the link that activates the account."""
    page = act(DIRECTOR_OF_NOIRON, list_at())
    tick(page, listed)
    confirm(ask(page, Action.RESEND))
    return link_in_mail(post, listed.guardian.email)


def test_a_sheet_leads_a_guardian_to_an_activated_account(
    act: Enter, open_page: OpenPage, cast: Cast, post: MailServer
) -> None:
    listed, email = cast.take(State.NOT_NOTIFIED, has_email=False), "une.feuille@famille.example"
    director = act(DIRECTOR_OF_NOIRON, list_at())
    address, identifier, password = sheet_of(director, listed, Action.NOTIFY_BY_SHEET)
    phone = open_page(PHONE)
    sign_in(phone, address, identifier, password)
    phone.get_by_label("Votre adresse électronique").fill(email)
    choose_password(phone)
    expect(state_of(director, listed)).to_have_text("en cours d'activation")
    follow(phone, link_in_mail(post, email))
    expect_activated(phone, listed)
    expect(history_of(open_detail(director, listed))).to_contain_text(
        [
            "Par",
            "Compte activé par le responsable : en cours d'activation → activé",
            "Mot de passe choisi par le responsable : notifié et non activé → en cours",
            "Connexion du responsable",
            "Notifié par feuille : non notifié → notifié et non activé",
            "Compte créé par un import",
        ]
    )


def test_a_message_leads_a_guardian_to_an_activated_account(
    act: Enter, open_page: OpenPage, cast: Cast, post: MailServer
) -> None:
    listed = cast.take(State.NOT_NOTIFIED)
    director = act(DIRECTOR_OF_NOIRON, list_at())
    tick(director, listed)
    confirm(ask(director, Action.NOTIFY_BY_EMAIL))
    phone = open_page(PHONE)
    follow(phone, link_in_mail(post, listed.guardian.email))
    expect(phone.get_by_label("Votre adresse électronique")).to_have_value(listed.guardian.email)
    choose_password(phone)
    follow(phone, link_in_mail(post, listed.guardian.email, count=2))
    expect_activated(phone, listed)
    expect(state_of(director, listed)).to_have_text("activé")


def test_a_new_sheet_replaces_the_one_before(act: Enter, open_page: OpenPage, cast: Cast) -> None:
    listed = cast.take(State.NOT_NOTIFIED)
    director = act(DIRECTOR_OF_NOIRON, list_at())
    lost = sheet_of(director, listed, Action.NOTIFY_BY_SHEET)
    found = sheet_of(director, listed, Action.RESET)
    phone = open_page(PHONE)
    sign_in(phone, *lost)
    expect(phone.get_by_text("Identifiant ou mot de passe incorrect.")).to_be_visible()
    sign_in(phone, *found)
    expect(phone.get_by_role("heading", name="Choisir votre mot de passe")).to_be_visible()


def test_open_statistics_count_an_activation_meanwhile(
    act: Enter, open_page: OpenPage, cast: Cast, post: MailServer
) -> None:
    listed = cast.take(State.ACTIVATING)
    link = resent_link(act, post, listed)
    inspector = act(DIRECTOR_OF_NOIRON, f"?school={NOIRON}&tab=statistiques")
    structure = inspector.get_by_role(
        "table", name="Synthèse des comptes responsables de la structure"
    )
    cells = structure.get_by_role("cell")
    expect(cells).to_have_count(7)
    total, not_notified, notified, activating, activated, *_ = map(int, cells.all_inner_texts()[:5])
    inspector.evaluate("window.sameVisit = true")
    inspector.get_by_text("Synthèse des comptes responsables par classe et niveau").first.click()
    crossed = inspector.get_by_role(
        "table", name="Synthèse des comptes responsables par classe et niveau"
    )
    before = crossed.inner_text()
    phone = open_page(PHONE)
    follow(phone, link)
    expect_activated(phone, listed)
    after = [total, not_notified, notified, activating - 1, activated + 1]
    expect(cells).to_have_text([*map(str, after), re.compile("%"), re.compile("%")])
    expect(crossed).not_to_have_text(before, use_inner_text=True)
    expect(crossed).to_be_visible()
    assert inspector.evaluate("window.sameVisit")


def test_an_open_list_shows_an_activation_and_keeps_everything_else(
    act: Enter, open_page: OpenPage, cast: Cast, post: MailServer
) -> None:
    listed = cast.take(State.ACTIVATING)
    link = resent_link(act, post, listed)
    page = act(DIRECTOR_OF_NOIRON, list_at("&email=known&sort=-state"))
    place = page.get_by_role("status").filter(has_text="Page")
    expect(place).to_have_text("Page 1 sur 5")
    row, first = row_of(page, listed), page.locator(".tabulator-row").first
    while not row.count():
        before = first.inner_text()
        page.get_by_role("button", name="Page suivante").click()
        expect(first).not_to_have_text(before)
    seen = page.url, place.inner_text()
    check(row.get_by_role("checkbox"))
    expect(page.get_by_text("Tout sélectionner : 1 sur")).to_be_visible()
    name = row.get_by_role("link")
    name.focus()
    phone = open_page(PHONE)
    follow(phone, link)
    expect_activated(phone, listed)
    expect(state_of(page, listed)).to_have_text("activé")
    expect(name).to_be_focused()
    expect(row.get_by_role("checkbox")).to_be_checked()
    assert (page.url, place.inner_text()) == seen
