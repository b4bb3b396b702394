"""ONDE extractions as schools save them, written row by row in any of the dialects seen."""

import codecs
import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple


def _columns(text: str) -> list[str]:
    return text.split(";")


OLDER_STUDENTS = _columns(
    "Nom Elève;Nom d'usage Elève;Prénom Elève;Date naissance;Sexe;Adresse1;Cp1;Commune1;Pays1;"
    "Adresse2;Cp2;Commune2;Pays2; Cycle;Niveau;Classe;Attestation fournie;"
    "Autorisations associations;Autorisations photos;Décision de passage"
)
STUDENTS = _columns(
    "Nom élève;Nom d'usage élève;Prénom élève;Date naissance;Sexe;INE;Adresse1;Cp1;Commune1;Pays1;"
    "Adresse2;Cp2;Commune2;Pays2; Cycle;Niveau;Libellé classe;Identifiant classe;"
    "Attestation fournie;Autorisation associations;Autorisation photo;Décision de passage"
)
NEWEST_STUDENTS = [*STUDENTS, "Regroupement(s)", "Dispositif(s)"]

GUARDIANS = _columns(
    "Civilité Responsable;Nom usage responsable;Nom responsable;Prénom responsable;"
    "Adresse responsable;CP responsable;Commune responsable;Pays;Courriel;Téléphone domicile;"
    "Téléphone travail;Téléphone portable"
)
OLDER_GUARDIANS = [*GUARDIANS[:-1], "Numéro de poste", GUARDIANS[-1]]
NEWEST_GUARDIANS = [*GUARDIANS, "Communication adresses", "PCS"]
CHILD = ["Nom d'usage enfant", "Nom de famille enfant", "Prénom enfant", "Classes enfants"]
NEWEST_CHILD = [
    *("Nom de famille élève", "Nom d'usage élève", "Prénom élève"),
    *("Date de naissance élève", "Classes élèves"),
]

# What no table may hold: personal facts that the program has no use for.
_UNUSED_CELLS = {
    **{f"{name}{place}": f"{name}-Tu" for name in ("Adresse", "Commune", "Pays") for place in "12"},
    **{f"{name} responsable": f"{name}-Tu" for name in ("Adresse", "CP", "Commune")},
    **{name: f"{name}-Tu" for name in ("Pays", "PCS", "Numéro de poste", "Décision de passage")},
    **{name: f"{name}-Tu" for name in ("Téléphone domicile", "Téléphone travail")},
    **{name: f"{name}-Tu" for name in ("Autorisation photo", "Autorisations photos", " Cycle")},
    **{name: f"{name}-Tu" for name in ("Communication adresses", "Sexe", "Regroupement(s)")},
}
UNUSED = "-Tu"


class Pupil(NamedTuple):
    """A row of the students' extraction."""

    name: str = "DUPONT"
    first_name: str = "Léa"
    born_on: str = "01/02/2018"
    class_label: str = "CP A"
    level: str = "CP"
    usage_name: str = ""
    ine: str = ""

    def cells(self, header: Sequence[str]) -> list[str]:
        values = {
            **_UNUSED_CELLS,
            **dict.fromkeys(("Nom élève", "Nom Elève"), self.name),
            **dict.fromkeys(("Nom d'usage élève", "Nom d'usage Elève"), self.usage_name),
            **dict.fromkeys(("Prénom élève", "Prénom Elève"), self.first_name),
            **dict.fromkeys(("Libellé classe", "Classe"), self.class_label),
            "Date naissance": self.born_on,
            "Niveau": self.level,
            "INE": self.ine,
        }
        return [values.get(column, "") for column in header]


class Kid(NamedTuple):
    """A child as a guardian's row names it."""

    name: str = "DUPONT"
    first_name: str = "Léa"
    class_label: str = "CP A"
    usage_name: str = ""
    born_on: str = ""

    def cells(self, header: Sequence[str]) -> list[str]:
        values = {
            **dict.fromkeys(("Nom d'usage enfant", "Nom d'usage élève"), self.usage_name),
            **dict.fromkeys(("Nom de famille enfant", "Nom de famille élève"), self.name),
            **dict.fromkeys(("Prénom enfant", "Prénom élève"), self.first_name),
            **dict.fromkeys(("Classes enfants", "Classes élèves"), self.class_label),
            "Date de naissance élève": self.born_on,
        }
        return [values[column] for column in header]


class Parent(NamedTuple):
    """A row of the guardians' extraction."""

    name: str = "DUPONT"
    first_name: str = "Paul"
    kids: Sequence[Kid] = (Kid(),)
    civility: str = "M."
    usage_name: str = ""
    email: str = ""
    mobile: str = ""

    def cells(self, header: Sequence[str], child: Sequence[str]) -> list[str]:
        values = {
            **_UNUSED_CELLS,
            "Civilité Responsable": self.civility,
            "Nom usage responsable": self.usage_name,
            "Nom responsable": self.name,
            "Prénom responsable": self.first_name,
            "Courriel": self.email,
            "Téléphone portable": self.mobile,
        }
        own = [values.get(column, "") for column in header]
        return own + [cell for kid in self.kids for cell in kid.cells(child)]


@dataclass(frozen=True)
class Dialect:
    """How a table of texts becomes bytes."""

    encoding: str = "cp1252"
    newline: str = "\r\n"
    quoted: bool = False
    delimiter: str = ";"
    before: bytes = b""

    def encode(self, rows: Iterable[Sequence[str]]) -> bytes:
        text = io.StringIO()
        csv.writer(
            text,
            delimiter=self.delimiter,
            lineterminator=self.newline,
            quoting=csv.QUOTE_ALL if self.quoted else csv.QUOTE_MINIMAL,
        ).writerows(rows)
        return self.before + text.getvalue().encode(self.encoding)


PLAIN = Dialect()
DIALECTS = {
    "ISO-8859-1": Dialect("latin-1"),
    "Windows-1252, LF": Dialect(newline="\n"),
    "Windows-1252, quoted": Dialect(quoted=True),
    "UTF-8": Dialect("utf-8"),
    "UTF-8, quoted, LF": Dialect("utf-8", "\n", quoted=True),
    "UTF-8 with its BOM": Dialect("utf-8-sig"),
    "UTF-8 with three BOMs": Dialect("utf-8", before=3 * codecs.BOM_UTF8),
    "UTF-8 with BOMs, quoted": Dialect("utf-8", quoted=True, before=2 * codecs.BOM_UTF8),
    "UTF-16": Dialect("utf-16"),
    "UTF-16, tabs": Dialect("utf-16", delimiter="\t"),
    "UTF-16 big-endian": Dialect("utf-16-be", before=codecs.BOM_UTF16_BE),
    "tabs": Dialect(delimiter="\t"),
    "commas": Dialect(delimiter=","),
    "old Macintosh line ends": Dialect(newline="\r"),
}


def write_students(
    path: Path,
    pupils: Iterable[Pupil],
    header: Sequence[str] = STUDENTS,
    dialect: Dialect = PLAIN,
) -> Path:
    path.write_bytes(dialect.encode([header, *(pupil.cells(header) for pupil in pupils)]))
    return path


def guardian_rows(
    parents: Iterable[Parent],
    header: Sequence[str] = GUARDIANS,
    child: Sequence[str] = CHILD,
    groups: int = 2,
) -> list[list[str]]:
    """A header that announces some groups of children, and rows as long as they have children."""
    return [[*header, *(groups * [*child])], *(parent.cells(header, child) for parent in parents)]


def write_guardians(
    path: Path,
    parents: Iterable[Parent],
    header: Sequence[str] = GUARDIANS,
    child: Sequence[str] = CHILD,
    dialect: Dialect = PLAIN,
    groups: int = 2,
) -> Path:
    path.write_bytes(dialect.encode(guardian_rows(parents, header, child, groups)))
    return path


def write_roster(
    folder: Path, pupils: Iterable[Pupil], parents: Iterable[Parent], dialect: Dialect = PLAIN
) -> tuple[Path, Path]:
    """The two files of a school."""
    folder.mkdir(exist_ok=True)
    return (
        write_students(folder / "eleves.csv", pupils, dialect=dialect),
        write_guardians(folder / "responsables.csv", parents, dialect=dialect),
    )
