"""What an inspector is looking at, and its form as an address: nothing else decides a page."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Self, TypedDict, Unpack
from urllib.parse import urlencode

from dashboard.domain.filters import SchoolFilter, SchoolSort

_LONGEST = 200
_NUMBER = re.compile(r"\d{1,6}", re.ASCII)


class Question(StrEnum):
    """What is asked of a place, by the names that addresses have for it."""

    SITUATION = "situation"
    BLOCKED = "blocages"
    SCHOOLS = "ecoles"
    COURSE = "evolution"
    MAPS = "cartes"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    Question.SITUATION: "Où en sommes-nous ?",
    Question.BLOCKED: "Où est-ce bloqué ?",
    Question.SCHOOLS: "Quelles écoles aider ?",
    Question.COURSE: "Comment cela évolue-t-il ?",
    Question.MAPS: "Par niveau et sur la carte",
}


class Link(TypedDict, total=False):
    """What a link changes of an `InspectorState`."""

    place: str
    question: Question
    conditions: SchoolFilter
    sort: SchoolSort
    page: int
    compared: str
    also: str


@dataclass(frozen=True, slots=True)
class InspectorState:
    """The place and the question, then what the answer depends on."""

    place: str = ""
    question: Question = Question.SITUATION
    conditions: SchoolFilter = field(default_factory=SchoolFilter)
    sort: SchoolSort = field(default_factory=SchoolSort)
    page: int = 1
    since: date | None = None
    until: date | None = None
    compared: str = ""
    also: str = ""
    target: date | None = None

    @classmethod
    def read(cls, said: Mapping[str, Sequence[str]]) -> Self:
        """What the fields of an address say; what they say wrongly is passed over."""
        first = {name: values[0] for name, values in said.items() if values}
        question = first.get("question", "")
        return cls(
            place=first.get("place", "")[:_LONGEST],
            question=Question(question) if question in set(Question) else Question.SITUATION,
            conditions=SchoolFilter.read(said),
            sort=_sort(first.get("order", "")),
            page=max(_number(first.get("p", "")) or 1, 1),
            since=_day(first.get("since", "")),
            until=_day(first.get("until", "")),
            compared=first.get("with", "")[:_LONGEST],
            also=first.get("and", "")[:_LONGEST],
            target=_day(first.get("target", "")),
        )

    def pairs(self) -> list[tuple[str, str]]:
        """The fields of an address that leads here; what is as usual is left out."""
        asked = [
            ("place", self.place),
            ("question", "" if self.question is Question.SITUATION else self.question.value),
        ]
        shown = [
            ("order", "" if self.sort == SchoolSort() else str(self.sort)),
            ("p", "" if self.page == 1 else str(self.page)),
            ("since", str(self.since or "")),
            ("until", str(self.until or "")),
            ("with", self.compared),
            ("and", self.also),
            ("target", str(self.target or "")),
        ]
        pairs = [*asked, *self.conditions.pairs(), *shown]
        return [(name, value) for name, value in pairs if value]

    def address(self, **changes: Unpack[Link]) -> str:
        """The query of the address of the same with these changes; another list begins anew."""
        if "page" not in changes:
            changes["page"] = 1
        pairs = replace(self, **changes).pairs()
        return "?" + urlencode([("tab", "statistiques"), *pairs])

    def narrowed(self, conditions: SchoolFilter) -> str:
        """The address of the schools of the place that meet these conditions, and no others."""
        return self.address(question=Question.SCHOOLS, conditions=conditions)


def _sort(text: str) -> SchoolSort:
    try:
        return SchoolSort.parse(text)
    except ValueError:
        return SchoolSort()


def _number(text: str) -> int | None:
    return int(text) if _NUMBER.fullmatch(text) else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
