"""What a filter's condition is: one definition that addresses, commands, forms and queries read."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from math import inf
from typing import Any, Generic, Self, TypeVar

from dashboard.domain.directory import Zone
from dashboard.domain.french import Labelled
from dashboard.domain.names import clean
from dashboard.domain.search import Search

V = TypeVar("V")
E = TypeVar("E", bound=Labelled)
_LONGEST_TEXT = 200
_BAND = re.compile(r"(\d{0,6}(?:\.\d{1,2})?)-(\d{0,6}(?:\.\d{1,2})?)", re.ASCII)
_DEGREES = re.compile(r"-?\d{1,3}(?:\.\d{1,4})?", re.ASCII)
_NUMBER = re.compile(r"\d{1,6}", re.ASCII)


class Value(Generic[V]):
    """How the value of a condition is read from texts, written as texts, described and checked."""

    __slots__ = ()

    @property
    def none(self) -> V:
        """The value that is no condition."""
        raise NotImplementedError

    def read(self, texts: Sequence[str]) -> V:
        """The value of an address's texts; what they say wrongly is no condition."""
        raise NotImplementedError

    def write(self, value: V) -> list[str]:
        """The texts of an address that `read` reads; none for no condition."""
        raise NotImplementedError

    def parse(self, texts: Sequence[str]) -> V:
        """The value of a command's options.

        Raises:
            ValueError: in French, saying what is wrong.
        """
        return self.read(texts)

    @property
    def known(self) -> frozenset[str] | None:
        """The only texts that an address may have for it; ``None`` where any may be."""
        return None

    def describe(self, value: V) -> str:
        """The value in French."""
        raise NotImplementedError

    def bound(self, value: V) -> list[object] | None:
        """The values that a query is asked with, once with each; none for no condition.

        It is ``None`` for a value that nothing can meet.
        """
        return [] if value == self.none else [value]

    def problem(self, names: Sequence[str], value: Any) -> str:  # noqa: ARG002  # any is met
        """Why nothing could meet a value given in the fields of these names; ``""`` if some can."""
        return ""


@dataclass(frozen=True, slots=True)
class Words(Value[str]):
    """A text whose words are all searched for."""

    @property
    def none(self) -> str:
        return ""

    def read(self, texts: Sequence[str]) -> str:
        return texts[0][:_LONGEST_TEXT] if texts else ""

    def write(self, value: str) -> list[str]:
        return [value] if value else []

    def parse(self, texts: Sequence[str]) -> str:
        """The text as it is; one that leaves nothing to search for would mean everybody."""
        if not texts:
            return ""
        search = Search(texts[0])
        if not search.words:
            raise ValueError(search.reason or "rien à chercher : le texte est vide.")
        return search.text

    def describe(self, value: str) -> str:
        return f"« {value} »"

    def bound(self, value: str) -> list[object] | None:
        search = Search(value)
        return None if search.is_void else [f"%{word}%" for word in search.words]


@dataclass(frozen=True, slots=True)
class Labels(Value[tuple[str, ...]]):
    """Any of some labels, where ``""`` stands for having none, which is written as `unlabelled`."""

    unlabelled: str

    @property
    def none(self) -> tuple[str, ...]:
        return ()

    def read(self, texts: Sequence[str]) -> tuple[str, ...]:
        return tuple(texts)

    def write(self, value: tuple[str, ...]) -> list[str]:
        return list(value)

    def parse(self, texts: Sequence[str]) -> tuple[str, ...]:
        """The labels without what cannot be seen; a blank one is what was left to be filled in."""
        labels = tuple(map(clean, texts))
        if not all(labels):
            raise ValueError(
                f"libellé vide ; pour les élèves {self.unlabelled}, écrivez « {self.unlabelled} »."
            )
        return tuple("" if label == self.unlabelled else label for label in labels)

    def describe(self, value: tuple[str, ...]) -> str:
        return ", ".join(label or self.unlabelled for label in value)

    def bound(self, value: tuple[str, ...]) -> list[object]:
        return [list(value)] if value else []


@dataclass(frozen=True, slots=True)
class Choices(Value[tuple[E, ...]]):
    """Any of some values of an enumeration."""

    kind: type[E]

    @property
    def none(self) -> tuple[E, ...]:
        return ()

    def read(self, texts: Sequence[str]) -> tuple[E, ...]:
        return tuple(self.kind(text) for text in texts if text in set(self.kind))

    def write(self, value: tuple[E, ...]) -> list[str]:
        return [str(member) for member in value]

    @property
    def known(self) -> frozenset[str] | None:
        return frozenset({"", *self.kind})

    def describe(self, value: tuple[E, ...]) -> str:
        return ", ".join(member.label for member in value)

    def bound(self, value: tuple[E, ...]) -> list[object]:
        return [self.write(value)] if value else []


@dataclass(frozen=True, slots=True)
class Choice(Value[E | None]):
    """One value of an enumeration."""

    kind: type[E]

    @property
    def none(self) -> E | None:
        return None

    def read(self, texts: Sequence[str]) -> E | None:
        return next(iter(Choices(self.kind).read(texts[:1])), None)

    def write(self, value: E | None) -> list[str]:
        return [str(value)] if value else []

    @property
    def known(self) -> frozenset[str] | None:
        return Choices(self.kind).known

    def describe(self, value: E | None) -> str:
        return value.label if value else ""

    def bound(self, value: E | None) -> list[object]:
        return [*self.write(value)]

    def problem(self, names: Sequence[str], value: Any) -> str:
        if value is None or value in list(self.kind):
            return ""
        return f"{names[0]} : {value!r} n'est pas parmi {', '.join(self.kind)}."


@dataclass(frozen=True, slots=True)
class Flag(Value[bool]):
    """What is asked for or not; `text` describes it."""

    text: str = ""

    @property
    def none(self) -> bool:
        return False

    def read(self, texts: Sequence[str]) -> bool:
        return list(texts[:1]) == ["1"]

    def write(self, value: bool) -> list[str]:
        return ["1"] if value else []

    @property
    def known(self) -> frozenset[str] | None:
        return frozenset({"", "0", "1"})

    def describe(self, value: bool) -> str:
        return self.text if value else ""


@dataclass(frozen=True, slots=True)
class Days(Value[int | None]):
    """A number of days."""

    @property
    def none(self) -> int | None:
        return None

    def read(self, texts: Sequence[str]) -> int | None:
        return int(texts[0]) if texts and _NUMBER.fullmatch(texts[0]) else None

    def write(self, value: int | None) -> list[str]:
        return [] if value is None else [str(value)]

    def problem(self, names: Sequence[str], value: Any) -> str:
        return Band(inf).problem([names[0], names[0]], (value, value))


Ends = tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class Band(Value[Ends]):
    """The ends of a band, ``20-100`` as text; both belong to it, and either may be open."""

    end: float
    is_whole: bool = False

    @property
    def none(self) -> Ends:
        return None, None

    def read(self, texts: Sequence[str]) -> Ends:
        found = _BAND.fullmatch(texts[0]) if texts else None
        if not found:
            return None, None
        least, most = (float(end) if end else None for end in found.groups())
        return (_whole(least), _whole(most)) if self.is_whole else (least, most)

    def write(self, value: Ends) -> list[str]:
        ends = ["" if end is None else f"{end:g}" for end in value]
        return ["-".join(ends)] if any(ends) else []

    def problem(self, names: Sequence[str], value: Any) -> str:
        given = [end for end in value if end is not None]
        if given == sorted(given) and all(0 <= end <= self.end for end in given):
            return ""
        return f"aucune école n'est entre {names[0]} et {names[1]} ({list(value)})."


def _whole(end: float | None) -> int | None:
    return None if end is None else int(end)


@dataclass(frozen=True, slots=True)
class Within(Value[Zone | None]):
    """A zone, ``47,4.5,47.5,5`` as text: south, west, north, east, of four decimals at most."""

    @property
    def none(self) -> Zone | None:
        return None

    def read(self, texts: Sequence[str]) -> Zone | None:
        ends = texts[0].split(",") if texts else []
        if len(ends) != 4 or not all(map(_DEGREES.fullmatch, ends)):
            return None
        south, west, north, east = map(float, ends)
        return Zone(south, west, north, east)

    def write(self, value: Zone | None) -> list[str]:
        if value is None:
            return []
        ends = (value.south, value.west, value.north, value.east)
        return [",".join(f"{end:.4f}".rstrip("0").rstrip(".") for end in ends)]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Condition(Generic[V]):
    """The definition of one filter.

    `value` is how its value is read and written, `key` its field of addresses, `label` what its
    control of a form is called.
    """

    value: Value[V]
    key: str
    label: str


C = TypeVar("C", bound=Condition[Any])


class Filter(Generic[C]):
    """Conditions that must all hold: a frozen dataclass, each of whose fields says its definition.

    A field's metadata hold its definition as ``condition``; fields that share one are the parts of
    its value.
    """

    __slots__ = ()

    @classmethod
    def definitions(cls) -> dict[C, tuple[str, ...]]:
        """The definitions, in order, each with the names of the fields that its value is in."""
        found: dict[C, tuple[str, ...]] = {}
        for field in fields(cls):  # type: ignore[arg-type]  # a subclass is a dataclass
            condition = field.metadata["condition"]
            found[condition] = (*found.get(condition, ()), field.name)
        return found

    @classmethod
    def definition(cls, name: str) -> C:
        """The definition of a field."""
        return next(found for found, names in cls.definitions().items() if name in names)

    @classmethod
    def keys(cls) -> frozenset[str]:
        """The fields of addresses that are its conditions."""
        return frozenset(condition.key for condition in cls.definitions())

    @classmethod
    def of(cls, values: Mapping[C, Any]) -> Self:
        """The filter of these values of conditions; of those that have none, no condition."""
        given: dict[str, Any] = {}
        for condition, names in cls.definitions().items():
            if condition in values:
                value = values[condition]
                given |= zip(names, value, strict=True) if len(names) > 1 else {names[0]: value}
        return cls(**given)

    @classmethod
    def read(cls, texts: Mapping[str, Sequence[str]]) -> Self:
        """What the fields of an address ask for; what they say wrongly is no condition."""
        return cls.of({c: c.value.read(texts.get(c.key, ())) for c in cls.definitions()})

    @classmethod
    def unknown(cls, texts: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
        """The fields of an address that ask for what no condition knows: key and text."""
        return [
            (condition.key, text)
            for condition in cls.definitions()
            for text in texts.get(condition.key, ())
            if (known := condition.value.known) is not None and text not in known
        ]

    def values(self) -> dict[C, Any]:
        """The value of each condition, also of those that are none."""
        found: dict[C, Any] = {}
        for condition, names in self.definitions().items():
            parts = tuple(getattr(self, name) for name in names)
            found[condition] = parts if len(parts) > 1 else parts[0]
        return found

    def pairs(self) -> list[tuple[str, str]]:
        """The fields of an address that ask for the same."""
        return [
            (c.key, text) for c, value in self.values().items() for text in c.value.write(value)
        ]

    @property
    def is_empty(self) -> bool:
        return all(value == condition.value.none for condition, value in self.values().items())
