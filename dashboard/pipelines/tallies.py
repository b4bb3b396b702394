"""What the kept weeks of schools add up to."""

from collections.abc import Iterable

import pandas as pd

from dashboard.domain.suppression import Suppression
from dashboard.pipelines.statistics import SHOWN_KEYS, STATE_COLUMNS
from dashboard.pipelines.suppression import LEAST_SCHOOLS, LEAST_WHOLE
from dashboard.pipelines.timelines import rounded_states, rounding, shares

_STATES = list(STATE_COLUMNS.values())


def summed_tallies(
    parts: Iterable[pd.DataFrame], places: pd.DataFrame, keys: list[str], rule: Suppression | None
) -> pd.DataFrame:
    """The accounts of groups of schools in each state at the end of each week that is kept.

    Args:
        parts: ``uai``, ``day`` and the states, some schools at a time.
        places: each school's ``uai`` and the keys of the group that it is in.
        keys: the columns that name a group; none for one group of all.
        rule: as for `dashboard.pipelines.timelines.published_timeline`; ``None`` for exact counts.

    Returns:
        One row per group and week of which something is kept, in their order: the keys (a school's
        as ``school``), ``day`` (datetime64, a Sunday), ``accounts``, the four states,
        ``activated_pct``. Counts are int64; with a `rule` ``Int64``, ``<NA>`` where hidden, as all
        is of fewer schools than `dashboard.pipelines.suppression.LEAST_SCHOOLS`.
    """
    group, summed = [*keys, "day"], [*_STATES, "schools"]
    sums = [
        (_rounded(part, rule) if rule else part)
        .assign(schools=1)
        .merge(places, on="uai")
        .groupby(group, as_index=False)[summed]
        .sum()
        for part in parts
    ]
    told = pd.concat(sums).groupby(group, as_index=False)[summed].sum()
    schools = told.pop("schools")
    told.insert(len(group), "accounts", told[_STATES].sum(axis="columns"))
    counts = {name: told[name].astype("int64") for name in ("accounts", *_STATES)}
    if rule:
        few = schools < LEAST_SCHOOLS
        counts = {
            name: column.astype("Int64").mask(few | (column < rule.smallest))
            for name, column in counts.items()
        }
    told = told.assign(**counts)
    share = shares(told, LEAST_WHOLE * rule.smallest if rule else 0)["activated_pct"]
    return told.assign(activated_pct=share).rename(columns=SHOWN_KEYS)


def with_shares(weeks: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Weeks that were published, as `summed_tallies` documents its frame; hidden counts are 0."""
    accounts = weeks[_STATES].fillna(0).sum(axis="columns").astype("Int64")
    told = weeks[[*keys, "day"]].assign(accounts=accounts, **{n: weeks[n] for n in _STATES})
    share = shares(told)["activated_pct"]
    return told.assign(activated_pct=share).reset_index(drop=True)


def _rounded(weeks: pd.DataFrame, rule: Suppression) -> pd.DataFrame:
    school, uais = pd.factorize(weeks["uai"])
    states = weeks[_STATES].to_numpy(dtype="int64")
    told = rounded_states(states, rounding(uais, rule)[school], rule)
    return weeks.assign(**dict(zip(_STATES, told.T, strict=True)))
