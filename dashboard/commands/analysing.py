"""``educonnect snapshot``: data for analysts."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from dashboard.actions.take_snapshot import take_snapshot
from dashboard.bootstrap import paths
from dashboard.commands.options import Database
from dashboard.credentials.links import load_signer
from dashboard.domain.snapshot import SnapshotFormat
from dashboard.settings import read_settings
from dashboard.store.opening import connect


def snapshot_command(
    database: Database,
    out: Annotated[Path, typer.Argument(help="Dossier à créer.", metavar="OUT")],
    format: Annotated[SnapshotFormat, typer.Option(help="Format.")] = SnapshotFormat.PARQUET,
) -> None:
    """Écrire un extrait sans noms, pour les chargés d'études."""
    settings = read_settings()
    with connect(database, read_only=True) as store:
        signer = load_signer(paths(settings, database).key_file)
        report = take_snapshot(
            store, signer, out, date.today(), format, max(settings.smallest_count, 1)
        )
    for line in report.lines():
        typer.echo(line)
