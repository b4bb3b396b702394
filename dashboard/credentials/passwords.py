"""Passwords: drawn at random, hashed with argon2id, verified, and judged by how guessable."""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from zxcvbn import zxcvbn

from dashboard.domain.credentials import (
    PROVISIONAL_ALPHABET,
    PROVISIONAL_LENGTH,
    Password,
    normal_provisional,
    password_problem,
)

# What a person chooses is guessable: the parameters that OWASP recommends. What is drawn at random
# with 59 bits is not: lighter ones, so that thousands are made in seconds.
HASHERS = {
    Password.CHOSEN: PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1),
    Password.PROVISIONAL: PasswordHasher(time_cost=1, memory_cost=8_192, parallelism=1),
}
_THREADS = 2
_READ_IN = 4
_WEAKEST_SCORE = 3  # of zxcvbn: more than 10^8 guesses
_LONGEST_JUDGED = 72  # zxcvbn takes seconds for more, which nobody guesses


def provisional_password() -> str:
    """A password to be read from paper: ``abcd-2345-efgh``."""
    drawn = "".join(secrets.choice(PROVISIONAL_ALPHABET) for _ in range(PROVISIONAL_LENGTH))
    return "-".join(drawn[start : start + _READ_IN] for start in range(0, len(drawn), _READ_IN))


def hash_password(text: str, kind: Password) -> str:
    """The salted argon2id hash of a password."""
    return HASHERS[kind].hash(_as_typed(text, kind))


def hash_provisional(texts: Sequence[str]) -> Iterator[str]:
    """The hashes of many provisional passwords, in order, as they are ready."""
    with ThreadPoolExecutor(_THREADS) as threads:
        try:
            yield from threads.map(lambda text: hash_password(text, Password.PROVISIONAL), texts)
        finally:
            threads.shutdown(cancel_futures=True)


def verify_password(text: str, kind: Password, stored: str) -> bool:
    """Whether a typed password is the one whose hash is stored.

    It takes as long where there is no hash, so that the time tells nothing.
    """
    try:
        # The hash says with which parameters it was made.
        right = HASHERS[Password.CHOSEN].verify(stored or _decoy(kind), _as_typed(text, kind))
    except (VerifyMismatchError, InvalidHashError):
        return False
    return right and bool(stored)


def _as_typed(text: str, kind: Password) -> str:
    return normal_provisional(text) if kind is Password.PROVISIONAL else text


@cache
def _decoy(kind: Password) -> str:
    return hash_password(secrets.token_urlsafe(), kind)


def weakness(text: str, personal: Iterable[str]) -> str:
    """Why a chosen password is refused, in French; empty if it is good.

    Args:
        personal: what others know of the guardian (names, identifier, e-mail): easily guessed.
    """
    if problem := password_problem(text):
        return problem
    known = [word.casefold() for word in personal if word]
    judged = zxcvbn(text[:_LONGEST_JUDGED], user_inputs=known)
    if judged["score"] < _WEAKEST_SCORE:
        return (
            "Le mot de passe est facile à deviner : évitez noms, dates, suites de touches et mots "
            "très courants ; ajoutez un ou deux mots sans rapport."
        )
    return ""
