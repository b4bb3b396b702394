"""What the list of accounts shows and to whom, case by case."""

from collections.abc import Iterator
from datetime import date

import pytest

from dashboard.domain.account import Origin, State
from dashboard.domain.filters import AccountFilter, Email, Sort, SortColumn
from dashboard.domain.scope import PeopleScope
from dashboard.store.accounts import account_ids, count_accounts, listed_accounts
from dashboard.store.engine import MEMORY, connect
from tests.store.rows import BEZE, SULPICE, Rows

TODAY = date(2026, 9, 28)
HERE = PeopleScope.schools(SULPICE)


@pytest.fixture
def rows() -> Iterator[Rows]:
    with connect(MEMORY) as store:
        rows = Rows(store)
        rows.school(SULPICE)
        rows.school(BEZE)
        yield rows


def found(rows: Rows, today: date = TODAY, **conditions: object) -> list[int]:
    """The numbers of the accounts of the school that meet these conditions."""
    chosen = AccountFilter(**conditions)  # type: ignore[arg-type]  # by name
    return sorted(account_ids(rows.store, HERE, chosen, today))


FOUND = [
    "nono", "NOÑO", "d'œil", "d’OEIL", "  anne ", "anne œil", "oeil anne", "ANNE-SOPHIE",
    "sophie anne", "marie", "lefèvre marie", "marie oeil", "le", "f'e", "noño",
]  # fmt: skip
NOT_FOUND = ["annesophie", "dœil", "marie-x", "lefevres"]


@pytest.mark.parametrize("search", [*FOUND, *NOT_FOUND])
def test_search_disregards_case_accents_signs_and_order(rows: Rows, search: str) -> None:
    child = rows.student(birth_name="Noño", first_name="Marie", usage_name="Lefèvre")
    rows.account(child, birth_name="D’ŒIL", first_name="Anne-Sophie")
    rows.account(rows.student(birth_name="X", first_name="Y"), birth_name="Z", first_name="T")
    assert found(rows, search=search) == ([1] if search in FOUND else [])


@pytest.mark.parametrize("search", ["%", "_", "\\", "--", "'", '"', ";", "\x00", " @ ", "\u200b"])
def test_search_for_signs_alone_finds_nobody(rows: Rows, search: str) -> None:
    rows.account(rows.student())
    assert found(rows, search=search) == []
    assert count_accounts(rows.store, HERE, AccountFilter(search=search), TODAY) == 0


def test_a_blank_search_is_no_condition(rows: Rows) -> None:
    rows.account(rows.student())
    assert found(rows, search="   ") == [1]


@pytest.mark.parametrize("search", ["m%n", "m_rtin", "'; DROP TABLE account; --", "$2", "mar\\"])
def test_signs_in_a_search_stand_for_nothing_else(rows: Rows, search: str) -> None:
    rows.account(rows.student())
    rows.account(rows.student(birth_name="M N", first_name="m rtin mar"))
    assert found(rows, search=search) == {"m%n": [1, 2], "m_rtin": [1, 2], "mar\\": [1, 2]}.get(
        search, []
    )


def test_every_word_must_be_found_but_not_in_the_same_person(rows: Rows) -> None:
    rows.account(rows.student(first_name="Tom"), rows.student(first_name="Eve"), first_name="Ada")
    assert found(rows, search="tom eve ada") == [1]
    assert found(rows, search="tom eve ivy") == []


def test_class_filter_takes_any_child(rows: Rows) -> None:
    rows.account(rows.student("CP A"), rows.student("CE1 %"))
    rows.account(rows.student(""))
    assert found(rows, classes=("CE1 %",)) == [1]
    assert found(rows, classes=("",)) == [2]
    assert found(rows, classes=("CE1 _", "cp a")) == []
    assert found(rows, classes=("CP A", "")) == [1, 2]


def test_states_emails_and_origins(rows: Rows) -> None:
    child = rows.student()
    for number, state in enumerate(State):
        rows.account(child, state=state, origin=list(Origin)[number % 3], email="a@b.fr" * number)
    assert found(rows, states=(State.NOTIFIED, State.ACTIVATED)) == [2, 4]
    assert found(rows, email=Email.UNKNOWN) == [1]
    assert found(rows, email=Email.KNOWN) == [2, 3, 4]
    assert found(rows, origin=Origin.SCHOOL) == [1, 4]
    assert found(rows, origin=Origin.SCHOOL, states=(State.ACTIVATED,), email=Email.KNOWN) == [4]


@pytest.mark.parametrize(
    ("distributed_on", "last_day"),
    [
        (date(2026, 6, 15), date(2026, 9, 15)),
        (date(2026, 11, 30), date(2027, 2, 28)),
        (date(2027, 11, 30), date(2028, 2, 29)),
        (date(2026, 3, 31), date(2026, 6, 30)),
        (date(2026, 12, 31), date(2027, 3, 31)),
    ],
)
def test_notification_lasts_three_months(rows: Rows, distributed_on: date, last_day: date) -> None:
    child = rows.student()
    rows.account(child, state=State.NOTIFIED, distributed_on=distributed_on)
    rows.account(child, state=State.ACTIVATING, distributed_on=distributed_on)
    rows.account(child, state=State.NOTIFIED)
    assert found(rows, last_day, expired=True) == []
    assert found(rows, date.fromordinal(last_day.toordinal() + 1), expired=True) == [1]


def test_guardian_of_two_schools_shows_only_the_children_of_this_one(rows: Rows) -> None:
    here = rows.student("CP A", first_name="Ici")
    there = rows.student("CM2 secret", uai=BEZE, first_name="Ailleurs")
    rows.account(here, there)
    [listed] = listed_accounts(rows.store, HERE, AccountFilter(), Sort(), TODAY)
    assert (listed.uai, listed.student_names, listed.classes) == (SULPICE, ["MARTIN Ici"], ["CP A"])
    assert found(rows, search="ailleurs") == []
    assert found(rows, classes=("CM2 secret",)) == []
    both = PeopleScope.schools(SULPICE, BEZE)
    [listed] = listed_accounts(rows.store, both, AccountFilter(), Sort(), TODAY)
    assert listed.student_names == ["MARTIN Ailleurs", "MARTIN Ici"]


def test_leavers_are_neither_listed_nor_found(rows: Rows) -> None:
    gone = rows.student("CM2", first_name="Parti", left_on=TODAY)
    rows.account(gone)
    rows.account(gone, rows.student(first_name="Reste"))
    [listed] = listed_accounts(rows.store, HERE, AccountFilter(), Sort(), TODAY)
    assert (listed.account_id, listed.student_names) == (2, ["MARTIN Reste"])
    assert found(rows, search="parti") == found(rows, classes=("CM2",)) == []


def test_account_without_children_is_in_no_school(rows: Rows) -> None:
    rows.account()
    assert found(rows) == []


def test_only_never_reaches_beyond_the_scope(rows: Rows) -> None:
    rows.account(rows.student())
    rows.account(rows.student(uai=BEZE))
    rows.account(rows.student(), state=State.NOTIFIED)

    def listed(*only: int, **conditions: object) -> list[int]:
        chosen = AccountFilter(**conditions)  # type: ignore[arg-type]  # by name
        accounts = listed_accounts(rows.store, HERE, chosen, Sort(), TODAY, only=only)
        assert count_accounts(rows.store, HERE, chosen, TODAY, only=only) == len(accounts)
        return [account.account_id for account in accounts]

    assert listed(1, 2, 3, 99) == [1, 3]
    assert listed(2) == listed() == []
    assert listed(1, 3, states=(State.NOTIFIED,)) == [3]


@pytest.mark.parametrize("descending", [False, True])
def test_empty_cells_come_last_both_ways(rows: Rows, descending: bool) -> None:
    child = rows.student()
    rows.account(child)
    rows.account(child, email="a@b.fr", state=State.NOTIFIED, distributed_on=TODAY)
    rows.account(child)
    for column in (SortColumn.EMAIL, SortColumn.DISTRIBUTED_ON):
        sort = Sort(column, descending)
        accounts = listed_accounts(rows.store, HERE, AccountFilter(), sort, TODAY)
        assert [account.account_id for account in accounts] == [2, 1, 3]


def test_page_beyond_the_end_is_empty(rows: Rows) -> None:
    rows.account(rows.student())
    page = listed_accounts(rows.store, HERE, AccountFilter(), Sort(), TODAY, limit=10, offset=10)
    assert page == []
    assert listed_accounts(rows.store, HERE, AccountFilter(), Sort(), TODAY, limit=0) == []
