"""Statistics of a generated academy against plain SQL and plain pandas, by every grouping."""

from collections.abc import Iterator
from datetime import date
from itertools import combinations

import pandas as pd
import pytest

from dashboard.actions.figures import statistics
from dashboard.actions.generate import generate
from dashboard.domain.grouping import Grouping
from dashboard.domain.scope import Scope
from dashboard.pipelines.statistics import FIGURES, STATE_COLUMNS
from dashboard.store.engine import MEMORY, Store, connect

NATION = Scope.nation()
COLUMNS = {"class": ["school", "class"], "structure": []}
CROSSED = [
    (),
    *combinations(["class", "level", "school", "district", "department", "academy"], 1),
    *combinations(["class", "level", "school", "district", "department", "academy"], 2),
    ("academy", "department", "district", "level"),
]


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with connect(MEMORY) as store:
        generate(store, 25, 11, date(2026, 11, 24))
        # Leavers, closed links, nameless classes and levels, as imports leave them.
        with store.transaction() as transaction:
            transaction.write(
                "UPDATE student SET left_on = DATE '2026-10-01' WHERE student_id % 29 = 0"
            )
            transaction.write(
                "UPDATE link SET left_on = DATE '2026-10-01' WHERE student_id % 29 = 0 "
                "OR account_id % 31 = 0"
            )
            for table in ("student", "link"):
                transaction.write(f"UPDATE {table} SET level = '' WHERE student_id % 37 = 0")
                transaction.write(f"UPDATE {table} SET class = '' WHERE student_id % 41 = 0")
        yield store


@pytest.fixture(scope="module")
def raw(store: Store) -> dict[str, pd.DataFrame]:
    """Open links with everything about account, student and school; students with their school."""
    school = "school.uai AS school, district, department, academy"
    joined = "JOIN school ON school.uai = student.uai"
    return {
        "links": store.frame(
            "SELECT link.account_id, link.student_id, account.state, student.class, "
            f"student.level, {school} FROM link JOIN account USING (account_id) "
            f"JOIN student ON student.student_id = link.student_id {joined} "
            "WHERE link.left_on IS NULL"
        ),
        "students": store.frame(
            f"SELECT student_id, class, level, {school} FROM student {joined} "
            "WHERE student.left_on IS NULL"
        ),
    }


def keys_of(by: tuple[str, ...]) -> list[str]:
    return list(dict.fromkeys(key for one in by for key in COLUMNS.get(one, [one])))


def shown(frame: pd.DataFrame, keys: list[str]) -> dict[tuple[object, ...], list[object]]:
    records = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return {tuple(r[key] for key in keys): [r[name] for name in FIGURES] for r in records}


@pytest.mark.parametrize("by", CROSSED, ids="+".join)
def test_plain_pandas_agrees(
    store: Store, raw: dict[str, pd.DataFrame], by: tuple[str, ...]
) -> None:
    keys = keys_of(by)
    links, students = (raw[name].assign(whole=0) for name in ("links", "students"))
    covered = set(links.loc[links["state"] == "ACTIVATED", "student_id"])
    expected: dict[tuple[object, ...], list[object]] = {}
    for group, members in students.groupby(keys or ["whole"]):
        held = links[links["student_id"].isin(members["student_id"])]
        states = held.drop_duplicates("account_id")["state"].value_counts()
        counts = [int(states.get(state, 0)) for state in STATE_COLUMNS]
        reached = len(set(members["student_id"]) & covered)
        share = round(100 * counts[-1] / sum(counts), 2) if sum(counts) else None
        expected[tuple(group) if keys else ()] = [
            *(sum(counts), *counts, share),
            *(len(members), reached, round(100 * reached / len(members), 2)),
        ]
    found = shown(statistics(store, NATION, by), keys)
    assert found.keys() == expected.keys()
    for group_, figures in expected.items():
        assert found[group_] == pytest.approx(figures, abs=0.011)


@pytest.mark.parametrize("by", CROSSED, ids="+".join)
def test_plain_sql_agrees(store: Store, by: tuple[str, ...]) -> None:
    keys = keys_of(by)
    columns = "".join(f"{'school.uai' if key == 'school' else key} AS {key}, " for key in keys)
    grouped = f"GROUP BY {', '.join(map(str, range(1, len(keys) + 1)))}" if keys else ""
    states = ", ".join(
        f"count(DISTINCT account.account_id) FILTER (state = '{state}') AS {name}"
        for state, name in STATE_COLUMNS.items()
    )
    counted = store.frame(
        f"SELECT {columns}count(DISTINCT account.account_id) AS accounts, {states}, "
        "count(DISTINCT student.student_id) AS students, count(DISTINCT student.student_id) "
        "FILTER (state = 'ACTIVATED') AS students_covered "
        "FROM student JOIN school ON school.uai = student.uai "
        "LEFT JOIN (SELECT account_id, student_id FROM link WHERE left_on IS NULL) AS open "
        "ON open.student_id = student.student_id "
        "LEFT JOIN account ON account.account_id = open.account_id "
        f"WHERE student.left_on IS NULL {grouped}"
    )
    names = [*keys, *(name for name in FIGURES if not name.endswith("_pct"))]
    found = statistics(store, NATION, by)[names]
    pd.testing.assert_frame_equal(
        found.sort_values(names, ignore_index=True),
        counted[names].sort_values(names, ignore_index=True),
        check_dtype=False,
    )


def test_every_grouping_is_among_those_crossed() -> None:
    assert {one for by in CROSSED for one in by} | {"structure"} == set(Grouping)
