"""What time makes superfluous: old journal entries and messages, expired links, failures."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from dashboard.domain.french import plural
from dashboard.store.attempts import trim_failures
from dashboard.store.engine import Store
from dashboard.store.journal import trim_journal
from dashboard.store.messages import trim_messages
from dashboard.store.staff import trim_sessions
from dashboard.store.tickets import trim_tickets

_MONTH = timedelta(days=30.44)
_LINKS_KEPT = timedelta(days=30)
_FAILURES_KEPT = timedelta(days=1)
_SESSIONS_KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Cleared:
    """How many rows of each kind were deleted."""

    entries: int
    messages: int
    links: int
    failures: int
    sessions: int

    def lines(self) -> list[str]:
        return [
            f"journal : {plural(self.entries, 'entrée effacée', 'entrées effacées')}",
            f"courriels : {plural(self.messages, 'effacé')}",
            f"liens expirés : {plural(self.links, 'effacé')}",
            f"échecs de connexion : {plural(self.failures, 'effacé')}",
            f"connexions terminées : {plural(self.sessions, 'effacée')}",
        ]


def housekeep(store: Store, now: datetime, journal_months: int) -> Cleared:
    """Delete journal entries and messages older than so many months, and what no longer serves.

    CNIL 2021-122 has such journals kept for six to twelve months.
    """
    kept_since = now - journal_months * _MONTH
    with store.transaction() as transaction:
        return Cleared(
            trim_journal(transaction, kept_since),
            trim_messages(transaction, kept_since),
            trim_tickets(transaction, now - _LINKS_KEPT),
            trim_failures(transaction, now - _FAILURES_KEPT, now),
            trim_sessions(transaction, now - _SESSIONS_KEPT),
        )
