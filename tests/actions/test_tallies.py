"""Ended weeks are counted once, and told ever after by the rule of all published figures."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

import numpy as np
import pandas as pd
import pytest

from dashboard.actions.figures import tallies, timeline
from dashboard.actions.generate import generate
from dashboard.actions.housekeeping import Retention, housekeep, keep_tallies
from dashboard.domain.account import State
from dashboard.domain.action import Action
from dashboard.domain.errors import Refused
from dashboard.domain.grouping import Groupings
from dashboard.domain.journal import Entry
from dashboard.domain.school_year import SchoolYear
from dashboard.domain.scope import Scope
from dashboard.fiction.tallies import draw_tallies
from dashboard.pipelines.statistics import STATE_COLUMNS
from dashboard.pipelines.suppression import LEAST_SCHOOLS
from dashboard.store.engine import MEMORY, Store, connect
from dashboard.store.journal import write_entries
from dashboard.store.schools import schools
from dashboard.store.tallies import bundle_sizes, write_tallies
from tests.store.rows import BEZE, SULPICE, Rows

TODAY = date(2026, 11, 24)  # a Tuesday
STATES = list(STATE_COLUMNS.values())
COUNTS = ["accounts", *STATES]
NATION = Scope.nation()
SINCE = date(2026, 9, 1)
LEAST = 5
KEPT = "SELECT * FROM tally ORDER BY ALL"
PLACES = ["structure", "school", "district", "department", ("department", "district")]


@pytest.fixture(scope="module")
def generated() -> Iterator[Store]:
    """Schools whose weeks of this school year have just been counted."""
    with connect(MEMORY) as store:
        generate(store, 40, 3, TODAY, "Dijon")
        assert keep_tallies(store, TODAY) == 12
        yield store


@pytest.fixture
def rows() -> Iterator[Rows]:
    """A school with an account that was notified on a Wednesday, and activated on the Sunday."""
    with connect(MEMORY) as store:
        rows = Rows(store)
        rows.school()
        account = rows.account(rows.student(), state=State.ACTIVATED)
        new, told, _, done = State
        note(rows, account, datetime(2026, 11, 4, 9), Action.CREATE, new, new)
        note(rows, account, datetime(2026, 11, 4, 10), Action.NOTIFY_BY_SHEET, new, told)
        note(rows, account, datetime(2026, 11, 15, 23, 59), Action.ACTIVATE, told, done)
        yield rows


def note(
    rows: Rows, account: int, moment: datetime, action: Action, start: State, end: State
) -> None:
    with rows.store.transaction() as transaction:
        write_entries(transaction, [Entry(moment, "x", action, account, start, end)])


def ends_of_weeks(store: Store, by: Groupings, smallest_count: int = 0) -> pd.DataFrame:
    """What the timeline tells of the same Sundays."""
    days = timeline(store, NATION, SINCE, TODAY, by, smallest_count=smallest_count)
    is_told = (days["day"].dt.day_of_week == 6) & (days["accounts"].fillna(1) > 0)
    told: pd.DataFrame = days[is_told].reset_index(drop=True)
    return told


def test_a_week_is_counted_as_it_was_on_its_sunday_evening(rows: Rows) -> None:
    assert keep_tallies(rows.store, TODAY) == 3
    assert rows.store.rows(KEPT) == [
        (SULPICE, date(2026, 11, 8), 0, 1, 0, 0),
        (SULPICE, date(2026, 11, 15), 0, 0, 0, 1),
        (SULPICE, date(2026, 11, 22), 0, 0, 0, 1),
    ]


@pytest.mark.parametrize(("today", "weeks"), [(date(2026, 11, 8), 0), (date(2026, 11, 9), 1)])
def test_a_week_is_counted_once_its_sunday_is_over(rows: Rows, today: date, weeks: int) -> None:
    assert keep_tallies(rows.store, today) == weeks


def test_nothing_is_counted_of_before_the_journal(store: Store) -> None:
    assert keep_tallies(store, TODAY) == 0
    rows = Rows(store)
    rows.school()
    rows.account(rows.student())
    assert keep_tallies(store, TODAY) == 0
    assert store.rows(KEPT) == []


def test_a_kept_week_stays_whoever_leaves_later(rows: Rows) -> None:
    keep_tallies(rows.store, date(2026, 11, 16))
    before = rows.store.rows(KEPT)
    with rows.store.transaction() as transaction:
        transaction.write("UPDATE link SET left_on = $1", [date(2026, 11, 20)])
        transaction.write("UPDATE student SET left_on = $1", [date(2026, 11, 20)])
    now = datetime.combine(TODAY, time(9)) + timedelta(days=800)
    assert housekeep(rows.store, now, Retention(12, 12)).guardians == 1
    assert rows.store.rows(KEPT) == before
    told = tallies(rows.store, NATION, date.min, date.max)
    assert told["activated_pct"].tolist() == [0, 100]


def test_a_missing_week_is_counted_between_those_that_are_kept(rows: Rows) -> None:
    keep_tallies(rows.store, TODAY)
    before = rows.store.rows(KEPT)
    with rows.store.transaction() as transaction:
        transaction.write("DELETE FROM tally WHERE day = $1", [date(2026, 11, 15)])
        transaction.write("UPDATE tally SET notified = 7 WHERE day = $1", [date(2026, 11, 8)])
    assert keep_tallies(rows.store, TODAY) == 1
    assert [row[2:] for row in rows.store.rows(KEPT)] == [
        (0, 7, 0, 0),
        *(r[2:] for r in before[1:]),
    ]


def test_a_second_housekeeping_changes_nothing(generated: Store) -> None:
    before = generated.rows(KEPT)
    assert housekeep(generated, datetime.combine(TODAY, time(9)), Retention(12, 12)).weeks == 0
    assert generated.rows(KEPT) == before


def test_sums_are_those_of_the_timeline(generated: Store) -> None:
    told = tallies(generated, NATION, SINCE, TODAY, "school")
    days = ends_of_weeks(generated, "school")
    pd.testing.assert_frame_equal(
        told[["school", "day", *COUNTS]], days[["school", "day", *COUNTS]]
    )
    whole = tallies(generated, NATION, SINCE, TODAY)
    assert whole["accounts"].to_list() == told.groupby("day")["accounts"].sum().to_list()
    share = (100 * whole["activated"] / whole["accounts"]).round(2)
    assert whole["activated_pct"].to_list() == share.to_list()


@pytest.mark.parametrize("by", PLACES, ids=str)
def test_published_sums_of_many_schools_are_those_of_the_published_timeline(
    generated: Store, by: Groupings
) -> None:
    told = tallies(generated, NATION, SINCE, TODAY, by, smallest_count=LEAST)
    days = ends_of_weeks(generated, by, LEAST)
    same = list(days.columns)
    keys = same[: same.index("day")]
    is_many = pd.Series(True, index=told.index)
    if keys:
        known = schools(generated, NATION).rename(columns={"uai": "school"})
        sizes = known.groupby(keys).size().rename("size").reset_index()
        is_many = told.merge(sizes, on=keys)["size"] >= LEAST_SCHOOLS
    pd.testing.assert_frame_equal(told.loc[is_many, same], days[is_many])
    assert told.loc[~is_many, [*COUNTS, "activated_pct"]].isna().all(axis=None)


def test_of_a_few_schools_no_kept_week_is_published(generated: Store) -> None:
    """Beside the timeline, which leavers are not in, it would tell of them.

    Nor of many that are not whole bundles: they might be subtracted from more.
    """
    bundles: dict[str, list[str]] = {}
    for uai, name in generated.rows("SELECT DISTINCT uai, bundle FROM tally_bundle ORDER BY 1"):
        bundles.setdefault(name, []).append(uai)
    one, other = list(bundles.values())[:2]
    assert len(one) + len(other) > 2 * LEAST_SCHOOLS
    for uais, is_told in (
        (one[: LEAST_SCHOOLS - 1], False),
        (one, True),
        ([*one, *other[:-1]], False),
        ([*one, *other], True),
    ):
        scope = Scope.schools(*uais)
        told = tallies(generated, scope, SINCE, TODAY, smallest_count=LEAST)
        assert not told.empty
        assert told["accounts"].notna().eq(is_told).all()
        assert told["activated_pct"].notna().eq(is_told).all()


def test_each_kept_week_is_split_into_bundles_of_ten_schools(generated: Store) -> None:
    sizes = bundle_sizes(generated, date.min, TODAY)
    assert not sizes.empty
    assert (sizes["schools"] >= LEAST_SCHOOLS).all()
    twice = "SELECT uai FROM tally_bundle GROUP BY uai, day HAVING count(*) > 1"
    assert generated.rows(twice) == []


def test_weeks_kept_before_there_were_bundles_get_theirs_at_the_next_housekeeping() -> None:
    with connect(MEMORY) as store:
        generate(store, 40, 3, TODAY, "Dijon")
        before = tallies(store, NATION, date.min, TODAY, "department", smallest_count=LEAST)
        bundles = "SELECT * FROM tally_bundle ORDER BY ALL"
        made = store.rows(bundles)
        with store.transaction() as transaction:
            transaction.write("DELETE FROM tally_bundle")
        untold = tallies(store, NATION, date.min, TODAY, smallest_count=LEAST)
        assert untold[[*COUNTS, "activated_pct"]].isna().all(axis=None)
        housekeep(store, datetime.combine(TODAY, time(9)), Retention(12, 12))
        assert set(made) <= set(store.rows(bundles))
        after = tallies(store, NATION, date.min, TODAY, "department", smallest_count=LEAST)
        same = after[after["day"].isin(before["day"])].reset_index(drop=True)
        pd.testing.assert_frame_equal(same, before)


def test_a_district_keeps_its_week_though_a_school_has_moved_since() -> None:
    """Of another split of the same week, the two could be subtracted."""
    with connect(MEMORY) as store:
        generate(store, 40, 3, TODAY, "Dijon")
        members = "SELECT uai, bundle FROM tally_bundle ORDER BY ALL"
        before = store.rows(members)
        with store.transaction() as transaction:
            transaction.write(
                "UPDATE school SET district = 'Ailleurs', department = '021' "
                "WHERE uai = (SELECT max(uai) FROM school)"
            )
        keep_tallies(store, TODAY)
        assert set(before) <= set(store.rows(members))
        past = tallies(
            store, NATION, date.min, date(2026, 8, 31), "department", smallest_count=LEAST
        )
        assert past["accounts"].isna().any()
        assert (
            tallies(store, NATION, date.min, TODAY, smallest_count=LEAST)["accounts"].notna().all()
        )


def test_no_small_count_is_published(generated: Store) -> None:
    told = tallies(generated, NATION, date.min, TODAY, "district", smallest_count=LEAST)
    counts = told[COUNTS]
    assert counts.isna().any(axis=None)
    assert counts.notna().any(axis=None)
    assert (counts.fillna(LEAST) >= LEAST).all(axis=None)
    assert (counts.fillna(0).astype("int64") % LEAST == 0).all(axis=None)
    few = (told["accounts"].fillna(0) < 4 * LEAST) | told["activated"].isna()
    assert told["activated_pct"].isna().eq(few).all()


def test_schools_read_some_at_a_time_add_up_to_the_same(
    generated: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    span = date(2025, 9, 1), TODAY
    whole = tallies(generated, NATION, *span, "district", smallest_count=LEAST)
    monkeypatch.setattr("dashboard.store.schools._BLOCK", 7)
    again = tallies(generated, NATION, *span, "district", smallest_count=LEAST)
    pd.testing.assert_frame_equal(again, whole)
    with connect(MEMORY) as store:
        generate(store, 40, 3, TODAY, "Dijon")
        keep_tallies(store, TODAY)
        assert store.rows(KEPT) == generated.rows(KEPT)


def test_the_comparison_stands_once_the_journal_has_forgotten() -> None:
    """The timeline of the year is gone, and its weeks are told as they were."""
    with connect(MEMORY) as store:
        generate(store, 20, 3, TODAY, "Dijon")
        now = datetime.combine(TODAY, time(9))
        housekeep(store, now, Retention(12, 12))
        before = tallies(store, NATION, SINCE, TODAY, "school")
        assert housekeep(store, now + timedelta(days=400), Retention(12, 12)).entries > 0
        assert store.rows("SELECT count(*) FROM journal") == [(0,)]
        pd.testing.assert_frame_equal(tallies(store, NATION, SINCE, TODAY, "school"), before)


def test_a_scope_and_a_choice_of_schools_bound_what_is_told(store: Store) -> None:
    rows = Rows(store)
    weeks = pd.DataFrame({"uai": [SULPICE, BEZE, "0210507M"], "day": pd.Timestamp(2026, 11, 22)})
    for uai in weeks["uai"][:2]:
        rows.school(uai)
    with store.transaction() as transaction:
        write_tallies(
            transaction, weeks.assign(not_notified=1, notified=2, activating=3, activated=4)
        )
    for scope, only, accounts in (
        (NATION, None, [20]),
        (NATION, [BEZE], [10]),
        (Scope.schools(SULPICE), None, [10]),
        (Scope.schools(SULPICE), [BEZE], []),
        (Scope.department("058"), None, [10]),
        (Scope.schools(), None, []),
    ):
        told = tallies(store, scope, SINCE, TODAY, only=only)
        assert told["accounts"].to_list() == accounts
        assert list(told) == ["day", *COUNTS, "activated_pct"]


@pytest.mark.parametrize("by", ["class", "level", ("school", "level")])
def test_by_class_or_level_it_is_refused(store: Store, by: str) -> None:
    with pytest.raises(Refused, match="classe"):
        tallies(store, NATION, SINCE, TODAY, by)


def test_the_fictitious_year_before_grows_from_autumn_to_a_plateau(generated: Store) -> None:
    year = SchoolYear.of(TODAY - timedelta(days=365))
    told = tallies(generated, NATION, year.start, year.end, "school")
    assert (told[STATES].sum(axis="columns") == told["accounts"]).all()
    assert told.groupby("school")["accounts"].nunique().eq(1).all()
    assert told.groupby("school")["activated"].apply(lambda c: c.is_monotonic_increasing).all()
    share = tallies(generated, NATION, year.start, year.end)["activated_pct"]
    autumn, winter, spring = share.iloc[17] - share.iloc[0], share.iloc[34], share.iloc[-1]
    assert autumn > 10 > spring - winter > 0
    assert len(share) == 52


def test_the_year_before_is_drawn_by_seed() -> None:
    accounts = pd.DataFrame({"uai": [SULPICE, BEZE], "accounts": [238, 0]})
    one, same, other = (draw_tallies(np.random.default_rng(n), accounts, TODAY) for n in (1, 1, 2))
    pd.testing.assert_frame_equal(one, same)
    assert not one.equals(other)
    assert (one.loc[one["uai"] == BEZE, STATES] == 0).all(axis=None)
