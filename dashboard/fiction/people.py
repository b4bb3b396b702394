"""Fictitious students, their guardians, and the links between them."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from dashboard.domain.directory import Kind
from dashboard.domain.enrolment import LEVELS
from dashboard.domain.names import name_key
from dashboard.fiction.words import FEMALE, MALE, SURNAMES

_LEVELS_OF = {
    Kind.NURSERY: ("PS", "MS", "GS"),
    Kind.ELEMENTARY: ("CP", "CE1", "CE2", "CM1", "CM2"),
    Kind.PRIMARY: ("PS", "MS", "GS", "CP", "CE1", "CE2", "CM1", "CM2"),
}
_AGES = {level: 2 + place for place, level in enumerate(LEVELS[:9])}
_TPS_OF_PS, _ULIS_OF_ELEMENTARY, _UPE2A = 0.06, 0.012, 0.004
_OLDER = 0.02
# Of families: a further child in the school, one in another; no guardian, one, two.
_SIBLING, _ELSEWHERE = 0.2, 0.1
_GUARDIANS = (0.015, 0.26, 0.725)
_DOUBLE_NAME, _OTHER_NAME = 0.25, 0.3
_EMAIL, _MOBILE = 0.84, 0.3


@dataclass(frozen=True, slots=True)
class Population:
    """Frames whose rows are numbered by their place, in the order of the schools.

    ``students``: school (place), uai, birth_name, usage_name, first_name, name_key, born_on, level,
    class, class_place. ``guardians``: school, civility, birth_name, usage_name, first_name,
    name_key, email, mobile. ``links``: student, guardian (places), uai, class, level.
    """

    students: pd.DataFrame
    guardians: pd.DataFrame
    links: pd.DataFrame


def draw_population(rng: np.random.Generator, schools: pd.DataFrame, today: date) -> Population:
    """The students of schools (as `draw_schools` has them) and their families."""
    students = _classes(rng, schools)
    family = _families(rng, students, schools)
    names = _family_names(rng, int(family.max()) + 1)
    students = _named_students(rng, students, names[family], today)
    guardians, of_family = _guardians(rng, students, family, names)
    links = (
        pd.DataFrame({"family": family, "student": np.arange(len(students))})
        .merge(pd.DataFrame({"family": of_family, "guardian": np.arange(len(guardians))}))
        .join(students[["uai", "class", "level"]], on="student")
        .sort_values(["student", "guardian"], ignore_index=True)
    )
    return Population(students, guardians, links[["student", "guardian", "uai", "class", "level"]])


def _classes(rng: np.random.Generator, schools: pd.DataFrame) -> pd.DataFrame:
    """A row per student, the young first in each school: school, uai, level, class, class_place."""
    sizes = schools["students"].to_numpy()
    school = np.repeat(np.arange(len(schools)), sizes)
    place = np.arange(len(school)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    spread = rng.random(len(school))
    order = np.lexsort((spread, school))
    kinds = schools["kind"].to_numpy()[school]
    levels = np.empty(len(school), dtype=object)
    for kind, names in _LEVELS_OF.items():
        here = kinds == kind
        levels[here] = np.array(names, dtype=object)[(spread[order][here] * len(names)).astype(int)]
    classes = schools["classes"].to_numpy()[school]
    students = pd.DataFrame(
        {
            "school": school,
            "uai": schools["uai"].to_numpy()[school],
            "level": levels,
            "class_place": place * classes // sizes[school],
        }
    )
    students["class"] = _labels(students)
    students["level"] = _special_levels(rng, students["level"])
    return students


def _labels(students: pd.DataFrame) -> pd.Series:
    """What classes are called: their levels, and a letter where several have the same."""
    groups = students.groupby(["school", "class_place"], sort=True)["level"]
    labels = groups.agg(lambda levels: "-".join(dict.fromkeys(levels))).reset_index(name="label")
    same = labels.groupby(["school", "label"])
    letters = same.cumcount().map(lambda place: f" {chr(65 + place)}")
    alone = same["label"].transform("size") == 1
    labels["label"] += letters.where(~alone, "")
    keys = ["school", "class_place"]
    return students[keys].merge(labels, on=keys, how="left")["label"]


def _special_levels(rng: np.random.Generator, levels: pd.Series) -> pd.Series:
    drawn = rng.random(len(levels))
    elementary = ~levels.isin(_LEVELS_OF[Kind.NURSERY])
    levels = levels.mask((levels == "PS") & (drawn < _TPS_OF_PS), "TPS")
    levels = levels.mask(elementary & (drawn < _ULIS_OF_ELEMENTARY), "ULIS")
    return levels.mask(elementary & (drawn > 1 - _UPE2A), "UPE2A")


def _families(
    rng: np.random.Generator, students: pd.DataFrame, schools: pd.DataFrame
) -> np.ndarray:
    """The family of each student: some have brothers and sisters here, or in the next school."""
    school = students["school"].to_numpy()
    order = np.lexsort((rng.random(len(school)), school))
    starts = np.empty(len(school), dtype=bool)
    starts[0] = True
    starts[1:] = (school[order][1:] != school[order][:-1]) | (
        rng.random(len(school) - 1) > _SIBLING
    )
    family = np.empty(len(school), dtype="int64")
    family[order] = np.cumsum(starts) - 1
    return _joined(rng, family, school, schools)


def _joined(
    rng: np.random.Generator, family: np.ndarray, school: np.ndarray, schools: pd.DataFrame
) -> np.ndarray:
    """Make one family of two, in a nursery school and in the next school if it is none."""
    home = pd.Series(school).groupby(family).first().to_numpy()
    first = np.searchsorted(home, np.arange(len(schools)))
    count = np.bincount(home, minlength=len(schools))
    nursery = (schools["kind"] == Kind.NURSERY).to_numpy()
    districts = schools["district"].to_numpy()
    follows = np.zeros(len(schools), dtype=bool)
    follows[:-1] = nursery[:-1] & ~nursery[1:] & (districts[:-1] == districts[1:])
    chosen = np.flatnonzero(follows[home] & (rng.random(len(home)) < _ELSEWHERE))
    beyond = home[chosen] + 1
    other = first[beyond] + (rng.random(len(chosen)) * count[beyond]).astype("int64")
    other, places = np.unique(other, return_index=True)
    same = np.arange(len(home))
    same[other] = chosen[places]
    return np.unique(same[family], return_inverse=True)[1]


def _family_names(rng: np.random.Generator, count: int) -> np.ndarray:
    names = np.array(SURNAMES, dtype=object)[rng.integers(len(SURNAMES), size=(2, count))]
    is_double = rng.random(count) < _DOUBLE_NAME
    return np.asarray(np.where(is_double, names[0] + "-" + names[1], names[0]))


def _first_names(rng: np.random.Generator, female: np.ndarray) -> np.ndarray:
    women, men = (np.array(names, dtype=object) for names in (FEMALE, MALE))
    drawn = rng.random(len(female))
    named = np.where(
        female, women[(drawn * len(women)).astype(int)], men[(drawn * len(men)).astype(int)]
    )
    return np.asarray(named)


def _keys(*names: np.ndarray) -> np.ndarray:
    """The search key of names: those of each joined, each distinct one made once."""
    keys = [pd.Series(part).map({name: name_key(name) for name in set(part)}) for part in names]
    joined = keys[0]
    for key in keys[1:]:
        joined = joined + " " + key
    return joined.str.strip().to_numpy()


def _named_students(
    rng: np.random.Generator, students: pd.DataFrame, names: np.ndarray, today: date
) -> pd.DataFrame:
    first = _first_names(rng, rng.random(len(students)) < 0.49)
    year = today.year if today.month >= 9 else today.year - 1
    any_age = pd.Series(rng.integers(6, 12, len(students)))
    ages = students["level"].map(_AGES).fillna(any_age) + (rng.random(len(students)) < _OLDER)
    days = rng.integers(0, 365, len(students)).astype("timedelta64[D]")
    years = (year - 1970 - ages.to_numpy(dtype="int64")).astype("datetime64[Y]")
    return students.assign(
        birth_name=names,
        usage_name="",
        first_name=first,
        name_key=_keys(names, first),
        born_on=pd.Series(years.astype("datetime64[D]") + days).astype("datetime64[us]"),
    )


def _guardians(
    rng: np.random.Generator, students: pd.DataFrame, family: np.ndarray, names: np.ndarray
) -> tuple[pd.DataFrame, np.ndarray]:
    """The guardians in the order of their first child's school, and the family of each."""
    count = rng.choice(len(_GUARDIANS), len(names), p=_GUARDIANS)
    of_family = np.repeat(np.arange(len(names)), count)
    second = np.zeros(len(of_family), dtype=bool)
    second[1:] = of_family[1:] == of_family[:-1]
    female = np.where(second, rng.random(len(second)) < 0.03, rng.random(len(second)) < 0.9)
    married = names[of_family]
    own = _family_names(rng, len(of_family))
    kept = rng.random(len(of_family)) < _OTHER_NAME
    birth, usage = np.where(kept, own, married), np.where(kept & female, married, "")
    usage = np.where(usage == birth, "", usage)
    shown = np.where(usage == "", birth, usage)
    first = _first_names(rng, female)
    home = students["school"].groupby(family).first().to_numpy()
    number = pd.Series(np.arange(len(of_family))).astype(str)
    keys = pd.Series(_keys(first, shown)).str.replace(" ", ".")
    known = rng.random(len(of_family)) < _EMAIL
    guardians = pd.DataFrame(
        {
            "school": home[of_family],
            "civility": np.where(female, "Mme", "M."),
            "birth_name": birth,
            "usage_name": usage,
            "first_name": first,
            "name_key": _keys(shown, first, np.where(usage == "", "", birth)),
            "email": (keys + "." + number + "@famille.example").where(known, ""),
            "mobile": _mobiles(rng, len(of_family)),
        }
    )
    return guardians, of_family


def _mobiles(rng: np.random.Generator, count: int) -> pd.Series:
    """Numbers of the range that is reserved for fiction."""
    numbers = pd.Series(rng.integers(0, 10_000, count)).astype(str).str.zfill(4)
    return ("063998" + numbers).where(rng.random(count) < _MOBILE, "")
