"""Frames of people made into frames that name nobody and single nobody out."""

from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd

from dashboard.domain.snapshot import TABLES

Pseudonym = Callable[[str, int], str]


def anonymous(
    tables: dict[str, pd.DataFrame], pseudonym: Pseudonym, smallest: int, today: date
) -> dict[str, pd.DataFrame]:
    """The tables of a snapshot.

    Args:
        tables: as `dashboard.store.snapshots.read_tables` has them, and ``publication``.
        pseudonym: the text that stands for a ``student`` or an ``account`` of a number.
        smallest: what fewer students than this share is blanked, or left out: see the snapshot's
            own document.

    Returns:
        Frames with the columns of `TABLES`, in an order that tells nothing of the people.
    """
    students = coarse(_aged(tables["students"], today), smallest)
    links = tables["links"].merge(students[["student", "class", "level"]], on="student")
    links = pd.concat([links, _untold(tables, students)], ignore_index=True)
    accounts = tables["accounts"]
    accounts = accounts[accounts["account"].isin(links["account"])]
    journal = tables["journal"]
    journal = journal[journal["account"].isin(accounts["account"])]
    named = {"schools": tables["schools"], "students": students, "accounts": accounts}
    named |= {"links": links, "journal": journal, "publication": tables["publication"]}
    texts = {
        key: {number: pseudonym(key, number) for number in named[table][key].tolist()}
        for key, table in (("student", "students"), ("account", "accounts"))
    }
    return {name: _renamed(frame, texts, list(TABLES[name])) for name, frame in named.items()}


def _untold(tables: dict[str, pd.DataFrame], kept: pd.DataFrame) -> pd.DataFrame:
    """The links of the kept schools to children who could not be told: of no class and level."""
    links = tables["links"]
    known = links["student"].isin(tables["students"]["student"])
    untold = links[~known & links["uai"].isin(kept["uai"])]
    return untold.assign(**{"class": "", "level": ""})


def _aged(students: pd.DataFrame, today: date) -> pd.DataFrame:
    """The students with their ``age`` in whole years in place of ``born_on``."""
    born = pd.to_datetime(students["born_on"])
    had = (born.dt.month < today.month) | (
        (born.dt.month == today.month) & (born.dt.day <= today.day)
    )
    age = (today.year - born.dt.year - np.where(had, 0, 1)).astype("Int64")
    return students.drop(columns="born_on").assign(age=age)


def coarse(students: pd.DataFrame, smallest: int) -> pd.DataFrame:
    """Students without what too few of them share: school, class, level in class, age in both."""
    kept = students[_shared(students, ["uai"], smallest)]
    kept = kept.assign(
        **{"class": kept["class"].where(_shared(kept, ["uai", "class"], smallest), "")}
    )
    within = ["uai", "class", "level"]
    kept = kept.assign(level=kept["level"].where(_shared(kept, within, smallest), ""))
    return kept.assign(age=kept["age"].where(_shared(kept, [*within, "age"], smallest)))


def _shared(students: pd.DataFrame, names: list[str], smallest: int) -> pd.Series:
    """Whether as many students are alike in these columns."""
    alike = students.groupby(names, dropna=False)["student"].transform("size")
    return alike >= smallest


def _renamed(
    frame: pd.DataFrame, texts: dict[str, dict[int, str]], columns: list[str]
) -> pd.DataFrame:
    """The frame under pseudonyms, sorted by them."""
    shown = {key: frame[key].map(known) for key, known in texts.items() if key in frame}
    frame = frame.assign(**shown)[columns]
    first = [
        name for name in ("uai", "day", "happened_on", "account", "student") if name in columns
    ]
    return frame.sort_values(first, kind="stable", ignore_index=True)
