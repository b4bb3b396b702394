"""The statistics of accounts: one pipeline behind the screen, the command and the notebooks."""

import pandas as pd

from dashboard.domain.account import State
from dashboard.domain.grouping import Grouping
from dashboard.domain.level import level_rank

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
# The stored key columns, as statistics name them.
_KEYS: dict[Grouping, dict[str, str]] = {
    Grouping.STRUCTURE: {},
    Grouping.CLASS: {"uai": "school", "class": "class"},
    Grouping.SCHOOL: {"uai": "school"},
} | {
    by: {by.value: by.value}
    for by in (Grouping.LEVEL, Grouping.DISTRICT, Grouping.DEPARTMENT, Grouping.ACADEMY)
}


def summarise(
    accounts: pd.DataFrame, students: pd.DataFrame, levels: pd.DataFrame, by: Grouping
) -> pd.DataFrame:
    """The statistics of each group.

    Args:
        accounts: stored keys, ``state``, ``accounts`` (distinct accounts of a group and state).
        students: stored keys, ``students``, ``students_covered`` (those with an activated account).
        levels: ``uai``, ``class``, ``level``: the levels of each class, which order the classes.
        by: what the groups are.

    Returns:
        One row per group that has a student or an account: the key columns (none for a structure,
        ``school`` and ``class`` for a class, else the grouping's name), then `FIGURES`. Counts are
        int64; percentages are floats of two decimals, NaN where there is nothing to divide by.
        Levels come in pedagogical order, classes by school and youngest level.
    """
    keys = list(_KEYS[by])
    counted = _by_state(accounts, keys).join(_indexed(students, keys), how="outer").fillna(0)
    counted = counted.astype("int64")
    counted["accounts"] = counted[list(STATE_COLUMNS.values())].sum(axis="columns")
    counted["activated_pct"] = percentage(counted["activated"], counted["accounts"])
    counted["students_covered_pct"] = percentage(counted["students_covered"], counted["students"])
    figures = counted.reset_index(drop=not keys)[[*keys, *FIGURES]]
    ordered = _ordered(figures, levels, by).reset_index(drop=True)
    return ordered.rename(columns=_KEYS[by])


def records(figures: pd.DataFrame) -> list[dict[str, object]]:
    """The rows of a frame of statistics, each by column name."""
    return [{str(name): value for name, value in row.items()} for row in figures.to_dict("records")]


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


def _ordered(figures: pd.DataFrame, levels: pd.DataFrame, by: Grouping) -> pd.DataFrame:
    match by:
        case Grouping.STRUCTURE:
            return figures
        case Grouping.LEVEL:
            return figures.sort_values("level", key=lambda column: column.map(level_rank))
        case Grouping.CLASS:
            ranks = levels.assign(rank=levels["level"].map(level_rank))
            youngest = ranks.groupby(["uai", "class"], as_index=False)["rank"].min()
            placed = figures.merge(youngest, on=["uai", "class"], how="left")
            placed = placed.assign(unnamed=placed["class"] == "")
            return placed.sort_values(["uai", "unnamed", "rank", "class"]).drop(
                columns=["rank", "unnamed"]
            )
        case _:
            return figures.sort_values(list(_KEYS[by]))
