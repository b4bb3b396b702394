"""States day by day, told backwards from what they are now by what the journal says."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pandas as pd
import pytest

from dashboard.actions.figures import statistics, timeline
from dashboard.actions.generate import generate
from dashboard.domain.account import State
from dashboard.domain.action import Action
from dashboard.domain.grouping import Grouping
from dashboard.domain.journal import Entry
from dashboard.domain.scope import Scope
from dashboard.pipelines.statistics import STATE_COLUMNS
from dashboard.pipelines.timelines import EVENTS, change_over, weekly
from dashboard.store.engine import MEMORY, Store, connect
from dashboard.store.journal import trim_journal, write_entries
from tests.store.rows import BEZE, SULPICE, Rows

MONDAY = date(2026, 9, 7)
STATES = list(STATE_COLUMNS.values())
HERE = Scope.schools(SULPICE)
NEW, TOLD, CHOSEN, DONE = State


def day(offset: int) -> date:
    return MONDAY + timedelta(days=offset)


@pytest.fixture
def rows() -> Iterator[Rows]:
    with connect(MEMORY) as store:
        yield Rows(store)


@pytest.fixture(scope="module")
def generated() -> Iterator[Store]:
    with connect(MEMORY) as store:
        generate(store, 30, 3, date(2026, 11, 24), "Dijon")
        yield store


def note(
    rows: Rows, account: int, offset: int, action: Action, start: State, end: State, why: str = ""
) -> None:
    entry = Entry(
        datetime(2026, 9, 7, 15) + timedelta(days=offset), "x", action, account, start, end
    )
    if why:
        entry = Entry(entry.happened_at, "x", action, account, start, end, why)
    with rows.store.transaction() as transaction:
        write_entries(transaction, [entry])


def test_an_account_is_in_the_state_of_its_last_entry_of_each_day(rows: Rows) -> None:
    rows.school()
    account = rows.account(rows.student(), state=DONE)
    note(rows, account, 1, Action.CREATE, NEW, NEW)
    note(rows, account, 2, Action.NOTIFY_BY_SHEET, NEW, TOLD)
    note(rows, account, 4, Action.CHOOSE_PASSWORD, TOLD, CHOSEN)
    note(rows, account, 4, Action.ACTIVATE, CHOSEN, DONE)
    days = timeline(rows.store, HERE, MONDAY, day(5))
    assert list(days["day"].dt.date) == [day(offset) for offset in range(6)]
    assert days[["accounts", *STATES]].to_numpy().tolist() == [
        [0, 0, 0, 0, 0],
        [1, 1, 0, 0, 0],
        [1, 0, 1, 0, 0],
        [1, 0, 1, 0, 0],
        [1, 0, 0, 0, 1],
        [1, 0, 0, 0, 1],
    ]
    [done] = days.loc[days["day"] == pd.Timestamp(day(4)), list(EVENTS.values())].to_dict("records")
    assert {name for name, count in done.items() if count} == {"password_chosen", "activation"}


def test_what_is_no_longer_in_the_journal_was_always_so(rows: Rows) -> None:
    rows.school()
    known = rows.account(rows.student(), state=TOLD)
    rows.account(rows.student(), state=DONE)
    note(rows, known, 0, Action.CREATE, NEW, NEW)
    note(rows, known, 3, Action.NOTIFY_BY_EMAIL, NEW, TOLD)
    with rows.store.transaction() as transaction:
        trim_journal(transaction, datetime(2026, 9, 9))
    days = timeline(rows.store, HERE, MONDAY, day(4))
    assert days["not_notified"].tolist() == [1, 1, 1, 0, 0]
    assert days["notified"].tolist() == [0, 0, 0, 1, 1]
    assert days["activated"].tolist() == [1] * 5


def test_what_happened_after_the_last_day_is_undone_too(rows: Rows) -> None:
    rows.school()
    account = rows.account(rows.student(), state=TOLD)
    note(rows, account, 9, Action.NOTIFY_BY_SHEET, NEW, TOLD)
    days = timeline(rows.store, HERE, MONDAY, day(2))
    assert days["not_notified"].tolist() == [1, 1, 1]
    assert days["notified_by_sheet"].tolist() == [0, 0, 0]


def test_refusals_and_other_scopes_are_not_counted(rows: Rows) -> None:
    rows.school(SULPICE)
    rows.school(BEZE)
    here, there = rows.account(rows.student()), rows.account(rows.student(uai=BEZE))
    note(rows, here, 1, Action.RESET, NEW, NEW, "compte pas encore notifié")
    note(rows, there, 1, Action.NOTIFY_BY_SHEET, NEW, TOLD)
    days = timeline(rows.store, HERE, MONDAY, day(1))
    assert days[list(EVENTS.values())].to_numpy().sum() == 0
    assert timeline(rows.store, HERE, MONDAY, day(1), only=[BEZE])["accounts"].sum() == 0


def test_a_guardian_of_two_classes_counts_in_each_and_once_in_the_whole(rows: Rows) -> None:
    rows.school()
    account = rows.account(rows.student("CP", "CP"), rows.student("GS", "GS"), state=TOLD)
    note(rows, account, 1, Action.NOTIFY_BY_SHEET, NEW, TOLD)
    by_class = timeline(rows.store, HERE, MONDAY, day(1), "class")
    assert list(by_class["class"]) == ["GS", "GS", "CP", "CP"]
    assert by_class["notified"].tolist() == [0, 1, 0, 1]
    assert timeline(rows.store, HERE, MONDAY, day(1))["notified"].tolist() == [0, 1]


@pytest.mark.parametrize("by", [*Grouping, ("district", "level")], ids=str)
def test_the_last_day_agrees_with_the_statistics(
    generated: Store, by: Grouping | tuple[str, ...]
) -> None:
    today = date(2026, 11, 24)
    days = timeline(generated, Scope.nation(), today, today, by)
    figures = statistics(generated, Scope.nation(), by)
    figures = figures[figures["accounts"] > 0].reset_index(drop=True)
    keys = [name for name in days.columns if name in figures.columns]
    pd.testing.assert_frame_equal(days[keys], figures[keys])


def test_sums_over_the_days_equal_the_journal(generated: Store) -> None:
    first, last = date(2026, 5, 1), date(2026, 11, 24)
    days = timeline(generated, Scope.nation(), first, last)
    counted = "SELECT action, count(*) FROM journal WHERE reason = '' GROUP BY action"
    told: dict[str, int] = dict(generated.rows(counted))
    for action, column in EVENTS.items():
        assert days[column].sum() == told.get(action, 0)
    assert (days[STATES].sum(axis="columns") == days["accounts"]).all()


def test_every_day_equals_a_plain_reading_of_the_journal(generated: Store) -> None:
    since, until = date(2026, 9, 1), date(2026, 9, 20)
    days = timeline(generated, Scope.nation(), since, until, "school")
    for offset in (0, 7, 19):
        end = since + timedelta(days=offset)
        told = generated.rows(
            "SELECT uai, state, count(*) FROM (SELECT DISTINCT uai, account_id FROM link) AS held "
            "JOIN (SELECT account_id, arg_max(to_state, (happened_at, entry_id)) AS state "
            "FROM journal WHERE happened_at < CAST($1 AS DATE) GROUP BY account_id) AS last "
            "ON last.account_id = held.account_id GROUP BY uai, state",
            [end + timedelta(days=1)],
        )
        shown = days[days["day"] == pd.Timestamp(end)].melt("school", STATES)
        shown = shown[shown["value"] > 0]
        assert sorted(zip(shown["school"], shown["variable"], shown["value"], strict=True)) == (
            sorted((uai, STATE_COLUMNS[state], count) for uai, state, count in told)
        )


def test_weeks_end_on_the_last_day_and_growth_is_told_over_spans(generated: Store) -> None:
    until = date(2026, 11, 24)
    uais = list(generated.frame("SELECT uai FROM school ORDER BY uai LIMIT 5")["uai"])
    days = timeline(
        generated, Scope.nation(), until - timedelta(days=60), until, "school", only=uais
    )
    weeks = weekly(days, 8)
    assert list(weeks.groupby("school").size()) == [8] * 5
    assert weeks["day"].max() == pd.Timestamp(until)
    grown = change_over(days)
    assert list(grown["school"]) == uais
    by_day = days.set_index(["school", "day"])["activated"]
    for record in grown.to_dict("records"):
        now = by_day[record["school"], pd.Timestamp(until)]
        before = by_day[record["school"], pd.Timestamp(until - timedelta(days=30))]
        assert record["activated_30"] == now - before
    assert set(change_over(days, (90,))["activated_90"].isna()) == {True}


def test_a_scope_without_accounts_has_a_row_of_zeros_a_day(store: Store) -> None:
    days = timeline(store, Scope.nation(), MONDAY, day(1))
    assert days["accounts"].tolist() == [0, 0]
    assert timeline(store, Scope.nation(), MONDAY, day(1), "school").empty


def test_days_that_end_before_they_begin_are_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="before"):
        timeline(store, Scope.nation(), day(1), day(0))
