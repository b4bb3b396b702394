"""The visitor's state and its form as an address, without a browser."""

from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain.account import Origin, State
from dashboard.domain.filters import AccountFilter, Email, Sort, SortColumn
from dashboard.views.browsing import Browsing, Tab

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
    there = Browsing(school=school, tab=tab, conditions=conditions, sort=sort, page=page)
    back = Browsing()
    back.visit(there.query(), {UAI, OTHER})
    assert back.param.values() | {"name": ""} == there.param.values() | {"name": ""}


@given(st.text())
def test_any_address_leads_somewhere(query: str) -> None:
    browsing = Browsing()
    browsing.visit(query, {UAI, OTHER})
    assert browsing.page >= 1
    assert browsing.school in {"", UAI, OTHER}


def test_defaults_leave_the_address_bare() -> None:
    assert Browsing().query() == ""


def test_a_school_of_others_is_not_entered() -> None:
    browsing = Browsing()
    browsing.visit("?school=0210749A", {UAI, OTHER})
    assert browsing.school == ""


def test_the_only_school_is_entered_whatever_the_address_says() -> None:
    browsing = Browsing()
    browsing.visit("?school=0210749A", {UAI})
    assert browsing.school == UAI


def test_another_school_starts_with_its_own_filters_and_selection() -> None:
    browsing = Browsing(
        school=UAI, conditions=AccountFilter(search="x"), page=3, selection=frozenset({1})
    )
    browsing.choose_school(OTHER)
    assert (browsing.conditions, browsing.page, browsing.selection) == (
        AccountFilter(),
        1,
        frozenset(),
    )


def test_filtering_and_sorting_go_back_to_the_first_page_and_keep_the_selection() -> None:
    browsing = Browsing(page=3, selection=frozenset({1, 2}))
    browsing.filter(AccountFilter(expired=True))
    assert (browsing.page, browsing.selection) == (1, {1, 2})
    browsing.page = 2
    browsing.order(Sort(SortColumn.EMAIL))
    assert (browsing.page, browsing.selection) == (1, {1, 2})


def test_ticking_rows_of_a_page_leaves_other_pages_as_they_are() -> None:
    browsing = Browsing(selection=frozenset({1, 2, 9}))
    browsing.select(shown=[1, 2, 3], chosen=[3])
    assert browsing.selection == {3, 9}


def test_a_visit_to_the_same_school_keeps_the_selection() -> None:
    browsing = Browsing(school=UAI, selection=frozenset({1}))
    browsing.visit(f"?school={UAI}&page=2", {UAI, OTHER})
    assert browsing.selection == {1}
    browsing.visit(f"?school={OTHER}", {UAI, OTHER})
    assert browsing.selection == frozenset()
