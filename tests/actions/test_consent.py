"""What has to be confirmed apart is asked for where accounts are written, whoever asks."""

from dataclasses import replace
from datetime import timedelta

import pytest

from dashboard.actions.batch import Preparation, Unconfirmed, prepare
from dashboard.actions.notify_by_email import notify_by_email
from dashboard.domain.account import State
from dashboard.domain.action import BY_EMAIL, Action, Outcome, Report
from dashboard.domain.filters import AccountFilter
from dashboard.domain.stakes import LEFT_OUT, MANY_ACTIVATED, RECENT, Apart, Consent
from dashboard.store.engine import Store
from tests.actions.services import (
    ABRICOT,
    BOULEAU,
    HERE,
    NOW,
    SAINT_SULPICE,
    address,
    asker,
    families,
    outcomes,
    passwords_on,
    print_sheets,
    row,
)
from tests.actions.stored import tables
from tests.store.rows import SULPICE, Rows


def asked(store: Store, action: Action, *only: int) -> Preparation:
    """An action that nothing has been confirmed of yet."""
    return prepare(store, SAINT_SULPICE, action, AccountFilter(), NOW.date(), only=only or None)


def act(store: Store, preparation: Preparation) -> Report:
    if preparation.action in BY_EMAIL:
        return notify_by_email(store, preparation, asker())
    return print_sheets(store, preparation)


@pytest.mark.parametrize("action", [Action.NOTIFY_BY_SHEET, Action.NOTIFY_BY_EMAIL, Action.RESET])
def test_sheets_of_the_last_days_are_not_revoked_unless_that_is_confirmed(
    store: Store, action: Action
) -> None:
    families(store, State.NOTIFIED)
    before = tables(store)
    with pytest.raises(Unconfirmed, match=r"depuis moins de 14 jours ne vaudra plus \(5 comptes\)"):
        act(store, asked(store, action))
    assert tables(store) == before
    seen = replace(asked(store, action), consent=Consent(revokes_recent=True))
    assert act(store, seen).count(Outcome.DONE) == len(HERE)


def test_older_ones_take_no_more_than_the_action(store: Store) -> None:
    families(store, State.NOTIFIED)
    with store.transaction() as transaction:
        transaction.write(
            "UPDATE account SET distributed_on = $1", [(NOW - RECENT).date() - timedelta(days=1)]
        )
    assert act(store, asked(store, Action.RESET)).count(Outcome.DONE) == len(HERE)


def test_recent_ones_are_left_out_with_the_reason_and_keep_their_passwords(store: Store) -> None:
    families(store)
    kept = passwords_on(print_sheets(store, asked(store, Action.NOTIFY_BY_SHEET, ABRICOT)).sheets)
    report = act(store, asked(store, Action.NOTIFY_BY_SHEET).without_recent())
    assert outcomes(report) == {
        number: (Outcome.SKIPPED, LEFT_OUT) if number == ABRICOT else (Outcome.DONE, "")
        for number in HERE
    }
    assert row(store, ABRICOT)["version"] == 2  # of the first action alone
    assert not kept.keys() & passwords_on(report.sheets).keys()


def test_what_others_are_skipped_for_stays_their_reason(store: Store) -> None:
    families(store, State.ACTIVATED)
    seen = asked(store, Action.NOTIFY_BY_SHEET)
    assert seen.without_recent().refusals == seen.refusals


def many_activated(store: Store) -> None:
    rows = Rows(store)
    rows.school(SULPICE)
    for number in range(1, MANY_ACTIVATED + 1):
        rows.account(
            rows.student(first_name=f"Élève {number}"),
            state=State.ACTIVATED,
            email=address(ABRICOT),
            distributed_on=(NOW - 2 * RECENT).date(),
        )


@pytest.mark.parametrize("typed", [None, 1, MANY_ACTIVATED + 1])
def test_many_activated_accounts_are_reset_by_their_number_alone(
    store: Store, typed: int | None
) -> None:
    many_activated(store)
    before = tables(store)
    seen = asked(store, Action.RESET)
    with pytest.raises(Unconfirmed, match="nombre de comptes activés") as refused:
        act(store, replace(seen, consent=Consent(revokes_recent=True, resets_activated=typed)))
    assert refused.value.apart == {Apart.ACTIVATED}
    assert tables(store) == before
    sure = replace(seen, consent=Consent(resets_activated=MANY_ACTIVATED))
    assert act(store, sure).count(Outcome.DONE) == MANY_ACTIVATED


def test_only_those_that_will_be_done_are_at_stake(store: Store) -> None:
    families(store, State.NOTIFIED)
    seen = asked(store, Action.RESEND, ABRICOT, BOULEAU)
    assert (seen.stakes.people, seen.missing) == (0, frozenset())
