"""Fictitious schools keep the rules of the tables, and their journals tell how all came about."""

from collections.abc import Iterator
from datetime import date

import numpy as np
import pandas as pd
import pytest

from dashboard.actions.figures import statistics
from dashboard.actions.generate import generate
from dashboard.actions.load_demo import load_demo
from dashboard.domain.academies import academy_of
from dashboard.domain.account import Origin, State
from dashboard.domain.action import TRANSITIONS, Action
from dashboard.domain.credentials import held_password
from dashboard.domain.directory import normal_uai
from dashboard.domain.errors import Refused
from dashboard.domain.names import person_key
from dashboard.domain.scope import Scope
from dashboard.fiction.schools import draw_schools
from dashboard.store.engine import MEMORY, Store, connect
from dashboard.store.schools import schools
from tests.store.test_invariants import OFFENDERS

SCHOOLS = 40
JOURNAL = "FROM journal ORDER BY account_id, happened_at, entry_id"


@pytest.fixture(scope="module")
def generated(today: date) -> Iterator[Store]:
    with connect(MEMORY) as store:
        load_demo(store, today)
        generate(store, SCHOOLS, 1, today, "Dijon")
        yield store


def content(store: Store) -> list[pd.DataFrame]:
    """Everything but what a database draws for itself: identifiers."""
    tables = ("school", "student", "account", "link", "journal", "tally")
    frames = [store.frame(f"SELECT * FROM {name} ORDER BY ALL") for name in tables]
    return [frame.drop(columns="identifier", errors="ignore") for frame in frames]


@pytest.mark.parametrize("invariant", OFFENDERS)
def test_the_invariants_of_the_tables_hold(generated: Store, invariant: str) -> None:
    assert generated.rows(OFFENDERS[invariant]) == []


def test_names_of_schools_have_no_empty_part() -> None:
    drawn = draw_schools(np.random.default_rng(1), 6_000, "Dijon", (), {})
    names = pd.concat([drawn["name"], drawn["district"]])
    words = r"[^\s,]+(?: [^\s,]+)*"
    assert list(names[~names.str.fullmatch(f"{words}(?:, {words})?")]) == []
    assert set(drawn["name"].str.count(",")) == {1}


def test_schools_have_right_numbers_in_the_departments_of_their_academy(generated: Store) -> None:
    found = schools(generated, Scope.academy("Dijon"))
    assert len(found) == SCHOOLS + 4
    for school in found.to_dict("records"):
        assert normal_uai(school["uai"]) == school["uai"]
        assert academy_of(school["department"]) == "Dijon"
        assert school["district"]


def test_the_state_of_every_account_is_the_last_of_its_journal(generated: Store) -> None:
    last = (
        "SELECT account_id, to_state, row_number() OVER "
        "(PARTITION BY account_id ORDER BY happened_at DESC, entry_id DESC) AS place FROM journal"
    )
    differing = generated.rows(
        f"SELECT account.account_id FROM account LEFT JOIN ({last}) AS last "
        "ON last.account_id = account.account_id AND last.place = 1 "
        "WHERE account.state IS DISTINCT FROM last.to_state"
    )
    assert differing == []


def test_every_entry_starts_where_the_one_before_ended_and_keeps_the_rules(
    generated: Store,
) -> None:
    before: tuple[int, str] | None = None
    for account, action, start, end in generated.rows(
        f"SELECT account_id, action, from_state, to_state {JOURNAL}"
    ):
        if before is not None and before[0] == account:
            assert start == before[1]
        before = account, end
        rules = TRANSITIONS.get(Action(action))
        if rules is not None:
            assert rules[State(start)] == State(end)


def test_dates_and_passwords_follow_from_the_journal(generated: Store, today: date) -> None:
    handed = "('NOTIFY_BY_SHEET', 'NOTIFY_BY_EMAIL', 'RESET')"
    differing = generated.rows(
        "SELECT account.account_id FROM account JOIN (SELECT account_id, "
        f"max(CAST(happened_at AS DATE)) FILTER (WHERE action IN {handed}) AS handed_on "
        "FROM journal GROUP BY account_id) AS told ON told.account_id = account.account_id "
        "WHERE account.distributed_on IS DISTINCT FROM handed_on "
        "AND account.account_id IN (SELECT account_id FROM link WHERE substr(uai, 4, 1) = '5')"
    )
    assert differing == []
    [(first, last)] = generated.rows("SELECT min(happened_at), max(happened_at) FROM journal")
    assert first.date() < today
    assert last.date() <= today
    for state, origin, password in generated.rows(
        "SELECT DISTINCT state, origin, password FROM account"
    ):
        usual = held_password(State(state), Origin(origin)).value
        assert password == usual or (state, password) == ("ACTIVATED", "PROVISIONAL")


def test_names_have_their_search_keys(generated: Store) -> None:
    for *names, key in generated.rows(
        "SELECT birth_name, usage_name, first_name, name_key FROM account UNION "
        "SELECT birth_name, usage_name, first_name, name_key FROM student"
    ):
        assert key == person_key(*names)


def test_the_schools_of_the_guide_stay_as_they_are(generated: Store, demo_store: Store) -> None:
    four = Scope.schools(*schools(demo_store, Scope.nation())["uai"])
    for by in ("structure", "class", "level"):
        pd.testing.assert_frame_equal(
            statistics(generated, four, by), statistics(demo_store, four, by)
        )


def test_schools_differ_in_what_they_did(generated: Store) -> None:
    figures = statistics(generated, Scope.nation(), "school")
    assert (figures["not_notified"] == figures["accounts"]).any()
    assert figures["activated_pct"].max() > 60
    expired = "SELECT count(*) FROM account WHERE state = 'NOTIFIED' AND distributed_on < $1"
    [(count,)] = generated.rows(expired, [date(2026, 6, 28)])
    assert count > 0
    of_two = (
        "SELECT count(*) FROM (SELECT account_id FROM link GROUP BY account_id "
        "HAVING count(DISTINCT uai) > 1) AS several"
    )
    assert generated.rows(of_two)[0][0] > 3


def test_the_same_seed_and_day_give_the_same_schools(today: date) -> None:
    with connect(MEMORY) as one, connect(MEMORY) as other, connect(MEMORY) as third:
        generate(one, 3, 5, today)
        generate(other, 3, 5, today)
        generate(third, 3, 6, today)
        for frame, same in zip(content(one), content(other), strict=True):
            pd.testing.assert_frame_equal(frame, same)
        assert not content(one)[1].equals(content(third)[1])


def test_more_schools_are_added_to_those_that_are_there(store: Store, today: date) -> None:
    generate(store, 3, 5, today)
    generate(store, 4, 5, today)
    assert len(schools(store, Scope.nation())) == 7
    for invariant in OFFENDERS.values():
        assert store.rows(invariant) == []


def test_many_schools_fill_several_academies(
    store: Store, today: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.actions.generate._OF_ACADEMY", 4)
    generate(store, 9, 5, today)
    found = schools(store, Scope.nation())
    assert sorted(found["academy"].value_counts()) == [3, 3, 3]
    assert (found.groupby("district")["department"].nunique() == 1).all()


def test_without_free_numbers_it_is_refused(store: Store, today: date) -> None:
    with pytest.raises(Refused, match="plus assez d'UAI fictifs"):
        generate(store, 6_000, 1, today, "Paris")
    assert schools(store, Scope.nation()).empty
