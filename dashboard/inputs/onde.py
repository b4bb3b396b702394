"""The two ONDE extractions of a school (formerly BE1D): students, and guardians with children.

Only the columns named here are read; addresses, PCS, authorisations and all others are dropped.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from dashboard.domain.email import parse_email
from dashboard.domain.level import UNKNOWN_LEVEL, parse_level
from dashboard.domain.problem import Problems
from dashboard.domain.roster import Child, Guardian, Student
from dashboard.inputs.columns import (
    Column,
    Row,
    heading_key,
    locate,
    missing,
    parse_civility,
    parse_date,
    parse_mobile,
)
from dashboard.inputs.textfile import Unreadable, ends_abruptly, read_rows

_STUDENT = {
    "birth_name": Column("Nom élève", ("Nom de famille élève", "Nom de naissance élève")),
    "usage_name": Column("Nom d'usage élève", required=False),
    "first_name": Column("Prénom élève"),
    "born_on": Column("Date naissance", ("Date de naissance élève", "Né le")),
    "ine": Column("INE", ("Identifiant national élève",), required=False),
    "level": Column("Niveau", ("Niveau élève",)),
    "class": Column("Libellé classe", ("Classe", "Classe élève")),
}
_GUARDIAN = {
    "civility": Column("Civilité Responsable", ("Civilité",), required=False),
    "usage_name": Column("Nom usage responsable", required=False),
    "birth_name": Column(
        "Nom responsable", ("Nom de famille responsable", "Nom de naissance responsable")
    ),
    "first_name": Column("Prénom responsable"),
    "email": Column(
        "Courriel", ("Courriel responsable", "Adresse mail", "E-mail", "Mél"), required=False
    ),
    "mobile": Column("Téléphone portable", ("Téléphone mobile", "Portable"), required=False),
}
_CHILD = {
    "usage_name": Column("Nom d'usage enfant", ("Nom d'usage élève",), required=False),
    "birth_name": Column(
        "Nom de famille enfant",
        ("Nom de famille élève", "Nom enfant", "Nom élève", "Nom de naissance enfant"),
    ),
    "first_name": Column("Prénom enfant", ("Prénom élève",)),
    "class": Column(
        "Classes enfants", ("Classe élève", "Libellé classe", "Classe"), required=False
    ),
    "born_on": Column(
        "Date de naissance enfant", ("Date de naissance élève", "Date naissance"), required=False
    ),
}
_ORGANISATIONS = ("intitule", "adresse organisme")
_INE = re.compile(r"[0-9]{10}[A-Z]|[0-9]{9}[A-Z]{2}", re.ASCII)
# A header stands on top; a few lines of title above it are tolerated.
_HEADER_WITHIN = 5
_DAMAGED = re.compile("Ã[©¨ª«§´®¯¢»¹¼‰ˆ€‡]|\ufffd")
_DAMAGED_ACCENTS = (
    "accents abîmés par un enregistrement intermédiaire. Attendu : l'extraction d'ONDE telle "
    "quelle, sans passer par un tableur."
)


@dataclass(frozen=True, slots=True)
class _Kind:
    """One of the two extractions: its columns, and its name for people."""

    name: str
    columns: Mapping[str, Column]
    groups: Mapping[str, Column]


_STUDENTS = _Kind("élèves", _STUDENT, {})
_GUARDIANS = _Kind("responsables", _GUARDIAN, _CHILD)
_OTHER = {"élèves": _GUARDIANS, "responsables": _STUDENTS}


@dataclass(frozen=True, slots=True)
class _Header:
    cells: list[str]
    places: Mapping[str, int]
    groups_at: int
    group_width: int
    group_places: Mapping[str, int]

    @property
    def needed(self) -> int:
        """How many cells a row must have to reach every column that is read."""
        last_of_group = max(self.group_places.values(), default=-1)
        return 1 + max(*self.places.values(), self.groups_at + last_of_group)


def read_students(path: Path, problems: Problems, today: date) -> list[Student]:
    """The students of an extraction; what is wrong with it is noted in `problems`."""
    return [
        student
        for row, _ in _rows(path, _STUDENTS, problems)
        if (student := _student(row, today)) is not None
    ]


def read_guardians(path: Path, problems: Problems) -> list[Guardian]:
    """The guardians of an extraction with the children each row names, as far as it goes."""
    return [
        guardian
        for row, children in _rows(path, _GUARDIANS, problems)
        if (guardian := _guardian(row, children)) is not None
    ]


def _rows(path: Path, kind: _Kind, problems: Problems) -> Iterator[tuple[Row, tuple[Child, ...]]]:
    try:
        rows = read_rows(path, problems)
        header = _find_header(rows, kind, problems)
        if header is not None:
            yield from _rows_under(header, rows, path, kind, problems)
    except Unreadable as error:
        problems.error(str(error))


def _rows_under(
    header: _Header,
    rows: Iterator[tuple[int, list[str]]],
    path: Path,
    kind: _Kind,
    problems: Problems,
) -> Iterator[tuple[Row, tuple[Child, ...]]]:
    line, last, before = 0, header.cells, header.cells
    for line, cells in _until_organisations(rows, header):
        last, before = cells, last
        if _is_damaged(cells):
            problems.error(_DAMAGED_ACCENTS, line)
        elif len(cells) < header.needed and not kind.groups:
            problems.error(
                f"{len(cells)} cellules au lieu de {header.needed} : ligne coupée.", line
            )
        else:
            yield Row(line, cells, header.places, kind.columns, problems), _children(cells, header)
    if line == 0 and not problems.has_errors:
        problems.error(f"aucune ligne sous les intitulés : l'extraction des {kind.name} est vide.")
    elif next(rows, None) is None and ends_abruptly(path) and _is_cut(last, before, header):
        problems.error("dernière ligne coupée : fichier tronqué. Refaites l'extraction.", line)


def _until_organisations(
    rows: Iterator[tuple[int, list[str]]], header: _Header
) -> Iterator[tuple[int, list[str]]]:
    """The rows of people; a header that comes again, as in extractions pasted together, is none."""
    for line, cells in rows:
        if _opens_organisations(cells):
            return
        if cells != header.cells:
            yield line, cells


def _is_cut(last: list[str], before: list[str], header: _Header) -> bool:
    """Whether a row stops short: of the row before it, or within the columns of a child."""
    if not header.group_width:
        return len(last) < len(before)
    return len(last) < header.needed or (len(last) - header.groups_at) % header.group_width != 0


def _is_damaged(cells: list[str]) -> bool:
    """Whether accents were lost: UTF-8 read as something else, or letters replaced."""
    return any(_DAMAGED.search(cell) for cell in cells)


def _find_header(
    rows: Iterator[tuple[int, list[str]]], kind: _Kind, problems: Problems
) -> _Header | None:
    best, lacking, first = 0, list[str](), list[str]()
    for _, (line, cells) in zip(range(_HEADER_WITHIN), rows, strict=False):
        first = first or cells
        if _is_damaged(cells):
            problems.error(_DAMAGED_ACCENTS, line)
            return None
        header = _header(cells, kind)
        lacks = missing(header.places, kind.columns) + missing(header.group_places, kind.groups)
        if not lacks:
            return header
        if len(header.places) > best:
            best, lacking = len(header.places), lacks
    problems.error(_why_no_header(first, kind, lacking))
    return None


def _why_no_header(first: list[str], kind: _Kind, lacking: list[str]) -> str:
    other = _OTHER[kind.name]
    if not missing(_header(first, other).places, other.columns):
        return (
            f"ce fichier est l'extraction des {other.name}, pas celle des {kind.name}. "
            "Les deux fichiers sont-ils inversés ?"
        )
    if lacking:
        return f"colonnes manquantes : {', '.join(lacking)}. Refaites l'extraction depuis ONDE."
    names = ", ".join(column.name for column in kind.columns.values() if column.required)
    return f"ce n'est pas l'extraction ONDE des {kind.name}. Attendu : les colonnes {names}."


def _header(cells: list[str], kind: _Kind) -> _Header:
    groups_at, width = len(cells), 0
    if kind.groups:
        keys = [heading_key(cell) for cell in cells]
        headings = frozenset().union(*(column.headings for column in kind.groups.values()))
        groups_at = next((n for n, key in enumerate(keys) if key in headings), len(cells))
        width = _period(keys[groups_at:])
    places = locate(cells[:groups_at], kind.columns)
    group_places = locate(cells[groups_at : groups_at + width], kind.groups)
    return _Header(cells, places, groups_at, width, group_places)


def _period(keys: list[str]) -> int:
    """How many columns a group has: until its first heading comes again, or to the end."""
    if not keys:
        return 0
    return keys.index(keys[0], 1) if keys[0] in keys[1:] else len([key for key in keys if key])


def _opens_organisations(cells: list[str]) -> bool:
    keys = [heading_key(cell) for cell in cells[:3]]
    return any(tuple(keys[start : start + 2]) == _ORGANISATIONS for start in (0, 1))


def _children(cells: list[str], header: _Header) -> tuple[Child, ...]:
    """The children of a row, also those beyond the groups that the header announces."""
    if not header.group_width:
        return ()
    starts = range(header.groups_at, len(cells), header.group_width)
    found = (
        _child(cells[start : start + header.group_width], header.group_places) for start in starts
    )
    return tuple(child for child in found if child is not None)


def _child(cells: list[str], places: Mapping[str, int]) -> Child | None:
    row = Row(0, cells, places, _CHILD, Problems(""))
    names = row.text("birth_name"), row.text("usage_name"), row.text("first_name")
    if not any(names):
        return None
    try:
        born_on = parse_date(row.text("born_on"))
    except ValueError:
        born_on = None  # one more way to tell a child; names and class remain
    return Child(*names, row.text("class"), born_on)


def _student(row: Row, today: date) -> Student | None:
    birth_name = row.text("birth_name") or row.text("usage_name")
    if not birth_name:
        row.error("birth_name", "nom manquant.")
    first_name = row.required("first_name", "prénom")
    row.required("born_on", "date de naissance")
    born_on = row.date("born_on", today)
    level, ine = _level(row), _ine(row)
    class_label = row.text("class")
    if not class_label:
        row.warning("class", "classe manquante ; l'élève est rangé « sans classe ».")
    if not row.is_valid:
        return None
    return Student(
        birth_name, row.text("usage_name"), first_name, born_on, ine, level, class_label, row.line
    )


def _level(row: Row) -> str:
    try:
        level = parse_level(row.text("level"))
    except ValueError as error:
        row.error("level", str(error))
        return UNKNOWN_LEVEL
    if level == UNKNOWN_LEVEL:
        row.warning("level", "niveau manquant ; l'élève est rangé « sans niveau ».")
    return level


def _ine(row: Row) -> str:
    ine = row.text("ine").replace(" ", "").upper()
    if ine and not _INE.fullmatch(ine):
        row.warning(
            "ine",
            f"INE « {ine} » mal formé ; ignoré. Attendu : 10 chiffres et 1 lettre, ou 9 et 2.",
        )
        return ""
    return ine


def _guardian(row: Row, children: tuple[Child, ...]) -> Guardian | None:
    birth_name, usage_name = row.text("birth_name"), row.text("usage_name")
    if not (birth_name or usage_name):
        row.error("birth_name", "nom manquant.")
    first_name = row.text("first_name")
    if not first_name:
        row.warning("first_name", "prénom manquant.")
    if row.text("civility") and not parse_civility(row.text("civility")):
        row.warning("civility", f"civilité « {row.text('civility')} » inconnue ; ignorée.")
    email, mobile = read_contacts(row)
    if not row.is_valid:
        return None
    civility = parse_civility(row.text("civility"))
    return Guardian(civility, birth_name, usage_name, first_name, email, mobile, children, row.line)


def read_contacts(row: Row) -> tuple[str, str]:
    """The e-mail and the mobile of a row; one that cannot be right is unknown, with a warning."""
    found = []
    # An address is read as it stands: cleaning would take signs out of its inside.
    for key, text, parse, ignored in (
        ("email", row.raw("email"), parse_email, "Adresse ignorée."),
        ("mobile", row.text("mobile"), parse_mobile, "Numéro ignoré."),
    ):
        try:
            found.append(parse(text))
        except ValueError as error:
            row.warning(key, f"{error} {ignored}")
            found.append("")
    return found[0], found[1]
