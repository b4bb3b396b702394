"""What of a page's messages is heard: plain values that a visitor sets, of a bounded size."""

import base64
import gzip
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.page_messages import MessageReader, Reason, Unheard, heard

MODELS = {"p1": "TextInput", "p2": "DataTabulator", "p3": "Figure", "p4": "", "p5": "Button"}
LARGE = base64.b64encode(gzip.compress(b"\0" * 10_000_000)).decode()


def said(content: object, kind: str = "PATCH-DOC", **header: object) -> Any:
    """What is heard of a message, or why it is refused."""
    top = json.dumps({"msgid": "7", "msgtype": kind, **header})
    text = content if isinstance(content, str) else json.dumps(content)
    try:
        header_text, metadata, content_text = heard(top, text, MODELS.get)
    except Unheard as refusal:
        return refusal.reason
    assert json.loads(header_text) == {"msgid": "7", "msgtype": kind}
    assert metadata == "{}"
    return json.loads(content_text)


def setting(value: object, model: str = "p1", name: str = "value", **others: object) -> Any:
    event = {"kind": "ModelChanged", "model": {"id": model}, "attr": name, "new": value}
    return {"events": [event | others]}


def telling(name: str, *entries: object) -> Any:
    values = {"type": "map", "entries": list(entries)} if entries else {"type": "map"}
    data = {"type": "event", "name": name, "values": values}
    return {"events": [{"kind": "MessageSent", "msg_type": "bokeh_event", "msg_data": data}]}


def mapped(**entries: object) -> dict[str, object]:
    return {"type": "map", "entries": [[key, value] for key, value in entries.items()]}


BYTES = {"type": "bytes", "data": LARGE}
OBJECTS = [{"type": "object", "name": "Slider", "id": f"q{n}"} for n in range(3000)]
SORTERS = [mapped(field="classes", dir="asc")]
CLICK = ["model", {"id": "p5"}], ["node", "click"], ["data", mapped(target=None)]


@pytest.mark.parametrize(
    "content",
    [
        setting("zoé"),
        setting("", name="value_input"),
        setting("x" * 20_000),
        setting(SORTERS, "p2", "sorters"),
        {"events": [*setting("a")["events"], *setting("b")["events"]]},
        telling("dom_event", *CLICK),
        telling("cell-click", ["model", {"id": "p2"}], ["column", "guardian"], ["row", 3]),
        telling("data_event", ["model", {"id": "p5"}], ["data", "12"]),
    ],
)
def test_what_a_visitor_does_is_heard_as_it_is(content: object) -> None:
    assert said(content) == content


def test_a_page_may_be_asked_for_and_says_when_it_is_ready() -> None:
    assert said({}, "PULL-DOC-REQ") == {}
    assert said(setting("x"), "PULL-DOC-REQ") == {}
    assert len(said(telling("document_ready"))["events"]) == 1


@pytest.mark.parametrize(
    "content",
    [
        setting("red", "p3", "background_fill_color"),
        setting([{"id": "p3"}, ":host {}"], "p2", "stylesheets"),
        setting("<b>", "p1", "label"),
        setting("late", "p4"),
        telling("mousemove", ["model", {"id": "p3"}], ["x", {"type": "number", "value": "nan"}]),
        telling("dom_event", ["model", {"id": "p4"}], ["node", "click"]),
        setting(BYTES, "p3", "anything"),
        setting(OBJECTS[0], "p3", "active_drag"),
        telling("unheard_of", ["model", {"id": "p5"}], ["x", BYTES]),
    ],
)
def test_how_a_browser_draws_and_what_has_left_the_page_is_not_heard(content: object) -> None:
    assert said(content) == {"events": []}


def test_what_else_an_event_says_is_left_out() -> None:
    content = telling("dom_event", *CLICK, ["more", "x"])
    assert said(content) == telling("dom_event", *CLICK)


def test_a_model_that_came_after_its_page_is_heard_by_its_number() -> None:
    whole = {"type": "object", "name": "Button", "id": "p5", "attributes": {"data": BYTES}}
    content = telling("dom_event", ["model", whole], *CLICK[1:])
    assert said(content) == telling("dom_event", *CLICK)
    unknown = telling("dom_event", ["model", whole | {"id": "p999"}], *CLICK[1:])
    assert said(unknown) is Reason.MODEL


def nested(depth: int) -> object:
    value: object = 0
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (setting(BYTES), Reason.KIND),
        (setting([mapped(deep=[BYTES])]), Reason.KIND),
        (telling("dom_event", *CLICK[:2], ["data", BYTES]), Reason.KIND),
        (setting(OBJECTS), Reason.KIND),
        (setting(OBJECTS[0]), Reason.KIND),
        (setting({"type": "ndarray", "array": BYTES, "shape": [9], "dtype": "int8"}), Reason.KIND),
        (setting({"type": "typed_array", "array": BYTES, "dtype": "uint8"}), Reason.KIND),
        (setting({"type": "slice", "start": 0, "stop": 9, "step": 1}), Reason.KIND),
        (setting({"type": "set", "entries": [1]}), Reason.KIND),
        (setting({"type": "array", "entries": [1]}), Reason.KIND),
        (setting({"type": "range", "stop": 10**9}), Reason.KIND),
        (setting({"type": "symbol", "name": "x"}), Reason.KIND),
        (setting({"plain": "dict"}), Reason.KIND),
        (setting(1, model="p999"), Reason.MODEL),
        (setting(1, cols=["x"]), Reason.KIND),
        (setting(nested(11)), Reason.SIZE),
        (setting("x" * 20_001), Reason.SIZE),
        (setting([0] * 50_000), Reason.SIZE),
        (setting(10**30), Reason.SIZE),
        (setting("a" * 5) | {"references": []}, Reason.FORM),
        ({"events": setting("a")["events"] * 101}, Reason.SIZE),
        ({"events": [{"kind": "TitleChanged", "title": "x"}]}, Reason.KIND),
        ({"events": [{"kind": "RootAdded", "model": OBJECTS[0]}]}, Reason.KIND),
        ({"events": [{"kind": "ColumnDataChanged", "model": {"id": "p2"}}]}, Reason.KIND),
        ({"events": ["x", 5, None]}, Reason.KIND),
        ({"events": {}}, Reason.FORM),
        ("[" * 100_000, Reason.FORM),
        ('{"events": NaN}', Reason.FORM),
        ("nothing", Reason.FORM),
        (telling("dom_event", ["node", "click"]), Reason.FORM),
        (telling("dom_event", *CLICK, *CLICK), Reason.FORM),
    ],
)
def test_what_no_page_sends_is_refused(content: object, reason: Reason) -> None:
    assert said(content) is reason


@pytest.mark.parametrize(
    ("kind", "header", "reason"),
    [
        ("PUSH-DOC", {}, Reason.KIND),
        ("SERVER-INFO-REQ", {}, Reason.KIND),
        ("ERROR", {}, Reason.KIND),
        ("PATCH-DOC", {"num_buffers": 1}, Reason.KIND),
        ("PATCH-DOC", {"msgid": 7}, Reason.FORM),
    ],
)
def test_a_page_sends_two_kinds_of_messages_without_buffers(
    kind: str, header: dict[str, object], reason: Reason
) -> None:
    assert said({"events": []}, kind, **header) is reason


@pytest.mark.parametrize(
    ("fragments", "reason"),
    [
        ([b"\0" * 10], Reason.KIND),
        (["x" * 1025], Reason.SIZE),
        (["{}", "x" * 1025], Reason.SIZE),
        (["{}", "{}", "x" * (256 * 1024 + 1)], Reason.SIZE),
    ],
)
def test_each_part_of_a_message_is_text_of_a_bounded_size(
    fragments: list[str | bytes], reason: Reason
) -> None:
    reader = MessageReader()
    for fragment in fragments[:-1]:
        assert reader.read(fragment, MODELS.get) is None
    with pytest.raises(Unheard) as refusal:
        reader.read(fragments[-1], MODELS.get)
    assert refusal.value.reason is reason


def test_messages_follow_each_other() -> None:
    reader = MessageReader()
    top = json.dumps({"msgid": "1", "msgtype": "PULL-DOC-REQ"})
    for _ in range(2):
        assert reader.read(top, MODELS.get) is None
        assert reader.read("{}", MODELS.get) is None
        assert reader.read("{}", MODELS.get) == (top, "{}", "{}")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=20,
)


@given(JSON, st.sampled_from(["p1", "p3", "p9"]), st.sampled_from(["value", "x"]))
def test_whatever_is_set_is_heard_as_it_is_or_not_at_all(
    value: object, model: str, name: str
) -> None:
    content = setting(value, model, name)
    found = said(content)
    assert found in (content, {"events": []}) or isinstance(found, Reason)


@given(JSON)
def test_whatever_is_sent_is_heard_or_refused(content: object) -> None:
    assert isinstance(said(content), Reason)
