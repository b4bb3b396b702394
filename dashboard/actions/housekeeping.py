"""What time asks for: ended weeks counted; old entries, dead links and leavers' names gone."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import pandas as pd

from dashboard.actions.privacy import EVERYWHERE
from dashboard.actions.steady import BELIEVED
from dashboard.domain.french import plural
from dashboard.domain.journal import RETENTION
from dashboard.domain.school_year import WEEK, sundays
from dashboard.domain.scope import Scope
from dashboard.pipelines.statistics import NO_LEVELS
from dashboard.pipelines.timelines import Days, timeline
from dashboard.store.attempts import trim_failures
from dashboard.store.engine import Store, Transaction
from dashboard.store.journal import trim_journal
from dashboard.store.messages import trim_messages, trim_tickets
from dashboard.store.privacy import erase, erase_students, leavers
from dashboard.store.schools import schools
from dashboard.store.staff import trim_sessions
from dashboard.store.tallies import bundle_tallies, kept_days, write_tallies
from dashboard.store.timelines import counted_by_school, journal_start
from dashboard.transport.maildir import Maildir

_MONTH = timedelta(days=30.44)
_LINKS_KEPT = timedelta(days=30)
_FAILURES_KEPT = timedelta(days=1)
_SESSIONS_KEPT = timedelta(days=30)
_BATCH = 10_000


@dataclass(frozen=True, slots=True)
class Retention:
    """For how many months the journal and messages, and the names of leavers, are kept."""

    journal_months: int
    leavers_months: int


@dataclass(frozen=True, slots=True)
class Cleared:
    """How many rows of each kind were deleted, how many people lost their names, and how many
    weeks were counted before.
    """

    entries: int
    messages: int
    links: int
    failures: int
    sessions: int
    guardians: int = 0
    students: int = 0
    weeks: int = 0

    def lines(self) -> list[str]:
        return [
            f"journal : {plural(self.entries, 'entrée effacée', 'entrées effacées')}",
            f"courriels : {plural(self.messages, 'effacé')}",
            f"liens expirés : {plural(self.links, 'effacé')}",
            f"échecs de connexion : {plural(self.failures, 'effacé')}",
            f"connexions terminées : {plural(self.sessions, 'effacée')}",
            f"responsables partis : {plural(self.guardians, 'anonymisé')}",
            f"élèves partis : {plural(self.students, 'anonymisé')}",
            f"semaines écoulées : {plural(self.weeks, 'comptée')}",
        ]


def housekeep(
    store: Store, now: datetime, retention: Retention, mail_folder: Path | None = None
) -> Cleared:
    """Count the weeks that have ended; delete what is too old or serves no more; erase leavers.

    CNIL 2021-122 has such journals kept for six to twelve months; `keep_tallies` counts the weeks
    before theirs go. A leaver is a guardian, or a student, without an open link in any school for
    so many months; what that changes is what `dashboard.actions.privacy.erase_person` says. Of
    messages in `mail_folder`, whoever reads them there, the old ones are deleted.

    Raises:
        Changed: other sessions changed leavers meanwhile; the rest is done.
    """
    kept_since = now - retention.journal_months * _MONTH
    gone_before = (now - retention.leavers_months * _MONTH).date()
    weeks = keep_tallies(store, now.date())
    with store.transaction() as transaction:
        entries = trim_journal(transaction, kept_since)
        messages = trim_messages(transaction, kept_since)
        links = trim_tickets(transaction, now - _LINKS_KEPT)
        failures = trim_failures(transaction, now - _FAILURES_KEPT, now + BELIEVED)
        sessions = trim_sessions(transaction, now - _SESSIONS_KEPT)
    if mail_folder is not None:
        Maildir(mail_folder).trim(kept_since)
    guardians = _erase_leavers(store, gone_before, now)
    with store.transaction() as transaction:
        students = erase_students(transaction, EVERYWHERE, gone_before)
    return Cleared(entries, messages, links, failures, sessions, guardians, students, weeks)


def _erase_leavers(store: Store, gone_before: date, now: datetime) -> int:
    erased = 0
    while batch := leavers(store, EVERYWHERE, gone_before, _BATCH):
        with store.transaction() as transaction:
            erase(transaction, EVERYWHERE, batch, RETENTION, now)
        erased += len(batch)
    return erased


_EVERYWHERE = Scope.nation()


def keep_tallies(store: Store, today: date) -> int:
    """Keep the counts of the weeks that have ended and are not kept yet; how many weeks.

    They are those that `dashboard.timeline` tells by school of the Sundays before today, as far
    back as the journal does. All are counted at one moment, and kept together or not at all, with
    the bundles that they are published in.
    """
    uais = list(schools(store, _EVERYWHERE)["uai"])
    with store.transaction() as transaction:
        missing = _missing(transaction, today)
        if missing:
            _keep(transaction, uais, missing)
        bundle_tallies(transaction)
    return len(missing)


def _missing(transaction: Transaction, today: date) -> list[date]:
    first = journal_start(transaction, _EVERYWHERE)
    ended = sundays(first, today - timedelta(days=1)) if first else []
    return sorted(set(ended).difference(kept_days(transaction, _EVERYWHERE)))


def _keep(transaction: Transaction, uais: list[str], weeks: list[date]) -> None:
    days = Days(weeks[0], weeks[-1], every=WEEK.days)
    parts = [
        timeline(accounts, changes, NO_LEVELS, ["uai"], days)
        for accounts, changes in counted_by_school(transaction, _EVERYWHERE, uais, days.since)
    ]
    counted = pd.concat(
        part[part["day"].dt.date.isin(weeks) & (part["accounts"] > 0)] for part in parts
    )
    write_tallies(transaction, counted.rename(columns={"school": "uai"}))
