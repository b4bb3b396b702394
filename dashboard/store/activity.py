"""How much goes on in a database: counts for monitoring, of nobody and of no school."""

from dataclasses import dataclass
from datetime import datetime

from dashboard.store.engine import Store


@dataclass(frozen=True, slots=True)
class Activity:
    """Sign-ins in use, messages by status (in lower case), and journal entries ever written."""

    sessions: int
    messages: dict[str, int]
    entries: int


def read_activity(store: Store, used_since: datetime) -> Activity:
    """What goes on; a session counts if it was used since a time."""
    [(sessions, entries)] = store.rows(
        "SELECT (SELECT count(*) FROM staff_session WHERE ended_at IS NULL AND seen_at > $1), "
        "(SELECT coalesce(max(entry_id), 0) FROM journal)",
        [used_since],
    )
    messages = store.rows("SELECT lower(status), count(*) FROM message GROUP BY status")
    return Activity(int(sessions), dict(messages), int(entries))
