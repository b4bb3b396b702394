"""A place beside an earlier school year of its own: what is offered, drawn and said."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import panel as pn
import pytest

from dashboard.actions.figures import tallies
from dashboard.actions.generate import generate
from dashboard.actions.housekeeping import Retention, housekeep
from dashboard.domain.french import day, percent
from dashboard.domain.school_year import WEEK, SchoolYear
from dashboard.pipelines.statistics import STATE_COLUMNS
from dashboard.store.engine import MEMORY, Store, connect
from dashboard.store.tallies import write_tallies
from dashboard.views.inspector.course import Course, CourseView
from dashboard.views.state.inspector_state import InspectorState, Question
from tests.store.rows import Rows
from tests.views.test_inspector import LEAST, NOW, RECTOR, TODAY, answer, shown

YEAR = "annee/2025"
LABEL = "année scolaire 2025-2026"
MOVED = 52 * WEEK
THEN = date(2025, 11, 23)  # the Sunday before the same Tuesday, 52 weeks earlier


@pytest.fixture(scope="module")
def generated() -> Iterator[Store]:
    with connect(MEMORY) as store:
        generate(store, 60, 3, TODAY, "Dijon")
        housekeep(store, NOW, Retention(12, 12))
        yield store


def course(store: Store, compared: str = YEAR, **seen: Any) -> Course:
    found = answer(store, question=Question.COURSE, compared=compared, **seen).found
    assert isinstance(found, Course)
    return found


def published(store: Store, begins: int = 2025) -> "pd.Series[float]":
    """The shares that are published of the academy in a school year, by Sunday."""
    year = SchoolYear(begins)
    told = tallies(store, RECTOR.scope, year.start, year.end, smallest_count=LEAST)
    return told.set_index("day")["activated_pct"]


def share_then(store: Store) -> str:
    return percent(float(published(store)[pd.Timestamp(THEN)]))


def ten_schools(department: str) -> list[str]:
    return [f"{department}{number:04}X" for number in range(10)]


def write(store: Store, uai: str, sunday: date, counts: tuple[int, ...]) -> None:
    """Keep a week of a school."""
    states = dict(zip(STATE_COLUMNS.values(), counts, strict=True))
    with store.transaction() as transaction:
        week = pd.DataFrame([{"uai": uai, "day": pd.Timestamp(sunday), **states}])
        write_tallies(transaction, week)


def test_earlier_years_are_offered_next_to_the_level_above(generated: Store) -> None:
    choices = course(generated, "").comparison.choices
    assert [value for value, _ in choices[:2]] == ["", YEAR]
    assert [label for value, label in choices if value.startswith("annee/")] == [f"l'{LABEL}"]
    assert '<option value="annee/2025" selected>' in shown(
        generated, question=Question.COURSE, compared=YEAR
    )


def test_its_weeks_lie_on_the_same_sundays_of_this_year(generated: Store) -> None:
    found = course(generated)
    [year] = found.comparison.compared
    assert year.what == SchoolYear(2025)
    assert set(year.shares["day"].dt.day_of_week) == {6}
    then = published(generated)
    assert len(year.shares) > 12
    for when, share in year.shares.itertuples(index=False):
        assert share == then[when - MOVED]


@pytest.mark.parametrize("since", [None, date(2026, 10, 5), date(2026, 6, 1)])
def test_it_is_drawn_as_far_as_the_days_that_are_shown(
    generated: Store, since: date | None
) -> None:
    found = course(generated, since=since)
    assert found.projection is not None
    first = max(since or date(2026, 9, 1), date(2025, 9, 1) + MOVED)
    [year] = found.comparison.compared
    assert first <= year.shares["day"].min().date() < first + WEEK
    last = found.projection.target
    assert last - WEEK < year.shares["day"].max().date() <= last


def test_it_is_the_second_curve_under_its_name(generated: Store) -> None:
    found = answer(generated, question=Question.COURSE, compared=YEAR)
    assert found.asked is not None
    view = CourseView()
    view.display(found.asked, found.found)
    chart, *_ = view.__panel__().select(pn.pane.HoloViews)
    *_, own, year = chart.object
    assert (own.label, year.label) == ("Académie de Dijon", LABEL)
    drawn = dict(zip(year["day"], year["share"], strict=True))
    assert drawn[np.datetime64(THEN + MOVED)] == published(generated)[pd.Timestamp(THEN)]


def test_the_text_tells_both_years_at_the_same_moment(generated: Store) -> None:
    said = shown(generated, question=Question.COURSE, compared=YEAR)
    [lead] = re.findall(r'<p class="lead">(.*?)</p>', said)
    assert lead.startswith("Académie de Dijon : de ")
    assert lead.endswith(
        f"Au même moment l&#x27;an dernier (le {day(THEN)}) : {share_then(generated)}."
    )
    assert f"L&#x27;{LABEL} est avancée de 52 semaines" in said


def test_the_table_of_weeks_has_a_column_for_what_is_compared(generated: Store) -> None:
    said = shown(generated, question=Question.COURSE, compared=YEAR)
    assert f'<th scope="col">% activés, {LABEL}</th>' in said
    [row] = re.findall(rf'<tr><th scope="row">{day(THEN + MOVED)}</th>(.*?)</tr>', said)
    assert row.split("</td>")[-3] == f"<td>{share_then(generated)}"
    [row] = re.findall(rf'<tr><th scope="row">{day(TODAY)}</th>(.*?)</tr>', said)
    assert row.split("</td>")[-3] == "<td>–"  # that week had not ended
    beyond = shown(generated, question=Question.COURSE)
    assert beyond.count("<th scope") == said.count("<th scope") - 1


def test_a_school_is_not_compared_with_its_own_year(generated: Store) -> None:
    """Nor are a few: beside the curve of those that are there now, it would tell who left."""
    [[uai]] = generated.rows("SELECT min(uai) FROM school")
    found = course(generated, place=f"ecole/{uai}").comparison
    assert (found.compared, found.is_unknown) == ([], True)
    assert YEAR not in dict(found.choices)
    why = "Les années scolaires passées sont montrées à partir de 10 écoles"
    assert why in shown(generated, question=Question.COURSE, place=f"ecole/{uai}")
    assert why not in shown(generated, question=Question.COURSE)


@pytest.mark.parametrize(
    "said", ["annee/2024", "annee/2026", "annee/0000", "annee/9999", "annee/x"]
)
def test_a_year_of_which_nothing_is_kept_is_no_comparison(generated: Store, said: str) -> None:
    found = course(generated, said).comparison
    assert (found.compared, found.is_unknown) == ([], True)
    assert "n&#x27;existe pas ici" in shown(generated, question=Question.COURSE, compared=said)


def test_the_year_of_another_scope_is_not_offered(store: Store) -> None:
    rows = Rows(store)
    for department, academy in (("021", "Dijon"), ("069", "Lyon")):
        for uai in ten_schools(department):
            rows.school(uai, "", department, academy)
            rows.account(rows.student(uai=uai))
    for uai in ten_schools("069"):
        write(store, uai, THEN, (90, 90, 90, 90))
    assert course(store).comparison.is_unknown
    for uai in ten_schools("021"):
        write(store, uai, THEN, (90, 90, 90, 90))
    assert not course(store).comparison.is_unknown


def test_a_moment_that_was_not_counted_is_said_so(store: Store) -> None:
    rows = Rows(store)
    for uai in ten_schools("021"):
        rows.school(uai, "", "021", "Dijon")
        for _ in range(3):
            rows.account(rows.student(uai=uai))
        write(store, uai, date(2026, 5, 3), (50, 50, 50, 50))
    said = shown(store, question=Question.COURSE, compared=YEAR)
    assert "Au même moment l&#x27;an dernier : aucune semaine comptée." in said


def test_before_the_first_sunday_no_week_of_the_year_is_said_to_be_missing(
    generated: Store,
) -> None:
    said = shown(generated, question=Question.COURSE, compared=YEAR, until=date(2026, 9, 1))
    assert "Au même moment l&#x27;an dernier : aucune semaine comptée." in said
    assert "pas été comptée" not in said


def test_a_year_and_a_place_are_compared_with_at_once(generated: Store) -> None:
    [[code], *_] = generated.rows("SELECT DISTINCT department FROM school ORDER BY 1")
    place = f"departement/{code}"
    found = course(generated, YEAR, also=place)
    labels = [one.label for one in found.comparison.compared]
    assert labels == [LABEL, f"Département {code.removeprefix('0')}"]
    said = shown(generated, question=Question.COURSE, compared=YEAR, also=place)
    assert said.count('<th scope="col">% activés, ') == 2
    address = InspectorState(compared="aucun", also=place).address()
    assert address.endswith(f"&with=aucun&and=departement%2F{code}")


@pytest.mark.parametrize("also", [YEAR, "", "aucun"])
def test_what_is_named_twice_or_not_is_compared_with_once(generated: Store, also: str) -> None:
    found = course(generated, YEAR, also=also).comparison
    assert [one.label for one in found.compared] == [LABEL]
    assert not found.is_unknown


def test_a_second_place_elsewhere_is_unknown(generated: Store) -> None:
    found = course(generated, YEAR, also="academie/Atlantide").comparison
    assert [one.label for one in found.compared] == [LABEL]
    assert found.is_unknown


def test_the_comparison_is_an_address() -> None:
    seen = InspectorState(question=Question.COURSE, compared=YEAR)
    assert seen.address() == "?tab=statistiques&question=evolution&with=annee%2F2025"
    assert InspectorState.read({"question": ["evolution"], "with": [YEAR]}) == seen


def test_next_year_this_one_is_compared_with_though_the_journal_is_gone() -> None:
    later = datetime(2027, 11, 23, 10)
    with connect(MEMORY) as store:
        generate(store, 12, 3, TODAY, "Dijon")
        housekeep(store, NOW, Retention(12, 12))
        before = published(store, 2026)
        housekeep(store, later + timedelta(days=1), Retention(12, 12))
        after = published(store, 2026)
        assert store.rows("SELECT count(*) FROM journal") == [(0,)]
    pd.testing.assert_series_equal(after[after.index.isin(before.index)], before)
