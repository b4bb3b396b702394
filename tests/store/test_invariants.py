"""What must hold in the tables, as queries that find the rows for which it does not."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

import duckdb
import pytest

from dashboard.actions.housekeeping import Retention, housekeep
from dashboard.actions.load_demo import load_demo
from dashboard.domain.directory import normal_uai
from dashboard.domain.scope import Scope
from dashboard.store.engine import MEMORY, Store, connect
from dashboard.store.privacy import NO_STUDENT
from dashboard.store.schools import schools
from tests.store.rows import Rows

OFFENDERS = {
    "identifiers are unique": (
        "SELECT identifier FROM account GROUP BY identifier HAVING count(*) > 1"
    ),
    "identifiers have one form": (
        "SELECT identifier FROM account WHERE NOT regexp_full_match(identifier, "
        "'[0-9a-hjkmnp-tv-z]{4}-[0-9a-hjkmnp-tv-z]{4}')"
    ),
    "a link repeats its student's school, class and level": (
        "SELECT link.student_id FROM link JOIN student ON student.student_id = link.student_id "
        "WHERE (link.uai, link.class, link.level) <> (student.uai, student.class, student.level)"
    ),
    "a second class is another than the student's own, and said once": (
        "SELECT second_class.student_id FROM second_class "
        "JOIN student ON student.student_id = second_class.student_id "
        "WHERE second_class.left_on IS NULL AND (second_class.uai <> student.uai "
        "OR (second_class.class, second_class.level) = (student.class, student.level)) "
        "UNION ALL SELECT student_id FROM second_class WHERE left_on IS NULL "
        "GROUP BY student_id, class, level HAVING count(*) > 1"
    ),
    "a student of a second class is enrolled": (
        "SELECT student_id FROM second_class WHERE left_on IS NULL "
        "AND student_id NOT IN (SELECT student_id FROM student WHERE left_on IS NULL)"
    ),
    "a link has an account and a student, but for those of erased accounts": (
        "SELECT link.account_id FROM link "
        "LEFT JOIN account ON account.account_id = link.account_id "
        "LEFT JOIN student ON student.student_id = link.student_id "
        "LEFT JOIN stated_child ON stated_child.child_id = link.student_id "
        "AND stated_child.account_id = link.account_id AND stated_child.uai = link.uai "
        "WHERE account.account_id IS NULL OR (student.student_id IS NULL "
        "AND stated_child.child_id IS NULL "
        f"AND (link.student_id <> {NO_STUDENT} OR link.left_on IS NULL OR account.name_key <> ''))"
    ),
    "an open link's student is enrolled": (
        "SELECT link.student_id FROM link JOIN student ON student.student_id = link.student_id "
        "WHERE link.left_on IS NULL AND student.left_on IS NOT NULL"
    ),
    "a student's school is known": (
        "SELECT student_id FROM student WHERE uai NOT IN (SELECT uai FROM school)"
    ),
    "a guardian and a student have one open link at most": (
        "SELECT account_id, student_id FROM link WHERE left_on IS NULL "
        "GROUP BY account_id, student_id HAVING count(*) > 1"
    ),
    "a number is a student's or a stated child's": (
        "SELECT child_id FROM stated_child WHERE child_id IN (SELECT student_id FROM student)"
    ),
    "a stated child is of an account and a school that are known": (
        "SELECT child_id FROM stated_child WHERE uai NOT IN (SELECT uai FROM school) "
        "OR account_id NOT IN (SELECT account_id FROM account)"
    ),
    "who still has a child to be clarified has an open link that leads to it, or has left": (
        "SELECT stated_child.child_id FROM stated_child "
        "JOIN link ON link.account_id = stated_child.account_id AND link.uai = stated_child.uai "
        "WHERE stated_child.student_id IS NULL GROUP BY stated_child.child_id "
        "HAVING count(*) FILTER (WHERE link.left_on IS NULL) > 0 AND "
        "count(*) FILTER (WHERE link.student_id = stated_child.child_id) <> 1"
    ),
    "every account has a child": (
        "SELECT account_id FROM account WHERE account_id NOT IN (SELECT account_id FROM link)"
    ),
    "an account not notified has no date of distribution": (
        "SELECT account_id FROM account WHERE state = 'NOT_NOTIFIED' AND distributed_on IS NOT NULL"
    ),
    "a school's notified account has a date of distribution": (
        "SELECT account_id FROM account WHERE state <> 'NOT_NOTIFIED' AND distributed_on IS NULL "
        "AND origin = 'SCHOOL'"
    ),
    "names have a search key, and only names": (
        "SELECT name_key FROM account WHERE (name_key = '') <> (birth_name || usage_name = '') "
        "OR name_key <> lower(trim(name_key)) "
        "UNION ALL "
        "SELECT name_key FROM student WHERE (name_key = '') <> (birth_name || usage_name = '') "
        "OR name_key <> lower(trim(name_key))"
    ),
    "who is enrolled, or linked to a student, has a name": (
        "SELECT account.account_id FROM account JOIN link ON link.account_id = account.account_id "
        f"WHERE account.name_key = '' AND link.student_id <> {NO_STUDENT} "
        "UNION ALL SELECT student_id FROM student WHERE name_key = '' AND left_on IS NULL"
    ),
    "a school's week is kept once, and ends on a Sunday": (
        "SELECT uai, day FROM tally GROUP BY uai, day "
        "HAVING count(*) > 1 OR extract(isodow FROM day) <> 7"
    ),
    "no count that is kept is below zero": (
        "SELECT uai FROM tally WHERE least(not_notified, notified, activating, activated) < 0"
    ),
    "a school's department begins its number": (
        "SELECT uai FROM school WHERE left(uai, 3) <> department OR academy = ''"
    ),
}


@pytest.mark.parametrize("invariant", OFFENDERS)
def test_demo_keeps(demo_store: Store, invariant: str) -> None:
    assert demo_store.rows(OFFENDERS[invariant]) == []


@pytest.fixture(scope="module")
def thinned_store(today: date) -> Iterator[Store]:
    """The demo schools, long after a tenth of their students have left."""
    with connect(MEMORY) as store:
        load_demo(store, today)
        with store.transaction() as transaction:
            transaction.write("UPDATE student SET left_on = $1 WHERE student_id % 10 = 0", [today])
            transaction.write("UPDATE link SET left_on = $1 WHERE student_id % 10 = 0", [today])
        later = datetime.combine(today, time()) + timedelta(days=800)
        cleared = housekeep(store, later, Retention(12, 12))
        assert cleared.guardians > 0
        assert cleared.students > 0
        yield store


@pytest.mark.parametrize("invariant", OFFENDERS)
def test_what_is_left_once_leavers_are_erased_keeps(thinned_store: Store, invariant: str) -> None:
    assert thinned_store.rows(OFFENDERS[invariant]) == []


def test_states_partition_the_accounts(demo_store: Store) -> None:
    counts = ", ".join(
        f"count(*) FILTER (WHERE state = '{state}')"
        for state in ("NOT_NOTIFIED", "NOTIFIED", "ACTIVATING", "ACTIVATED")
    )
    [(total, *states)] = demo_store.rows(f"SELECT count(*), {counts} FROM account")
    assert sum(states) == total > 0


def test_demo_schools_have_valid_numbers(demo_store: Store) -> None:
    for uai in schools(demo_store, Scope.nation())["uai"]:
        assert normal_uai(uai) == uai


@pytest.mark.parametrize(
    "change",
    [
        "state = 'UNKNOWN'",
        "origin = 'POST'",
        "civility = 'Dr'",
        "state = 'NOT_NOTIFIED', distributed_on = DATE '2026-09-28'",
        "email = NULL",
    ],
)
def test_tables_refuse_other_values(store: Store, change: str) -> None:
    rows = Rows(store)
    rows.account(rows.student())
    with pytest.raises(duckdb.ConstraintException), store.transaction() as transaction:
        transaction.write(f"UPDATE account SET {change}")
    assert store.rows("SELECT version FROM account") == [(1,)]
