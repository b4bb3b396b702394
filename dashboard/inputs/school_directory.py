"""The national directory of schools (open data, "annuaire de l'éducation"): its primary schools."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from dashboard.domain.academies import academy_of, normal_academy, normal_department
from dashboard.domain.directory import (
    DirectorySchool,
    Kind,
    Position,
    Sector,
    department_of,
    kind_of,
    normal_uai,
)
from dashboard.domain.names import name_key
from dashboard.domain.problem import Problems
from dashboard.inputs.columns import Column, Row, locate, missing
from dashboard.inputs.textfile import Unreadable, read_rows

# The whole nation: about 70,000 establishments of 70 columns.
_MAX_BYTES = 256 * 1024 * 1024
_MAX_ROWS = 1_000_000
COLUMNS = {
    "uai": Column("identifiant_de_l_etablissement", ("uai", "numero_uai")),
    "name": Column("nom_etablissement"),
    "department": Column("code_departement", required=False),
    "academy": Column("libelle_academie", required=False),
    "district": Column("nom_circonscription", required=False),
    "nursery": Column("ecole_maternelle"),
    "elementary": Column("ecole_elementaire"),
    "sector": Column("statut_public_prive", required=False),
    "latitude": Column("latitude", required=False),
    "longitude": Column("longitude", required=False),
}
_YES_OR_NO = dict.fromkeys(("", "0", "non", "false"), False) | dict.fromkeys(
    ("1", "oui", "true"), True
)
_SECTORS = {"public": Sector.PUBLIC, "prive": Sector.PRIVATE, "": None}
_BOUNDS = {"latitude": 90.0, "longitude": 180.0}


class Directory:
    """The primary schools of a directory, and how many other establishments it holds."""

    def __init__(self) -> None:
        self.schools: list[DirectorySchool] = []
        self.others = 0


def read_directory(path: Path, problems: Problems) -> Directory:
    """The primary schools of a directory; what is wrong with them is noted in `problems`.

    The columns are those of the open data, in any order and case, among any others; establishments
    that are no primary schools are counted, and not checked.
    """
    directory = Directory()
    try:
        rows = read_rows(path, problems, _MAX_BYTES, _MAX_ROWS)
        _, header = next(rows, (0, []))
        places = locate(header, COLUMNS)
        if lacking := missing(places, COLUMNS):
            problems.error(
                f"colonnes manquantes : {', '.join(lacking)}. Attendu : l'annuaire de "
                "l'éducation, au format CSV des données ouvertes."
            )
            return directory
        _collect((Row(line, cells, places, COLUMNS, problems) for line, cells in rows), directory)
    except Unreadable as error:
        problems.error(str(error))
    return directory


def _collect(rows: Iterable[Row], directory: Directory) -> None:
    lines: dict[str, int] = {}
    for row in rows:
        kind = kind_of(_flag(row, "nursery"), _flag(row, "elementary"))
        if kind is None:
            directory.others += row.is_valid
            continue
        school = _school(row, kind)
        if school.uai in lines:
            row.error("uai", f"{school.uai} est déjà à la ligne {lines[school.uai]}.")
        elif school.uai:
            lines[school.uai] = row.line
        if row.is_valid:
            directory.schools.append(school)


def _flag(row: Row, key: str) -> bool:
    text = row.text(key)
    value = _YES_OR_NO.get(text.lower())
    if value is None:
        row.error(key, f"« {text} » inconnu. Attendu : 1, 0 ou rien.")
    return bool(value)


def _school(row: Row, kind: Kind) -> DirectorySchool:
    uai = _uai(row)
    department = _department(row, uai)
    return DirectorySchool(
        uai,
        row.required("name", "nom"),
        row.text("district"),
        department,
        _academy(row, department),
        kind,
        _sector(row),
        _position(row),
    )


def _uai(row: Row) -> str:
    try:
        return normal_uai(row.text("uai"))
    except ValueError as error:
        row.error("uai", str(error))
        return ""


def _department(row: Row, uai: str) -> str:
    given = row.text("department")
    if len(given) > 3:
        row.error("department", f"« {given} » impossible. Attendu : un code, par exemple 021.")
    return normal_department(given) if given else department_of(uai)


def _academy(row: Row, department: str) -> str:
    academy = normal_academy(row.text("academy")) or academy_of(department)
    if academy is None and row.is_valid:
        row.error("academy", f"académie manquante, et inconnue pour le département {department}.")
    return academy or ""


def _sector(row: Row) -> Sector | None:
    text = row.text("sector")
    if name_key(text) not in _SECTORS:
        row.error("sector", f"« {text} » inconnu. Attendu : Public ou Privé.")
    return _SECTORS.get(name_key(text))


def _position(row: Row) -> Position | None:
    degrees = dict(_degrees(row, _BOUNDS))
    return Position(**degrees) if len(degrees) == len(_BOUNDS) else None


def _degrees(row: Row, bounds: Mapping[str, float]) -> Iterator[tuple[str, float]]:
    for key, bound in bounds.items():
        text = row.text(key)
        if not text:
            continue
        try:
            value = float(text.replace(",", "."))
        except ValueError:
            value = float("nan")
        if -bound <= value <= bound:
            yield key, value
        else:
            row.error(key, f"« {text} » impossible. Attendu : des degrés, entre ±{bound:g}.")
