"""The statistics of accounts: one pipeline behind the screen, the command and the notebooks."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from dashboard.domain.account import State
from dashboard.domain.enrolment import level_rank
from dashboard.domain.figure import HIDDEN, Count, Figures, Share
from dashboard.domain.grouping import Grouping, group_keys

STATE_COLUMNS = {
    State.NOT_NOTIFIED.value: "not_notified",
    State.NOTIFIED.value: "notified",
    State.ACTIVATING.value: "activating",
    State.ACTIVATED.value: "activated",
}
FIGURES = (
    "accounts",
    *STATE_COLUMNS.values(),
    "activated_pct",
    "students",
    "students_covered",
    "students_covered_pct",
)
_WHOLE = ["structure"]
NO_LEVELS = pd.DataFrame(columns=["uai", "class", "level"])
# Stored key columns that figures call otherwise.
SHOWN_KEYS = {"uai": "school"}


def summarise(
    accounts: pd.DataFrame, students: pd.DataFrame, levels: pd.DataFrame, by: Sequence[Grouping]
) -> pd.DataFrame:
    """The statistics of each group.

    Args:
        accounts: stored keys, ``state``, ``accounts`` (distinct accounts of a group and state).
        students: stored keys, ``students``, ``students_covered`` (those with an activated account).
        levels: ``uai``, ``class``, ``level``: the levels of each class, which order the classes.
        by: what the groups are; several groupings are crossed.

    Returns:
        One row per group that has a student or an account: the key columns (none for a structure,
        ``school`` and ``class`` for a class, else the grouping's name), then `FIGURES`. Counts are
        int64; percentages are floats of two decimals, NaN where there is nothing to divide by.
        Rows come by the groupings in their order: levels in the pedagogical one, classes by school
        and youngest level.
    """
    keys = group_keys(by)
    counted = _by_state(accounts, keys).join(_indexed(students, keys), how="outer").fillna(0)
    figures = with_totals(counted.astype("int64").reset_index(drop=not keys))[[*keys, *FIGURES]]
    return ordered(figures, levels, keys).reset_index(drop=True).rename(columns=SHOWN_KEYS)


def with_totals(counts: pd.DataFrame) -> pd.DataFrame:
    """Counts by state and of students, with the accounts of all states and the percentages."""
    accounts = counts[list(STATE_COLUMNS.values())].sum(axis="columns")
    return counts.assign(
        accounts=accounts,
        activated_pct=percentage(counts["activated"], accounts),
        students_covered_pct=percentage(counts["students_covered"], counts["students"]),
    )


def rows(figures: pd.DataFrame) -> list[Figures]:
    """The groups of a frame that has `FIGURES`, named by the columns that are groupings."""
    accounts, students = counts_of(figures["accounts"]), counts_of(figures["students"])
    columns = zip(
        texts(figures[[name for name in figures.columns if name in set(Grouping)]]),
        accounts,
        zip(*(counts_of(figures[name]) for name in STATE_COLUMNS.values()), strict=True),
        _shares(figures["activated_pct"], accounts),
        students,
        counts_of(figures["students_covered"]),
        _shares(figures["students_covered_pct"], students),
        strict=True,
    )
    return [
        Figures(names, whole, dict(zip(State, states, strict=True)), share, pupils, covered, part)
        for names, whole, states, share, pupils, covered, part in columns
    ]


def counts_of(column: pd.Series) -> list[Count]:
    """The counts of a column; what is missing is hidden."""
    return [
        HIDDEN if is_hidden else int(count)
        for count, is_hidden in zip(column, column.isna(), strict=True)
    ]


def _shares(column: pd.Series, wholes: Sequence[Count]) -> list[Share]:
    """The percentages of a column; a missing one is hidden, or of a whole that is zero."""
    return [
        float(share) if is_told else None if whole == 0 else HIDDEN
        for share, is_told, whole in zip(column, column.notna(), wholes, strict=True)
    ]


def days_of(column: pd.Series) -> list[date | None]:
    """The days of a column; ``None`` where one is missing."""
    return [None if pd.isna(day) else day.date() for day in pd.to_datetime(column)]


def texts(frame: pd.DataFrame) -> list[dict[str, str]]:
    """The rows of a frame of texts, by column."""
    columns = {str(name): [str(text) for text in frame[name]] for name in frame.columns}
    return [
        {name: column[place] for name, column in columns.items()} for place in range(len(frame))
    ]


def percentage(part: pd.Series, whole: pd.Series) -> pd.Series:
    """Percentages rounded to two decimals; NaN where the whole is zero."""
    return (100 * part / whole.where(whole > 0)).round(2)


def _by_state(accounts: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    wide = _keyed(accounts, keys).pivot_table(
        index=keys or _WHOLE, columns="state", values="accounts", aggfunc="sum", fill_value=0
    )
    return wide.reindex(columns=list(STATE_COLUMNS), fill_value=0).rename(columns=STATE_COLUMNS)


def _indexed(students: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    return _keyed(students, keys).set_index(keys or _WHOLE)


def _keyed(counted: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """A structure has no key: its one group needs a column all the same."""
    return counted if keys else counted.assign(**{_WHOLE[0]: 0})


def ordered(figures: pd.DataFrame, levels: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """The rows by their stored keys, in the order of each: see `summarise`."""
    if not keys:
        return figures
    ranks = pd.DataFrame(index=figures.index)
    for key in keys:
        if key == "level":
            ranks[key] = figures[key].map(level_rank)
        elif key == "class":
            ranks["unnamed"] = figures[key] == ""
            ranks["youngest"] = _youngest(figures, levels)
            ranks[key] = figures[key]
        else:
            ranks[key] = figures[key]
    return figures.loc[ranks.sort_values(list(ranks.columns)).index]


def _youngest(figures: pd.DataFrame, levels: pd.DataFrame) -> pd.Series:
    """The rank of the youngest level of each row's class; none for a class without students."""
    ranks = levels.assign(rank=levels["level"].map(level_rank))
    youngest = ranks.groupby(["uai", "class"])["rank"].min()
    return figures[["uai", "class"]].join(youngest, on=["uai", "class"])["rank"]
