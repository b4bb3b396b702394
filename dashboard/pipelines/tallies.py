"""What the kept weeks of schools add up to."""

from collections.abc import Iterable

import pandas as pd

from dashboard.domain.suppression import Suppression
from dashboard.pipelines.bundles import are_whole
from dashboard.pipelines.statistics import SHOWN_KEYS, STATE_COLUMNS
from dashboard.pipelines.suppression import LEAST_WHOLE
from dashboard.pipelines.timelines import rounded_states, rounding, shares

_STATES = list(STATE_COLUMNS.values())


def summed_tallies(
    parts: Iterable[pd.DataFrame],
    places: pd.DataFrame,
    keys: list[str],
    rule: Suppression | None,
    sizes: pd.DataFrame,
) -> pd.DataFrame:
    """The accounts of groups of schools in each state at the end of each week that is kept.

    Args:
        parts: ``uai``, ``day``, the states, ``bundle``, some schools at a time.
        places: each school's ``uai`` and the keys of the group that it is in.
        keys: the columns that name a group; none for one group of all.
        rule: as for `dashboard.pipelines.timelines.published_timeline`; ``None`` for exact counts.
        sizes: ``day``, ``bundle``, ``schools``: how many schools each bundle has.

    Returns:
        One row per group and week of which something is kept, in their order: the keys (a school's
        as ``school``), ``day`` (datetime64, a Sunday), ``accounts``, the four states,
        ``activated_pct``. Counts are int64; with a `rule` ``Int64``, ``<NA>`` where hidden, as all
        is of a group that is not made of whole bundles (`dashboard.domain.bundles`).
    """
    group = [*keys, "day"]
    sums = _by_bundle((_counted(part, rule) for part in parts), places, group)
    told = sums.groupby(group, as_index=False)[_STATES].sum()
    told.insert(len(group), "accounts", told[_STATES].sum(axis="columns"))
    counts = {name: told[name].astype("int64") for name in ("accounts", *_STATES)}
    if rule:
        sizes = sizes.rename(columns={"schools": "bundle_schools"})
        held = sums.merge(sizes, on=["day", "bundle"], how="left")
        untold = ~are_whole(held, group).to_numpy()
        counts = {
            name: column.astype("Int64").mask(untold | (column < rule.smallest))
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


def _by_bundle(
    parts: Iterable[pd.DataFrame], places: pd.DataFrame, group: list[str]
) -> pd.DataFrame:
    """The states of each bundle's part of each group, and ``here``: its schools there."""
    columns = ["here", *_STATES]
    sums = [
        part.merge(places, on="uai").groupby([*group, "bundle"], as_index=False)[columns].sum()
        for part in parts
    ]
    return pd.concat(sums).groupby([*group, "bundle"], as_index=False)[columns].sum()


def _counted(weeks: pd.DataFrame, rule: Suppression | None) -> pd.DataFrame:
    """The weeks as they are told, and ``here``: 1 where there is something to tell, else 0."""
    is_here = (weeks["bundle"] != "") | (weeks[_STATES].sum(axis="columns") > 0)
    told = _rounded(weeks, rule) if rule else weeks
    return told.assign(here=is_here.astype("int64"))


def _rounded(weeks: pd.DataFrame, rule: Suppression) -> pd.DataFrame:
    school, uais = pd.factorize(weeks["uai"])
    states = weeks[_STATES].to_numpy(dtype="int64")
    told = rounded_states(states, rounding(uais, rule)[school], rule)
    return weeks.assign(**dict(zip(_STATES, told.T, strict=True)))
