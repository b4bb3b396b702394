"""From a file's bytes to numbered rows of cells, whatever program saved it."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Self, TextIO

from dashboard.domain.french import number
from dashboard.domain.problem import Problems
from dashboard.inputs.encodings import CutShort, Encoding, recognise

# A school's extraction is well under one megabyte and has at most a few thousand rows; these
# bound the memory and the time that any file can take.
MAX_BYTES = 16 * 1024 * 1024
MAX_ROWS = 100_000
_MOST_CELLS = 250
_LONGEST_LINE = 1 << 17
_BLOCK = 1 << 20
_HEAD = 64 * 1024
_DELIMITERS = (";", "\t", ",")
# A header has so many delimiters, a title above it has not; both stand near the top.
_MANY_DELIMITERS = 8
_HEADER_WITHIN = 10
_BOM = "\ufeff"

_FOREIGN = {
    b"PK\x03\x04": "un classeur (Excel ou LibreOffice)",
    b"\xd0\xcf\x11\xe0": "un ancien classeur Excel",
    b"%PDF": "un document PDF",
}
_EXPECTED = "Attendu : le fichier CSV d'origine, tel qu'il a été exporté."
_QUOTE_LEFT_OPEN = f"guillemet ouvert et jamais fermé. {_EXPECTED}"


class Unreadable(Exception):
    """The file cannot be read as a table at all; the message (French) says why."""


def read_rows(
    path: Path, problems: Problems, max_bytes: int = MAX_BYTES, max_rows: int = MAX_ROWS
) -> Iterator[tuple[int, list[str]]]:
    """The line number and cells of each row that is not blank; cells are stripped of blanks.

    `recognise` tells the encoding, which `problems` keeps; `;`, tab and comma are told apart too.
    Memory stays bounded whatever the file. A quote left open is an error in `problems`.

    Raises:
        Unreadable: missing, empty, binary, too large.
    """
    encoding = _encoding(path, max_bytes)
    problems.reading.encoding = encoding.label
    with path.open(encoding=encoding.codec, errors="cp1252_controls", newline="") as file:
        delimiter = _delimiter(file.read(_HEAD))
    with path.open(encoding=encoding.codec, errors="cp1252_controls", newline="") as file:
        for count, (line, cells) in enumerate(_records(_Lines(file), delimiter, problems)):
            if count == max_rows:
                raise Unreadable(f"plus de {number(max_rows)} lignes. {_EXPECTED}")
            stripped = [cell.strip(_BOM + " \t\r\n\xa0") for cell in cells]
            if len(stripped) > _MOST_CELLS:
                problems.error(f"{number(len(stripped))} cellules : trop pour une ligne.", line)
            elif any(stripped):
                yield line, stripped


class _Lines:
    """The lines of a file, none too long; `taken` collects them until it is cleared."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self.taken: list[str] = []

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        line = self._file.readline(_LONGEST_LINE)
        if not line:
            raise StopIteration
        if len(line) == _LONGEST_LINE:
            raise Unreadable(f"ligne de plus de {number(_LONGEST_LINE)} caractères. {_EXPECTED}")
        self.taken.append(line.replace("\0", ""))
        return self.taken[-1]


def _records(lines: _Lines, delimiter: str, problems: Problems) -> Iterator[tuple[int, list[str]]]:
    """The first line and the cells of each record; a quote left open is an error."""
    line, widest = 1, 0
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        for cells in reader:
            if _is_torn(lines.taken, delimiter, widest):
                problems.error(_QUOTE_LEFT_OPEN, line)
            else:
                yield line, cells
                widest = max(widest, len(cells))
            lines.taken.clear()
            line = reader.line_num + 1
    except csv.Error:  # the cell that a quote opened grew past any measure
        problems.error(_QUOTE_LEFT_OPEN, line)


def _is_torn(record: Sequence[str], delimiter: str, widest: int) -> bool:
    """Whether a quote was left open: to the end of the file, or so that rows became one cell.

    An honest cell may go over several lines too; then these are not each as wide as a row.
    """
    if len(record) == 1:
        return (
            '"' in record[0] and len(list(csv.reader([*record, "next"], delimiter=delimiter))) == 1
        )
    try:
        list(csv.reader(record, delimiter=delimiter, strict=True))
    except csv.Error:
        return True
    return widest > 0 and all(2 * line.count(delimiter) >= widest for line in record)


def ends_abruptly(path: Path) -> bool:
    """Whether the last line has no end-of-line, as in a copy that was cut short."""
    with path.open("rb") as file:
        file.seek(-1, 2)
        return file.read(1) not in (b"\n", b"\r", b"\x00")


def _encoding(path: Path, max_bytes: int) -> Encoding:
    try:
        if not path.is_file():
            raise Unreadable(_why_no_file(path))
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise Unreadable(f"fichier illisible ({error.strerror}).") from error
    if not head.strip(b"\xef\xbb\xbf \r\n\t"):
        raise Unreadable(f"fichier vide. {_EXPECTED}")
    if size > max_bytes:
        raise Unreadable(
            f"fichier de {size // 1_000_000} Mo, trop gros "
            f"(au plus {max_bytes // 1_000_000} Mo). {_EXPECTED}"
        )
    for signature, kind in _FOREIGN.items():
        if head.startswith(signature):
            raise Unreadable(f"ce fichier est {kind}, pas un CSV. {_EXPECTED}")
    try:
        encoding = recognise(path)
    except CutShort:
        raise Unreadable(
            "le fichier s'arrête au milieu d'un caractère : il est tronqué. Refaites l'extraction."
        ) from None
    if encoding is None:
        raise Unreadable(f"fichier binaire, pas un CSV. {_EXPECTED}")
    return encoding


def _why_no_file(path: Path) -> str:
    if path.is_dir():
        return f"c'est un dossier, pas un fichier. {_EXPECTED}"
    return "fichier introuvable." if not path.exists() else f"ce n'est pas un fichier. {_EXPECTED}"


def _delimiter(head: str) -> str:
    """The delimiter of the line that heads the table: the first with many, else that with most."""

    def most(line: str) -> int:
        return max(line.count(delimiter) for delimiter in _DELIMITERS)

    lines = head.splitlines()[:_HEADER_WITHIN] or [""]
    header = next((line for line in lines if most(line) >= _MANY_DELIMITERS), max(lines, key=most))
    return max(_DELIMITERS, key=header.count)
