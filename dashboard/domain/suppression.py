"""Rounding by a secret: which published number stands for a small count."""

import hmac
from dataclasses import dataclass
from hashlib import sha256

# A threshold that is larger hides all there is.
LARGEST = 1_000_000


@dataclass(frozen=True, slots=True)
class Suppression:
    """Counts of fewer people than `smallest` are not told; `secret` says how others are rounded."""

    smallest: int
    secret: str

    def dither(self, unit: str, column: str) -> int:
        """What is added to a count of a unit before it is rounded down: 0 to `smallest` - 1."""
        digest = hmac.digest(self.secret.encode(), f"{unit}\0{column}".encode(), sha256)
        return int.from_bytes(digest[:8], "big") % self.smallest
