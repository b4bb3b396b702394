"""What may be done in each state, with which credentials: the tables of the domain, by hand."""

import string
from collections.abc import Callable
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain.account import Account, Origin, State, expires_on, is_expired
from dashboard.domain.action import (
    BULK_ACTIONS,
    BY_EMAIL,
    CHANGED_MEANWHILE,
    TRANSITIONS,
    Action,
    Outcome,
    decide,
)
from dashboard.domain.credentials import (
    ACCOUNT_LIMITS,
    PROVISIONAL_ALPHABET,
    PROVISIONAL_LENGTH,
    REQUEST_LIMITS,
    SOURCE_LIMITS,
    Limit,
    Password,
    Purpose,
    held_password,
    link_ends_at,
    locked_until,
    normal_provisional,
    password_bits,
    password_problem,
    password_text,
)
from dashboard.domain.journal import Entry
from dashboard.domain.message import MessageKind, MessageStatus

NOW = datetime(2026, 9, 28, 14, 30)
TODAY = NOW.date()
NOT_NOTIFIED, NOTIFIED, ACTIVATING, ACTIVATED = State
REFUSED = None

# The rows of the specification, and the states in its order.
STAFF = {
    Action.NOTIFY_BY_SHEET: (NOTIFIED, NOTIFIED, REFUSED, REFUSED),
    Action.NOTIFY_BY_EMAIL: (NOTIFIED, NOTIFIED, REFUSED, REFUSED),
    Action.RESET: (REFUSED, NOTIFIED, NOTIFIED, ACTIVATED),
    Action.RESEND: (REFUSED, REFUSED, ACTIVATING, REFUSED),
    Action.CORRECT: (NOT_NOTIFIED, NOTIFIED, ACTIVATING, ACTIVATED),
}
GUARDIANS = {
    Action.SIGN_IN: (NOT_NOTIFIED, NOTIFIED, ACTIVATING, ACTIVATED),
    Action.ASK_FOR_HELP: (REFUSED, NOTIFIED, ACTIVATING, ACTIVATED),
    Action.CHOOSE_PASSWORD: (REFUSED, ACTIVATING, REFUSED, ACTIVATED),
    Action.ACTIVATE: (REFUSED, REFUSED, ACTIVATED, REFUSED),
    Action.RECOVER: (REFUSED, REFUSED, REFUSED, ACTIVATED),
}
TABLE = STAFF | GUARDIANS
CELLS = [
    (action, before, after)
    for action, states in TABLE.items()
    for before, after in zip(State, states, strict=True)
]
REASONS = [
    decide(action, state, origin, has_email).reason
    for action, state, origin, has_email in product(TABLE, State, Origin, (True, False))
    if not decide(action, state, origin, has_email).is_done
]


# The table


@pytest.mark.parametrize("origin", [Origin.SCHOOL, Origin.SELF_REGISTERED])
@pytest.mark.parametrize(("action", "before", "after"), CELLS)
def test_each_cell_leads_where_the_specification_says(
    action: Action, before: State, after: State | None, origin: Origin
) -> None:
    decision = decide(action, before, origin, has_email=True)
    assert (decision.is_done, decision.state) == (after is not REFUSED, after or before)


def test_the_table_is_whole() -> None:
    whatever_the_state = {Action.CREATE, Action.TAKE_OVER, Action.ERASE, Action.CLARIFY}
    assert TABLE.keys() == TRANSITIONS.keys() == set(Action) - whatever_the_state
    assert set(BULK_ACTIONS) == STAFF.keys() - {Action.CORRECT}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("action", [Action.RESET, Action.CHOOSE_PASSWORD, Action.RECOVER])
def test_franceconnect_accounts_have_no_password_here(action: Action, state: State) -> None:
    decision = decide(action, state, Origin.FRANCECONNECT, has_email=True)
    assert decision.state is state
    assert decision.reason == "compte FranceConnect : aucun mot de passe n'est géré ici"


@pytest.mark.parametrize(("action", "before", "after"), CELLS)
def test_what_needs_no_password_is_the_same_for_franceconnect_accounts(
    action: Action, before: State, after: State | None
) -> None:
    if action not in (Action.RESET, Action.CHOOSE_PASSWORD, Action.RECOVER):
        decision = decide(action, before, Origin.FRANCECONNECT, has_email=True)
        assert decision == decide(action, before, Origin.SCHOOL, has_email=True)


@pytest.mark.parametrize(("action", "before", "after"), CELLS)
@pytest.mark.parametrize("origin", Origin)
def test_only_what_goes_by_e_mail_needs_an_address(
    action: Action, before: State, after: State | None, origin: Origin
) -> None:
    without = decide(action, before, origin, has_email=False)
    with_one = decide(action, before, origin, has_email=True)
    if action in BY_EMAIL and with_one.is_done:
        assert (without.state, without.reason) == (before, "adresse de messagerie inconnue")
    else:
        assert without == with_one


def test_notifying_by_e_mail_and_resending_go_by_e_mail() -> None:
    assert {Action.NOTIFY_BY_EMAIL, Action.RESEND} == BY_EMAIL


# Refusals


@pytest.mark.parametrize("reason", sorted({*REASONS, CHANGED_MEANWHILE}))
def test_a_reason_is_plain_french(reason: str) -> None:
    names = {member.value for kind in (Action, State, Origin, Password, Purpose) for member in kind}
    assert len(reason.split()) >= 3
    assert reason[0].islower()
    assert not reason.endswith(".")
    assert not any(name in reason for name in names)


def test_every_refusal_leaves_the_state() -> None:
    for action, state, origin, has_email in product(TABLE, State, Origin, (True, False)):
        decision = decide(action, state, origin, has_email)
        assert decision.is_done or decision.state is state


@pytest.mark.parametrize(
    ("action", "state", "advice"),
    [
        (Action.NOTIFY_BY_SHEET, ACTIVATING, ("renvoyez le courriel", "réinitialisez")),
        (Action.NOTIFY_BY_EMAIL, ACTIVATING, ("renvoyez le courriel", "réinitialisez")),
        (Action.NOTIFY_BY_SHEET, ACTIVATED, ("déjà activé",)),
        (Action.RESET, NOT_NOTIFIED, ("notifiez-le d'abord",)),
        (Action.RESEND, NOT_NOTIFIED, ("notifiez-le d'abord",)),
        (Action.RESEND, NOTIFIED, ("activation pas commencée",)),
        (Action.RESEND, ACTIVATED, ("déjà activé",)),
    ],
)
def test_a_refusal_says_why_or_what_to_do_instead(
    action: Action, state: State, advice: tuple[str, ...]
) -> None:
    reason = decide(action, state, Origin.SCHOOL, has_email=True).reason
    assert all(words in reason for words in advice)


# How long notifications and links last


@pytest.mark.parametrize(
    ("distributed_on", "last_day"),
    [
        (date(2026, 9, 28), date(2026, 12, 28)),
        (date(2026, 10, 15), date(2027, 1, 15)),
        (date(2026, 11, 30), date(2027, 2, 28)),
        (date(2027, 11, 30), date(2028, 2, 29)),
        (date(2026, 12, 31), date(2027, 3, 31)),
        (date(2026, 8, 31), date(2026, 11, 30)),
    ],
)
def test_a_notification_lasts_three_months(distributed_on: date, last_day: date) -> None:
    account = Account("8g3m-j61m", Origin.SCHOOL, NOTIFIED, distributed_on)
    assert expires_on(distributed_on) == last_day
    assert not is_expired(account, last_day)
    assert is_expired(account, last_day + timedelta(days=1))


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 400))
def test_who_is_notified_later_does_not_expire_sooner(day: date, later: int) -> None:
    assert expires_on(day) <= expires_on(day + timedelta(days=later))
    assert 89 <= (expires_on(day) - day).days <= 92


@pytest.mark.parametrize("state", [NOT_NOTIFIED, ACTIVATING, ACTIVATED])
def test_only_what_is_notified_and_not_activated_expires(state: State) -> None:
    account = Account("8g3m-j61m", Origin.SCHOOL, state, date(2020, 1, 1))
    assert not is_expired(account, TODAY)
    assert not is_expired(Account("8g3m-j61m", Origin.SCHOOL, NOTIFIED, None), TODAY)


@pytest.mark.parametrize(
    ("purpose", "end"),
    [
        (Purpose.CHOOSE_PASSWORD, datetime(2026, 12, 28, 23, 59, 59)),
        (Purpose.ACTIVATE, datetime(2026, 10, 5, 14, 30)),
        (Purpose.RECOVER, datetime(2026, 9, 28, 15, 30)),
    ],
)
def test_a_link_lasts_as_long_as_its_purpose_allows(purpose: Purpose, end: datetime) -> None:
    assert link_ends_at(purpose, NOW) == end


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)))
def test_the_link_and_the_sheet_of_one_day_end_together(now: datetime) -> None:
    assert link_ends_at(Purpose.CHOOSE_PASSWORD, now).date() == expires_on(now.date())


def test_a_link_asked_for_again_ends_with_the_notification() -> None:
    notified_on = date(2026, 8, 31)
    end = datetime(2026, 11, 30, 23, 59, 59)
    assert link_ends_at(Purpose.CHOOSE_PASSWORD, NOW, notified_on) == end
    for purpose in (Purpose.ACTIVATE, Purpose.RECOVER):
        assert link_ends_at(purpose, NOW, notified_on) == link_ends_at(purpose, NOW)


# Passwords


def test_a_provisional_password_is_as_strong_as_lock_out_asks_for() -> None:
    typed = "abcd2345efgh"
    assert len(PROVISIONAL_ALPHABET) ** PROVISIONAL_LENGTH > 2**50
    assert not set(PROVISIONAL_ALPHABET) & set("ilo01" + string.ascii_uppercase)
    assert len(set(PROVISIONAL_ALPHABET)) == len(PROVISIONAL_ALPHABET)
    assert password_bits(typed) > 50


@pytest.mark.parametrize(
    "typed",
    ["abcd-2345-efgh", "ABCD 2345 EFGH", " abcd2345efgh\t", "abcd–2345‑efgh", "Abcd -2345-efgh"],
)
def test_a_provisional_password_is_read_as_it_was_meant(typed: str) -> None:
    assert normal_provisional(typed) == "abcd2345efgh"


@pytest.mark.parametrize(
    ("text", "bits"),
    [
        ("", 0),
        ("aaaaaaaa", 37.6),
        ("12345678", 26.6),
        ("aB3", 17.9),
        ("aB3$aB3$", 52.6),
        ("éàèùâêîô", 37.6),
        ("une phrase", 58.8),
    ],
)
def test_bits_grow_with_length_and_classes_of_characters(text: str, bits: float) -> None:
    assert password_bits(text) == pytest.approx(bits, abs=0.1)


@given(st.text(max_size=60), st.text(max_size=20))
def test_more_characters_are_never_fewer_bits(text: str, more: str) -> None:
    assert password_bits(text + more) >= password_bits(text) >= 0


@pytest.mark.parametrize("text", ["", "court", "motdepass", "Abc1234", "123456789012345", " "])
def test_a_short_password_is_refused_with_what_would_do(text: str) -> None:
    problem = password_problem(text)
    assert "8 caractères avec majuscules, minuscules, chiffres et signes" in problem
    assert "phrase d'au moins 12 caractères" in problem


@pytest.mark.parametrize(
    "text",
    ["aB3$aB3$", "phrasedouze!", "abcdefghijkl", "éèêëàâîïôûùç", "1234567890123456", "x" * 200],
)
def test_a_long_enough_password_is_accepted(text: str) -> None:
    assert password_problem(text) == ""


def test_an_endless_password_is_refused() -> None:
    assert password_problem("x" * 201) == "Le mot de passe est trop long : 200 caractères au plus."


@pytest.mark.parametrize(
    ("state", "origin", "password"),
    [
        (NOT_NOTIFIED, Origin.SCHOOL, Password.NONE),
        (NOTIFIED, Origin.SCHOOL, Password.PROVISIONAL),
        (ACTIVATING, Origin.SCHOOL, Password.CHOSEN),
        (ACTIVATED, Origin.SCHOOL, Password.CHOSEN),
        (ACTIVATED, Origin.SELF_REGISTERED, Password.CHOSEN),
        *((state, Origin.FRANCECONNECT, Password.NONE) for state in State),
    ],
)
def test_an_account_taken_over_has_the_password_of_its_state(
    state: State, origin: Origin, password: Password
) -> None:
    assert held_password(state, origin) is password


@pytest.mark.parametrize(
    ("password", "distributed_on", "text"),
    [
        (Password.NONE, None, "aucun"),
        (Password.NONE, TODAY, "aucun"),
        (Password.CHOSEN, date(2020, 1, 1), "choisi par le responsable"),
        (Password.PROVISIONAL, None, "provisoire"),
        (Password.PROVISIONAL, TODAY, "provisoire jusqu'au 28/12/2026"),
        (Password.PROVISIONAL, date(2026, 6, 28), "provisoire jusqu'au 28/09/2026"),
        (Password.PROVISIONAL, date(2026, 6, 27), "provisoire, expiré depuis le 27/09/2026"),
    ],
)
def test_staff_read_what_password_there_is_and_until_when(
    password: Password, distributed_on: date | None, text: str
) -> None:
    assert password_text(password, distributed_on, TODAY) == text


# Lock-out


THREE_IN_TEN = Limit(3, timedelta(minutes=10), timedelta(minutes=2))
SIX_A_DAY = Limit(6, timedelta(days=1), timedelta(hours=1))


def minutes_ago(*minutes: float) -> list[datetime]:
    return [NOW - timedelta(minutes=m) for m in minutes]


@pytest.mark.parametrize(
    "failures", [(), (0,), (0, 0), (9, 1), (10, 1, 0), (9, 5, 2), (60, 40, 20)]
)
def test_attempts_are_heard_below_the_limit_or_once_the_pause_is_over(
    failures: tuple[float, ...],
) -> None:
    assert locked_until(minutes_ago(*failures), [THREE_IN_TEN], NOW) is None


@pytest.mark.parametrize("failures", [(2, 1, 0), (0, 1, 2), (9.9, 9, 1.9), (0, 0, 0, 0)])
def test_the_pause_counts_from_the_last_failure(failures: tuple[float, ...]) -> None:
    end = max(minutes_ago(*failures)) + timedelta(minutes=2)
    assert locked_until(minutes_ago(*failures), [THREE_IN_TEN], NOW) == end


def test_failures_of_a_clock_that_was_fast_do_not_lock_anybody_out() -> None:
    assert locked_until(minutes_ago(-1, -2, -3, -600), [THREE_IN_TEN], NOW) is None


def test_the_longest_of_several_pauses_holds() -> None:
    failures = minutes_ago(600, 500, 400, 2, 1, 0)
    assert locked_until(failures, [THREE_IN_TEN, SIX_A_DAY], NOW) == NOW + timedelta(hours=1)
    assert locked_until(failures[1:], [THREE_IN_TEN, SIX_A_DAY], NOW) == NOW + timedelta(minutes=2)


def guessed_in(days: int, limits: tuple[Limit, ...]) -> int:
    """How many attempts are heard of someone who tries again as soon as they may."""
    failures: list[datetime] = []
    now = NOW
    while now < NOW + timedelta(days=days):
        recent = [failed for failed in failures if now - failed < timedelta(days=1)]
        if until := locked_until(recent, limits, now):
            now = until
        else:
            failures.append(now)
            now += timedelta(seconds=1)
    return len(failures)


def test_an_account_is_guessed_at_most_25_times_a_day() -> None:
    assert guessed_in(1, ACCOUNT_LIMITS) <= 25
    assert guessed_in(10, ACCOUNT_LIMITS) <= 250


def test_five_mistakes_are_a_pause_of_minutes() -> None:
    assert locked_until(minutes_ago(4, 3, 2, 1), ACCOUNT_LIMITS, NOW) is None
    assert locked_until(minutes_ago(4, 3, 2, 1, 0), ACCOUNT_LIMITS, NOW) == NOW + timedelta(
        minutes=5
    )


def test_a_neighbourhood_behind_one_address_may_make_more_mistakes_than_an_account() -> None:
    assert locked_until(minutes_ago(*[1] * 29), SOURCE_LIMITS, NOW) is None
    assert locked_until(minutes_ago(*[1] * 30), SOURCE_LIMITS, NOW) is not None
    assert locked_until(minutes_ago(*[1] * 5), REQUEST_LIMITS, NOW) is not None


# What is read in French


def entry(before: State, after: State, reason: str = "", action: Action = Action.RESET) -> Entry:
    return Entry(NOW, "Mme Abricot", action, 7, before, after, reason)


def test_an_entry_says_what_was_done_and_the_change_of_state() -> None:
    assert entry(ACTIVATING, NOTIFIED).text() == (
        "Mot de passe réinitialisé : en cours d'activation → notifié et non activé"
    )


def test_an_entry_without_a_change_of_state_says_what_was_done() -> None:
    assert entry(ACTIVATED, ACTIVATED).text() == "Mot de passe réinitialisé"


def test_an_entry_of_a_refusal_says_what_was_asked_and_why_not() -> None:
    assert entry(ACTIVATED, ACTIVATED, CHANGED_MEANWHILE).text() == (
        "Réinitialiser les mots de passe : refusé, modifié entre-temps par une autre personne"
    )


@pytest.mark.parametrize("action", Action)
def test_every_action_can_be_told(action: Action) -> None:
    for reason in ("", CHANGED_MEANWHILE):
        assert entry(NOTIFIED, NOTIFIED, reason, action).text()


LABELS: dict[type[StrEnum], Callable[..., str]] = {
    Action: lambda member: member.label,
    State: lambda member: member.label,
    Origin: lambda member: member.label,
    MessageKind: lambda member: member.label,
    MessageStatus: lambda member: member.label,
    Outcome: lambda member: member.label,
}


@pytest.mark.parametrize("kind", LABELS, ids=lambda kind: kind.__name__)
def test_every_member_has_a_label_of_its_own(kind: type[StrEnum]) -> None:
    labels = [LABELS[kind](member) for member in kind]
    assert all(labels)
    assert len(set(labels)) == len(kind)


def test_every_action_and_outcome_has_its_other_form() -> None:
    assert len({action.past for action in Action}) == len(Action)
    assert [outcome.plural for outcome in Outcome] == ["faits", "passés", "en échec"]
