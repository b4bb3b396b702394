"""What is signed with the installation's key: links of messages, and short-lived visits."""

import hmac
import os
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from hashlib import sha256
from pathlib import Path

from dashboard.domain.problem import Refused

_KEY_BYTES = 32
_TAG_BYTES = 18
_NUMBER_BYTES = 6


class Signer:
    """Signs numbers for a use; a signature of one use is none of another."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def tag(self, use: str, number: int) -> str:
        """A text that stands for the number and that nobody without the key can make up."""
        return _text(self.digest(use, number))

    def digest(self, use: str, number: int) -> bytes:
        """What `tag` writes as text."""
        return self._digest(use, number.to_bytes(_NUMBER_BYTES, "big"))

    def token(self, use: str, number: int) -> str:
        """The number with its signature, for an address: 32 characters."""
        body = number.to_bytes(_NUMBER_BYTES, "big")
        return _text(body + self._digest(use, body))

    def number(self, use: str, token: str) -> int | None:
        """The number of a token that this key has signed for this use; else ``None``."""
        try:
            signed = urlsafe_b64decode(token.encode())
        except (Error, ValueError):
            return None
        body, digest = signed[:_NUMBER_BYTES], signed[_NUMBER_BYTES:]
        right = hmac.compare_digest(digest, self._digest(use, body))
        return int.from_bytes(body, "big") if right else None

    def subject(self, text: str) -> str:
        """A text in a form that can be counted and compared, but not read back."""
        return _text(hmac.digest(self._key, b"subject\0" + text.encode(), sha256)[:_TAG_BYTES])

    def _digest(self, use: str, body: bytes) -> bytes:
        return hmac.digest(self._key, use.encode() + b"\0" + body, sha256)[:_TAG_BYTES]


def _text(signed: bytes) -> str:
    return urlsafe_b64encode(signed).decode()


def load_signer(file: Path | None) -> Signer:
    """A signer with the key in a file, which is made with a new one if it is missing.

    Without a file, the key lasts as long as the process.

    Raises:
        Refused: the file cannot be read or written, or holds no key.
    """
    if file is None:
        return Signer(secrets.token_bytes(_KEY_BYTES))
    try:
        _make_key(file)
        key = file.read_bytes()
    except OSError as error:
        raise Refused([f"Clé « {file} » : {error.strerror}."]) from error
    if len(key) != _KEY_BYTES:
        raise Refused([f"Clé « {file} » : {_KEY_BYTES} octets attendus, {len(key)} trouvés."])
    return Signer(key)


def _make_key(file: Path) -> None:
    if file.exists():
        return
    # Written whole before it has its name: a crash leaves no half key.
    draft = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(secrets.token_bytes(_KEY_BYTES))
        stream.flush()
        os.fsync(stream.fileno())
    try:
        os.link(draft, file)
    except FileExistsError:
        pass  # another process was first
    finally:
        draft.unlink()
