"""What is made of figures for inspectors: the funnel, the spread, the weeks, the projection."""

from collections.abc import Sequence
from datetime import date, timedelta

import pandas as pd
import pytest

from dashboard.domain.account import State
from dashboard.domain.figure import HIDDEN, Count, Figures
from dashboard.domain.suppression import Suppression
from dashboard.pipelines.distribution import (
    by_kind,
    by_size,
    funnel,
    funnel_text,
    share_bands,
    spread,
    spread_text,
)
from dashboard.pipelines.projection import project
from dashboard.pipelines.timelines import notified_by_week, shares, weekly

TODAY = date(2026, 11, 24)


def stages(*counts: int) -> list[tuple[str, int, int]]:
    return [(s.label, s.accounts, s.lost) for s in funnel(record(*counts))]


def record(*counts: Count) -> Figures:
    """Figures of so many accounts in each state, where nothing else is known."""
    states = dict(zip(State, counts, strict=True))
    return Figures({}, HIDDEN, states, HIDDEN, HIDDEN, HIDDEN, HIDDEN)


def test_a_stage_holds_those_who_went_further_too() -> None:
    assert stages(50, 30, 5, 15) == [
        ("Comptes", 100, 0),
        ("Notifiés", 50, 50),
        ("Activation commencée", 20, 30),
        ("Activés", 15, 5),
    ]


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ((50, 30, 5, 15), "remise des identifiants : 50 comptes (50 %)"),
        ((5, 30, 5, 60), "première connexion : 30 comptes (30 %)"),
        ((5, 10, 25, 60), "confirmation du courriel : 25 comptes (25 %)"),
        ((HIDDEN, HIDDEN, HIDDEN, 40), "Tous les comptes sont activés."),
        ((0, 0, 0, 0), "Aucun compte à suivre"),
    ],
)
def test_the_words_say_where_most_stop(counts: tuple[Count, ...], said: str) -> None:
    text = funnel_text(funnel(record(*counts)))
    assert said in text.replace("\u00a0", " ")


def table(*shares: float | None) -> pd.DataFrame:
    """A school per share, of a hundred accounts and as many students; the first one is private."""
    activated = [0 if share is None else share for share in shares]
    counts = {"not_notified": [100 - a for a in activated], "activated": activated}
    frame = pd.DataFrame(counts).assign(notified=0, activating=0, accounts=100, students=100)
    frame["students_covered"], frame["kind"] = activated, "PRIMARY"
    frame["sector"] = ["PRIVATE", *["PUBLIC"] * (len(shares) - 1)][: len(shares)]
    return frame.assign(activated_pct=pd.Series(shares, dtype="float64"))


def test_every_school_is_in_one_band_and_an_untold_share_in_the_first() -> None:
    counted = spread(table(0, None, 9.99, 10, 55, 99, 100))
    assert list(counted["schools"]) == [3, 1, 0, 0, 0, 1, 0, 0, 0, 2]
    bands = share_bands()
    assert (bands[0].least, bands[0].most, bands[-1].most) == (0, 9.99, 100)


def test_the_spread_is_said_by_its_middle() -> None:
    assert "au-dessous de 50 % de comptes activés" in spread_text(table(0, 25, 50, 75, 100))
    assert spread_text(table()) == "Aucun établissement à représenter."


def test_groups_add_up_and_small_ones_are_hidden() -> None:
    schools = table(2, 40, 60)
    kinds = by_kind(schools, Suppression(5, "x"))
    assert list(kinds["group"]) == ["Primaire, public", "Primaire, privé"]
    assert kinds["activated"].to_list()[0] == 100
    assert kinds["activated"].isna().to_list() == [False, True]
    sizes = by_size(schools, None)
    assert sizes[["group", "schools", "accounts", "activated"]].to_numpy().tolist() == [
        ["100 à 199", 3, 300, 102]
    ]


def days(activated: Sequence[float], *, accounts: int = 1000) -> pd.DataFrame:
    """A timeline that ends today."""
    first = TODAY - timedelta(days=len(activated) - 1)
    index = pd.date_range(first, TODAY, unit="us")
    counted = pd.Series(activated).astype("Int64")
    frame = pd.DataFrame({"day": index, "accounts": accounts, "not_notified": accounts - counted})
    return frame.assign(notified=0, activating=0, activated=counted)


def test_a_week_counts_those_who_were_no_longer_waiting() -> None:
    told = notified_by_week(days([0, 0, 10, 30, 30, 25, 26, 40]))
    assert told["notified"].sum() == 10 + 20 + 1 + 14
    assert set(told["week"].dt.day_of_week) == {0}


def test_a_steady_pace_goes_on_without_a_margin() -> None:
    found = project(days([day * 2 for day in range(57)]), TODAY + timedelta(weeks=10))
    assert found is not None
    assert (found.start_share, found.pace) == pytest.approx((11.2, 1.4))
    assert (found.least, found.expected, found.most) == pytest.approx((25.2, 25.2, 25.2))
    text = found.text.replace("\u00a0", " ")
    assert "25,2 % des comptes seront activés le 02/02/2027" in text
    assert "des 8 dernières semaines" in text


def test_the_margin_grows_with_time_and_stays_within_what_is_possible() -> None:
    uneven = [day + 20 * (day // 14) for day in range(57)]
    near, far = (project(days(uneven), TODAY + timedelta(weeks=w)) for w in (4, 400))
    assert near is not None
    assert far is not None
    assert near.least < near.expected < near.most
    assert far.most == far.expected == 100
    assert near.least >= near.start_share


@pytest.mark.parametrize("weeks", [0, -1])
def test_a_day_that_is_not_to_come_is_not_projected(weeks: int) -> None:
    assert project(days(range(57)), TODAY + timedelta(weeks=weeks)) is None


def test_too_few_weeks_or_hidden_counts_are_not_projected() -> None:
    assert project(days(range(20)), TODAY + timedelta(weeks=4)) is None
    hidden = days(range(57)).assign(activated=pd.array([pd.NA] * 57, dtype="Int64"))
    assert project(hidden, TODAY + timedelta(weeks=4)) is None


def test_a_share_of_few_accounts_is_not_told() -> None:
    few = days(range(57), accounts=19)
    assert shares(few, 20)["activated_pct"].isna().all()
    assert weekly(few, 8, 20)["activated_pct"].isna().all()
    assert shares(few)["activated_pct"].notna().all()
