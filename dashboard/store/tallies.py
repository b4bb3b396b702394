"""The accounts of each school by state at the end of each week: counts that are kept for good."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from datetime import date

import pandas as pd

from dashboard.domain.bundles import Bundle, District, Held, bundled
from dashboard.domain.scope import Scope
from dashboard.store.engine import Store, Transaction
from dashboard.store.params import Params
from dashboard.store.schools import blocks, within

_STATES = "not_notified", "notified", "activating", "activated"
_COLUMNS = f"uai, day, {', '.join(_STATES)}"
# Of a school without accounts there is nothing to hide.
_LOOSE = (
    f"{' + '.join(_STATES)} > 0 AND NOT EXISTS (SELECT 1 FROM tally_bundle "
    "WHERE tally_bundle.uai = tally.uai AND tally_bundle.day = tally.day)"
)


def write_tallies(transaction: Transaction, counted: pd.DataFrame) -> None:
    """Keep schools' weeks (``uai``, ``day``, the states); one that is kept stays as it is.

    They go into the bundles that they are published in: give all schools of a week at once.
    """
    with transaction.staged("counted", counted):
        transaction.write(
            f"INSERT INTO tally ({_COLUMNS}) SELECT {_COLUMNS} FROM counted WHERE NOT EXISTS ("
            "SELECT 1 FROM tally WHERE tally.uai = counted.uai "
            "AND tally.day = CAST(counted.day AS DATE)) ORDER BY uai, day"
        )
    bundle_tallies(transaction)


def bundle_tallies(transaction: Transaction) -> None:
    """Put the weeks that are in no bundle into those that may be made of them, for good."""
    rows = transaction.rows(
        "SELECT day, academy, department, district, string_agg(tally.uai, ',') "
        f"FROM tally JOIN school ON school.uai = tally.uai WHERE {_LOOSE} "
        "GROUP BY day, academy, department, district"
    )
    made = bundled(Held(day, tuple(place), tuple(uais.split(","))) for day, *place, uais in rows)
    if made:
        _write_bundles(transaction, made)


def _write_bundles(
    transaction: Transaction, made: Mapping[tuple[Hashable, District], Bundle]
) -> None:
    rows = [(day, *district, bundle.name) for (day, district), bundle in made.items()]
    frame = pd.DataFrame(rows, columns=["day", "academy", "department", "district", "bundle"])
    with transaction.staged("bundled", frame.assign(day=pd.to_datetime(frame["day"]))):
        transaction.write(
            "INSERT INTO tally_bundle (uai, day, bundle) "
            "SELECT tally.uai, tally.day, bundled.bundle FROM tally "
            "JOIN school ON school.uai = tally.uai "
            "JOIN bundled ON bundled.academy = school.academy "
            "AND bundled.department = school.department AND bundled.district = school.district "
            f"AND CAST(bundled.day AS DATE) = tally.day WHERE {_LOOSE} "
            "ORDER BY tally.uai, tally.day"
        )


def bundle_sizes(store: Store, since: date, until: date) -> pd.DataFrame:
    """How many schools each bundle of the weeks between two days has: day, bundle, schools."""
    return store.frame(
        "SELECT day, bundle, count(*) AS schools FROM tally_bundle "
        "WHERE day >= $1 AND day <= $2 GROUP BY day, bundle",
        [since, until],
    )


def kept_days(reader: Store | Transaction, scope: Scope) -> list[date]:
    """The Sundays whose weeks are kept of a school of the scope, in their order."""
    params = Params()
    sql = f"SELECT DISTINCT day FROM tally WHERE {within(scope, params)} ORDER BY day"
    rows = reader.rows(sql, params.values)
    return [day for (day,) in rows]


def whole_days(store: Store, scope: Scope) -> list[date]:
    """The Sundays whose weeks are kept of whole bundles in the scope, in their order."""
    params = Params()
    bounds = within(scope, params)
    rows = store.rows(
        f"WITH here AS (SELECT day, bundle, count(*) AS schools FROM tally_bundle WHERE {bounds} "
        "GROUP BY day, bundle), made AS (SELECT day, bundle, count(*) AS schools "
        "FROM tally_bundle GROUP BY day, bundle) "
        "SELECT here.day FROM here "
        "JOIN made ON made.day = here.day AND made.bundle = here.bundle GROUP BY here.day "
        "HAVING min(CASE WHEN here.schools = made.schools THEN 1 ELSE 0 END) = 1 "
        f"EXCEPT SELECT day FROM tally WHERE {bounds} AND {_LOOSE} ORDER BY 1",
        params.values,
    )
    return [day for (day,) in rows]


def tallies_by_school(
    store: Store, scope: Scope, uais: Sequence[str], since: date, until: date
) -> Iterator[pd.DataFrame]:
    """The weeks that end between two days of these schools of a scope, some schools at a time.

    Returns:
        Frames of ``uai``, ``day`` (datetime64), ``not_notified``, ``notified``, ``activating``,
        ``activated``, ``bundle`` (empty for a week of none).
    """
    counts = ", ".join(f"coalesce({name}, 0) AS {name}" for name in _STATES)
    for block in blocks(uais):
        params = Params(since, until, block)
        yield store.frame(
            f"SELECT uai, day, {counts}, coalesce(bundle, '') AS bundle "
            "FROM tally FULL JOIN tally_bundle USING (uai, day) WHERE day >= $1 AND day <= $2 "
            f"AND uai IN (SELECT unnest($3::TEXT[])) AND {within(scope, params)}",
            params.values,
        )
