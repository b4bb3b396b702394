"""Everything that is stored of one guardian, read for the guardian."""

from dataclasses import dataclass
from datetime import date, datetime

from dashboard.domain.account import State
from dashboard.domain.action import Action
from dashboard.domain.credentials import Purpose
from dashboard.domain.journal import Entry
from dashboard.domain.message import MessageKind, MessageStatus
from dashboard.domain.scope import OwnAccount
from dashboard.store.engine import Store
from dashboard.store.enrolments import attached
from dashboard.store.guardians import Holder, holder_of
from dashboard.store.messages import Sending
from dashboard.store.stated import JOIN_STATED


@dataclass(frozen=True, slots=True)
class HeldChild:
    """A child that the account is, or was until `left_on`, linked to; without names if unknown."""

    birth_name: str
    usage_name: str
    first_name: str
    uai: str
    school: str
    class_label: str
    level: str
    left_on: date | None


@dataclass(frozen=True, slots=True)
class OpenLink:
    """A link in a message that can still be followed; never what it is signed with."""

    purpose: Purpose
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class PersonalFile:
    """An account with its children, journal, messages and open links, oldest first."""

    holder: Holder
    children: tuple[HeldChild, ...]
    journal: tuple[Entry, ...]
    messages: tuple[Sending, ...]
    links: tuple[OpenLink, ...]

    @property
    def enrolled(self) -> list[HeldChild]:
        return [child for child in self.children if child.left_on is None]


_CHILD_NAMES = ", ".join(
    f"coalesce(student.{name}, stated_child.{name})"
    for name in ("birth_name", "usage_name", "first_name")
)


def personal_file(store: Store, own: OwnAccount, now: datetime) -> PersonalFile | None:
    """What is stored of the account's holder; ``None`` if there is no such account."""
    holder = holder_of(store, own)
    if holder is None:
        return None
    number = [own.account_id]
    children = store.rows(
        f"SELECT {_CHILD_NAMES}, link.uai, school.name, link.class, link.level, link.left_on "
        f"FROM (SELECT * FROM {attached(['class', 'level'])}) AS link "
        f"LEFT JOIN student ON student.student_id = link.student_id {JOIN_STATED} "
        "JOIN school ON school.uai = link.uai WHERE link.account_id = $1 "
        "AND (student.student_id IS NOT NULL OR stated_child.child_id IS NOT NULL) "
        "ORDER BY link.uai, link.student_id, link.class",
        number,
    )
    entries = store.rows(
        "SELECT happened_at, actor, action, account_id, from_state, to_state, reason FROM journal "
        "WHERE account_id = $1 ORDER BY happened_at, entry_id",
        number,
    )
    messages = store.rows(
        "SELECT kind, recipient, status, queued_at, ended_at, answer FROM message "
        "WHERE account_id = $1 ORDER BY message_id",
        number,
    )
    links = store.rows(
        "SELECT purpose, expires_at FROM ticket WHERE account_id = $1 AND ended_at IS NULL "
        "AND expires_at > $2 ORDER BY ticket_id",
        [own.account_id, now],
    )
    return PersonalFile(
        holder,
        tuple(HeldChild(*row) for row in children),
        tuple(
            Entry(at, actor, Action(action), one, State(before), State(after), reason)
            for at, actor, action, one, before, after, reason in entries
        ),
        tuple(
            Sending(MessageKind(kind), to, MessageStatus(status), *rest)
            for kind, to, status, *rest in messages
        ),
        tuple(OpenLink(Purpose(purpose), expires_at) for purpose, expires_at in links),
    )
