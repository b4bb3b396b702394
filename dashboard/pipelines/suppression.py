"""Small counts hidden from those who may not see people: rounded schools, and sums of them.

**What is published.** Each count of each school (accounts in a state, students, …) is rounded to a
multiple of `smallest`, five by default: a number from 0 to 4 that a secret draws once and for all
for this school and column is added, and the sum is rounded down. Everything else that is published
is made of these rounded numbers: accounts are the sum of the four states, a district, département
or academy is the sum of its schools, a percentage is that of two published counts, a table is
sorted and filtered by published figures. A published zero is not told either (it stands for 0 to
4), nor a percentage of fewer than four times `smallest`.

**Why this withstands differencing.** Whatever tables are subtracted (a group from the total, a
state from all accounts, one scope from its neighbour, a page of schools from its district), what
comes out is a sum of rounded numbers of schools: nothing finer was ever used. Each of these leaves
`smallest` values possible where it is 0, and nearly twice as many else. Since the number added
never changes, asking again, or the next day, is no further draw that could be averaged; and when a
published number moves from 5 to 10, the count has become one of five, nobody knows which. Hiding
single cells and complementary ones instead is sound for one table that is published once, not for
tables by any grouping of any scope at any day. The weeks that are kept for good (`store.tallies`)
are counts of the same schools and states, rounded by the same draw: each is what the timeline told
of that day when it was counted, so that who reads it years later learns what could be read then.

**What is told of many schools only.** The levels of one school, rounded one by one, beside the
rounded school might in rare cases leave fewer values. And the past is told twice: `timeline` counts
the accounts that are there now, `tallies` those that were there then, and whoever left since is in
the latter alone; the difference must not tell of whom. So tables by level and kept weeks are told
of ten schools at least, and so is whatever they are combined to: schools are put into bundles of
whole districts (`dashboard.domain.bundles`), for each level and for each week apart, and a group is
told if it is made of whole bundles, whether it is an area, what a filter found, or any list of
schools.

*Proof.* What is published of a level or week is, for some groups, the sum over the bundles in each
of them, and whatever is made of these sums (a hidden zero, a percentage). A combination of groups
with any factors gives each bundle one factor, hence all its schools the same: it is nothing, or all
schools of a bundle are behind it, ten at least. A level that is not told of a group is not named
there either: that there is somebody would be a count of one at least.

*Two moments.* The bundles of a kept week are written down with it: whoever moves to another
district, opens or closes later changes neither them nor the week, and the proof holds for all times
of asking together. Bundles of a level are those of the schools that have it now. What is added
before a level is rounded is therefore drawn for the school, the level and the bundle: where a
school has joined or left one, all schools of it are rounded anew, and the table before and the one
after have no rounded number in common that could be subtracted away. The same schools are rounded
the same again.

**What it costs.** A school's count is off by 2 (standard deviation), at most by 4, and without
bias: over the 45 schools of a district that is about 13 of several thousand, and tables add up. A
guardian with children in two schools counts in both. No table tells classes. A district of fewer
than ten schools with a level has no row of that level, nor has the one that so small a rest of the
département had to join; over filters that cut through districts, levels are not told. Over time,
states are told, not what was done each day.

**Its limits.** The bounds are those of an asker who knows the published figures alone. Who knows
the counts of most cells of a school (its director does), or the exact number of its accounts,
learns more about the rest. Counts that imply one another narrow each other a little: where some
students are covered, some account is activated, so a hidden zero may be ruled out. A published
percentage near 0 or 100 tells something about everybody in the group. A published number that moves
tells that something happened in that school that day, not to whom; a timeline that was downloaded
before somebody left tells of it beside one of today. So do the levels of two days, of a school that
is in the bundle on both; and the exact levels of ten schools are what many changes of a bundle
tell. A week in which one school alone is counted for the first time, all else standing still, shows
its rounded accounts, which its own timeline told as well. One count by two thresholds (of two
briefs, or before and after the setting was changed), or by two secrets (of the database, and of a
snapshot), may leave a single value: hand out by one. The secret is in the database: who has the
file has everything anyway.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from dashboard.domain.bundles import LEAST_SCHOOLS as LEAST_SCHOOLS
from dashboard.domain.errors import Refused
from dashboard.domain.grouping import Grouping
from dashboard.domain.suppression import Suppression
from dashboard.pipelines.bundles import are_whole
from dashboard.pipelines.statistics import FIGURES, STATE_COLUMNS, with_totals

COUNTED = (*STATE_COLUMNS.values(), "students", "students_covered")
# Percentages are told of so many times `smallest` at least.
LEAST_WHOLE = 4
_PERCENTAGES = {
    "activated_pct": ("activated", "accounts"),
    "students_covered_pct": ("students_covered", "students"),
}


def units_of(by: tuple[Grouping, ...]) -> tuple[Grouping, ...]:
    """What is rounded for tables by these groupings: schools, or the levels of schools.

    Raises:
        Refused: tables by class are not for those who may not see people.
    """
    if Grouping.CLASS in by:
        raise Refused(["Les chiffres par classe ne sont montrés qu'à la direction de l'école."])
    if Grouping.LEVEL in by:
        return (Grouping.SCHOOL, Grouping.LEVEL)
    return (Grouping.SCHOOL,)


def rounded(
    counts: pd.DataFrame, units: list[str], columns: list[str], rule: Suppression
) -> pd.DataFrame:
    """The counts with these columns rounded, each row being a unit named by the `units` columns."""
    names = ["\0".join(unit) for unit in counts[units].itertuples(index=False)]
    return counts.assign(**{name: _rounded(counts[name], names, name, rule) for name in columns})


def _rounded(counts: pd.Series, units: Sequence[str], column: str, rule: Suppression) -> pd.Series:
    dithers = np.array([rule.dither(unit, column) for unit in units], dtype="int64")
    shifted = counts.to_numpy(dtype="int64") + dithers
    return pd.Series(shifted - shifted % rule.smallest, index=counts.index)


def published(
    counts: pd.DataFrame, units: list[str], keys: list[str], rule: Suppression
) -> pd.DataFrame:
    """Figures of groups, added up from the rounded counts of their units, the small ones hidden.

    Args:
        counts: one row per unit: the columns `units` and `keys` and those of `COUNTED`; of the
            levels of schools, ``bundle`` and ``bundle_schools`` too
            (`dashboard.pipelines.bundles.in_bundles`).
        units: the columns that name a unit: schools, or the levels of schools.
        keys: the columns that name a group; none for one group of all.

    Returns:
        One row per group: the keys and `FIGURES`, as `hidden` leaves them. Of levels, the groups
        that are made of whole bundles, and no others: that there is somebody is not told either.
    """
    columns, of_levels = list(COUNTED), "level" in units
    told = rounded(counts, [*units, "bundle"] if of_levels else units, columns, rule)
    sums = (
        told.groupby(keys, as_index=False)[columns].sum()
        if keys
        else told[columns].sum().to_frame().T
    )
    sums["students_covered"] = sums[["students", "students_covered"]].min(axis="columns")
    figures = hidden(with_totals(sums), rule.smallest)[[*keys, *FIGURES]]
    return figures[_whole(counts, keys).to_numpy()] if of_levels else figures


def _whole(levels: pd.DataFrame, keys: list[str]) -> "pd.Series[bool]":
    grouped = levels.groupby([*keys, "bundle", "bundle_schools"], as_index=False)
    return are_whole(grouped.size().rename(columns={"size": "here"}), keys)


def hidden(figures: pd.DataFrame, smallest: int) -> pd.DataFrame:
    """Figures without the counts that are too small, and without the percentages of such.

    Counts become ``Int64`` with ``<NA>`` where hidden; percentages are NaN there.
    """
    counts = [name for name in figures.columns if name in {*FIGURES, "expired"} - {*_PERCENTAGES}]
    told = figures.assign(
        **{name: figures[name].astype("Int64").mask(figures[name] < smallest) for name in counts}
    )
    for name, (part, whole) in _PERCENTAGES.items():
        told[name] = figures[name].where(
            (figures[part] >= smallest) & (figures[whole] >= LEAST_WHOLE * smallest)
        )
    return told
