"""Bringing leavers and arrivals together: one with one, or a question, or what was answered."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Set
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from dashboard.domain.recognition import MOST_HOLDERS, Judgement, Verdict


@dataclass(frozen=True, slots=True)
class Answers:
    """What somebody says of arrivals, by their lines: who they were, or that they are new.

    `keep` has the key of the one who was known (an account's identifier, a student's number), or
    ``""`` for the only one who is asked about.
    """

    keep: Mapping[int, str] = field(default_factory=dict)
    new: frozenset[int] = frozenset()


class Compared(Protocol):
    """Somebody with the clues of which two must share something to be compared."""

    @property
    def clues(self) -> Set[Hashable]: ...


T = TypeVar("T", bound=Compared)
Judge = Callable[[T, T, Set[Hashable]], Judgement]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Arrivals by number: who each was, and who each may be; with the evidence as it is said."""

    same: dict[int, tuple[int, str]]
    asked: dict[int, dict[int, str]]


def pair(
    leavers: Mapping[int, T],
    arrivals: Mapping[int, T],
    judge: Judge[T],
) -> Pairs:
    """The leaver whom each arrival was; asked is where several may be one, or one several."""
    judged = _judgements(leavers, arrivals, judge)
    same, asked = _of(judged, Verdict.SAME), _of(judged, Verdict.ASK)
    rivals = _turned(same)
    settled = {
        new: next(iter(olds.items()))
        for new, olds in same.items()
        if len(olds) == 1 and all(len(rivals[old]) == 1 for old in olds)
    }
    taken = {old for old, _ in settled.values()}
    open_ = {
        new: {
            old: said
            for old, said in (same.get(new, {}) | asked.get(new, {})).items()
            if old not in taken
        }
        for new in sorted(same.keys() | asked.keys())
        if new not in settled
    }
    return Pairs(settled, {new: olds for new, olds in open_.items() if olds})


_Judged = dict[int, dict[int, Judgement]]


def _judgements(
    leavers: Mapping[int, T],
    arrivals: Mapping[int, T],
    judge: Judge[T],
) -> _Judged:
    """Each arrival with each leaver who shares a clue that few have."""
    holders: dict[Hashable, list[int]] = defaultdict(list)
    for old, trace in leavers.items():
        for clue in trace.clues:
            holders[clue].append(old)
    comers: dict[Hashable, int] = defaultdict(int)
    for trace in arrivals.values():
        for clue in trace.clues:
            comers[clue] += 1
    told: _Judged = defaultdict(dict)
    for new, trace in arrivals.items():
        few = {
            clue
            for clue in trace.clues
            if max(len(holders.get(clue, ())), comers[clue]) <= MOST_HOLDERS
        }
        for old in sorted({old for clue in few for old in holders.get(clue, ())}):
            told[new][old] = judge(leavers[old], trace, few)
    return told


def _of(judged: _Judged, verdict: Verdict) -> dict[int, dict[int, str]]:
    found = {
        new: {old: one.evidence for old, one in olds.items() if one.verdict is verdict}
        for new, olds in judged.items()
    }
    return {new: olds for new, olds in found.items() if olds}


def _turned(pairs: Mapping[int, Mapping[int, str]]) -> dict[int, set[int]]:
    turned: dict[int, set[int]] = defaultdict(set)
    for new, olds in pairs.items():
        for old in olds:
            turned[old].add(new)
    return turned
