"""What commands print and write: tables on the terminal, files whole or not at all."""

import os
import sys
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from secrets import token_hex

import typer

from dashboard.domain.document import Document
from dashboard.domain.errors import Refused
from dashboard.files import aside, words_for, write_new


def print_table(columns: list[str], rows: list[list[str]]) -> None:
    """A table on stdout, as wide as the terminal."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(*columns, box=box.SIMPLE)
    for row in rows:
        table.add_row(*(cell.replace("[", r"\[") for cell in row))
    Console(width=None if sys.stdout.isatty() else 200).print(table)


def deliver(document: Document, output: Path | None) -> None:
    """Write a document to a file, or to stdout; never a PDF to a terminal.

    What it could not print is said on stderr.
    """
    if output is None and document.media_type == "application/pdf" and sys.stdout.isatty():
        output = Path(document.filename)
    write(document.content, output)
    if output is not None:
        typer.echo(f"Écrit : {output}", err=True)
    for warning in document.warnings():
        typer.echo(f"avertissement : {warning}", err=True)


def write(content: bytes, output: Path | None = None) -> None:
    """Write bytes to a file or to stdout.

    Raises:
        Refused: the file cannot be written.
    """
    if output is not None:
        write_file(content, output)
        return
    sys.stdout.buffer.write(content)
    if not content.endswith(b"\n") and content[:1] in b"[{":
        sys.stdout.buffer.write(b"\n")
    sys.stdout.flush()


def write_file(content: bytes, output: Path) -> None:
    """Write a file that is whole on the disk once it has its name, for its owner's eyes only.

    Raises:
        Refused: it cannot be written; what was there before is still there.
    """
    try:
        if output.is_dir():
            raise IsADirectoryError(21, "c'est un dossier")
        with aside(output) as draft:
            write_new(content, draft)
            draft.replace(output)
    except OSError as error:
        raise _not_written(output, error) from error


def _not_written(output: Path, error: OSError) -> Refused:
    from dashboard.store.failures import why_not_written

    return Refused([f"erreur : {why_not_written(output, error)}"])


class Draft:
    """A file that is whole on the disk under another name, until it is given its own."""

    def __init__(self, output: Path) -> None:
        self.output = output
        self._path = output.with_name(f".{output.name}.{token_hex(4)}")

    def write(self, content: bytes) -> None:
        """Write it, for its owner's eyes only.

        Raises:
            Refused: it cannot be written.
        """
        try:
            if self.output.is_dir():
                raise IsADirectoryError(21, "c'est un dossier")
            write_new(content, self._path)
        except OSError as error:
            self.discard()
            raise _not_written(self.output, error) from error

    def publish(self, keep_older: bool = False) -> None:
        """Give it its name, in place of what had it before, which is kept under another if asked.

        Raises:
            Refused: it cannot be; what is said tells where it is.
        """
        try:
            if keep_older and self.output.exists():
                changed = datetime.fromtimestamp(self.output.stat().st_mtime)
                older = f"{self.output.stem}_{changed:%Y-%m-%d_%H%M%S}_{token_hex(2)}"
                self.output.replace(self.output.with_stem(older))
            self._path.replace(self.output)
        except OSError as error:
            why = f"erreur : « {self.output} » : {words_for(error)}."
            raise Refused([f"{why} Le contenu est dans « {self._path} »."]) from error

    def discard(self) -> None:
        with suppress(OSError):
            self._path.unlink()


def require_writable(database: str, *outputs: Path | None) -> None:
    """Refuse files that could not be written, or not both, before what they are to hold is made."""
    taken = {Path(database).resolve()}
    for output in outputs:
        if output is None:
            continue
        if output.is_dir():
            raise Refused([f"erreur : « {output} » : c'est un dossier."])
        if not os.access(output.parent, os.W_OK):
            raise Refused([f"erreur : « {output} » : dossier absent ou non accessible."])
        if output.resolve() in taken:
            raise Refused([f"erreur : « {output} » : ce fichier sert déjà à autre chose."])
        taken.add(output.resolve())
