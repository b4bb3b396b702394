"""Acting on accounts: the dialogs of an account and of an action, and what they leave behind."""

import csv
import io
import re

import pytest
from playwright.sync_api import Locator, Page, expect
from pypdf import PdfReader

from dashboard.domain.account import State
from dashboard.domain.action import Action
from dashboard.domain.people import ListedAccount
from tests.browser.conftest import (
    DIRECTOR_OF_NOIRON,
    Cast,
    Enter,
    ask,
    check,
    confirm,
    downloaded,
    find,
    history_of,
    list_at,
    open_detail,
    open_row,
    state_of,
    tick,
    waiting,
)
from tests.mail_server import MailServer

OTHER_DIRECTOR = "Directeur · Saint-Sulpice"
OTHER_SCHOOL = "?tab=responsables"
TWO_SCHOOLS = "ACACIA Zacharie"
NOT_HERE = "Ce compte n'est pas, ou n'est plus, dans cet établissement."
KEPT_DOCUMENTS = """() => Bokeh.documents.flatMap((document) => [...document._all_models.values()])
  .filter((model) => String(model.attributes.data).startsWith("data:application/pdf")).length"""


def button(within: Page | Locator, action: Action) -> Locator:
    return within.get_by_role("button", name=action.label)


def detail_of(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Détail du compte")


def fact(detail: Locator, term: str) -> Locator:
    return detail.locator("dl > div", has_text=term).get_by_role("definition")


def save(detail: Locator) -> None:
    """Press the button for as long as a hand does: what was typed just before comes first."""
    button(detail, Action.CORRECT).click(delay=150)


def close(dialog: Locator) -> None:
    dialog.get_by_role("button", name="Fermer").last.click()
    expect(dialog).to_be_hidden()


# Before an action: which are possible, and what is asked


def test_without_a_selection_the_list_says_to_select_first(enter: Enter) -> None:
    page = enter(DIRECTOR_OF_NOIRON, list_at())
    expect(page.get_by_text("Cochez des comptes pour les notifier")).to_be_visible()
    expect(button(page, Action.NOTIFY_BY_SHEET)).to_be_disabled()


@pytest.mark.parametrize(
    ("query", "action", "why"),
    [
        ("&state=ACTIVATED&origin=SCHOOL", Action.NOTIFY_BY_SHEET, "compte déjà activé"),
        ("&state=NOT_NOTIFIED&email=unknown", Action.NOTIFY_BY_EMAIL, "adresse de messagerie inc"),
        ("&state=NOT_NOTIFIED", Action.RESET, "compte pas encore notifié : notifiez-le d'abord"),
        ("&origin=FRANCECONNECT", Action.RESET, "compte FranceConnect : aucun mot de passe"),
        ("&state=NOTIFIED", Action.RESEND, "activation pas commencée"),
    ],
)
def test_a_disabled_button_says_why(enter: Enter, query: str, action: Action, why: str) -> None:
    page = enter(DIRECTOR_OF_NOIRON, list_at(query))
    check(page.locator(".tabulator-row").first.get_by_role("checkbox"))
    expect(page.get_by_text(f"{action.label} – {why}")).to_be_visible()
    expect(button(page, action)).to_be_disabled()


def test_the_question_names_action_number_and_who_is_skipped_and_why(
    enter: Enter, cast: Cast
) -> None:
    page = enter(DIRECTOR_OF_NOIRON, list_at())
    notified, activated = cast.take(State.NOTIFIED), cast.activated
    tick(page, notified, cast.take(State.NOT_NOTIFIED), activated)
    dialog = ask(page, Action.NOTIFY_BY_SHEET)
    said = dialog.get_by_role("paragraph")
    for words in (
        "Notifier par feuilles : 2 personnes.",
        re.compile(r"^1 déjà notifié, le dernier le \d\d/\d\d/\d{4}\.$"),
        "2 comptes cochés sont hors des filtres actuels.",
        re.compile("nouveau mot de passe provisoire.*trois mois.*précédents ne valent plus"),
        re.compile(r"^Adresse d'activation imprimée : http://127.0.0.1:\d+/activation$"),
        "1 compte sera passé :",
    ):
        expect(said.filter(has_text=words)).to_have_count(1)
    expect(dialog.get_by_role("listitem")).to_have_text(
        ["1 compte – compte déjà activé : rien à notifier"]
    )


def test_without_a_mail_server_the_list_and_the_question_say_so(enter: Enter, cast: Cast) -> None:
    page = enter(DIRECTOR_OF_NOIRON, list_at())
    warning = "Aucun serveur de messagerie n'est configuré"
    expect(page.get_by_text(warning)).to_be_visible()
    tick(page, cast.take(State.NOT_NOTIFIED))
    expect(ask(page, Action.NOTIFY_BY_EMAIL).get_by_text(warning)).to_be_visible()


def test_with_a_mail_server_no_warning_is_shown(act: Enter) -> None:
    page = act(DIRECTOR_OF_NOIRON, list_at())
    expect(page.get_by_role("status").filter(has_text="trouvé")).to_be_visible()
    expect(page.get_by_text("Aucun serveur de messagerie")).to_have_count(0)


@pytest.mark.parametrize("how", ["Annuler", "Escape"])
def test_a_question_that_is_given_up_changes_nothing(enter: Enter, cast: Cast, how: str) -> None:
    page = enter(DIRECTOR_OF_NOIRON, list_at())
    listed = cast.take(State.NOT_NOTIFIED)
    tick(page, listed)
    dialog = ask(page, Action.NOTIFY_BY_SHEET)
    if how == "Escape":
        page.keyboard.press(how)
    else:
        dialog.get_by_role("button", name=how).click()
    expect(dialog).to_be_hidden()
    expect(state_of(page, listed)).to_have_text("non notifié")


# The action itself, and its report


def test_a_double_click_acts_once(act: Enter, cast: Cast) -> None:
    page = act(DIRECTOR_OF_NOIRON, list_at())
    listed = cast.take(State.NOT_NOTIFIED)
    tick(page, listed)
    dialog = ask(page, Action.NOTIFY_BY_SHEET)
    dialog.get_by_role("button", name="Confirmer").dblclick()
    expect(dialog.get_by_role("status")).to_have_text("Terminé : 1 fait.")
    _, content = downloaded(page, dialog.get_by_role("button", name="Télécharger les feuilles"))
    identifier = listed.account.identifier
    sheets = [sheet.extract_text() for sheet in PdfReader(io.BytesIO(content)).pages]
    assert sum(identifier in sheet for sheet in sheets) == 1
    close(dialog)
    expect(history_of(open_detail(page, listed)).filter(has_text="Notifié")).to_have_count(1)


def test_a_long_run_that_is_cancelled_leaves_every_account_as_it_was(act: Enter) -> None:
    page = act(OTHER_DIRECTOR, OTHER_SCHOOL)
    page.get_by_role("checkbox", name=re.compile("Tout sélectionner")).click()
    dialog = ask(page, Action.NOTIFY_BY_SHEET)
    dialog.get_by_role("button", name="Confirmer").click()
    dialog.get_by_role("button", name="Annuler").click()
    expect(dialog.get_by_role("status")).to_have_text("Annulé : rien n'a été fait.")
    expect(dialog.get_by_role("button")).to_have_text(["Fermer"])
    close(dialog)
    page.get_by_role("checkbox", name="non notifié", exact=True).check()
    expect(page.get_by_role("status").filter(has_text="trouvé")).to_have_text("230 comptes trouvés")
    open_row(page.locator(".tabulator-row").first.get_by_role("link"))
    expect(history_of(detail_of(page)).filter(has_text="Notifi")).to_have_count(0)


@pytest.fixture
def reported(act: Enter, cast: Cast) -> tuple[Page, Locator, list[ListedAccount]]:
    """The report on an account that was notified and on one that was skipped."""
    page = act(DIRECTOR_OF_NOIRON, list_at())
    accounts = [cast.take(State.NOT_NOTIFIED), cast.activated]
    tick(page, *accounts)
    dialog = ask(page, Action.NOTIFY_BY_SHEET)
    confirm(dialog)
    return page, dialog, accounts


Reported = tuple[Page, Locator, list[ListedAccount]]


def test_the_report_counts_and_names_who_was_skipped_and_why(reported: Reported) -> None:
    _, dialog, (_, skipped) = reported
    expect(dialog.get_by_role("status")).to_have_text("Terminé : 1 fait, 1 passé.")
    row = dialog.get_by_role("table", name="Comptes non traités").get_by_role("row").nth(1)
    expect(row.get_by_role("rowheader")).to_have_text(skipped.guardian.full_name)
    expect(row.get_by_role("cell")).to_have_text(
        [skipped.account.identifier, "passé", "compte déjà activé : rien à notifier"]
    )


def test_the_report_downloads_as_csv(reported: Reported) -> None:
    page, dialog, (done, skipped) = reported
    name, content = downloaded(page, dialog.get_by_role("button", name=re.compile("CSV")))
    assert re.fullmatch(r"compte-rendu_notification_0210749A_\d{4}-\d\d-\d\d_\d{4}\.csv", name)
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";")
    assert {row["Responsable"]: (row["Résultat"], row["Motif"]) for row in rows} == {
        done.guardian.full_name: ("fait", ""),
        skipped.guardian.full_name: ("non fait", "compte déjà activé : rien à notifier"),
    }


def test_sheets_that_were_downloaded_are_gone_once_the_report_is_closed(
    reported: Reported,
) -> None:
    page, dialog, _ = reported
    downloaded(page, dialog.get_by_role("button", name="Télécharger les feuilles"))
    assert page.evaluate(KEPT_DOCUMENTS) == 1
    close(dialog)
    page.wait_for_function(f"({KEPT_DOCUMENTS})() === 0")
    expect(waiting(page)).to_have_count(0)


def test_once_acted_on_nobody_is_selected(reported: Reported) -> None:
    page, dialog, _ = reported
    close(dialog)
    expect(page.get_by_text("Cochez des comptes pour les notifier")).to_be_visible()
    expect(button(page, Action.NOTIFY_BY_SHEET)).to_be_disabled()


def test_sheets_wait_above_every_tab_until_they_are_downloaded_or_given_up(
    act: Enter, reported: Reported
) -> None:
    page, dialog, (done, _) = reported
    close(dialog)
    page.reload()
    expect(waiting(page)).to_have_text(re.compile(r"^1 feuille produite le .* téléchargée\.$"))
    again = act(DIRECTOR_OF_NOIRON)
    expect(waiting(again)).to_be_visible()
    sheets = again.get_by_role("button", name="Télécharger les feuilles")
    _, content = downloaded(again, sheets.first)
    text = "".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(content)).pages)
    assert done.account.identifier in text
    again.get_by_role("button", name="C'est enregistré").click()
    expect(waiting(again)).to_have_count(0)
    expect(waiting(page)).to_have_count(0)


def test_giving_up_sheets_takes_two_steps(reported: Reported) -> None:
    page, dialog, _ = reported
    close(dialog)
    page.get_by_role("button", name="Abandonner").click()
    expect(waiting(page)).to_have_text(re.compile("Les mots de passe sont perdus"))
    page.get_by_role("button", name="Garder ces feuilles").click()
    expect(page.get_by_role("button", name="Télécharger les feuilles").first).to_be_visible()


def test_what_was_just_handed_out_is_left_out_unless_otherwise_chosen(
    act: Enter, cast: Cast
) -> None:
    page = act(DIRECTOR_OF_NOIRON, list_at())
    listed = cast.take(State.NOT_NOTIFIED)
    detail = open_detail(page, listed)
    dialog = ask(detail, Action.NOTIFY_BY_SHEET)
    confirm(dialog)
    close(dialog)
    dialog = ask(detail, Action.NOTIFY_BY_SHEET)
    expect(dialog.get_by_role("button", name="Confirmer")).to_be_disabled()
    dialog.get_by_role("radio", name=re.compile("Les traiter aussi")).check()
    confirm(dialog)
    expect(dialog.get_by_role("status")).to_have_text("Terminé : 1 fait.")


def test_a_report_is_not_closed_by_mistake(reported: Reported) -> None:
    page, dialog, _ = reported
    page.keyboard.press("Escape")
    page.mouse.click(5, 5)
    expect(dialog.get_by_role("button", name="Télécharger les feuilles")).to_be_visible()


def test_a_report_is_there_again_for_who_lost_its_page(act: Enter, reported: Reported) -> None:
    lost, _, (done, _) = reported
    lost.close()
    page = act(DIRECTOR_OF_NOIRON, list_at())
    dialog = page.get_by_role("dialog", name=Action.NOTIFY_BY_SHEET.label)
    expect(dialog.get_by_role("status")).to_have_text("Terminé : 1 fait, 1 passé.")
    _, content = downloaded(page, dialog.get_by_role("button", name="Télécharger les feuilles"))
    text = "".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(content)).pages)
    assert done.account.identifier in text


def test_of_two_directors_on_one_account_the_second_is_told(act: Enter, cast: Cast) -> None:
    listed = cast.take(State.NOT_NOTIFIED)
    asked = []
    for _ in range(2):
        page = act(DIRECTOR_OF_NOIRON, list_at())
        tick(page, listed)
        asked.append(ask(page, Action.NOTIFY_BY_SHEET))
    first, second = asked
    confirm(first)
    second.get_by_role("button", name="Confirmer").click()
    expect(second.get_by_role("status")).to_have_text("Terminé : 0 fait, 1 passé.")
    expect(second.get_by_role("cell", name="modifié entre-temps par une autre")).to_be_visible()


# The detail of an account: ways in and out


def test_a_click_on_a_row_opens_its_account(enter: Enter, cast: Cast) -> None:
    page = enter(DIRECTOR_OF_NOIRON, list_at())
    listed = cast.activated
    open_row(find(page, listed).locator("[tabulator-field=identifier]"))
    expect(fact(detail_of(page), "Identifiant")).to_have_text(listed.account.identifier)
    expect(page).to_have_url(re.compile(r"&account=\d+"))


def test_an_account_has_an_address_of_its_own(enter: Enter, cast: Cast) -> None:
    page = enter(DIRECTOR_OF_NOIRON, list_at())
    listed = cast.take(State.NOTIFIED)
    open_detail(page, listed)
    expect(page).to_have_url(re.compile(r"&account=\d+"))
    page.reload()
    expect(fact(detail_of(page), "Identifiant")).to_have_text(listed.account.identifier)


@pytest.mark.parametrize("how", ["Escape", "×", "Fermer"])
def test_closing_leads_back_to_the_same_page_selection_and_focus(enter: Enter, how: str) -> None:
    page = enter(DIRECTOR_OF_NOIRON, list_at("&page=2"))
    row = page.locator(".tabulator-row").nth(3)
    check(row.get_by_role("checkbox"))
    expect(page.get_by_text("Tout sélectionner : 1 sur 121")).to_be_visible()
    opener = row.get_by_role("link")
    opener.press("Enter")
    detail = detail_of(page)
    expect(detail).to_be_visible()
    if how == "Escape":
        page.keyboard.press(how)
    else:
        ways = detail.get_by_role("button", name="Fermer")
        expect(ways).to_have_count(2)
        (ways.first if how == "×" else ways.last).click()
    expect(detail).to_be_hidden()
    expect(opener).to_be_focused()
    expect(page).to_have_url(re.compile(r"responsables&page=2$"))
    expect(row.get_by_role("checkbox")).to_be_checked()


def test_the_back_button_closes_an_account_and_the_next_one_opens_it_again(enter: Enter) -> None:
    page = enter(DIRECTOR_OF_NOIRON, list_at())
    open_row(page.locator(".tabulator-row").first.get_by_role("link"))
    expect(detail_of(page)).to_be_visible()
    expect(page).to_have_url(re.compile(r"&account=\d+"))
    page.go_back()
    expect(detail_of(page)).to_be_hidden()
    page.go_forward()
    expect(detail_of(page)).to_be_visible()


def test_an_account_of_another_school_is_not_shown(enter: Enter) -> None:
    theirs = enter(OTHER_DIRECTOR, OTHER_SCHOOL).locator(".tabulator-row").first
    number = re.search(r"account=(\d+)", theirs.get_by_role("link").get_attribute("href") or "")
    assert number is not None
    page = enter(DIRECTOR_OF_NOIRON, list_at(f"&account={number[1]}"))
    expect(detail_of(page).get_by_role("alert")).to_have_text(NOT_HERE)
    expect(detail_of(page).get_by_text("Identifiant")).to_be_hidden()
    assert theirs.locator("[tabulator-field=identifier]").inner_text() not in page.content()


@pytest.mark.parametrize("number", ["999999999", "1"])
def test_a_made_up_number_shows_no_account(enter: Enter, number: str) -> None:
    page = enter(DIRECTOR_OF_NOIRON, list_at(f"&account={number}"))
    expect(detail_of(page).get_by_role("alert")).to_have_text(NOT_HERE)
    expect(detail_of(page).get_by_role("button")).to_have_text(["", "Fermer"])


@pytest.mark.parametrize("number", ["-1", "0", "x", "9" * 30, "1 OR 1=1"])
def test_what_is_no_number_opens_nothing(enter: Enter, number: str) -> None:
    page = enter(DIRECTOR_OF_NOIRON, list_at(f"&account={number}"))
    expect(page.get_by_role("status").filter(has_text="trouvé")).to_have_text("121 comptes trouvés")
    expect(detail_of(page)).to_be_hidden()


# The detail of an account: what it says and does


def test_children_of_another_school_are_listed_apart(enter: Enter) -> None:
    page = enter(DIRECTOR_OF_NOIRON, list_at(f"&q={TWO_SCHOOLS}"))
    page.get_by_role("link", name=TWO_SCHOOLS).click()
    cells = (
        detail_of(page)
        .get_by_role("table", name="Élèves inscrits dans un autre")
        .get_by_role("cell")
    )
    expect(cells).to_have_text(["ACACIA", "École élémentaire publique de Bèze"])


def test_a_likely_duplicate_is_one_link_away(enter: Enter) -> None:
    page = enter(DIRECTOR_OF_NOIRON, "?school=0210507M&tab=responsables&q=CORMORAN+Gaelle")
    page.get_by_role("link", name="CORMORAN Gaëlle").first.click()
    detail = detail_of(page)
    expect(detail.get_by_role("heading", name="Compte à regrouper ?")).to_be_visible()
    identifier = fact(detail, "Identifiant")
    other = {"9pz9-jk6m": "rzvn-e1h6", "rzvn-e1h6": "9pz9-jk6m"}[identifier.inner_text()]
    detail.get_by_role("link", name=other).click()
    expect(identifier).to_have_text(other)


def test_an_action_from_the_detail_shows_there_what_it_did(act: Enter, cast: Cast) -> None:
    page = act(DIRECTOR_OF_NOIRON, list_at())
    detail = open_detail(page, cast.take(State.NOT_NOTIFIED))
    expect(fact(detail, "État du compte")).to_have_text("non notifié")
    expect(button(detail, Action.RESET)).to_be_disabled()
    dialog = ask(detail, Action.NOTIFY_BY_SHEET)
    confirm(dialog)
    close(dialog)
    expect(fact(detail, "État du compte")).to_have_text("notifié et non activé")
    expect(fact(detail, "Mot de passe")).to_have_text(re.compile(r"provisoire jusqu'au \d\d/\d\d/"))
    expect(button(detail, Action.RESET)).to_be_enabled()


def test_the_history_is_in_plain_french(act: Enter, cast: Cast) -> None:
    page = act(DIRECTOR_OF_NOIRON, list_at())
    detail = open_detail(page, cast.take(State.NOT_NOTIFIED))
    confirm(ask(detail, Action.NOTIFY_BY_SHEET))
    newest = history_of(detail).nth(1)
    expect(newest.get_by_role("rowheader")).to_have_text(
        re.compile(r"^\d\d/\d\d/\d{4} à \d\d:\d\d$")
    )
    expect(newest.get_by_role("cell")).to_have_text(
        [
            re.compile(f"^{DIRECTOR_OF_NOIRON}"),
            "Notifié par feuille : non notifié → notifié et non activé",
        ]
    )


def test_a_message_and_its_sending_are_listed(act: Enter, cast: Cast, post: MailServer) -> None:
    page = act(DIRECTOR_OF_NOIRON, list_at())
    listed = cast.take(State.NOT_NOTIFIED)
    detail = open_detail(page, listed)
    dialog = ask(detail, Action.NOTIFY_BY_EMAIL)
    confirm(dialog)
    close(dialog)
    post.wait_for(1, listed.guardian.email)
    sending = detail.get_by_role("table", name="Courriels").get_by_role("row").nth(1)
    expect(sending.get_by_role("cell").nth(1)).to_have_text(listed.guardian.email)
    expect(sending.get_by_role("cell").nth(2)).to_have_text("envoyé")


def test_a_corrected_address_is_stored_and_journalled(act: Enter, cast: Cast) -> None:
    page = act(DIRECTOR_OF_NOIRON, list_at())
    listed = cast.take(State.NOT_NOTIFIED, has_email=False)
    detail = open_detail(page, listed)
    detail.get_by_label("Courrier électronique").fill(" Corrigee@Famille.example ")
    detail.get_by_label("Téléphone mobile").fill("06 39 98 00 00")
    save(detail)
    expect(detail.get_by_role("status")).to_have_text("Coordonnées enregistrées.")
    expect(fact(detail, "Courrier électronique")).to_have_text("corrigee@famille.example")
    expect(fact(detail, "Téléphone mobile")).to_have_text("0639980000")
    expect(detail.get_by_label("Téléphone mobile")).to_have_value("0639980000")
    expect(history_of(detail).nth(1)).to_contain_text("Coordonnées corrigées")
    expect(button(detail, Action.NOTIFY_BY_EMAIL)).to_be_enabled()


def test_an_impossible_address_is_refused_in_words(act: Enter, cast: Cast) -> None:
    page = act(DIRECTOR_OF_NOIRON, list_at())
    listed = cast.take(State.NOT_NOTIFIED)
    detail = open_detail(page, listed)
    typed = detail.get_by_label("Courrier électronique")
    typed.fill("lea.dupont@famille")
    save(detail)
    expect(detail.get_by_role("status")).to_have_text(
        "adresse « lea.dupont@famille » impossible : domaine incomplet. Attendu : nom@domaine.fr."
    )
    expect(typed).to_have_value("lea.dupont@famille")
    expect(fact(detail, "Courrier électronique")).to_have_text(listed.guardian.email)


def test_what_is_being_typed_is_not_overwritten_by_a_live_change(act: Enter, cast: Cast) -> None:
    listed = cast.take(State.NOT_NOTIFIED)
    page, other = act(DIRECTOR_OF_NOIRON, list_at()), act(DIRECTOR_OF_NOIRON, list_at())
    detail = open_detail(page, listed)
    typed = detail.get_by_label("Courrier électronique")
    typed.press_sequentially("x")
    theirs = open_detail(other, listed)
    theirs.get_by_label("Courrier électronique").fill("autre@famille.example")
    theirs.get_by_label("Téléphone mobile").fill("0639980001")
    save(theirs)
    expect(fact(detail, "Courrier électronique")).to_have_text("autre@famille.example")
    expect(detail.get_by_label("Téléphone mobile")).to_have_value("0639980001")
    expect(typed).to_have_value(re.compile("x"))
    expect(typed).to_be_focused()
