"""Guessing passwords, as CNIL 2022-100 bounds it: by account, by source, whatever the pace."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from dashboard.actions.housekeeping import Retention, housekeep
from dashboard.actions.staff_sessions import SessionLimits, StaffSessions
from dashboard.actions.throttle import TooMany, WrongPassword
from dashboard.actions.users import add
from dashboard.domain.account import State
from dashboard.domain.scope import Role, StaffScope
from dashboard.store.engine import Store
from tests.depth import deep
from tests.rights.service import GOOD, Site
from tests.web.guardians import NOW, OWN, Guardians

Guess = Callable[[str, str, str, datetime], object]
GUESSES = deep(400)  # in a day
SOURCES = deep(200)
MINUTES_OF_A_DAY = 24 * 60


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """To make or check a password costs nothing: they are many, and what is heard is counted."""

    def is_right(text: str, _: object, stored: str) -> bool:
        return bool(stored) and text in (GOOD, OWN)

    monkeypatch.setattr("dashboard.actions.users.hash_password", lambda *_: "made")
    monkeypatch.setattr("dashboard.actions.staff_sessions.verify_password", is_right)
    monkeypatch.setattr("dashboard.actions.guardian_access.verify_password", is_right)


@pytest.fixture
def staff(store: Store) -> Guess:
    sessions = StaffSessions(store, Guardians(store).signer, SessionLimits())
    for login in ("first", "second", *(f"member-{n}" for n in range(60))):
        add(store, StaffScope("exploitant"), NOW, login, "", Role.ADMINISTRATOR, set(), GOOD)
    return sessions.sign_in


@pytest.fixture
def guardians(store: Store) -> Guess:
    found = Guardians(store)
    made = [found.identifier(found.add(State.ACTIVATED, OWN)) for _ in range(2)]
    names = dict(zip(("first", "second"), made, strict=True))

    def sign_in(login: str, password: str, source: str, now: datetime) -> object:
        right = OWN if password == GOOD else password
        return found.access.sign_in(names.get(login, login), right, source, now)

    return sign_in


@pytest.fixture(params=["staff", "guardians"])
def guess(request: pytest.FixtureRequest) -> Guess:
    found: Guess = request.getfixturevalue(request.param)
    return found


def heard(guess: Guess, login: str, source: str, now: datetime) -> bool:
    """Whether a wrong password was judged, rather than turned away."""
    with pytest.raises((WrongPassword, TooMany)) as refused:
        guess(login, "faux", source, now)
    return isinstance(refused.value, WrongPassword)


def failures(store: Store) -> int:
    [(count,)] = store.rows("SELECT count(*) FROM sign_in_failure")
    return int(count)


def test_thousands_of_guesses_of_a_day_are_heard_twenty_five_times(
    store: Store, guess: Guess
) -> None:
    pause = timedelta(days=1) / GUESSES
    sources = ["192.0.2.1", "192.0.2.2"]
    count = sum(heard(guess, "first", sources[n % 2], NOW + n * pause) for n in range(GUESSES))
    assert count <= 25
    assert failures(store) <= 2 * 25
    end = NOW + GUESSES * pause
    with pytest.raises(TooMany):
        guess("first", GOOD, "198.51.100.9", end - pause)
    assert guess("second", GOOD, "198.51.100.9", end - pause)


def test_guesses_of_many_sources_at_one_account_are_heard_no_more_often(
    store: Store, guess: Guess
) -> None:
    sources = [f"203.0.{n // 250}.{n % 250}" for n in range(SOURCES)]
    count = sum(
        heard(guess, "first", source, NOW + n * timedelta(minutes=MINUTES_OF_A_DAY / SOURCES))
        for n, source in enumerate(sources)
    )
    assert count <= 25
    assert failures(store) <= 2 * 25
    with pytest.raises(TooMany):
        guess("first", GOOD, "198.51.100.9", NOW + timedelta(hours=23))
    assert guess("second", GOOD, "198.51.100.9", NOW)


def test_one_source_that_tries_many_accounts_is_turned_away(store: Store, guess: Guess) -> None:
    count = sum(heard(guess, f"member-{n}", "192.0.2.1", NOW) for n in range(SOURCES))
    assert count == 30
    assert failures(store) == 2 * 30
    with pytest.raises(TooMany):
        guess("first", GOOD, "192.0.2.1", NOW)
    assert guess("first", GOOD, "198.51.100.9", NOW)


def test_one_source_that_takes_its_time_is_turned_away_for_hours(
    store: Store, guess: Guess
) -> None:
    times = [NOW + timedelta(seconds=35 * n) for n in range(deep(480))]
    count = sum(heard(guess, f"member-{n}", "192.0.2.1", time) for n, time in enumerate(times))
    assert count <= 330
    housekeep(store, times[-1] + timedelta(days=2), Retention(12, 12))
    assert failures(store) == 0


def test_a_subscriber_is_one_source_whatever_the_address(guess: Guess) -> None:
    count = sum(heard(guess, f"member-{n}", f"2001:db8::{n:x}", NOW) for n in range(100))
    assert count == 30


def test_guesses_at_the_form_are_turned_away_with_the_time_to_wait(own_site: Site) -> None:
    wrong = {"login": "claire", "password": "faux"}
    answers = [own_site.fill_in("/", wrong) for _ in range(8)]
    assert [answer.status for answer in answers] == [200] * 5 + [429] * 3
    assert int(answers[-1].headers["retry-after"]) > 60
    right = own_site.fill_in("/", {"login": "claire", "password": GOOD})
    assert (right.status, "staff=" in right.headers.get("set-cookie", "")) == (429, False)
    assert own_site.sign_in("bruno")


def test_guesses_at_the_password_page_are_counted_as_those_at_the_sign_in(own_site: Site) -> None:
    token = own_site.sign_in("claire")
    fields = {"current": "faux", "password": "Clairon-rouge-17"}
    statuses = [own_site.fill_in("/mot-de-passe", fields, token).status for _ in range(7)]
    assert statuses == [200] * 5 + [429] * 2
    assert own_site.page(token).status == 200
