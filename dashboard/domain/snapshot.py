"""What holds of every snapshot for analysts: its forms, its dates, its pseudonyms."""

from enum import StrEnum

# The columns that are dates, whatever the format.
DATES = frozenset({"distributed_on", "last_access_on", "happened_on", "day"})


class SnapshotFormat(StrEnum):
    """The forms that a snapshot is written in."""

    PARQUET = "parquet"
    XLSX = "xlsx"
    CSV = "csv"


# What the secret has before it in a snapshot, lest a spreadsheet take it for a formula.
KEPT_SECRET = "secret:"

# Letters alone: no spreadsheet takes a pseudonym for a formula, a number or a date.
_LETTERS = "abcdefghijklmnop"
_PSEUDONYM_BYTES = 12


def pseudonym(digest: bytes) -> str:
    """The text that stands for somebody, of bytes that nobody without the key can make up."""
    halves = (half for byte in digest[:_PSEUDONYM_BYTES] for half in divmod(byte, 16))
    return "".join(_LETTERS[half] for half in halves)
