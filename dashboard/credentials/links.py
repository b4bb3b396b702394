"""What is signed with the installation's key: links of messages, short-lived visits, devices."""

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from dashboard.domain.errors import Refused
from dashboard.files import aside, name_new, words_for, write_new

# What the links of messages are signed for.
GUARDIAN_LINK, STAFF_LINK = "link", "staff link"
_KEY_BYTES = 32
_TAG_BYTES = 18
_NUMBER_BYTES = 6
_NONCE_BYTES = 12


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

    def mark(self, use: str, text: str) -> str:
        """A text of 40 characters that nobody without the key can make up; another each time."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _text(nonce + self._digest(use, nonce + text.encode()))

    def is_mark(self, use: str, text: str, mark: str) -> bool:
        """Whether a text is a `mark` of this use and text, in a time that tells nothing.

        Only as `mark` wrote it: marks are counted by, and one must not be had in many spellings.
        """
        try:
            marked = urlsafe_b64decode(mark.encode())
        except (Error, ValueError):
            marked = b""
        nonce, digest = marked[:_NONCE_BYTES], marked[_NONCE_BYTES:]
        is_ours = hmac.compare_digest(digest, self._digest(use, nonce + text.encode()))
        return is_ours and _text(marked) == mark

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
        raise Refused([f"Clé « {file} » : {words_for(error)}."]) from error
    if len(key) != _KEY_BYTES:
        raise Refused([f"Clé « {file} » : {_KEY_BYTES} octets attendus, {len(key)} trouvés."])
    return Signer(key)


def _make_key(file: Path) -> None:
    if file.exists():
        return
    # Written whole before it has its name: a crash leaves no half key, a full disk nothing.
    with aside(file) as draft, suppress(FileExistsError):  # another process was first
        write_new(secrets.token_bytes(_KEY_BYTES), draft)
        name_new(draft, file)
