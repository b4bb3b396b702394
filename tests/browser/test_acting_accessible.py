"""Acting on accounts by keyboard alone, by screen reader's names, and on a phone."""

import re
import signal
from collections.abc import Callable
from contextlib import suppress

import pytest
from playwright.sync_api import Locator, Page, expect

from dashboard.domain.account import State
from dashboard.domain.action import Action
from dashboard.wording.account_columns import LISTING
from tests.browser.conftest import (
    DIRECTOR_OF_NOIRON,
    LAPTOP,
    PHONE,
    Cast,
    Enter,
    Server,
    ask,
    confirm,
    list_at,
    open_detail,
    tick,
)
from tests.browser.test_accessibility import sides, tab_to, violations

Show = Callable[[Page, Cast], None]
_TRIES, _TRY_MS = 5, 3_000


def show_selection(page: Page, cast: Cast) -> None:
    tick(page, cast.take(State.NOTIFIED))


def show_detail(page: Page, cast: Cast) -> None:
    detail = open_detail(page, cast.take(State.NOTIFIED))
    expect(detail.get_by_role("table", name="Historique")).to_be_visible()


def show_missing(page: Page, cast: Cast) -> None:
    page.goto(f"{page.url}&account=1")
    expect(page.get_by_role("dialog").get_by_role("alert")).to_be_visible()


def show_question(page: Page, cast: Cast) -> None:
    tick(page, cast.take(State.NOTIFIED), cast.activated)
    ask(page, Action.NOTIFY_BY_SHEET)


def show_report(page: Page, cast: Cast) -> None:
    tick(page, cast.take(State.NOTIFIED), cast.activated)
    confirm(ask(page, Action.NOTIFY_BY_SHEET))


def fits(dialog: Locator) -> bool:
    """Whether all that is pressed or written in is within the frame."""
    left, right = sides(dialog)
    controls = [*dialog.get_by_role("button").all(), *dialog.get_by_role("textbox").all()]
    shown = [sides(control) for control in controls if control.is_visible()]
    return all(left <= begins and ends <= right for begins, ends in shown)


@pytest.mark.parametrize(
    "show", [show_selection, show_detail, show_missing, show_question, show_report]
)
def test_on_a_phone_and_a_laptop_axe_finds_nothing_and_dialogs_fit(
    act: Enter, cast: Cast, show: Show
) -> None:
    page = act(DIRECTOR_OF_NOIRON, list_at(), PHONE)
    show(page, cast)
    assert all(fits(dialog) for dialog in page.get_by_role("dialog").all())
    assert violations(page, PHONE, LAPTOP) == []


def test_axe_finds_nothing_while_an_action_runs(act: Enter, acted: Server) -> None:
    page = act("Directeur · Saint-Sulpice", "?tab=responsables")
    page.get_by_role("checkbox", name=re.compile("Tout sélectionner")).click()
    dialog = ask(page, Action.NOTIFY_BY_SHEET)
    dialog.get_by_role("button", name="Confirmer").click()
    expect(dialog.get_by_role("progressbar", name="Avancement")).to_be_visible()
    acted.process.send_signal(signal.SIGSTOP)
    try:
        expect(dialog.get_by_role("button")).to_have_text(["Annuler"])
        assert violations(page) == []
    finally:
        acted.process.send_signal(signal.SIGCONT)
        dialog.get_by_role("button", name="Annuler").click()
    expect(dialog.get_by_role("status")).to_have_text("Annulé : rien n'a été fait.")


def test_the_columns_of_the_list_are_announced(enter: Enter) -> None:
    page = enter(DIRECTOR_OF_NOIRON, list_at())
    expect(page.get_by_role("columnheader")).to_have_text([*LISTING.values()])


@pytest.mark.parametrize(("key", "first", "last"), [("Tab", 1, 0), ("Shift+Tab", 0, 1)])
def test_a_dialog_keeps_the_focus(act: Enter, cast: Cast, key: str, first: int, last: int) -> None:
    page = act(DIRECTOR_OF_NOIRON, list_at())
    show_question(page, cast)
    dialog = page.get_by_role("dialog")
    ends = [dialog.get_by_role("radio").first, dialog.get_by_role("button", name="Annuler")]
    # A dialog takes the focus when it has opened, and may take it back from who was faster.
    for _ in range(_TRIES):
        ends[first].focus()
        page.keyboard.press(key)
        with suppress(AssertionError):
            expect(ends[last]).to_be_focused(timeout=_TRY_MS)
            return
    expect(ends[last]).to_be_focused()


def test_a_director_notifies_by_keyboard_alone(act: Enter, cast: Cast) -> None:
    page = act(DIRECTOR_OF_NOIRON, list_at())
    keyboard, result = page.keyboard, page.get_by_role("status").filter(has_text="trouvé")
    expect(result).to_have_text("121 comptes trouvés")
    for listed in (cast.take(State.NOT_NOTIFIED), cast.take(State.NOT_NOTIFIED)):
        name = listed.guardian.full_name
        tab_to(page, page.get_by_label("Nom ou prénom"))
        keyboard.press("ControlOrMeta+A")
        keyboard.type(name)
        row = page.get_by_role("row", name=f"Sélectionner {name}")
        expect(row.get_by_role("link")).to_have_attribute("href", re.compile("q="))
        expect(result).not_to_have_text("121 comptes trouvés")
        tab_to(page, row.get_by_role("checkbox"))
        keyboard.press("Space")
    selected = page.get_by_role("button", name=re.compile("PDF .2 comptes sélectionnés"))
    expect(selected).to_be_visible()
    tab_to(page, page.get_by_role("button", name=Action.NOTIFY_BY_SHEET.label))
    keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name=Action.NOTIFY_BY_SHEET.label)
    tab_to(page, dialog.get_by_role("button", name="Confirmer"))
    keyboard.press("Enter")
    expect(dialog.get_by_role("status")).to_have_text("Terminé : 2 faits.")
    tab_to(page, dialog.get_by_role("button", name="Télécharger les feuilles"))
    with page.expect_download() as download:
        keyboard.press("Enter")
    assert download.value.suggested_filename.startswith("feuilles_0210749A_")
    tab_to(page, dialog.get_by_role("button", name="Fermer"))
    keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("button", name=Action.NOTIFY_BY_SHEET.label)).to_be_disabled()
    expect(page.get_by_role("button", name="Aide sur les actions")).to_be_focused()
