"""``educonnect check``, ``backup`` and ``restore``: what an operator does to an installation."""

import logging
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from dashboard.commands.options import Database
from dashboard.domain.errors import Refused
from dashboard.domain.french import plural


def check_command(
    database: Annotated[
        str,
        typer.Option(
            "--database",
            envvar="EDUCONNECT_DATABASE",
            help="Fichier DuckDB des comptes.",
            show_default="celui des réglages",
        ),
    ] = "",
) -> None:
    """Examiner l'installation, et dire ce qui est à corriger."""
    from dashboard.checks import Verdict, examine

    logging.getLogger("dashboard").addHandler(logging.NullHandler())  # findings say it all
    findings = examine(database, datetime.now().astimezone())
    for point, finding in findings.items():
        typer.echo(f"{finding.verdict:<12} {point} : {finding.text}")
    wrong = sum(finding.verdict is Verdict.TO_MEND for finding in findings.values())
    if wrong:
        raise Refused([f"{plural(wrong, 'point')} à corriger."])


def backup_command(
    database: Database,
    file: Annotated[Path, typer.Argument(metavar="FICHIER", help="Fichier à écrire.")],
) -> None:
    """Sauvegarder la base dans un nouveau fichier, le tableau de bord arrêté."""
    from dashboard.actions.back_up import back_up

    kept = back_up(database, file)
    schools, accounts = plural(kept.schools, "école"), plural(kept.accounts, "compte")
    typer.echo(f"Sauvegarde écrite et vérifiée : {file} ({schools}, {accounts}).")
    typer.echo(
        f"La clé « {_key_file(database)} » n'y est pas : gardez-en une copie ailleurs. Sans elle, "
        "les liens déjà envoyés ne fonctionnent plus."
    )


def restore_command(
    database: Database,
    file: Annotated[Path, typer.Argument(metavar="FICHIER", help="Sauvegarde à reprendre.")],
    replace: Annotated[
        bool,
        typer.Option("--replace", help="Mettre de côté une base qui contient des données."),
    ] = False,
) -> None:
    """Reprendre une sauvegarde, le tableau de bord arrêté."""
    from dashboard.actions.back_up import restore

    older = restore(file, database, datetime.now(), replace=replace)
    if older is not None:
        typer.echo(f"La base d'avant est gardée : {older}")
    typer.echo(f"Base reprise de « {file} » et vérifiée : {database}")
    key_file = _key_file(database)
    if key_file is not None and not key_file.exists():
        typer.echo(
            f"La clé « {key_file} » manque : remettez-la avant de démarrer, sans quoi les liens "
            "déjà envoyés ne fonctionneront plus.",
            err=True,
        )


def _key_file(database: str) -> Path | None:
    from dashboard.bootstrap import paths
    from dashboard.settings import read_settings

    return paths(read_settings(), database).key_file
