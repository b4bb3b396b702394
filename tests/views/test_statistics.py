"""The tab Statistiques of a school, without a browser: classes crossed with levels."""

import re
from datetime import datetime
from html import escape, unescape
from typing import Any

import panel as pn
import panel_material_ui as pmui
import pytest

from dashboard.domain.account import State
from dashboard.domain.french import NO_BREAK_SPACE
from dashboard.domain.scope import ActingScope, Role, User
from dashboard.store.engine import Store
from dashboard.views.components.repairs import LiveHtml
from dashboard.views.state.list_state import ListState, Tab
from dashboard.views.statistics import StatisticsView
from tests.store.rows import BEZE, SULPICE, Rows

NOW = datetime(2026, 11, 24, 10)
DIRECTOR = User("d", "Directrice", Role.DIRECTOR, ActingScope.schools(SULPICE, BEZE))
LONG = "Classe de CM1 et CM2 de Mme Églantine, à l’étage du bâtiment B"
HOSTILE = "<img src=x onerror=alert(1)> =1+1 {{7*7}}"


def opened(store: Store) -> StatisticsView:
    """The tab, opened on the school Saint-Sulpice."""
    return StatisticsView(
        ListState(school=SULPICE, tab=Tab.STATISTICS), DIRECTOR, store, lambda: NOW
    )


def crossing(view: StatisticsView) -> tuple[str, str, Any]:
    """What is said of the crossing, its HTML, and whether its CSV is offered."""
    panel = view.__panel__()
    said = panel.select(pn.pane.HTML)[-1].object
    download = panel.select(pmui.FileDownload)[-1]
    spaced = panel.select(LiveHtml)[-1].html.replace(NO_BREAK_SPACE, " ")
    return unescape(said).replace(NO_BREAK_SPACE, " "), spaced, download.visible


def heat(html: str) -> list[list[str]]:
    """The heat table's rows of texts, its headings first."""
    rows = re.findall(r"<tr>(.*?)</tr>", html.partition("</table>")[0])
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in rows]
    return [[re.sub(r"<[^>]+>", " ", cell).strip() for cell in row] for row in cells]


@pytest.fixture
def rows(store: Store) -> Rows:
    rows = Rows(store)
    rows.school(SULPICE)
    return rows


def test_classes_and_levels_are_crossed_in_their_orders(rows: Rows) -> None:
    rows.account(rows.student("CE1-CE2", "CE2"), state=State.ACTIVATED)
    rows.account(rows.student("CE1-CE2", "CE1"))
    rows.account(rows.student("Z", "PS"), state=State.ACTIVATED)
    rows.account(rows.student("Z", "PS"))
    said, html, is_offered = crossing(opened(rows.store))
    assert heat(html) == [
        ["Classe", "PS", "CE1", "CE2"],
        ["Z", "50 % 1 sur 2", "", ""],
        ["CE1-CE2", "", "0 % 0 sur 1", "100 % 1 sur 1"],
    ]
    assert "la plus élevée de comptes activés : CE1-CE2, CE2 (100 %)" in said
    assert "<details><summary>Synthèse des comptes responsables par classe et niveau" in html
    assert is_offered


def test_nothing_is_crossed_where_each_class_has_one_level(rows: Rows) -> None:
    rows.account(rows.student("CP A", "CP"), rows.student("CE1", "CE1"))
    said, html, is_offered = crossing(opened(rows.store))
    assert "Aucune classe n'a plusieurs niveaux" in said
    assert html == ""
    assert not is_offered


def test_a_school_without_students_has_nothing_to_cross(rows: Rows) -> None:
    said, html, is_offered = crossing(opened(rows.store))
    assert "Aucun compte à représenter." in said
    assert html == ""
    assert not is_offered


def test_a_class_at_a_level_without_accounts_has_a_dash(rows: Rows) -> None:
    rows.student("CP-CE1", "CP")
    rows.account(rows.student("CP-CE1", "CE1"))
    _, html, _ = crossing(opened(rows.store))
    assert heat(html)[1][1] == "–"


def test_forty_classes_of_any_name_are_text(rows: Rows) -> None:
    for name in ("", LONG, HOSTILE, *(f"Classe {n}" for n in range(37))):
        rows.account(rows.student(name, "CM1"), rows.student(name, "CM2"))
    _, html, _ = crossing(opened(rows.store))
    _, *classes = heat(html)
    assert len(classes) == 40
    assert {escape(HOSTILE), escape(LONG)} < {row[0] for row in classes}
    assert classes[-1][0] == "sans classe"
    assert "<img" not in html


def test_another_school_is_not_mixed_in(rows: Rows) -> None:
    rows.school(BEZE)
    for uai in (SULPICE, BEZE):
        rows.account(rows.student("A", "CP", uai), rows.student("A", "CE1", uai))
    _, html, _ = crossing(opened(rows.store))
    assert [row[1] for row in heat(html)] == ["CP", "0 % 0 sur 1"]


def test_a_change_is_shown_when_the_tab_is_refreshed(rows: Rows) -> None:
    rows.account(rows.student("A", "CP"), rows.student("A", "CE1"))
    view = opened(rows.store)
    _, before, _ = crossing(view)
    rows.account(rows.student("A", "CP"), state=State.ACTIVATED)
    view.refresh()
    _, after, _ = crossing(view)
    assert [heat(html)[1][1] for html in (before, after)] == ["0 % 0 sur 1", "50 % 1 sur 2"]
