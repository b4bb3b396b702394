"""What every way of sending promises: a message leaves once, and what became of it is told."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

# Writes down that the message is leaving; called when nothing but its end is left to send.
CommitPoint = Callable[[], None]


class NotDelivered(Exception):
    """A message that has not surely left; `answer` is what the server said, or why, in French."""

    def __init__(self, answer: str) -> None:
        super().__init__(answer)
        self.answer = answer


class Rejected(NotDelivered):
    """This message or this address is refused for good."""


class Delayed(NotDelivered):
    """The message has surely not left; it may later."""


class Unavailable(Delayed):
    """No message can leave for now: the server is away, or the configuration is wrong."""


class Uncertain(NotDelivered):
    """The connection was lost after the commit point: the message may have left or not."""


class Connection(Protocol):
    """Carries messages one after the other, whatever becomes of each."""

    def deliver(
        self, content: bytes, sender: str, recipient: str, commit_point: CommitPoint
    ) -> str:
        """Sends one message between two bare addresses and returns the answer.

        Before `commit_point` returns, the message has surely not left; should it raise, the
        message does not leave and the exception is raised again. Raises Rejected, Delayed or
        Uncertain; the first two also after the commit point, if that is what the server answers.
        """


class Transport(Protocol):
    """A way of sending messages."""

    def open(self) -> AbstractContextManager[Connection]:
        """A connection, closed at the end; trouble in making one is told by `deliver`."""
