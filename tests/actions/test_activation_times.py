"""How long families take: from the first notification, by its channel, to the activation."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from dashboard.actions.figures import activation_times, timeline
from dashboard.actions.generate import generate
from dashboard.actions.take_snapshot import take_snapshot
from dashboard.credentials.links import Signer
from dashboard.domain.account import State
from dashboard.domain.action import Action
from dashboard.domain.grouping import Grouping
from dashboard.domain.journal import Entry
from dashboard.domain.scope import Scope
from dashboard.store.engine import MEMORY, Store, connect
from dashboard.store.journal import write_entries
from dashboard.store.opening import connect as open_any
from tests.store.rows import BEZE, SULPICE, Rows

MONDAY = date(2026, 9, 7)
TODAY = date(2026, 11, 24)
HERE, NATION = Scope.schools(SULPICE), Scope.nation()
SHEET, EMAIL = Action.NOTIFY_BY_SHEET, Action.NOTIFY_BY_EMAIL
NEW, TOLD, CHOSEN, DONE = State


@pytest.fixture
def rows() -> Iterator[Rows]:
    with connect(MEMORY) as store:
        rows = Rows(store)
        rows.school(SULPICE)
        rows.school(BEZE)
        yield rows


@pytest.fixture(scope="module")
def generated() -> Iterator[Store]:
    with connect(MEMORY) as store:
        generate(store, 20, 3, TODAY, "Dijon")
        yield store


def note(
    rows: Rows, account: int, offset: int, action: Action, start: State, end: State, why: str = ""
) -> None:
    at = datetime(2026, 9, 7, 15) + timedelta(days=offset)
    with rows.store.transaction() as transaction:
        write_entries(transaction, [Entry(at, "x", action, account, start, end, why)])


def told(rows: Rows, until: int, scope: Scope = HERE) -> list[tuple[str, int, bool]]:
    times = activation_times(rows.store, scope, MONDAY + timedelta(days=until))
    return list(times.itertuples(index=False, name=None))


def test_days_are_counted_from_the_notification_to_the_activation(rows: Rows) -> None:
    account = rows.account(rows.student(), state=DONE)
    note(rows, account, 0, Action.CREATE, NEW, NEW)
    note(rows, account, 2, EMAIL, NEW, TOLD)
    note(rows, account, 5, Action.CHOOSE_PASSWORD, TOLD, CHOSEN)
    note(rows, account, 6, Action.ACTIVATE, CHOSEN, DONE)
    note(rows, account, 8, Action.RESET, DONE, DONE)
    assert told(rows, 30) == [("email", 4, True)]


def test_who_has_not_activated_has_been_waiting_until_today(rows: Rows) -> None:
    account = rows.account(rows.student(), state=CHOSEN)
    note(rows, account, 2, SHEET, NEW, TOLD)
    note(rows, account, 5, Action.CHOOSE_PASSWORD, TOLD, CHOSEN)
    assert told(rows, 30) == [("sheet", 28, False)]


def test_what_came_after_today_is_not_known_yet(rows: Rows) -> None:
    account = rows.account(rows.student(), state=DONE)
    note(rows, account, 2, SHEET, NEW, TOLD)
    note(rows, account, 9, Action.ACTIVATE, CHOSEN, DONE)
    assert told(rows, 1) == []
    assert told(rows, 2) == [("sheet", 0, False)]
    assert told(rows, 8) == [("sheet", 6, False)]
    assert told(rows, 9) == [("sheet", 7, True)]


def test_a_reminder_does_not_begin_anew(rows: Rows) -> None:
    account = rows.account(rows.student(), state=DONE)
    note(rows, account, 0, SHEET, NEW, TOLD)
    note(rows, account, 10, EMAIL, TOLD, TOLD)
    note(rows, account, 12, Action.ACTIVATE, CHOSEN, DONE)
    assert told(rows, 30) == [("sheet", 12, True)]


@pytest.mark.parametrize(
    ("action", "start", "end", "why"),
    [
        (Action.CREATE, NEW, NEW, ""),
        (Action.TAKE_OVER, NEW, DONE, ""),
        (Action.TAKE_OVER, NEW, TOLD, ""),
        (EMAIL, TOLD, TOLD, ""),
        (EMAIL, NEW, NEW, "adresse inconnue"),
    ],
    ids=str,
)
def test_without_a_first_notification_in_the_journal_there_is_no_time(
    rows: Rows, action: Action, start: State, end: State, why: str
) -> None:
    account = rows.account(rows.student(), state=end)
    note(rows, account, 1, action, start, end, why)
    assert told(rows, 30) == []


def test_other_schools_and_leavers_are_left_out(rows: Rows) -> None:
    here = rows.account(rows.student())
    there = rows.account(rows.student(uai=BEZE))
    gone = rows.account(rows.student(left_on=MONDAY))
    for account in (here, there, gone):
        note(rows, account, 1, SHEET, NEW, TOLD)
    assert len(told(rows, 30)) == 1
    assert len(told(rows, 30, NATION)) == 2
    assert told(rows, 30, Scope.schools()) == []


def test_a_guardian_of_two_schools_counts_once_in_each_and_once_in_the_whole(rows: Rows) -> None:
    account = rows.account(rows.student(), rows.student(), rows.student(uai=BEZE))
    note(rows, account, 1, SHEET, NEW, TOLD)
    assert len(told(rows, 30, NATION)) == 1
    by_school = activation_times(rows.store, NATION, TODAY, "school")
    assert sorted(by_school["school"]) == [BEZE, SULPICE]


def test_nothing_names_or_numbers_an_account(generated: Store) -> None:
    times = activation_times(generated, NATION, TODAY, ("department", "school"))
    assert list(times.columns) == ["department", "school", "channel", "days", "activated"]
    assert times.index.equals(pd.RangeIndex(len(times)))
    assert times.equals(times.sort_values(list(times.columns), ignore_index=True))


@pytest.mark.parametrize("by", Grouping)
def test_every_grouping_has_its_keys_beside_the_times(generated: Store, by: Grouping) -> None:
    times = activation_times(generated, NATION, TODAY, by)
    keys = {"class": ["school", "class"], "structure": []}.get(by, [by.value])
    assert list(times.columns) == [*keys, "channel", "days", "activated"]
    assert len(times) >= len(activation_times(generated, NATION, TODAY))


def test_first_notifications_and_activations_are_those_of_the_timeline(generated: Store) -> None:
    times = activation_times(generated, NATION, TODAY, "school")
    days = (
        timeline(generated, NATION, date(2026, 5, 1), TODAY, "school")
        .groupby("school")
        .sum(numeric_only=True)
    )
    activated = times.groupby("school")["activated"].sum()
    assert activated.to_dict() == days.loc[activated.index, "activation"].to_dict()
    now = timeline(generated, NATION, TODAY, TODAY, "school").set_index("school")
    reached = now["accounts"] - now["not_notified"] - days["taken_over"]
    assert times.groupby("school").size().to_dict() == reached[reached > 0].to_dict()


def test_a_snapshot_tells_the_same_times(generated: Store, tmp_path: Path) -> None:
    take_snapshot(generated, Signer(b"k" * 32), tmp_path / "out", TODAY)
    with open_any(tmp_path / "out") as opened:
        pd.testing.assert_frame_equal(
            activation_times(opened, NATION, TODAY, "school"),
            activation_times(generated, NATION, TODAY, "school"),
        )


def test_an_account_of_two_schools_is_told_in_both_or_once(rows: Rows) -> None:
    account = rows.account(rows.student(), rows.student(uai=BEZE))
    alone = rows.account(rows.student())
    for one in (account, alone):
        note(rows, one, 2, SHEET, NEW, TOLD)
    by_school = activation_times(rows.store, NATION, TODAY, "school")
    assert by_school["school"].value_counts().to_dict() == {SULPICE: 2, BEZE: 1}
    once = activation_times(rows.store, NATION, TODAY, "school", once=True)
    assert once["school"].value_counts().to_dict() == {min(SULPICE, BEZE): 1, SULPICE: 1}
    assert list(once.columns) == list(by_school.columns)


def test_told_once_there_are_as_many_rows_as_accounts(generated: Store) -> None:
    accounts = activation_times(generated, NATION, TODAY)
    for by in ("school", ("school", "class"), "level", "structure"):
        once = activation_times(generated, NATION, TODAY, by, once=True)
        assert len(once) == len(accounts)
    several = activation_times(generated, NATION, TODAY, "school")
    assert len(several) > len(accounts)
