"""What commands print and write: tables on the terminal, files whole or not at all."""

import os
import sys
from pathlib import Path

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from dashboard.domain.document import Document
from dashboard.domain.problem import Refused


def print_table(columns: list[str], rows: list[list[str]]) -> None:
    """A table on stdout, as wide as the terminal."""
    table = Table(*columns, box=box.SIMPLE)
    for row in rows:
        table.add_row(*(cell.replace("[", r"\[") for cell in row))
    Console(width=None if sys.stdout.isatty() else 200).print(table)


def deliver(document: Document, output: Path | None) -> None:
    """Write a document to a file, or to stdout; never a PDF to a terminal."""
    if output is None and document.media_type == "application/pdf" and sys.stdout.isatty():
        output = Path(document.filename)
    write(document.content, output)
    if output is not None:
        typer.echo(f"Écrit : {output}", err=True)


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
    draft = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        if output.is_dir():
            raise IsADirectoryError(21, "c'est un dossier")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(output)
    except OSError as error:
        raise Refused([f"erreur : « {output} » : {error.strerror}."]) from error
    finally:
        draft.unlink(missing_ok=True)


def require_writable(*outputs: Path | None) -> None:
    """Refuse a file that could not be written, before what it is to hold is made."""
    for output in outputs:
        if output is not None and not os.access(output.parent, os.W_OK):
            raise Refused([f"erreur : « {output} » : dossier absent ou non accessible."])
