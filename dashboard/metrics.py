"""What a monitoring system reads at ``/metrics``: how the service is, nothing of anybody.

Prometheus' text format is a dozen lines here, so that no library with a registry of its own is
needed. No label says a school, a person or an address.
"""

import asyncio
import hmac
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus

from tornado.httputil import HTTPHeaders
from tornado.web import OutputTransform, RequestHandler

from dashboard.actions.local_users import is_at_this_machine
from dashboard.actions.services import Services
from dashboard.actions.staff_sessions import SessionLimits
from dashboard.domain.message import MessageStatus
from dashboard.health import Health
from dashboard.store.failures import Cause, Failure
from dashboard.store.journal import read_activity

_CONTENT = "text/plain; version=0.0.4; charset=utf-8"
_BEARER = "Bearer "
# Whose sign-ins fail, and those that are not looked at because too many have.
_FAILURES = dict.fromkeys(("staff", "guardian", "provider", "throttled"), 0)


@dataclass(slots=True)
class Meter:
    """What the process counts of itself; only the server's own thread counts answers."""

    answers: Counter[str] = field(default_factory=Counter)
    house_kept_at: datetime | None = None
    backed_up_at: datetime | None = None
    open_pages: Callable[[], int] = int
    health: Health | None = None
    open_connections: Callable[[], int] = int
    connections_refused: Callable[[], int] = int
    sign_ins_failed: Counter[str] = field(default_factory=lambda: Counter(_FAILURES))
    messages_refused: Mapping[str, int] = field(default_factory=dict)


def counting(meter: Meter) -> type[OutputTransform]:
    """A transform, for a Tornado application, that counts every answer by its class."""

    class Count(OutputTransform):
        def transform_first_chunk(
            self,
            status_code: int,
            headers: HTTPHeaders,
            chunk: bytes,
            finishing: bool,  # noqa: ARG002  # Tornado's signature
        ) -> tuple[int, HTTPHeaders, bytes]:
            meter.answers[f"{status_code // 100}xx"] += 1
            return status_code, headers, chunk

    return Count


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: its values by the value of its label, which may be none."""

    name: str
    kind: str
    help: str
    values: Mapping[str, float]
    label: str = ""

    def lines(self) -> Iterator[str]:
        yield f"# HELP {self.name} {self.help}"
        yield f"# TYPE {self.name} {self.kind}"
        for value, count in self.values.items():
            label = f'{{{self.label}="{value}"}}' if self.label else ""
            yield f"{self.name}{label} {count:.15g}"


def metrics(services: Services, limits: SessionLimits, meter: Meter) -> str:
    """The metrics as they are now, in Prometheus' text format."""
    found = [
        Metric("educonnect_requests_total", "counter", "Answers.", dict(meter.answers), "status"),
        Metric("educonnect_pages_open", "gauge", "Pages open now.", {"": meter.open_pages()}),
        Metric(
            "educonnect_connections_open",
            "gauge",
            "Connections open now.",
            {"": meter.open_connections()},
        ),
        Metric(
            "educonnect_connections_refused_total",
            "counter",
            "Connections beyond the bounds.",
            {"": meter.connections_refused()},
        ),
        Metric(
            "educonnect_page_messages_refused_total",
            "counter",
            "Messages that no page sends, by why they were refused.",
            dict(meter.messages_refused),
            "reason",
        ),
        Metric(
            "educonnect_sign_ins_failed_total",
            "counter",
            "Sign-ins refused, by whose they were.",
            dict(meter.sign_ins_failed),
            "who",
        ),
        *_of_database(services, limits),
        *(_of_health(meter.health) if meter.health else ()),
        Metric(
            "educonnect_housekeeping_timestamp_seconds",
            "gauge",
            "When housekeeping last ended well; 0 if not since the start.",
            {"": _stamp(meter.house_kept_at)},
        ),
        Metric(
            "educonnect_backup_timestamp_seconds",
            "gauge",
            "When the daily backup was last found or made; 0 if not since the start.",
            {"": _stamp(meter.backed_up_at)},
        ),
    ]
    return "".join(f"{line}\n" for metric in found for line in metric.lines())


def _of_health(health: Health) -> Iterator[Metric]:
    """Whether the service can serve, told also while the database does not answer."""
    reasons = {reason.cause for reason in health.reasons()}
    failing = {cause.value: float(cause in reasons) for cause in Cause}
    yield Metric(
        "educonnect_database_failing", "gauge", "Why nothing can be written.", failing, "cause"
    )
    working = {name: float(lives) for name, lives in health.working().items()}
    yield Metric("educonnect_worker_up", "gauge", "Threads that live.", working, "worker")
    with suppress(OSError):
        free = {name: float(count) for name, count in health.free().items()}
        yield Metric("educonnect_disk_free_bytes", "gauge", "Room left.", free, "disk")


def _of_database(services: Services, limits: SessionLimits) -> list[Metric]:
    """What only the database knows; nothing while it does not answer."""
    try:
        activity = read_activity(services.store, services.clock() - limits.idle)
    except Failure:
        return []
    statuses = {status.value.lower(): 0 for status in MessageStatus} | activity.messages
    return [
        Metric(
            "educonnect_staff_sessions_open",
            "gauge",
            "Sign-ins of the staff in use.",
            {"": activity.sessions},
        ),
        Metric("educonnect_messages", "gauge", "Messages kept, by status.", statuses, "status"),
        Metric(
            "educonnect_journal_entries_total",
            "counter",
            "Writes to accounts, done or refused.",
            {"": activity.entries},
        ),
    ]


def _stamp(moment: datetime | None) -> float:
    return moment.timestamp() if moment else 0


class Metrics(RequestHandler):
    """Answers this machine, and who has the token; to others there is no such page."""

    def initialize(self, token: str, read: Callable[[], str]) -> None:
        self._token = token
        self._read = read

    async def get(self) -> None:
        if not self._may_read():
            self.set_status(HTTPStatus.NOT_FOUND)
            return
        self.set_header("Content-Type", _CONTENT)
        self.set_header("Cache-Control", "no-store")
        self.finish(await asyncio.to_thread(self._read))

    def _may_read(self) -> bool:
        if is_at_this_machine(self.request.remote_ip, self.request.headers):
            return True
        given = self.request.headers.get("Authorization", "")
        expected = f"{_BEARER}{self._token}"
        return bool(self._token) and hmac.compare_digest(given.encode(), expected.encode())
