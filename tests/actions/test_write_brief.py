"""The briefs of districts: the figures of the inspectors' page, on one page each."""

import io
import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pikepdf
import pytest
from pypdf import PdfReader

from dashboard.actions.explore_places import Explorer, open_explorer
from dashboard.actions.figures import statistics
from dashboard.actions.generate import generate
from dashboard.actions.write_brief import MOST_BRIEFS, write_brief
from dashboard.domain.document import Document
from dashboard.domain.errors import Refused
from dashboard.domain.french import number
from dashboard.domain.place import Place
from dashboard.domain.school_year import SchoolYear
from dashboard.domain.scope import Area, Scope
from dashboard.pipelines.distribution import expired_in, funnel, funnel_text, spread, spread_text
from dashboard.pipelines.school_table import school_rows
from dashboard.pipelines.situation import (
    changes,
    grown_texts,
    growths,
    moved_text,
    situation_text,
)
from dashboard.pipelines.statistics import rows
from dashboard.pipelines.timelines import share_rows, shares
from dashboard.store.engine import MEMORY, Store, connect
from dashboard.wording.school_columns import school_texts
from dashboard.wording.statistics_columns import figure_text
from tests.outputs.pdf_tree import outline, tree, untrue_parents
from tests.store.rows import BEZE, SULPICE, Rows

TODAY = date(2026, 11, 24)
LEAST = 5
HOSTILE = "<b>Œil</b> \\(x) اسم 🙂 " + "W" * 60 + " et d'un nom qui n'en finit pas" * 6


@pytest.fixture(scope="module")
def generated() -> Iterator[Store]:
    with connect(MEMORY) as store:
        generate(store, 200, 3, TODAY, "Dijon")
        yield store


def explorer_of(store: Store, scope: Scope, smallest_count: int = LEAST) -> Explorer:
    return open_explorer(store, scope, TODAY, smallest_count)


def whole_of(store: Store, scope: Scope, smallest_count: int = LEAST) -> Document:
    explorer = explorer_of(store, scope, smallest_count)
    return write_brief(explorer, explorer.territory.root)


def a_district(store: Store) -> Place:
    [[name, department]] = store.rows(
        "SELECT district, department FROM school GROUP BY ALL ORDER BY count(*) DESC, 1 LIMIT 1"
    )
    return Place(Area.DISTRICT, name, department)


def flat(text: str) -> str:
    """Words as they follow each other, whatever the lines and the blanks between them."""
    return re.sub(r"\s+", " ", text.replace("\u00a0", " "))


def pages_of(document: Document) -> list[str]:
    reader = PdfReader(io.BytesIO(document.content))
    return [flat(page.extract_text()) for page in reader.pages]


def test_a_page_has_the_figures_that_the_functions_give(generated: Store) -> None:
    explorer = explorer_of(generated, Scope.academy("Dijon"))
    place = a_district(generated)
    [page] = pages_of(write_brief(explorer, place))
    [figures] = rows(explorer.figures(place))
    since = SchoolYear.of(TODAY).start
    [change] = growths(changes(explorer.days(place, TODAY - timedelta(days=30), TODAY)))
    schools = explorer.schools(place)
    above = explorer.level_above(place)
    assert above is not None
    percentages = explorer.percentages(above)
    days = shares(explorer.days(place, since, TODAY), explorer.least_whole)
    told = [
        place.label,
        "Académie de Dijon",
        "Chiffres du 24/11/2026",
        situation_text(place.label, figures, change, above.label, percentages.activated_pct),
        f"{figure_text(figures.students_covered_pct)} de {figure_text(figures.students)}",
        f"{above.label} : {figure_text(percentages.students_covered_pct)}",
        *(
            " ".join([figure_text(figures[name]), *grown_texts(figures, change, name)])
            for name in ("accounts", "not_notified", "notified", "activating")
        ),
        f"Notifications expirées {number(expired_in(schools)[0])}",
        f"Établissements {len(schools)}",
        funnel_text(funnel(figures)),
        moved_text(place.label, share_rows(days)),
        moved_text(above.label, share_rows(explorer.shares(above, since, TODAY))),
        spread_text(schools),
        *(number(count) for count in spread(schools)["schools"] if count),
        *(
            " ".join(texts[name] for name in ("uai", "activated_pct", "accounts", "not_notified"))
            for texts in map(school_texts, school_rows(schools.head(10)))
        ),
    ]
    assert [text for text in told if flat(text) not in page] == []


def test_a_district_alone_is_told_as_within_its_academy(generated: Store) -> None:
    place = a_district(generated)
    academy = explorer_of(generated, Scope.academy("Dijon"))
    within = pages_of(write_brief(academy, place))
    alone = pages_of(whole_of(generated, Scope.district(place.name)))
    department = pages_of(write_brief(academy, Place(Area.DEPARTMENT, place.department)))
    assert alone == within
    [among] = [page for page in department if page.startswith(within[0].split(" Page")[0][:40])]
    assert re.sub(r"Page \d+/\d+ ?", "", among).strip() == within[0].strip()


def test_an_academy_has_a_page_and_a_bookmark_for_each_district_the_last_first(
    generated: Store,
) -> None:
    document = whole_of(generated, Scope.academy("Dijon"))
    by = ("department", "district")
    figures = statistics(generated, Scope.academy("Dijon"), by, smallest_count=LEAST)
    ranked = figures.assign(rank=figures["activated_pct"].fillna(0)).sort_values("rank")
    pdf = pikepdf.open(io.BytesIO(document.content))
    titles = [f"Circonscription {name}" for name in ranked["district"]]
    assert len(pdf.pages) == len(figures) > 1
    assert outline(pdf) == [(title, at, []) for at, title in enumerate(titles, start=1)]
    assert [section for section, _ in tree(pdf)[1]] == ["Sect"] * len(figures)
    assert pdf.check_pdf_syntax() == []
    assert untrue_parents(pdf) == []
    assert document.filename == "fiches_academie-de-dijon_2026-11-24.pdf"
    assert str(pdf.docinfo.Title) == "Fiches des circonscriptions – Académie de Dijon"


def test_the_store_is_asked_as_often_for_one_district_as_for_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    frame = Store.frame

    def counting(self: Store, sql: str, *parameters: Any) -> pd.DataFrame:
        asked.append(sql)
        return frame(self, sql, *parameters)

    monkeypatch.setattr(Store, "frame", counting)
    counts = []
    with connect(MEMORY) as store:
        generate(store, 20, 3, TODAY, "Dijon")
        for district, pages in (("'un'", 1), ("uai", 20)):
            with store.transaction() as transaction:
                transaction.write(f"UPDATE school SET department = '021', district = {district}")
            asked.clear()
            assert len(pages_of(whole_of(store, Scope.department("021")))) == pages
            counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_district_of_many_schools_with_names_that_do_not_end_is_one_page(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with connect(MEMORY) as store:
        generate(store, 120, 3, TODAY, "Dijon")
        with store.transaction() as transaction:
            changed = "UPDATE school SET name = $1, district = $1, department = '021'"
            transaction.write(changed, [HOSTILE])
        document = whole_of(store, Scope.district(HOSTILE))
    pdf = pikepdf.open(io.BytesIO(document.content))
    [page] = pages_of(document)
    assert "10 sur 120" in page
    assert "Circonscription <b>Œil</b> \\(x)" in page
    assert pdf.check_pdf_syntax() == []
    assert untrue_parents(pdf) == []
    assert re.fullmatch(r"fiche_[\w-]{1,80}_2026-11-24\.pdf", document.filename)
    assert "missing" not in caplog.text


@pytest.mark.parametrize("smallest_count", [LEAST, 0])
def test_a_district_without_accounts_has_its_page(store: Store, smallest_count: int) -> None:
    Rows(store).school(BEZE, "Dijon Est", "021", "Dijon")
    [page] = pages_of(whole_of(store, Scope.district("Dijon Est"), smallest_count))
    assert "Circonscription Dijon Est" in page
    assert "Aucun compte à représenter." in page
    assert "Aucun établissement n'a encore de comptes." in page


def test_one_school_without_a_journal_has_its_page(store: Store) -> None:
    rows = Rows(store)
    rows.school(BEZE, "Dijon Est", "021", "Dijon")
    rows.account(rows.student(uai=BEZE))
    [page] = pages_of(whole_of(store, Scope.district("Dijon Est"), 0))
    assert "0 % des 1 comptes sont activés" in page
    assert "1 sur 1, du moins activé au plus activé" in page
    assert "Chiffres exacts, petits nombres compris : cette fiche ne doit pas être diffusée" in page


def test_a_district_without_accounts_comes_last(store: Store) -> None:
    rows = Rows(store)
    rows.school(BEZE, "Dijon Est", "021", "Dijon")
    rows.school(SULPICE, "Dijon Ouest", "021", "Dijon")
    rows.account(rows.student(uai=SULPICE))
    pages = pages_of(whole_of(store, Scope.department("021"), 0))
    assert ["Ouest" in page for page in pages] == [True, False]


def test_small_counts_are_on_no_page(store: Store) -> None:
    rows = Rows(store)
    rows.school(BEZE, "Dijon Est", "021", "Dijon")
    for _ in range(33):
        rows.account(rows.student(uai=BEZE))
    exact, told = (
        pages_of(whole_of(store, Scope.district("Dijon Est"), least))[0] for least in (0, LEAST)
    )
    assert "33" in exact
    assert "33" not in told
    [cards] = re.findall("Comptes responsables.*Les comptes dans chaque état", told)
    counts = [int(count) for count in re.findall(r"(?<![\d+−])\d+(?! jours|\d)", cards)]
    assert [count for count in counts if count % LEAST and count != 1] == []
    assert "« n. c. » : non communiqué." in told
    assert "arrondis à un multiple de 5" in told


@pytest.mark.parametrize("least", [LEAST, 12])
def test_every_count_of_people_is_a_published_one(generated: Store, least: int) -> None:
    place = a_district(generated)
    pdf = pikepdf.open(io.BytesIO(whole_of(generated, Scope.district(place.name), least).content))
    [(_, parts)] = tree(pdf)[1]
    [table] = [rows for kind, rows in parts if kind == "Table"]
    cells = [cell for _, row in table[1:] for cell in (row[3][1], row[4][1], row[5][1])]
    [bar] = [text for kind, text in parts if kind == "Figure" and text.startswith("Barre :")]
    cells += re.findall(r"([\d\u00a0]+|n\. c\.) \(", bar)
    told = [int(cell.replace("\u00a0", "")) for cell in cells if cell != "n. c."]
    assert len(told) > 10
    assert [count for count in told if count % least or not count] == []


def test_a_school_has_no_brief(generated: Store) -> None:
    explorer = explorer_of(generated, Scope.academy("Dijon"))
    uai = str(explorer.territory.schools["uai"].iloc[0])
    with pytest.raises(Refused, match="une circonscription, et non une école"):
        write_brief(explorer, Place(Area.SCHOOLS, uai))


def test_a_place_without_schools_has_no_brief(store: Store) -> None:
    with pytest.raises(Refused, match="aucune école n'est connue"):
        whole_of(store, Scope.academy("Dijon"))


def test_a_nation_of_too_many_districts_has_no_document(store: Store) -> None:
    columns = "uai, name, district, department, academy, version"
    with store.transaction() as transaction:
        transaction.write(
            f"INSERT INTO school ({columns}) SELECT 'S' || n, 'x', 'D' || n, '021', 'Dijon', 1 "
            f"FROM (SELECT unnest(range({MOST_BRIEFS + 1})) AS n)"
        )
    with pytest.raises(Refused, match="201 circonscriptions"):
        whole_of(store, Scope.nation())
