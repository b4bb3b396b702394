"""How the accounts of a scope came to their states, day by day, and how long families take."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from dashboard.domain.account import State
from dashboard.domain.action import NOTIFYING, Action
from dashboard.domain.figure import HIDDEN, DayCounts, DayShare
from dashboard.domain.school_year import WEEK
from dashboard.domain.suppression import Suppression
from dashboard.pipelines.statistics import (
    NO_LEVELS,
    SHOWN_KEYS,
    STATE_COLUMNS,
    counts_of,
    ordered,
    percentage,
)

# What is counted as having been done on a day, by the column that counts it.
EVENTS = {
    Action.CREATE.value: "created",
    Action.TAKE_OVER.value: "taken_over",
    Action.NOTIFY_BY_SHEET.value: "notified_by_sheet",
    Action.NOTIFY_BY_EMAIL.value: "notified_by_email",
    Action.RESET.value: "reset",
    Action.RESEND.value: "resent",
    Action.CHOOSE_PASSWORD.value: "password_chosen",
    Action.ACTIVATE.value: "activation",
}
_STATES = list(STATE_COLUMNS)


@dataclass(frozen=True, slots=True)
class Days:
    """The days from one to another, both included; or of these one in so many, from the first."""

    since: date
    until: date
    every: int = 1

    def __post_init__(self) -> None:
        if self.until < self.since:
            raise ValueError(f"{self.until} is before {self.since}")

    def __len__(self) -> int:
        return (self.until - self.since).days // self.every + 1

    def index(self) -> pd.DatetimeIndex:
        return pd.date_range(
            self.since, periods=len(self), freq=f"{self.every}D", name="day", unit="us"
        )

    def places(self, days: pd.Series) -> np.ndarray:
        """The place of the first that is not before each day; one more for what comes after all."""
        offsets = (pd.to_datetime(days) - pd.Timestamp(self.since)).dt.days
        return np.minimum(-(-offsets.to_numpy(dtype="int64") // self.every), len(self))


def timeline(
    accounts: pd.DataFrame,
    changes: pd.DataFrame,
    levels: pd.DataFrame,
    keys: list[str],
    days: Days,
) -> pd.DataFrame:
    """The accounts in each state at the end of each day, and what was done that day.

    Counted are the accounts that have an open link now. A day's states are those of now, with what
    the journal says was changed since undone, so that the last day agrees with the statistics. An
    account is counted from the day it was created, where the journal still knows that day.

    Args:
        accounts: keys, ``state``, ``accounts``: as they are now.
        changes: keys, ``day``, ``action``, ``from_state``, ``to_state``, ``entries``: all that was
            done from the first of the days until now.
        levels: ``uai``, ``class``, ``level``, which order the classes.
        keys: the stored columns that name a group; none for one group of all.

    Returns:
        One row per group and day: the keys (a school's as ``school``), ``day`` (datetime64),
        ``accounts``, the four states (`STATE_COLUMNS`), then `EVENTS`; all int64.
    """
    groups = _groups(accounts, levels, keys)
    counted = _Counted(accounts, changes, groups, keys, days)
    rows = groups.loc[groups.index.repeat(len(days))].reset_index(drop=True)
    rows["day"] = np.tile(days.index().to_numpy(), len(groups))
    states = counted.states().reshape(-1, len(_STATES))
    rows["accounts"] = states.sum(axis=1)
    rows[list(STATE_COLUMNS.values())] = states
    rows[list(EVENTS.values())] = counted.events().reshape(-1, len(EVENTS))
    return rows.rename(columns=SHOWN_KEYS)


def published_timeline(
    parts: Iterable[tuple[pd.DataFrame, pd.DataFrame]],
    places: pd.DataFrame,
    keys: list[str],
    days: Days,
    rule: Suppression,
) -> pd.DataFrame:
    """The states as `timeline` has them, of groups of schools: rounded, and small ones hidden.

    Args:
        parts: accounts and changes as for `timeline`, by school, some schools at a time.
        places: each school's ``uai`` and the keys of the group that it is in.

    Returns:
        The frame of `timeline` without `EVENTS`; counts are ``Int64``, ``<NA>`` where hidden.
    """
    groups = places[keys].drop_duplicates() if keys else pd.DataFrame(index=[0])
    groups = ordered(groups, NO_LEVELS, keys).reset_index(drop=True)
    sums = np.zeros((len(groups), len(days), len(_STATES)), dtype="int64")
    has_accounts = np.full(len(groups), not keys)
    for accounts, changes in parts:
        schools = _groups(accounts, NO_LEVELS, ["uai"])
        group = _places(schools.merge(places, on="uai", how="left"), groups, keys)
        states = _Counted(accounts, changes, schools, ["uai"], days).states()
        np.add.at(sums, group, _rounded(states, schools["uai"], rule))
        has_accounts[group] = True
    return _hidden(groups[has_accounts], sums[has_accounts].reshape(-1, len(_STATES)), days, rule)


def _hidden(
    groups: pd.DataFrame, states: np.ndarray, days: Days, rule: Suppression
) -> pd.DataFrame:
    rows = groups.loc[groups.index.repeat(len(days))].reset_index(drop=True)
    rows["day"] = np.tile(days.index().to_numpy(), len(groups))
    counts = {"accounts": states.sum(axis=1)}
    counts |= dict(zip(STATE_COLUMNS.values(), states.T, strict=True))
    for name, column in counts.items():
        rows[name] = pd.Series(column, dtype="Int64").mask(column < rule.smallest)
    return rows.rename(columns=SHOWN_KEYS)


def _rounded(states: np.ndarray, uais: pd.Series, rule: Suppression) -> np.ndarray:
    """Counts by school, day and state, rounded as those of statistics are."""
    return rounded_states(states, rounding(uais, rule)[:, None, :], rule)


def rounding(uais: Iterable[str], rule: Suppression) -> np.ndarray:
    """What is added to the counts of each school: schools × states."""
    return np.array(
        [[rule.dither(uai, name) for name in STATE_COLUMNS.values()] for uai in uais],
        dtype="int64",
    ).reshape(-1, len(_STATES))  # of no schools too


def rounded_states(states: np.ndarray, added: np.ndarray, rule: Suppression) -> np.ndarray:
    """Counts rounded down to multiples once something was added to each."""
    shifted = states + added
    return np.asarray(shifted - shifted % rule.smallest)


def _groups(accounts: pd.DataFrame, levels: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    if not keys:
        return pd.DataFrame(index=[0])
    found = accounts[keys].drop_duplicates(ignore_index=True)
    return ordered(found, levels, keys).reset_index(drop=True)


def _places(rows: pd.DataFrame, groups: pd.DataFrame, keys: list[str]) -> np.ndarray:
    """The place of each row's group; -1 for a row of none of them."""
    if not keys:
        return np.zeros(len(rows), dtype="int64")
    placed = groups.assign(group=range(len(groups)))
    found = rows[keys].merge(placed, on=keys, how="left")["group"]
    return found.fillna(-1).to_numpy(dtype="int64")


class _Counted:
    """States now and changes since, as arrays: groups × days × columns."""

    def __init__(
        self,
        accounts: pd.DataFrame,
        changes: pd.DataFrame,
        groups: pd.DataFrame,
        keys: list[str],
        days: Days,
    ) -> None:
        self._days = len(days)
        self._now = np.zeros((len(groups), len(_STATES)), dtype="int64")
        states = accounts["state"].map(_STATES.index).to_numpy(dtype="int64")
        self._add(self._now, _places(accounts, groups, keys), (states,), accounts["accounts"])
        self._group = _places(changes, groups, keys)
        self._day = days.places(changes["day"])
        self._changes = changes
        self._size = len(groups)

    @staticmethod
    def _add(
        array: np.ndarray, group: np.ndarray, rest: tuple[np.ndarray, ...], counts: pd.Series
    ) -> None:
        known = group >= 0
        places = (group[known], *(place[known] for place in rest))
        np.add.at(array, places, counts.to_numpy(dtype="int64")[known])

    def states(self) -> np.ndarray:
        """The accounts in each state at the end of each day."""
        moved = np.zeros((self._size, self._days + 1, len(_STATES)), dtype="int64")
        entries = self._changes["entries"]
        arrived = self._changes["to_state"].map(_STATES.index).to_numpy(dtype="int64")
        self._add(moved, self._group, (self._day, arrived), entries)
        left = self._changes["from_state"].map(_STATES.index).to_numpy(dtype="int64")
        was = (self._changes["action"] != Action.CREATE.value).astype("int64")
        self._add(moved, self._group, (self._day, left), -entries * was)
        after = moved.sum(axis=1, keepdims=True) - moved.cumsum(axis=1)
        return np.asarray(self._now[:, None, :] - after[:, : self._days, :])

    def events(self) -> np.ndarray:
        """What was done on each day."""
        done = np.zeros((self._size, self._days + 1, len(EVENTS)), dtype="int64")
        columns = {action: place for place, action in enumerate(EVENTS)}
        column = self._changes["action"].map(columns).fillna(-1).to_numpy(dtype="int64")
        group = np.where(column >= 0, self._group, -1)
        self._add(done, group, (self._day, column), self._changes["entries"])
        return done[:, : self._days, :]


def weekly(days: pd.DataFrame, weeks: int, least_whole: int = 0) -> pd.DataFrame:
    """The last day of each of the last weeks of a timeline, with ``activated_pct``, for sparklines.

    Args:
        days: a timeline.
        weeks: how many.
        least_whole: as for `shares`.

    Returns:
        One row per group and week: the keys as the timeline has them, ``day`` (datetime64),
        ``accounts``, ``activated`` (as the timeline has them), ``activated_pct`` (float64: per cent
        of the accounts, NaN of none).
    """
    last = days["day"].max()
    wanted = [last - pd.Timedelta(WEEK * back) for back in reversed(range(weeks))]
    ends = days[days["day"].isin(wanted)].reset_index(drop=True)
    return shares(ends, least_whole)


def change_over(
    days: pd.DataFrame,
    spans: tuple[int, ...] = (7, 30),
    columns: tuple[str, ...] = ("activated", "activated_pct"),
) -> pd.DataFrame:
    """How much the activated accounts and their share (in points) grew over the last so many days.

    Args:
        days: a timeline.
        columns: what else of it to compare instead.

    Returns:
        One row per group: the keys as the timeline has them, then for each span of days
        ``activated_7`` (accounts), ``activated_pct_7`` (points of a percentage), …: float64 or
        Float64, missing where the timeline does not reach back so far, or a figure is hidden.
    """
    keys = _before_day(days)
    last = days["day"].max()
    told = days.assign(activated_pct=shares(days)["activated_pct"])
    index = keys or ["whole"]
    told = told if keys else told.assign(whole=0)
    now = told[told["day"] == last].set_index(index)
    grown = pd.DataFrame(index=now.index)
    for span in spans:
        before = told[told["day"] == last - pd.Timedelta(days=span)].set_index(index)
        for name in columns:
            grown[f"{name}_{span}"] = (now[name] - before[name]).reindex(now.index)
    return grown.round(2).reset_index(drop=not keys)


def shares(days: pd.DataFrame, least_whole: int = 0) -> pd.DataFrame:
    """Of a timeline, its keys, ``day``, ``accounts``, ``activated``, and ``activated_pct``.

    The percentage of fewer accounts than `least_whole` is missing.
    """
    told = days[[*_before_day(days), "day", "accounts", "activated"]]
    share = percentage(told["activated"].astype("Float64"), told["accounts"].astype("Float64"))
    is_told = told["accounts"].fillna(0) >= least_whole
    return told.assign(activated_pct=share.astype("float64").where(is_told))


def share_rows(shares: pd.DataFrame) -> list[DayShare]:
    """The days of one group's ``day`` and ``activated_pct``."""
    told = zip(shares["day"], shares["activated_pct"], strict=True)
    return [DayShare(day.date(), HIDDEN if pd.isna(share) else float(share)) for day, share in told]


def day_rows(days: pd.DataFrame) -> list[DayCounts]:
    """The days of a timeline of one group."""
    states = zip(*(counts_of(days[name]) for name in STATE_COLUMNS.values()), strict=True)
    told = zip(days["day"], counts_of(days["accounts"]), states, strict=True)
    return [
        DayCounts(day.date(), accounts, dict(zip(State, counts, strict=True)))
        for day, accounts, counts in told
    ]


def _before_day(days: pd.DataFrame) -> list[str]:
    """The key columns of a timeline."""
    columns = list(days.columns)
    return columns[: columns.index("day")]


def mondays(days: pd.Series) -> pd.Series:
    """The Monday of each day's week."""
    since: pd.Series = pd.to_timedelta(days.dt.day_of_week, unit="D")
    return days - since


def notified_by_week(days: pd.DataFrame) -> pd.DataFrame:
    """How many accounts were notified for the first time in each week of a timeline of one group.

    What is counted is by how much the not notified became fewer, which hidden counts allow too.

    Returns:
        ``week`` (its Monday), ``notified``; the first day of the timeline has no day before.
    """
    waiting = days["not_notified"].astype("Float64").fillna(0).astype("int64")
    notified = (-waiting.diff()).clip(lower=0).fillna(0).astype("int64")
    told = pd.DataFrame({"week": mondays(days["day"]), "notified": notified})
    return told.groupby("week", as_index=False)[["notified"]].sum()


CHANNELS = {action.value: channel.value for channel, action in NOTIFYING.items()}


def activation_times(told: pd.DataFrame) -> pd.DataFrame:
    """The times of accounts, each by the channel of its first notification.

    Args:
        told: as `dashboard.store.timelines` documents.

    Returns:
        One row per account, and group that it is told in: the keys (a school's as
        ``school``), ``channel`` (``sheet`` or ``email``), ``days`` (int64), ``activated`` (bool).
        Where ``activated``, days from the first notification to the activation; elsewhere days that
        it has been waited so far (censored). Reminders do not begin anew.
    """
    channel = told["action"].map(CHANNELS)
    keys = [name for name in told.columns if name not in ("action", "days", "activated")]
    times = told.assign(channel=channel, days=told["days"].astype("int64"))
    return times[[*keys, "channel", "days", "activated"]].rename(columns=SHOWN_KEYS)
