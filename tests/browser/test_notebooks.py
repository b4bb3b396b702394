"""Notebooks in a browser: the page that one of them serves, and figures that need no other host."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from playwright.sync_api import Page, expect

import dashboard
from tests.browser.conftest import Server

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
PAGE = "4_a_page_of_your_own"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A few fictitious schools, in several districts."""
    path = tmp_path / "accounts.duckdb"
    with dashboard.connect(path, create=True) as store:
        dashboard.generate(store, 6, 1, date(2026, 11, 24), "Dijon")
    return path


def test_a_notebook_is_served_as_a_page_over_a_database(
    run: Callable[..., Server], open_page: Callable[..., Page], database: Path
) -> None:
    with dashboard.connect(database, read_only=True) as store:
        by_district = dashboard.statistics(
            store, dashboard.Scope.nation(), ("district", "school"), smallest_count=5
        )
    first, *_, last = by_district["district"].unique()
    assert first != last
    serve = ["panel", "serve", str(NOTEBOOKS / f"{PAGE}.ipynb"), "--address", "127.0.0.1"]
    served = run(serve, database, f"/{PAGE}")
    page = open_page()
    answer = page.goto(f"{served.address}/{PAGE}")
    assert answer is not None
    assert answer.status == 200
    expect(page).to_have_title("Activation par école")
    expect(page.get_by_role("heading", name="Activation par école", level=1)).to_be_visible()
    expect(page.get_by_text("How does a notebook become")).to_have_count(0)
    for district in (last, first):
        page.get_by_label("Circonscription").select_option(district)
        figures = by_district[by_district["district"] == district]
        words = dashboard.charts.progress_text(figures, by="school")
        expect(page.get_by_text(words)).to_be_visible()


# Panel shows an element without content, to say that its scripts are there.
@pytest.mark.filterwarnings("ignore:Your element with mimetype")
def test_the_figures_of_a_notebook_are_drawn_without_another_host(
    open_page: Callable[..., Page], tmp_path: Path
) -> None:
    notebook = nbformat.read(NOTEBOOKS / "1_first_look_at_a_school.ipynb", nbformat.NO_CONVERT)
    NotebookClient(notebook, timeout=120).execute()
    # What the exporter would fetch for itself is left out.
    exporter = HTMLExporter(require_js_url="", mathjax_url="")
    text, _ = exporter.from_notebook_node(notebook)
    (tmp_path / "notebook.html").write_text(text, encoding="utf-8")
    page = open_page()
    page.goto((tmp_path / "notebook.html").as_uri())
    expect(page.locator(".bk-Figure canvas").first).to_be_visible()
    expect(page.locator(".bk-Figure")).to_have_count(3)
