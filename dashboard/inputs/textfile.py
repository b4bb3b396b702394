"""From a file's bytes to numbered rows of cells, whatever program saved it."""

import codecs
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from dashboard.domain.problem import Problems

# A school's extraction is well under one megabyte; this bounds the memory a file can take.
MAX_BYTES = 64 * 1024 * 1024
_BLOCK = 1 << 20
_HEAD = 64 * 1024
_LONGEST_LINE = 1 << 20
_DELIMITERS = (";", "\t", ",")
_BOM = "\ufeff"

_FOREIGN = {
    b"PK\x03\x04": "un classeur (Excel ou LibreOffice)",
    b"\xd0\xcf\x11\xe0": "un ancien classeur Excel",
    b"%PDF": "un document PDF",
}
_EXPECTED = "Attendu : l'extraction CSV telle qu'ONDE l'enregistre."


class Unreadable(Exception):
    """The file cannot be read as a table at all; the message (French) says why."""


def read_rows(path: Path, problems: Problems) -> Iterator[tuple[int, list[str]]]:
    """The line number and cells of each row that is not blank; cells are stripped of blanks.

    UTF-8 (with any number of BOMs), UTF-16 with its BOM, Windows-1252 and ISO-8859-1 are told
    apart; `;`, tab and comma too. Memory stays bounded whatever the file. A quote left open is an
    error in `problems`.

    Raises:
        Unreadable: missing, empty, binary, too large.
    """
    encoding = _encoding(path)
    with path.open(encoding=encoding, errors="cp1252_controls", newline="") as lines:
        delimiter = _delimiter(lines.read(_HEAD))
    with path.open(encoding=encoding, errors="cp1252_controls", newline="") as lines:
        reader = csv.reader(_bounded(lines), delimiter=delimiter)
        line = 1
        try:
            for cells in reader:
                stripped = [cell.strip(_BOM + " \t\r\n\xa0") for cell in cells]
                if any("\n" in cell and delimiter in cell for cell in stripped):
                    problems.error("guillemet ouvert et jamais fermé. " + _EXPECTED, line)
                elif any(stripped):
                    yield line, stripped
                line = reader.line_num + 1
        except csv.Error:
            problems.error("guillemet ouvert et jamais fermé. " + _EXPECTED, line)


def ends_abruptly(path: Path) -> bool:
    """Whether the last line has no end-of-line, as in a copy that was cut short."""
    with path.open("rb") as file:
        file.seek(-1, 2)
        return file.read(1) not in (b"\n", b"\r", b"\x00")


def _encoding(path: Path) -> str:
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise Unreadable(f"fichier illisible ({error.strerror}).") from error
    if not head.strip(b"\xef\xbb\xbf \r\n\t"):
        raise Unreadable(f"fichier vide. {_EXPECTED}")
    if size > MAX_BYTES:
        raise Unreadable(
            f"fichier de {size // 1_000_000} Mo, trop gros pour une école "
            f"(au plus {MAX_BYTES // 1_000_000} Mo). {_EXPECTED}"
        )
    for signature, kind in _FOREIGN.items():
        if head.startswith(signature):
            raise Unreadable(f"ce fichier est {kind}, pas un CSV. {_EXPECTED}")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\x00" in head:
        raise Unreadable(f"fichier binaire, pas un CSV. {_EXPECTED}")
    return "utf-8" if _is_utf8(path) else "cp1252"


def _is_utf8(path: Path) -> bool:
    """Whether the whole file is UTF-8; a character cut in two at its very end does not count."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while block := file.read(_BLOCK):
                decoder.decode(block)
        except UnicodeDecodeError:
            return False
    return True


def _keep_as_latin1(error: UnicodeError) -> tuple[str, int]:
    """Windows-1252 leaves five bytes undefined; ISO-8859-1 has controls there."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error("cp1252_controls", _keep_as_latin1)


def _delimiter(head: str) -> str:
    first = next((line for line in head.splitlines() if line.strip(_BOM + " ;,\t")), "")
    return max(_DELIMITERS, key=first.count)


def _bounded(lines: TextIO) -> Iterator[str]:
    while line := lines.readline(_LONGEST_LINE):
        if len(line) == _LONGEST_LINE:
            raise Unreadable(f"ligne de plus de {_LONGEST_LINE} caractères. {_EXPECTED}")
        yield line.replace("\0", "")
