"""The inspectors' answers: their figures, their bounds and their words, without a browser."""

import asyncio
import re
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from typing import Any

import pandas as pd
import panel_material_ui as pmui
import pytest

from dashboard.actions.explore_places import explore_schools
from dashboard.actions.figures import statistics
from dashboard.actions.generate import generate
from dashboard.domain.account import State
from dashboard.domain.figure import HIDDEN, KnownShare, Percentages, Share, zero_if_hidden
from dashboard.domain.filters import SchoolFilter
from dashboard.domain.scope import Role, Scope, User
from dashboard.pipelines.statistics import rows
from dashboard.store.engine import MEMORY, Store, connect
from dashboard.views.components.repairs import Announcer, LiveHtml
from dashboard.views.inspector import page as page_module
from dashboard.views.inspector.course import campaigns_text
from dashboard.views.inspector.page import Answer, ExplorationView, find_answer
from dashboard.views.inspector.schools import CONTROLS, PAGE_SIZE, sparkline
from dashboard.views.state.inspector_state import InspectorState, Question
from dashboard.views.state.list_state import ListState
from tests.store.rows import Rows

NOW = datetime(2026, 11, 24, 10)
TODAY = NOW.date()
LEAST = 5
RECTOR = User("r", "Rectorat", Role.INSPECTOR, Scope.academy("Dijon"))
HOSTILE = "<img src=x onerror=alert(1)>"
CROSSED = re.compile(r"<(img|script)", re.IGNORECASE)


@pytest.fixture(scope="module")
def generated() -> Iterator[Store]:
    with connect(MEMORY) as store:
        generate(store, 200, 3, TODAY, "Dijon")
        generate(store, 15, 4, TODAY, "Lyon")
        yield store


def answer(store: Store, user: User = RECTOR, **seen: Any) -> Answer:
    return find_answer(store, user, NOW, InspectorState(**seen), LEAST)


def inspector_of(store: Store, area: str) -> User:
    """An inspector of the first place of this kind in the academy."""
    [[name]] = store.rows(
        f"SELECT min({area}) FROM school WHERE department = (SELECT department FROM school "
        "WHERE academy = 'Dijon' GROUP BY department HAVING count(DISTINCT district) > 1 LIMIT 1)"
    )
    return User("i", "Inspecteur", Role.INSPECTOR, getattr(Scope, area)(name))


def settle(work: Coroutine[Any, Any, None]) -> None:
    """Run it to its end, on a loop of its own: tests with a browser leave theirs running."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, work).result()


def shown(store: Store, user: User = RECTOR, **seen: Any) -> str:
    """All the HTML that the page shows."""
    list_state = ListState(inspector=InspectorState(**seen))
    view = ExplorationView(list_state, user, store, lambda: NOW, LEAST)
    settle(view.answer())
    panel = view.__panel__()
    return "\n".join(pane.html for pane in panel.select(LiveHtml))


def test_a_search_for_signs_finds_no_school_and_says_why(generated: Store) -> None:
    said = shown(generated, question=Question.SCHOOLS, conditions=SchoolFilter(search="<!--"))
    assert "0 établissement : rien à chercher dans « &lt;!-- »" in said


def test_the_situation_is_that_of_the_published_statistics(generated: Store) -> None:
    found = answer(generated).found
    [told] = rows(statistics(generated, RECTOR.scope, "structure", smallest_count=LEAST))
    assert found.figures == told
    parts = statistics(generated, RECTOR.scope, "department", smallest_count=LEAST)
    by_part = {place.name: figures.accounts for place, figures, _ in found.parts}
    assert by_part == dict(zip(parts["department"], parts["accounts"], strict=True))
    assert found.change["activated_7"] > 0 > found.change["not_notified_30"]


@pytest.mark.parametrize(
    ("place", "label"),
    [
        ("", "Fiches des 6 circonscriptions (PDF)"),
        ("circonscription", "Fiche de la circonscription (PDF)"),
        ("ecole", None),
    ],
)
def test_a_place_offers_the_briefs_of_its_districts(
    generated: Store, place: str, label: str | None
) -> None:
    [[uai, department, district]] = generated.rows(
        "SELECT uai, department, district FROM school WHERE academy = 'Dijon' ORDER BY 1 LIMIT 1"
    )
    names = {"ecole": uai, "circonscription": f"{department}/{district}"}
    address = f"{place}/{names[place]}" if place else ""
    list_state = ListState(inspector=InspectorState(place=address))
    view = ExplorationView(list_state, RECTOR, generated, lambda: NOW, LEAST)
    settle(view.answer())
    files = view.__panel__().select(pmui.FileDownload)
    [button] = [file for file in files if file.label.startswith("Fiche")]
    assert (button.label if button.visible else None) == label

    async def press() -> None:
        button._clicks += 1
        while label is not None and not button.data:
            await asyncio.sleep(0.01)

    settle(press())
    assert bool(button.data) is (label is not None)
    assert button.filename.endswith("_2026-11-24.pdf" if label else "fiche.pdf")


def test_a_place_is_compared_with_what_it_is_part_of(generated: Store) -> None:
    department = inspector_of(generated, "department").scope.places[0]
    inside = answer(generated, place=f"departement/{department}").found
    assert inside.above.place is not None
    assert inside.above.label == "Académie de Dijon"
    [whole] = rows(statistics(generated, RECTOR.scope, "structure", smallest_count=LEAST))
    assert inside.above_figures.activated_pct == whole.activated_pct


def test_beyond_the_scope_only_percentages_are_told(generated: Store) -> None:
    found = answer(generated).found
    assert (found.above.label, found.above.place) == ("France", None)
    assert isinstance(found.above_figures, Percentages)
    district = answer(generated, inspector_of(generated, "district")).found
    assert district.above.place is None
    assert district.above.label.startswith("Département")
    course = answer(generated, question=Question.COURSE).found
    [above] = course.comparison.compared
    assert list(above.shares.columns) == ["day", "activated_pct"]


@pytest.mark.parametrize("question", Question)
@pytest.mark.parametrize("place", ["academie/Lyon", "departement/069", "ecole/{}", "x", "ecole/"])
def test_a_place_elsewhere_answers_as_if_it_did_not_exist(
    generated: Store, question: Question, place: str
) -> None:
    [[uai]] = generated.rows("SELECT min(uai) FROM school WHERE academy = 'Lyon'")
    elsewhere = answer(generated, place=place.format(uai), question=question)
    nowhere = answer(generated, place="academie/Atlantide", question=question)
    assert elsewhere == nowhere
    assert "Ce lieu ne vous est pas accessible." in shown(generated, place=place.format(uai))


def test_a_place_elsewhere_is_not_compared_with(generated: Store) -> None:
    found = answer(generated, question=Question.COURSE, compared="academie/Lyon").found
    assert found.comparison.compared == []
    assert found.comparison.is_unknown


def test_the_funnel_and_the_groups_are_sums_of_what_is_told(generated: Store) -> None:
    found = answer(generated, question=Question.BLOCKED).found
    [told] = rows(statistics(generated, RECTOR.scope, "structure", smallest_count=LEAST))
    assert found.stages[0].accounts == told["accounts"]
    assert found.stages[-1].accounts == told["activated"]
    lost = found.stages[0].accounts - found.stages[-1].accounts
    assert sum(stage.lost for stage in found.stages) == lost
    for groups in (found.kinds, found.sizes):
        counts = [group.figures.states[State.ACTIVATED] for group in groups]
        assert sum(map(zero_if_hidden, counts)) == told["activated"]


def test_a_page_of_schools_is_a_part_of_the_ranked_table(generated: Store) -> None:
    whole = explore_schools(generated, RECTOR.scope, TODAY, smallest_count=LEAST).schools
    first, second, beyond = (
        answer(generated, question=Question.SCHOOLS, page=page).found for page in (1, 2, 99)
    )
    assert [row.uai for row in first.rows] == list(whole["uai"][:PAGE_SIZE])
    assert [row.uai for row in second.rows] == list(whole["uai"][PAGE_SIZE : 2 * PAGE_SIZE])
    assert (beyond.page.number, beyond.page.pages) == (8, 8)
    assert set(second.weeks) == {row.uai for row in second.rows}
    assert all(len(weeks) == 8 for weeks in second.weeks.values())


def test_conditions_narrow_the_schools_of_a_place(generated: Store) -> None:
    conditions = SchoolFilter(has_expired=True, least_accounts=100)
    found = answer(generated, question=Question.SCHOOLS, conditions=conditions).found
    assert 0 < len(found.schools) < 200
    assert (found.schools["accounts"] >= 100).all()
    nothing = answer(
        generated, question=Question.SCHOOLS, conditions=SchoolFilter(search="nowhere")
    ).found
    assert (nothing.rows, nothing.weeks, nothing.page.pages) == ([], {}, 1)


def test_a_school_is_shown_by_its_situation_and_the_way_back_is_to_the_list(
    generated: Store,
) -> None:
    [[uai]] = generated.rows("SELECT min(uai) FROM school WHERE academy = 'Dijon'")
    found = answer(generated, place=f"ecole/{uai}", question=Question.SCHOOLS)
    assert found.question is Question.SITUATION
    assert found.found.school["uai"] == uai
    said = shown(generated, place=f"ecole/{uai}", question=Question.SCHOOLS)
    assert 'href="?tab=statistiques&amp;question=ecoles">Académie de Dijon</a>' in said


def test_the_course_is_of_the_school_year_unless_days_are_named(generated: Store) -> None:
    found = answer(generated, question=Question.COURSE).found
    assert found.days["day"].min() == pd.Timestamp(2026, 9, 1)
    assert found.days["day"].max() == pd.Timestamp(TODAY)
    [told] = rows(statistics(generated, RECTOR.scope, "structure", smallest_count=LEAST))
    assert found.days["activated"].iloc[-1] == told["activated"]
    named = answer(
        generated, question=Question.COURSE, since=date(2026, 11, 1), until=date(2027, 5, 1)
    ).found
    assert len(named.days) == 24
    assert named.projection is not None
    ancient = answer(
        generated,
        question=Question.COURSE,
        since=date.min,
        until=date.min,
        target=date.max,
    ).found
    assert ancient.days["day"].max() > pd.Timestamp(2025, 11, 1)
    backwards = answer(
        generated, question=Question.COURSE, since=TODAY, until=date(2026, 10, 1)
    ).found
    assert len(backwards.days) == 1


@pytest.mark.parametrize("question", Question)
def test_a_base_without_schools_has_an_answer(store: Store, question: Question) -> None:
    said = shown(store, question=question)
    assert "Académie de Dijon" in said
    assert "est encore connu dans ce périmètre" in said


@pytest.mark.parametrize("question", Question)
def test_a_school_without_people_or_journal_has_an_answer(store: Store, question: Question) -> None:
    rows = Rows(store)
    rows.school("0210351T", "Dijon Est", "021", "Dijon")
    assert "École 0210351T" in shown(store, place="ecole/0210351T", question=question)
    rows.account(rows.student(uai="0210351T"))
    assert "École 0210351T" in shown(store, place="ecole/0210351T", question=question)


@pytest.mark.parametrize("question", Question)
def test_hostile_names_stay_text(question: Question) -> None:
    with connect(MEMORY) as store:
        generate(store, 30, 3, TODAY, "Dijon")
        with store.transaction() as transaction:
            transaction.write("UPDATE school SET name = $1, district = $1", [HOSTILE])
        for place in ("", f"circonscription/{{}}/{HOSTILE}", "ecole/{}"):
            [[uai, department]] = store.rows("SELECT uai, department FROM school LIMIT 1")
            written = place.format(uai if place.startswith("ecole") else department)
            said = shown(store, place=written, question=question)
            assert "Ce lieu ne vous est pas accessible" not in said
            assert not CROSSED.search(said)


def test_an_answer_that_comes_after_a_later_question_is_dropped(
    generated: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    list_state = ListState(inspector=InspectorState(question=Question.MAPS))
    view = ExplorationView(list_state, RECTOR, generated, lambda: NOW, LEAST)
    later_is_shown = threading.Event()

    def find(store: Store, user: User, now: datetime, seen: InspectorState, least: int) -> Answer:
        if seen.question is Question.MAPS:
            assert later_is_shown.wait(30)
        return find_answer(store, user, now, seen, least)

    monkeypatch.setattr(page_module, "find_answer", find)

    async def ask_twice() -> None:
        first = asyncio.create_task(view.answer())
        await asyncio.sleep(0)  # the first question is on its way
        list_state.inspector = InspectorState(question=Question.BLOCKED)
        await view.answer()
        later_is_shown.set()
        await first

    settle(ask_twice())
    said = "\n".join(pane.html for pane in view.__panel__().select(LiveHtml))
    assert "Du compte remis au compte activé" in said
    assert "Carte des établissements" not in said


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        ([10.0, HIDDEN, 30.5], "de 10\u00a0% à 30,5\u00a0%"),
        ([HIDDEN, 30.5], "n. c."),
        ([], "n. c."),
    ],
)
def test_a_sparkline_says_what_it_draws(shares: list[KnownShare], said: str) -> None:
    assert said in sparkline(shares)


def test_a_period_without_notifications_says_so() -> None:
    weeks = pd.DataFrame({"week": [pd.Timestamp(2026, 11, 23)], "notified": [0]})
    assert campaigns_text(weeks).startswith("Aucun compte")


def test_figures_that_are_no_longer_those_of_now_say_so(generated: Store) -> None:
    view = ExplorationView(ListState(), RECTOR, generated, lambda: NOW, LEAST)
    settle(view.answer())
    for _ in range(2):
        view.refresh()
    status, *_ = view.__panel__().select(Announcer)
    assert status.text == "Chiffres du 24/11/2026 à 10:00:00 – des comptes ont changé depuis"
    settle(view.answer())
    assert status.text == "Chiffres du 24/11/2026 à 10:00:00"


def test_a_percentage_that_the_table_hides_is_hidden_in_its_weeks_too(generated: Store) -> None:
    told: dict[str, Share] = {}
    last: dict[str, KnownShare] = {}
    for page in (1, 8):
        seen = InspectorState(question=Question.SCHOOLS, page=page)
        found = find_answer(generated, RECTOR, NOW, seen, 30).found  # of 120 accounts at least
        told |= {row.uai: row.figures.activated_pct for row in found.rows}
        last |= {uai: weeks[-1] for uai, weeks in found.weeks.items()}
    assert {share is HIDDEN for share in told.values()} == {True, False}
    assert told == last


@pytest.mark.parametrize("question", [Question.BLOCKED, Question.MAPS])
def test_by_level_the_page_says_which_rows_are_missing_and_why(
    generated: Store, question: Question
) -> None:
    why = "Par niveau, les chiffres sont montrés à partir de 10 écoles"
    said = shown(generated, question=question)
    assert ">CP</th>" in said
    assert why in said


def test_by_level_a_lone_school_has_no_row(generated: Store) -> None:
    [[uai]] = generated.rows("SELECT min(uai) FROM school WHERE academy = 'Dijon'")
    place = f"ecole/{uai}"
    assert answer(generated, question=Question.BLOCKED, place=place).found.levels == []
    said = shown(generated, question=Question.BLOCKED, place=place)
    assert ">CP</th>" not in said
    assert "n&#x27;en resterait pas moins de 10" in said


def test_a_nation_compares_its_academies(generated: Store) -> None:
    inspector = User("n", "Inspection générale", Role.INSPECTOR, Scope.nation())
    said = shown(generated, inspector, question=Question.COURSE, place="academie/Dijon")
    assert '<option value="academie/Lyon">Académie de Lyon</option>' in said


def test_every_filter_of_schools_has_its_control() -> None:
    assert {SchoolFilter.definition(name).key for name in CONTROLS} == SchoolFilter.keys()
