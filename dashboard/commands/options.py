"""The options that several commands share, and what they mean."""

import getpass
import inspect
import sys
from collections.abc import Callable, Sequence
from types import GenericAlias
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dashboard.domain.academies import is_academy, normal_academy
from dashboard.domain.conditions import Choice, Choices, Filter, Flag, Labels, V, Value, Words
from dashboard.domain.directory import normal_uai
from dashboard.domain.errors import Misasked, Refused
from dashboard.domain.filters import AccountCondition
from dashboard.domain.journal import RESERVED_ACTORS
from dashboard.domain.names import clean
from dashboard.domain.scope import Scope

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
# What typer gives of an option: nothing where it is not given.
Given = str | bool | Sequence[str] | None
SchoolOption = Annotated[str, typer.Option("--school", help="UAI de l'école.", metavar="UAI")]


def read_search(text: str | None) -> str:
    """The text that an option searches for; nothing only where the option is not given.

    Raises:
        Refused: it leaves nothing to search for, which would otherwise mean everybody.
    """
    return _parsed("--search", Words(), text)


def _parsed(option: str, value: Value[V], given: Given) -> V:
    """The value that an option gives.

    Raises:
        Refused: it is none.
    """
    try:
        return value.parse(_texts(given))
    except ValueError as error:
        raise Refused([f"erreur : {option} : {error}"]) from error


def _texts(given: Given) -> list[str]:
    """What an option gives, as an address would say it."""
    if isinstance(given, bool):
        return ["1"] if given else []
    return [given] if isinstance(given, str) else list(given or ())


def filtered(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that filter, in place of its parameter `conditions`.

    They are those of the definitions of the filter that this parameter is annotated with.
    """
    own = inspect.signature(command, eval_str=True).parameters
    kind: type[Filter[AccountCondition[Any]]] = own["conditions"].annotation
    filters = {names[0]: condition for condition, names in kind.definitions().items()}

    def run(**given: Any) -> None:
        values = {
            condition: _parsed(condition.option, condition.value, given.pop(name))
            for name, condition in filters.items()
        }
        command(conditions=kind.of(values), **given)

    kept = [parameter for name, parameter in own.items() if name != "conditions"]
    options = [_option(name, condition) for name, condition in filters.items()]
    # Typer reads this signature; by keyword, the order of those with defaults is free.
    by_keyword = [p.replace(kind=p.KEYWORD_ONLY) for p in kept]
    signature = inspect.Signature([*by_keyword, *options])
    run.__signature__ = signature  # type: ignore[attr-defined]  # Typer's way
    run.__doc__ = command.__doc__
    return run


def _option(name: str, condition: AccountCondition[Any]) -> inspect.Parameter:
    """The option of a definition, as a parameter that typer reads."""
    kind, default = _typed(condition.value)
    option = typer.Option(default, condition.option, metavar=condition.metavar, help=condition.help)
    by_keyword = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(name, by_keyword, default=option, annotation=kind)


def _typed(value: Value[Any]) -> tuple[object, object]:
    """What an option takes, and what it is where it is not given."""
    match value:
        case Flag():
            return bool, False
        case Choice(kind=choices):
            return choices | None, None
        case Choices(kind=choices):
            return GenericAlias(list, choices), []
        case Labels():
            return list[str], []
        case _:
            return str | None, None


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
