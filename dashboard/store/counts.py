"""What is counted, once: accounts and students of each group of a scope, and of each school."""

from collections.abc import Callable, Sequence
from datetime import date

import pandas as pd

from dashboard.domain.action import Action
from dashboard.domain.filters import EXPIRED
from dashboard.domain.grouping import Grouping, group_keys
from dashboard.domain.scope import Scope
from dashboard.store.engine import Store, Transaction
from dashboard.store.enrolments import attached, enrolled
from dashboard.store.params import Params
from dashboard.store.schools import within

_OF_SCHOOL = frozenset({"district", "department", "academy"})


def count_accounts_by(
    reader: Store | Transaction,
    scope: Scope,
    by: Sequence[Grouping],
    only: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Distinct accounts with an open link, by group and state: keys, state, accounts.

    An account counts once in each group in which it has a child. With `only`, in these schools.
    """
    keys, source, params = _source(attached, scope, by, only)
    listed = "".join(f"{key}, " for key in keys)
    if not keys:  # no need to tell apart what is counted once
        chosen = f"account WHERE account_id IN (SELECT account_id FROM {source})"
    else:
        distinct = f"(SELECT DISTINCT {listed}account_id FROM {source}) AS held"
        chosen = f"{distinct} JOIN account ON account.account_id = held.account_id"
    return reader.frame(
        f"SELECT {listed}account.state AS state, count(*) AS accounts FROM {chosen} "
        f"GROUP BY {listed}account.state",
        params.values,
    )


def held(
    scope: Scope, by: Sequence[Grouping], only: Sequence[str] | None = None
) -> tuple[list[str], str, Params]:
    """The key columns, and a source named `held` of each group's distinct accounts."""
    keys, source, params = _source(attached, scope, by, only)
    listed = "".join(f"{key}, " for key in keys)
    return keys, f"(SELECT DISTINCT {listed}account_id FROM {source}) AS held", params


def count_students_by(store: Store, scope: Scope, by: Sequence[Grouping]) -> pd.DataFrame:
    """Students, and those with at least one activated account: keys, students, students_covered.

    A student of two classes counts once in each, and once in a total.
    """
    keys, source, params = _source(enrolled, scope, by)
    listed = "".join(f"{key}, " for key in keys)
    grouped = f"GROUP BY {', '.join(keys)}" if keys else ""
    link_bounds = within(scope, params, "link.uai")
    covered = (
        "SELECT link.student_id FROM link JOIN account ON account.account_id = link.account_id "
        f"WHERE link.left_on IS NULL AND {link_bounds} AND account.state = 'ACTIVATED'"
    )
    return store.frame(
        f"SELECT {listed}count(*) AS students, "
        f"count(*) FILTER (WHERE student_id IN ({covered})) AS students_covered "
        f"FROM {source} {grouped}",
        params.values,
    )


def schools_by_level(store: Store) -> pd.DataFrame:
    """The schools of all districts that have somebody of a level: who is told of with whom.

    Returns:
        ``academy``, ``department``, ``district``, ``level``, ``uais`` (with commas between).
    """
    return store.frame(
        "SELECT academy, department, district, level, string_agg(school.uai, ',') AS uais "
        "FROM school JOIN (SELECT uai, level FROM student WHERE left_on IS NULL "
        "UNION SELECT uai, level FROM link WHERE left_on IS NULL) AS held "
        "ON held.uai = school.uai GROUP BY academy, department, district, level"
    )


def _source(
    rows: Callable[[Sequence[str]], str],
    scope: Scope,
    by: Sequence[Grouping],
    only: Sequence[str] | None = None,
) -> tuple[list[str], str, Params]:
    """The key columns, and the open rows within the scope that bear them."""
    params = Params()
    bounds = within(scope, params)
    if only is not None:
        bounds += f" AND uai IN (SELECT unnest({params.add(list(only))}::TEXT[]))"
    keys = group_keys(by)
    table = rows(keys)
    if not _OF_SCHOOL.intersection(keys):
        return keys, f"{table} WHERE left_on IS NULL AND {bounds}", params
    places = "(SELECT uai AS place_uai, district, department, academy FROM school) AS place"
    joined = f"{table} JOIN {places} ON place_uai = uai"
    return keys, f"{joined} WHERE left_on IS NULL AND {bounds}", params


def class_levels(store: Store, scope: Scope) -> pd.DataFrame:
    """The levels of the students of each class of a scope: uai, class, level."""
    params = Params()
    return store.frame(
        f"SELECT DISTINCT uai, class, level FROM {enrolled(['class', 'level'])} "
        f"WHERE left_on IS NULL AND {within(scope, params)}",
        params.values,
    )


def rounding_secret(store: Store) -> str:
    """The secret, drawn when the database was made."""
    [(secret,)] = store.rows("SELECT secret FROM publication")
    return str(secret)


_COUNTS = (
    "not_notified",
    "notified",
    "activating",
    "activated",
    "expired",
    "students",
    "students_covered",
)
_SQL = """
    WITH here AS (
        SELECT account_id, student_id, uai FROM link WHERE left_on IS NULL AND {bounds}
    ), held AS (
        SELECT DISTINCT uai, account_id FROM here
    ), counted AS (
        SELECT held.uai,
            count(*) FILTER (WHERE account.state = 'NOT_NOTIFIED') AS not_notified,
            count(*) FILTER (WHERE account.state = 'NOTIFIED') AS notified,
            count(*) FILTER (WHERE account.state = 'ACTIVATING') AS activating,
            count(*) FILTER (WHERE account.state = 'ACTIVATED') AS activated,
            count(*) FILTER (WHERE {expired}) AS expired
        FROM held JOIN account ON account.account_id = held.account_id
        GROUP BY held.uai
    ), pupils AS (
        SELECT uai, count(*) AS students,
            count(*) FILTER (WHERE student_id IN (
                SELECT here.student_id FROM here
                JOIN account ON account.account_id = here.account_id
                WHERE account.state = 'ACTIVATED')) AS students_covered
        FROM student WHERE left_on IS NULL AND {bounds} GROUP BY uai
    ), moved AS (
        SELECT held.uai, CAST(max(journal.happened_at) AS DATE) AS last_progress_on
        FROM held JOIN journal ON journal.account_id = held.account_id
        WHERE journal.reason = '' AND journal.from_state <> journal.to_state
            AND journal.action <> '{reset}'
        GROUP BY held.uai
    )
    SELECT school.uai, school.name, school.district, school.department, school.academy,
        school.kind, school.sector, school.latitude, school.longitude, {counts},
        moved.last_progress_on
    FROM school
    LEFT JOIN counted ON counted.uai = school.uai
    LEFT JOIN pupils ON pupils.uai = school.uai
    LEFT JOIN moved ON moved.uai = school.uai
    WHERE counted.uai IS NOT NULL OR pupils.uai IS NOT NULL
    ORDER BY school.uai
"""


def school_figures(store: Store, scope: Scope, today: date) -> pd.DataFrame:
    """A row for each school of the scope that has a student or an account, by UAI.

    Returns:
        ``uai``, ``name``, ``district``, ``department``, ``academy``, ``kind``, ``sector``,
        ``latitude``, ``longitude`` (degrees, missing where unknown); counts of distinct accounts
        by state and of those ``expired`` (notified, their three months over); ``students``,
        ``students_covered``; ``last_progress_on``: the last day on which an account moved forward
        (was notified, taken over, had its password chosen or was activated; missing if none did,
        as far as the journal is kept).
    """
    params = Params()
    sql = _SQL.format(
        bounds=within(scope, params),
        expired=params.fill(EXPIRED, today=today),
        reset=Action.RESET.value,
        counts=", ".join(f"coalesce({name}, 0) AS {name}" for name in _COUNTS),
    )
    return store.frame(sql, params.values)
