"""Frames as typed rows: what is hidden is one value, and a percentage of nothing is another."""

from datetime import date

import pandas as pd

from dashboard.domain.account import State
from dashboard.domain.figure import HIDDEN, DayCounts, DayShare
from dashboard.domain.suppression import Suppression
from dashboard.pipelines.school_table import school_rows, school_table
from dashboard.pipelines.situation import growths
from dashboard.pipelines.statistics import rows, with_totals
from dashboard.pipelines.suppression import hidden
from dashboard.pipelines.timelines import day_rows, share_rows

STATES = {"not_notified": [0, 60], "notified": [0, 38], "activating": [0, 0], "activated": [0, 2]}
COUNTS = pd.DataFrame(STATES | {"students": [0, 40], "students_covered": [0, 40]})


def test_a_percentage_of_nothing_is_none_and_nothing_is_hidden_in_exact_figures() -> None:
    nobody, some = rows(with_totals(COUNTS).assign(district=["", "Nevers 1"]))
    assert (nobody.names, nobody.accounts, nobody.activated_pct) == ({"district": ""}, 0, None)
    assert (some.accounts, some.activated_pct, some.students_covered_pct) == (100, 2.0, 100.0)
    assert some["activated"] == some.states[State.ACTIVATED] == 2


def test_counts_and_percentages_of_published_figures_are_hidden_alike() -> None:
    nobody, some = rows(hidden(with_totals(COUNTS), 5))
    assert {nobody.accounts, nobody.activated_pct, *nobody.states.values()} == {HIDDEN}
    assert (some.states[State.ACTIVATED], some.activated_pct) == (HIDDEN, HIDDEN)
    assert (some.accounts, some.students_covered_pct) == (100, 100.0)


def test_a_school_without_a_progress_or_a_kind_has_none() -> None:
    places = dict.fromkeys(("uai", "name", "district", "department", "academy"), "x")
    unknown = {"kind": "", "sector": "PUBLIC", "latitude": None, "longitude": None}
    counts = COUNTS.assign(**places, **unknown, expired=0)
    counts["last_progress_on"] = pd.Series([pd.NaT, pd.Timestamp(2026, 11, 24)])
    _, exact = school_rows(school_table(counts))
    assert (exact.kind, exact.expired, exact.last_progress_on) == (None, 0, date(2026, 11, 24))
    nobody, published = school_rows(school_table(counts, Suppression(5, "secret")))
    assert (nobody.expired, nobody.last_progress_on) == (HIDDEN, None)
    assert published.last_progress_on == date(2026, 11, 23)


def test_days_and_growths_hide_what_is_missing() -> None:
    counts = {name: pd.array([7, pd.NA], dtype="Int64") for name in ("accounts", *STATES)}
    days = pd.DataFrame({"day": pd.to_datetime(["2026-11-23", "2026-11-24"])} | counts)
    known, unknown = day_rows(days)
    assert known == DayCounts(date(2026, 11, 23), 7, dict.fromkeys(State, 7))
    assert unknown.accounts is unknown.states[State.NOTIFIED] is HIDDEN
    shares = days[["day"]].assign(activated_pct=[12.5, float("nan")])
    assert share_rows(shares) == [DayShare(known.day, 12.5), DayShare(unknown.day, HIDDEN)]
    grown = pd.DataFrame({"district": "x", "activated_7": days["accounts"]})
    assert growths(grown) == [{"activated_7": 7.0}, {"activated_7": HIDDEN}]
