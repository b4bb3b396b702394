"""The whole service in this process: staff of every role, and visitors who make their requests."""

import asyncio
import json
import re
import threading
from base64 import b64decode
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

from bokeh.util.token import get_token_payload
from tornado.httpclient import HTTPRequest
from tornado.ioloop import IOLoop
from tornado.websocket import WebSocketClientConnection, websocket_connect

from dashboard.actions.load_demo import load_demo
from dashboard.actions.users import add
from dashboard.domain.scope import Area, Role, StaffScope
from dashboard.server import ListenAddress, Service, looking_at, open_service
from dashboard.settings import Settings
from dashboard.store.engine import MEMORY, Store, connect
from dashboard.web.handler import Threads
from tests.web.visitor import FORM

GOOD = "Trombone-vert-42"
SULPICE, BEZE, VAROIS, NOWHERE = "0580189R", "0210351T", "0210507M", "0210001M"
TODAY = datetime(2026, 9, 28, 10, 0)
_WORKERS = 4
SERVER = StaffScope("exploitant")
STAFF = {
    "claire": (Role.DIRECTOR, {(Area.SCHOOLS, SULPICE), (Area.SCHOOLS, VAROIS)}),
    "bruno": (Role.DIRECTOR, {(Area.SCHOOLS, BEZE)}),
    "denis": (Role.DEPUTY, {(Area.SCHOOLS, SULPICE)}),
    "irene": (Role.INSPECTOR, {(Area.DEPARTMENT, "058")}),
    "alice": (Role.ADMINISTRATOR, set[tuple[Area, str]]()),
}


@dataclass
class Clock:
    """A clock that tests set; read by every thread of the service."""

    now: datetime = TODAY

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **how_much: float) -> None:
        self.now += timedelta(**how_much)


@dataclass(frozen=True)
class Answer:
    """What came back: the status, the headers (lower case), and the text."""

    status: int
    headers: Mapping[str, str]
    body: str

    @property
    def sets_cookie_of_others(self) -> bool:
        """Whether a session's cookie has the value that attacks try to give it, and no token."""
        return bool(re.search(r"staff=x(?![\w-])", self.headers.get("set-cookie", "")))

    @property
    def page_token(self) -> str:
        """The token by which a page's socket finds its session."""
        found = re.search(r'"token":"([^"]+)"', self.body)
        assert found, self.body[:200]
        return found[1]

    @property
    def form_token(self) -> str:
        found = re.search(r'name="_xsrf" value="([^"]*)"', self.body)
        assert found
        return found[1]


@dataclass
class Site:
    """The service being served: where, at what time, with which store."""

    service: Service
    store: Store
    clock: Clock
    loop: asyncio.AbstractEventLoop
    workers: ThreadPoolExecutor
    port: int = field(init=False)
    sockets: list[WebSocketClientConnection] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.port = self.service.server.port

    def ask(
        self,
        path: str,
        token: str = "",
        method: str = "GET",
        body: str | bytes = "",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request as it is; redirections are not followed."""
        sent = ({"Cookie": f"staff={token}"} if token else {}) | dict(headers or {})
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body or None, sent)
            reply = connection.getresponse()
            text = reply.read().decode("utf-8", "replace")
            return Answer(reply.status, {k.lower(): v for k, v in reply.headers.items()}, text)
        finally:
            connection.close()

    def fill_in(self, path: str, fields: Mapping[str, str], token: str = "") -> Answer:
        """Open a page and send its form."""
        page = self.ask(path, token)
        cookie = page.headers["set-cookie"].split(";")[0]
        cookies = f"{cookie}; staff={token}"
        body = urlencode({"_xsrf": page.form_token, **fields})
        return self.ask(path, method="POST", body=body, headers={**FORM, "Cookie": cookies})

    def sign_in(self, login: str, password: str = GOOD) -> str:
        """The token of a new session, got at the form."""
        answer = self.fill_in("/", {"login": login, "password": password})
        found = re.search(r"staff=([^;]+)", answer.headers.get("set-cookie", ""))
        assert found, answer
        return found[1]

    def page(self, token: str, query: str = "") -> Answer:
        """The page of the application for who has this token."""
        return self.ask(f"/comptes{query}", token)

    def open(self, login: str, query: str = "") -> "Socket":
        """A raw connection to a new page of a member of staff."""
        token = self.sign_in(login)
        return Socket(self, token, self.page(token, query).page_token)

    def settle(self) -> None:
        """Wait until all that visitors asked for so far is done."""
        for _ in range(3):
            self.run(asyncio.sleep(0.01))
            meeting = threading.Barrier(_WORKERS)
            for done in [self.workers.submit(meeting.wait, 20) for _ in range(_WORKERS)]:
                done.result()
        self.run(asyncio.sleep(0.01))

    def run(self, work: Any) -> Any:
        """What a coroutine gives, run beside the server's loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)


@contextmanager
def served(settings: Settings | None = None) -> Iterator[Site]:
    """The demo schools and the staff, served by a thread until the caller is done."""
    clock, ready = Clock(), threading.Event()
    found: list[Site] = []
    loop, workers = asyncio.new_event_loop(), ThreadPoolExecutor(_WORKERS)
    loop.set_default_executor(workers)
    with connect(MEMORY) as store, Threads() as threads, workers:
        load_demo(store, date(2026, 9, 28))
        for login, (role, places) in STAFF.items():
            add(store, SERVER, TODAY, login, login.capitalize(), role, places, GOOD)

        def serve() -> None:
            asyncio.set_event_loop(loop)
            service = open_service(
                store, settings or Settings(), ListenAddress("127.0.0.1", 0), threads, clock
            )
            found.append(Site(service, store, clock, loop, workers))
            service.server.start()
            with looking_at(service.page_guard):
                IOLoop.current().call_later(0, ready.set)
                IOLoop.current().start()
            service.shared.action_states.stop()
            service.server.stop()
            loop.run_until_complete(loop.shutdown_asyncgens())

        thread = threading.Thread(target=serve)
        thread.start()
        assert ready.wait(120)
        try:
            yield found[0]
        finally:
            for socket in found[0].sockets:
                found[0].run(_closed(socket))
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()


@dataclass(frozen=True)
class Part:
    """A component of a page: its model, that of its data, what it is and says."""

    model: str
    data: str
    kind: str
    said: Mapping[str, Any]

    def begins(self, label: str) -> bool:
        return str(self.said.get("label", "")).startswith(label)


class Socket:
    """A raw connection to a page: sends what it is told, in Bokeh's protocol, and keeps answers."""

    def __init__(self, site: Site, token: str, page_token: str) -> None:
        self._site = site
        self._number = 0
        self.texts: list[str] = []
        request = HTTPRequest(
            f"ws://127.0.0.1:{site.port}/comptes/ws",
            headers={
                "Origin": f"http://127.0.0.1:{site.port}",
                "Cookie": f"staff={token}",
            },
        )

        async def connected() -> WebSocketClientConnection:
            return await websocket_connect(
                request, subprotocols=["bokeh", page_token], max_message_size=50_000_000
            )

        self._socket = site.run(connected())
        site.sockets.append(self._socket)
        self._read_until("ACK")
        self.event("document_ready")
        site.settle()

    def close(self) -> None:
        self._site.run(_closed(self._socket))

    @property
    def close_code(self) -> int | None:
        """By which code the server has closed the connection."""
        code: int | None = self._socket.close_code
        return code

    @property
    def extensions(self) -> str:
        """What was agreed on when the connection was opened."""
        return str(self._socket.headers.get("Sec-WebSocket-Extensions", ""))

    def read_to_the_end(self) -> str:
        """All that is still said until the server closes the connection."""

        async def read() -> str:
            said = []
            while (fragment := await self._socket.read_message()) is not None:
                said.append(fragment if isinstance(fragment, str) else "")
            return "".join(said)

        found: str = self._site.run(asyncio.wait_for(read(), 20))
        return found

    def send_raw(self, *fragments: str) -> None:
        async def sent() -> None:
            for fragment in fragments:
                await self._socket.write_message(fragment)

        self._site.run(sent())

    def send(self, kind: str, content: object) -> dict[str, Any] | None:
        """Send one message; the server's answer to it, ``None`` once the connection is closed."""
        self._number += 1
        header = {"msgid": str(self._number), "msgtype": kind}
        self.send_raw(json.dumps(header), "{}", json.dumps(content))
        return self._answer(str(self._number))

    def patch(self, *events: dict[str, Any]) -> str | None:
        """Send changes of the page's document; the kind of the answer."""
        answer = self.send("PATCH-DOC", {"events": list(events)})
        return str(answer["msgtype"]) if answer else None

    def set(self, model: str, attribute: str, value: object) -> str | None:
        """Set a property of a model of the page."""
        changed = {"model": {"id": model}, "attr": attribute, "new": value}
        return self.patch({"kind": "ModelChanged", **changed})

    def go_to(self, query: str) -> None:
        """Set the address that the page shows."""
        [bar] = self.named("AddressBar")
        self.set(bar.data, "search", query)

    def click(self, part: "Part") -> str | None:
        """Press a part of the page, in the way of the components, whether it is shown or not."""
        return self.event("dom_event", ["model", {"id": part.model}], ["node", "click"])

    def message(self, part: "Part", data: object) -> str | None:
        """Send a part of the page a message of its own."""
        return self.event("data_event", ["model", {"id": part.model}], ["data", data])

    def event(self, name: str, *entries: list[Any]) -> str | None:
        """Send an event of the page."""
        values = {"type": "map", "entries": [list(entry) for entry in entries]}
        event = {"type": "event", "name": name, "values": values}
        return self.patch({"kind": "MessageSent", "msg_type": "bokeh_event", "msg_data": event})

    def models(self) -> list[dict[str, Any]]:
        """Every model of the page as it is now."""
        answer = self.send("PULL-DOC-REQ", {})
        assert answer is not None
        found: list[dict[str, Any]] = []
        _collect(answer["content"], found)
        return found

    def parts(self) -> "list[Part]":
        """The components of the page as they are now."""
        made = [(one, one.get("attributes", {}).get("data")) for one in self.models()]
        return [
            Part(one["id"], data["id"], data["name"].rstrip("0123456789"), data["attributes"])
            for one, data in made
            if isinstance(data, dict) and data.get("type") == "object"
        ]

    def named(self, kind: str, label: str = "") -> "list[Part]":
        """The components of a kind whose label begins so."""
        return [part for part in self.parts() if part.kind == kind and part.begins(label)]

    def seen(self) -> str:
        """All that the server has said on this connection: the page as it is now, and its files."""
        self._site.settle()
        self.models()
        said = "\n".join(self.texts)
        files = [b64decode(file) for file in set(re.findall(r"base64,([A-Za-z0-9+/=]+)", said))]
        return "\n".join([said, *(file.decode("utf-8", "replace") for file in files)])

    def _answer(self, number: str) -> dict[str, Any] | None:
        return self._read_until("", number)

    def _read_until(self, kind: str, number: str = "") -> dict[str, Any] | None:
        async def read() -> dict[str, Any] | None:
            while True:
                message = await _message(self._socket)
                if message is None:
                    return None
                header, content, text = message
                self.texts.append(text)
                if header["msgtype"] == kind or (number and header.get("reqid") == number):
                    return {"msgtype": header["msgtype"], "content": content}

        found: dict[str, Any] | None = self._site.run(asyncio.wait_for(read(), 20))
        return found


async def _closed(socket: WebSocketClientConnection) -> None:
    socket.close()
    while socket.protocol is not None and await socket.read_message() is not None:
        pass
    await asyncio.sleep(0)


async def _message(socket: WebSocketClientConnection) -> tuple[dict[str, Any], Any, str] | None:
    """The next message of Bokeh's: its header, its content and all of it as text."""
    parts: list[str] = []
    for _ in range(3):
        fragment = await socket.read_message()
        if fragment is None:
            return None
        assert isinstance(fragment, str)
        parts.append(fragment)
    header = json.loads(parts[0])
    for _ in range(2 * int(header.get("num_buffers", 0))):
        fragment = await socket.read_message()
        if fragment is None:
            return None
        parts.append(fragment if isinstance(fragment, str) else fragment.decode("latin-1"))
    content = json.loads(parts[2])
    said = json.dumps(content, ensure_ascii=False)
    return header, content, "".join([parts[0], said, *parts[3:]])


def _collect(value: Any, found: list[dict[str, Any]]) -> None:
    match value:
        case {"type": "object", "id": _, "name": _}:
            found.append(value)
            _collect(value.get("attributes", {}), found)
        case dict():
            for inner in value.values():
                _collect(inner, found)
        case list():
            for inner in value:
                _collect(inner, found)


def payload_of(page_token: str) -> Mapping[str, Any]:
    """What a page's token says to who reads it."""
    said: Mapping[str, Any] = get_token_payload(page_token)
    return said
