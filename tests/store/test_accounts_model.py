"""Filters, orders and pages against the plain-Python model, over a school year's end."""

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import date
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.actions.load_demo import load_demo
from dashboard.domain.account import Origin, State
from dashboard.domain.filters import AccountFilter, Email, Sort, SortColumn
from dashboard.domain.scope import PeopleScope
from dashboard.store.accounts import account_ids, classes, count_accounts, listed_accounts
from dashboard.store.engine import MEMORY, Store, Transaction, connect
from tests.depth import deep
from tests.store.model import Model, ordered
from tests.store.rows import BEZE, SULPICE, VAROIS

TODAY = date(2026, 9, 28)
SCHOOLS = (SULPICE, BEZE, VAROIS, "0210749A")
SEARCHES = ("ma", "LÉA", "e a", "martin", "zz", "%", "_", "' OR 1=1 --", "o'", "  ", "\\", "œ")
VALUES: dict[str, tuple[object, ...]] = {
    "search": SEARCHES,
    "classes": (("CP",), ("CE2 - CM1", "GS - CP", "absent"), ("",), ("%",)),
    "states": (*((state,) for state in State), (State.NOTIFIED, State.ACTIVATED)),
    "email": tuple(Email),
    "origin": tuple(Origin),
    "expired": (True,),
    "to_clarify": (True,),
}
ALONE = [{name: value} for name, values in VALUES.items() for value in values]
PAIRS = [one | other for one, other in combinations(ALONE, 2) if one.keys() != other.keys()]


@pytest.fixture(scope="module")
def crowd() -> Iterator[Store]:
    """The demo schools after some children, and one guardian of a child who stays, have left."""
    with connect(MEMORY) as store:
        load_demo(store, TODAY)
        with store.transaction() as transaction:
            for table in ("student", "link"):
                transaction.write(
                    f"UPDATE {table} SET left_on = $1 WHERE student_id % 11 = 3", [TODAY]
                )
            transaction.write("UPDATE link SET left_on = $1 WHERE account_id % 31 = 7", [TODAY])
            state_children(transaction)
        yield store


def state_children(transaction: Transaction) -> None:
    """Give some accounts a child who cannot be told, some of them without names, some no other."""
    for table, values in (
        (
            "stated_child",
            "1000000 + account_id, account_id, min(uai), 'Martin', '', 'Éa', "
            "CASE WHEN account_id % 2 = 0 THEN 'martin ea' ELSE '' END, NULL, '', 'NONE', "
            "CASE WHEN account_id % 3 = 0 THEN 0 END, FALSE, NULL",
        ),
        ("link", "account_id, 1000000 + account_id, min(uai), 'CP', 'CP', CAST(NULL AS DATE)"),
    ):
        transaction.write(
            f"INSERT INTO {table} SELECT {values} FROM link WHERE account_id % 17 = 2 "
            "GROUP BY account_id"
        )
    transaction.write(
        "UPDATE link SET left_on = $1 WHERE account_id % 34 = 2 AND student_id < 1000000", [TODAY]
    )


@pytest.fixture(scope="module")
def model(crowd: Store) -> Model:
    return Model(crowd)


def compare(
    store: Store, model: Model, uais: tuple[str, ...], conditions: AccountFilter, sort: Sort
) -> None:
    scope = PeopleScope.schools(*uais)
    expected = model.listed(uais, conditions, TODAY)
    found = listed_accounts(store, scope, conditions, sort, TODAY)
    assert [account.account_id for account in found] == ordered(expected, sort)
    assert count_accounts(store, scope, conditions, TODAY) == len(expected)
    assert sorted(account_ids(store, scope, conditions, TODAY)) == sorted(
        one.number for one in expected
    )


def test_conditions_alone_and_in_pairs(crowd: Store, model: Model) -> None:
    for chosen in [*ALONE, *PAIRS]:
        conditions = replace(AccountFilter(), **chosen)  # type: ignore[arg-type]  # by name
        for uais in ((SULPICE,), SCHOOLS):
            expected = {one.number for one in model.listed(uais, conditions, TODAY)}
            scope = PeopleScope.schools(*uais)
            assert set(account_ids(crowd, scope, conditions, TODAY)) == expected, chosen


conditions = st.builds(
    AccountFilter,
    search=st.one_of(st.sampled_from(SEARCHES), st.text("aeilmnrst 'é%", max_size=4)),
    classes=st.lists(st.sampled_from(["CP", "PSMS", "GS - CP", "CE2", ""]), max_size=2).map(tuple),
    states=st.lists(st.sampled_from(State), max_size=3, unique=True).map(tuple),
    email=st.none() | st.sampled_from(Email),
    origin=st.none() | st.sampled_from(Origin),
    expired=st.booleans(),
    to_clarify=st.booleans(),
)
sorts = st.builds(Sort, st.sampled_from(SortColumn), st.booleans())


@settings(max_examples=deep(40))
@given(
    conditions=conditions,
    sort=sorts,
    uais=st.lists(st.sampled_from(SCHOOLS), unique=True, max_size=4).map(tuple),
)
def test_any_conditions_in_any_order(
    crowd: Store, model: Model, conditions: AccountFilter, sort: Sort, uais: tuple[str, ...]
) -> None:
    compare(crowd, model, uais, conditions, sort)


@pytest.mark.parametrize("descending", [False, True], ids=["up", "down"])
@pytest.mark.parametrize("column", SortColumn)
def test_pages_partition_the_whole_in_order(
    crowd: Store, model: Model, column: SortColumn, descending: bool
) -> None:
    sort, everyone, scope = Sort(column, descending), AccountFilter(), PeopleScope.schools(*SCHOOLS)
    whole = ordered(model.listed(SCHOOLS, everyone, TODAY), sort)
    pages = [
        listed_accounts(crowd, scope, everyone, sort, TODAY, limit=50, offset=start)
        for start in range(0, len(whole) + 50, 50)
    ]
    assert [len(page) for page in pages[:-2]] == [50] * (len(pages) - 2)
    assert [account.account_id for page in pages for account in page] == whole


def test_everything_listed_is_what_is_stored(crowd: Store, model: Model) -> None:
    found = listed_accounts(crowd, PeopleScope.schools(BEZE), AccountFilter(), Sort(), TODAY)
    expected = {one.number: one for one in model.listed((BEZE,), AccountFilter(), TODAY)}
    assert len(found) == len(expected) > 100
    for listed in found:
        one = expected[listed.account_id]
        assert listed.uai == BEZE
        assert listed.school == "École élémentaire publique de Bèze"
        for value in (listed.guardian, listed.account):
            names = {field.name for field in fields(value)} & one.account.keys()
            assert {name: getattr(value, name) for name in names} == {
                name: one.account[name] for name in names
            }
        assert [(s.birth_name, s.first_name, s.born_on, s.level) for s in listed.students] == [
            (s["birth_name"], s["first_name"], s["born_on"], s["level"])
            for s in one.children
            if "child_id" not in s
        ]
        stated = [s for s in one.children if "child_id" in s]
        assert [s.child_id for s in listed.stated] == [s["child_id"] for s in stated]
        told = [s for s in one.children if "child_id" not in s]
        assert listed.classes == list(dict.fromkeys(s["class"] for s in told + stated))


@pytest.mark.parametrize("uais", [(SULPICE,), SCHOOLS, ()], ids=["one", "all", "none"])
def test_classes_are_those_of_the_enrolled_and_of_whoever_is_linked(
    crowd: Store, model: Model, uais: tuple[str, ...]
) -> None:
    enrolled = [s for s in model.students.values() if s["left_on"] is None and s["uai"] in uais]
    held = {x["class"] for x in model.links if x["left_on"] is None and x["uai"] in uais}
    expected = {s["class"] for s in enrolled} | held
    assert classes(crowd, PeopleScope.schools(*uais)) == sorted(expected)
