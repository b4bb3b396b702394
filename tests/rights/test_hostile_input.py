"""Hostile text in every field, address and file: answered or refused, never an error, never run."""

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.views.state.list_state import ListState, Tab
from dashboard.web.forms import FormPage
from tests.command import Run
from tests.rights.service import BEZE, SULPICE, Site
from tests.rights.test_matrix import ROUTES, foreign
from tests.web.visitor import FORM

SCRIPT = "<script>window.stolen=1</script>"
HOSTILE: Sequence[bytes] = [
    text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    for text in (
        SCRIPT,
        f'"><img src=x onerror=alert(1)>{SCRIPT}',
        "' OR '1'='1'; DROP TABLE account; --",
        "$1",
        '=HYPERLINK("http://example.org")',
        "../../../../etc/passwd",
        "..\\..\\windows",
        "{{7*7}}{% include 'base.html' %}",
        "\x00",
        "a\x00b",
        "\r\nSet-Cookie: staff=x",
        "\u202egnp.exe",
        "\ud800",
        "é" * 300,
        "a" * 100_000,
        "٣٤٥",
        "-1",
        "9" * 40,
        "1e999",
        "NaN",
        b"\xff\xfe\xfa",
        b"\xc0\xaf",
        b"%00%zz",
    )
]
LONGEST_ADDRESS = 8_000


def tornado_forms(site: Site) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each form that the server has, with its fields."""

    def of(router: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
        for rule in router.rules:
            if hasattr(rule.target, "rules"):
                yield from of(rule.target)
            elif isinstance(rule.target, type) and issubclass(rule.target, FormPage):
                path = ROUTES[rule.matcher.regex.pattern][0]
                yield path, (*rule.target.field_names, "confirmation", "_xsrf")

    return of(site.service.server._tornado.default_router)


PARAMETERS = [
    *(
        "next",
        "avis",
        "school",
        "tab",
        "q",
        "class",
        "state",
        "email",
        "origin",
        "expired",
        "clarify",
    ),
    *("sort", "page", "account", "bokeh-session-id", "bokeh-token", "code", "state", "error"),
]


@pytest.fixture
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Nothing that a visitor sends is an error of the program's."""
    yield
    errors = [one.getMessage() for one in caplog.records if one.levelno >= logging.ERROR]
    assert [one for one in errors if "Traceback" in one or "500" in one] == []


def is_harmless(site: Site, path: str, **sent: Any) -> None:
    answer = site.ask(path, **sent)
    assert answer.status < 500, (path[:200], sent)
    assert SCRIPT not in answer.body
    assert "Traceback" not in answer.body
    assert "root:x:" not in answer.body
    assert not answer.sets_cookie_of_others


def test_hostile_addresses_are_answered(site: Site, quiet: None) -> None:
    token = site.sign_in("claire")
    light = [path for path, _, _ in ROUTES.values() if path not in {"/comptes", "?x"}]
    for path in light:
        for value in HOSTILE:
            text = quote_plus(value)[:LONGEST_ADDRESS]
            query = "&".join(f"{name}={text}" for name in PARAMETERS[:3])
            is_harmless(site, f"{path.split('?')[0]}?{query}"[:LONGEST_ADDRESS], token=token)


@pytest.mark.parametrize(
    "pattern", [pattern for pattern in ROUTES if "(.*)" in pattern or ".*" in pattern]
)
def test_hostile_paths_are_answered(site: Site, quiet: None, pattern: str) -> None:
    root = pattern.split("(")[0].split(".*")[0]
    for value in HOSTILE:
        is_harmless(site, f"{root}{quote(value, safe='/')[:LONGEST_ADDRESS]}")


def test_hostile_addresses_of_the_application_show_nothing_foreign(site: Site, quiet: None) -> None:
    hidden = foreign(site, "denis")
    page = site.open("denis")
    for value in HOSTILE:
        # All of them together are as long as what a page may say of its address.
        text = quote_plus(value)[: LONGEST_ADDRESS // len(PARAMETERS)]
        query = "&".join(f"{name}={text}" for name in PARAMETERS if name not in {"school", "tab"})
        page.go_to(f"?school={SULPICE}&tab=responsables&{query}")
    is_harmless(site, f"/comptes?tab={SCRIPT.replace(' ', '')}", token=site.sign_in("denis"))
    said = page.seen()
    assert {text for text in hidden if text in said} == set()


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60), st.sampled_from(PARAMETERS), st.sampled_from(list(Tab)))
def test_whatever_an_address_says_the_state_is_one_that_there_is(
    text: str, name: str, tab: Tab
) -> None:
    list_state = ListState()
    safe = quote_plus(text.encode("utf-8", "replace"))
    list_state.go_to(f"?tab={tab}&{name}={safe}", {SULPICE})
    assert list_state.school == SULPICE
    list_state.go_to(f"?tab={tab}&{name}={safe}", {SULPICE, BEZE})
    assert list_state.school in {"", SULPICE, BEZE}
    assert list_state.query() == list_state.query()


def test_every_field_of_every_form_takes_hostile_text(own_site: Site, quiet: None) -> None:
    forms = dict(tornado_forms(own_site))
    assert len(forms) > 10
    token = own_site.sign_in("claire")
    for path, fields in forms.items():
        page = own_site.ask("/", "")
        cookie = f"{page.headers['set-cookie'].split(';')[0]}; staff={token}; visit=x; started=x"
        for value in HOSTILE:
            own_site.clock.passes(hours=1)
            said = quote_plus(value)
            body = "&".join(f"{name}={said}" for name in fields if name != "_xsrf")
            sent = f"_xsrf={page.form_token}&{body}"
            is_harmless(
                own_site,
                path,
                method="POST",
                body=sent,
                headers={**FORM, "Cookie": cookie},
            )


def test_hostile_cookies_are_nobodys(site: Site, quiet: None) -> None:
    for value in HOSTILE:
        text = value.decode("latin-1").translate(dict.fromkeys((0, 10, 13), "_"))[:2000]
        for path in ("/", "/comptes", "/mot-de-passe", "/activation/active", "/connexion/retour"):
            cookies = "; ".join(f"{name}={text}" for name in ("staff", "staff_form", "visit"))
            answer = site.ask(path, headers={"Cookie": cookies.encode("latin-1").decode("latin-1")})
            assert answer.status in {200, 302, 303, 400, 404}


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.sampled_from(HOSTILE), st.binary(max_size=200), st.integers(0, 400))
def test_hostile_files_are_refused_by_the_command(
    run: Run, tmp_path: Path, hostile: bytes, noise: bytes, place: int
) -> None:
    demo = Path(__file__).parents[2] / "data" / "demo"
    names = "students", "guardians", "accounts"
    for name in names:
        content = (demo / f"{BEZE}_{name}.csv").read_bytes()[:2000]
        spoilt = content[:place] + hostile + noise + content[place:]
        (tmp_path / f"{name}.csv").write_bytes(spoilt)
    students, guardians, accounts = (tmp_path / f"{name}.csv" for name in names)
    files = "--students", students, "--guardians", guardians
    done = run("import", "--school", BEZE, *files)
    assert done.code in {0, 1}
    assert run("import-accounts", accounts).code in {0, 1}
    if done.code == 0:
        listed = run("accounts", "--school", BEZE, "--format", "csv").text
        assert not any(
            cell.startswith(("=", '"=')) for cell in listed.replace("\n", ";").split(";")
        )


@pytest.mark.parametrize("value", [v for v in HOSTILE if b"\0" not in v and len(v) < 1000])
def test_hostile_options_are_refused_by_the_command(
    demo_schools: None, run: Run, value: bytes
) -> None:
    text = value.decode("utf-8", "replace")
    for command in (
        ("accounts", "--school", text),
        ("accounts", "--school", SULPICE, "--search", text, "--class", text),
        ("statistics", "--academy", text),
        ("users", "disable", text),
        ("notify", "--school", SULPICE, "--by", "email", "--as", text, "--search", "zzz", "--yes"),
    ):
        done = run(*command)
        assert done.code in {0, 1, 2}
