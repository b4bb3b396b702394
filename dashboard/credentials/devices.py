"""Devices on which somebody has signed in before: known by a signed cookie, whoever asks then.

The cookie holds a mark for each of the last accounts that signed in there. It opens nothing: it
only keeps strangers' wrong guesses from locking its bearer out.
"""

from dashboard.credentials.links import Signer

_USE = "device"
_BETWEEN = "."
_MOST = 5


def device_of(signer: Signer, account: str, cookie: str) -> str:
    """What a device is counted by where an account is known on it; else empty."""
    known = [mark for mark in _marks(cookie) if signer.is_mark(_USE, account, mark)]
    return signer.subject(f"{_USE} {known[0]}") if known else ""


def with_device(signer: Signer, account: str, cookie: str) -> str:
    """The cookie of a device on which an account has signed in; others' marks stay."""
    others = [mark for mark in _marks(cookie) if not signer.is_mark(_USE, account, mark)]
    return _BETWEEN.join([signer.mark(_USE, account), *others][:_MOST])


def _marks(cookie: str) -> list[str]:
    return cookie.split(_BETWEEN)[:_MOST] if cookie else []
