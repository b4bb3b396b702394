"""What is told to a monitoring system: the state of the service, to this machine or by token."""

import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from dashboard.actions.staff_sessions import SessionLimits, StaffSessions
from dashboard.domain.scope import Role, Scope, User
from dashboard.metrics import Meter, metrics
from dashboard.store.backup import held
from dashboard.store.engine import Store, connect
from tests.actions.services import (
    ABRICOT,
    BOULEAU,
    NAMES,
    NOW,
    Clock,
    Postbox,
    families,
    make_services,
    notified_by_email,
)
from tests.browser.conftest import SERVE, Server, demo_database, run_server

TOKEN = "jeton-de-supervision"
LINE = re.compile(r'[a-z_]+(\{[a-z]+="[a-zA-Z0-9]*"\})? [0-9.e+-]+')


def read(text: str) -> dict[str, float]:
    """The values, by name and label."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def test_they_count_what_goes_on(store: Store) -> None:
    families(store)
    clock = Clock()
    services = make_services(store, Postbox(), clock)
    user = User("demo", "Démonstration", Role.DIRECTOR, Scope.schools())
    demo_users = dict.fromkeys(("one", "two"), user)
    sessions = StaffSessions(store, services.signer, SessionLimits(), demo_users)
    sessions.enter_demo("one", NOW - timedelta(hours=2))
    sessions.enter_demo("two", NOW)
    notified_by_email(store, ABRICOT)
    services.postman().send_due()
    notified_by_email(store, BOULEAU)
    meter = Meter(house_kept_at=NOW, open_pages=lambda: 3)
    meter.sign_ins_failed["staff"] += 2
    meter.answers.update({"2xx": 4, "4xx": 1})
    assert read(metrics(services, SessionLimits(), meter)) == {
        'educonnect_requests_total{status="2xx"}': 4,
        'educonnect_requests_total{status="4xx"}': 1,
        "educonnect_pages_open": 3,
        'educonnect_sign_ins_failed_total{who="staff"}': 2,
        'educonnect_sign_ins_failed_total{who="guardian"}': 0,
        'educonnect_sign_ins_failed_total{who="provider"}': 0,
        'educonnect_sign_ins_failed_total{who="throttled"}': 0,
        "educonnect_connections_open": 0,
        "educonnect_connections_refused_total": 0,
        "educonnect_staff_sessions_open": 1,
        'educonnect_messages{status="queued"}': 1,
        'educonnect_messages{status="sending"}': 0,
        'educonnect_messages{status="sent"}': 1,
        'educonnect_messages{status="failed"}': 0,
        "educonnect_journal_entries_total": 2,
        "educonnect_housekeeping_timestamp_seconds": NOW.timestamp(),
        "educonnect_backup_timestamp_seconds": 0,
    }


def test_they_are_prometheus_text_and_name_nobody(store: Store) -> None:
    families(store)
    notified_by_email(store, ABRICOT)
    text = metrics(make_services(store), SessionLimits(), Meter())
    assert text.endswith("\n")
    for line in text.splitlines():
        assert line.startswith(("# HELP ", "# TYPE ")) or LINE.fullmatch(line), line
    assert not any(name.lower() in text.lower() for name in NAMES.values())
    assert "educonnect_housekeeping_timestamp_seconds 0" in text


def answer(server: Server, path: str = "/metrics", **headers: str) -> tuple[int, str]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(server.address + path, headers=named)
    try:
        with urllib.request.urlopen(request, timeout=10) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    database = demo_database(tmp_path_factory.mktemp("metrics"))
    settings = {
        "EDUCONNECT_METRICS_TOKEN": TOKEN,
        "EDUCONNECT_BEHIND_PROXY": "true",
        "EDUCONNECT_BACKUP_FOLDER": str(database.parent / "copies"),
    }
    with run_server([*SERVE, "--demo"], database, "/healthz", settings) as server:
        yield server


@pytest.fixture(scope="module")
def backups(guarded: Server) -> Path:
    return guarded.log.parent / "copies"


def test_this_machine_reads_them(guarded: Server) -> None:
    answer(guarded, "/nowhere")
    status, text = answer(guarded)
    assert status == 200
    values = read(text)
    assert values['educonnect_requests_total{status="2xx"}'] >= 1
    assert values['educonnect_requests_total{status="4xx"}'] >= 1
    assert values["educonnect_housekeeping_timestamp_seconds"] > 0


def test_a_copy_is_made_each_day_while_it_serves(guarded: Server, backups: Path) -> None:
    deadline = time.monotonic() + 30
    while not read(answer(guarded)[1])["educonnect_backup_timestamp_seconds"]:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    [copy] = backups.iterdir()
    with connect(copy, read_only=True) as store:
        assert not held(store).is_empty


@pytest.mark.parametrize(
    "headers",
    [
        {"X_Forwarded_For": "192.0.2.7"},
        {"X_Forwarded_For": "127.0.0.1"},
        {"X_Real_Ip": "192.0.2.7"},
        {"X_Forwarded_For": "192.0.2.7", "Authorization": "Bearer autre"},
        {"X_Forwarded_For": "192.0.2.7", "Authorization": "Bearer "},
    ],
)
def test_to_others_there_is_no_such_page(guarded: Server, headers: dict[str, str]) -> None:
    assert answer(guarded, **headers) == (404, "")


def test_who_has_the_token_reads_them(guarded: Server) -> None:
    status, text = answer(guarded, X_Forwarded_For="192.0.2.7", Authorization=f"Bearer {TOKEN}")
    assert (status, "educonnect_messages" in text) == (200, True)


def test_without_a_token_nothing_that_is_passed_on_reads_them(tmp_path: Path) -> None:
    with run_server([*SERVE, "--demo"], demo_database(tmp_path), "/healthz") as server:
        for given in ("Bearer ", "Bearer", ""):
            said = answer(server, X_Forwarded_For="127.0.0.1", Authorization=given)
            assert said == (404, "")
