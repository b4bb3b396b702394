"""A director's visit, as they would do it with mouse and eyes."""

import csv
import io
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from pypdf import PdfReader

from tests.browser.conftest import PHONE

Enter = Callable[..., Page]
NOIRON = "?school=0210749A&tab=responsables"


def rows(page: Page) -> Locator:
    return page.locator(".tabulator-row")


def ticked(page: Page) -> Locator:
    return page.locator(".tabulator-row input[type=checkbox]:checked")


def select_all(page: Page) -> Locator:
    return page.get_by_role("checkbox", name=re.compile("Tout sélectionner"))


def found(page: Page, text: str) -> None:
    expect(page.get_by_role("status").filter(has_text="trouvé")).to_have_text(text)


def downloaded(page: Page, button: str) -> tuple[str, bytes]:
    with page.expect_download() as download:
        page.get_by_role("button", name=re.compile(button)).click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def test_the_only_school_is_chosen_already(enter: Enter) -> None:
    page = enter("Directeur · Saint-Sulpice")
    expect(
        page.get_by_text("Vous avez choisi École élémentaire publique Saint-Sulpice")
    ).to_be_visible()
    expect(page.get_by_label("Choisir un établissement")).to_be_hidden()


def test_statistics_show_the_figures_of_the_guide(enter: Enter) -> None:
    page = enter("Directeur · Saint-Sulpice")
    page.get_by_role("tab", name="Statistiques").click()
    structure = page.get_by_role("table", name="Synthèse des comptes responsables de la structure")
    expect(structure.get_by_role("cell")).to_have_text(
        ["238", "230", "5", "1", "2", "0,84\u00a0%", "1,27\u00a0%"]
    )
    by_class = page.get_by_role("table", name="Synthèse des comptes responsables par classe")
    small = by_class.get_by_role("row").filter(
        has=page.get_by_role("rowheader", name="PS", exact=True)
    )
    expect(small.get_by_role("cell")).to_have_text(
        ["27", "25", "1", "0", "1", "3,7\u00a0%", re.compile(r"%$")]
    )
    expect(page.locator("canvas").first).to_be_visible()
    expect(page.get_by_text(re.compile(r"Chiffres du \d\d/\d\d/\d{4} à"))).to_be_visible()


def test_classes_and_levels_are_crossed_on_a_phone_too(enter: Enter) -> None:
    page = enter("Directeur · Saint-Sulpice", "?tab=statistiques", PHONE)
    name = "Part de comptes activés par classe et niveau"
    crossed = page.get_by_role("table", name=name)
    expect(crossed.get_by_role("columnheader")).to_have_text(
        ["Classe", "TPS", "PS", "MS", "GS", "CP", "CE1", "CE2", "CM1", "CM2", "ULIS"]
    )
    row = crossed.get_by_role("row").filter(has=page.get_by_role("rowheader", name="MSGS"))
    expect(row.get_by_role("cell").filter(has_text="%")).to_have_text(
        ["0\u00a0%0 sur 14", "9,09\u00a0%1 sur 11"]
    )
    row.get_by_role("rowheader").scroll_into_view_if_needed()
    page.get_by_role("region", name=name).evaluate("region => region.scrollLeft = 300")
    expect(row.get_by_role("cell").first).not_to_be_in_viewport()
    expect(row.get_by_role("rowheader")).to_be_in_viewport()
    _, content = downloaded(page, "Télécharger en CSV.*par classe et niveau")
    assert content.decode("utf-8-sig").startswith("Classe;Niveau;")


def test_each_table_of_statistics_downloads_as_csv(enter: Enter) -> None:
    page = enter("Directeur · Saint-Sulpice", "?tab=statistiques")
    name, content = downloaded(page, "Télécharger en CSV.*structure")
    assert name == f"statistiques_structure_0580189R_{date.today():%Y-%m-%d}.csv"
    assert content.decode("utf-8-sig").splitlines()[1] == "238;230;5;1;2;0,84;1,27"


def test_a_director_of_several_schools_chooses_one(enter: Enter) -> None:
    page = enter("Directrice · Bèze", "?tab=responsables")
    expect(page.get_by_text("Choisissez d'abord un établissement")).to_be_visible()
    page.get_by_role("tab", name="Accueil").click()
    page.get_by_label("Choisir un établissement").select_option(
        label="0210351T – École élémentaire publique de Bèze"
    )
    expect(page).to_have_url(re.compile("school=0210351T"))
    page.get_by_role("tab", name="Responsables").click()
    found(page, "150 comptes trouvés")


def test_search_ignores_case_accents_and_the_order_of_words(enter: Enter) -> None:
    page = enter("Directrice · Bèze", NOIRON)
    found(page, "121 comptes trouvés")
    page.get_by_label("Nom ou prénom").fill("emile ANEMONE")
    found(page, "2 comptes trouvés")
    expect(rows(page)).to_have_count(2)
    expect(page).to_have_url(re.compile("q=emile"))


def test_filters_narrow_the_list_and_say_so_in_the_address(enter: Enter) -> None:
    page = enter("Directrice · Bèze", NOIRON)
    page.get_by_role("checkbox", name="Notification expirée").check()
    found(page, "54 comptes trouvés")
    page.get_by_label("Adresse de messagerie").select_option(label="Inconnue")
    expect(page).to_have_url(re.compile("email=unknown&expired=1"))
    page.get_by_role("button", name="Effacer les filtres").click()
    found(page, "121 comptes trouvés")
    expect(page.get_by_role("checkbox", name="Notification expirée")).not_to_be_checked()


def test_classes_are_searched_and_several_can_be_chosen(enter: Enter) -> None:
    page = enter("Directrice · Bèze", NOIRON)
    found(page, "121 comptes trouvés")
    box = page.get_by_role("textbox", name="Classes")
    for label in ("CP A", "PS"):
        box.click()
        box.fill(label)
        page.get_by_role("option", name=label, exact=True).click()
    expect(page).to_have_url(re.compile("class=CP\\+A&class=PS"))


def test_nothing_found_says_what_to_do(enter: Enter) -> None:
    page = enter("Directrice · Bèze", f"{NOIRON}&q=personne")
    expect(page.get_by_text("Élargissez-les ou effacez-les")).to_be_visible()
    found(page, "0 compte trouvé")


def test_a_filtered_view_is_a_link_and_the_back_button_works(enter: Enter) -> None:
    page = enter("Directrice · Bèze", f"{NOIRON}&state=ACTIVATED&sort=-guardian")
    found(page, "12 comptes trouvés")
    expect(page.get_by_role("checkbox", name="activé", exact=True)).to_be_checked()
    page.get_by_role("checkbox", name="en cours d'activation").check()
    found(page, "15 comptes trouvés")
    page.get_by_role("tab", name="Statistiques").click()
    expect(page).to_have_url(re.compile("tab=statistiques"))
    page.go_back()
    expect(page.get_by_role("tab", name="Responsables")).to_have_attribute("aria-selected", "true")
    page.go_back()
    found(page, "12 comptes trouvés")
    page.go_forward()
    found(page, "15 comptes trouvés")
    page.reload()
    found(page, "15 comptes trouvés")


def test_pages_follow_one_another(enter: Enter) -> None:
    page = enter("Directrice · Bèze", NOIRON)
    place = page.get_by_role("status").filter(has_text="Page")
    expect(place).to_have_text("Page 1 sur 5")
    first = rows(page).first.inner_text()
    page.get_by_role("button", name="Page suivante").click()
    expect(place).to_have_text("Page 2 sur 5")
    expect(rows(page).first).not_to_have_text(first)
    page.get_by_role("button", name="Dernière page").click()
    expect(place).to_have_text("Page 5 sur 5")
    expect(rows(page)).to_have_count(21)
    expect(page.get_by_role("button", name="Page suivante")).to_be_disabled()


def test_a_column_heading_sorts_the_whole_list(enter: Enter) -> None:
    page = enter("Directrice · Bèze", NOIRON)
    found(page, "121 comptes trouvés")
    page.locator(".tabulator-col-title", has_text="Responsable").click()
    expect(page).to_have_url(re.compile("sort=guardian"))
    expect(rows(page)).to_have_count(25)
    expect(rows(page).first.locator("[tabulator-field=guardian]")).to_have_text(
        re.compile("^ABRICOT|^AC")
    )
    page.locator(".tabulator-col-title", has_text="Responsable").click()
    expect(page).to_have_url(re.compile("sort=-guardian"))
    expect(rows(page)).to_have_count(25)
    page.locator(".tabulator-col-title", has_text="Responsable").click()
    expect(page).not_to_have_url(re.compile("sort="))
    expect(rows(page)).to_have_count(25)


def test_the_selection_survives_paging_sorting_and_filtering(enter: Enter) -> None:
    page = enter("Directrice · Bèze", NOIRON)
    boxes = page.locator(".tabulator-row input[type=checkbox]")
    boxes.nth(0).check()
    boxes.nth(1).check()
    expect(select_all(page)).to_have_js_property("indeterminate", True)
    page.get_by_role("button", name="Page suivante").click()
    expect(page.get_by_text("Page 2 sur 5")).to_be_visible()
    expect(ticked(page)).to_have_count(0)
    boxes.nth(0).check()
    expect(page.get_by_text("Tout sélectionner : 3 sur 121")).to_be_visible()
    page.get_by_label("Trier par").select_option(label="Responsable")
    link = rows(page).first.get_by_role("link")
    expect(link).to_have_attribute("href", re.compile("sort=guardian"))
    expect(page.get_by_text("Tout sélectionner : 3 sur 121")).to_be_visible()
    page.get_by_role("checkbox", name="en cours d'activation").check()
    expect(page.get_by_text(re.compile("hors filtres"))).to_be_visible()
    page.get_by_role("button", name="Effacer les filtres").click()
    page.get_by_label("Trier par").select_option(label="Élève")
    expect(page.get_by_text("Page 1 sur 5")).to_be_visible()
    expect(ticked(page)).to_have_count(2)


def test_select_all_takes_every_match_and_the_lists_follow(enter: Enter) -> None:
    page = enter("Directrice · Bèze", f"{NOIRON}&state=ACTIVATED")
    found(page, "12 comptes trouvés")
    select_all(page).click()
    expect(ticked(page)).to_have_count(12)
    page.get_by_role("button", name="Effacer les filtres").click()
    found(page, "121 comptes trouvés")
    name, content = downloaded(page, "Lister les comptes en CSV")
    assert name == f"comptes_0210749A_{date.today():%Y-%m-%d}.csv"
    listed = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
    assert {row["État de compte"] for row in listed} == {"activé"}
    assert len(listed) == 12
    page.get_by_role("button", name="Effacer la sélection").click()
    expect(ticked(page)).to_have_count(0)


def test_the_pdf_lists_what_was_found(enter: Enter) -> None:
    page = enter("Directrice · Bèze", f"{NOIRON}&state=ACTIVATED")
    found(page, "12 comptes trouvés")
    _, content = downloaded(page, "Lister les comptes en PDF")
    text = PdfReader(io.BytesIO(content)).pages[0].extract_text()
    assert "12 comptes" in text
    assert "états : activé" in text


def test_a_page_beyond_the_last_is_the_last(enter: Enter) -> None:
    page = enter("Directrice · Bèze", f"{NOIRON}&page=999999999")
    expect(page.get_by_text("Page 5 sur 5")).to_be_visible()
    expect(rows(page)).to_have_count(21)


@pytest.mark.parametrize(
    "query", ["?school=0580189R&tab=responsables", "?school=zzz", "?page=-1&sort=x"]
)
def test_an_address_of_another_school_or_wrong_shows_no_one(enter: Enter, query: str) -> None:
    page = enter("Directrice · Bèze", query)
    expect(page.get_by_text("Aucun établissement choisi")).to_be_visible()
    expect(rows(page)).to_have_count(0)


def test_an_inspector_sees_counts_and_never_people(enter: Enter) -> None:
    page = enter("Inspectrice · Côte-d'Or", "?tab=responsables&school=0210351T")
    expect(page.get_by_role("tab")).to_have_text(["Accueil", "Statistiques"])
    page.get_by_role("tab", name="Statistiques").click()
    table = page.get_by_role("table", name="Synthèse des comptes responsables de la structure")
    # 368 in truth: each school is rounded to a multiple of five
    expect(table.get_by_role("cell").first).to_have_text(re.compile(r"^3[3-9][05]$|^4[01][05]$"))
    expect(rows(page)).to_have_count(0)
