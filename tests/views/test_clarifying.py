"""Saying which student a child is, as the screen's state follows it, without a screen."""

from datetime import datetime
from pathlib import Path

import pytest

from dashboard.actions.import_roster import import_roster
from dashboard.actions.services import Services
from dashboard.bootstrap import open_services
from dashboard.domain.scope import ActingScope, PeopleScope, Role, User
from dashboard.domain.stated import OUTSIDE
from dashboard.settings import Settings
from dashboard.store.account_detail import AccountDetail, account_detail
from dashboard.store.engine import Store
from dashboard.views.clarifying import ClarifyForm, Clarifying, stated_text, unclear_html
from dashboard.views.state.list_state import ListState, Tab
from tests.actions.stored import SULPICE, listed
from tests.extractions import Kid, Parent, Pupil, write_roster

NOW = datetime(2026, 9, 28, 10, 30)
PUPILS = [Pupil("<b>AULNE", "Rémi", "01/02/2018"), Pupil("<b>AULNE", "Rémi", "03/04/2018")]
KIDS = [Kid("<b>AULNE", "Rémi"), Kid("OSIER", "Zia", "CE1")]
DIRECTOR = User("d", "Directrice", Role.DIRECTOR, ActingScope.schools(SULPICE))
DEPUTY = User("a", "Adjoint", Role.DEPUTY, PeopleScope.schools(SULPICE))


@pytest.fixture
def services(store: Store, tmp_path: Path) -> Services:
    files = write_roster(tmp_path, PUPILS, [Parent("<b>AULNE", "Lou", KIDS)])
    import_roster(store, SULPICE, *files, NOW.date())
    return open_services(store, Settings(), "http://localhost", lambda: NOW)


def detail(store: Store) -> AccountDetail:
    [only] = listed(store)
    found = account_detail(store, PeopleScope.schools(SULPICE), only.account_id, NOW.date())
    assert found is not None
    return found


@pytest.fixture
def clarifying(store: Store, services: Services) -> Clarifying:
    state = Clarifying(DIRECTOR, services)
    state.show(detail(store))
    return state


def test_the_students_are_offered_with_the_evidence(clarifying: Clarifying) -> None:
    assert list(clarifying.offered)[:4] == [
        "Choisir l'élève…",
        "Aucun élève de cette école",
        "<B>AULNE Rémi, CP A, 01/02/2018 (même nom, même prénom, même classe)",
        "<B>AULNE Rémi, CP A, 03/04/2018 (même nom, même prénom, même classe)",
    ]


def test_without_a_choice_nothing_is_written(clarifying: Clarifying, store: Store) -> None:
    clarifying.save()
    assert clarifying.said == "Choisissez d'abord un élève."
    assert len(listed(store)[0].stated) == 2


def test_once_one_is_settled_the_next_comes_up(clarifying: Clarifying, store: Store) -> None:
    first = clarifying.child
    clarifying.student = clarifying.offered[list(clarifying.offered)[3]]
    clarifying.save()
    assert [child.born_on.day for child in listed(store)[0].students if child.born_on] == [3]
    clarifying.show(detail(store))
    assert clarifying.child != first
    assert clarifying.said == "Enfant précisé."
    clarifying.student = OUTSIDE
    clarifying.save()
    assert listed(store)[0].stated == ()


def test_a_choice_that_is_being_made_stays_while_the_account_is_shown_anew(
    clarifying: Clarifying, store: Store
) -> None:
    clarifying.student = OUTSIDE
    clarifying.show(detail(store))
    assert clarifying.student == OUTSIDE


def test_what_another_session_settled_is_refused(
    clarifying: Clarifying, store: Store, services: Services
) -> None:
    other = Clarifying(DIRECTOR, services)
    other.show(detail(store))
    other.student = OUTSIDE
    other.save()
    clarifying.student = OUTSIDE
    clarifying.save()
    assert "Modifié entre-temps" in clarifying.said


def test_a_deputy_is_offered_nothing_and_writes_nothing(store: Store, services: Services) -> None:
    state = Clarifying(DEPUTY, services)
    state.show(detail(store))
    state.student = OUTSIDE
    state.save()
    assert (state.offered, len(listed(store)[0].stated)) == ({}, 2)


def test_the_form_shows_what_the_state_says_and_tells_it_what_is_chosen(
    clarifying: Clarifying,
) -> None:
    form = ClarifyForm(clarifying)
    assert form._form.visible
    assert list(form._child.options) == [stated_text(one) for one in clarifying.children]
    form._child.value = clarifying.children[1].child_id
    assert clarifying.child == clarifying.children[1].child_id
    form._student.value = OUTSIDE
    assert clarifying.student == OUTSIDE


def test_the_list_says_how_many_and_leads_to_them(store: Store, services: Services) -> None:
    list_state = ListState(school=SULPICE)
    said = unclear_html(store, PeopleScope.schools(SULPICE), list_state, NOW.date())
    assert "1 compte avec un enfant à préciser" in said
    there = ListState()
    there.go_to(list_state.unclear_address(), {SULPICE})
    assert (there.tab, there.conditions.to_clarify) == (Tab.GUARDIANS, True)


def test_what_a_visitor_did_not_choose_comes_with_a_control_of_its_own(
    clarifying: Clarifying,
) -> None:
    """A control of a dialog that the browser has not drawn yet cannot be set there."""
    form = ClarifyForm(clarifying)
    before = form._child, form._student
    form._student.value = OUTSIDE
    assert (form._child, form._student) == before
    clarifying.choose(clarifying.children[1].child_id)
    assert before[1].value == OUTSIDE
    assert form._student.value != OUTSIDE
    assert form._form.objects[:2] == [form._child, form._student]
