"""The visitor's state and its form as an address, without a browser."""

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain.account import Origin, State
from dashboard.domain.filters import AccountFilter, Email, Sort, SortColumn
from dashboard.domain.names import clean
from dashboard.views.state.list_state import ListState, Tab

UAI, OTHER = "0210351T", "0580189R"
text = st.text(max_size=40).filter(lambda words: words.isprintable())
filters = st.builds(
    AccountFilter,
    search=text,
    classes=st.lists(text, max_size=3).map(tuple),
    states=st.lists(st.sampled_from(State), unique=True).map(tuple),
    email=st.none() | st.sampled_from(Email),
    origin=st.none() | st.sampled_from(Origin),
    expired=st.booleans(),
    to_clarify=st.booleans(),
)
sorts = st.builds(Sort, st.sampled_from(SortColumn), st.booleans())


@given(
    school=st.sampled_from(["", UAI, OTHER]),
    tab=st.sampled_from(Tab),
    conditions=filters,
    sort=sorts,
    page=st.integers(1, 10**9 - 1),
)
def test_an_address_leads_back_to_the_state_it_was_made_from(
    school: str, tab: Tab, conditions: AccountFilter, sort: Sort, page: int
) -> None:
    there = ListState(school=school, tab=tab, conditions=conditions, sort=sort, page=page)
    back = ListState()
    back.go_to(there.query(), {UAI, OTHER})
    assert back.param.values() | {"name": ""} == there.param.values() | {"name": ""}


@given(st.text())
def test_any_address_leads_somewhere(query: str) -> None:
    list_state = ListState()
    list_state.go_to(query, {UAI, OTHER})
    assert list_state.page >= 1
    assert list_state.school in {"", UAI, OTHER}


def test_defaults_leave_the_address_bare() -> None:
    assert ListState().query() == ""


def led(query: str, *schools: str) -> ListState:
    """Where a visitor of these schools is led."""
    list_state = ListState()
    list_state.go_to(query, set(schools))
    return list_state


FOREIGN = "0210749A"
NOWHERE = "0750001D"  # no school has it


@pytest.mark.parametrize("asked", [FOREIGN, NOWHERE, "x", "021", "\u202e0210749A", "0210749A'--"])
@pytest.mark.parametrize(("schools", "entered"), [((UAI, OTHER), ""), ((UAI,), UAI)])
def test_a_school_that_is_not_ones_own_is_said_to_be_not_accessible(
    asked: str, schools: tuple[str, ...], entered: str
) -> None:
    query = urlencode({"school": asked, "tab": "responsables", "q": "x", "account": 3, "page": 2})
    list_state = led(f"?{query}&state=NOTIFIED&clarify=1", *schools)
    assert list_state.school == entered
    assert list_state.tab is Tab.GUARDIANS
    assert (list_state.conditions, list_state.account, list_state.page) == (AccountFilter(), 0, 1)
    [notice] = list_state.notices
    assert notice == (
        f"L'établissement « {clean(asked)} », que ce lien demande, ne vous est pas accessible : "
        "le lien n'a pas été suivi."
    )


def test_the_notice_does_not_tell_whether_there_is_such_a_school() -> None:
    foreign, nowhere = led(f"?school={FOREIGN}", UAI), led(f"?school={NOWHERE}", UAI)
    assert foreign.notices[0].replace(FOREIGN, NOWHERE) == nowhere.notices[0]


def test_what_is_typed_too_long_is_told_short() -> None:
    [notice] = led("?school=" + "x" * 10_000, UAI).notices
    assert len(notice) < 200


@pytest.mark.parametrize("query", ["", "?school=", "?school=%20", f"?school={UAI}", "?tab=accueil"])
def test_a_link_that_is_followed_needs_no_notice(query: str) -> None:
    assert led(query, UAI).notices == ()


def test_an_own_school_is_found_however_it_is_spelled() -> None:
    assert led(f"?school={UAI.lower()}", UAI, OTHER).school == UAI


def test_a_notice_is_of_one_link() -> None:
    list_state = led(f"?school={FOREIGN}", UAI, OTHER)
    list_state.choose_school(OTHER)
    assert list_state.notices == ()
    list_state = led(f"?school={FOREIGN}", UAI, OTHER)
    list_state.go_to(f"?school={UAI}", {UAI, OTHER})
    assert list_state.notices == ()


@pytest.mark.parametrize(
    "pair", ["state=NOTIFIE", "email=yes", "origin=school", "expired=oui", "clarify=2"]
)
def test_a_filter_that_is_none_is_told(pair: str) -> None:
    list_state = led(f"?school={UAI}&state=NOTIFIED&email=known&{pair}", UAI)
    assert list_state.conditions.states == (State.NOTIFIED,)
    assert list_state.conditions.search == ""
    [notice] = list_state.notices
    assert f"« {pair} »" in notice


def test_another_school_starts_with_its_own_filters_and_selection() -> None:
    list_state = ListState(
        school=UAI, conditions=AccountFilter(search="x"), page=3, selection=frozenset({1})
    )
    list_state.choose_school(OTHER)
    assert (list_state.conditions, list_state.page, list_state.selection) == (
        AccountFilter(),
        1,
        frozenset(),
    )


def test_filtering_and_sorting_go_back_to_the_first_page_and_keep_the_selection() -> None:
    list_state = ListState(page=3, selection=frozenset({1, 2}))
    list_state.filter(AccountFilter(expired=True))
    assert (list_state.page, list_state.selection) == (1, frozenset({1, 2}))
    list_state.page = 2
    list_state.order(Sort(SortColumn.EMAIL))
    assert (list_state.page, list_state.selection) == (1, frozenset({1, 2}))


def test_ticking_rows_of_a_page_leaves_other_pages_as_they_are() -> None:
    list_state = ListState(selection=frozenset({1, 2, 9}))
    list_state.select(shown=[1, 2, 3], chosen=[3])
    assert list_state.selection == {3, 9}


def test_a_visit_to_the_same_school_keeps_the_selection() -> None:
    list_state = ListState(school=UAI, selection=frozenset({1}))
    list_state.go_to(f"?school={UAI}&page=2", {UAI, OTHER})
    assert list_state.selection == {1}
    list_state.go_to(f"?school={OTHER}", {UAI, OTHER})
    assert list_state.selection == frozenset()


def test_the_address_of_children_to_clarify_filters_by_them() -> None:
    list_state = ListState(school=UAI)
    assert list_state.unclear_address() == f"?school={UAI}&tab=responsables&clarify=1"
