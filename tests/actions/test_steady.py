"""What lasts goes by a time that the wall clock cannot turn back."""

from datetime import datetime, timedelta

import pytest

from dashboard.actions.staff_sessions import SessionLimits, StaffSessions
from dashboard.actions.steady import SteadyTime
from dashboard.actions.throttle import TooMany, WrongPassword
from dashboard.actions.users import add
from dashboard.credentials.links import Signer
from dashboard.domain.scope import Role, StaffScope
from dashboard.store.engine import Store

NOW = datetime(2026, 10, 25, 2, 30)
GOOD, HOME = "Trombone-vert-42", "192.0.2.1"
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


class Machine:
    """A wall clock that is set, and the machine's own count of seconds."""

    def __init__(self) -> None:
        self.wall, self.seconds = NOW, 1000.0

    def passes(self, time: timedelta) -> None:
        self.wall += time
        self.seconds += time.total_seconds()

    def is_set(self, by: timedelta) -> None:
        self.wall += by

    def elapsed(self) -> float:
        return self.seconds


@pytest.fixture
def machine() -> Machine:
    return Machine()


def steady(machine: Machine, latest: datetime | None = None) -> SteadyTime:
    return SteadyTime(lambda _: latest, machine.elapsed)


def test_it_goes_on_as_the_wall_clock_does(machine: Machine) -> None:
    time = steady(machine)
    assert time.at(machine.wall) == NOW
    machine.passes(7 * MINUTE)
    assert time.at(machine.wall) == NOW + 7 * MINUTE


def test_set_back_it_goes_on_by_the_seconds_that_passed(machine: Machine) -> None:
    time = steady(machine)
    time.at(machine.wall)
    machine.passes(5 * MINUTE)
    machine.is_set(-HOUR)
    assert time.at(machine.wall) == NOW + 5 * MINUTE
    machine.passes(10 * MINUTE)
    assert time.at(machine.wall) == NOW + 15 * MINUTE


def test_set_forward_it_follows(machine: Machine) -> None:
    time = steady(machine)
    time.at(machine.wall)
    machine.is_set(HOUR)
    assert time.at(machine.wall) == NOW + HOUR
    machine.is_set(-HOUR)
    machine.passes(MINUTE)
    assert time.at(machine.wall) == NOW + HOUR + MINUTE


def test_readings_that_overtake_each_other_count_once(machine: Machine) -> None:
    time = steady(machine)
    time.at(NOW + timedelta(seconds=1))
    time.at(NOW)
    assert time.at(NOW + timedelta(seconds=1)) == NOW + timedelta(seconds=1)


def test_readings_that_come_late_do_not_add_up(machine: Machine) -> None:
    time = steady(machine)
    late, read = timedelta(milliseconds=40), NOW
    for number in range(10_000):
        machine.passes(timedelta(milliseconds=50))
        # The wall clock was read before the work had its turn: at once, or a moment later.
        read = time.at(machine.wall - late * (number % 2))
    assert timedelta() <= read - machine.wall <= late


def test_it_begins_no_earlier_than_what_is_stored(machine: Machine) -> None:
    time = steady(machine, NOW + HOUR)
    assert time.at(machine.wall) == NOW + HOUR
    machine.passes(MINUTE)
    assert time.at(machine.wall) == NOW + HOUR + MINUTE


# Sessions and locks by it


def sessions(store: Store, machine: Machine) -> StaffSessions:
    return StaffSessions(store, Signer(b"k" * 32), SessionLimits(), elapsed=machine.elapsed)


@pytest.fixture
def alice(store: Store) -> str:
    add(store, StaffScope("exploitant"), NOW, "alice", "", Role.ADMINISTRATOR, set(), GOOD)
    return "alice"


def test_the_end_of_summer_time_lets_no_unused_session_live_longer(
    store: Store, machine: Machine, alice: str
) -> None:
    one = sessions(store, machine)
    token = one.sign_in(alice, GOOD, HOME, machine.wall)
    machine.passes(30 * MINUTE)
    machine.is_set(-HOUR)
    assert one.who(token, machine.wall, is_active=False) is not None
    machine.passes(31 * MINUTE)
    assert one.who(token, machine.wall) is None


def test_a_used_session_ends_after_half_a_day_whatever_the_clock_is_set_to(
    store: Store, machine: Machine, alice: str
) -> None:
    one = sessions(store, machine)
    token = one.sign_in(alice, GOOD, HOME, machine.wall)
    used = 0
    while one.who(token, machine.wall) is not None:
        machine.passes(30 * MINUTE)
        machine.is_set(-20 * MINUTE)
        used += 1
    assert used == 25


def test_a_clock_set_back_before_a_restart_lets_no_session_live_longer(
    store: Store, machine: Machine, alice: str
) -> None:
    token = sessions(store, machine).sign_in(alice, GOOD, HOME, machine.wall)
    machine.is_set(-5 * HOUR)
    after = sessions(store, machine)
    assert after.who(token, machine.wall, is_active=False) is not None
    machine.passes(HOUR + MINUTE)
    assert after.who(token, machine.wall) is None


def test_a_session_of_a_clock_that_was_years_ahead_is_over(
    store: Store, machine: Machine, alice: str
) -> None:
    machine.is_set(timedelta(days=2000))
    token = sessions(store, machine).sign_in(alice, GOOD, HOME, machine.wall)
    machine.is_set(-timedelta(days=2000))
    after = sessions(store, machine)
    assert after.who(token, machine.wall) is None
    assert after.who(after.sign_in(alice, GOOD, HOME, machine.wall), machine.wall) is not None


def guesses(one: StaffSessions, machine: Machine, count: int = 5) -> None:
    for _ in range(count):
        with pytest.raises(WrongPassword):
            one.sign_in("alice", "faux", HOME, machine.wall)


@pytest.mark.parametrize("by", [-10 * HOUR, -MINUTE, timedelta()])
@pytest.mark.parametrize("restarted", [False, True])
def test_a_lock_lasts_its_minutes_whatever_the_clock_is_set_back_by(
    store: Store, machine: Machine, alice: str, by: timedelta, restarted: bool
) -> None:
    one = sessions(store, machine)
    guesses(one, machine)
    machine.is_set(by)
    if restarted:
        one = sessions(store, machine)
    machine.passes(4 * MINUTE)
    with pytest.raises(TooMany) as refused:
        one.sign_in(alice, GOOD, HOME, machine.wall)
    # Said in the time that the reader's own clock shows.
    assert machine.wall < refused.value.until <= machine.wall + 5 * MINUTE
    machine.passes(5 * MINUTE)
    assert one.sign_in(alice, GOOD, HOME, machine.wall)


def test_a_lock_of_a_clock_that_was_years_ahead_is_none(
    store: Store, machine: Machine, alice: str
) -> None:
    machine.is_set(timedelta(days=2000))
    guesses(sessions(store, machine), machine)
    machine.is_set(-timedelta(days=2000))
    assert sessions(store, machine).sign_in(alice, GOOD, HOME, machine.wall)
