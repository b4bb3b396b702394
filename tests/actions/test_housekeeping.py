"""Housekeeping: what is old enough is deleted, and nothing else."""

from datetime import datetime, timedelta

import pytest

from dashboard.actions.housekeeping import Cleared, housekeep
from dashboard.domain.account import State
from dashboard.domain.action import Action
from dashboard.domain.credentials import Purpose
from dashboard.domain.journal import Entry
from dashboard.domain.message import MessageKind
from dashboard.store.attempts import write_failures
from dashboard.store.engine import Store
from dashboard.store.journal import write_entries
from dashboard.store.messages import Draft, queue_messages
from dashboard.store.tickets import open_tickets
from tests.actions.offices import (
    ABRICOT,
    BOULEAU,
    NOW,
    Postbox,
    families,
    make_office,
    notified_by_email,
    notified_by_sheet,
)
from tests.actions.stored import tables
from tests.store.rows import Rows

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
    assert housekeep(store, NOW, 12) == Cleared(1, 0, 0, 0, 0)
    assert kept(store, "journal", "happened_at") == moments[1:]
    assert housekeep(store, NOW, 6) == Cleared(2, 0, 0, 0, 0)
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
    assert housekeep(store, NOW, 12) == Cleared(0, 1, 0, 0, 0)
    assert store.rows("SELECT recipient, status FROM message ORDER BY 1") == [
        ("1@exemple.fr", "SENT"),
        ("2@exemple.fr", "QUEUED"),
    ]


def test_links_are_kept_for_a_month_after_their_end(store: Store, school: Rows) -> None:
    with store.transaction() as transaction:
        for account, ended in ((ABRICOT, timedelta(days=30) + SECOND), (BOULEAU, timedelta(30))):
            opened_at = NOW - ended - timedelta(days=7)
            open_tickets(transaction, [account], Purpose.ACTIVATE, opened_at)
    assert housekeep(store, NOW, 12) == Cleared(0, 0, 1, 0, 0)
    assert store.rows("SELECT account_id FROM ticket") == [(BOULEAU,)]


def test_failed_attempts_are_kept_for_a_day(store: Store, school: Rows) -> None:
    moments = [NOW - timedelta(days=1) - SECOND, NOW - timedelta(days=1), NOW]
    with store.transaction() as transaction:
        for moment in moments:
            write_failures(transaction, ["someone"], moment)
    assert housekeep(store, NOW, 12) == Cleared(0, 0, 0, 1, 0)
    assert kept(store, "sign_in_failure", "failed_at") == moments[1:]


@pytest.mark.parametrize("later", [timedelta(), timedelta(days=29)])
def test_what_is_recent_stays(store: Store, school: Rows, later: timedelta) -> None:
    notified_by_sheet(store, ABRICOT)
    notified_by_email(store, BOULEAU)
    make_office(store, Postbox()).postman().send_due()
    before = tables(store)
    assert housekeep(store, NOW + later, 6) == Cleared(0, 0, 0, 0, 0)
    assert tables(store) == before


def test_accounts_and_people_stay_for_ever(store: Store, school: Rows) -> None:
    notified_by_sheet(store, ABRICOT)
    notified_by_email(store, BOULEAU)
    make_office(store, Postbox()).postman().send_due()
    before = tables(store)
    assert housekeep(store, NOW + 10 * YEAR, 12) == Cleared(2, 1, 1, 0, 0)
    after = tables(store)
    assert all(after[name] == [] for name in TRIMMED)
    assert {name: after[name] for name in after.keys() - TRIMMED} == {
        name: before[name] for name in before.keys() - TRIMMED
    }


def test_what_was_done_is_told_in_french() -> None:
    assert Cleared(1, 0, 2, 1, 0).lines() == [
        "journal : 1 entrée effacée",
        "courriels : 0 effacé",
        "liens expirés : 2 effacés",
        "échecs de connexion : 1 effacé",
        "connexions terminées : 0 effacée",
    ]
