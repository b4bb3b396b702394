"""``educonnect import``, ``import-accounts`` and ``import-schools``: the roads in."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from dashboard.actions.import_accounts import AccountsReport, import_accounts
from dashboard.actions.import_roster import ImportReport, import_roster
from dashboard.actions.import_schools import DirectoryReport, import_schools
from dashboard.commands.options import Database, SchoolOption
from dashboard.store.engine import connect


def import_command(
    database: Database,
    school: SchoolOption,
    students: Annotated[Path, typer.Option(help="Extraction ONDE des élèves.", metavar="FILE")],
    guardians: Annotated[
        Path, typer.Option(help="Extraction ONDE des responsables.", metavar="FILE")
    ],
    name: Annotated[str, typer.Option(help="Nom de l'école.")] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Dire ce qui serait fait, sans rien écrire.")
    ] = False,
) -> None:
    """Importer les deux extractions ONDE d'une école."""
    with connect(database) as store:
        report = import_roster(
            store, school, students, guardians, date.today(), name=name, dry_run=dry_run
        )
    _say(report)
    if dry_run:
        typer.echo("Essai : rien n'a été écrit.")


def import_accounts_command(
    database: Database,
    file: Annotated[Path, typer.Argument(help="Liste des comptes (CSV).", metavar="FILE")],
) -> None:
    """Importer une liste de comptes telle que ce programme l'exporte."""
    with connect(database) as store:
        _say(import_accounts(store, file, date.today()))


def import_schools_command(
    database: Database,
    file: Annotated[
        Path,
        typer.Argument(help="Annuaire de l'éducation (CSV, données ouvertes).", metavar="FILE"),
    ],
) -> None:
    """Situer les écoles d'après l'annuaire public : circonscription, département, académie."""
    with connect(database) as store:
        _say(import_schools(store, file))


def _say(report: ImportReport | AccountsReport | DirectoryReport) -> None:
    for warning in report.warnings:
        typer.echo(warning, err=True)
    for line in report.lines():
        typer.echo(line)
