"""Messages that make much of little: refused before they cost anything, and told without them."""

import json
import logging
import re
import time
import zlib
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.rights.service import SULPICE, Site, Socket

OWN = f"?tab=responsables&school={SULPICE}"
MARK = "Glycine-cachée"
MIB = 2**20
_PROCESS = Path("/proc/self")


def inflating(mebibytes: int) -> dict[str, str]:
    """Bytes as Bokeh encodes them: about a thousandth of what they become."""
    packer = zlib.compressobj(9, wbits=31)
    packed = b"".join(packer.compress(bytes(MIB)) for _ in range(mebibytes)) + packer.flush()
    return {"type": "bytes", "data": b64encode(packed).decode()}


def models(count: int) -> list[dict[str, str]]:
    return [{"type": "object", "name": "Slider", "id": f"q{number}"} for number in range(count)]


ATTACKS: dict[str, Callable[[], str]] = {
    "180 MiB": lambda: json.dumps(inflating(180)),
    "60 MiB": lambda: json.dumps(inflating(60)),
    "several": lambda: json.dumps([inflating(20)] * 4),
    "models": lambda: json.dumps(models(3000)),
    "deep": lambda: "[" * 30_000 + "]" * 30_000,
}


def peak() -> int:
    """The most memory that this process had since it was last told to forget."""
    found = re.search(r"VmHWM:\s+(\d+) kB", (_PROCESS / "status").read_text())
    assert found
    return int(found[1]) * 1024


@dataclass
class Open:
    """A page that stays open, further connections to it, and a field of it."""

    site: Site
    token: str = field(init=False)
    page_token: str = field(init=False)
    field: str = field(init=False)

    def __post_init__(self) -> None:
        self.token = self.site.sign_in("denis")
        self.page_token = self.site.page(self.token, OWN).page_token
        [found] = self.connect().named("TextInput", "Nom ou prénom")
        self.field = found.data

    def connect(self) -> Socket:
        return Socket(self.site, self.token, self.page_token)


@pytest.fixture(scope="module")
def opened(site: Site) -> Open:
    return Open(site)


def send(page: Socket, field: str, value: str) -> None:
    """Set a field to a value that is given as JSON."""
    event = {"kind": "ModelChanged", "model": {"id": field}, "attr": "value", "new": "?"}
    header = {"msgid": "1", "msgtype": "PATCH-DOC"}
    content = json.dumps({"events": [event]}).replace('"?"', value)
    page.send_raw(json.dumps(header), "{}", content)


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_small_message_never_becomes_a_large_one(site: Site, opened: Open, attack: str) -> None:
    page, value = opened.connect(), ATTACKS[attack]()
    refused = sum(site.service.page_guard.messages_refused.values())
    (_PROCESS / "clear_refs").write_text("5")
    before, started = peak(), time.monotonic()
    send(page, opened.field, value)
    assert site.ask("/healthz").status == 200
    page.read_to_the_end()
    assert time.monotonic() - started < 3
    assert peak() - before < 40 * MIB
    assert page.close_code == 1008
    assert sum(site.service.page_guard.messages_refused.values()) == refused + 1


def test_a_compressed_connection_is_not_agreed_to(opened: Open) -> None:
    assert opened.connect().extensions == ""


@pytest.mark.parametrize(
    "content",
    [
        MARK,
        {"events": [{"kind": MARK}]},
        {"events": [{"kind": "ModelChanged", "model": {"id": MARK}, "attr": "value", "new": 1}]},
        {"events": [{"kind": "MessageSent", "msg_type": MARK, "msg_data": MARK}]},
    ],
)
def test_what_is_refused_is_neither_logged_nor_answered(
    opened: Open, caplog: pytest.LogCaptureFixture, content: object
) -> None:
    page = opened.connect()
    page.send_raw(json.dumps({"msgid": MARK, "msgtype": "PATCH-DOC"}), "{}", json.dumps(content))
    said = page.read_to_the_end()
    logged = [one for one in caplog.records if one.levelno >= logging.WARNING]
    assert [one.name for one in logged] == ["dashboard.page_guard"]
    assert MARK not in said + caplog.text
    assert "Traceback" not in said + caplog.text


def test_a_value_that_its_field_cannot_have_is_not_quoted(
    opened: Open, caplog: pytest.LogCaptureFixture
) -> None:
    page = opened.connect()
    send(page, opened.field, json.dumps([[MARK]]))
    said = page.read_to_the_end()
    assert opened.site.service.page_guard.messages_refused["value"] >= 1
    assert MARK not in said + caplog.text
    assert "Traceback" not in said + caplog.text


def test_a_handler_that_fails_tells_the_page_that_it_did_and_no_more(
    own_site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    page = own_site.open("claire", OWN)

    def failing(*_: object) -> None:
        raise LookupError(MARK)

    [session] = own_site.service.server.get_sessions()
    session.document.callbacks.on_event("document_ready", failing)
    answer = page.send("PATCH-DOC", ready())
    assert answer is not None
    assert answer["msgtype"] == "ERROR"
    assert "LookupError" in caplog.text
    assert MARK not in json.dumps(answer, ensure_ascii=False) + caplog.text
    assert "dashboard" not in json.dumps(answer)
    assert page.send("PULL-DOC-REQ", {}) is not None


def ready() -> dict[str, Any]:
    event = {"type": "event", "name": "document_ready", "values": {"type": "map"}}
    return {"events": [{"kind": "MessageSent", "msg_type": "bokeh_event", "msg_data": event}]}


@pytest.mark.parametrize("kind", ["PUSH-DOC", "SERVER-INFO-REQ", "OK", "ACK"])
def test_other_messages_end_the_connection(opened: Open, kind: str) -> None:
    page = opened.connect()
    assert page.send(kind, {"doc": {"roots": models(1)}}) is None
    assert page.close_code == 1008


@pytest.mark.parametrize("query", ["bokeh-session-id=x", "bokeh-token=x.y", "a=1&bokeh-token="])
def test_a_page_is_made_for_who_asks_and_not_by_a_number_given(opened: Open, query: str) -> None:
    assert opened.site.page(opened.token, f"?{query}").status == 400


def test_who_is_not_signed_in_is_led_to_do_so_without_an_error(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    assert site.page("").status == 302
    assert [one for one in caplog.records if one.levelno >= logging.WARNING] == []


def test_a_visitor_with_many_open_pages_is_told_so_and_others_are_not(
    own_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.page_guard._MOST_PAGES_OF_ONE", 2)
    token = own_site.sign_in("claire")
    pages = [Socket(own_site, token, own_site.page(token).page_token) for _ in range(2)]
    again = own_site.page(own_site.sign_in("claire"))
    assert again.status == 503
    assert "Trop de pages" in again.body
    assert own_site.page(own_site.sign_in("bruno")).status == 200
    pages[0].close()
    own_site.settle()
    assert own_site.page(token).status == 200


def failures(site: Site) -> dict[str, float]:
    text = site.ask("/metrics").body
    found = re.findall(r'educonnect_sign_ins_failed_total\{who="(\w+)"\} (\d+)', text)
    return {who: int(count) for who, count in found}


def test_failed_sign_ins_are_counted_and_logged_without_whose(
    own_site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    own_site.fill_in("/", {"login": "claire", "password": MARK})
    own_site.fill_in("/", {"login": MARK, "password": "x"})
    own_site.fill_in("/activation", {"identifier": MARK, "password": MARK})
    own_site.fill_in("/", {"login": "", "password": ""})
    assert failures(own_site) == {"staff": 2, "guardian": 1, "provider": 0, "throttled": 0}
    said = [one.getMessage() for one in caplog.records if one.name == "dashboard.web.handler"]
    assert said == [
        "a sign-in failed (staff) from 127.0.0.1",
        "a sign-in failed (staff) from 127.0.0.1",
        "a sign-in failed (guardian) from 127.0.0.1",
    ]
    token = own_site.sign_in("claire")
    own_site.fill_in(
        "/mot-de-passe", {"current": MARK, "password": "y", "confirmation": "y"}, token
    )
    for _ in range(40):
        own_site.fill_in("/", {"login": "claire", "password": MARK})
    assert failures(own_site)["throttled"] > 0
    assert not {MARK, "claire"} & set(re.findall(r"[\w-]+", caplog.text))
