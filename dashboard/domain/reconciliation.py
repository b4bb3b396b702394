"""What became of every row that an import read, in figures that add up."""

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass

from dashboard.domain.french import number, plural
from dashboard.domain.merging import KnownSchool, Plan
from dashboard.domain.names import name_key
from dashboard.domain.roster import Merge, NamedChild, Roster
from dashboard.domain.stated import OUTSIDE, StatedChild


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The rows of a kind that were read, and what became of each.

    `to_clarify` are guardians without any child that could be told, or children that could not;
    they are not among the created, changed and unchanged. `refused` are children of whom somebody
    has said that they are none of the school's: a file with a row that is refused is refused whole.
    `left` are those of earlier imports that were not read.
    """

    read: int
    created: int
    changed: int
    unchanged: int
    merged: tuple[Merge, ...] = ()
    to_clarify: int = 0
    refused: int = 0
    left: int = 0

    @property
    def adds_up(self) -> bool:
        known = self.created + self.changed + self.unchanged
        return self.read == known + len(self.merged) + self.to_clarify + self.refused

    def text(self) -> str:
        """``3 lus = 2 créés + 1 modifié + …`` in French, with those who left apart."""
        parts = (
            plural(self.created, "créé"),
            plural(self.changed, "modifié"),
            plural(self.unchanged, "inchangé"),
            plural(len(self.merged), "réuni"),
            f"{number(self.to_clarify)} à préciser",
            plural(self.refused, "écarté"),
        )
        return f"{plural(self.read, 'lu')} = {' + '.join(parts)} ; {plural(self.left, 'parti')}"


def reconcile(roster: Roster, plan: Plan, known: KnownSchool) -> dict[str, Reconciliation]:
    """What becomes of the rows of ``students``, ``guardians`` and ``links``."""
    return {
        "students": _students(roster, plan),
        "guardians": _guardians(roster, plan),
        "links": _links(roster, plan, known),
    }


def _students(roster: Roster, plan: Plan) -> Reconciliation:
    outcomes = _outcomes(plan.students, plan.new_students, plan.changed_students)
    merged, left = roster.rows.merged_students, len(plan.leaving_students)
    return Reconciliation(len(roster.rows.students), *outcomes, merged, left=left)


def _guardians(roster: Roster, plan: Plan) -> Reconciliation:
    told = {plan.accounts[guardian] for guardian, _ in roster.links}
    unclear = {
        account
        for account, children in zip(plan.accounts, plan.stated, strict=True)
        if account not in told
        and any(child.is_to_clarify for child in children)
        and not any(child.student_id for child in children)
    }
    clear = [account for account in plan.accounts if account not in unclear]
    return Reconciliation(
        roster.rows.guardians,
        *_outcomes(clear, plan.new_guardians, plan.changed_guardians),
        roster.rows.merged_guardians,
        to_clarify=len(unclear),
        left=plan.tallies["guardians"].left,
    )


def _outcomes(
    kept: Iterable[object], new: Container[object], changed: Container[object]
) -> tuple[int, int, int]:
    """How many of these are created, changed and unchanged."""
    counted = Counter("new" if one in new else "changed" if one in changed else "" for one in kept)
    return counted["new"], counted["changed"], counted[""]


def _links(roster: Roster, plan: Plan, known: KnownSchool) -> Reconciliation:
    first: dict[tuple[int, object], NamedChild] = {}
    merges = []
    for account, named, stated in zip(plan.accounts, roster.rows.named, plan.stated, strict=True):
        for child, meant in _meant(named, stated, plan.students):
            earlier = first.setdefault((account, meant), child)
            if earlier is not child:
                merges.append(Merge(child.line, earlier.line, child.name))
    pairs = [pair for pair in first if isinstance(pair[1], int)]
    settled = [child for _, child in first if isinstance(child, StatedChild)]
    return Reconciliation(
        sum(map(len, roster.rows.named)),
        *_outcomes(pairs, plan.new_links, plan.changed_links),
        tuple(merges),
        to_clarify=sum(child.is_to_clarify for child in settled),
        refused=sum(child.student_id == OUTSIDE for child in settled),
        left=sum(number in known.students for _, number in plan.leaving_links),
    )


def _meant(
    named: Sequence[NamedChild], stated: Iterable[StatedChild], students: Sequence[int]
) -> Iterator[tuple[NamedChild, int | StatedChild | None]]:
    """Each named child with the number of the student whom it means, else with what is stated."""
    said = {child.identity: child for child in stated}
    told = {name_key(c.name): students[c.student] for c in named if c.student is not None}
    for child in named:
        if child.student is not None:
            yield child, students[child.student]
        elif child.stated is not None and child.stated.identity in said:
            one = said[child.stated.identity]
            yield child, one.student_id or one
        else:
            yield child, told.get(name_key(child.name))
