"""The audit of dependencies: told by a database of flaws, or skipped with its reason."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.audit import main, pins


@contextmanager
def database(flawed: str, status: int = 200, results: int | None = None) -> Iterator[str]:
    """A database that knows one flaw of one package; with `results`, that answers so many."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["queries"]
            told = [
                {"vulns": [{"id": "GHSA-1"}]} if one["package"]["name"] == flawed else {}
                for one in asked
            ]
            body = json.dumps({"results": told[:results]}).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


def test_pins_are_read() -> None:
    assert pins("# a==1\nb==2 ; python_version > '3'\nc==3\n") == {"b": "2", "c": "3"}


def test_a_known_flaw_fails_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    with database("jinja2") as address:
        assert main(address) == 1
    out, err = capsys.readouterr()
    assert err.startswith("jinja2 ")
    assert err.endswith(": GHSA-1\n")
    assert "1 with a known flaw" in out


def test_none_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with database("none") as address:
        assert main(address) == 0
    assert ": 0 with a known flaw" in capsys.readouterr().out


@pytest.mark.parametrize("how", [{"status": 503}, {"results": 1}])
def test_another_answer_is_no_audit(
    capsys: pytest.CaptureFixture[str], how: dict[str, int]
) -> None:
    with database("none", **how) as address:
        assert main(address) == 0
    assert capsys.readouterr().out.startswith("Audit skipped")


def test_out_of_reach_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main("http://127.0.0.1:1/") == 0
    assert "(ConnectionError)" in capsys.readouterr().out
