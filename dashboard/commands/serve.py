"""``educonnect serve``, ``demo``, ``generate`` and ``housekeeping``: the installation as such."""

from datetime import date, datetime
from typing import Annotated

import typer

from dashboard.commands.options import Database, academy_named
from dashboard.domain.french import plural


def serve_command(
    database: Database,
    address: Annotated[str, typer.Option(help="Adresse d'écoute.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port d'écoute.")] = 5006,
    demo: Annotated[
        bool, typer.Option("--demo", help="Charger les écoles de démonstration dans une base vide.")
    ] = False,
    local: Annotated[
        bool, typer.Option("--local", help="Sans connexion, pour cet ordinateur seulement.")
    ] = False,
    expose_demo: Annotated[
        bool, typer.Option("--expose-demo", help="Montrer la démonstration à d'autres machines.")
    ] = False,
) -> None:
    """Servir le tableau de bord."""
    from dashboard.actions.load_demo import load_demo_academy
    from dashboard.checks import exposed, private_paths
    from dashboard.server import Access, ListenAddress, serve
    from dashboard.settings import read_settings
    from dashboard.store.engine import connect

    if demo and local:
        raise typer.BadParameter("--demo et --local ne vont pas ensemble.")
    access = Access.DEMO if demo else Access.LOCAL if local else Access.SIGN_IN
    settings = read_settings()
    for reason in exposed(private_paths(settings, database)):
        typer.echo(f"Attention : {reason}", err=True)
    listen = ListenAddress(address, port, access, expose_demo)
    with connect(database, copies_to=settings.backup_folder) as store:
        if demo:
            load_demo_academy(store, date.today())
        serve(store, settings, listen)


def demo_command(database: Database) -> None:
    """Charger les écoles de démonstration, si la base est vide."""
    from dashboard.actions.load_demo import load_demo_academy
    from dashboard.store.engine import connect

    with connect(database) as store:
        loaded = load_demo_academy(store, date.today())
    typer.echo(
        "Écoles de démonstration chargées." if loaded else "La base contient déjà des écoles."
    )


def generate_command(
    database: Database,
    schools: Annotated[int, typer.Option(min=1, max=100_000, help="Nombre d'écoles.")],
    seed: Annotated[int, typer.Option(min=0, help="Graine : la même donne les mêmes écoles.")] = 0,
    academy: Annotated[str, typer.Option(metavar="NOM", help="Une académie.")] = "",
) -> None:
    """Ajouter des écoles fictives, leurs comptes, leur journal et leur année scolaire passée."""
    from dashboard.actions.generate import generate
    from dashboard.store.engine import connect

    place = academy_named(academy) if academy else None
    with connect(database) as store:
        generate(store, schools, seed, date.today(), place)
    typer.echo(f"{plural(schools, 'école fictive ajoutée', 'écoles fictives ajoutées')}.")


def housekeeping_command(database: Database) -> None:
    """Compter les semaines écoulées, puis effacer ce qui a dépassé sa durée (journal, noms…)."""
    from dashboard.actions.housekeeping import housekeep
    from dashboard.bootstrap import paths, retention
    from dashboard.settings import read_settings
    from dashboard.store.opening import connect

    settings = read_settings()
    folder = paths(settings, database).mail_folder
    with connect(database) as store:
        cleared = housekeep(store, datetime.now(), retention(settings), folder)
    for line in cleared.lines():
        typer.echo(line)
