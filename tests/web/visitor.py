"""A visitor without a browser: sends exactly what it is told, and keeps cookies."""

import html
import re
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPMessage
from http.cookies import SimpleCookie
from urllib.parse import urlencode

_TOKEN = re.compile(r'name="_xsrf" value="([^"]*)"')
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: HTTPMessage
    body: str

    @property
    def text(self) -> str:
        """What a reader sees, and the title."""
        return html.unescape(re.sub(r"<[^>]*>", "", self.body)).replace("\xa0", " ")

    @property
    def token(self) -> str:
        found = _TOKEN.search(self.body)
        assert found
        return found[1]

    @property
    def cookies(self) -> list[str]:
        return self.headers.get_all("Set-Cookie", [])


class Visitor:
    """Visits one site, without following redirections."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.cookies: dict[str, str] = {}

    def ask(
        self, method: str, path: str, body: str | bytes = "", headers: dict[str, str] | None = None
    ) -> Answer:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = ({"Cookie": cookies} if cookies else {}) | (headers or {})
        connection = HTTPConnection("127.0.0.1", self._port, timeout=10)
        try:
            connection.request(method, path, body or None, sent)
            reply = connection.getresponse()
            answer = Answer(reply.status, reply.headers, reply.read().decode())
        finally:
            connection.close()
        self._keep(answer)
        return answer

    def _keep(self, answer: Answer) -> None:
        for cookie in answer.cookies:
            for name, morsel in SimpleCookie(cookie).items():
                self.cookies[name] = morsel.value
                if not morsel.value:
                    del self.cookies[name]

    def get(self, path: str) -> Answer:
        return self.ask("GET", path)

    def post(self, path: str, **fields: str) -> Answer:
        """Send a form as it is, with no token but one of the fields."""
        return self.ask("POST", path, urlencode(fields), FORM)

    def fill_in(self, path: str, **fields: str) -> Answer:
        """Open a page and send its form."""
        return self.post(path, _xsrf=self.get(path).token, **fields)

    def sign_in(self, identifier: str, password: str) -> Answer:
        return self.fill_in("/activation", identifier=identifier, password=password)
