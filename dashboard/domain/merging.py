"""What a newer roster changes in what is known of a school: a plan, computed before any write."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace

from dashboard.domain.account import Account, State
from dashboard.domain.corrections import (
    Corrections,
    Decisions,
    recognise_guardians,
    recognise_students,
)
from dashboard.domain.names import class_key
from dashboard.domain.people import (
    Guardian,
    Student,
    child_facts,
    civilities_contradict,
    combine,
    contacts,
    guardian_identity,
    student_identity,
)
from dashboard.domain.recognition import (
    MOST_HOLDERS,
    GuardianTrace,
    StudentTrace,
    identity_clues,
    same_child,
)
from dashboard.domain.roster import Roster
from dashboard.domain.stated import OUTSIDE, StatedChild, Why

# Once a guardian has confirmed an e-mail, the school's file no longer decides it.
_EMAIL_IS_THE_GUARDIANS = (State.ACTIVATING, State.ACTIVATED)


@dataclass(frozen=True, slots=True)
class KnownStudent:
    """A student of the school as stored; `left` once they are no longer in its files."""

    student: Student
    left: bool


@dataclass(frozen=True, slots=True)
class KnownGuardian:
    """An account as stored, its guardian, and the students of this school it was ever linked to."""

    guardian: Guardian
    account: Account
    version: int
    students: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class KnownLink:
    """A stored link; class and level repeat the student's, so that counting needs no join."""

    class_label: str
    level: str
    left: bool


@dataclass(frozen=True, slots=True)
class KnownSchool:
    """Everything stored of one school that a roster may change, by account and student number.

    `guardians` also holds accounts of other schools that share a contact with the roster. `stated`
    has the children of each account who could not be told; links lead to their numbers too.
    """

    students: Mapping[int, KnownStudent] = field(default_factory=dict)
    guardians: Mapping[int, KnownGuardian] = field(default_factory=dict)
    links: Mapping[tuple[int, int], KnownLink] = field(default_factory=dict)
    stated: Mapping[int, Sequence[StatedChild]] = field(default_factory=dict)


@dataclass(slots=True)
class Tally:
    """How many things of a kind an import created, changed, left alone, or saw leaving."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    left: int = 0


@dataclass(slots=True)
class Plan:
    """The writes that bring the store to the roster, by account and student number."""

    new_students: dict[int, Student] = field(default_factory=dict)
    changed_students: dict[int, Student] = field(default_factory=dict)
    leaving_students: set[int] = field(default_factory=set)
    new_guardians: dict[int, Guardian] = field(default_factory=dict)
    changed_guardians: dict[int, Guardian] = field(default_factory=dict)
    new_links: dict[tuple[int, int], Student] = field(default_factory=dict)
    changed_links: dict[tuple[int, int], Student] = field(default_factory=dict)
    leaving_links: set[tuple[int, int]] = field(default_factory=set)
    new_stated: dict[tuple[int, int], StatedChild] = field(default_factory=dict)
    changed_stated: dict[tuple[int, int], StatedChild] = field(default_factory=dict)
    tallies: dict[str, Tally] = field(default_factory=dict)
    corrections: Corrections = field(default_factory=Corrections)
    accounts: tuple[int, ...] = ()
    students: tuple[int, ...] = ()
    stated: tuple[tuple[StatedChild, ...], ...] = ()
    roster: Roster = field(default_factory=lambda: Roster((), (), frozenset()))

    @property
    def changes_nothing(self) -> bool:
        tallied = any(t.created or t.changed or t.left for t in self.tallies.values())
        return not (tallied or self.new_stated or self.changed_stated)


def plan_merge(
    known: KnownSchool,
    roster: Roster,
    student_numbers: Iterator[int],
    account_numbers: Iterator[int],
    *,
    whole_school: bool,
    identified: Mapping[int, int] | None = None,
    decisions: Decisions | None = None,
) -> Plan:
    """Compare a roster with what is stored; new students and accounts take the next numbers.

    With `whole_school`, the roster is the school's newest state: it changes what it states
    otherwise, and who is missing from it has left, but for those whom it only spells otherwise.
    While one may be such a person, the plan has a question that `decisions` must answer. Without
    `whole_school`, the roster only adds what is not known yet.
    `identified` gives accounts already told by their identifiers, by place in the roster.
    """
    plan = Plan()
    answers = decisions or Decisions()
    pupils = _find_students(known, roster)
    if whole_school:
        _recognise_students(plan, known, roster, pupils, answers)
    students = _plan_students(plan, known, roster, pupils, student_numbers)
    here = _here(known, roster, students, whole_school=whole_school)
    holders = _find_accounts(known, roster, students, identified or {})
    if whole_school:
        _recognise_guardians(plan, known, roster, students, holders, answers)
    accounts = _plan_guardians(plan, known, roster, holders, account_numbers)
    if whole_school:
        roster = _as_settled(known, roster, accounts, students)
    plan.roster = roster
    wanted = {
        (accounts[one], students[child]): roster.students[child] for one, child in roster.links
    }
    wanted |= _plan_stated(plan, known, accounts, roster.stated, here, set(wanted), student_numbers)
    _plan_links(plan, known, wanted)
    plan.tallies["classes"] = _tally_classes(known, roster)
    if whole_school:
        _plan_leavers(plan, known, set(students), set(wanted))
    else:
        _keep_known(plan)
    plan.accounts, plan.students = tuple(accounts), tuple(students)
    return plan


def _as_settled(
    known: KnownSchool, roster: Roster, accounts: Sequence[int], students: Sequence[int]
) -> Roster:
    """The roster, but that a child of whom somebody has said otherwise cannot be told by it.

    Once the one who was meant has left, the only one of the name may be a stranger's child.
    """
    doubted: dict[int, dict[int, StatedChild]] = defaultdict(dict)
    for place, child in sorted(roster.links):
        account, number = accounts[place], students[child]
        kept, link = known.students.get(number), known.links.get((account, number))
        was_here = kept is not None and not kept.left
        if not was_here or (link is not None and not link.left):
            continue
        facts = child_facts([roster.students[child]], ())
        for said in known.stated.get(account, ()):
            if facts & said.facts() and _was_another(known, account, said, number):
                doubted[place][child] = _stated_as(said, roster.students[child])
    return _without_links(roster, doubted) if doubted else roster


def _was_another(known: KnownSchool, account: int, said: StatedChild, number: int) -> bool:
    """Whether a stated child was said to be another than a student, or was linked to one."""
    if not said.is_to_clarify:
        return said.student_id != number
    before = (n for holder, n in known.links if holder == account and n != number)
    namesakes = (known.students[n].student for n in before if n in known.students)
    return bool(said.facts() & child_facts(namesakes, ()))


def _stated_as(said: StatedChild, student: Student) -> StatedChild:
    """What a row states again of a child, in the class that it states if that is the student's."""
    same = class_key(said.stated_class) == class_key(student.class_label)
    label, level = (student.class_label, student.level) if same else ("", "")
    return replace(said, class_label=label, level=level, student_id=None)


def _without_links(roster: Roster, doubted: Mapping[int, Mapping[int, StatedChild]]) -> Roster:
    """The roster with some links, by place of guardian and student, made stated children."""
    stated, named = list(roster.stated), list(roster.rows.named)
    for place, children in doubted.items():
        stated[place] = (*stated[place], *dict.fromkeys(children.values()))
        named[place] = tuple(
            one
            if one.student is None or one.student not in children
            else replace(one, student=None, stated=children[one.student])
            for one in named[place]
        )
    links = {(place, child) for place, child in roster.links if child not in doubted.get(place, ())}
    rows = replace(roster.rows, named=tuple(named))
    return replace(roster, links=frozenset(links), stated=tuple(stated), rows=rows)


def _here(
    known: KnownSchool, roster: Roster, students: Sequence[int], *, whole_school: bool
) -> dict[int, Student]:
    """The students of the school once the roster is taken in, by number."""
    staying = () if whole_school else known.students.items()
    here = {number: kept.student for number, kept in staying if not kept.left}
    return here | dict(zip(students, roster.students, strict=True))


_Found = list[int | None]


def _find_students(known: KnownSchool, roster: Roster) -> _Found:
    """The known student whom each of the roster is, by INE, else by names and birth date."""
    by_ine = {kept.student.ine: n for n, kept in known.students.items() if kept.student.ine}
    by_identity = {student_identity(kept.student): n for n, kept in known.students.items()}
    taken: set[int] = set()
    found: _Found = []
    for student in roster.students:
        number = by_ine.get(student.ine)
        if number is None or not same_child(known.students[number].student, student):
            number = by_identity.get(student_identity(student))
        if number in taken:
            number = None
        if number is not None:
            taken.add(number)
        found.append(number)
    return found


def _plan_students(
    plan: Plan, known: KnownSchool, roster: Roster, found: _Found, numbers: Iterator[int]
) -> list[int]:
    tally = plan.tallies["students"] = Tally()
    assigned = []
    for student, number in zip(roster.students, found, strict=True):
        if number is None:
            number = next(numbers)
            plan.new_students[number] = student
            tally.created += 1
        elif known.students[number] != KnownStudent(student, left=False):
            plan.changed_students[number] = student
            tally.changed += 1
        else:
            tally.unchanged += 1
        assigned.append(number)
    return assigned


def _children(roster: Roster, students: Sequence[int]) -> dict[int, set[int]]:
    """The numbers of each guardian's students, by place in the roster."""
    children: dict[int, set[int]] = defaultdict(set)
    for holder, child in roster.links:
        children[holder].add(students[child])
    return children


def _find_accounts(
    known: KnownSchool, roster: Roster, students: Sequence[int], identified: Mapping[int, int]
) -> _Found:
    """The known account of each guardian of the roster, by the same names and evidence."""
    children = _children(roster, students)
    search = _Namesakes(known, set(identified.values()))
    by_name = _StatedNamesakes(known, search, roster)
    return [
        identified.get(position)
        or search.take(guardian, children[position])
        or by_name.take(position)
        for position, guardian in enumerate(roster.guardians)
    ]


def _plan_guardians(
    plan: Plan, known: KnownSchool, roster: Roster, found: _Found, numbers: Iterator[int]
) -> list[int]:
    tally = plan.tallies["guardians"] = Tally()
    assigned = []
    for guardian, account in zip(roster.guardians, found, strict=True):
        if account is None:
            account = next(numbers)
            plan.new_guardians[account] = guardian
            tally.created += 1
        elif (updated := _update(known.guardians[account], guardian)) is not None:
            plan.changed_guardians[account] = updated
            tally.changed += 1
        else:
            tally.unchanged += 1
        assigned.append(account)
    return assigned


def _recognise_students(
    plan: Plan, known: KnownSchool, roster: Roster, found: _Found, decisions: Decisions
) -> None:
    """Find the students whom the roster only states otherwise."""
    guardians: dict[int, set[Hashable]] = defaultdict(set)
    for account, number in known.links:
        guardians[number] |= identity_clues(known.guardians[account].guardian)
    met = set(found)
    gone = {
        number: StudentTrace(kept.student, frozenset(guardians[number]), kept.left)
        for number, kept in known.students.items()
        if number not in met and kept.student.name_key
    }
    stated: dict[int, set[Hashable]] = defaultdict(set)
    for holder, child in roster.links:
        stated[child] |= identity_clues(roster.guardians[holder])
    rows = [
        StudentTrace(student, frozenset(stated[place]))
        for place, student in enumerate(roster.students)
    ]
    recognise_students(plan.corrections, found, gone, rows, decisions.students)


def _recognise_guardians(
    plan: Plan,
    known: KnownSchool,
    roster: Roster,
    students: Sequence[int],
    found: _Found,
    decisions: Decisions,
) -> None:
    """Find the guardians whom the roster only spells otherwise, among those of the school."""
    here = {account for account, _ in known.links}
    staying = {account for (account, _), link in known.links.items() if not link.left}
    holders = Counter(contact for guardian in roster.guardians for contact in contacts(guardian))
    met = set(found)
    crowded = {contact for contact, count in holders.items() if count > MOST_HOLDERS}
    gone = {
        account: GuardianTrace(
            kept.guardian,
            kept.students,
            frozenset(contacts(kept.guardian) - crowded),
            kept.account.state.label,
            account not in staying,
            childless=_childless(known.stated.get(account, ())),
        )
        for account, kept in known.guardians.items()
        if account in here and account not in met and not kept.guardian.is_erased
    }
    children = _children(roster, students)
    for place, same in _same_stated(known, roster).items():
        children[place] |= same
    household = frozenset(contact for contact, count in holders.items() if count > 1)
    rows = [
        GuardianTrace(
            guardian,
            frozenset(children[place]),
            frozenset(contacts(guardian) - crowded),
            household=household,
            childless=place < len(roster.stated) and _childless(roster.stated[place]),
        )
        for place, guardian in enumerate(roster.guardians)
    ]
    identifiers = {account: kept.account.identifier for account, kept in known.guardians.items()}
    recognise_guardians(plan.corrections, found, gone, rows, identifiers, decisions.guardians)


def _same_stated(known: KnownSchool, roster: Roster) -> dict[int, set[int]]:
    """The numbers of the known children whom the roster can only state, by place in the roster.

    They were stated before, or are students by the names that they were known by until now.
    """
    numbers: dict[Hashable, set[int]] = defaultdict(set)
    for children in known.stated.values():
        for child in children:
            if child.why is not Why.NONE:
                numbers[child.identity].add(child.child_id)
    for number, kept in known.students.items():
        for fact in child_facts([kept.student], ()):
            numbers[fact].add(number)
    return {
        place: set().union(*(numbers[clue] for child in stated for clue in _clues(child)))
        for place, stated in enumerate(roster.stated)
    }


def _clues(child: StatedChild) -> set[Hashable]:
    return set() if child.why is Why.NONE else {child.identity, *child.facts()}


class _Namesakes:
    """The known accounts by names and evidence; each is taken once."""

    def __init__(self, known: KnownSchool, taken: set[int]) -> None:
        self._known = known
        self._taken = taken
        self._holders: dict[tuple[object, ...], list[int]] = defaultdict(list)
        for account, kept in known.guardians.items():
            for fact in contacts(kept.guardian) | kept.students:
                self._holders[guardian_identity(kept.guardian), fact].append(account)

    def take(self, guardian: Guardian, children: set[int]) -> int | None:
        """The account with most evidence (shared children, e-mail, mobile) of being the same."""
        names = guardian_identity(guardian)
        evidence = Counter(
            account
            for fact in contacts(guardian) | children
            for account in self._holders.get((names, fact), ())
            if account not in self._taken
            and not civilities_contradict(self._known.guardians[account].guardian, guardian)
        )
        if not evidence:
            return None
        best = min(evidence, key=lambda account: (-evidence[account], account))
        self._taken.add(best)
        return best

    def take_one(self, guardian: Guardian, accounts: Iterable[int]) -> int | None:
        """The first of these accounts that is not taken and may be the guardian's."""
        free = [
            account
            for account in sorted(accounts)
            if account not in self._taken
            and not civilities_contradict(self._known.guardians[account].guardian, guardian)
        ]
        self._taken.update(free[:1])
        return free[0] if free else None


class _StatedNamesakes:
    """The known accounts that nothing but a stated child tells: one who cannot be told as yet.

    A row without any child is told by its names, while nobody else has them: so is the row that
    names a child later, as long as nothing of the account has been handed out.
    """

    def __init__(self, known: KnownSchool, search: "_Namesakes", roster: Roster) -> None:
        self._known = known
        self._search = search
        self._guardians = roster.guardians
        self._facts = _facts_by_guardian(roster)
        self._namesakes = Counter(map(guardian_identity, roster.guardians))
        self._holders: dict[tuple[object, ...], list[int]] = defaultdict(list)
        for account, kept in known.guardians.items():
            names = guardian_identity(kept.guardian)
            students = [known.students[n].student for n in kept.students if n in known.students]
            stated = known.stated.get(account, ())
            for fact in child_facts(students, stated):
                self._holders[names, fact].append(account)
            if kept.account.state is State.NOT_NOTIFIED and _childless(stated):
                self._holders[names].append(account)

    def take(self, position: int) -> int | None:
        """The account of the same names that states a child of the same names."""
        guardian = self._guardians[position]
        names = guardian_identity(guardian)
        found = {a for fact in self._facts[position] for a in self._holders.get((names, fact), ())}
        if not found and self._namesakes[names] == 1:
            found = set(self._holders.get(names, ()))
            found = found if len(found) == 1 else set()
        return self._search.take_one(guardian, found)


def _childless(stated: Sequence[StatedChild]) -> bool:
    return any(child.why is Why.NONE and child.is_to_clarify for child in stated)


def _facts_by_guardian(roster: Roster) -> list[set[Hashable]]:
    children: dict[int, list[Student]] = defaultdict(list)
    for guardian, child in roster.links:
        children[guardian].append(roster.students[child])
    stated = roster.stated or ((),) * len(roster.guardians)
    return [child_facts(children[place], stated[place]) for place in range(len(stated))]


def _update(kept: KnownGuardian, guardian: Guardian) -> Guardian | None:
    """The guardian as the newer roster states them; ``None`` if it states nothing new."""
    updated = combine(kept.guardian, guardian)
    if guardian.birth_name:  # a usage name that is no longer stated was given up
        updated = replace(updated, usage_name=guardian.usage_name)
    if kept.account.state in _EMAIL_IS_THE_GUARDIANS and kept.guardian.email:
        updated = replace(updated, email=kept.guardian.email)
    return updated if updated != kept.guardian else None


def _plan_links(plan: Plan, known: KnownSchool, wanted: Mapping[tuple[int, int], Student]) -> None:
    tally = plan.tallies["links"] = Tally()
    for pair, student in wanted.items():
        link = known.links.get(pair)
        if link is None:
            plan.new_links[pair] = student
            tally.created += 1
        elif link != KnownLink(student.class_label, student.level, left=False):
            plan.changed_links[pair] = student
            tally.changed += 1
        else:
            tally.unchanged += 1


def _plan_stated(
    plan: Plan,
    known: KnownSchool,
    accounts: Sequence[int],
    stated: Sequence[Sequence[StatedChild]],
    here: Mapping[int, Student],
    linked: Set[tuple[int, int]],
    numbers: Iterator[int],
) -> dict[tuple[int, int], Student]:
    """Plan the children who cannot be told, and give the links that follow of them.

    Whom somebody has said to be a student is linked to that student, as long as they are here. A
    child of another school keeps a link of its own only while no other ties the account here.
    """
    wanted: dict[tuple[int, int], Student] = {}
    tied = {account for account, _ in linked}
    planned = []
    for account, children in zip(accounts, stated, strict=False):
        said = [_remembered(plan, known, account, child, here, numbers) for child in children]
        said.sort(key=lambda child: child.child_id)
        planned.append(tuple(said))
        settled = {(account, n): here[n] for child in said if (n := child.student_id)}
        pending = [child for child in said if child.is_to_clarify]
        if not pending and not settled and account not in tied:
            pending = [child.unplaced() for child in said[:1]]
        wanted |= settled | {(account, child.child_id): _place(child) for child in pending}
    plan.stated = tuple(planned)
    return wanted


def _remembered(
    plan: Plan,
    known: KnownSchool,
    account: int,
    child: StatedChild,
    here: Mapping[int, Student],
    numbers: Iterator[int],
) -> StatedChild:
    """A stated child with its number, and with what was said of it if that can still be so."""
    same = (one for one in known.stated.get(account, ()) if one.identity == child.identity)
    before = next(same, None)
    if before is None:
        child = replace(child, child_id=next(numbers))
        plan.new_stated[account, child.child_id] = child
        return child
    said = before.student_id
    said = said if said == OUTSIDE or said in here else None
    child = replace(child, child_id=before.child_id, student_id=said)
    if child != before:
        plan.changed_stated[account, child.child_id] = child
    return child


def _place(child: StatedChild) -> Student:
    """What a link repeats of a child: class and level."""
    return Student("", "", "", None, "", child.level, child.class_label)


def _plan_leavers(
    plan: Plan, known: KnownSchool, students: set[int], links: set[tuple[int, int]]
) -> None:
    here = {number for number, kept in known.students.items() if not kept.left}
    plan.leaving_students = here - students
    plan.tallies["students"].left = len(plan.leaving_students)
    open_links = {pair for pair, link in known.links.items() if not link.left}
    plan.leaving_links = open_links - links
    plan.tallies["links"].left = len(plan.leaving_links)
    staying = {account for account, _ in links}
    plan.tallies["guardians"].left = len({account for account, _ in open_links} - staying)


def _keep_known(plan: Plan) -> None:
    """Leave what is known as it is, and the classes that the roster does not mention."""
    for changes in (
        plan.changed_students,
        plan.changed_guardians,
        plan.changed_links,
        plan.changed_stated,
    ):
        changes.clear()
    for tally in plan.tallies.values():
        tally.unchanged, tally.changed, tally.left = tally.unchanged + tally.changed, 0, 0


def _tally_classes(known: KnownSchool, roster: Roster) -> Tally:
    before = _labels(kept.student for kept in known.students.values() if not kept.left)
    after = _labels(roster.students)
    return Tally(
        created=len(after - before), unchanged=len(after & before), left=len(before - after)
    )


def _labels(students: Iterable[Student]) -> set[str]:
    return {label for student in students for label in student.class_labels} - {""}
