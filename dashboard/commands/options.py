"""The options that several commands share, and what they mean."""

import getpass
import inspect
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dashboard.domain.academies import is_academy, normal_academy
from dashboard.domain.account import Origin, State
from dashboard.domain.directory import normal_uai
from dashboard.domain.errors import Misasked, Refused
from dashboard.domain.filters import NO_CLASS, AccountFilter, Email
from dashboard.domain.journal import RESERVED_ACTORS
from dashboard.domain.names import clean
from dashboard.domain.scope import Scope
from dashboard.domain.search import Search

if TYPE_CHECKING:
    from dashboard.store.engine import Store


def _database_of_settings() -> str:
    from dashboard.settings import read_settings

    return read_settings().database


Database = Annotated[
    str,
    typer.Option(
        "--database",
        envvar="EDUCONNECT_DATABASE",
        help="Fichier DuckDB des comptes.",
        default_factory=_database_of_settings,
        show_default="data/accounts.duckdb",
    ),
]
ActorOption = Annotated[
    str,
    typer.Option(
        "--as",
        metavar="UTILISATEUR",
        help="Qui agit, pour le journal ; un utilisateur connu agit avec ses droits.",
        default_factory=getpass.getuser,
        show_default="l'utilisateur du système",
    ),
]
YesOption = Annotated[bool, typer.Option("--yes", help="Ne pas demander confirmation.")]
SchoolOption = Annotated[str, typer.Option("--school", help="UAI de l'école.", metavar="UAI")]


def _conditions(
    search: Annotated[
        str | None, typer.Option(help="Nom ou prénom, responsable ou élève.", metavar="TEXTE")
    ] = None,
    class_: Annotated[list[str], typer.Option("--class", metavar="LIBELLÉ", help="Classe.")] = [],
    state: Annotated[list[State], typer.Option(help="État de compte.")] = [],
    email: Annotated[Email | None, typer.Option(help="Adresse de messagerie.")] = None,
    origin: Annotated[Origin | None, typer.Option(help="Origine du compte.")] = None,
    expired: Annotated[bool, typer.Option("--expired", help="Notification expirée.")] = False,
    to_clarify: Annotated[bool, typer.Option("--to-clarify", help="Enfant à préciser.")] = False,
) -> AccountFilter:
    name, labels = read_search(search), tuple(map(_read_class, class_))
    return AccountFilter(name, labels, tuple(state), email, origin, expired, to_clarify)


def read_search(text: str | None) -> str:
    """The text that an option searches for; nothing only where the option is not given.

    Raises:
        Refused: it leaves nothing to search for, which would otherwise mean everybody.
    """
    if text is None:
        return ""
    search = Search(text)
    if not search.words:
        reason = search.reason or "rien à chercher : le texte est vide."
        raise Refused([f"erreur : --search : {reason}"])
    return text


def _read_class(text: str) -> str:
    """The class of this label; ``sans classe`` is for the students who have none.

    Raises:
        Refused: it is blank, as what was to be filled in and was not.
    """
    label = clean(text)
    if not label:
        why = f"libellé vide ; pour les élèves sans classe, écrivez « {NO_CLASS} »."
        raise Refused([f"erreur : --class : {why}"])
    return "" if label == NO_CLASS else label


def filtered(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that filter accounts, in place of its parameter `conditions`."""
    own = inspect.signature(command, eval_str=True).parameters
    filters = inspect.signature(_conditions, eval_str=True).parameters

    def run(**given: Any) -> None:
        conditions = _conditions(**{name: given.pop(name) for name in filters})
        command(conditions=conditions, **given)

    kept = [parameter for name, parameter in own.items() if name != "conditions"]
    # Typer reads this signature; by keyword, the order of those with defaults is free.
    by_keyword = [p.replace(kind=p.KEYWORD_ONLY) for p in (*kept, *filters.values())]
    run.__signature__ = inspect.Signature(by_keyword)  # type: ignore[attr-defined]  # Typer's way
    run.__doc__ = command.__doc__
    return run


def read_uai(text: str) -> str:
    """The UAI that an option gives.

    Raises:
        Refused: it is none.
    """
    try:
        return normal_uai(text)
    except ValueError as error:
        raise Refused([f"erreur : {error}"]) from error


def academy_named(text: str) -> str:
    """The academy that an option names, as it is spelled here.

    Raises:
        Refused: there is none.
    """
    name = normal_academy(clean(text))
    if not is_academy(name):
        raise Refused([f"erreur : aucune académie ne s'appelle « {text} »."])
    return name


def require_schools(store: "Store", scope: Scope) -> None:
    """Refuse a scope of places that are not known, or in which no school is."""
    from dashboard.actions.asked import require_known
    from dashboard.store.schools import schools

    try:
        require_known(store, scope)
    except Misasked as error:
        raise Refused([f"erreur : {error}"]) from error
    if schools(store, scope).empty:
        raise Refused([unknown_school(", ".join(scope.places) or "cette base")])


def unknown_school(place: str) -> str:
    """What is said of a school that there is not, or that is not of the asker's scope."""
    return f"erreur : aucune école connue pour {place}."


def require_own_name(actor: str) -> None:
    """Refuse to act by a name that the journal keeps for others."""
    if actor in RESERVED_ACTORS:
        raise Refused([f"erreur : « {actor} » est un nom réservé au journal."])


def confirm(question: str) -> None:
    """Ask on the terminal whether to go on.

    Raises:
        Refused: there is nobody to ask, or they say no.
    """
    if not sys.stdin.isatty():
        raise Refused([f"{question} Ajoutez --yes pour confirmer sans terminal."])
    if not typer.confirm(question, err=True):
        raise Refused(["Annulé : rien n'a été fait."])
