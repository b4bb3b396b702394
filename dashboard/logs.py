"""What the service writes into its log: when, how grave, from where, and nothing that was typed.

What libraries say is written without what they quote: they know no better than to repeat what they
were sent. An error is told by its kind and the places it went through, not by its message.
"""

import logging
import os
import sys
import threading
import traceback
from collections.abc import Iterator
from typing import TextIO

_OWN = "dashboard"
_TIME = "%Y-%m-%dT%H:%M:%S%z"
_JOURNAL = "JOURNAL_STREAM"  # set by systemd where the output goes to its journal
# The priorities of syslog, by which journald ranks a line that begins with one (sd-daemon(3)).
_PRIORITIES = {
    logging.CRITICAL: 2,
    logging.ERROR: 3,
    logging.WARNING: 4,
    logging.INFO: 6,
    logging.DEBUG: 7,
}
_LOG = logging.getLogger(__name__)


class Lines(logging.Formatter):
    """Formats records as lines of time, level, logger and text, each with its priority if ranked.

    A line without one would be ranked as any other, so that a traceback would be lost among them.
    """

    def __init__(self, is_ranked: bool) -> None:
        super().__init__(datefmt=_TIME)
        self._is_ranked = is_ranked

    def format(self, record: logging.LogRecord) -> str:
        said = f"{self.formatTime(record, _TIME)} {record.levelname} {record.name}: {_text(record)}"
        lines = [*said.splitlines(), *_course(record)]
        mark = f"<{_priority(record.levelno)}>" if self._is_ranked else ""
        return "\n".join(f"{mark}{line}" for line in lines)


def _priority(level: int) -> int:
    return next((rank for least, rank in _PRIORITIES.items() if level >= least), 7)


def _text(record: logging.LogRecord) -> str:
    """What a record says: all of it if it is ours, else what it says whatever was sent."""
    if record.name.partition(".")[0] == _OWN:
        return record.getMessage()
    place = f"{record.filename}:{record.lineno}"
    return f"{record.msg} ({place})" if record.args else place


def _course(record: logging.LogRecord) -> Iterator[str]:
    """The kinds of a record's error and of its causes, each with the places it went through."""
    error = record.exc_info[1] if record.exc_info else None
    while error is not None:
        reason = f" ({error.strerror})" if isinstance(error, OSError) and error.strerror else ""
        yield f"{type(error).__name__}{reason}"
        for frame in traceback.extract_tb(error.__traceback__):
            yield f"  {frame.filename}:{frame.lineno} {frame.name}"
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def begin(stream: TextIO | None = None) -> None:
    """Write all that the process logs, and errors that nobody handles, to a stream as `Lines`."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(Lines(is_ranked=_JOURNAL in os.environ))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger(_OWN).setLevel(logging.INFO)
    for name in list(logging.root.manager.loggerDict):  # libraries that write by themselves
        logger = logging.getLogger(name)
        for own in logger.handlers[:]:
            logger.removeHandler(own)
        logger.propagate = True
    for name in ("bokeh", "panel", "tornado"):
        logging.getLogger(name).setLevel(logging.WARNING)
    threading.excepthook = _on_thread_ended
    sys.excepthook = _on_ended


def _on_thread_ended(ended: threading.ExceptHookArgs) -> None:
    if ended.exc_value is not None:
        _LOG.critical("a thread has ended", exc_info=ended.exc_value)


def _on_ended(kind: type[BaseException], error: BaseException, _: object) -> None:
    if not issubclass(kind, KeyboardInterrupt):
        _LOG.critical("the service has ended", exc_info=error)
