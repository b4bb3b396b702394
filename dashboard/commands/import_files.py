"""``educonnect import``, ``import-accounts`` and ``import-schools``: the roads in."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dashboard.commands.options import Database, SchoolOption
from dashboard.domain.corrections import Decisions
from dashboard.domain.pairing import Answers

if TYPE_CHECKING:
    from dashboard.actions.import_accounts import AccountsReport
    from dashboard.actions.import_roster import ImportReport
    from dashboard.actions.import_schools import DirectoryReport

KeepOption = Annotated[
    list[str],
    typer.Option(
        help="Le responsable de cette ligne du fichier est celui de ce compte, corrigé.",
        metavar="LIGNE[=IDENTIFIANT]",
    ),
]
NewOption = Annotated[
    list[int],
    typer.Option(
        help="Le responsable de cette ligne du fichier n'avait pas de compte.", metavar="LIGNE"
    ),
]
KeepStudentOption = Annotated[
    list[str],
    typer.Option(
        help="L'élève de cette ligne du fichier est l'élève de ce numéro, corrigé.",
        metavar="LIGNE[=NUMÉRO]",
    ),
]
NewStudentOption = Annotated[
    list[int],
    typer.Option(help="L'élève de cette ligne du fichier est nouveau.", metavar="LIGNE"),
]


def import_command(
    database: Database,
    school: SchoolOption,
    students: Annotated[Path, typer.Option(help="Extraction ONDE des élèves.", metavar="FICHIER")],
    guardians: Annotated[
        Path, typer.Option(help="Extraction ONDE des responsables.", metavar="FICHIER")
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
    from dashboard.actions.import_roster import import_roster
    from dashboard.store.engine import connect

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
    file: Annotated[Path, typer.Argument(help="Liste des comptes (CSV).", metavar="FICHIER")],
) -> None:
    """Importer une liste de comptes telle que ce programme l'exporte."""
    from dashboard.actions.import_accounts import import_accounts
    from dashboard.store.engine import connect

    with connect(database) as store:
        _say(import_accounts(store, file, date.today()))


def import_schools_command(
    database: Database,
    file: Annotated[
        Path,
        typer.Argument(help="Annuaire de l'éducation (CSV, données ouvertes).", metavar="FICHIER"),
    ],
) -> None:
    """Situer les écoles d'après l'annuaire public : circonscription, département, académie."""
    from dashboard.actions.import_schools import import_schools
    from dashboard.store.engine import connect

    with connect(database) as store:
        _say(import_schools(store, file))


def _say(report: "ImportReport | AccountsReport | DirectoryReport") -> None:
    for warning in report.warnings:
        typer.echo(warning, err=True)
    for line in report.lines():
        typer.echo(line)
