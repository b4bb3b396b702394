"""The headings of ONDE's two extractions: what their columns are called, and where they stand.

Only the columns named here are read; addresses, PCS, authorisations and all others are dropped.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dashboard.domain.problem import Problems, Reading
from dashboard.inputs.columns import (
    Column,
    HeadingKey,
    bare_heading_key,
    locate,
    missing,
)

_STUDENT = {
    "birth_name": Column(
        "Nom élève",
        (
            "Nom de famille élève",
            "Nom de naissance élève",
            "Nom de famille",
            "Nom de naissance",
            "Nom",
        ),
    ),
    "usage_name": Column("Nom d'usage élève", ("Nom d'usage",), required=False),
    "first_name": Column("Prénom élève", ("Prénom", "Premier prénom", "Premier prénom élève")),
    "born_on": Column(
        "Date naissance",
        ("Date de naissance élève", "Né le", "Née le", "Né(e) le", "Naissance", "DDN"),
    ),
    "ine": Column(
        "INE",
        ("Identifiant national élève", "INE élève", "Identifiant national", "Numéro INE"),
        required=False,
    ),
    "level": Column("Niveau", ("Niveau élève", "Niveau scolaire", "Niveau de classe")),
    "class": Column("Libellé classe", ("Classe", "Classe élève", "Nom de la classe", "Division")),
}
_GUARDIAN = {
    "civility": Column("Civilité Responsable", ("Civilité", "Titre"), required=False),
    "usage_name": Column("Nom usage responsable", ("Nom d'usage",), required=False),
    "birth_name": Column(
        "Nom responsable",
        ("Nom de famille responsable", "Nom de naissance responsable", "Nom de famille", "Nom"),
    ),
    "first_name": Column("Prénom responsable", ("Prénom",)),
    "email": Column(
        "Courriel",
        (
            *("Mail", "E-mail", "Email", "Mél", "Messagerie", "Courrier électronique"),
            *("Adresse électronique", "Adresse mail", "Adresse e-mail", "Adresse email"),
            *(
                "Adresse courriel",
                "Adresse mél",
                "Adresse de messagerie",
                "Messagerie électronique",
            ),
            *("Adresse de courrier électronique", "Adresse de messagerie électronique"),
        ),
        required=False,
    ),
    "mobile": Column(
        "Téléphone portable",
        (
            *("Téléphone mobile", "Portable", "Mobile", "Tél. portable", "Tél. mobile", "GSM"),
            *("Numéro de portable", "Numéro de mobile", "Numéro de téléphone portable"),
            *("Numéro de téléphone mobile", "Tél. port.", "Tel GSM", "Téléphone GSM"),
        ),
        required=False,
    ),
}
_CHILD = {
    "usage_name": Column("Nom d'usage enfant", ("Nom d'usage élève",), required=False),
    "birth_name": Column(
        "Nom de famille enfant",
        (
            *("Nom de famille élève", "Nom enfant", "Nom élève", "Nom de naissance enfant"),
            "Nom de naissance élève",
        ),
    ),
    "first_name": Column("Prénom enfant", ("Prénom élève",)),
    "class": Column(
        "Classes enfants",
        (
            "Classe élève",
            "Libellé classe",
            "Classe",
            "Libellé classe élève",
            "Libellé classe enfant",
        ),
        required=False,
    ),
    "born_on": Column(
        "Date de naissance enfant", ("Date de naissance élève", "Date naissance"), required=False
    ),
}
# Words that say whose a guardian's column is, or which of several, and nothing of what it holds.
_GUARDIANS_WORDS = {"responsable", "resp", "legal", "legale", "representant", "personnel"} | {
    "personnelle", "perso", "principal", "principale",
}  # fmt: skip
# What spreadsheets call columns that have no heading.
_UNNAMED = {"", "colonne", "column", "unnamed", "champ", "field", "v", "x"}
# A file without these loses what activation lives from.
_MISSED = {
    "email": "aucune adresse de messagerie n'est lue",
    "mobile": "aucun numéro de mobile n'est lu",
}


def _guardian_key(heading: str) -> str:
    words = bare_heading_key(heading).split()
    return " ".join(word for word in words if word not in _GUARDIANS_WORDS)


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the two extractions: its name for people, its columns, what these are compared by."""

    name: str
    columns: Mapping[str, Column]
    groups: Mapping[str, Column]
    key: HeadingKey


STUDENTS = Kind("élèves", _STUDENT, {}, bare_heading_key)
GUARDIANS = Kind("responsables", _GUARDIAN, _CHILD, _guardian_key)


@dataclass(frozen=True, slots=True)
class Header:
    """Where the columns of an extraction stand, and those of each group that names a child.

    `starts` is where each group begins. `more_at` is where groups that no heading announces go
    on, `width` columns each; none do where other columns follow the groups (a width of 0).
    """

    cells: list[str]
    places: Mapping[str, int]
    groups: Sequence[Mapping[str, int]]
    starts: Sequence[int]
    more_at: int
    width: int
    lacking: Sequence[str]
    reading: Reading
    unread: Mapping[int, str]

    @property
    def needed(self) -> int:
        """How many cells a row must have: all, or as far as its first child's."""
        if not self.groups:
            return len(self.cells)
        return 1 + max(*self.places.values(), *self.groups[0].values())

    def children(self, cells: Sequence[str]) -> Iterator[Mapping[str, int]]:
        """The places of each child of a row, also beyond the groups that the header announces."""
        yield from self.groups
        if self.width:
            last, begin = self.groups[-1], self.starts[-1]
            for start in range(self.more_at, len(cells), self.width):
                yield {key: start + place - begin for key, place in last.items()}

    def is_whole(self, cells: Sequence[str]) -> bool:
        """Whether a row of guardians ends where a child's columns do, or the header."""
        if self.width and len(cells) > self.more_at:
            return (len(cells) - self.more_at) % self.width == 0
        ends = (*self.starts[1:], self.more_at, len(self.cells))
        return len(cells) >= self.needed and len(cells) in ends


def read_header(cells: list[str], kind: Kind) -> Header:
    """Where the columns of a kind of extraction stand in a row that may head it."""
    keys = [kind.key(cell) for cell in cells]
    starts, end = _groups(keys, kind)
    places = locate(cells[: starts[0]] if starts else cells, kind.columns, kind.key)
    bounds = zip(starts, [*starts[1:], end], strict=False)
    groups = [_within(cells, start, stop, kind) for start, stop in bounds]
    lacking = missing(places, kind.columns) + missing(groups[0] if groups else {}, kind.groups)
    used = set(places.values()).union(*(group.values() for group in groups))
    named = {place: cell for place, cell in enumerate(cells) if keys[place] not in _UNNAMED}
    unread = {place: cell for place, cell in named.items() if place not in used}
    goes_on = starts and not any(place >= end for place in named)
    return Header(
        cells,
        places,
        groups,
        starts,
        end,
        _width(starts, end) if goes_on else 0,
        lacking,
        Reading("", _absent(places, kind), list(dict.fromkeys(unread.values()))),
        unread,
    )


def _groups(keys: Sequence[str], kind: Kind) -> tuple[list[int], int]:
    """Where each group of columns that names a child begins, and where the last one ends."""
    known = frozenset().union(*(column.headings(kind.key) for column in kind.groups.values()))
    of_children = [place for place, key in enumerate(keys) if key in known]
    if not of_children:
        return [], len(keys)
    first = keys[of_children[0]]
    starts = [place for place in of_children if keys[place] == first]
    if len(starts) == 1:
        return starts, of_children[-1] + 1
    return starts, min(starts[-1] + starts[1] - starts[0], len(keys))


def _width(starts: Sequence[int], end: int) -> int:
    return starts[1] - starts[0] if len(starts) > 1 else end - starts[0]


def _within(cells: Sequence[str], start: int, stop: int, kind: Kind) -> Mapping[str, int]:
    found = locate(cells[start:stop], kind.groups, kind.key)
    return {key: start + place for key, place in found.items()}


def _absent(places: Mapping[str, int], kind: Kind) -> list[str]:
    """The columns that a file may do without, and does."""
    return [c.name for key, c in kind.columns.items() if not c.required and key not in places]


def warn_of_missed(header: Header, kind: Kind, problems: Problems) -> None:
    """Warn of columns that a file of guardians lacks and should have."""
    for key, consequence in _MISSED.items():
        if key in kind.columns and key not in header.places:
            problems.warning(f"pas de colonne « {kind.columns[key].name} » : {consequence}.")


def warn_of_repeated(header: Header, kind: Kind, problems: Problems) -> None:
    """Warn of a second column of what each row must have: another person on the same row."""
    needed = {
        heading: column.name
        for column in kind.columns.values()
        if column.required
        for heading in column.headings(kind.key)
    }
    for heading in header.unread.values():
        if name := needed.get(kind.key(heading)):
            problems.warning(
                f"une autre colonne est lue comme « {name} » ; celle-ci ne l'est pas. "
                "Attendu : une seule personne par ligne.",
                column=heading,
            )
