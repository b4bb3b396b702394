"""Frames of people made into frames that name nobody and single nobody out."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from datetime import date
from itertools import chain, repeat

import numpy as np
import pandas as pd

from dashboard.wording.snapshot import TABLES

Pseudonym = Callable[[str, int], str]
Cell = tuple[str, str]  # a class and a level
# What a student loses with their class, and with their level, by which schools are compared.
_WEIGHTS = (1, 2)
_KEYS = ["uai", "class", "level"]


def anonymous(
    tables: dict[str, pd.DataFrame], pseudonym: Pseudonym, smallest: int, today: date
) -> tuple[dict[str, pd.DataFrame], dict[str, int]]:
    """The tables of a snapshot.

    Args:
        tables: as `dashboard.store.snapshots.read_tables` has them, ``tallies`` and
            ``publication``.
        pseudonym: the text that stands for a ``student`` or an ``account`` of a number.
        smallest: what fewer students than this share is blanked, or left out: see the snapshot's
            own document.

    Returns:
        Frames with the columns of `TABLES`, in an order that tells nothing of the people; and how
        many students lost which column, as `blanked` counts them.
    """
    aged = _aged(tables["students"], today)
    drawn = [pseudonym("drawn", number) for number in aged["student"].tolist()]
    students = coarse(aged.assign(drawn=drawn), smallest)
    links = tables["links"].merge(students[["student", "class", "level"]], on="student")
    links = pd.concat([links, _untold(tables, students)], ignore_index=True)
    accounts = tables["accounts"]
    accounts = accounts[accounts["account"].isin(links["account"])]
    journal = tables["journal"]
    journal = journal[journal["account"].isin(accounts["account"])]
    named = {"schools": tables["schools"], "students": students, "accounts": accounts}
    named |= {"links": links, "journal": journal}
    named |= {name: tables[name] for name in ("tallies", "publication")}
    texts = {
        key: {number: pseudonym(key, number) for number in named[table][key].tolist()}
        for key, table in (("student", "students"), ("account", "accounts"))
    }
    shown = {name: _renamed(frame, texts, list(TABLES[name])) for name, frame in named.items()}
    return shown, blanked(aged, students)


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
    """Students of whom as many are alike in school, class, level and age, as far as these are told.

    What fewer share is left empty, by `generalised`, and of others too, for them to blend in.
    Schools of fewer students are left out.

    Args:
        students: ``student``, ``uai``, ``class``, ``level``, ``age``, and ``drawn``: texts that say
            of nobody who they are, by whose order others are chosen.
    """
    in_school = students.groupby("uai")["student"].transform("size")
    kept = students[in_school >= smallest].sort_values("drawn", ignore_index=True)
    cells: dict[str, Counter[Cell]] = defaultdict(Counter)
    for uai, *cell in zip(kept["uai"], kept["class"], kept["level"], strict=True):
        cells[uai][cell[0], cell[1]] += 1
    told = {
        (uai, *cell): chain.from_iterable(repeat(shown, count) for shown, count in parts)
        for uai, of_school in cells.items()
        for cell, parts in generalised(of_school, smallest).items()
    }
    shown = [next(told[row]) for row in zip(*(kept[name] for name in _KEYS), strict=True)]
    kept = kept.assign(**{"class": [one for one, _ in shown], "level": [two for _, two in shown]})
    return kept.assign(age=kept["age"].where(_has_shared_age(kept, smallest)))


def generalised(cells: Mapping[Cell, int], smallest: int) -> dict[Cell, list[tuple[Cell, int]]]:
    """What is told of the students of each class and level of a school, of whom there are enough.

    As long as a group is too small, the smallest joins another, or some of another, where the
    fewest students lose their class or, counted more, their level.

    Args:
        cells: how many students there are by class and level, all together `smallest` at least.

    Returns:
        The classes and levels to be told of each cell, empty where left out, and of how many.
    """
    groups = {cell: Counter({cell: size}) for cell, size in sorted(cells.items())}
    while len(groups) > 1:
        few = min(groups, key=lambda shown: (groups[shown].total(), shown))
        if groups[few].total() >= smallest:
            break
        size = groups[few].total()
        sizes = {shown: group.total() for shown, group in groups.items() if shown != few}
        _, other = min((_cost(few, size, one, of, smallest), one) for one, of in sizes.items())
        joined = _in_common(few, other)
        taken = _taken(size, sizes[other], joined == other, smallest)
        moved = groups.pop(few) + _take(groups, other, taken)
        groups[joined] = groups.get(joined, Counter()) + moved
    told: dict[Cell, list[tuple[Cell, int]]] = defaultdict(list)
    for shown, group in groups.items():
        for cell, count in group.items():
            told[cell].append((shown, count))
    return told


def _in_common(one: Cell, other: Cell) -> Cell:
    class_, level = (a if a == b else "" for a, b in zip(one, other, strict=True))
    return class_, level


def _taken(few: int, other: int, loses_nothing: bool, smallest: int) -> int:
    """How many of a group a smaller one is joined by: all, unless as many are left as must be."""
    missing = smallest - few
    return other if loses_nothing or other - missing < smallest else missing


def _take(groups: dict[Cell, Counter[Cell]], shown: Cell, count: int) -> Counter[Cell]:
    """So many students of a group, which is left with the others; by class and level."""
    taken: Counter[Cell] = Counter()
    for cell, held in sorted(groups[shown].items()):
        taken[cell] = min(held, count - taken.total())
    groups[shown] = groups[shown] - taken
    if not groups[shown]:
        del groups[shown]
    return +taken


def _cost(few: Cell, size: int, other: Cell, others: int, smallest: int) -> int:
    """What is lost if a group is joined by another: students times what each loses."""
    joined = _in_common(few, other)
    taken = _taken(size, others, joined == other, smallest)
    return size * _lost(few, joined) + taken * _lost(other, joined)


def _lost(was: Cell, now: Cell) -> int:
    pairs = zip(was, now, _WEIGHTS, strict=True)
    return sum(weight for before, after, weight in pairs if before != after)


def _has_shared_age(students: pd.DataFrame, smallest: int) -> pd.Series:
    """Whose age is told: not of too few, nor of others of their group until they are enough."""
    group = students.groupby(_KEYS).ngroup()
    alike = students.assign(group=group).groupby(["group", "age"], dropna=False)["student"]
    size = alike.transform("size")
    rare = (size < smallest) | students["age"].isna()
    missing = (smallest - rare.groupby(group).transform("sum")).where(
        rare.groupby(group).transform("any"), 0
    )
    # Of the most frequent age, whose bearers can best be missed; all, if else too few are left.
    order = pd.DataFrame({"group": group, "rare": ~rare, "size": -size, "age": students["age"]})
    order = order.sort_values(["group", "rare", "size", "age"], kind="stable")
    place = order.groupby(["group", "rare"]).cumcount().reindex(students.index)
    left_out = rare | (~rare & (place < missing))
    left = (~left_out).groupby([group, students["age"].fillna(-1)]).transform("sum")
    return ~left_out & (left >= smallest)


def blanked(before: pd.DataFrame, after: pd.DataFrame) -> dict[str, int]:
    """Of how many of the students that a snapshot tells of a known column is left empty."""
    known = before.set_index("student").loc[after["student"]]
    counts = {}
    for name, nothing in (("class", ""), ("level", ""), ("age", None)):
        was, now = known[name].to_numpy(), after[name].to_numpy()
        had = pd.notna(was) & (was != nothing) if nothing is not None else pd.notna(was)
        lost = pd.isna(now) | (now == nothing) if nothing is not None else pd.isna(now)
        counts[name] = int((had & lost).sum())
    return counts


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
