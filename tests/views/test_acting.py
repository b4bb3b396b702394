"""An action as the screen follows it, without a screen: asked, confirmed, run, reported."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest

from dashboard.actions.office import Office
from dashboard.domain.account import State
from dashboard.domain.action import Action
from dashboard.domain.report import Outcome
from dashboard.domain.scope import ActingScope
from dashboard.domain.sheet import SheetLayout
from dashboard.office import open_office
from dashboard.settings import Settings
from dashboard.store.engine import Row, Store
from dashboard.views.acting import Acting, Step
from tests.store.rows import SULPICE, Rows

NOW = datetime(2026, 9, 28, 10, 30)
HERE = ActingScope.schools(SULPICE)
Journal = Callable[[], list[Row]]


@pytest.fixture
def office(store: Store) -> Office:
    return open_office(store, Settings(), "http://localhost", lambda: NOW)


@pytest.fixture
def accounts(store: Store) -> list[int]:
    """One account not notified, one activated."""
    rows = Rows(store)
    rows.school()
    child = rows.student()
    return [rows.account(child), rows.account(child, state=State.ACTIVATED)]


@pytest.fixture
def acting(office: Office) -> Acting:
    return Acting(office, "Directrice")


@pytest.fixture
def journal(store: Store) -> Journal:
    return lambda: store.rows("SELECT account_id, actor, action, reason <> '' FROM journal")


def run(acting: Acting) -> None:
    with ThreadPoolExecutor(1) as thread:  # the browser's own loop runs in this one
        thread.submit(lambda: asyncio.run(acting.run(SheetLayout()))).result()


def test_asking_writes_nothing_and_says_who_is_skipped(
    acting: Acting, accounts: list[int], journal: Journal
) -> None:
    acting.ask(HERE, Action.NOTIFY_BY_SHEET, accounts)
    assert acting.step is Step.CONFIRM
    assert acting.preparation is not None
    assert [one.account_id for one in acting.preparation.accepted] == accounts[:1]
    assert acting.preparation.refusals == {"compte déjà activé : rien à notifier": 1}
    assert journal() == []


def test_running_reports_account_by_account(acting: Acting, accounts: list[int]) -> None:
    acting.ask(HERE, Action.NOTIFY_BY_SHEET, accounts)
    run(acting)
    assert acting.step is Step.REPORT
    assert acting.report is not None
    assert acting.report.sheets is not None
    assert [acting.report.count(outcome) for outcome in Outcome] == [1, 1, 0]


def test_confirming_twice_acts_once(acting: Acting, accounts: list[int], journal: Journal) -> None:
    acting.ask(HERE, Action.NOTIFY_BY_SHEET, accounts)
    run(acting)
    run(acting)
    assert sorted(journal()) == [
        (accounts[0], "Directrice", "NOTIFY_BY_SHEET", False),
        (accounts[1], "Directrice", "NOTIFY_BY_SHEET", True),
    ]


def test_closing_forgets_the_sheets(acting: Acting, accounts: list[int]) -> None:
    acting.ask(HERE, Action.NOTIFY_BY_SHEET, accounts)
    run(acting)
    acting.close()
    assert acting.step is Step.NONE
    assert acting.report is None


def test_giving_up_before_confirming_does_nothing(
    acting: Acting, accounts: list[int], journal: Journal
) -> None:
    acting.ask(HERE, Action.NOTIFY_BY_SHEET, accounts)
    acting.cancel()
    run(acting)
    assert acting.step is Step.NONE
    assert journal() == []


def test_cancelling_midway_leaves_every_account_as_it_was(
    acting: Acting, accounts: list[int], journal: Journal
) -> None:
    acting.ask(HERE, Action.NOTIFY_BY_SHEET, accounts)
    acting.param.watch(lambda _: acting.cancel(), "step")
    run(acting)
    assert acting.problem == "Annulé : rien n'a été fait."
    assert acting.report is None
    assert journal() == []


def test_acting_on_nobody_who_may_be_acted_on_reports_just_that(
    acting: Acting, accounts: list[int]
) -> None:
    acting.ask(HERE, Action.RESEND, accounts)
    run(acting)
    assert acting.report is not None
    assert acting.report.count(Outcome.SKIPPED) == 2
    assert acting.report.sheets is None
