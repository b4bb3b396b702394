"""``educonnect statistics``, ``brief``, ``accounts`` and ``snapshot``: what the database holds."""

import json
from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dashboard.commands.options import (
    Database,
    SchoolOption,
    filtered,
    read_uai,
    require_schools,
)
from dashboard.commands.printing import deliver, print_table, require_writable, write
from dashboard.domain.academies import normal_department
from dashboard.domain.filters import AccountFilter, Sort
from dashboard.domain.grouping import Grouping
from dashboard.domain.names import clean
from dashboard.domain.people import ListedAccount
from dashboard.domain.scope import PeopleScope, Scope
from dashboard.domain.snapshot import SnapshotFormat
from dashboard.domain.suppression import LARGEST
from dashboard.wording.account_columns import LISTING, account_cells
from dashboard.wording.statistics_columns import group_texts, headings

_MOST = 2**63 - 1  # the database counts no further
_SCOPES: dict[str, Callable[[str], Scope]] = {
    "school": lambda text: Scope.schools(read_uai(text)),
    "district": lambda text: Scope.district(clean(text)),
    "department": lambda text: Scope.department(normal_department(clean(text))),
    "academy": lambda text: Scope.academy(clean(text)),
    "nation": lambda _: Scope.nation(),
}
DistrictOption = Annotated[str, typer.Option(metavar="NOM", help="Une circonscription.")]
DepartmentOption = Annotated[str, typer.Option(metavar="CODE", help="Un département.")]
AcademyOption = Annotated[str, typer.Option(metavar="NOM", help="Une académie.")]


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


def statistics_command(
    database: Database,
    by: Annotated[
        list[Grouping], typer.Option(help="Regroupement ; répété, les regroupements sont croisés.")
    ] = [Grouping.CLASS],
    school: Annotated[str, typer.Option(metavar="UAI", help="Une école.")] = "",
    district: DistrictOption = "",
    department: DepartmentOption = "",
    academy: AcademyOption = "",
    nation: Annotated[bool, typer.Option("--nation", help="Toutes les écoles.")] = False,
    format: Annotated[TableFormat, typer.Option(help="Présentation.")] = TableFormat.TABLE,
) -> None:
    """Afficher les statistiques des comptes."""
    from dashboard.actions.figures import statistics, statistics_document
    from dashboard.pipelines.statistics import rows
    from dashboard.store.opening import connect

    scope = _one_scope(
        school=school, district=district, department=department, academy=academy, nation=nation
    )
    with connect(database, read_only=True) as store:
        require_schools(store, scope)
        frame = statistics(store, scope, by)
    several = "school" in frame.columns and frame["school"].nunique() > 1
    match format:
        case TableFormat.JSON:
            write(frame.to_json(orient="records", force_ascii=False).encode())
        case TableFormat.CSV:
            write(statistics_document(frame, by, scope, datetime.now()).content)
        case TableFormat.TABLE:
            columns = headings(by, several)
            cells = [group_texts(group, columns) for group in rows(frame)]
            print_table(list(columns.values()), cells)


def _one_scope(**given: str | bool) -> Scope:
    """The one scope that the options name; a usage error for none or several."""
    named = [(option, str(value)) for option, value in given.items() if value]
    if len(named) != 1:
        options = ", ".join(f"--{option}" for option in given)
        raise typer.BadParameter(f"indiquez exactement une option parmi {options}.")
    [(option, value)] = named
    return _SCOPES[option](value)


def _smallest_count_of_settings() -> int:
    from dashboard.settings import read_settings

    return read_settings().smallest_count


def brief_command(
    database: Database,
    smallest_count: Annotated[
        int,
        typer.Option(
            min=0,
            max=LARGEST,
            metavar="N",
            help="Ne rien dire d'effectifs moindres ; 0 : chiffres exacts.",
            default_factory=_smallest_count_of_settings,
            show_default="celui des inspecteurs",
        ),
    ],
    district: DistrictOption = "",
    department: DepartmentOption = "",
    academy: AcademyOption = "",
    output: Annotated[
        Path | None, typer.Option(metavar="FICHIER", help="Fichier à écrire.")
    ] = None,
) -> None:
    """Écrire la fiche (PDF) d'une circonscription, ou de toutes celles d'un territoire."""
    from dashboard.actions.explore_places import open_explorer
    from dashboard.actions.write_brief import write_brief
    from dashboard.store.opening import connect

    scope = _one_scope(district=district, department=department, academy=academy)
    require_writable(database, output)
    with connect(database, read_only=True) as store:
        require_schools(store, scope)
        explorer = open_explorer(store, scope, date.today(), smallest_count)
        document = write_brief(explorer, explorer.territory.root)
    deliver(document, output)


@filtered
def accounts_command(
    database: Database,
    school: SchoolOption,
    conditions: AccountFilter,
    sort: Annotated[
        str, typer.Option(metavar="COLONNE", help="Colonne de tri ; -COLONNE : décroissant.")
    ] = str(Sort()),
    limit: Annotated[
        int | None, typer.Option(min=0, max=_MOST, help="Nombre de comptes au plus.")
    ] = None,
    offset: Annotated[int, typer.Option(min=0, max=_MOST, help="Nombre de comptes à passer.")] = 0,
    format: Annotated[ListingFormat, typer.Option(help="Présentation.")] = ListingFormat.TABLE,
    output: Annotated[
        Path | None, typer.Option(metavar="FICHIER", help="Fichier à écrire.")
    ] = None,
) -> None:
    """Lister les comptes d'une école."""
    from dashboard.actions.list_accounts import ListFormat, list_accounts
    from dashboard.store.accounts import listed_accounts
    from dashboard.store.opening import connect

    scope = PeopleScope.schools(read_uai(school))
    order = _sort(sort)
    now = datetime.now()
    with connect(database, read_only=True) as store:
        require_schools(store, scope)
        if format in (ListingFormat.CSV, ListingFormat.PDF):
            form = ListFormat(format.value)
            document = list_accounts(
                store, scope, conditions, order, now, form, limit=limit, offset=offset
            )
            deliver(document, output)
            return
        accounts = listed_accounts(
            store, scope, conditions, order, now.date(), limit=limit, offset=offset
        )
    if format is ListingFormat.JSON:
        records = [_record(account) for account in accounts]
        write(json.dumps(records, ensure_ascii=False, indent=1).encode(), output)
    else:
        print_table(list(LISTING.values()), [account_cells(account) for account in accounts])


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
        "students": account.child_names,
        "classes": account.classes,
        "guardian": account.guardian.full_name,
        "identifier": facts.identifier,
        "email": account.guardian.email or None,
        "origin": facts.origin.value,
        "state": facts.state.value,
        "distributed_on": facts.distributed_on and facts.distributed_on.isoformat(),
        "last_access_on": facts.last_access_on and facts.last_access_on.isoformat(),
    }


def snapshot_command(
    database: Database,
    out: Annotated[Path, typer.Argument(help="Dossier à créer.", metavar="DOSSIER")],
    format: Annotated[SnapshotFormat, typer.Option(help="Format.")] = SnapshotFormat.PARQUET,
) -> None:
    """Écrire un extrait sans noms, pour les chargés d'études."""
    from dashboard.actions.take_snapshot import take_snapshot
    from dashboard.bootstrap import paths
    from dashboard.credentials.links import load_signer
    from dashboard.settings import read_settings
    from dashboard.store.opening import connect

    settings = read_settings()
    with connect(database, read_only=True) as store:
        signer = load_signer(paths(settings, database).key_file)
        report = take_snapshot(
            store, signer, out, date.today(), format, max(settings.smallest_count, 1)
        )
    for line in report.lines():
        typer.echo(line)
