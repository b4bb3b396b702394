"""The demo schools show the guide's own figures."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from dashboard.actions.figures import statistics
from dashboard.actions.load_demo import load_demo
from dashboard.domain.french import percent
from dashboard.domain.scope import Scope
from dashboard.store.engine import Store
from tests.actions.stored import SULPICE, listed, tables

DATA = Path(__file__).parents[2] / "data"
COUNTS = ["accounts", "not_notified", "notified", "activating", "activated"]


def test_the_script_writes_the_committed_bytes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, DATA / "make_demo.py", tmp_path], check=True)
    committed = {path.name: path.read_bytes() for path in (DATA / "demo").iterdir()}
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == committed


def test_the_structure_has_the_guide_s_figures(demo_store: Store) -> None:
    [figures] = statistics(demo_store, Scope.schools(SULPICE), "structure").to_dict("records")
    assert [figures[name] for name in COUNTS] == [238, 230, 5, 1, 2]
    assert percent(figures["activated_pct"]) == "0,84\u00a0%"
    assert percent(figures["students_covered_pct"]) == "1,27\u00a0%"


@pytest.mark.parametrize(
    ("label", "counts", "activated"),
    [
        ("PSMS", [24, 24, 0, 0, 0], "0\u00a0%"),
        ("PS", [27, 25, 1, 0, 1], "3,7\u00a0%"),
        ("MSGS", [25, 24, 0, 0, 1], "4\u00a0%"),
        ("GS", [28, 28, 0, 0, 0], "0\u00a0%"),
    ],
)
def test_the_classes_have_the_guide_s_figures(
    demo_store: Store, label: str, counts: list[int], activated: str
) -> None:
    frame = statistics(demo_store, Scope.schools(SULPICE), "class").set_index("class")
    assert [frame.loc[label, name] for name in COUNTS] == counts
    assert percent(frame["activated_pct"][label]) == activated


def test_loading_again_does_nothing(store: Store, today: date) -> None:
    assert load_demo(store, today)
    before = tables(store)
    assert not load_demo(store, today)
    assert tables(store) == before


@pytest.mark.parametrize("day", [date(2024, 2, 29), date(2027, 6, 30)])
def test_the_dates_follow_the_day_it_is_loaded(store: Store, day: date) -> None:
    load_demo(store, day)
    dates = [account.account.distributed_on for account in listed(store)]
    assert max(found for found in dates if found) <= day
    [figures] = statistics(store, Scope.schools(SULPICE), "structure").to_dict("records")
    assert [figures[name] for name in COUNTS] == [238, 230, 5, 1, 2]


def test_homonym_guardians_stay_two_accounts(demo_store: Store) -> None:
    names = [account.guardian.full_name for account in listed(demo_store, "0210507M")]
    assert names.count("CORMORAN Gaëlle") == 2
