"""What an import finds out about people whose files were corrected: recognised, or asked about."""

from collections.abc import Mapping, MutableSequence, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from dashboard.domain.french import day
from dashboard.domain.names import name_key
from dashboard.domain.pairing import Answers, Judge, pair
from dashboard.domain.people import Guardian, Student
from dashboard.domain.recognition import (
    GuardianTrace,
    StudentJudge,
    StudentTrace,
    judge_guardians,
)

GUARDIANS, STUDENTS = "guardians", "students"

T = TypeVar("T", bound=GuardianTrace | StudentTrace)


@dataclass(frozen=True, slots=True)
class Decisions:
    """What somebody has said of the arrivals of an import, guardians and students."""

    guardians: Answers = field(default_factory=Answers)
    students: Answers = field(default_factory=Answers)


@dataclass(frozen=True, slots=True)
class Recognised:
    """An arrival who is somebody known under another spelling; the message names both."""

    kind: str
    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody known whom an arrival may be: their key, how they are told, and the evidence."""

    key: str
    told: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Question:
    """An arrival who may be somebody known: nothing is imported until it is answered.

    Without candidates, an answer that was given does not fit, and `told` says why.
    """

    kind: str
    line: int
    told: str
    candidates: tuple[Candidate, ...] = ()

    @property
    def message(self) -> str:
        """The question with the options of the command that answer it."""
        if not self.candidates:
            return self.told
        people = _PEOPLE[self.kind]
        known = " ou ".join(f"{one.told} [{one.evidence}]" for one in self.candidates)
        yes = " ou ".join(f"{people.keep} {self.line}={one.key}" for one in self.candidates)
        return (
            f"{self.told} est-ce la même personne que {known}, qui n'est plus dans le fichier ? "
            f"Ajoutez à la commande {yes} si oui, {people.new} {self.line} si non."
        )


@dataclass(slots=True)
class Corrections:
    """Who was recognised, and what has to be answered before anything can be imported."""

    recognised: list[Recognised] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Words:
    """How a kind of people is spoken of, and the options that answer what is asked of them."""

    keep: str
    new: str
    row: str
    key: str
    kept: str


_PEOPLE = {
    GUARDIANS: _Words(
        "--keep", "--new", "responsable", "compte", "identifiant et état du compte conservés"
    ),
    STUDENTS: _Words(
        "--keep-student", "--new-student", "élève", "élève n°", "rattachements conservés"
    ),
}


@dataclass(frozen=True, slots=True)
class _Side(Generic[T]):
    """The known people who may be meant, the rows of the file, and how they are compared."""

    kind: str
    gone: Mapping[int, T]
    rows: Sequence[T]
    lines: Sequence[int]
    keys: Mapping[int, str]
    judge: Judge[T]


def recognise_students(
    corrections: Corrections,
    found: MutableSequence[int | None],
    gone: Mapping[int, StudentTrace],
    rows: Sequence[StudentTrace],
    answers: Answers,
) -> None:
    """Give the rows that nobody was found for the number of the student who left with them.

    Args:
        found: the number of each row's student, filled in.
        gone: the students of the school who are not among the found.
        rows: the students of the file.
    """
    staying = [row.student for row, number in zip(rows, found, strict=True) if number is not None]
    known = {number for number in found if number is not None} | gone.keys()
    _settle(
        corrections,
        found,
        _Side(
            STUDENTS,
            gone,
            rows,
            [row.student.line for row in rows],
            {number: str(number) for number in known},
            StudentJudge(staying),
        ),
        answers,
    )


def recognise_guardians(
    corrections: Corrections,
    found: MutableSequence[int | None],
    gone: Mapping[int, GuardianTrace],
    rows: Sequence[GuardianTrace],
    identifiers: Mapping[int, str],
    answers: Answers,
) -> None:
    """Give the rows that no account was found for the account of who left with them.

    Args:
        found: the account of each row, filled in.
        gone: the guardians of the school, by account, who are not among the found.
        rows: the guardians of the file.
        identifiers: those of the accounts.
    """
    lines = [row.guardian.line for row in rows]
    side = _Side(GUARDIANS, gone, rows, lines, identifiers, judge_guardians)
    _settle(corrections, found, side, answers)


def _settle(
    corrections: Corrections,
    found: MutableSequence[int | None],
    side: _Side[T],
    answers: Answers,
) -> None:
    forced, misfits = _answered(side, found, answers)
    corrections.questions += misfits
    said_new = {place for place, line in enumerate(side.lines) if line in answers.new}
    arrivals = {
        place: row
        for place, row in enumerate(side.rows)
        if found[place] is None and place not in forced and place not in said_new
    }
    left = {number: one for number, one in side.gone.items() if number not in forced.values()}
    pairs = pair(left, arrivals, side.judge)
    same = {place: (number, "confirmé") for place, number in forced.items()} | pairs.same
    for place, candidates in pairs.asked.items():
        if side.lines[place] in answers.keep and len(candidates) == 1:
            [same[place]] = [(number, "confirmé") for number in candidates]
        else:
            corrections.questions.append(_question(side, place, candidates))
    corrections.questions += _vain(side, answers, [*same, *pairs.asked], found)
    for place, (number, evidence) in sorted(same.items()):
        found[place] = number
        corrections.recognised.append(_recognised(side, place, number, evidence))


def _answered(
    side: _Side[T], found: Sequence[int | None], answers: Answers
) -> tuple[dict[int, int], list[Question]]:
    """The rows of which somebody has said who they are, and the answers that do not fit."""
    places = {line: place for place, line in enumerate(side.lines)}
    words = _PEOPLE[side.kind]
    numbers = {side.keys[number]: number for number in side.gone}
    options: list[tuple[str, int, str | None]] = [
        (words.keep, line, key) for line, key in answers.keep.items()
    ]
    options += [(words.new, line, None) for line in sorted(answers.new)]
    forced: dict[int, int] = {}
    misfits = []
    for option, line, key in options:
        place = places.get(line)
        already = None if place is None else found[place]
        if place is None:
            why = f"aucun {words.row} n'est lu à cette ligne"
        elif already is not None:
            same = key in ("", side.keys[already])
            why = "" if same else f"c'est déjà {words.key} {side.keys[already]}"
        elif key and (key not in numbers or numbers[key] in forced.values()):
            why = f"{words.key} {key} n'est pas à reprendre ici"
        elif key:
            forced[place], why = numbers[key], ""
        else:
            why = ""
        if why:
            misfits.append(Question(side.kind, line, f"{option} {line} : {why}."))
    return forced, misfits


def _vain(
    side: _Side[T], answers: Answers, met: Sequence[int], found: Sequence[int | None]
) -> list[Question]:
    """The answers that say "the same" without saying as whom, where nobody may be meant."""
    keep = _PEOPLE[side.kind].keep
    return [
        Question(side.kind, line, f"{keep} {line} : personne n'est à reprendre pour cette ligne.")
        for place, line in enumerate(side.lines)
        if answers.keep.get(line) == "" and found[place] is None and place not in met
    ]


def _question(side: _Side[T], place: int, candidates: Mapping[int, str]) -> Question:
    known = tuple(
        Candidate(side.keys[number], _told(side.gone[number], side.keys[number]), evidence)
        for number, evidence in candidates.items()
    )
    return Question(side.kind, side.lines[place], _told(side.rows[place]), known)


def _recognised(side: _Side[T], place: int, number: int, evidence: str) -> Recognised:
    before, now = _told(side.gone[number], side.keys[number]), _told(side.rows[place])
    kept = _PEOPLE[side.kind].kept
    message = f"correction reconnue : {before} devient {now} ; {kept} [{evidence}]."
    return Recognised(side.kind, side.lines[place], message)


def _told(trace: GuardianTrace | StudentTrace, key: str = "") -> str:
    """Somebody in the words of a message, with the key of who is known."""
    if isinstance(trace, GuardianTrace):
        guardian = trace.guardian
        facts = [f"compte {key}" if key else "", trace.state]
        name = f"{guardian.civility} {_named(guardian)}".strip()
    else:
        student = trace.student
        facts = [f"n° {key}" if key else "", day(student.born_on), student.class_label]
        name = _named(student)
    told = ", ".join(filter(None, facts))
    return f"{name} ({told})" if told else name


def _named(person: Guardian | Student) -> str:
    """The name that is shown, and the birth name where that is another."""
    birth, usage = person.birth_name, person.usage_name
    hidden = usage and birth and name_key(birth) != name_key(usage)
    return f"{person.full_name}, nom de naissance {birth.upper()}," if hidden else person.full_name
