"""What is at stake before many accounts are acted on, and what has to be confirmed apart."""

from datetime import date, timedelta

import pytest

from dashboard.domain.account import Account, Origin, State
from dashboard.domain.action import BULK_ACTIONS, Action
from dashboard.domain.people import Guardian, ListedAccount, Student
from dashboard.domain.stakes import (
    MANY_ACTIVATED,
    RECENT,
    Apart,
    Consent,
    Stakes,
    is_recent,
    stakes,
)

TODAY = date(2026, 11, 27)
YESTERDAY = TODAY - timedelta(days=1)
LONG_AGO = TODAY - RECENT
REVOKING = {Action.NOTIFY_BY_SHEET, Action.NOTIFY_BY_EMAIL, Action.RESET}


def child(class_label: str, level: str) -> Student:
    return Student("Érable", "", "Ana", date(2019, 5, 4), "", level, class_label)


def listed(
    state: State = State.NOTIFIED,
    given_on: date | None = None,
    *children: Student,
) -> ListedAccount:
    account = Account("aaaa-bbbb", Origin.SCHOOL, state, given_on)
    guardian = Guardian("", "Érable", "", "Ida", "", "")
    return ListedAccount("0580189R", "École", guardian, children or (child("CP", "CP"),), account)


def at_stake(action: Action, *accounts: ListedAccount) -> Stakes:
    return stakes(action, accounts, TODAY)


@pytest.mark.parametrize("action", BULK_ACTIONS)
@pytest.mark.parametrize(
    ("given_on", "recent"),
    [
        (TODAY, True),
        (TODAY + timedelta(days=1), True),  # a clock was wrong: rather ask than revoke
        (LONG_AGO + timedelta(days=1), True),
        (LONG_AGO, False),
        (None, False),
    ],
)
def test_what_was_given_in_the_last_days_is_recent(
    action: Action, given_on: date | None, recent: bool
) -> None:
    account = listed(State.NOTIFIED, given_on)
    assert is_recent(action, account, TODAY) == (recent and action in REVOKING)


def test_who_was_given_nothing_loses_nothing() -> None:
    assert not is_recent(Action.NOTIFY_BY_SHEET, listed(State.NOT_NOTIFIED, YESTERDAY), TODAY)


def test_who_was_notified_is_counted_with_since_when_and_until_when() -> None:
    seen = at_stake(
        Action.NOTIFY_BY_SHEET,
        listed(State.NOT_NOTIFIED),
        listed(State.NOTIFIED, date(2026, 9, 1)),
        listed(State.NOTIFIED, date(2026, 11, 26)),
        listed(State.NOTIFIED, date(2026, 11, 20)),
    )
    assert (seen.people, seen.notified, seen.recent) == (4, 3, 2)
    assert seen.describe_notified() == (
        "3 déjà notifiés, dont 2 depuis moins de 14 jours, le dernier le 26/11/2026"
    )


@pytest.mark.parametrize(
    ("accounts", "said"),
    [
        ([listed(State.NOT_NOTIFIED)], ""),
        ([listed(State.NOTIFIED)], "1 déjà notifié"),
        ([listed(State.NOTIFIED, LONG_AGO)], "1 déjà notifié, le dernier le 13/11/2026"),
    ],
)
def test_what_is_not_so_is_not_said(accounts: list[ListedAccount], said: str) -> None:
    assert at_stake(Action.NOTIFY_BY_SHEET, *accounts).describe_notified() == said


def test_classes_are_counted_in_the_order_of_levels() -> None:
    both = child("CM1 - CM2", "CM2"), child("PS", "PS")
    seen = at_stake(
        Action.NOTIFY_BY_SHEET,
        listed(State.NOTIFIED, None, child("CM1 - CM2", "CM1")),
        listed(State.NOTIFIED, None, *both),
        listed(State.NOTIFIED, None, child("GS", "GS"), child("GS", "GS")),
        listed(State.NOTIFIED, None, child("", "")),
    )
    assert seen.classes == (("PS", 1), ("GS", 1), ("CM1 - CM2", 2), ("sans classe", 1))


# What has to be confirmed apart


def test_revoking_recent_sheets_is_confirmed_apart() -> None:
    seen = at_stake(Action.NOTIFY_BY_SHEET, listed(State.NOTIFIED, YESTERDAY))
    assert seen.missing(Consent()) == {Apart.RECENT}
    assert seen.missing(Consent(revokes_recent=True)) == set()


@pytest.mark.parametrize("action", [Action.RESET, Action.NOTIFY_BY_SHEET])
def test_what_revokes_nothing_recent_needs_no_more_than_a_confirmation(action: Action) -> None:
    seen = at_stake(action, listed(State.NOTIFIED, LONG_AGO), listed(State.NOTIFIED))
    assert seen.missing(Consent()) == set()


@pytest.mark.parametrize(
    ("typed", "is_missing"),
    [(None, True), (0, True), (MANY_ACTIVATED - 1, True), (MANY_ACTIVATED, False)],
)
def test_resetting_many_activated_accounts_takes_their_number(
    typed: int | None, is_missing: bool
) -> None:
    activated = [listed(State.ACTIVATED, LONG_AGO)] * MANY_ACTIVATED
    seen = at_stake(Action.RESET, *activated, listed(State.NOTIFIED, LONG_AGO))
    assert seen.activated == MANY_ACTIVATED
    assert (Apart.ACTIVATED in seen.missing(Consent(resets_activated=typed))) == is_missing


def test_resetting_a_few_takes_no_number_but_a_wrong_one_is_refused() -> None:
    seen = at_stake(Action.RESET, *[listed(State.ACTIVATED, LONG_AGO)] * (MANY_ACTIVATED - 1))
    assert seen.missing(Consent()) == set()
    assert seen.missing(Consent(resets_activated=2)) == {Apart.ACTIVATED}


def test_one_confirmation_does_not_stand_for_the_other() -> None:
    seen = at_stake(Action.RESET, *[listed(State.ACTIVATED, YESTERDAY)] * MANY_ACTIVATED)
    assert seen.missing(Consent()) == {Apart.RECENT, Apart.ACTIVATED}
    assert seen.missing(Consent(True)) == {Apart.ACTIVATED}
    assert seen.missing(Consent(False, MANY_ACTIVATED)) == {Apart.RECENT}
