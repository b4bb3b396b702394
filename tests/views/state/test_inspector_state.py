"""An inspector's state and its form as an address, without a browser."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain.directory import Kind, Sector, Zone
from dashboard.domain.filters import SchoolColumn, SchoolFilter, SchoolSort
from dashboard.views.state.inspector_state import InspectorState, Question
from dashboard.views.state.list_state import ListState, Tab

text = st.text(max_size=40).filter(lambda words: words.isprintable())
counts = st.none() | st.integers(0, 999_999)
shares = st.none() | st.decimals(0, 100, places=2).map(float)
days = st.none() | st.dates()
degrees = st.decimals(-180, 180, places=4).map(float)
explorations = st.builds(
    InspectorState,
    place=text,
    question=st.sampled_from(Question),
    conditions=st.builds(
        SchoolFilter,
        search=text,
        least_accounts=counts,
        most_accounts=counts,
        least_activated_pct=shares,
        most_activated_pct=shares,
        nothing_notified=st.booleans(),
        has_expired=st.booleans(),
        idle_days=counts,
        kind=st.none() | st.sampled_from(Kind),
        sector=st.none() | st.sampled_from(Sector),
        zone=st.none() | st.builds(Zone, degrees, degrees, degrees, degrees),
    ),
    sort=st.builds(SchoolSort, st.sampled_from(SchoolColumn), st.booleans()),
    page=st.integers(1, 99_999),
    since=days,
    until=days,
    compared=text,
    also=text,
    target=days,
)


@given(explorations)
def test_an_address_leads_back_to_the_question_it_was_made_from(there: InspectorState) -> None:
    list_state = ListState()
    list_state.go_to(there.address(page=there.page), ["0210351T", "0580189R"])
    assert list_state.tab is Tab.STATISTICS
    assert list_state.inspector == there
    back = ListState()
    back.go_to(list_state.query(), ["0210351T", "0580189R"])
    assert back.inspector == there


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                [
                    "place",
                    "question",
                    "size",
                    "share",
                    "idle",
                    "order",
                    "p",
                    "since",
                    "zone",
                    "kind",
                ]
            ),
            text
            | st.sampled_from(
                [
                    "-",
                    "1,2,3",
                    "1,2,3,x",
                    "nan,1,1,1",
                    "PRIMARY",
                    "5-",
                    "-5",
                    "1e9-",
                    "²",
                    "2026-13-01",
                    "-uai",
                    "٣",
                ]
            ),
        )
    )
)
def test_any_address_leads_somewhere(pairs: list[tuple[str, str]]) -> None:
    said: dict[str, list[str]] = {}
    for name, value in pairs:
        said.setdefault(name, []).append(value)
    found = InspectorState.read(said)
    assert found.page >= 1
    assert InspectorState.read({name: [value] for name, value in found.pairs()}) == found


def test_a_changed_question_begins_at_the_first_page() -> None:
    seen = InspectorState(place="departement/021", page=7)
    assert "p=" not in seen.address(question=Question.MAPS)
    assert "p=8" in seen.address(page=8)


def test_a_narrowed_list_keeps_the_place_and_no_other_condition() -> None:
    seen = InspectorState(place="departement/021", conditions=SchoolFilter(search="x"))
    found = ListState()
    found.go_to(seen.narrowed(SchoolFilter(has_expired=True)), [])
    expected = replace(seen, question=Question.SCHOOLS, conditions=SchoolFilter(has_expired=True))
    assert found.inspector == expected
