"""``educonnect person``: the rights of a guardian over what is held on them."""

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from dashboard.commands.french import FrenchTyper
from dashboard.commands.options import (
    ActorOption,
    Database,
    YesOption,
    confirm,
    require_own_name,
)
from dashboard.commands.printing import require_writable, write
from dashboard.domain.french import plural

person = FrenchTyper(help="Droits d'un responsable sur ses données (RGPD).")

Identifier = Annotated[
    str, typer.Argument(metavar="IDENTIFIANT", help="Identifiant du compte.", show_default=False)
]
AccountId = Annotated[
    int | None, typer.Option("--account-id", metavar="N", help="Ou numéro du compte.")
]


@person.command("export")
def export_command(
    database: Database,
    identifier: Identifier = "",
    account_id: AccountId = None,
    output: Annotated[
        Path | None, typer.Option(metavar="FICHIER", help="Fichier à écrire.")
    ] = None,
) -> None:
    """Écrire en JSON tout ce qui est détenu sur un responsable, sans aucun secret."""
    from dashboard.actions.privacy import find_person, person_record
    from dashboard.store.opening import connect

    _require_one(identifier, account_id)
    require_writable(database, output)
    with connect(database, read_only=True) as store:
        found = find_person(store, datetime.now(), identifier=identifier, account_id=account_id)
    write(json.dumps(person_record(found), ensure_ascii=False, indent=1).encode(), output)


@person.command("erase")
def erase_command(
    database: Database,
    actor: ActorOption,
    identifier: Identifier = "",
    account_id: AccountId = None,
    even_if_enrolled: Annotated[
        bool, typer.Option("--even-if-enrolled", help="Même si un enfant est encore inscrit.")
    ] = False,
    yes: YesOption = False,
) -> None:
    """Effacer ce qui identifie un responsable ; son compte est fermé, sans nom."""
    from dashboard.actions.batch import Asker
    from dashboard.actions.privacy import check_erasable, erase_person, find_person
    from dashboard.bootstrap import open_services
    from dashboard.settings import read_settings
    from dashboard.store.opening import connect

    _require_one(identifier, account_id)
    require_own_name(actor)
    now = datetime.now()
    with connect(database) as store:
        services = open_services(store, read_settings(), "http://127.0.0.1:5006")
        found = find_person(store, now, identifier=identifier, account_id=account_id)
        check_erasable(found, even_if_enrolled=even_if_enrolled)
        account, name = found.holder.account, found.holder.guardian.full_name
        if not yes:
            children = plural(len(found.enrolled), "enfant inscrit", "enfants inscrits")
            confirm(
                f"Effacer pour toujours les données de {name} ({account.identifier}, {children}) ?"
            )
        erase_person(services, found, Asker(actor, now), even_if_enrolled=even_if_enrolled)
    typer.echo(
        f"Les données du compte {account.identifier} sont effacées. Elles restent dans les "
        "sauvegardes d'avant, jusqu'à ce que vous les détruisiez."
    )


def _require_one(identifier: str, account_id: int | None) -> None:
    if bool(identifier) == (account_id is not None):
        raise typer.BadParameter("indiquez l'identifiant du compte, ou --account-id.")
