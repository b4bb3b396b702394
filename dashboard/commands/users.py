"""``educonnect users``: the staff who sign in, managed as on the screen."""

import getpass
import sys
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer

from dashboard.commands.french import FrenchTyper
from dashboard.commands.options import Database, read_search, read_uai
from dashboard.commands.printing import print_table
from dashboard.domain.academies import normal_department
from dashboard.domain.french import moment, plural
from dashboard.domain.names import clean
from dashboard.domain.scope import Area, Role, StaffScope

users = FrenchTyper(help="Gérer les personnes qui se connectent.")


class RoleName(StrEnum):
    """The roles, as the command names them."""

    DIRECTOR = "director"
    DEPUTY = "deputy"
    INSPECTOR = "inspector"
    ADMINISTRATOR = "administrator"


Login = Annotated[str, typer.Argument(metavar="IDENTIFIANT", help="Identifiant de la personne.")]
RoleOption = Annotated[RoleName, typer.Option(help="Rôle.")]
Schools = Annotated[list[str], typer.Option("--school", metavar="UAI", help="Une école.")]
Districts = Annotated[list[str], typer.Option("--district", metavar="NOM", help="Circo.")]
Departments = Annotated[list[str], typer.Option("--department", metavar="CODE", help="Dép.")]
Academies = Annotated[list[str], typer.Option("--academy", metavar="NOM", help="Une académie.")]
ProvisionalOption = Annotated[
    bool,
    typer.Option(
        "--provisional",
        help="Afficher un mot de passe provisoire, à changer à la première connexion.",
    ),
]


@users.command("add")
def add_command(
    database: Database,
    login: Login,
    role: RoleOption,
    name: Annotated[str, typer.Option(help="Nom affiché.")] = "",
    school: Schools = [],
    district: Districts = [],
    department: Departments = [],
    academy: Academies = [],
    email: Annotated[str, typer.Option(help="Adresse pour un mot de passe oublié.")] = "",
    provisional: ProvisionalOption = False,
) -> None:
    """Ajouter une personne ; son mot de passe est demandé, ou lu sur l'entrée standard."""
    from dashboard.actions.users import add
    from dashboard.store.opening import connect

    places = _places(school, district, department, academy)
    # The first administrator may be there before all else.
    with connect(database, create=role is RoleName.ADMINISTRATOR) as store:
        password = None if provisional else _password()
        given = add(store, *_asked(), login, name, Role(role.name), places, password, email)
    _hand_out(provisional, given)
    typer.echo(f"{login} peut se connecter.")


@users.command("list")
def list_command(
    database: Database,
    search: Annotated[
        str | None, typer.Option(help="Identifiant, nom ou lieu.", metavar="TEXTE")
    ] = None,
) -> None:
    """Lister les personnes, leurs rôles et leurs lieux."""
    from dashboard.store.opening import connect
    from dashboard.store.staff import listed_staff

    with connect(database, read_only=True) as store:
        rows = [
            [
                member.login,
                member.name,
                member.role.label,
                ", ".join(sorted(place for _, place in member.places)),
                member.email,
                member.state,
                moment(member.last_sign_in_at) if member.last_sign_in_at else "",
            ]
            for member in listed_staff(store, _asked()[0], read_search(search))
        ]
    headings = ["Identifiant", "Nom", "Rôle", "Lieux", "Adresse", "État", "Dernière connexion"]
    print_table(headings, rows)


@users.command("disable")
def disable_command(database: Database, login: Login) -> None:
    """Ne plus laisser une personne se connecter, et terminer ses connexions."""
    from dashboard.actions.users import disable
    from dashboard.store.opening import connect

    with connect(database) as store:
        ended = disable(store, *_asked(), login)
    typer.echo(
        f"{login} est désactivé ; {plural(ended, 'connexion terminée', 'connexions terminées')}."
    )


@users.command("enable")
def enable_command(database: Database, login: Login) -> None:
    """Laisser de nouveau une personne se connecter."""
    from dashboard.actions.users import enable
    from dashboard.store.opening import connect

    with connect(database) as store:
        enable(store, *_asked(), login)
    typer.echo(f"{login} peut de nouveau se connecter.")


@users.command("passwd")
def passwd_command(
    database: Database, login: Login, provisional: ProvisionalOption = False
) -> None:
    """Changer le mot de passe d'une personne, et terminer ses connexions."""
    from dashboard.actions.users import reset_password
    from dashboard.store.opening import connect

    with connect(database) as store:
        password = None if provisional else _password()
        given = reset_password(store, *_asked(), login, password)
    _hand_out(provisional, given)
    typer.echo(f"Le mot de passe de {login} est changé.")


@users.command("email")
def email_command(
    database: Database,
    login: Login,
    email: Annotated[str, typer.Argument(metavar="ADRESSE", help="Vide : aucune.")],
) -> None:
    """Changer l'adresse à laquelle une personne reçoit un lien si elle oublie son mot de passe."""
    from dashboard.actions.users import set_email
    from dashboard.store.opening import connect

    with connect(database) as store:
        set_email(store, *_asked(), login, email)
    typer.echo(f"L'adresse de {login} est {'changée' if email.strip() else 'retirée'}.")


@users.command("role")
def role_command(
    database: Database,
    login: Login,
    role: RoleOption,
    school: Schools = [],
    district: Districts = [],
    department: Departments = [],
    academy: Academies = [],
) -> None:
    """Donner à une personne un rôle et des lieux, à la place de ceux qu'elle avait."""
    from dashboard.actions.users import set_rights
    from dashboard.store.opening import connect

    places = _places(school, district, department, academy)
    with connect(database) as store:
        set_rights(store, *_asked(), login, Role(role.name), places)
    typer.echo("Fait.")


@users.command("grant")
def grant_command(
    database: Database,
    login: Login,
    school: Schools = [],
    district: Districts = [],
    department: Departments = [],
    academy: Academies = [],
) -> None:
    """Donner des lieux à une personne."""
    from dashboard.actions.users import grant_places
    from dashboard.store.opening import connect

    with connect(database) as store:
        grant_places(store, *_asked(), login, _places(school, district, department, academy))
    typer.echo("Fait.")


@users.command("revoke")
def revoke_command(
    database: Database,
    login: Login,
    school: Schools = [],
    district: Districts = [],
    department: Departments = [],
    academy: Academies = [],
) -> None:
    """Retirer des lieux à une personne."""
    from dashboard.actions.users import revoke_places
    from dashboard.store.opening import connect

    with connect(database) as store:
        revoke_places(store, *_asked(), login, _places(school, district, department, academy))
    typer.echo("Fait.")


def _asked() -> tuple[StaffScope, datetime]:
    """Who asks, being at the server and so managing everybody, and when."""
    return StaffScope(getpass.getuser()), datetime.now()


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


def _hand_out(provisional: bool, password: str) -> None:
    from dashboard.actions.users import PROVISIONAL_FOR

    if provisional:
        days = plural(PROVISIONAL_FOR.days, "jour")
        typer.echo(f"Mot de passe provisoire, valable {days} : {password}")
