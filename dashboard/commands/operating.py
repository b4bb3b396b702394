"""``educonnect check``: what an operator asks of an installation."""

import logging
from datetime import datetime
from typing import Annotated

import typer

from dashboard.domain.french import plural
from dashboard.domain.problem import Refused


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
    # what it imports takes a second; other commands do not wait
    from dashboard.checks import Verdict, examine

    logging.getLogger("dashboard").addHandler(logging.NullHandler())  # findings say it all
    findings = examine(database, datetime.now().astimezone())
    for point, finding in findings.items():
        typer.echo(f"{finding.verdict:<12} {point} : {finding.text}")
    wrong = sum(finding.verdict is Verdict.TO_MEND for finding in findings.values())
    if wrong:
        raise Refused([f"{plural(wrong, 'point')} à corriger."])
