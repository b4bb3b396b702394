"""Bringing a school's two ONDE extractions into the store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from dashboard.domain.corrections import GUARDIANS, STUDENTS, Corrections, Decisions, Recognised
from dashboard.domain.directory import normal_uai
from dashboard.domain.errors import Refused
from dashboard.domain.french import plural
from dashboard.domain.merging import Tally, plan_merge
from dashboard.domain.names import clean
from dashboard.domain.people import contacts
from dashboard.domain.problem import Problem, Problems, Severity
from dashboard.domain.reconciliation import Reconciliation, reconcile
from dashboard.domain.roster import Roster, make_roster
from dashboard.domain.scope import PeopleScope
from dashboard.inputs.onde import read_guardians, read_students
from dashboard.store import rosters
from dashboard.store.engine import Store
from dashboard.store.schools import find_school, save_school

# More leavers than this share, in one import, is more likely a partial file than a school's year.
_MANY_LEAVERS = 0.5

_ANSWER = (
    "Rien n'a été importé : relancez la même commande avec une réponse pour chaque ligne ci-dessus."
)

KINDS = {
    "classes": "classes",
    "students": "élèves",
    "guardians": "responsables",
    "links": "rattachements",
}
_NOT_ROWS = "classes"


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did (or would do): what became of each row, by kind, and warnings.

    `tallies` are of what is stored, `rows` of what was read, by kind of thing. `readings` say how
    each file was read: its encoding, the columns that it lacks and those that were not used.
    """

    uai: str
    tallies: dict[str, Tally]
    warnings: Sequence[Problem]
    rows: Mapping[str, Reconciliation]
    recognised: Sequence[Recognised]
    readings: Sequence[str]

    def lines(self) -> list[str]:
        """What became of the rows, what is left to do, and how the files were read, in French."""
        lines = [f"{KINDS[kind]} : {self._text(kind)}{self._despite(kind)}" for kind in KINDS]
        unclear = self.rows["guardians"].to_clarify, self.rows["links"].to_clarify
        if any(unclear):
            lines.append(_what_to_clarify(self.uai, *unclear))
        return [*lines, *self.readings]

    def _text(self, kind: str) -> str:
        if kind != _NOT_ROWS:
            return self.rows[kind].text()
        t = self.tallies[kind]
        return (
            f"{plural(t.created, 'créé')}, {plural(t.changed, 'modifié')}, "
            f"{plural(t.unchanged, 'inchangé')}, {plural(t.left, 'parti')}"
        )

    def _despite(self, kind: str) -> str:
        """How many of a kind were recognised although the files spell them otherwise now."""
        count = sum(one.kind == kind for one in self.recognised)
        return f" ; {plural(count, 'reconnu')} malgré une correction" if count else ""


def _what_to_clarify(uai: str, guardians: int, children: int) -> str:
    return (
        f"à préciser : {plural(children, 'enfant')}, et "
        f"{plural(guardians, 'responsable')} sans élève reconnu ; filtre « Enfant à préciser », ou "
        f"educonnect accounts --school {uai} --to-clarify"
    )


class _DryRun(Exception):
    """Unwinds a transaction that was only tried."""


def import_roster(
    store: Store,
    uai: str,
    students_file: Path,
    guardians_file: Path,
    today: date,
    *,
    name: str = "",
    district: str = "",
    dry_run: bool = False,
    decisions: Decisions | None = None,
) -> ImportReport:
    """Make the store agree with a school's newest extractions, in one transaction.

    Args:
        decisions: who of the files is somebody known, or new, where the files leave it open.

    Raises:
        Refused: with every error of both files, or with the people of whom somebody has to say
            whether they are known; nothing was written.
    """
    uai, read = _checked(uai, students_file, guardians_file, today)
    roster, warnings = read.roster, [*read.warnings]
    shared = {contact for guardian in roster.guardians for contact in contacts(guardian)}
    try:
        with store.transaction() as transaction:
            school = find_school(transaction, uai)
            known = rosters.known_school(transaction, PeopleScope.schools(uai), shared)
            plan = plan_merge(
                known,
                roster,
                rosters.student_numbers(transaction),
                rosters.account_numbers(transaction),
                whole_school=True,
                decisions=decisions,
            )
            told = _corrections(plan.corrections, students_file.name, guardians_file.name)
            warnings += told
            name = clean(name)
            renamed = school is None or bool(name and name != school.name)
            if renamed or not plan.changes_nothing:
                save_school(transaction, uai, name, district, school)
                rosters.write_plan(transaction, uai, plan, known, today)
            if dry_run:
                raise _DryRun
    except _DryRun:
        pass
    warnings += _warn_of_leavers(plan.tallies["students"], students_file)
    rows = reconcile(plan.roster, plan, known)
    return ImportReport(
        uai, plan.tallies, warnings, rows, plan.corrections.recognised, read.readings
    )


@dataclass(frozen=True, slots=True)
class RosterRead:
    """The roster that two extractions make, its warnings, and how the files were read."""

    roster: Roster
    warnings: Sequence[Problem]
    readings: Sequence[str]


def _checked(
    uai: str, students_file: Path, guardians_file: Path, today: date
) -> tuple[str, RosterRead]:
    """The normal UAI and what was read; refused with what is wrong with any of them."""
    reasons: list[object] = []
    try:
        uai = normal_uai(uai)
    except ValueError as error:
        reasons.append(f"{Severity.ERROR} : {error}")
    try:
        read = read_roster(students_file, guardians_file, today)
    except Refused as refused:
        raise Refused([*reasons, *refused.reasons]) from refused
    if reasons:
        raise Refused([*reasons, *read.warnings])
    return uai, read


def read_roster(students_file: Path, guardians_file: Path, today: date) -> RosterRead:
    """The roster that two extractions make.

    Raises:
        Refused: with every error of both files.
    """
    student_problems = Problems(students_file.name)
    guardian_problems = Problems(guardians_file.name)
    students = read_students(students_file, student_problems, today)
    guardians = read_guardians(guardians_file, guardian_problems)
    roster = make_roster(students, guardians, student_problems, guardian_problems)
    found = student_problems.all() + guardian_problems.all()
    if student_problems.has_errors or guardian_problems.has_errors:
        raise Refused(found)
    readings = [
        line for of in (student_problems, guardian_problems) for line in of.reading.lines(of.file)
    ]
    return RosterRead(roster, found, readings)


def _corrections(found: Corrections, students_file: str, guardians_file: str) -> list[Problem]:
    """A warning for each person recognised in spite of a correction.

    Raises:
        Refused: with what is to be answered first.
    """
    problems = {STUDENTS: Problems(students_file), GUARDIANS: Problems(guardians_file)}
    for question in found.questions:
        problems[question.kind].error(question.message, question.line)
    for one in found.recognised:
        problems[one.kind].warning(one.message, one.line)
    told = [problem for of_file in problems.values() for problem in of_file.all()]
    if found.questions:
        raise Refused([*told, _ANSWER])
    return told


def _warn_of_leavers(students: Tally, students_file: Path) -> list[Problem]:
    before = students.unchanged + students.changed + students.left
    if students.left <= before * _MANY_LEAVERS:
        return []
    problems = Problems(students_file.name)
    problems.warning(
        f"{students.left} élèves sur {before} ont quitté l'école d'après ce fichier. "
        "L'extraction est-elle complète ?"
    )
    return problems.all()
