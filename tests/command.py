"""What the command ``educonnect`` answers when a test runs it."""

import json
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Ran:
    """The exit code, and what went to stdout and stderr."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode()

    def records(self) -> list[dict[str, object]]:
        assert self.code == 0, self.err
        found: list[dict[str, object]] = json.loads(self.out)
        return found


Run = Callable[..., Ran]
