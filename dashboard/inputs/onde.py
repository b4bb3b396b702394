"""The two ONDE extractions of a school (formerly BE1D): students, and guardians with children."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from dashboard.domain.email import parse_email
from dashboard.domain.enrolment import UNKNOWN_LEVEL, parse_level
from dashboard.domain.french import plural
from dashboard.domain.people import Child, Guardian, Student
from dashboard.domain.problem import Problems
from dashboard.inputs.columns import (
    Row,
    heading_key,
    missing,
    parse_civility,
    parse_date,
    parse_mobile,
)
from dashboard.inputs.onde_header import (
    GUARDIANS,
    STUDENTS,
    Header,
    Kind,
    read_header,
    warn_of_missed,
    warn_of_repeated,
)
from dashboard.inputs.textfile import Unreadable, ends_abruptly, read_rows

_ORGANISATIONS = ("intitule", "adresse organisme")
_INE = re.compile(r"[0-9]{10}[A-Z]|[0-9]{9}[A-Z]{2}", re.ASCII)
# A header stands on top; a few lines of title above it are tolerated.
_HEADER_WITHIN = 5
_DAMAGED = re.compile("Ã[©¨ª«§´®¯¢»¹¼‰ˆ€‡]|\ufffd")
_DAMAGED_ACCENTS = (
    "accents abîmés par un enregistrement intermédiaire. Attendu : l'extraction d'ONDE telle "
    "quelle, sans passer par un tableur."
)


_OTHER = {STUDENTS.name: GUARDIANS, GUARDIANS.name: STUDENTS}


def read_students(path: Path, problems: Problems, today: date) -> list[Student]:
    """The students of an extraction; what is wrong with it is noted in `problems`."""
    return [
        student
        for row, _ in _rows(path, STUDENTS, problems)
        if (student := _student(row, today)) is not None
    ]


def read_guardians(path: Path, problems: Problems) -> list[Guardian]:
    """The guardians of an extraction with the children each row names, as far as it goes."""
    return [
        guardian
        for row, children in _rows(path, GUARDIANS, problems)
        if (guardian := _guardian(row, children)) is not None
    ]


def _rows(path: Path, kind: Kind, problems: Problems) -> Iterator[tuple[Row, tuple[Child, ...]]]:
    try:
        rows = read_rows(path, problems)
        header = _find_header(rows, kind, problems)
        if header is not None:
            yield from _rows_under(header, rows, path, kind, problems)
    except Unreadable as error:
        problems.error(str(error))


def _rows_under(
    header: Header,
    rows: Iterator[tuple[int, list[str]]],
    path: Path,
    kind: Kind,
    problems: Problems,
) -> Iterator[tuple[Row, tuple[Child, ...]]]:
    line, last, before = 0, header.cells, header.cells
    addresses = Counter[str]()
    for line, cells in _until_organisations(rows, header):
        last, before = cells, last
        if _is_damaged(cells):
            problems.error(_DAMAGED_ACCENTS, line)
        elif len(cells) < header.needed and not kind.groups:
            problems.error(
                f"{len(cells)} cellules au lieu de {header.needed} : ligne coupée.", line
            )
        else:
            _warn_of_cells_beyond(cells, header, line, problems)
            addresses.update(_unread_addresses(cells, header))
            row = Row(line, cells, header.places, kind.columns, problems)
            yield row, _children(cells, header, line, problems)
    _warn_of_addresses(addresses, problems)
    if line == 0 and not problems.has_errors:
        problems.error(f"aucune ligne sous les intitulés : l'extraction des {kind.name} est vide.")
    elif next(rows, None) is None and ends_abruptly(path) and _is_cut(last, before, header):
        problems.error("dernière ligne coupée : fichier tronqué. Refaites l'extraction.", line)


def _until_organisations(
    rows: Iterator[tuple[int, list[str]]], header: Header
) -> Iterator[tuple[int, list[str]]]:
    """The rows of people; a header that comes again, as in extractions pasted together, is none."""
    for line, cells in rows:
        if _opens_organisations(cells):
            return
        if cells != header.cells:
            yield line, cells


def _warn_of_cells_beyond(cells: list[str], header: Header, line: int, problems: Problems) -> None:
    """Cells under no heading are read as further children, or not at all."""
    beyond = [cell for cell in cells[len(header.cells) :] if cell]
    if beyond and not header.width:
        problems.warning(
            f"{plural(len(beyond), 'cellule')} au-delà des intitulés : non lues.", line
        )


def _unread_addresses(cells: list[str], header: Header) -> list[str]:
    """The headings of the columns that are not read and hold what looks like an address here."""
    return [
        heading
        for place, heading in header.unread.items()
        if place < len(cells) and "@" in cells[place]
    ]


def _warn_of_addresses(addresses: Counter[str], problems: Problems) -> None:
    for heading, count in addresses.items():
        problems.warning(
            f"cette colonne, qui n'est pas lue, contient {plural(count, 'adresse')} de messagerie. "
            "Attendu : « Courriel ».",
            column=heading,
        )


def _is_cut(last: list[str], before: list[str], header: Header) -> bool:
    """Whether a row stops short: of the row before it, or within the columns of a child."""
    return not header.is_whole(last) if header.groups else len(last) < len(before)


def _is_damaged(cells: list[str]) -> bool:
    """Whether accents were lost: UTF-8 read as something else, or letters replaced."""
    return any(_DAMAGED.search(cell) for cell in cells)


def _find_header(
    rows: Iterator[tuple[int, list[str]]], kind: Kind, problems: Problems
) -> Header | None:
    best: Header | None = None
    first = list[str]()
    for _, (line, cells) in zip(range(_HEADER_WITHIN), rows, strict=False):
        first = first or cells
        if _is_damaged(cells):
            problems.error(_DAMAGED_ACCENTS, line)
            return None
        header = read_header(cells, kind)
        if not header.lacking:
            problems.reading = replace(header.reading, encoding=problems.reading.encoding)
            warn_of_missed(header, kind, problems)
            warn_of_repeated(header, kind, problems)
            return header
        if len(header.places) > (len(best.places) if best else 0):
            best = header
    problems.error(_why_no_header(first, kind, best.lacking if best else []))
    return None


def _why_no_header(first: list[str], kind: Kind, lacking: Sequence[str]) -> str:
    other = _OTHER[kind.name]
    if not missing(read_header(first, other).places, other.columns):
        return (
            f"ce fichier est l'extraction des {other.name}, pas celle des {kind.name}. "
            "Les deux fichiers sont-ils inversés ?"
        )
    if lacking:
        return f"colonnes manquantes : {', '.join(lacking)}. Refaites l'extraction depuis ONDE."
    names = ", ".join(column.name for column in kind.columns.values() if column.required)
    return f"ce n'est pas l'extraction ONDE des {kind.name}. Attendu : les colonnes {names}."


def _opens_organisations(cells: list[str]) -> bool:
    keys = [heading_key(cell) for cell in cells[:3]]
    return any(tuple(keys[start : start + 2]) == _ORGANISATIONS for start in (0, 1))


def _children(cells: list[str], header: Header, line: int, problems: Problems) -> tuple[Child, ...]:
    rows = (
        Row(line, cells, places, GUARDIANS.groups, problems) for places in header.children(cells)
    )
    found = (_child(row) for row in rows)
    return tuple(child for child in found if child is not None)


def _child(row: Row) -> Child | None:
    names = row.name("birth_name"), row.name("usage_name"), row.name("first_name")
    if not any(names):
        return None
    try:
        born_on = parse_date(row.text("born_on"))
    except ValueError:
        born_on = None  # one more way to tell a child; names and class remain
    return Child(*names, row.text("class"), born_on)


def _student(row: Row, today: date) -> Student | None:
    usage_name = row.name("usage_name")
    birth_name = row.name("birth_name") or usage_name
    if not birth_name:
        row.error("birth_name", "nom manquant.")
    row.required("first_name", "prénom")
    first_name = row.name("first_name")
    row.required("born_on", "date de naissance")
    born_on = row.date("born_on", today)
    level, ine = _level(row), _ine(row)
    class_label = row.text("class")
    if not class_label:
        row.warning("class", "classe manquante ; l'élève est rangé « sans classe ».")
    if not row.is_valid:
        return None
    return Student(birth_name, usage_name, first_name, born_on, ine, level, class_label, row.line)


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
    birth_name, usage_name = row.name("birth_name"), row.name("usage_name")
    if not (birth_name or usage_name):
        row.error("birth_name", "nom manquant.")
    first_name = row.name("first_name")
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
