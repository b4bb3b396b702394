"""Fictitious schools: where they are, of what kind and size, and how they hand accounts out."""

from collections.abc import Collection, Mapping, Sequence
from itertools import product

import numpy as np
import pandas as pd

from dashboard.domain.academies import departments_of
from dashboard.domain.directory import Kind, Sector, check_letter
from dashboard.domain.errors import Refused
from dashboard.fiction.words import SCHOOLS, TOWNS_AFTER, TOWNS_BEFORE

# A district has about so many schools.
_OF_DISTRICT = 45
# Numbers that real schools seldom have; so many in a département.
_FIRST, _LAST = 5000, 9999
_KINDS = {Kind.NURSERY: 0.24, Kind.ELEMENTARY: 0.3, Kind.PRIMARY: 0.46}
_MEDIAN_CLASSES = {Kind.NURSERY: 4.2, Kind.ELEMENTARY: 5.6, Kind.PRIMARY: 4.6}
_MOST_CLASSES = 20
_PRIVATE = 0.1

# How a school hands accounts out: its share among schools, when its campaign began (days ago, from
# and to), the share of its accounts notified, the share of those activated, days between classes.
CAMPAIGNS = pd.DataFrame(
    [
        ("nothing", 0.08, 0, 1, 0.0, 0.0, 0.0, 0.0, 0),
        ("stalled", 0.12, 96, 160, 0.5, 1.0, 0.02, 0.3, 0),
        ("early", 0.34, 60, 170, 0.85, 1.0, 0.4, 0.92, 0),
        ("by class", 0.3, 30, 120, 0.6, 1.0, 0.3, 0.85, 7),
        ("late", 0.16, 2, 21, 0.5, 1.0, 0.2, 0.7, 1),
    ],
    columns=[
        *("campaign", "share", "from_day", "to_day", "least_notified", "most_notified"),
        *("least_activated", "most_activated", "days_between_classes"),
    ],
)


def draw_schools(
    rng: np.random.Generator,
    count: int,
    academy: str,
    taken: Collection[str],
    districts: Mapping[str, Sequence[str]],
) -> pd.DataFrame:
    """So many new schools of an academy, by UAI.

    Args:
        taken: UAIs that are given already.
        districts: those that each département has already, which are filled first.

    Returns:
        A row per school: what the directory says of one (``uai`` to ``longitude``), ``classes`` and
        ``students`` (how many), and its campaign (`CAMPAIGNS`) with ``begins`` (days ago),
        ``notified`` and ``activated`` (shares), ``delay`` (days, the median), ``by_email``.

    Raises:
        Refused: so many numbers are not free.
    """
    departments = _departments(rng, count, academy)
    uais = _uais(departments, set(taken))
    schools = pd.DataFrame({"uai": uais, "department": departments, "academy": academy})
    schools = schools.sort_values("uai", ignore_index=True)
    schools["district"] = _districts(rng, schools, districts)
    schools["kind"] = rng.choice(list(_KINDS), count, p=list(_KINDS.values()))
    schools["sector"] = np.where(rng.random(count) < _PRIVATE, Sector.PRIVATE, Sector.PUBLIC)
    schools["name"] = _names(rng, schools)
    angle = schools["department"].str[1:].astype("int64")
    schools["latitude"] = np.round(46.5 + 2.4 * np.sin(angle) + rng.normal(0, 0.2, count), 5)
    schools["longitude"] = np.round(2.6 + 3.2 * np.cos(angle) + rng.normal(0, 0.3, count), 5)
    return _with_campaigns(rng, _with_sizes(rng, schools))


def _departments(rng: np.random.Generator, count: int, academy: str) -> pd.Series:
    """The département of each school."""
    codes = departments_of(academy)
    weights = rng.uniform(0.6, 1.4, len(codes))
    return pd.Series(np.sort(rng.choice(codes, count, p=weights / weights.sum())))


def _uais(departments: pd.Series, taken: Collection[str]) -> list[str]:
    uais = []
    for department, count in departments.value_counts(sort=False).items():
        digits = (f"{department}{number:04d}" for number in range(_FIRST, _LAST + 1))
        free = [uai for d in digits if (uai := d + check_letter(d)) not in taken]
        if len(free) < count:
            raise Refused([f"erreur : plus assez d'UAI fictifs dans le département {department}."])
        uais += free[:count]
    return uais


def _districts(
    rng: np.random.Generator, schools: pd.DataFrame, known: Mapping[str, Sequence[str]]
) -> list[str]:
    """The district of each school: the known ones of its département, and new ones."""
    towns = [f"{before}-{after}" for before, after in product(TOWNS_BEFORE, TOWNS_AFTER)]
    names = [f"{town} {side}" for side in ("Nord", "Sud", "Est", "Ouest") for town in towns]
    used = {name for names_ in known.values() for name in names_}
    rng.shuffle(names)
    fresh = iter([name for name in names if name not in used])
    found: list[str] = []
    for department, count in schools["department"].value_counts(sort=False).items():
        own = list(known.get(str(department), ()))
        own += [next(fresh) for _ in range(-(-int(count) // _OF_DISTRICT) - len(own))]
        found += [own[place * len(own) // int(count)] for place in range(int(count))]
    return found


def _names(rng: np.random.Generator, schools: pd.DataFrame) -> pd.Series:
    count = len(schools)
    towns = rng.choice(TOWNS_BEFORE, count), rng.choice(TOWNS_AFTER, count)
    kinds = schools["kind"].map(lambda kind: Kind(kind).label)
    sectors = schools["sector"].map({Sector.PUBLIC: "publique", Sector.PRIVATE: "privée"})
    named = "École " + kinds + " " + sectors + " " + pd.Series(rng.choice(SCHOOLS, count))
    return named.str.rstrip() + ", " + pd.Series(towns[0]) + "-" + pd.Series(towns[1])


def _with_sizes(rng: np.random.Generator, schools: pd.DataFrame) -> pd.DataFrame:
    medians = schools["kind"].map(_MEDIAN_CLASSES).to_numpy(dtype="float64")
    classes = np.clip(np.round(medians * rng.lognormal(0, 0.6, len(schools))), 1, _MOST_CLASSES)
    students = np.round(classes * np.clip(rng.normal(22, 3, len(schools)), 11, 29))
    return schools.assign(classes=classes.astype("int64"), students=students.astype("int64"))


def _with_campaigns(rng: np.random.Generator, schools: pd.DataFrame) -> pd.DataFrame:
    drawn = rng.choice(len(CAMPAIGNS), len(schools), p=CAMPAIGNS["share"])
    campaigns = CAMPAIGNS.iloc[drawn].reset_index(drop=True)
    return schools.assign(
        campaign=campaigns["campaign"],
        begins=rng.integers(campaigns["from_day"], campaigns["to_day"]),
        notified=rng.uniform(campaigns["least_notified"], campaigns["most_notified"]),
        activated=rng.uniform(campaigns["least_activated"], campaigns["most_activated"]),
        days_between_classes=campaigns["days_between_classes"],
        delay=rng.uniform(3, 16, len(schools)),
        by_email=rng.random(len(schools)) < 0.6,
    )
