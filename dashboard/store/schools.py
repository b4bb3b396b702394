"""Schools, and how a scope bounds every statement."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from dashboard.domain.academies import academy_of
from dashboard.domain.directory import DirectorySchool, department_of
from dashboard.domain.scope import Area, Scope
from dashboard.store.engine import Changed, Store, Transaction
from dashboard.store.params import Params

# So many schools' days are counted at a time: those of an academy.
_BLOCK = 2_500


@dataclass(frozen=True, slots=True)
class School:
    """A school as stored; `version` counts its imports, so that two cannot interleave."""

    uai: str
    name: str
    version: int


def within(scope: Scope, params: Params, column: str = "uai") -> str:
    """The SQL condition that bounds `column` (a UAI) to the scope; its values go to `params`."""
    if scope.area is Area.NATION:
        return "TRUE"
    if scope.area is Area.SCHOOLS and len(scope.places) == 1:
        return f"{column} = {params.add(scope.places[0])}"
    named = f"IN (SELECT unnest({params.add(list(scope.places))}::TEXT[]))"
    match scope.area:
        case Area.SCHOOLS:
            return f"{column} {named}"
        case Area.DISTRICT:
            either = f"district {named} OR department || '/' || district {named}"
            return f"{column} IN (SELECT uai FROM school WHERE {either})"
        case area:
            return f"{column} IN (SELECT uai FROM school WHERE {area.value} {named})"


def linked(scope: Scope, params: Params) -> str:
    """The SQL query of the accounts that have an open link in the scope."""
    bounds = within(scope, params, "link.uai")
    return f"(SELECT link.account_id FROM link WHERE link.left_on IS NULL AND {bounds})"


def schools(store: Store, scope: Scope) -> pd.DataFrame:
    """The schools of the scope, by UAI: uai, name, district, department, academy.

    Those without students, which the directory knows, are among them.
    """
    params = Params()
    return store.frame(
        "SELECT uai, name, district, department, academy FROM school "
        f"WHERE {within(scope, params)} ORDER BY uai",
        params.values,
    )


def known_places(store: Store, area: Area) -> set[str]:
    """The names that places of a kind are asked for by; districts also with their département."""
    rows = store.rows(f"SELECT DISTINCT {area.value}, department FROM school")
    names = {str(name) for name, _ in rows}
    if area is Area.DISTRICT:
        names |= {f"{department}/{name}" for name, department in rows}
    return names


def departments_of(source: Store | Transaction, district: str) -> list[str]:
    """The départements that have a district of this name, as `Scope.district` takes it."""
    params = Params()
    inside = within(Scope.district(district), params)
    rows = source.rows(
        f"SELECT DISTINCT department FROM school WHERE {inside} ORDER BY department", params.values
    )
    return [department for (department,) in rows]


def blocks(uais: Sequence[str]) -> Iterator[list[str]]:
    """Schools, some at a time; of none, once none."""
    for start in range(0, max(len(uais), 1), _BLOCK):
        yield list(uais[start : start + _BLOCK])


def find_school(transaction: Transaction, uai: str) -> School | None:
    """The stored school of this UAI, if there is one."""
    found = transaction.rows("SELECT uai, name, version FROM school WHERE uai = $1", [uai])
    return School(*found[0]) if found else None


def save_school(
    transaction: Transaction, uai: str, name: str, district: str, known: School | None
) -> None:
    """Write the school as one import leaves it; empty texts keep what was known.

    The district of a school that the directory lists stays the directory's.

    Raises:
        Changed: another import of the school came in between.
    """
    department = department_of(uai)
    transaction.touch(schools=[uai])
    if known is None:
        transaction.write(
            "INSERT INTO school (uai, name, district, department, academy, version) "
            "VALUES ($1, $2, $3, $4, $5, 1)",
            [uai, name or uai, district, department, academy_of(department) or ""],
        )
        return
    written = transaction.write(
        "UPDATE school SET name = $1, version = version + 1, "
        "district = CASE WHEN $2 = '' OR listed THEN district ELSE $2 END "
        "WHERE uai = $3 AND version = $4",
        [name or known.name, district, uai, known.version],
    )
    if written != 1:
        raise Changed


_PLACES = ("district", "department", "academy", "kind", "sector", "latitude", "longitude")
_LISTED = ", ".join(("uai", "name", *_PLACES))


def write_directory(
    transaction: Transaction, directory: Sequence[DirectorySchool]
) -> tuple[int, int]:
    """Write what the directory says; how many schools it added, and how many it changed.

    A school keeps its name, unless that was its number for want of one.

    Raises:
        Changed: another import of one of the schools came in between.
    """
    rows = [
        (
            school.uai,
            school.name,
            school.district,
            school.department,
            school.academy,
            school.kind.value,
            school.sector.value if school.sector else "",
            school.position and school.position.latitude,
            school.position and school.position.longitude,
        )
        for school in directory
    ]
    frame = pd.DataFrame(rows, columns=["uai", "name", *_PLACES])
    degrees = {name: frame[name].astype("float64") for name in ("latitude", "longitude")}
    with transaction.staged("incoming", frame.assign(**degrees)):
        differs = " OR ".join(f"school.{name} IS DISTINCT FROM incoming.{name}" for name in _PLACES)
        values = ", ".join(f"{name} = incoming.{name}" for name in _PLACES)
        changed = transaction.write(
            f"UPDATE school SET {values}, listed = TRUE, version = school.version + 1, "
            "name = CASE WHEN school.name = school.uai THEN incoming.name ELSE school.name END "
            "FROM incoming WHERE school.uai = incoming.uai "
            f"AND (NOT school.listed OR {differs})"
        )
        created = transaction.write(
            f"INSERT INTO school ({_LISTED}, version, listed) SELECT {_LISTED}, 1, TRUE "
            "FROM incoming WHERE uai NOT IN (SELECT uai FROM school) ORDER BY uai"
        )
    return created, changed
