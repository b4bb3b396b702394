"""Notebooks over a database that has too little for them: they say so, and go on."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

import dashboard
from dashboard.domain.account import State
from dashboard.domain.action import Action
from dashboard.store.engine import Store
from tests.store.rows import BEZE, Rows

pytestmark = pytest.mark.server  # which Jupyter starts for each notebook

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
FICTITIOUS = "WHAT FOLLOWS IS ABOUT FICTITIOUS SCHOOLS."


def said_by(number: int, fill: Callable[[Store], object], folder: Path) -> str:
    """What a notebook prints over a database that was filled so; no warning, no error."""
    database = folder / "accounts.duckdb"
    with dashboard.connect(database, create=True) as store:
        fill(store)
    [path] = NOTEBOOKS.glob(f"{number}_*.ipynb")
    cells = json.loads(path.read_text("utf-8"))["cells"]
    code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env={**os.environ, "EDUCONNECT_DATABASE": str(database), "PYTHONWARNINGS": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not ran.stderr, ran.stderr
    assert ran.returncode == 0
    return ran.stdout


def nothing(store: Store) -> None:
    pass


def the_demonstration(store: Store) -> None:
    """Four schools whose accounts came with their states: their journal has no notification."""
    dashboard.load_demo(store, date.today())


def many_without_a_journal(store: Store) -> None:
    rows = Rows(store)
    for number in range(25):
        uai = rows.school(f"02150{number:02}A")
        for place in range(6):
            state = State.ACTIVATED if place < number % 5 else State.NOTIFIED
            rows.account(rows.student("CP-CE1", ("CP", "CE1")[place % 2], uai), state=state)


SHEETS_FOR_EMAILS = (Action.NOTIFY_BY_SHEET.value, Action.NOTIFY_BY_EMAIL.value)


def sheets_alone(store: Store) -> None:
    dashboard.generate(store, 20, 1, date.today(), "Dijon")
    with store.transaction() as transaction:
        transaction.write("UPDATE journal SET action = $1 WHERE action = $2", SHEETS_FOR_EMAILS)


def another_school(store: Store) -> None:
    rows = Rows(store)
    rows.account(rows.student("CP", "CP", rows.school(BEZE)))


@pytest.mark.parametrize(
    ("number", "missing"), [(2, "A comparison takes 20 schools"), (3, "A curve takes 50 families")]
)
def test_too_little_is_said_and_fictitious_schools_take_its_place(
    number: int, missing: str, tmp_path: Path
) -> None:
    said = said_by(number, the_demonstration, tmp_path)
    assert missing in said
    assert FICTITIOUS in said


def test_schools_are_compared_without_a_journal(tmp_path: Path) -> None:
    said = said_by(2, many_without_a_journal, tmp_path)
    assert FICTITIOUS not in said
    assert "Of 25 schools the journal has no notification" in said
    assert "are unusual once size, levels and τ are allowed for" in said


def test_a_channel_alone_has_its_curve_and_is_not_compared(tmp_path: Path) -> None:
    said = said_by(3, sheets_alone, tmp_path)
    assert FICTITIOUS not in said
    assert "Only one channel has enough families for a curve: Feuille." in said
    assert "There is no difference to test" in said
    assert "nothing to compare." in said


def test_a_school_that_the_database_has_not_is_replaced_by_one_that_it_has(tmp_path: Path) -> None:
    said = said_by(1, another_school, tmp_path)
    assert f"n'est pas dans cette base : la suite porte sur {BEZE}." in said


def test_the_first_look_of_nothing_is_of_the_demonstration(tmp_path: Path) -> None:
    said = said_by(1, nothing, tmp_path)
    assert "Cette base n'a aucun compte" in said
    assert "238 comptes" in said
