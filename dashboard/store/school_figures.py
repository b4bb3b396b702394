"""The schools of a scope with what is counted in each, and when something last moved there."""

from datetime import date

import pandas as pd

from dashboard.domain.account import NOTIFICATION_MONTHS
from dashboard.domain.action import Action
from dashboard.domain.scope import Scope
from dashboard.store.engine import Store
from dashboard.store.schools import within

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
            count(*) FILTER (WHERE account.state = 'NOTIFIED' AND account.distributed_on
                + INTERVAL '{months} months' < CAST(${today} AS DATE)) AS expired
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
    bounds, parameters = within(scope, 1)
    sql = _SQL.format(
        bounds=bounds,
        today=len(parameters) + 1,
        months=NOTIFICATION_MONTHS,
        reset=Action.RESET.value,
        counts=", ".join(f"coalesce({name}, 0) AS {name}" for name in _COUNTS),
    )
    return store.frame(sql, [*parameters, today])
