"""Whether who has left a school's files and who has come are one person, by rules as a table.

A corrected spelling makes a leaver and an arrival out of one person. What both share decides: the
same, so that account and links stay; in doubt, so that somebody is asked; or two people. A wrong
"the same" shows a family's children to a stranger, so what is shared must be enough.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Set
from dataclasses import dataclass
from datetime import date
from enum import Enum, IntEnum, StrEnum

from dashboard.domain.names import class_key, name_key
from dashboard.domain.people import Guardian, Student, contacts, guardian_identity
from dashboard.domain.spelling import Likeness, likeness, one_edit_apart


class Verdict(Enum):
    """What the evidence makes of a leaver and an arrival."""

    SAME = "same"
    ASK = "ask"
    OTHER = "other"


class Fact(StrEnum):
    """What a leaver and an arrival may share beside their names, as a message says it."""

    CHILD = "même enfant"
    CONTACT = "même adresse ou même mobile"
    OWN_CONTACT = "que personne d'autre n'a"
    INE = "même INE"
    CHILDLESS = "aucun enfant nommé"
    GUARDIAN = "même responsable"
    CLASS = "même classe"
    BORN = "même date de naissance"
    BORN_NEARLY = "date de naissance proche"


class Civility(IntEnum):
    """Whether two civilities agree; parents may share all but these."""

    CONTRARY = 0
    UNKNOWN = 1
    SAME = 2


@dataclass(frozen=True, slots=True)
class Rule:
    """What two people must share, at least, for a verdict."""

    verdict: Verdict
    shared: frozenset[Fact]
    family: Likeness
    first: Likeness
    civility: Civility = Civility.UNKNOWN


_Row = (
    tuple[Verdict, Iterable[Fact], Likeness, Likeness]
    | tuple[Verdict, Iterable[Fact], Likeness, Likeness, Civility]
)


def _rules(*rows: _Row) -> tuple[Rule, ...]:
    return tuple(_rule(*row) for row in rows)


def _rule(
    verdict: Verdict,
    shared: Iterable[Fact],
    family: Likeness,
    first: Likeness,
    civility: Civility = Civility.UNKNOWN,
) -> Rule:
    return Rule(verdict, frozenset(shared), family, first, civility)


_SAME, _ASK = Verdict.SAME, Verdict.ASK
_CHILD, _CONTACT, _OWN_CONTACT = Fact.CHILD, Fact.CONTACT, Fact.OWN_CONTACT
_CHILDLESS = Fact.CHILDLESS
_INE, _GUARDIAN, _CLASS = Fact.INE, Fact.GUARDIAN, Fact.CLASS
_BORN, _NEARLY = Fact.BORN, Fact.BORN_NEARLY
_OTHER, _ENDING, _CLOSE, _EQUAL = Likeness

# The first rule that is met decides; none makes two people. Columns: the verdict, what is shared,
# how alike family name and first name are at least, and the civilities.
GUARDIAN_RULES = _rules(
    # With another family name, an address of the whole household may be a new partner's.
    (_SAME, {_CHILD, _OWN_CONTACT}, _OTHER, _EQUAL, Civility.SAME),
    (_SAME, {_CHILD, _CONTACT}, _CLOSE, _CLOSE, Civility.SAME),
    (_SAME, {_CHILD, _CONTACT}, _EQUAL, _ENDING, Civility.SAME),
    (_SAME, {_CHILD}, _CLOSE, _EQUAL),
    (_SAME, {_CHILD}, _EQUAL, _CLOSE, Civility.SAME),
    (_SAME, {_CONTACT}, _EQUAL, _EQUAL),
    (_SAME, {_CONTACT}, _CLOSE, _EQUAL, Civility.SAME),
    (_SAME, {_CONTACT}, _EQUAL, _CLOSE, Civility.SAME),
    (_ASK, {_CHILD, _CONTACT}, _OTHER, _OTHER),
    (_ASK, {_CHILD}, _CLOSE, _OTHER),
    (_ASK, {_CHILD}, _OTHER, _ENDING),
    (_ASK, {_CONTACT}, _OTHER, _EQUAL),
    (_ASK, {_CONTACT}, _EQUAL, _OTHER),
    (_ASK, {_CONTACT}, _CLOSE, _ENDING),
    (_ASK, (), _EQUAL, _EQUAL),
    (_ASK, {_CHILDLESS}, _CLOSE, _EQUAL),
    (_ASK, {_CHILDLESS}, _EQUAL, _CLOSE),
    # A civility may have been the mistake, if nothing else speaks for two people.
    (_ASK, {_CHILD}, _CLOSE, _CLOSE, Civility.CONTRARY),
    (_ASK, {_CONTACT}, _CLOSE, _CLOSE, Civility.CONTRARY),
)
STUDENT_RULES = _rules(
    (_SAME, {_GUARDIAN}, _EQUAL, _EQUAL),
    (_SAME, {_CLASS, _NEARLY}, _EQUAL, _EQUAL),
    (_SAME, {_BORN, _GUARDIAN}, _OTHER, _EQUAL),
    (_SAME, {_BORN, _CLASS}, _CLOSE, _EQUAL),
    (_SAME, {_BORN, _GUARDIAN}, _EQUAL, _CLOSE),
    (_SAME, {_BORN, _CLASS}, _EQUAL, _CLOSE),
    (_ASK, {_INE}, _OTHER, _OTHER),
    (_ASK, (), _EQUAL, _EQUAL),
    (_ASK, {_BORN, _GUARDIAN}, _OTHER, _OTHER),
    (_ASK, {_BORN, _CLASS}, _EQUAL, _OTHER),
    (_ASK, {_BORN, _CLASS}, _CLOSE, _ENDING),
    (_ASK, {_BORN, _CLASS}, _OTHER, _EQUAL),
    (_ASK, {_BORN}, _CLOSE, _EQUAL),
    (_ASK, {_BORN}, _EQUAL, _ENDING),
    (_ASK, {_GUARDIAN}, _OTHER, _EQUAL),
    (_ASK, {_CLASS}, _CLOSE, _EQUAL),
    (_ASK, {_CLASS, _GUARDIAN}, _EQUAL, _CLOSE),
    (_ASK, {_NEARLY, _GUARDIAN}, _EQUAL, _CLOSE),
    (_ASK, {_NEARLY, _GUARDIAN, _CLASS}, _EQUAL, _OTHER),
)
# What is the same for more people than this tells nobody apart: the school's own address, say.
MOST_HOLDERS = 8


@dataclass(frozen=True, slots=True)
class GuardianTrace:
    """A guardian with what tells their children, and the contacts that few others have.

    Children are told by the numbers of students, or by names where none could be found.

    `state` is that of the account as a message says it; `earlier`: gone since an earlier import.
    `household` are the contacts that somebody else of the file has too. Of who is `childless`, a
    row names no child.
    """

    guardian: Guardian
    students: frozenset[Hashable]
    contacts: frozenset[str]
    state: str = ""
    earlier: bool = False
    household: frozenset[str] = frozenset()
    childless: bool = False

    @property
    def clues(self) -> Set[Hashable]:
        """What two traces must share something of to be compared."""
        clues = {*self.contacts, *self.students, *_full_names(self.guardian)}
        names = {*_family_names(self.guardian), _joined(self.guardian.first_name)}
        return clues | {("", name) for name in names if self.childless}


@dataclass(frozen=True, slots=True)
class StudentTrace:
    """A student with what tells their guardians; `earlier`: gone since an earlier import."""

    student: Student
    guardians: frozenset[Hashable]
    earlier: bool = False

    @property
    def clues(self) -> Set[Hashable]:
        """What two traces must share something of to be compared."""
        student = self.student
        first = _joined(student.first_name)
        names = {*_family_names(student), first}
        born = {student.born_on} - {None}
        clues: set[Hashable] = {*born, *({student.ine} - {""}), *self.guardians}
        clues.update((day, name) for day in born for name in names)
        clues.update((label, first) for label in _labels(student))
        return clues | _full_names(student)


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, and the evidence for it as a message says it."""

    verdict: Verdict
    evidence: str = ""


def judge_guardians(old: GuardianTrace, new: GuardianTrace, shared: Set[Hashable]) -> Judgement:
    """Whether a leaver and an arrival are one guardian.

    Args:
        shared: the clues of both that not too many others have.
    """
    facts = set()
    if old.students & new.students & shared:
        facts.add(Fact.CHILD)
    if common := old.contacts & new.contacts & shared:
        facts.add(Fact.CONTACT)
        facts.update({Fact.OWN_CONTACT} if common - new.household else ())
    if old.childless and new.childless:
        facts.add(Fact.CHILDLESS)
    judgement = _judged(
        GUARDIAN_RULES,
        facts,
        _family_likeness(old.guardian, new.guardian),
        likeness(old.guardian.first_name, new.guardian.first_name),
        _civility(old.guardian, new.guardian),
    )
    return _of_earlier(judgement, facts >= {_CHILD, _CONTACT}) if old.earlier else judgement


def judge_students(old: StudentTrace, new: StudentTrace, shared: Set[Hashable]) -> Judgement:
    """Whether a leaver and an arrival are one student.

    Args:
        shared: the clues of both that not too many others have.
    """
    before, now = old.student, new.student
    facts = set(_birth(before.born_on, now.born_on))
    if old.guardians & new.guardians & shared:
        facts.add(Fact.GUARDIAN)
    if _labels(before) & _labels(now):
        facts.add(Fact.CLASS)
    if before.ine and before.ine == now.ine:
        facts.add(Fact.INE)
    judgement = _judged(
        STUDENT_RULES,
        facts,
        _family_likeness(before, now),
        likeness(before.first_name, now.first_name),
    )
    if before.ine and now.ine and before.ine != now.ine:
        judgement = doubted(judgement)
    return _of_earlier(judgement, _GUARDIAN in facts) if old.earlier else judgement


def doubted(judgement: Judgement) -> Judgement:
    """The same evidence, of which somebody has to make up their mind."""
    known_as = Verdict.ASK if judgement.verdict is Verdict.SAME else judgement.verdict
    return Judgement(known_as, judgement.evidence)


def same_child(old: Student, new: Student) -> bool:
    """Whether enough beside the INE that both have speaks for one student.

    Of first name, family name and birth date, one may be another: siblings share a family name.
    """
    alike = (
        None in (old.born_on, new.born_on) or old.born_on == new.born_on,
        _family_likeness(old, new) > Likeness.OTHER,
        likeness(old.first_name, new.first_name) > Likeness.OTHER,
    )
    return sum(alike) > 1


class StudentJudge:
    """`judge_students` for a school where some students stay: one may be the twin of an arrival."""

    def __init__(self, staying: Iterable[Student]) -> None:
        self._born: dict[date | None, list[Student]] = defaultdict(list)
        for student in staying:
            self._born[student.born_on].append(student)

    def __call__(self, old: StudentTrace, new: StudentTrace, shared: Set[Hashable]) -> Judgement:
        judgement = judge_students(old, new, shared)
        first = likeness(old.student.first_name, new.student.first_name)
        if judgement.verdict is not Verdict.SAME or first is Likeness.EQUAL:
            return judgement
        pair = old.student, new.student
        others = self._born[new.student.born_on]
        twins = any(_are_like_twins(one, other) for one in pair for other in others)
        return doubted(judgement) if twins else judgement


def _are_like_twins(one: Student, other: Student) -> bool:
    """Whether two children of one birth date and family have names that a slip makes one."""
    return (
        one.born_on is not None
        and one.born_on == other.born_on
        and _family_likeness(one, other) > Likeness.OTHER
        and likeness(one.first_name, other.first_name) > Likeness.OTHER
    )


def _judged(
    rules: tuple[Rule, ...],
    facts: Set[Fact],
    family: Likeness,
    first: Likeness,
    civility: Civility = Civility.UNKNOWN,
) -> Judgement:
    for rule in rules:
        alike = family >= rule.family and first >= rule.first
        if rule.shared <= facts and alike and civility >= rule.civility:
            return Judgement(rule.verdict, _said(facts, family, first))
    return Judgement(Verdict.OTHER)


def _of_earlier(judgement: Judgement, strong: bool) -> Judgement:
    """Who has been gone for longer comes back on strong evidence only, or somebody is asked."""
    if judgement.verdict is Verdict.ASK:
        return Judgement(Verdict.OTHER)
    return judgement if strong else doubted(judgement)


_FIRST = {_EQUAL: "même prénom", _CLOSE: "prénom proche", _ENDING: "prénom proche"}
_FAMILY = {_EQUAL: "même nom", _CLOSE: "nom proche", _ENDING: "nom proche"}


def _said(facts: Set[Fact], family: Likeness, first: Likeness) -> str:
    told = [fact.value for fact in Fact if fact in facts and fact is not Fact.OWN_CONTACT]
    if Fact.BORN in facts:
        told.remove(Fact.BORN_NEARLY.value)
    told += [_FAMILY.get(family, "noms différents"), _FIRST.get(first, "prénoms différents")]
    return ", ".join(told)


def _family_likeness(one: Guardian | Student, other: Guardian | Student) -> Likeness:
    """How alike the nearest of their birth and usage names are; an ending tells no families."""
    found = max(
        (likeness(name, also) for name in _family_names(one) for also in _family_names(other)),
        default=Likeness.OTHER,
    )
    return Likeness.CLOSE if found is Likeness.ENDING else found


def _family_names(person: Guardian | Student) -> frozenset[str]:
    return frozenset({_joined(person.birth_name), _joined(person.usage_name)} - {""})


def _full_names(person: Guardian | Student) -> Set[Hashable]:
    return {(name, _joined(person.first_name)) for name in _family_names(person)}


def _joined(name: str) -> str:
    """A name as `likeness` compares it, where only the same will do."""
    return name_key(name).replace(" ", "")


def _civility(one: Guardian, other: Guardian) -> Civility:
    if not (one.civility and other.civility):
        return Civility.UNKNOWN
    return Civility.SAME if one.civility == other.civility else Civility.CONTRARY


def _labels(student: Student) -> Set[str]:
    return set(map(class_key, student.class_labels)) - {""}


def _birth(one: date | None, other: date | None) -> Set[Fact]:
    if one is None or other is None:
        return {Fact.BORN_NEARLY}
    if one == other:
        return {Fact.BORN, Fact.BORN_NEARLY}
    turned = (one.day, one.month, one.year) == (other.month, other.day, other.year)
    near = turned or one_edit_apart(one.isoformat(), other.isoformat())
    return {Fact.BORN_NEARLY} if near else set()


def identity_clues(guardian: Guardian) -> Set[Hashable]:
    """What tells a guardian of a child who has left and of one who has come."""
    return {guardian_identity(guardian), *contacts(guardian)}
