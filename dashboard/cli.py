"""The command ``educonnect``: a composition root over the same actions as the screen."""

import json
import sys
from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from dashboard.actions.import_accounts import AccountsReport, import_accounts
from dashboard.actions.import_roster import ImportReport, import_roster
from dashboard.actions.list_accounts import ListFormat, list_accounts
from dashboard.actions.load_demo import load_demo
from dashboard.actions.statistics import statistics, statistics_document
from dashboard.domain.account import Origin, State
from dashboard.domain.account_list import LISTING, ListedAccount, account_cells
from dashboard.domain.document import Document
from dashboard.domain.figures import figure_texts, headings
from dashboard.domain.filters import AccountFilter, Email, Sort
from dashboard.domain.grouping import Grouping
from dashboard.domain.names import clean
from dashboard.domain.places import normal_department
from dashboard.domain.problem import Refused
from dashboard.domain.scope import PeopleScope, Scope
from dashboard.domain.uai import normal_uai
from dashboard.pipelines.statistics import records
from dashboard.settings import Settings
from dashboard.store.accounts import listed_accounts
from dashboard.store.engine import Store, connect
from dashboard.store.schools import schools

app = typer.Typer(
    help="Comptes EduConnect des responsables d'élèves : tableau de bord et commandes.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Database = Annotated[
    str,
    typer.Option(
        "--database",
        envvar="EDUCONNECT_DATABASE",
        help="Fichier DuckDB des comptes.",
        default_factory=lambda: Settings().database,
        show_default="data/accounts.duckdb",
    ),
]
_MOST = 2**63 - 1  # the database counts no further
SchoolOption = Annotated[str, typer.Option("--school", help="UAI de l'école.", metavar="UAI")]


class TableFormat(StrEnum):
    """The forms that statistics are printed in."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


class ListingFormat(StrEnum):
    """The forms that a list of accounts is printed in."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PDF = "pdf"


def main() -> None:
    """Run the command; exit 0 done, 1 refused with the reasons on stderr, 2 wrong usage."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a terminal that lacks a letter shows ? for it
            stream.reconfigure(errors="replace")
    try:
        app()
    except Refused as refused:
        for reason in refused.reasons:
            print(reason, file=sys.stderr)
        sys.exit(1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)


@app.command("serve")
def serve_command(
    database: Database,
    address: Annotated[str, typer.Option(help="Adresse d'écoute.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port d'écoute.")] = 5006,
    demo: Annotated[
        bool, typer.Option("--demo", help="Charger les écoles de démonstration dans une base vide.")
    ] = False,
) -> None:
    """Servir le tableau de bord."""
    from dashboard.server import serve  # Panel takes seconds to import; other commands do not wait

    with connect(database) as store:
        if demo:
            load_demo(store, date.today())
        serve(store, Settings(), address, port, demo)


@app.command("demo")
def demo_command(database: Database) -> None:
    """Charger les écoles de démonstration, si la base est vide."""
    with connect(database) as store:
        loaded = load_demo(store, date.today())
    typer.echo(
        "Écoles de démonstration chargées." if loaded else "La base contient déjà des écoles."
    )


@app.command("import")
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


@app.command("import-accounts")
def import_accounts_command(
    database: Database,
    file: Annotated[Path, typer.Argument(help="Liste des comptes (CSV).", metavar="FILE")],
) -> None:
    """Importer une liste de comptes telle que ce programme l'exporte."""
    with connect(database) as store:
        _say(import_accounts(store, file, date.today()))


def _say(report: ImportReport | AccountsReport) -> None:
    for warning in report.warnings:
        typer.echo(warning, err=True)
    for line in report.lines():
        typer.echo(line)


@app.command("statistics")
def statistics_command(
    database: Database,
    by: Annotated[Grouping, typer.Option(help="Regroupement.")] = Grouping.CLASS,
    school: Annotated[str, typer.Option(metavar="UAI", help="Une école.")] = "",
    district: Annotated[str, typer.Option(metavar="NOM", help="Une circonscription.")] = "",
    department: Annotated[str, typer.Option(metavar="CODE", help="Un département.")] = "",
    academy: Annotated[str, typer.Option(metavar="NOM", help="Une académie.")] = "",
    nation: Annotated[bool, typer.Option("--nation", help="Toutes les écoles.")] = False,
    format: Annotated[TableFormat, typer.Option(help="Présentation.")] = TableFormat.TABLE,
) -> None:
    """Afficher les statistiques des comptes."""
    scope = _one_scope(school, district, department, academy, nation)
    with connect(database, read_only=True) as store:
        _require_schools(store, scope)
        frame = statistics(store, scope, by)
    several = "school" in frame.columns and frame["school"].nunique() > 1
    match format:
        case TableFormat.JSON:
            _write(frame.to_json(orient="records", force_ascii=False).encode())
        case TableFormat.CSV:
            _write(statistics_document(frame, by, scope, datetime.now()).content)
        case TableFormat.TABLE:
            columns = headings(by, several)
            rows = [figure_texts(record, columns) for record in records(frame)]
            _print_table(list(columns.values()), rows)


def _one_scope(school: str, district: str, department: str, academy: str, nation: bool) -> Scope:
    """The one scope that the options name; a usage error for none or several."""
    scopes: dict[str, tuple[object, Callable[[], Scope]]] = {
        "--school": (school, lambda: Scope.schools(_uai(school))),
        "--district": (district, lambda: Scope.district(clean(district))),
        "--department": (
            department,
            lambda: Scope.department(normal_department(clean(department))),
        ),
        "--academy": (academy, lambda: Scope.academy(clean(academy))),
        "--nation": (nation, Scope.nation),
    }
    given = [make for value, make in scopes.values() if value]
    if len(given) != 1:
        raise typer.BadParameter(f"indiquez exactement une option parmi {', '.join(scopes)}.")
    return given[0]()


def _uai(text: str) -> str:
    try:
        return normal_uai(text)
    except ValueError as error:
        raise Refused([f"erreur : {error}"]) from error


def _require_schools(store: Store, scope: Scope) -> None:
    if schools(store, scope).empty:
        place = ", ".join(scope.places) or "cette base"
        raise Refused([f"erreur : aucune école connue pour {place}."])


@app.command("accounts")
def accounts_command(
    database: Database,
    school: SchoolOption,
    search: Annotated[str, typer.Option(help="Nom ou prénom, responsable ou élève.")] = "",
    class_: Annotated[list[str], typer.Option("--class", metavar="LABEL", help="Classe.")] = [],  # noqa: B006
    state: Annotated[list[State], typer.Option(help="État de compte.")] = [],  # noqa: B006
    email: Annotated[Email | None, typer.Option(help="Adresse de messagerie.")] = None,
    origin: Annotated[Origin | None, typer.Option(help="Origine du compte.")] = None,
    expired: Annotated[bool, typer.Option("--expired", help="Notification expirée.")] = False,
    sort: Annotated[
        str, typer.Option(metavar="COLUMN", help="Colonne de tri ; -COLUMN : décroissant.")
    ] = str(Sort()),
    limit: Annotated[
        int | None, typer.Option(min=0, max=_MOST, help="Nombre de comptes au plus.")
    ] = None,
    offset: Annotated[int, typer.Option(min=0, max=_MOST, help="Nombre de comptes à passer.")] = 0,
    format: Annotated[ListingFormat, typer.Option(help="Présentation.")] = ListingFormat.TABLE,
    output: Annotated[Path | None, typer.Option(metavar="FILE", help="Fichier à écrire.")] = None,
) -> None:
    """Lister les comptes d'une école."""
    scope = PeopleScope.schools(_uai(school))
    conditions = AccountFilter(
        search, tuple(map(clean, class_)), tuple(state), email, origin, expired
    )
    order = _sort(sort)
    now = datetime.now()
    with connect(database, read_only=True) as store:
        _require_schools(store, scope)
        if format in (ListingFormat.CSV, ListingFormat.PDF):
            form = ListFormat(format.value)
            document = list_accounts(
                store, scope, conditions, order, now, form, limit=limit, offset=offset
            )
            _deliver(document, output)
            return
        accounts = listed_accounts(
            store, scope, conditions, order, now.date(), limit=limit, offset=offset
        )
    if format is ListingFormat.JSON:
        records = [_record(account) for account in accounts]
        _write(json.dumps(records, ensure_ascii=False, indent=1).encode(), output)
    else:
        _print_table(list(LISTING.values()), [account_cells(account) for account in accounts])


def _sort(text: str) -> Sort:
    try:
        return Sort.parse(text)
    except ValueError as error:
        raise typer.BadParameter(f"colonne de tri inconnue : {text}.") from error


def _record(account: ListedAccount) -> dict[str, object]:
    """An account as the JSON list has it: names of states and origins are the code's."""
    facts = account.account
    return {
        "account_id": account.account_id,
        "students": account.student_names,
        "classes": account.classes,
        "guardian": account.guardian.full_name,
        "identifier": facts.identifier,
        "email": account.guardian.email or None,
        "origin": facts.origin.value,
        "state": facts.state.value,
        "distributed_on": facts.distributed_on and facts.distributed_on.isoformat(),
        "last_access_on": facts.last_access_on and facts.last_access_on.isoformat(),
    }


def _deliver(document: Document, output: Path | None) -> None:
    if output is None and document.media_type == "application/pdf" and sys.stdout.isatty():
        output = Path(document.filename)
    _write(document.content, output)
    if output is not None:
        typer.echo(f"Écrit : {output}", err=True)


def _write(content: bytes, output: Path | None = None) -> None:
    if output is not None:
        try:
            output.write_bytes(content)
        except OSError as error:
            raise Refused([f"erreur : « {output} » : {error.strerror}."]) from error
        return
    sys.stdout.buffer.write(content)
    if not content.endswith(b"\n") and content[:1] in b"[{":
        sys.stdout.buffer.write(b"\n")
    sys.stdout.flush()


def _print_table(columns: list[str], rows: list[list[str]]) -> None:
    table = Table(*columns, box=box.SIMPLE)
    for row in rows:
        table.add_row(*(cell.replace("[", r"\[") for cell in row))
    Console(width=None if sys.stdout.isatty() else 200).print(table)
