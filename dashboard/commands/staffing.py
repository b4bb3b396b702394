"""``educonnect users``: the staff who sign in by a password of ours."""

import sys
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer

from dashboard.actions.manage_staff import (
    add,
    change_password,
    disable,
    enable,
    grant_places,
    revoke_places,
)
from dashboard.commands.options import Database, read_uai
from dashboard.commands.printing import print_table
from dashboard.domain.french import plural
from dashboard.domain.names import clean
from dashboard.domain.places import normal_department
from dashboard.domain.scope import Area, Role
from dashboard.store.engine import connect
from dashboard.store.staff import staff

users = typer.Typer(help="Gérer les personnes qui se connectent.", no_args_is_help=True)


class RoleName(StrEnum):
    """The roles, as the command names them."""

    DIRECTOR = "director"
    DEPUTY = "deputy"
    INSPECTOR = "inspector"
    ADMINISTRATOR = "administrator"


Login = Annotated[str, typer.Argument(metavar="LOGIN", help="Identifiant de la personne.")]
Schools = Annotated[list[str], typer.Option("--school", metavar="UAI", help="Une école.")]
Districts = Annotated[list[str], typer.Option("--district", metavar="NOM", help="Circo.")]
Departments = Annotated[list[str], typer.Option("--department", metavar="CODE", help="Dép.")]
Academies = Annotated[list[str], typer.Option("--academy", metavar="NOM", help="Une académie.")]


@users.command("add")
def add_command(
    database: Database,
    login: Login,
    role: Annotated[RoleName, typer.Option(help="Rôle.")],
    name: Annotated[str, typer.Option(help="Nom affiché.")] = "",
    school: Schools = [],  # noqa: B006
    district: Districts = [],  # noqa: B006
    department: Departments = [],  # noqa: B006
    academy: Academies = [],  # noqa: B006
) -> None:
    """Ajouter une personne ; son mot de passe est demandé, ou lu sur l'entrée standard."""
    places = _places(school, district, department, academy)
    with connect(database) as store:
        add(store, login, name, Role(role.name), places, _password())
    typer.echo(f"{login} peut se connecter.")


@users.command("list")
def list_command(database: Database) -> None:
    """Lister les personnes, leurs rôles et leurs lieux."""
    with connect(database, read_only=True) as store:
        rows = [
            [
                member.login,
                member.name,
                member.role.label,
                ", ".join(sorted(place for _, place in member.places)),
                "désactivé" if member.disabled else "",
            ]
            for member in staff(store)
        ]
    print_table(["Identifiant", "Nom", "Rôle", "Lieux", ""], rows)


@users.command("disable")
def disable_command(database: Database, login: Login) -> None:
    """Ne plus laisser une personne se connecter, et terminer ses connexions."""
    with connect(database) as store:
        ended = disable(store, login, datetime.now())
    typer.echo(
        f"{login} est désactivé ; {plural(ended, 'connexion terminée', 'connexions terminées')}."
    )


@users.command("enable")
def enable_command(database: Database, login: Login) -> None:
    """Laisser de nouveau une personne se connecter."""
    with connect(database) as store:
        enable(store, login)
    typer.echo(f"{login} peut de nouveau se connecter.")


@users.command("passwd")
def passwd_command(database: Database, login: Login) -> None:
    """Changer le mot de passe d'une personne, et terminer ses connexions."""
    with connect(database) as store:
        change_password(store, login, _password(), datetime.now())
    typer.echo(f"Le mot de passe de {login} est changé.")


@users.command("grant")
def grant_command(
    database: Database,
    login: Login,
    school: Schools = [],  # noqa: B006
    district: Districts = [],  # noqa: B006
    department: Departments = [],  # noqa: B006
    academy: Academies = [],  # noqa: B006
) -> None:
    """Donner des lieux à une personne."""
    with connect(database) as store:
        grant_places(store, login, _places(school, district, department, academy))
    typer.echo("Fait.")


@users.command("revoke")
def revoke_command(
    database: Database,
    login: Login,
    school: Schools = [],  # noqa: B006
    district: Districts = [],  # noqa: B006
    department: Departments = [],  # noqa: B006
    academy: Academies = [],  # noqa: B006
) -> None:
    """Retirer des lieux à une personne."""
    with connect(database) as store:
        revoke_places(store, login, _places(school, district, department, academy))
    typer.echo("Fait.")


def _places(
    schools: list[str], districts: list[str], departments: list[str], academies: list[str]
) -> set[tuple[Area, str]]:
    return {
        *((Area.SCHOOLS, read_uai(uai)) for uai in schools),
        *((Area.DISTRICT, clean(name)) for name in districts),
        *((Area.DEPARTMENT, normal_department(clean(code))) for code in departments),
        *((Area.ACADEMY, clean(name)) for name in academies),
    }


def _password() -> str:
    """The new password: asked for twice on a terminal, else the first line of standard input."""
    if sys.stdin.isatty():
        asked: str = typer.prompt("Mot de passe", hide_input=True, confirmation_prompt=True)
        return asked
    return sys.stdin.readline().rstrip("\r\n")
