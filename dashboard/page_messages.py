"""What an open page may say to the server, decided before anything of it is deserialised.

A page speaks Bokeh's protocol: three JSON texts (header, metadata, content). Bokeh builds whatever
they ask for: arrays inflated from a few bytes, models by the thousand. Here only plain values pass,
of a bounded size, that set what a visitor sets or tell what they clicked; of how the browser draws
a page, which it tells too, the server needs nothing, and does not look at it. What is left is
written anew, so that Bokeh reads what was checked and nothing else.
"""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NoReturn

# The kind of a model by its number: empty once it has left the page, `None` if it never was there.
KindOf = Callable[[str], str | None]

_PATCH, _PULL = "PATCH-DOC", "PULL-DOC-REQ"
_LARGEST = {"header": 1024, "metadata": 1024, "content": 256 * 1024}
_MOST_EVENTS = 100
# Who sweeps over a chart selects each of its points.
_MOST_VALUES = 50_000
_DEEPEST = 10
_LONGEST_TEXT = 20_000
_LARGEST_NUMBER = 2**53

# What a visitor sets, by the kind of the model. A setting of anything else is not heard.
_SET: Mapping[str, frozenset[str]] = {
    "AddressBar": frozenset({"search"}),
    "Alert": frozenset({"closed"}),
    "CheckBoxGroup": frozenset({"value"}),
    "Checkbox": frozenset({"value"}),
    "CustomSelect": frozenset({"value"}),
    "DataTabulator": frozenset({"sorters"}),
    "Dialog": frozenset({"open"}),
    "MultiChoice": frozenset({"value"}),
    "RadioBoxGroup": frozenset({"value"}),
    "Selection": frozenset({"indices"}),
    "Tabs": frozenset({"active"}),
    "TextInput": frozenset({"value", "value_input"}),
}
# What a page tells, and of the values of each, those that are heard.
_TOLD: Mapping[str, frozenset[str]] = {
    "cell-click": frozenset({"model", "column", "row"}),
    "data_event": frozenset({"model", "data"}),
    "document_ready": frozenset(),
    "dom_event": frozenset({"model", "node", "data"}),
}


class Reason(StrEnum):
    """Why a message is refused: no more than this is said of it."""

    SIZE = "size"  # more, longer or deeper than any page sends
    FORM = "form"  # no message of Bokeh's
    KIND = "kind"  # none that a page sends: new models, buffers, encoded arrays…
    MODEL = "model"  # of something that the page never had
    VALUE = "value"  # that its model cannot have


class Unheard(Exception):
    """A message is refused; its text is the reason's name."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(slots=True)
class MessageReader:
    """Puts a connection's messages together, each of three texts."""

    _texts: list[str] = field(default_factory=list)

    def read(self, fragment: str | bytes, kind_of: KindOf) -> tuple[str, str, str] | None:
        """The texts of a whole message as Bokeh may read them; `None` while parts are missing.

        Raises:
            Unheard: no page sends this; the connection is to be closed.
        """
        if not isinstance(fragment, str):
            refuse(Reason.KIND)
        part = list(_LARGEST)[len(self._texts)]
        if len(fragment) > _LARGEST[part]:
            refuse(Reason.SIZE)
        self._texts.append(fragment)
        if len(self._texts) < len(_LARGEST):
            return None
        header, _, content = self._texts
        self._texts = []
        return heard(header, content, kind_of)


def heard(header_text: str, content_text: str, kind_of: KindOf) -> tuple[str, str, str]:
    """A message's texts with what is heard of it alone; the metadata say nothing.

    Raises:
        Unheard: no page sends this.
    """
    header, content = _parsed(header_text), _parsed(content_text)
    match header:
        case {"msgid": str(number), "msgtype": str(kind), **others}:
            _only(others, Reason.KIND)
        case _:
            refuse(Reason.FORM)
    if kind == _PULL:
        said: dict[str, Any] = {}
    elif kind == _PATCH:
        said = {"events": _events(content, kind_of)}
    else:
        refuse(Reason.KIND)
    return json.dumps({"msgid": number, "msgtype": kind}), "{}", json.dumps(said)


def refuse(reason: Reason) -> NoReturn:
    """Raise `Unheard`."""
    raise Unheard(reason)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=lambda _: refuse(Reason.FORM))
    except (ValueError, RecursionError):
        raise Unheard(Reason.FORM) from None


def _only(others: Mapping[Any, Any], reason: Reason) -> None:
    if others:
        refuse(reason)


def _events(content: Any, kind_of: KindOf) -> list[dict[str, Any]]:
    match content:
        case {"events": list(events), **others}:
            _only(others, Reason.FORM)
        case _:
            refuse(Reason.FORM)
    if len(events) > _MOST_EVENTS:
        refuse(Reason.SIZE)
    budget = _Budget()
    found = (_event(event, kind_of, budget) for event in events)
    return [event for event in found if event is not None]


def _event(event: Any, kind_of: KindOf, budget: "_Budget") -> dict[str, Any] | None:
    """An event with what is heard of it; `None` if nothing is."""
    match event:
        case {
            "kind": "ModelChanged",
            "model": {"id": str(model), **unsaid},
            "attr": str(name),
            "new": value,
            **others,
        }:
            _only(unsaid | others, Reason.KIND)
            if name not in _SET.get(_kind(model, kind_of), ()):
                return None
            budget.spend(value)
            return event
        case {
            "kind": "MessageSent",
            "msg_type": "bokeh_event",
            "msg_data": {"type": "event", "name": str(name), "values": values, **unsaid},
            **others,
        }:
            _only(unsaid | others, Reason.KIND)
            told = {key: _by_number(value) for key, value in _entries(values).items()}
            return _told(event, name, told, kind_of, budget)
    refuse(Reason.KIND)


def _by_number(value: Any) -> Any:
    """A model by its number alone, which stands for it.

    Of one that the page was sent meanwhile, the page tells all that it knows when it first speaks.
    """
    match value:
        case {"type": "object", "id": str(model)}:
            return {"id": model}
    return value


def _told(
    event: dict[str, Any], name: str, values: dict[str, Any], kind_of: KindOf, budget: "_Budget"
) -> dict[str, Any] | None:
    if name not in _TOLD:
        return None
    kept = {key: value for key, value in values.items() if key in _TOLD[name]}
    for value in kept.values():
        budget.spend(value)
    match kept.get("model"):
        case {"id": str(model)}:
            if not _kind(model, kind_of):
                return None
        case None if "model" not in _TOLD[name]:
            pass
        case _:
            refuse(Reason.FORM)
    said = {"type": "map", "entries": [[key, value] for key, value in kept.items()]}
    return event | {"msg_data": {"type": "event", "name": name, "values": said}}


def _kind(model: str, kind_of: KindOf) -> str:
    kind = kind_of(model)
    if kind is None:
        refuse(Reason.MODEL)
    return kind


def _entries(values: Any) -> dict[str, Any]:
    """The entries of an encoded map whose keys are texts."""
    match values:
        case {"type": "map", "entries": list(entries), **others}:
            _only(others, Reason.KIND)
        case {"type": "map", **others}:
            _only(others, Reason.KIND)
            entries = []
        case _:
            refuse(Reason.KIND)
    found: dict[str, Any] = {}
    for entry in entries:
        match entry:
            case [str(key), value] if key not in found:
                found[key] = value
            case _:
                refuse(Reason.FORM)
    return found


@dataclass(slots=True)
class _Budget:
    """How many values a message may still hold; each is plain, short, and not deep."""

    values: int = _MOST_VALUES

    def spend(self, value: Any, depth: int = 0) -> None:
        """Look at a value and at all in it.

        Raises:
            Unheard: it is too much, or encoded in a way that makes much of little.
        """
        self.values -= 1
        if self.values < 0 or depth > _DEEPEST:
            refuse(Reason.SIZE)
        for inner in _inner(value):
            self.spend(inner, depth + 1)


def _inner(value: Any) -> list[Any]:
    """What a plain value holds."""
    match value:
        case None | bool():
            return []
        case str():
            is_small = len(value) <= _LONGEST_TEXT
        case int() | float():
            is_small = math.isfinite(value) and abs(value) <= _LARGEST_NUMBER
        case list():
            return value
        case {"id": str(), **others} if not others:  # a model that the page has
            return []
        case {"type": "number", "value": "nan" | "-inf" | "+inf", **others} if not others:
            return []
        case dict():
            return list(_entries(value).values())
        case _:
            refuse(Reason.FORM)
    if not is_small:
        refuse(Reason.SIZE)
    return []
