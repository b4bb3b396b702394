"""Housekeeping: what is old enough is deleted, and nothing else."""

import os
from datetime import date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from dashboard.actions.figures import statistics
from dashboard.actions.housekeeping import Cleared, Retention, housekeep
from dashboard.domain.account import State
from dashboard.domain.action import Action
from dashboard.domain.credentials import Purpose
from dashboard.domain.grouping import Grouping
from dashboard.domain.journal import RETENTION, Entry
from dashboard.domain.message import MessageKind
from dashboard.domain.scope import Scope
from dashboard.store.attempts import write_failures
from dashboard.store.engine import Store
from dashboard.store.journal import write_entries
from dashboard.store.messages import Draft, open_tickets, queue_messages
from tests.actions.services import (
    ABRICOT,
    BOULEAU,
    GENET,
    NAMES,
    NOW,
    Postbox,
    entries,
    families,
    make_services,
    notified_by_email,
    notified_by_sheet,
)
from tests.actions.stored import tables
from tests.store.rows import SULPICE, Rows

SECOND = timedelta(seconds=1)
YEAR = 12 * timedelta(days=30.44)
TRIMMED = {"journal", "ticket", "message", "sign_in_failure"}


@pytest.fixture
def school(store: Store) -> Rows:
    return families(store)


def kept(store: Store, table: str, column: str) -> list[datetime]:
    return [moment for (moment,) in store.rows(f"SELECT {column} FROM {table} ORDER BY 1")]


def test_the_journal_is_kept_for_its_months(store: Store, school: Rows) -> None:
    moments = [NOW - YEAR - SECOND, NOW - YEAR, NOW - timedelta(days=200), NOW]
    with store.transaction() as transaction:
        state = State.NOTIFIED
        write_entries(
            transaction,
            [Entry(m, "Mme Abricot", Action.RESET, ABRICOT, state, state) for m in moments],
        )
    assert housekeep(store, NOW, Retention(12, 12)) == Cleared(1, 0, 0, 0, 0, weeks=53)
    assert kept(store, "journal", "happened_at") == moments[1:]
    assert housekeep(store, NOW, Retention(6, 12)) == Cleared(2, 0, 0, 0, 0)
    assert kept(store, "journal", "happened_at") == [NOW]


def test_messages_are_kept_as_long_as_the_journal_once_they_have_ended(
    store: Store, school: Rows
) -> None:
    with store.transaction() as transaction:
        for number in range(3):
            draft = Draft(ABRICOT, MessageKind.REMINDER, f"{number}@exemple.fr")
            queue_messages(transaction, [draft], NOW - 2 * YEAR)
        for number, ended_at in enumerate((NOW - YEAR - SECOND, NOW - YEAR)):
            transaction.write(
                "UPDATE message SET status = 'SENT', ended_at = $1 WHERE recipient = $2",
                [ended_at, f"{number}@exemple.fr"],
            )
    assert housekeep(store, NOW, Retention(12, 12)) == Cleared(0, 1, 0, 0, 0)
    assert store.rows("SELECT recipient, status FROM message ORDER BY 1") == [
        ("1@exemple.fr", "SENT"),
        ("2@exemple.fr", "QUEUED"),
    ]


def test_links_are_kept_for_a_month_after_their_end(store: Store, school: Rows) -> None:
    with store.transaction() as transaction:
        for account, ended in ((ABRICOT, timedelta(days=30) + SECOND), (BOULEAU, timedelta(30))):
            opened_at = NOW - ended - timedelta(days=7)
            open_tickets(transaction, [account], Purpose.ACTIVATE, opened_at)
    assert housekeep(store, NOW, Retention(12, 12)) == Cleared(0, 0, 1, 0, 0)
    assert store.rows("SELECT account_id FROM ticket") == [(BOULEAU,)]


def test_failed_attempts_are_kept_for_a_day(store: Store, school: Rows) -> None:
    moments = [NOW - timedelta(days=1) - SECOND, NOW - timedelta(days=1), NOW]
    with store.transaction() as transaction:
        for moment in moments:
            write_failures(transaction, ["someone"], moment)
    assert housekeep(store, NOW, Retention(12, 12)) == Cleared(0, 0, 0, 1, 0)
    assert kept(store, "sign_in_failure", "failed_at") == moments[1:]


@pytest.mark.parametrize("later", [timedelta(), timedelta(days=29)])
def test_what_is_recent_stays(store: Store, school: Rows, later: timedelta) -> None:
    notified_by_sheet(store, ABRICOT)
    notified_by_email(store, BOULEAU)
    make_services(store, Postbox()).postman().send_due()
    before = tables(store)
    weeks = later // timedelta(weeks=1)  # NOW is a Monday
    assert housekeep(store, NOW + later, Retention(6, 12)) == Cleared(0, 0, 0, 0, 0, weeks=weeks)
    assert tables(store) | {"tally": []} == before


def leaves(store: Store, account: int, on: date) -> None:
    """The children of an account leave their schools on a day."""
    with store.transaction() as transaction:
        transaction.write("UPDATE link SET left_on = $1 WHERE account_id = $2", [on, account])
        transaction.write(
            "UPDATE student SET left_on = $1 WHERE student_id IN "
            "(SELECT student_id FROM link WHERE account_id = $2)",
            [on, account],
        )


def named(store: Store, table: str) -> set[str]:
    return {name for (name,) in store.rows(f"SELECT birth_name FROM {table}")} - {""}


def test_who_left_loses_their_name_after_the_months_of_the_settings(
    store: Store, school: Rows
) -> None:
    leaves(store, ABRICOT, (NOW - YEAR).date() - timedelta(days=1))
    leaves(store, BOULEAU, (NOW - YEAR).date())
    assert housekeep(store, NOW, Retention(12, 12)) == Cleared(0, 0, 0, 0, 0, 1, 1)
    assert named(store, "account") == {*NAMES.values()} - {"Abricot"}
    assert named(store, "student") == {*NAMES.values()} - {"Abricot"}
    assert entries(store, ABRICOT) == [("ERASE", "NOT_NOTIFIED", "NOT_NOTIFIED", "")]
    assert store.rows("SELECT actor FROM journal") == [(RETENTION,)]
    assert housekeep(store, NOW, Retention(12, 12)) == Cleared(0, 0, 0, 0, 0)
    assert housekeep(store, NOW, Retention(12, 6)) == Cleared(0, 0, 0, 0, 0, 1, 1)


def test_no_figure_changes_when_leavers_lose_their_names(store: Store, school: Rows) -> None:
    leaves(store, ABRICOT, (NOW - 2 * YEAR).date())
    before = [statistics(store, Scope.nation(), by) for by in Grouping]
    housekeep(store, NOW, Retention(12, 12))
    for old, by in zip(before, Grouping, strict=True):
        pd.testing.assert_frame_equal(statistics(store, Scope.nation(), by), old)


def test_a_guardian_who_still_has_a_child_somewhere_keeps_their_name(
    store: Store, school: Rows
) -> None:
    with store.transaction() as transaction:
        transaction.write(
            "UPDATE link SET left_on = $1 WHERE account_id = $2 AND uai = $3",
            [(NOW - 2 * YEAR).date(), GENET, SULPICE],
        )
    assert housekeep(store, NOW, Retention(12, 12)).guardians == 0
    assert "Genet" in named(store, "account")


def test_many_leavers_are_erased_in_turns(store: Store) -> None:
    rows = Rows(store)
    rows.school()
    gone = (NOW - 2 * YEAR).date()
    with store.transaction() as transaction:
        student = rows.student(left_on=gone)
        transaction.write(
            "INSERT INTO account SELECT number, concat('x', number), '', 'Martin', '', 'Léa', "
            "'martin lea', '', '', 'SCHOOL', 'NOT_NOTIFIED', NULL, NULL, 1, 'NONE', '' "
            "FROM generate_series(1, 12000) AS drawn(number)"
        )
        transaction.write(
            "INSERT INTO link SELECT account_id, $1, $2, 'CP A', 'CP', $3 FROM account",
            [student, SULPICE, gone],
        )
    assert housekeep(store, NOW, Retention(12, 12)).guardians == 12_000
    assert store.rows("SELECT count(*), count(DISTINCT account_id) FROM journal") == [
        (12_000, 12_000)
    ]


def test_messages_in_the_folder_go_with_the_months_of_the_journal(
    store: Store, school: Rows, tmp_path: Path
) -> None:
    new = tmp_path / "mail" / "new"
    new.mkdir(parents=True)
    for name, age in (
        ("message.old@x", YEAR + SECOND),
        ("message.new@x", YEAR),
        ("other", 2 * YEAR),
    ):
        (new / name).touch()
        moment = (NOW - age).timestamp()
        os.utime(new / name, (moment, moment))
    housekeep(store, NOW, Retention(12, 12), tmp_path / "mail")
    assert {file.name for file in new.iterdir()} == {"message.new@x", "other"}


def test_who_is_enrolled_stays_for_ever(store: Store, school: Rows) -> None:
    notified_by_sheet(store, ABRICOT)
    notified_by_email(store, BOULEAU)
    make_services(store, Postbox()).postman().send_due()
    before = tables(store)
    cleared = housekeep(store, NOW + 10 * YEAR, Retention(12, 12))
    assert cleared == Cleared(2, 1, 1, 0, 0, weeks=10 * YEAR // timedelta(weeks=1))
    after = tables(store)
    assert all(after[name] == [] for name in TRIMMED)
    others = before.keys() - TRIMMED - {"tally"}
    assert {name: after[name] for name in others} == {name: before[name] for name in others}


def test_what_was_done_is_told_in_french() -> None:
    assert Cleared(1, 0, 2, 1, 0, 2, 1, 1).lines() == [
        "journal : 1 entrée effacée",
        "courriels : 0 effacé",
        "liens expirés : 2 effacés",
        "échecs de connexion : 1 effacé",
        "connexions terminées : 0 effacée",
        "responsables partis : 2 anonymisés",
        "élèves partis : 1 anonymisé",
        "semaines écoulées : 1 comptée",
    ]
