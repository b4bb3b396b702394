"""What guardians may do with their accounts, and what nobody may do with those of others."""

import io
import re
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from pypdf import PdfReader

from dashboard.actions.batch import Asker, prepare
from dashboard.actions.guardian_access import GuardianSession, SessionOver
from dashboard.actions.notify_by_sheet import notify_by_sheet
from dashboard.actions.throttle import TooMany, WrongPassword
from dashboard.credentials.links import Signer
from dashboard.domain.account import Origin, State
from dashboard.domain.action import Action
from dashboard.domain.credentials import Purpose
from dashboard.domain.document import Document
from dashboard.domain.errors import DeadLink, Refused, Unfit
from dashboard.domain.filters import AccountFilter
from dashboard.domain.journal import GUARDIAN
from dashboard.domain.message import Letterhead, MessageKind
from dashboard.domain.scope import ActingScope, PeopleScope
from dashboard.domain.sheet import SheetLayout
from dashboard.store.engine import Store
from dashboard.store.journal import history
from tests.actions.services import confirmed
from tests.store.rows import SULPICE
from tests.web.guardians import EMAIL, HOME, NOW, OTHER_SHEET, OWN, SHEET, Guardians, later

ELSEWHERE = "203.0.113.9"


@pytest.fixture
def guardians(store: Store) -> Guardians:
    return Guardians(store)


def guess(guardians: Guardians, identifier: str, source: str, now: datetime) -> None:
    with pytest.raises(WrongPassword):
        guardians.access.sign_in(identifier, "wrong", source, now)


# Signing in


SPELLINGS = [
    ("14b9-739k", "abcd-2345-efgh"),
    ("14b9739k", "abcd2345efgh"),
    (" 14B9 739K ", "ABCD-2345-EFGH"),
    ("14b9–739k", " abcd 2345 efgh "),
    ("14B9-739K", "abcd‑2345‑efgh"),
]


@pytest.mark.parametrize(("identifier", "password"), SPELLINGS)
def test_a_sheet_is_typed_in_many_ways(
    guardians: Guardians, identifier: str, password: str
) -> None:
    number = guardians.add(State.NOTIFIED, SHEET)
    assert guardians.access.sign_in(identifier, password, HOME, NOW).account_id == number


def test_a_chosen_password_is_taken_only_as_it_is(guardians: Guardians) -> None:
    number = guardians.add(State.ACTIVATED, OWN)
    for typed in (OWN.upper(), OWN + " ", OWN.replace(" ", "")):
        with pytest.raises(WrongPassword):
            guardians.enter(number, typed)
    assert guardians.enter(number, OWN).account_id == number


@pytest.mark.parametrize(
    ("state", "password", "origin"),
    [
        (State.NOT_NOTIFIED, "", Origin.SCHOOL),
        (State.NOTIFIED, "", Origin.SCHOOL),
        (State.ACTIVATED, "", Origin.SCHOOL),
        (State.ACTIVATED, "", Origin.FRANCECONNECT),
        (State.NOTIFIED, SHEET, Origin.SCHOOL),
    ],
)
def test_a_wrong_password_is_refused_alike_whatever_the_account(
    guardians: Guardians, state: State, password: str, origin: Origin
) -> None:
    number = guardians.add(state, password, origin=origin)
    for typed in ("wrong", "", "é" * 1000, "\x00"):
        with pytest.raises(WrongPassword) as known:
            guardians.enter(number, typed)
        with pytest.raises(WrongPassword) as unknown:
            guardians.access.sign_in("zzzz-zzzz", typed, HOME, NOW)
        assert known.value.reasons == unknown.value.reasons


def test_an_expired_sheet_is_told_to_its_holder_only(guardians: Guardians) -> None:
    number = guardians.add(State.NOTIFIED, SHEET)
    assert guardians.enter(number, SHEET, datetime(2026, 12, 28, 23, 59))
    with pytest.raises(Refused, match="a expiré le 28/12/2026") as told:
        guardians.enter(number, SHEET, datetime(2026, 12, 29))
    assert not isinstance(told.value, WrongPassword)
    guess(guardians, guardians.identifier(number), HOME, datetime(2026, 12, 29))


def test_a_sign_in_is_noted_once_a_day(guardians: Guardians) -> None:
    number = guardians.add(State.NOTIFIED, SHEET)
    for now in (NOW, later(hours=1), later(days=1)):
        guardians.enter(number, SHEET, now)
    assert guardians.holder(number).account.last_access_on == later(days=1).date()
    written = history(guardians.store, PeopleScope.schools(SULPICE), number)
    assert [(e.actor, e.action) for e in written[:2]] == [(GUARDIAN, Action.SIGN_IN)] * 2
    assert written[2].action is not Action.SIGN_IN


def test_who_signs_in_twice_at_once_gets_in_twice(guardians: Guardians) -> None:
    number = guardians.add(State.NOTIFIED, SHEET)
    guess(guardians, guardians.identifier(number), HOME, NOW)
    with ThreadPoolExecutor(4) as threads:
        sessions = list(threads.map(lambda _: guardians.enter(number, SHEET), range(4)))
    assert [session.account_id for session in sessions] == [number] * 4


# Guessing


def test_an_account_waits_after_five_failures_from_anywhere(guardians: Guardians) -> None:
    number, other = guardians.add(State.NOTIFIED, SHEET), guardians.add(State.NOTIFIED, SHEET)
    for _ in range(5):
        guess(guardians, guardians.identifier(number).upper(), guardians.other_source(), NOW)
    with pytest.raises(TooMany, match="Réessayez après 10:05"):
        guardians.enter(number, SHEET, source=ELSEWHERE)
    assert guardians.enter(other, SHEET, source=ELSEWHERE).account_id == other
    assert guardians.enter(number, SHEET, later(minutes=5)).account_id == number


def test_the_wait_is_told_to_the_next_minute_and_with_its_day(guardians: Guardians) -> None:
    number = guardians.add(State.NOTIFIED, SHEET)
    started = later(hours=13, minutes=55, seconds=1)
    for _ in range(5):
        guess(guardians, guardians.identifier(number), HOME, started)
    with pytest.raises(TooMany, match="le 29/09/2026 après 00:01") as told:
        guardians.enter(number, SHEET, later(hours=13, minutes=56))
    assert told.value.until == later(hours=14, seconds=1)


def test_an_account_hears_25_guesses_a_day(guardians: Guardians) -> None:
    number = guardians.add(State.NOTIFIED, SHEET)
    for place in range(25):
        source = guardians.other_source()
        guess(guardians, guardians.identifier(number), source, later(minutes=20 * place))
    with pytest.raises(TooMany, match="29/09/2026"):
        guardians.enter(number, SHEET, later(hours=10))
    assert guardians.enter(number, SHEET, later(hours=32, minutes=1)).account_id == number


def test_guesses_of_one_place_keep_nobody_else_out(guardians: Guardians) -> None:
    number = guardians.add(State.NOTIFIED, SHEET)
    for place in range(15):
        guess(guardians, guardians.identifier(number), HOME, later(minutes=20 * place))
    with pytest.raises(TooMany):
        guardians.enter(number, SHEET, later(hours=10))
    assert guardians.enter(number, SHEET, later(hours=10), ELSEWHERE).account_id == number


def locked(guardians: Guardians, password: str = SHEET, state: State = State.NOTIFIED) -> int:
    """An account that strangers have locked until tomorrow."""
    number = guardians.add(state, password)
    for place in range(25):
        source = guardians.other_source()
        guess(guardians, guardians.identifier(number), source, later(minutes=20 * place))
    with pytest.raises(TooMany):
        guardians.enter(number, password, later(hours=10), ELSEWHERE)
    return number


def test_a_new_sheet_lifts_the_lock(guardians: Guardians) -> None:
    number = locked(guardians)
    other = locked(guardians)
    scope, now = ActingScope.schools(SULPICE), later(hours=10)
    ready = prepare(
        guardians.store, scope, Action.NOTIFY_BY_SHEET, AccountFilter(), now.date(), only=[number]
    )
    issued: list[Document] = []
    letterhead = Letterhead("https://exemple.fr/activation", "l'assistance")
    notify_by_sheet(
        guardians.store,
        confirmed(ready),
        Asker("directrice", now),
        letterhead,
        SheetLayout(1, class_pages=False),
        lambda *_: None,
        issued.append,
    )
    text = PdfReader(io.BytesIO(issued[0].content)).pages[0].extract_text()
    [password] = re.findall(r"Mot de passe provisoire\s+(\S+)", text)
    assert guardians.enter(number, password, now, ELSEWHERE).account_id == number
    with pytest.raises(TooMany):
        guardians.enter(other, SHEET, now, ELSEWHERE)


def test_a_link_that_was_used_lifts_the_lock(guardians: Guardians) -> None:
    number = locked(guardians, OWN, State.ACTIVATING)
    guardians.clock = lambda: later(hours=10)
    guardians.access.activate(guardians.link(number, Purpose.ACTIVATE), later(hours=10))
    assert guardians.enter(number, OWN, later(hours=10), ELSEWHERE).account_id == number


def test_a_forgotten_password_is_replaced_though_strangers_have_locked_the_account(
    guardians: Guardians,
) -> None:
    number = locked(guardians, OWN, State.ACTIVATED)
    guardians.clock = lambda: later(hours=10)
    guardians.ask_for_help(EMAIL, later(hours=10), ELSEWHERE)
    session, _ = guardians.access.follow(guardians.last_link(number), later(hours=10))
    guardians.access.choose_password(session, "pivoine sauterelle", "", later(hours=10))
    assert guardians.enter(number, "pivoine sauterelle", later(hours=10), ELSEWHERE)


def test_strangers_lock_nobody_out_of_a_device_they_signed_in_on_before(
    guardians: Guardians,
) -> None:
    access, number = guardians.access, guardians.add(State.ACTIVATED, OWN)
    known = access.remember(guardians.enter(number, OWN), "")
    other = guardians.add(State.ACTIVATED, OWN)
    known = access.remember(guardians.enter(other, OWN), known)  # a family's computer
    identifier, now = guardians.identifier(number), later(hours=10)
    for place in range(25):
        guess(guardians, identifier, guardians.other_source(), later(minutes=20 * place))
    assert access.sign_in(identifier, OWN, ELSEWHERE, now, known).account_id == number
    for forged in ("", "x", "é\ud800", known.split(".")[0], known[:-1], "." * 1000):
        with pytest.raises(TooMany):
            access.sign_in(identifier, OWN, ELSEWHERE, now, forged)


def test_a_known_device_guesses_no_more_often_than_strangers(guardians: Guardians) -> None:
    access, number = guardians.access, guardians.add(State.ACTIVATED, OWN)
    known = access.remember(guardians.enter(number, OWN), "")
    identifier, heard = guardians.identifier(number), 0
    for place in range(300):
        try:
            access.sign_in(identifier, "wrong", HOME, later(minutes=4 * place), known)
        except WrongPassword:
            heard += 1
        except TooMany:
            pass
    assert heard == 25
    assert guardians.enter(number, OWN, later(hours=20)).account_id == number


def test_a_link_that_is_only_followed_makes_no_device_known(guardians: Guardians) -> None:
    number = guardians.add(State.ACTIVATED, OWN)
    session, _ = guardians.access.follow(guardians.link(number, Purpose.RECOVER), NOW)
    assert guardians.access.remember(session, "") == ""


def test_a_right_password_of_one_place_forgets_no_guesses_of_another(
    guardians: Guardians,
) -> None:
    number = guardians.add(State.NOTIFIED, SHEET)
    for _ in range(4):
        guess(guardians, guardians.identifier(number), ELSEWHERE, NOW)
    guardians.enter(number, SHEET)
    guess(guardians, guardians.identifier(number), ELSEWHERE, NOW)
    with pytest.raises(TooMany):
        guardians.enter(number, SHEET)


def test_a_right_password_forgets_the_wrong_ones(guardians: Guardians) -> None:
    number = guardians.add(State.NOTIFIED, SHEET)
    for _ in range(3):
        for _ in range(4):
            guess(guardians, guardians.identifier(number), HOME, NOW)
        guardians.enter(number, SHEET)


def test_a_source_waits_after_thirty_failures_whatever_the_accounts(guardians: Guardians) -> None:
    number = guardians.add(State.NOTIFIED, SHEET)
    for place in range(30):
        guess(guardians, f"none-{place:04}", HOME, NOW)
    with pytest.raises(TooMany):
        guardians.enter(number, SHEET)
    assert guardians.enter(number, SHEET, source=ELSEWHERE).account_id == number


@pytest.mark.parametrize(
    ("source", "elsewhere"),
    [
        (lambda place: f"2001:db8:1:1::{place:x}", "2001:db8:1:2::1"),
        (lambda place: f"fe80::{place:x}%eth0", "fe80:0:0:1::1%eth0"),
        (lambda _: "::ffff:192.0.2.7", "::ffff:203.0.113.9"),
        (lambda _: "", ELSEWHERE),
    ],
    ids=["IPv6", "local IPv6", "IPv4 in IPv6", "unknown"],
)
def test_a_source_is_a_household_whatever_its_addresses(
    guardians: Guardians, source: Callable[[int], str], elsewhere: str
) -> None:
    for place in range(30):
        guardians.access.ask_for_help(f"{place}@exemple.fr", source(place), NOW)
    with pytest.raises(TooMany):
        guardians.access.ask_for_help("other@exemple.fr", source(31), NOW)
    guardians.access.ask_for_help("other@exemple.fr", elsewhere, NOW)


def test_many_guesses_at_once_get_no_further_than_one_after_another(guardians: Guardians) -> None:
    number = guardians.add(State.NOTIFIED, SHEET)

    def outcome(place: int) -> str:
        try:
            guardians.enter(number, f"wrong {place}", source=f"198.51.100.{place}")
        except Refused as refusal:
            return type(refusal).__name__
        return "in"

    with ThreadPoolExecutor(50) as threads:
        outcomes = Counter(threads.map(outcome, range(50)))
    assert outcomes.keys() == {"WrongPassword", "TooMany"}
    assert outcomes["WrongPassword"] <= 5


# Choosing a password


def test_a_sheet_leads_to_an_activated_account(guardians: Guardians) -> None:
    number = guardians.add(State.NOTIFIED, SHEET, email="")
    session = guardians.enter(number, SHEET)
    session = guardians.access.choose_password(session, OWN, " Lea.Martin@Exemple.FR ", NOW)
    assert guardians.state(number) is State.ACTIVATING
    assert guardians.holder(number).guardian.email == EMAIL
    [(kind, to, token)] = guardians.messages(number)
    assert (kind, to) == (MessageKind.ACTIVATION, EMAIL)
    assert guardians.access.holder(session, NOW).account_id == number

    session = guardians.access.activate(token, later(days=6))
    assert guardians.state(number) is State.ACTIVATED
    assert guardians.access.holder(session, later(days=6)).account_id == number
    assert guardians.enter(number, OWN, later(days=6)).account_id == number
    with pytest.raises(WrongPassword):
        guardians.enter(number, SHEET, later(days=6))


WEAK = {
    "": "trop court",
    "Aa1!aaa": "trop court",
    "x" * 201: "trop long",
    "azertyuiop12": "facile à deviner",
    "motdepasse123": "facile à deviner",
    "LéaMartin2026!": "facile à deviner",
    "martinlea2026!": "facile à deviner",
    "14b9-739k-14b9": "facile à deviner",
    EMAIL: "facile à deviner",
}
UNREACHED = ["", "lea", "lea@exemple", "a@b@c.fr", "é@exemple.fr", "a" * 250 + "@x.fr", "<a@x.fr>"]


def test_a_weak_password_is_refused_and_changes_nothing(guardians: Guardians) -> None:
    number = guardians.add(State.NOTIFIED, SHEET)
    session = guardians.enter(number, SHEET)
    before = guardians.holder(number)
    for password, reason in WEAK.items():
        with pytest.raises(Unfit, match=reason) as refusal:
            guardians.access.choose_password(session, password, EMAIL, NOW)
        assert refusal.value.fields.keys() == {"password"}
    assert guardians.holder(number) == before
    assert guardians.messages(number) == []


def test_an_address_that_no_mail_reaches_is_refused_with_all_that_is_wrong(
    guardians: Guardians,
) -> None:
    session = guardians.enter(guardians.add(State.NOTIFIED, SHEET), SHEET)
    for email in UNREACHED:
        with pytest.raises(Unfit) as refusal:
            guardians.access.choose_password(session, "short", email, NOW)
        assert list(refusal.value.fields) == ["password", "email"]


def test_a_new_sheet_ends_the_visits_of_the_one_before(guardians: Guardians) -> None:
    number = guardians.add(State.NOTIFIED, SHEET)
    session = guardians.enter(number, SHEET)
    guardians.hand_out(number, OTHER_SHEET)
    for ask in (
        lambda: guardians.access.holder(session, NOW),
        lambda: guardians.access.resend(session, NOW),
        lambda: guardians.access.choose_password(session, OWN, EMAIL, NOW),
    ):
        with pytest.raises(SessionOver):
            ask()
    assert guardians.state(number) is State.NOTIFIED


def test_a_visit_is_of_no_other_account(guardians: Guardians) -> None:
    one, other = guardians.add(State.NOTIFIED, SHEET), guardians.add(State.NOTIFIED, SHEET)
    session = guardians.enter(one, SHEET)
    for forged in (
        GuardianSession(other, seal=session.seal),
        GuardianSession(other),
        GuardianSession(999, seal=session.seal),
    ):
        with pytest.raises(SessionOver):
            guardians.access.holder(forged, NOW)


def test_a_password_is_chosen_once_per_sheet(guardians: Guardians) -> None:
    number = guardians.add(State.NOTIFIED, SHEET)
    session = guardians.enter(number, SHEET)
    after = guardians.access.choose_password(session, OWN, EMAIL, NOW)
    with pytest.raises(SessionOver):
        guardians.access.choose_password(session, OWN + "!", EMAIL, NOW)
    with pytest.raises(Refused):
        guardians.access.choose_password(after, OWN + "!", EMAIL, NOW)
    assert guardians.enter(number, OWN).account_id == number


def test_a_password_chosen_twice_at_once_is_one_of_the_two(guardians: Guardians) -> None:
    number = guardians.add(State.NOTIFIED, SHEET)
    session = guardians.enter(number, SHEET)

    def choose(place: int) -> bool:
        try:
            guardians.access.choose_password(session, f"{OWN} {place}", EMAIL, NOW)
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        chosen = list(threads.map(choose, range(4)))
    assert sum(chosen) == 1
    assert guardians.enter(number, f"{OWN} {chosen.index(True)}").account_id == number
    assert len(guardians.messages(number)) == 1


def test_a_reset_account_stays_activated_and_keeps_its_address(guardians: Guardians) -> None:
    number = guardians.add(State.ACTIVATED, OWN)
    guardians.hand_out(number, SHEET)
    session = guardians.enter(number, SHEET)
    guardians.access.choose_password(session, OWN + "!", "other@exemple.fr", NOW)
    holder = guardians.holder(number)
    assert (holder.account.state, holder.guardian.email) == (State.ACTIVATED, EMAIL)
    assert guardians.messages(number) == []


# Links


def test_a_notification_by_email_leads_to_an_activated_account(guardians: Guardians) -> None:
    number = guardians.add(State.NOT_NOTIFIED)
    guardians.notify_by_email(number)
    session, purpose = guardians.access.follow(guardians.last_link(number), NOW)
    assert purpose is Purpose.CHOOSE_PASSWORD
    guardians.access.choose_password(session, OWN, EMAIL, NOW)
    guardians.access.activate(guardians.last_link(number), NOW)
    assert guardians.state(number) is State.ACTIVATED


def test_looking_at_a_link_does_not_use_it_up_and_using_it_does(guardians: Guardians) -> None:
    number = guardians.add(State.ACTIVATING, OWN)
    token = guardians.link(number, Purpose.ACTIVATE)
    for _ in range(3):
        guardians.access.follow(token, NOW)
    guardians.access.activate(token, NOW)
    for use in (guardians.access.follow, guardians.access.activate):
        with pytest.raises(DeadLink):
            use(token, NOW)


def test_a_used_link_ends_its_visit(guardians: Guardians) -> None:
    number = guardians.add(State.ACTIVATED, OWN)
    session, _ = guardians.access.follow(guardians.link(number, Purpose.RECOVER), NOW)
    guardians.access.choose_password(session, OWN + "!", "", NOW)
    with pytest.raises(DeadLink):
        guardians.access.choose_password(session, OWN + "?", "", NOW)
    with pytest.raises(DeadLink):
        guardians.access.holder(session, NOW)


@pytest.mark.parametrize(
    ("state", "purpose", "last"),
    [
        (State.NOTIFIED, Purpose.CHOOSE_PASSWORD, datetime(2026, 12, 28, 23, 59, 58)),
        (State.ACTIVATING, Purpose.ACTIVATE, later(days=7, seconds=-1)),
        (State.ACTIVATED, Purpose.RECOVER, later(hours=1, seconds=-1)),
    ],
)
def test_a_link_ends(guardians: Guardians, state: State, purpose: Purpose, last: datetime) -> None:
    token = guardians.link(guardians.add(state), purpose)
    assert guardians.access.follow(token, last)[1] is purpose
    with pytest.raises(DeadLink):
        guardians.access.follow(token, last.replace(microsecond=0) + (later(seconds=1) - NOW))


@pytest.mark.parametrize("purpose", Purpose)
def test_a_newer_link_revokes_the_one_before(guardians: Guardians, purpose: Purpose) -> None:
    number = guardians.add(State.ACTIVATING, OWN)
    old = guardians.link(number, Purpose.ACTIVATE)
    guardians.link(number, purpose)
    with pytest.raises(DeadLink):
        guardians.access.activate(old, NOW)


def test_a_forged_link_is_dead(guardians: Guardians) -> None:
    number = guardians.add(State.ACTIVATING, OWN)
    token = guardians.link(number, Purpose.ACTIVATE)
    made_up = [
        Signer(b"x" * 32).token("link", 1),
        guardians.signer.token("message", 1),
        guardians.signer.token("link", 2),
        token[:-1] + ("A" if token[-1] != "A" else "B"),
        token[:-4],
        token + token,
        "",
        "é\ud800",
        "A" * 1000,
    ]
    for forged in made_up:
        with pytest.raises(DeadLink):
            guardians.access.follow(forged, NOW)
    guardians.access.activate(token, NOW)


@pytest.mark.parametrize("purpose", [Purpose.RECOVER, Purpose.CHOOSE_PASSWORD])
def test_a_link_activates_only_if_it_was_made_for_it(
    guardians: Guardians, purpose: Purpose
) -> None:
    number = guardians.add(State.ACTIVATING, OWN)
    with pytest.raises(DeadLink):
        guardians.access.activate(guardians.link(number, purpose), NOW)
    assert guardians.state(number) is State.ACTIVATING


def test_an_activation_link_chooses_no_password(guardians: Guardians) -> None:
    number = guardians.add(State.ACTIVATING, OWN)
    session, _ = guardians.access.follow(guardians.link(number, Purpose.ACTIVATE), NOW)
    with pytest.raises(Refused):
        guardians.access.choose_password(session, OWN + "!", EMAIL, NOW)
    assert guardians.enter(number, OWN).account_id == number


# Resending


def test_resending_revokes_the_link_before(guardians: Guardians) -> None:
    number = guardians.add(State.ACTIVATING, OWN)
    old = guardians.link(number, Purpose.ACTIVATE)
    assert guardians.access.resend(guardians.enter(number, OWN), NOW) == EMAIL
    with pytest.raises(DeadLink):
        guardians.access.activate(old, NOW)
    guardians.access.activate(guardians.last_link(number), NOW)


def test_resending_is_limited(guardians: Guardians) -> None:
    number = guardians.add(State.ACTIVATING, OWN)
    session = guardians.enter(number, OWN)
    for _ in range(5):
        guardians.access.resend(session, NOW)
    with pytest.raises(TooMany):
        guardians.access.resend(session, NOW)
    assert len(guardians.messages(number)) == 5


@pytest.mark.parametrize(("state", "email"), [(State.ACTIVATED, EMAIL), (State.ACTIVATING, "")])
def test_there_is_not_always_something_to_resend(
    guardians: Guardians, state: State, email: str
) -> None:
    number = guardians.add(state, OWN, email=email)
    with pytest.raises(Refused):
        guardians.access.resend(guardians.enter(number, OWN), NOW)
    assert guardians.messages(number) == []


# Forgotten


@pytest.mark.parametrize(
    ("state", "password", "origin", "kind", "purpose"),
    [
        (State.ACTIVATED, OWN, Origin.SCHOOL, MessageKind.RECOVERY, Purpose.RECOVER),
        (State.ACTIVATED, "", Origin.SCHOOL, MessageKind.RECOVERY, Purpose.RECOVER),
        (State.ACTIVATING, OWN, Origin.SCHOOL, MessageKind.ACTIVATION, Purpose.ACTIVATE),
        (State.NOTIFIED, SHEET, Origin.SCHOOL, MessageKind.REMINDER, None),
        (State.ACTIVATED, "", Origin.FRANCECONNECT, MessageKind.NOTIFICATION, None),
    ],
)
def test_what_was_forgotten_is_sent(
    guardians: Guardians,
    state: State,
    password: str,
    origin: Origin,
    kind: MessageKind,
    purpose: Purpose | None,
) -> None:
    number = guardians.add(state, password, origin=origin)
    guardians.ask_for_help(f"  {EMAIL.upper()} ")
    [(sent, to, token)] = guardians.messages(number)
    assert (sent, to) == (kind, EMAIL)
    assert (guardians.access.follow(token, NOW)[1] if token else None) is purpose


def test_who_was_notified_by_email_gets_that_link_anew_while_it_lasts(guardians: Guardians) -> None:
    number = guardians.add(State.NOT_NOTIFIED)
    guardians.notify_by_email(number)
    guardians.ask_for_help(EMAIL, later(days=1))
    assert guardians.access.follow(guardians.last_link(number), later(days=1))
    guardians.ask_for_help(EMAIL, later(days=100))
    assert [kind for kind, _, _ in guardians.messages(number)] == [
        MessageKind.NOTIFICATION,
        MessageKind.NOTIFICATION,
        MessageKind.REMINDER,
    ]


def test_who_was_not_notified_gets_nothing(guardians: Guardians) -> None:
    number = guardians.add(State.NOT_NOTIFIED)
    guardians.ask_for_help(EMAIL)
    assert guardians.messages(number) == []


def test_accounts_that_share_an_address_are_all_helped(guardians: Guardians) -> None:
    numbers = [guardians.add(State.ACTIVATED, OWN), guardians.add(State.ACTIVATING, OWN)]
    guardians.add(State.ACTIVATED, OWN, email="other@exemple.fr")
    guardians.ask_for_help(EMAIL)
    assert [len(guardians.messages(number)) for number in [*numbers, 3]] == [1, 1, 0]


def test_a_forgotten_password_is_replaced(guardians: Guardians) -> None:
    number = guardians.add(State.ACTIVATED, OWN)
    guardians.ask_for_help(EMAIL)
    session, _ = guardians.access.follow(guardians.last_link(number), NOW)
    guardians.access.choose_password(session, "pivoine sauterelle", "", NOW)
    assert guardians.state(number) is State.ACTIVATED
    assert guardians.enter(number, "pivoine sauterelle").account_id == number
    with pytest.raises(WrongPassword):
        guardians.enter(number, OWN)


def test_help_for_an_address_is_limited_whether_accounts_have_it_or_not(
    guardians: Guardians,
) -> None:
    for address in (EMAIL, "none@exemple.fr"):
        for _ in range(5):
            guardians.ask_for_help(address, source=guardians.other_source())
        with pytest.raises(TooMany):
            guardians.ask_for_help(address, source=ELSEWHERE)
    assert guardians.enter(guardians.add(State.NOTIFIED, SHEET), SHEET, source=ELSEWHERE)
