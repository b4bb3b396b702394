"""People, classes and a school named to break what shows them: names stay text everywhere."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Locator, Page, expect
from pypdf import PdfReader

import dashboard
from dashboard.actions.import_roster import import_roster
from dashboard.domain.action import Action
from dashboard.domain.errors import Refused
from dashboard.domain.names import clean, full_name
from tests.browser.conftest import (
    PHONE,
    SERVE,
    Server,
    ask,
    check,
    close_report,
    confirm,
    downloaded,
    mails_to,
    run_server,
)
from tests.extractions import DIALECTS, Kid, Parent, Pupil, write_roster
from tests.mail_server import MailServer, mail_server

OpenPage = Callable[..., Page]
Apart = tuple[Server, MailServer]


class Named(NamedTuple):
    """A guardian, the child of the same names, and the child's class."""

    name: str
    first_name: str
    class_label: str = "CP A"
    email: str = ""

    @property
    def shown(self) -> str:
        return full_name(clean(self.name), "", clean(self.first_name))


PEOPLE = [
    Named(
        "<script>window.stolen=1</script>",
        "<img src=x onerror=window.stolen=1>",
        "<svg onload=window.stolen=1>",
        "script@famille.example",
    ),
    Named("=cmd|' /C calc'!A0", "@SUM(1+1)", "=1+1", "formule@famille.example"),
    Named("\u202eEXE.TNOPUD", "Ev\u2066e\u2069", "\u202eA PC", "envers@famille.example"),
    Named(200 * "W", 200 * "m", 200 * "C", "long@famille.example"),
    Named("CLOCHE\x07\x1b[31m", "Ève\x01\x9b", "CP\x0bB", "cloche@famille.example"),
    Named(
        "LIGNES",
        "Bcc: x@y.fr\r\nBcc: vole@famille.example\r\n\r\n",
        "<svg onload=window.stolen=1>",
        "bcc@famille.example",
    ),
    Named("{{7*7}}", "<%= 7*7 %> ${7*7} #{7*7}", "{{constructor}}", "moustache@famille.example"),
    Named("\"' onfocus=window.stolen=1 x='", '" autofocus', "'\"><b>", "guillemet@famille.example"),
    Named("</td></table><h1>SANS", "javascript:window.stolen=1", email=""),
    Named("; DROP TABLE account; --", "' OR '1'='1", "%_%", email=""),
]
SCHOOL = "École <img src=x onerror=window.stolen=1> =1+1 {{7*7}}"
PASSWORD = "trois loutres et un parapluie"
HEADERS = {
    *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"),
    *("X-Auto-Response-Suppress", "Content-Type", "Content-Transfer-Encoding"),
    *("MIME-Version", "Content-Language"),
}
# What scrolls sideways, but for the tables and tabs that are meant to.
SIDEWAYS = """() => {
  const walk = (root) => [...root.querySelectorAll("*")].flatMap((e) => [
    ...(/auto|scroll/.test(getComputedStyle(e).overflowX) && e.scrollWidth > e.clientWidth + 1
      && !e.matches("[role=region], [class*=Tabulator], [class*=tabulator], .MuiTabs-scroller")
      ? [e] : []),
    ...(e.shadowRoot ? walk(e.shadowRoot) : []),
  ]);
  const page = document.documentElement;
  return [...(page.scrollWidth > innerWidth ? [page] : []), ...walk(document)]
    .map((e) => `${e.nodeName}.${e.className} ${e.scrollWidth} > ${e.clientWidth}`);
}"""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory, post: MailServer) -> Iterator[Server]:
    """The school, imported from real extractions and served to this machine."""
    with served(tmp_path_factory.mktemp("hostile"), post) as server:
        yield server


@pytest.fixture(scope="module")
def activating(tmp_path_factory: pytest.TempPathFactory, post: MailServer) -> Iterator[Server]:
    """The same school, served for guardians to activate their accounts."""
    with served(tmp_path_factory.mktemp("activating"), post) as server:
        yield server


@pytest.fixture
def apart(tmp_path: Path) -> Iterator[Apart]:
    """The school again, for one test that acts on all its accounts, and where its mail goes."""
    with mail_server() as post, served(tmp_path, post) as server:
        yield server, post


@contextmanager
def served(folder: Path, post: MailServer) -> Iterator[Server]:
    pupils = [
        Pupil(
            one.name,
            one.first_name,
            born_on=f"0{n % 9 + 1}/02/2019",
            class_label=one.class_label,
            level="CP" if n else "CE1",  # one class has two levels
        )
        for n, one in enumerate(PEOPLE)
    ]
    parents = [
        Parent(
            one.name,
            one.first_name,
            [Kid(one.name, one.first_name, one.class_label)],
            email=one.email,
        )
        for one in PEOPLE
    ]
    students, guardians = write_roster(folder, pupils, parents, DIALECTS["UTF-8, quoted, LF"])
    database = folder / "accounts.duckdb"
    with dashboard.connect(database, create=True) as store:
        import_roster(store, "0210351T", students, guardians, date.today(), name=SCHOOL)
    with run_server([*SERVE, "--local"], database, "/healthz", mails_to(post)) as server:
        yield server


@pytest.fixture
def visit(hostile: Server, open_page: OpenPage) -> Iterator[OpenPage]:
    """Opens the school's pages, at the size of a phone; no script of a name may have run."""
    pages = []

    def visit_one(query: str, there: Server = hostile) -> Page:
        pages.append(page := open_page(PHONE))
        page.goto(f"{there.address}/comptes{query}")
        expect(page.get_by_role("tab", name="Accueil")).to_be_visible()
        return page

    yield visit_one
    for page in pages:
        close_report(page)
        assert page.evaluate("window.stolen") is None


def guardians(page: Page) -> Locator:
    return page.locator(".tabulator-row [tabulator-field=guardian]")


def by_name(texts: list[str]) -> list[str]:
    return sorted(" ".join(text.split()) for text in texts)


def select_all(page: Page) -> None:
    page.get_by_role("checkbox", name=re.compile("Tout sélectionner")).click()
    expect(page.get_by_text(f"Tout sélectionner : {len(PEOPLE)} sur")).to_be_visible()


def close(dialog: Locator) -> None:
    dialog.get_by_role("button", name="Fermer").last.click()
    expect(dialog).to_be_hidden()


def is_shielded(cell: str) -> bool:
    return not re.match(r"\s*[=+\-@|%＝＋－＠]|[\t\r\n]", cell)


def cells(content: bytes) -> list[str]:
    """The cells of a CSV file below its headings."""
    _, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";")
    return [cell for row in rows for cell in row]


def test_the_school_is_welcomed_by_its_name_as_text(visit: OpenPage) -> None:
    page = visit("")
    expect(page.get_by_text(f"Vous avez choisi {SCHOOL}")).to_be_visible()
    assert page.evaluate(SIDEWAYS) == []


def test_the_list_shows_names_and_classes_as_text(visit: OpenPage) -> None:
    page = visit("?tab=responsables")
    expect(guardians(page)).to_have_count(len(PEOPLE))
    assert by_name(guardians(page).all_inner_texts()) == by_name([one.shown for one in PEOPLE])
    assert page.evaluate(SIDEWAYS) == []
    page.get_by_role("textbox", name="Classes").click()
    for one in PEOPLE:
        option = page.get_by_role("option", name=clean(one.class_label), exact=True)
        expect(option).to_have_text(clean(one.class_label))


def test_each_detail_shows_names_as_text(visit: OpenPage) -> None:
    page = visit("?tab=responsables")
    expect(guardians(page)).to_have_count(len(PEOPLE))
    detail = page.get_by_role("dialog", name="Détail du compte")
    heading, seen = detail.locator("h3").first, []
    for link in guardians(page).get_by_role("link").all():
        link.click()
        expect(heading).to_be_visible()
        seen.append(heading.inner_text())
        children = detail.get_by_role("table", name="Élèves inscrits dans l'établissement")
        expect(children.get_by_role("row")).to_have_count(2)
        assert page.evaluate(SIDEWAYS) == []
        page.keyboard.press("Escape")
        expect(detail).to_be_hidden()
    assert by_name(seen) == by_name([one.shown for one in PEOPLE])


def test_statistics_show_classes_as_text_and_shield_them(visit: OpenPage) -> None:
    page = visit("?tab=statistiques")
    by_class = page.get_by_role("table", name="Synthèse des comptes responsables par classe")
    labels = {clean(one.class_label) for one in PEOPLE}
    expect(by_class.get_by_role("rowheader")).to_have_count(len(labels))
    assert set(by_class.get_by_role("rowheader").all_inner_texts()) == labels
    crossed = page.get_by_role("table", name="Part de comptes activés par classe et niveau")
    expect(crossed.get_by_role("rowheader")).to_have_count(len(labels))
    assert set(crossed.get_by_role("rowheader").all_inner_texts()) == labels
    assert page.evaluate(SIDEWAYS) == []
    expect(page.locator("canvas").first).to_be_visible()
    _, content = downloaded(page, page.get_by_role("button", name=re.compile("par classe$")))
    assert [cell for cell in cells(content) if not is_shielded(cell)] == []


def test_lists_shield_every_cell_and_print_every_name(visit: OpenPage) -> None:
    page = visit("?tab=responsables")
    expect(guardians(page)).to_have_count(len(PEOPLE))
    _, content = downloaded(page, page.get_by_role("button", name=re.compile("comptes en CSV")))
    assert [cell for cell in cells(content) if not is_shielded(cell)] == []
    _, content = downloaded(page, page.get_by_role("button", name=re.compile("comptes en PDF")))
    text = "".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(content)).pages)
    printed = re.sub(r"\s", "", text)
    assert [one.shown for one in PEOPLE if re.sub(r"\s", "", one.shown)[:30] not in printed] == []


def test_sheets_print_names_and_nothing_that_acts(apart: Apart, visit: OpenPage) -> None:
    page = visit("?tab=responsables", apart[0])
    select_all(page)
    dialog = ask(page, Action.NOTIFY_BY_SHEET)
    confirm(dialog)
    assert page.evaluate(SIDEWAYS) == []
    _, content = downloaded(page, dialog.get_by_role("button", name="Télécharger les feuilles"))
    text = "".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(content)).pages)
    printed = re.sub(r"\s", "", text)
    assert [one.shown for one in PEOPLE if re.sub(r"\s", "", one.shown)[:20] not in printed] == []
    assert not re.search(rb"/JavaScript|/JS\b|/Launch|/URI", content)
    close(dialog)


def test_a_report_names_who_was_skipped_as_text_and_shields_its_csv(
    apart: Apart, visit: OpenPage
) -> None:
    page = visit("?tab=responsables", apart[0])
    select_all(page)
    dialog = ask(page, Action.NOTIFY_BY_EMAIL)
    confirm(dialog)
    skipped = dialog.get_by_role("table", name="Comptes non traités").get_by_role("rowheader")
    without_email = [one.shown for one in PEOPLE if not one.email]
    expect(skipped).to_have_count(len(without_email))
    assert by_name(skipped.all_inner_texts()) == by_name(without_email)
    assert page.evaluate(SIDEWAYS) == []
    _, content = downloaded(page, dialog.get_by_role("button", name=re.compile("CSV")))
    assert [cell for cell in cells(content) if not is_shielded(cell)] == []
    close(dialog)


def notify(page: Page, post: MailServer, one: Named) -> str:
    """Notify a guardian by e-mail; the link of the message."""
    before = len(post.messages(one.email))
    expect(guardians(page)).to_have_count(len(PEOPLE))
    check(page.locator(".tabulator-row", has_text=one.email).get_by_role("checkbox"))
    expect(page.get_by_text("Tout sélectionner : 1 sur")).to_be_visible()
    dialog = ask(page, Action.NOTIFY_BY_EMAIL)
    confirm(dialog)
    close(dialog)
    post.wait_for(before + 1, one.email)
    return link_in(post, one)


def link_in(post: MailServer, one: Named) -> str:
    [link] = re.findall(r"http://\S+/lien/\S+", post.messages(one.email)[-1].get_content())
    return str(link)


def test_a_message_has_its_headers_and_no_other(apart: Apart, visit: OpenPage) -> None:
    server, post = apart
    page = visit("?tab=responsables", server)
    select_all(page)
    confirm(ask(page, Action.NOTIFY_BY_EMAIL))
    for one in (one for one in PEOPLE if one.email):
        post.wait_for(1, one.email)
        [message] = post.messages(one.email)
        assert set(message.keys()) == HEADERS
        assert len(message.keys()) == len(HEADERS)
        assert message["To"] == one.email
        assert f"Bonjour {one.shown},\n" in message.get_content()
        assert f"{clean(SCHOOL)}\n" in message.get_content()
    assert not post.messages("vole@famille.example")


@pytest.mark.parametrize("one", [PEOPLE[0], PEOPLE[3], PEOPLE[7]], ids=["script", "long", "quotes"])
def test_a_guardian_reads_their_name_as_text_on_the_way_to_activation(
    visit: OpenPage, activating: Server, open_page: OpenPage, post: MailServer, one: Named
) -> None:
    link = notify(visit("?tab=responsables", activating), post, one)
    phone = open_page(PHONE)
    phone.goto(link)
    phone.get_by_role("button", name="Choisir mon mot de passe").click()
    shown = phone.get_by_text(f"Compte de M. {one.shown}")
    expect(shown).to_be_visible()
    assert phone.evaluate(SIDEWAYS) == []
    phone.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    phone.get_by_role("button", name="Continuer").click()
    expect(phone.get_by_role("heading", name="Presque terminé")).to_be_visible()
    assert phone.evaluate("window.stolen") is None


def test_halves_of_characters_are_refused_at_the_import(tmp_path: Path) -> None:
    students, guardians_file = write_roster(tmp_path, [Pupil("DEMI", "Ève")], [Parent("DEMI")])
    half = "\ud800".encode("utf-8", "surrogatepass")
    students.write_bytes(students.read_bytes().decode("cp1252").encode().replace(b"DEMI", half))
    with dashboard.connect(":memory:") as store, pytest.raises(Refused, match="accents abîmés"):
        import_roster(store, "0210351T", students, guardians_file, date.today())
