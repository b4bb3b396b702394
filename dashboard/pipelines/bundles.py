"""Levels of schools put into bundles, and groups asked whether they are made of whole ones."""

import pandas as pd

from dashboard.domain.bundles import Held, bundled

_DISTRICT = ["academy", "department", "district"]


def in_bundles(levels: pd.DataFrame, districts: pd.DataFrame) -> pd.DataFrame:
    """The levels of schools, each with its bundle.

    Args:
        levels: ``academy``, ``department``, ``district``, ``level`` and whatever else.
        districts: as `dashboard.store.counts.schools_by_level` documents.

    Returns:
        The same rows with ``bundle`` (empty where there is none; another one of other schools) and
        ``bundle_schools`` (how many it has).
    """
    named = districts[["level", "uais", *_DISTRICT]].itertuples(index=False, name=None)
    made = bundled(
        Held(level, tuple(district), tuple(uais.split(","))) for level, uais, *district in named
    )
    rows = [
        (level, *district, one.key, len(one.schools)) for (level, district), one in made.items()
    ]
    found = pd.DataFrame(rows, columns=["level", *_DISTRICT, "bundle", "bundle_schools"])
    placed = levels.merge(found, on=["level", *_DISTRICT], how="left")
    return placed.fillna({"bundle": "", "bundle_schools": 0})


def are_whole(parts: pd.DataFrame, keys: list[str]) -> "pd.Series[bool]":
    """Whether all that a group adds up is of whole bundles, by its keys.

    Args:
        parts: per group and bundle: `keys`, ``bundle`` (empty for what is in none), ``here`` (how
            many of its schools are in the group) and ``bundle_schools`` (how many it has).
    """
    whole = (parts["bundle"] != "") & (parts["here"] == parts["bundle_schools"])
    return parts.assign(whole=whole | (parts["here"] == 0)).groupby(keys)["whole"].all()
