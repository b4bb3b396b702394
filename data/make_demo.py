"""Write the files of the four demo schools: fictitious people, the same bytes at every run.

Usage: ``python data/make_demo.py [FOLDER]`` (default: ``demo`` beside this script). Per school: an
ONDE extraction of the students and one of the guardians, each school in another dialect, and the
list of the guardians' accounts. Telephone numbers come from the ranges reserved for fiction.
"""

import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import NamedTuple

SEED = 58_021
DEMO_DAY = date(2026, 9, 28)

# Family names that nobody takes for a list of real families.
SURNAMES = """ABRICOT,ACACIA,ALGUE,AMÉTHYSTE,ANCOLIE,ANÉMONE,ARDOISE,AVOCETTE,AZALÉE,BAMBOU,
BARDANE,BASALTE,BÉGONIA,BERGERONNETTE,BÉRYL,BIGORNEAU,BOUTON D'OR,BOUVREUIL,BRIMBELLE,BROCHETON,
CALCAIRE,CAMÉLIA,CAMPANULE,CAPUCINE,CARDAMOME,CHARDONNERET,CHÈVREFEUILLE,CIBOULETTE,CIGOGNE,
CLÉMATITE,COQUELICOT,COURGETTE,CRÉCERELLE,CROCUS,CYCLAMEN,D'AUBÉPINE,D'ÉPERVIER,DAHLIA,
DE LA FOUGÈRE,DIGITALE,DU MARÉCAGE,ÉCREVISSE,EDELWEISS,ÉGLANTINE,ÉMERAUDE,ÉPICÉA,ÉPINOCHE,ESTRAGON,
FAUVETTE,FELDSPATH,FRAMBOISE,FUCHSIA,GENTIANE,GINGEMBRE,GIROFLÉE,GOÉLAND,GRANITE,GRENADINE,
GROSEILLE,HELLÉBORE,HUPPE-FASCIÉE,JACINTHE,JONQUILLE,L’ÉTOURNEAU,L’HIRONDELLE,LAMPROIE,LAVANDE,
LIBELLULE,LISERON,MACAREUX,MALACHITE,MANDARINE,MARGUERITE-DES-PRÉS,MÉLÈZE,MÉSANGE-CHARBONNIÈRE,
MIRABELLE,MOUETTE,MUGUET,MYOSOTIS,NÉNUPHAR,NIGELLE,NOISETTE,OBSIDIENNE,ŒILLET,ŒIL-DE-BŒUF,OPALE,
ORCHIDÉE,PALOURDE,PÂQUERETTE,PERVENCHE,PISSENLIT,PIVERT,PRIMEVÈRE,QUARTZITE,QUETSCHE,RAINETTE,
RENONCULE,RHUBARBE,ROITELET,ROUGE-GORGE,SAPHIR,SCARABÉE,SERPOLET,SILEX,SITTELLE,TILLEUL,TOPAZE,
TOURNESOL,TROÈNE,TULIPE,VALÉRIANE,VERVEINE,YUCCA,ZIRCON""".replace("\n", "").split(",")
MALE = """Aurélien Ayoub Baptiste Bastien Benoît Célestin Cédric Clément Côme Cyprien Éloi Émile
Étienne Félix François Gaël Gaëtan Grégoire Hugo Ibrahim Ismaël Jean-Baptiste Jérôme Joël Jules
Kévin Léo Léonard Loïc Lubin Maël Malo Mathéo Mickaël Milan Naël Nathanaël Noé Noël Octave Ömer
Pierre-Louis Raphaël Rémi Siméon Stéphane Télio Théo Thibault Timothée Ulysse Valère Zacharie"""
FEMALE = """Adélaïde Adèle Agnès Aïcha Amélie Anaïs Anne-Lise Apolline Aurélie Aya Béatrice Cécile
Céleste Chloé Clémence Cléo Coline Daphné Éléonore Élodie Éloïse Émilie Esmée Eugénie Fatoumata
Gaëlle Gaïa Héloïse Hélène Inès Joséphine Judith Léa Léonie Lilou Loïse Louane Maëlys Maïwenn
Marie-Noëlle Mélanie Naïa Noémie Océane Ombeline Philomène Rébecca Salomé Séverine Solène Thaïs
Valérie Yaëlle Zélie Zoé"""
FIRST_NAMES = (MALE.split(), FEMALE.split())
STREETS = ("rue des Nuages", "impasse du Temps-Perdu", "allée des Songes", "chemin de Nulle-Part")
POSTCODE, TOWN, COUNTRY = "00000", "Bourg-Imaginaire", "FRANCE"

LEVELS = ("TPS", "PS", "MS", "GS", "CP", "CE1", "CE2", "CM1", "CM2")
BIRTH_YEARS = {"ULIS": 2017, "UPE2A": 2018} | {level: 2024 - n for n, level in enumerate(LEVELS)}
STATES = ("non notifié", "notifié et non activé", "en cours d'activation", "activé")
NOT_NOTIFIED, NOTIFIED, ACTIVATING, ACTIVATED = STATES
SCHOOL, SELF_REGISTERED, FRANCECONNECT = "Établissement", "Auto-inscription", "FranceConnect"


class Kind(NamedTuple):
    """A kind of account; ``distributed`` is a range of days before the demo day."""

    state: str
    origin: str = SCHOOL
    distributed: tuple[int, int] | None = None


KINDS = {
    "new": Kind(NOT_NOTIFIED),
    "notified": Kind(NOTIFIED, distributed=(1, 25)),
    "expired": Kind(NOTIFIED, distributed=(95, 119)),
    "activating": Kind(ACTIVATING, distributed=(1, 25)),
    "activating self": Kind(ACTIVATING, SELF_REGISTERED, (1, 25)),
    "activated": Kind(ACTIVATED, distributed=(20, 390)),
    "activated self": Kind(ACTIVATED, SELF_REGISTERED),
    "franceconnect": Kind(ACTIVATED, FRANCECONNECT),
}

OLD_STUDENTS = (
    "Nom Elève;Nom d'usage Elève;Prénom Elève;Date naissance;Sexe;Adresse1;Cp1;Commune1;Pays1;"
    "Adresse2;Cp2;Commune2;Pays2; Cycle;Niveau;Classe;Attestation fournie;"
    "Autorisations associations;Autorisations photos;Décision de passage"
)
NEW_STUDENTS = (
    "Nom élève;Nom d'usage élève;Prénom élève;Date naissance;Sexe;INE;Adresse1;Cp1;Commune1;Pays1;"
    "Adresse2;Cp2;Commune2;Pays2; Cycle;Niveau;Libellé classe;Identifiant classe;"
    "Attestation fournie;Autorisation associations;Autorisation photo;Décision de passage"
)
GUARDIANS = (
    "Civilité Responsable;Nom usage responsable;Nom responsable;Prénom responsable;"
    "Adresse responsable;CP responsable;Commune responsable;Pays;Courriel;Téléphone domicile;"
    "Téléphone travail;Téléphone portable"
)
CHILD = "Nom d'usage enfant;Nom de famille enfant;Prénom enfant;Classes enfants"
NEW_CHILD = (
    "Nom de famille élève;Nom d'usage élève;Prénom élève;Date de naissance élève;Classes élèves"
)
ORGANISATIONS = (
    "Intitulé;Adresse Organisme;CP organisme;Commune organisme;Pays;Courriel;Téléphone",
    f"Garderie des Nuages;1 rue des Nuages;{POSTCODE};{TOWN};{COUNTRY};;0353019998",
    f"Cantine du Temps-Perdu;2 allée des Songes;{POSTCODE};{TOWN};{COUNTRY};;0353019999",
)
ACCOUNT = (
    "Élève;Classe;Responsable;Identifiant;Messagerie;Origine du compte;État de compte;"
    "Date de distribution;Date de dernier accès;UAI;École;Civilité;Nom de naissance;Nom d'usage;"
    "Prénom;Téléphone mobile"
)
ACCOUNT_CHILD = (
    "Nom de naissance élève {0};Nom d'usage élève {0};Prénom élève {0};Date de naissance élève {0};"
    "Niveau élève {0};Classe élève {0}"
)
FRENCH_DATE, ISO_DATE = "%d/%m/%Y", "%Y-%m-%d"


@dataclass(frozen=True)
class Dialect:
    """How a file is written; a third civility is that of some women."""

    encoding: str
    newline: str = "\n"
    quoted: bool = False
    dates: str = FRENCH_DATE
    sexes: str = "MF"
    civilities: tuple[str, ...] = ("M.", "Mme")
    students: str = NEW_STUDENTS
    guardians: str = GUARDIANS
    child: str = CHILD
    organisations: tuple[str, ...] = ()


class Room(NamedTuple):
    """A class: its students of each level, and how many distinct guardians they have."""

    key: str
    label: str
    levels: dict[str, int]
    guardians: int


@dataclass(frozen=True)
class School:
    """A school to make.

    ``families`` lists the classes of siblings and, after a colon, a number of guardians other than
    two; families of one child complete the classes. ``placed`` gives kinds of account to guardians
    of only children of a class; ``shares`` (in %) to everyone else, and what is left is new.
    """

    uai: str
    name: str
    district: str
    dialect: Dialect
    rooms: Sequence[Room]
    families: str
    placed: Mapping[str, Sequence[str]] = field(default_factory=dict)
    shares: Mapping[str, int] = field(default_factory=dict)


SAINT_SULPICE = School(
    *("0580189R", "École élémentaire publique Saint-Sulpice", "Nevers 1"),
    Dialect("cp1252", "\r\n"),
    [
        Room("PSMS", "PSMS", {"TPS": 3, "PS": 5, "MS": 6}, 24),
        Room("PS", "PS", {"PS": 15}, 27),
        Room("MSGS", "MSGS", {"MS": 8, "GS": 6}, 25),
        Room("GS", "GS", {"GS": 16}, 28),
        Room("CP", "CP", {"CP": 14}, 24),
        Room("CPCE1", "CP-CE1", {"CP": 6, "CE1": 8}, 24),
        Room("CE1", "CE1", {"CE1": 14}, 24),
        Room("CE2", "CE2", {"CE2": 14}, 24),
        Room("CM1", "CM1", {"CM1": 12, "ULIS": 2}, 24),
        Room("CM1CM2", "CM1-CM2", {"CM1": 7, "CM2": 7}, 24),
        Room("CM2", "CM2", {"CM2": 14}, 24),
    ],
    "PSMS+CP PSMS+CE1 PSMS+CE2 PS+CE1 PS+CPCE1 PS+CE2 MSGS+CE2 MSGS+CM1CM2 GS+CE2 GS+CM2 "
    "CP+CM1CM2 CPCE1+CM2 PS+CP+CM2 MSGS+CE1+CM1CM2 MSGS+CE1:1 GS+CM2:1 CE2+CE2",
    placed={"PS": ["notified", "activated"], "MSGS": ["franceconnect"], "CE2": ["expired"]}
    | {"CP": ["notified", "notified"], "CM1": ["activating"], "CM2": ["notified"]},
)
BEZE = School(
    *("0210351T", "École élémentaire publique de Bèze", "Dijon Est"),
    Dialect(
        encoding="latin-1",
        newline="\r\n",
        quoted=True,
        dates=ISO_DATE,
        sexes="HF",
        civilities=("M.", "MME", "MLLE"),
        students=OLD_STUDENTS,
        guardians=GUARDIANS.replace("travail;", "travail;Numéro de poste;"),
        organisations=ORGANISATIONS,
    ),
    [
        Room("PSMS", "PS - MS", {"PS": 9, "MS": 9}, 31),
        Room("GSCP", "GS - CP", {"GS": 10, "CP": 9}, 33),
        Room("CE1", "Classe de CE1", {"CE1": 20}, 33),
        Room("CE2CM1", "CE2 - CM1", {"CE2": 12, "CM1": 8}, 34),
        Room("CM1CM2", "CM1 - CM2", {"CM1": 6, "CM2": 15}, 36),
    ],
    "PSMS+CE1 PSMS+CE2CM1 PSMS+CM1CM2:1 GSCP+CE2CM1 GSCP+CM1CM2 GSCP+CM1CM2 CE1+CM1CM2 CE1+CE1 "
    "PSMS+CE1+CM1CM2 CE2CM1:0 CE1+0210507M/PSMS CM1CM2+0210749A/CP:1",
    shares={"activated": 40, "activated self": 12, "franceconnect": 9, "activating": 4}
    | {"activating self": 1, "notified": 11, "expired": 5},
)
VAROIS = School(
    *("0210507M", "École élémentaire publique Henri Vincenot, Varois-et-Chaignot", "Dijon Est"),
    Dialect(
        encoding="utf-8-sig",
        students=f"{NEW_STUDENTS};Regroupement(s);Dispositif(s)",
        guardians=f"{GUARDIANS};Communication adresses;PCS",
        child=NEW_CHILD,
    ),
    [
        Room("PSMS", "PS MS Petits cœurs", {"TPS": 1, "PS": 8, "MS": 7}, 26),
        Room("GSCP", "Grands et CP", {"GS": 9, "CP": 7}, 27),
        Room("CE", "CE1 CE2", {"CE1": 8, "CE2": 8, "UPE2A": 1}, 28),
        Room(
            "CM",
            "Classe de CM1 et CM2 de Mme ÉGLANTINE et de M. D’ÉPERVIER, qui se relaient à mi-temps "
            "à l’étage du bâtiment B, salle des Hirondelles",
            {"CM1": 9, "CM2": 9},
            30,
        ),
    ],
    "PSMS+CE PSMS+CE PSMS+CM GSCP+CM GSCP+CM:1 GSCP+CM CM:0",
    shares={"activated": 23, "activated self": 9, "franceconnect": 6, "activating": 5}
    | {"activating self": 1, "notified": 18, "expired": 8},
)
NOIRON = School(
    *("0210749A", "École élémentaire publique de Noiron-sous-Gevrey", "Dijon Sud"),
    Dialect("utf-8", "\r\n", civilities=("M", "Mme")),
    [
        Room("PS", "PS", {"TPS": 1, "PS": 14}, 25),
        Room("MSGS", "MS GS", {"MS": 9, "GS": 8}, 29),
        Room("CP", "CP A", {"CP": 16}, 24),
        Room("CE", "CE1 CE2", {"CE1": 10, "CE2": 8}, 30),
        Room("CM", "CM1 CM2", {"CM1": 8, "CM2": 9}, 28),
    ],
    "PS+CP PS+CE:1 PS+CM MSGS+CE MSGS+CM CP+CM PS+CP+CM CP+CP CP:0",
    shares={"activated": 6, "activated self": 2, "franceconnect": 2, "activating": 2}
    | {"activating self": 1, "notified": 6, "expired": 45},
)
SCHOOLS = (SAINT_SULPICE, BEZE, VAROIS, NOIRON)
ROOMS = {f"{school.uai}/{room.key}": room for school in SCHOOLS for room in school.rooms}

# Mothers of one child: its seat, the family name, her first name, the child's.
LONG_NAME = "MARTIN-PÊCHEUR DES HAUTES HERBES ET DES ROSEAUX-BLANCS-DE-LA-RIVIÈRE"
CAST = (
    ("0210507M/PSMS", "CORMORAN", "Gaëlle", "Lubin"),  # homonym guardians
    ("0210507M/CM", "CORMORAN", "Gaëlle", "Cléo"),
    ("0210749A/CE", "TOURTERELLE", "Mélanie", "Zoé"),  # homonym students
    ("0210749A/CM", "TOURTERELLE", "Séverine", "Zoé"),
    ("0210749A/MSGS", LONG_NAME, "Marie-Noëlle", "Pierre-Louis"),
)

# What Saint-Sulpice must show: guardians, then guardians per state; all ("") and per class.
FIGURES = {
    "": (238, 230, 5, 1, 2),
    "PSMS": (24, 24, 0, 0, 0),
    "PS": (27, 25, 1, 0, 1),
    "MSGS": (25, 24, 0, 0, 1),
    "GS": (28, 28, 0, 0, 0),
}
STUDENT_FIGURES = (157, 2)  # students, students with an activated guardian


@dataclass
class Person:
    female: bool
    birth_name: str
    usage_name: str
    first_name: str

    @property
    def full_name(self) -> str:
        return f"{self.usage_name or self.birth_name} {self.first_name}"


@dataclass
class Student(Person):
    born_on: date
    ine: str
    level: str
    seat: str  # UAI/key of the class
    homes: Sequence[str]

    @property
    def label(self) -> str:
        return ROOMS[self.seat].label


@dataclass
class Guardian(Person):
    home: str
    students: Sequence[Student]
    email: str
    mobile: str
    landline: str
    identifier: str
    kind: str = ""
    distributed_on: date | None = None
    last_access_on: date | None = None

    def children(self, uai: str) -> list[Student]:
        return [student for student in self.students if student.seat.startswith(uai)]


class Family(NamedTuple):
    seats: Sequence[str]
    guardians: int
    surname: str = ""
    guardian: str = ""
    child: str = ""


def planned_families(rng: Random) -> list[Family]:
    """The cast, the listed families, then those of one child that complete each class."""
    families = [Family([seat], 1, *names) for seat, *names in CAST]
    for school in SCHOOLS:
        for text in school.families.split():
            keys, _, guardians = text.partition(":")
            seats = [key if "/" in key else f"{school.uai}/{key}" for key in keys.split("+")]
            families.append(Family(seats, int(guardians or 2)))
    for seat, room in ROOMS.items():
        here = [family for family in families if seat in family.seats]
        students = sum(room.levels.values()) - sum(f.seats.count(seat) for f in here)
        couples = room.guardians - sum(f.guardians for f in here) - students
        sizes = [2] * couples + [1] * (students - couples)
        families += [Family([seat], size) for size in rng.sample(sizes, students)]
    return families


class Population:
    """Everybody, drawn from one seeded generator; no two share their names but in the cast."""

    def __init__(self, rng: Random) -> None:
        self.students: list[Student] = []
        self.guardians: list[Guardian] = []
        self._rng = rng
        self._surnames = dealt(SURNAMES, rng)
        self._names: set[tuple[str, str]] = set()
        self._emails: Counter[str] = Counter()
        self._serials = count(1)
        self._numbers = rng.sample(range(9_000), 2_000)
        self._identifiers = rng.sample(range(32**8), 2_000)
        self._levels = {seat: list(Counter(room.levels).elements()) for seat, room in ROOMS.items()}
        for levels in self._levels.values():
            rng.shuffle(levels)

    def add(self, family: Family) -> None:
        """Draw a family, its parents living together or, three times in ten, apart."""
        rng, latin_1 = self._rng, any(seat.startswith(BEZE.uai) for seat in family.seats)
        name, other = family.surname or self._surname(latin_1), self._surname(latin_1)
        apart = not family.surname and rng.random() < 0.3
        homes = [f"{rng.randint(1, 99)} {rng.choice(STREETS)}" for _ in range(1 + apart)]
        usage = f"{name}-{other}" if apart and rng.random() < 0.3 else ""
        students = self._students(family, (name, usage), homes)
        parents: list[Guardian] = []
        for female in self._sexes(family):
            names = (other, "") if apart and parents else (name, "")
            if female and not apart and not family.surname:
                names = rng.choice(((other, name), (other, name), (other, ""), (name, "")))
            home = homes[-1] if parents else homes[0]
            parents.append(self._guardian(female, names, family.guardian, home, students))
        if len(parents) == 2 and not apart and rng.random() < 0.1:
            parents[1].email = parents[0].email
        self.students += students
        self.guardians += parents

    def open_accounts(self, school: School) -> None:
        """Give the school's guardians their accounts, unless another school already did."""
        guardians = [g for g in self.guardians if g.children(school.uai)]
        waiting = [guardian for guardian in guardians if not guardian.kind]
        kinds = [kind for kind, n in school.shares.items() for _ in range(len(waiting) * n // 100)]
        kinds += ["new"] * (len(waiting) - len(kinds))
        for guardian, kind in zip(waiting, self._rng.sample(kinds, len(kinds)), strict=True):
            guardian.kind = kind
        for key, placed in school.placed.items():
            fit = (g for g in waiting if [s.seat for s in g.students] == [f"{school.uai}/{key}"])
            for kind, guardian in zip(placed, fit, strict=False):
                guardian.kind = kind
        for guardian in waiting:
            self._set_dates(guardian)
        self._forget_contacts(guardians)

    def _set_dates(self, guardian: Guardian) -> None:
        kind, days = KINDS[guardian.kind], 390
        if kind.distributed:
            days = self._rng.randint(*kind.distributed)
            guardian.distributed_on = DEMO_DAY - timedelta(days)
        if kind.state == ACTIVATED:  # most were here lately, some have long been away
            guardian.last_access_on = DEMO_DAY - timedelta(int(days * self._rng.random() ** 3))

    def _forget_contacts(self, guardians: Sequence[Guardian]) -> None:
        """Leave contacts out, save those an account needs and those that tie two schools."""
        free = [g for g in guardians if len({s.seat[:8] for s in g.students}) == 1]
        by_mobile = [g for g in free if KINDS[g.kind].origin != SELF_REGISTERED]
        by_email = [g for g in free if KINDS[g.kind].state in (NOT_NOTIFIED, NOTIFIED)]
        for guardian in self._rng.sample(by_mobile, len(guardians) * 18 // 100):
            guardian.mobile = ""
        for guardian in self._rng.sample(by_email, len(guardians) * 15 // 100):
            guardian.email = ""

    def _students(
        self, family: Family, names: tuple[str, str], homes: Sequence[str]
    ) -> list[Student]:
        rng, students = self._rng, []
        birthdays: dict[str, date] = {}  # siblings of one level are twins
        for seat in family.seats:
            level = self._levels[seat].pop()
            birthday = date(BIRTH_YEARS[level], 1, 1) + timedelta(rng.randrange(365))
            born_on = birthdays.setdefault(level, birthday)
            female = family.child in FIRST_NAMES[1] if family.child else rng.random() < 0.5
            first = family.child or self._first_name(female, names)
            # An INE with too many zeros to be anybody's; one student in twelve has none yet.
            ine = f"{next(self._serials):09}{rng.choice('ABCDEF')}Z" if rng.random() > 0.08 else ""
            students.append(Student(female, *names, first, born_on, ine, level, seat, homes))
        return students

    def _guardian(
        self, female: bool, names: tuple[str, str], first: str, home: str, students: list[Student]
    ) -> Guardian:
        first = first or self._first_name(female, names)
        email = self._email(f"{first} {names[1] or names[0]}")
        digits = f"{self._numbers.pop():04}"
        landline = f"035301{digits}" if self._rng.random() < 0.3 else ""
        phones = (f"063998{digits}", landline)
        return Guardian(female, *names, first, home, students, email, *phones, self._identifier())

    def _sexes(self, family: Family) -> tuple[bool, ...]:
        alone = (True,) if family.guardian else (self._rng.random() < 0.8,)
        couple = self._rng.choice(((False, True),) * 14 + ((True, True), (False, False)))
        return ((), alone, couple)[family.guardians]

    def _surname(self, latin_1: bool) -> str:
        """The next name; ISO-8859-1 has neither œ nor the curved apostrophe."""
        return next(name for name in self._surnames if not (latin_1 and set("Œ’") & set(name)))

    def _first_name(self, female: bool, surnames: tuple[str, str]) -> str:
        while True:
            first = self._rng.choice(FIRST_NAMES[female])
            keys = {(surname, first) for surname in surnames if surname}
            if not keys & self._names:
                self._names |= keys
                return first

    def _email(self, name: str) -> str:
        stem = re.sub(r"[^a-z0-9]+", ".", plain(name))[:60]  # mail systems take 64 characters
        self._emails[stem] += 1
        return f"{stem}{self._emails[stem] if self._emails[stem] > 1 else ''}@famille.example"

    def _identifier(self) -> str:
        number = self._identifiers.pop()
        digits = [number >> shift & 31 for shift in range(0, 40, 5)]
        text = "".join("0123456789abcdefghjkmnpqrstvwxyz"[digit] for digit in digits)
        return f"{text[:4]}-{text[4:]}"


def dealt(names: Sequence[str], rng: Random) -> Iterator[str]:
    """Each name in turn, shuffled anew once all are dealt."""
    while True:
        yield from rng.sample(names, len(names))


def plain(text: str) -> str:
    """Lower case without accents: for sorting, e-mail addresses and names of columns."""
    parts = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe"))
    return "".join(c for c in parts if not unicodedata.combining(c)).strip()


def check(population: Population) -> None:
    """Raise unless Saint-Sulpice shows its figures."""
    uai = SAINT_SULPICE.uai
    guardians = [g for g in population.guardians if g.children(uai)]
    for key, expected in FIGURES.items():
        seats = {f"{uai}/{key or room.key}" for room in SAINT_SULPICE.rooms}
        here = [g for g in guardians if seats & {s.seat for s in g.students}]
        states = Counter(KINDS[g.kind].state for g in here)
        found = (len(here), *(states[state] for state in STATES))
        if found != expected:
            raise ValueError(f"Saint-Sulpice {key}: {found} instead of {expected}")
    reached = {id(student) for g in guardians if g.last_access_on for student in g.students}
    students = sum(student.seat.startswith(uai) for student in population.students)
    if (students, len(reached)) != STUDENT_FIGURES:
        raise ValueError(f"Saint-Sulpice: {students} students, {len(reached)} of them reached")


def student_cells(student: Student, dialect: Dialect) -> dict[str, str]:
    year = student.born_on.year
    cells = {
        "nom eleve": student.birth_name,
        "nom d'usage eleve": student.usage_name,
        "prenom eleve": student.first_name,
        "date naissance": student.born_on.strftime(dialect.dates),
        "sexe": dialect.sexes[student.female],
        "ine": student.ine,
        "cycle": "CYCLE " + "I" * (1 + (year < 2021) + (year < 2018)),
        "niveau": student.level,
        "classe": student.label,
        "libelle classe": student.label,
        "identifiant classe": f"{90_000 + list(ROOMS).index(student.seat)}",
        "attestation fournie": "Oui",
        "autorisation photo": "Non",
        "autorisations photos": "Non",
        "regroupement(s)": "Chorale",
        "dispositif(s)": "" if student.level in LEVELS else student.level,
    }
    for n, home in enumerate(student.homes, 1):
        cells |= {f"adresse{n}": home, f"cp{n}": POSTCODE, f"commune{n}": TOWN}
        cells[f"pays{n}"] = COUNTRY
    return cells


def guardian_cells(guardian: Guardian, dialect: Dialect, rng: Random) -> dict[str, str]:
    man, *women = dialect.civilities[:2] if guardian.usage_name else dialect.civilities
    mobile = guardian.mobile
    spellings = (mobile, " ".join(re.findall("..", mobile)), f"+33{mobile[1:]}")
    return {
        "civilite responsable": rng.choice(women) if guardian.female else man,
        "nom usage responsable": guardian.usage_name,
        "nom responsable": guardian.birth_name,
        "prenom responsable": guardian.first_name,
        "adresse responsable": guardian.home,
        "cp responsable": POSTCODE,
        "commune responsable": TOWN,
        "pays": COUNTRY,
        "courriel": guardian.email,
        "telephone domicile": guardian.landline,
        "telephone portable": rng.choice(spellings) if mobile else "",
        "communication adresses": "Oui",
        "pcs": f"{rng.randint(10, 86)}",
    }


def child_cells(student: Student, dialect: Dialect, rng: Random) -> dict[str, str]:
    """A child in a guardian's row, whose class is now and then typed in another way."""
    label = student.label
    others = (label.lower(), label.upper(), label.replace(" ", "  "))
    cells = {
        "nom d'usage enfant": student.usage_name,
        "nom de famille enfant": student.birth_name,
        "prenom enfant": student.first_name,
        "date de naissance enfant": student.born_on.strftime(dialect.dates),
        "classes enfants": rng.choice((label,) * 9 + others),
    }
    return cells | {key.replace("enfant", "eleve"): cell for key, cell in cells.items()}


def row(columns: str, cells: dict[str, str]) -> list[str]:
    return [cells.get(plain(column), "") for column in columns.split(";")]


def encoded(rows: Iterable[Sequence[str]], dialect: Dialect) -> bytes:
    """No cell holds a separator or a quotation mark, so none needs escaping."""
    quote = '"' if dialect.quoted else ""
    lines = (";".join(cell and f"{quote}{cell}{quote}" for cell in cells) for cells in rows)
    return "".join(line + dialect.newline for line in lines).encode(dialect.encoding)


def students_file(school: School, students: Sequence[Student]) -> bytes:
    columns = school.dialect.students
    rows = [row(columns, student_cells(student, school.dialect)) for student in students]
    return encoded([columns.split(";"), *rows], school.dialect)


def guardians_file(school: School, guardians: Sequence[Guardian], rng: Random) -> bytes:
    """Ragged rows: a group of columns per child, sometimes empty columns after the last."""
    dialect = school.dialect
    most = max(len(guardian.children(school.uai)) for guardian in guardians)
    rows = [";".join([dialect.guardians, *[dialect.child] * most]).split(";")]
    for guardian in guardians:
        cells = row(dialect.guardians, guardian_cells(guardian, dialect, rng))
        for student in guardian.children(school.uai):
            cells += row(dialect.child, child_cells(student, dialect, rng))
        rows.append(cells + [""] * rng.choice((0, 0, 0, 1, 4)))
    return encoded([*rows, *(line.split(";") for line in dialect.organisations)], dialect)


def account_row(school: School, guardian: Guardian) -> list[str]:
    children, kind = guardian.children(school.uai), KINDS[guardian.kind]
    days = (guardian.distributed_on, guardian.last_access_on)
    cells = [
        ", ".join(student.full_name for student in children),
        ", ".join(dict.fromkeys(student.label for student in children)),
        *(guardian.full_name, guardian.identifier, guardian.email, kind.origin, kind.state),
        *(day.strftime(FRENCH_DATE) if day else "" for day in days),
        *(school.uai, school.name, "Mme" if guardian.female else "M."),
        *(guardian.birth_name, guardian.usage_name, guardian.first_name, guardian.mobile),
    ]
    for student in children:
        cells += [student.birth_name, student.usage_name, student.first_name]
        cells += [student.born_on.strftime(FRENCH_DATE), student.level, student.label]
    return cells


def accounts_file(school: School, guardians: Sequence[Guardian]) -> bytes:
    """The list in this project's export format, every row as long as the longest."""
    rows = sorted((account_row(school, g) for g in guardians), key=lambda cells: plain(cells[0]))
    most = max(len(guardian.children(school.uai)) for guardian in guardians)
    groups = [ACCOUNT_CHILD.format(number) for number in range(1, most + 1)]
    header = ";".join([ACCOUNT, *groups]).split(";")
    padded = [cells + [""] * (len(header) - len(cells)) for cells in rows]
    return encoded([header, *padded], Dialect("utf-8-sig", "\r\n"))


def make_files() -> dict[str, bytes]:
    """Every file's name and content."""
    rng = Random(SEED)
    population = Population(rng)
    for family in planned_families(rng):
        population.add(family)
    for school in SCHOOLS:
        population.open_accounts(school)
    check(population)
    listed = [("uai", "name", "district"), *((s.uai, s.name, s.district) for s in SCHOOLS)]
    files = {"schools.csv": encoded(listed, Dialect("utf-8"))}
    seats = list(ROOMS)
    students = sorted(population.students, key=lambda s: (seats.index(s.seat), plain(s.full_name)))
    guardians = sorted(population.guardians, key=lambda g: plain(g.full_name))
    for school in SCHOOLS:
        pupils = [s for s in students if s.seat.startswith(school.uai)]
        parents = [g for g in guardians if g.children(school.uai)]
        files[f"{school.uai}_students.csv"] = students_file(school, pupils)
        files[f"{school.uai}_guardians.csv"] = guardians_file(school, parents, rng)
        files[f"{school.uai}_accounts.csv"] = accounts_file(school, parents)
    return files


def main(arguments: Sequence[str]) -> None:
    folder = Path(arguments[0]) if arguments else Path(__file__).parent / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in make_files().items():
        (folder / name).write_bytes(content)


if __name__ == "__main__":
    main(sys.argv[1:])
