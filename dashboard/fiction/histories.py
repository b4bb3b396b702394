"""Fictitious histories of accounts: what each school did, and what families made of it."""

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

from dashboard.domain.account import Origin, State
from dashboard.domain.action import Action
from dashboard.domain.credentials import Password, held_password
from dashboard.domain.journal import GUARDIAN, IMPORT
from dashboard.fiction.people import Population

# Half a year, so that notifications of three months may have expired.
DAYS = 182
_DAY = 24 * 60
_ORIGINS = {Origin.SCHOOL: 0.89, Origin.SELF_REGISTERED: 0.06, Origin.FRANCECONNECT: 0.05}
_TAKEN_WITHIN = 30  # days from the beginning
_BY_EMAIL, _SOONER_BY_EMAIL = 0.75, 0.6
_SAME_HOUR, _NEVER_CONFIRMED, _RESET = 0.8, 0.04, 0.025
_REMINDED_AFTER, _REMINDED = (25, 55), 0.5
_WITHIN = 85  # days: a notification ends after three months
_STAFF = "direction"


@dataclass(slots=True)
class _Journal:
    """Entries in the making: accounts, minutes since the beginning, and what happened."""

    parts: list[pd.DataFrame] = field(default_factory=list)

    def add(
        self,
        action: Action,
        actor: str,
        change: tuple[State, State],
        minutes: np.ndarray,
        done: np.ndarray,
    ) -> None:
        """Note that an action was done to the accounts for which `done` holds."""
        accounts = np.flatnonzero(done)
        self.parts.append(
            pd.DataFrame(
                {
                    "guardian": accounts,
                    "minute": minutes[accounts].astype("int64"),
                    "actor": actor,
                    "action": action.value,
                    "from_state": change[0].value,
                    "to_state": change[1].value,
                }
            )
        )


def draw_histories(
    rng: np.random.Generator, schools: pd.DataFrame, population: Population, today: date
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What becomes of every guardian's account in the half year before today.

    Returns:
        Per guardian ``origin``, ``state``, ``distributed_on``, ``last_access_on``, ``password``;
        and the journal in the order of time: ``guardian`` (place), ``happened_at``, ``actor``,
        ``action``, ``from_state``, ``to_state``.
    """
    lives = _Lives(rng, schools, population)
    lives.open_accounts()
    lives.notify()
    lives.remind()
    lives.activate()
    lives.reset()
    start = np.datetime64(today, "m") - np.timedelta64(DAYS * _DAY, "m")
    return lives.accounts(start), lives.journal(start)


class _Lives:
    """The accounts of all guardians while their histories are drawn; times are minutes."""

    def __init__(
        self, rng: np.random.Generator, schools: pd.DataFrame, population: Population
    ) -> None:
        self._rng = rng
        self._guardians = population.guardians
        self._count = len(population.guardians)
        self._school = schools.iloc[population.guardians["school"].to_numpy()]
        students = population.students["class_place"].to_numpy()
        self._class_place = _class_places(population.links, students, self._count)
        self._journal = _Journal()
        self._now = DAYS * _DAY
        self._state = np.full(self._count, State.NOT_NOTIFIED.value, dtype=object)
        self._password = np.full(self._count, Password.NONE.value, dtype=object)
        self._distributed = np.full(self._count, np.nan)
        self._seen = np.full(self._count, np.nan)

    def _chance(self, share: float | np.ndarray) -> np.ndarray:
        return np.asarray(self._rng.random(self._count) < share)

    def _at(self, share: str) -> np.ndarray:
        return self._school[share].to_numpy()

    def _hours(self) -> np.ndarray:
        """A minute of the day between eight in the morning and six in the evening."""
        return self._rng.integers(8 * 60, 18 * 60, self._count)

    def open_accounts(self) -> None:
        """Every account is created; some had been activated elsewhere, and are taken over."""
        origins = self._rng.choice(list(_ORIGINS), self._count, p=list(_ORIGINS.values()))
        active = self._at("campaign") != "nothing"
        self._origin = np.where(active, origins, Origin.SCHOOL.value)
        same = (State.NOT_NOTIFIED, State.NOT_NOTIFIED)
        everyone = np.ones(self._count, dtype=bool)
        self._journal.add(Action.CREATE, IMPORT, same, np.zeros(self._count), everyone)
        taken = self._origin != Origin.SCHOOL
        minutes = self._rng.integers(0, _TAKEN_WITHIN, self._count) * _DAY
        change = (State.NOT_NOTIFIED, State.ACTIVATED)
        self._journal.add(Action.TAKE_OVER, IMPORT, change, minutes, taken)
        self._state[taken] = State.ACTIVATED.value
        for origin in (Origin.SELF_REGISTERED, Origin.FRANCECONNECT):
            held = held_password(State.ACTIVATED, origin).value
            self._password[self._origin == origin] = held
        self._sign_in(taken, minutes)

    def notify(self) -> None:
        """Each school's campaign: all classes at once, or one after the other, on working hours."""
        days = DAYS - self._at("begins") + self._class_place * self._at("days_between_classes")
        self._notified_at = days * _DAY + self._hours()
        self._notified = (self._state == State.NOT_NOTIFIED) & self._chance(self._at("notified"))
        self._notified &= self._notified_at < self._now
        by_email = self._at("by_email") & (self._guardians["email"] != "").to_numpy()
        self._by_email = by_email & self._chance(_BY_EMAIL)
        change = (State.NOT_NOTIFIED, State.NOTIFIED)
        self._hand_out(change, self._notified_at, self._notified)

    def _hand_out(self, change: tuple[State, State], minutes: np.ndarray, done: np.ndarray) -> None:
        for action, way in (
            (Action.NOTIFY_BY_EMAIL, self._by_email),
            (Action.NOTIFY_BY_SHEET, ~self._by_email),
        ):
            self._journal.add(action, _STAFF, change, minutes, done & way)
        self._state[done] = State.NOTIFIED.value
        self._password[done] = Password.PROVISIONAL.value
        self._distributed[done] = minutes[done]

    def remind(self) -> None:
        """Draw when families would choose a password; some schools remind those that did not."""
        delay = self._at("delay") * np.where(self._by_email, _SOONER_BY_EMAIL, 1)
        wait = self._rng.lognormal(np.log(delay), 0.9)
        share = self._at("activated")
        self._chosen_at = self._notified_at + np.round(wait * _DAY)
        willing = self._notified & self._chance(share) & (wait < _WITHIN)
        after = self._rng.integers(*_REMINDED_AFTER, self._count) * _DAY
        reminded_at = self._notified_at + np.maximum(after - after % _DAY, _DAY)
        reminding = (self._at("campaign") == "early") & (self._at("delay") < 16 * _REMINDED)
        reminded = self._notified & reminding & (reminded_at < self._now)
        reminded &= ~willing | (self._chosen_at > reminded_at)
        self._hand_out((State.NOTIFIED, State.NOTIFIED), reminded_at, reminded)
        again = reminded & ~willing & self._chance(share / 3)
        self._chosen_at[again] = reminded_at[again] + np.round(wait[again] * _DAY)
        self._willing = willing | (again & (wait < _WITHIN))

    def activate(self) -> None:
        """A password is chosen, and mostly within the hour the e-mailed link is followed."""
        chosen = self._willing & (self._chosen_at < self._now)
        change = (State.NOTIFIED, State.ACTIVATING)
        self._journal.add(Action.CHOOSE_PASSWORD, GUARDIAN, change, self._chosen_at, chosen)
        self._state[chosen] = State.ACTIVATING.value
        self._password[chosen] = Password.CHOSEN.value
        self._sign_in(chosen, self._chosen_at)
        wait = np.where(
            self._chance(_SAME_HOUR),
            self._rng.integers(1, 60, self._count),
            self._rng.integers(60, 6 * _DAY, self._count),
        )
        self._activated_at = self._chosen_at + wait
        self._activated = chosen & (self._activated_at < self._now)
        self._activated &= ~self._chance(_NEVER_CONFIRMED)
        done = (State.ACTIVATING, State.ACTIVATED)
        self._journal.add(Action.ACTIVATE, GUARDIAN, done, self._activated_at, self._activated)
        self._state[self._activated] = State.ACTIVATED.value
        later = self._activated_at + self._rng.random(self._count) * (
            self._now - self._activated_at
        )
        self._sign_in(self._activated, later)

    def reset(self) -> None:
        """Some forget their password, come to the school, and choose another the next day."""
        forgotten_at = self._activated_at + (1 + self._rng.integers(3, 60, self._count)) * _DAY
        reset = self._activated & self._chance(_RESET) & (forgotten_at < self._now)
        same = (State.ACTIVATED, State.ACTIVATED)
        self._journal.add(Action.RESET, _STAFF, same, forgotten_at, reset)
        self._distributed[reset] = forgotten_at[reset]
        self._password[reset] = Password.PROVISIONAL.value
        chosen_at = forgotten_at + _DAY
        chosen = reset & (chosen_at < self._now)
        self._journal.add(Action.CHOOSE_PASSWORD, GUARDIAN, same, chosen_at, chosen)
        self._password[chosen] = Password.CHOSEN.value
        self._sign_in(chosen, chosen_at)

    def _sign_in(self, who: np.ndarray, minutes: np.ndarray) -> None:
        self._seen[who] = np.fmax(self._seen[who], minutes[who])

    def accounts(self, start: np.datetime64) -> pd.DataFrame:
        """What is stored of every account."""
        return pd.DataFrame(
            {
                "origin": self._origin.astype(object),
                "state": self._state,
                "distributed_on": _times(start, self._distributed),
                "last_access_on": _times(start, self._seen),
                "password": self._password,
            }
        )

    def journal(self, start: np.datetime64) -> pd.DataFrame:
        """Every entry, in the order of time."""
        entries = pd.concat(self._journal.parts, ignore_index=True)
        entries = entries.sort_values(["minute"], kind="stable", ignore_index=True)
        entries["happened_at"] = _times(start, entries.pop("minute").to_numpy(dtype="float64"))
        return entries


def _class_places(links: pd.DataFrame, class_place: np.ndarray, count: int) -> np.ndarray:
    """The place of the class of each guardian's first child."""
    first = links.drop_duplicates("guardian")
    places = np.zeros(count, dtype="int64")
    places[first["guardian"]] = class_place[first["student"]]
    return places


def _times(start: np.datetime64, minutes: np.ndarray) -> pd.Series:
    known = pd.Series(pd.to_timedelta(np.floor(minutes), unit="m"))
    return (pd.Timestamp(start) + known).astype("datetime64[us]")
