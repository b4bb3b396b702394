"""The audit of dependencies: told by a database of flaws, or skipped with its reason."""

import json
from contextlib import AbstractContextManager

import pytest

from tests.audit import main, pins
from tests.http_server import Response, answering


def database(
    flawed: str, status: int = 200, results: int | None = None
) -> AbstractContextManager[str]:
    """A database that knows one flaw of one package; with `results`, that answers so many."""

    def respond(body: bytes) -> Response:
        told = [
            {"vulns": [{"id": "GHSA-1"}]} if one["package"]["name"] == flawed else {}
            for one in json.loads(body)["queries"]
        ]
        return Response(json.dumps({"results": told[:results]}).encode(), status)

    return answering(respond)


def test_pins_are_read() -> None:
    hashed = "b==2 ; python_version > '3' \\\n    --hash=sha256:1\n"
    with_extras = "c[d,e]==3 \\\n    --hash=sha256:2\n"
    assert pins("# a==1\n" + hashed + with_extras) == {"b": "2", "c": "3"}


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
