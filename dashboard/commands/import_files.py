"""``educonnect import``, ``import-accounts`` and ``import-schools``: the roads in."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from dashboard.actions.import_accounts import AccountsReport, import_accounts
from dashboard.actions.import_roster import ImportReport, import_roster
from dashboard.actions.import_schools import DirectoryReport, import_schools
from dashboard.commands.options import Database, SchoolOption
from dashboard.domain.corrections import Decisions
from dashboard.domain.pairing import Answers
from dashboard.store.engine import connect

KeepOption = Annotated[
    list[str],
    typer.Option(
        help="Le responsable de cette ligne du fichier est celui de ce compte, corrigé.",
        metavar="LINE[=IDENTIFIER]",
    ),
]
NewOption = Annotated[
    list[int],
    typer.Option(
        help="Le responsable de cette ligne du fichier n'avait pas de compte.", metavar="LINE"
    ),
]
KeepStudentOption = Annotated[
    list[str],
    typer.Option(
        help="L'élève de cette ligne du fichier est l'élève de ce numéro, corrigé.",
        metavar="LINE[=NUMBER]",
    ),
]
NewStudentOption = Annotated[
    list[int],
    typer.Option(help="L'élève de cette ligne du fichier est nouveau.", metavar="LINE"),
]


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
    keep: KeepOption = [],
    new: NewOption = [],
    keep_student: KeepStudentOption = [],
    new_student: NewStudentOption = [],
) -> None:
    """Importer les deux extractions ONDE d'une école."""
    decisions = Decisions(
        _answers(keep, new, "--keep"), _answers(keep_student, new_student, "--keep-student")
    )
    with connect(database) as store:
        report = import_roster(
            store,
            school,
            students,
            guardians,
            date.today(),
            name=name,
            dry_run=dry_run,
            decisions=decisions,
        )
    _say(report)
    if dry_run:
        typer.echo("Essai : rien n'a été écrit.")


def _answers(keep: Sequence[str], new: Sequence[int], option: str) -> Answers:
    """What the options say of the lines of one file."""
    known: dict[int, str] = {}
    for text in keep:
        line, _, key = text.partition("=")
        if not (line.isascii() and line.isdigit()) or text.endswith("="):
            raise typer.BadParameter(
                f"« {text} ». Attendu : LIGNE ou LIGNE=CLÉ.", param_hint=option
            )
        if int(line) in new or known.get(int(line), key) != key:
            raise typer.BadParameter(f"deux réponses pour la ligne {line}.", param_hint=option)
        known[int(line)] = key
    return Answers(known, frozenset(new))


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
