"""UAI: the national code of a school (seven digits and a check letter)."""

import re

_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
_SHAPE = re.compile(r"[0-9]{7}[A-Z]")


def check_letter(digits: str) -> str:
    """The letter that closes a UAI of these seven digits (their value modulo 23)."""
    return _LETTERS[int(digits) % 23]


def normal_uai(text: str) -> str:
    """The UAI without blanks and in capitals.

    Raises:
        ValueError: in French, saying what is wrong and what would be right.
    """
    uai = "".join(text.split()).upper()
    if not _SHAPE.fullmatch(uai) or not uai.isascii():
        raise ValueError(
            f"UAI « {text} » mal formé. Attendu : 7 chiffres et une lettre, par exemple 0580189R."
        )
    expected = check_letter(uai[:7])
    if uai[7] != expected:
        raise ValueError(
            f"UAI « {text} » : la lettre de contrôle ne convient pas. "
            f"Attendu : {uai[:7]}{expected} (lettre {expected})."
        )
    return uai


def department_of(uai: str) -> str:
    """The three-digit département code that a UAI begins with, e.g. ``021``."""
    return uai[:3]
