"""Sending what is queued: each message once, again later where the server asks for it."""

import logging
import threading
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from dashboard.credentials.links import Signer
from dashboard.domain.email import envelope_address
from dashboard.domain.message import RETRY_AFTER, Letterhead, Message, MessageStatus
from dashboard.outputs.messages import message_bytes, sender_address
from dashboard.store.engine import Changed, Store
from dashboard.store.messages import (
    Queued,
    due_messages,
    mark_ended,
    mark_sending,
    next_due,
    put_off,
)
from dashboard.transport.delivery import (
    Connection,
    Delayed,
    Rejected,
    Transport,
    Unavailable,
    Uncertain,
)

_LOG = logging.getLogger(__name__)
_BATCH = 100
_SLEEP = timedelta(minutes=1)
_SOON = timedelta(seconds=2)
_LONGEST_PAUSE = timedelta(minutes=30)
_DEAD_LINK = "lien remplacé ou expiré avant l'envoi"


@dataclass(frozen=True, slots=True)
class Mailing:
    """How messages leave: by what, from whom, and how many a minute."""

    transport: Transport
    sender: str
    per_minute: int


class Postman:
    """Sends the queued messages of a store, in this thread; one at a time works on a store."""

    def __init__(
        self,
        store: Store,
        signer: Signer,
        mailing: Mailing,
        letterhead: Letterhead,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._signer = signer
        self._mailing = mailing
        self._letterhead = letterhead
        self._clock = clock
        self._pause = timedelta()
        self._news = threading.Event()
        self._stop = threading.Event()

    def run(self) -> None:
        """Send what is due, as it comes to be due, until `stop`."""
        self._store.listen(lambda _: self._news.set())
        while not self._stop.is_set():
            self._news.clear()
            try:
                self.send_due()
                self._news.wait(self._until_next().total_seconds())
            except Exception:  # nobody else would notice that messages no longer leave
                _LOG.exception("sending messages failed; it is tried again")
                self._pause = _SLEEP
            self._stop.wait(self._pause.total_seconds())

    def stop(self) -> None:
        """End `run` after the message that is being sent."""
        self._stop.set()
        self._news.set()

    def send_due(self, progress: Callable[[int], None] = lambda _: None) -> int:
        """Send every message that is due now, and say how many were tried.

        It ends early where no message can leave, which the next call tries again.
        """
        tried: set[tuple[int, int]] = set()
        with self._mailing.transport.open() as connection:
            while batch := self._due(tried):
                for message in batch:
                    if self._stop.is_set() or not self._send(connection, message):
                        return len(tried)
                    tried.add((message.message_id, message.version))
                    progress(len(tried))
                    self._stop.wait(60 / self._mailing.per_minute)
        return len(tried)

    def _due(self, tried: Collection[tuple[int, int]]) -> list[Queued]:
        """What is due and was not tried yet in this version: what is just being superseded was."""
        found = due_messages(self._store, self._clock(), _BATCH)
        return [one for one in found if (one.message_id, one.version) not in tried]

    def _until_next(self) -> timedelta:
        due_at = next_due(self._store)
        wait = due_at - self._clock() if due_at else _SLEEP
        return min(max(wait, timedelta()), _SLEEP)

    def _send(self, connection: Connection, message: Queued) -> bool:
        """Send one message and write what became of it; false if none can leave for now."""
        try:
            sender = sender_address(self._mailing.sender)
        except ValueError as error:  # a matter of configuration, not of the message
            return self._give_up(message, f"configuration : {error}")
        try:
            content, recipient = self._content(message)
        except ValueError as error:
            self._end(message, MessageStatus.FAILED, str(error))
            return True
        try:
            answer = connection.deliver(
                content,
                sender,
                recipient,
                lambda: mark_sending(self._store, message, self._clock()),
            )
        except Changed:  # superseded at the last moment, or about to be: it has not left
            self._pause = _SOON
            return True
        except Rejected as refusal:
            self._end(message, MessageStatus.FAILED, refusal.answer)
        except Unavailable as trouble:
            return self._give_up(message, trouble.answer)
        except Delayed as trouble:
            self._try_later(message, trouble.answer)
        except Uncertain as trouble:
            self._end(message, MessageStatus.SENDING, trouble.answer)
        else:
            self._end(message, MessageStatus.SENT, answer)
        self._pause = timedelta()
        return True

    def _content(self, queued: Queued) -> tuple[bytes, str]:
        """The message as it is sent, and to which address.

        Raises:
            ValueError: its link is dead, or its address impossible.
        """
        if queued.ticket_id is not None and queued.link_ends_at is None:
            raise ValueError(_DEAD_LINK)
        recipient = envelope_address(queued.recipient)
        message = Message(
            self._signer.tag("message", queued.message_id),
            queued.kind,
            queued.recipient,
            queued.guardian,
            queued.identifier,
            queued.school,
            self._link(queued.ticket_id) if queued.ticket_id is not None else "",
            queued.link_ends_at,
        )
        sent_at = self._clock()
        content = message_bytes(
            message, self._mailing.sender, self._letterhead.help_contact, sent_at
        )
        return content, recipient

    def _link(self, ticket_id: int) -> str:
        token = self._signer.token("link", ticket_id)
        return f"{self._letterhead.activation_address}/lien/{token}"

    def _try_later(self, message: Queued, answer: str) -> None:
        if message.attempts >= len(RETRY_AFTER):
            self._end(message, MessageStatus.FAILED, answer)
            return
        due_at = self._clock() + RETRY_AFTER[message.attempts]
        put_off(self._store, message, due_at, answer, message.attempts + 1)

    def _give_up(self, message: Queued, answer: str) -> bool:
        """No message can leave for now; this one is the last to be tried by the next pass."""
        put_off(self._store, message, self._clock(), answer, message.attempts)
        self._pause = min(max(2 * self._pause, _SLEEP), _LONGEST_PAUSE)
        return False

    def _end(self, message: Queued, status: MessageStatus, answer: str) -> None:
        with suppress(Changed):  # a newer message took its place at this moment
            mark_ended(self._store, message, status, self._clock(), answer)
