"""What Typer says of its own, in French like the rest: help, and errors of usage.

Written for Typer 0.29, which translates little: here alone are its internals touched, and
`tests/test_cli_help.py` reads every help and error for English that is left.
"""

import re
from collections.abc import Callable
from typing import Any, TypeVar

import typer
from typer._click import Command, Context, HelpFormatter, Parameter
from typer._click.exceptions import ClickException, NoArgsIsHelpError
from typer.core import TyperCommand, TyperGroup

_Run = TypeVar("_Run", bound=Callable[..., Any])
# The words of `typer.rich_utils`, by the name that holds them.
_WORDS = {
    "ARGUMENTS_PANEL_TITLE": "Arguments",
    "OPTIONS_PANEL_TITLE": "Options",
    "COMMANDS_PANEL_TITLE": "Commandes",
    "DEFAULT_STRING": "[par défaut : {}]",
    "ENVVAR_STRING": "[variable : {}]",
    "REQUIRED_LONG_STRING": "[obligatoire]",
}
_HELP_OF_OPTIONS = {
    "help": "Afficher cette aide.",
    "install_completion": "Installer la complétion pour l'interpréteur de commandes utilisé.",
    "show_completion": "Afficher le script de complétion, pour le copier ou l'adapter.",
}
_PHRASES = (
    (r"Invalid value for (.+?): ", r"\1 : "),
    (r"Invalid value: ", ""),
    (r"Input should be a valid integer.*", "un nombre entier est attendu."),
    (r"Input should be greater than or equal to (\S+)", r"\1 au moins."),
    (r"Input should be less than or equal to (\S+)", r"\1 au plus."),
    (r"(\S+) is not one of (.*)\.", r"\1 n'est pas parmi \2."),
    (r"Value error, ", ""),
    (r"Missing option (.+?)\.", r"option manquante : \1."),
    (r"Missing argument (.+?)\.", r"argument manquant : \1."),
    (r"Choose from: (.*)", r"Au choix : \1."),
    (r"Missing command\.", "commande manquante."),
    (r"No such option: (\S+)", r"option inconnue : \1."),
    (r"\(Possible options: (.*)\)", r"Voisines : \1."),
    (r"No such command (.+?)\.", r"commande inconnue : \1."),
    (r"Did you mean (.*)\?", r"Vouliez-vous dire \1 ?"),
    (r"Got unexpected extra argument\(s\) \((.*)\)", r"argument en trop : \1."),
    (r"Option (\S+) requires an argument\.", r"\1 demande une valeur."),
    (r"Option (\S+) does not take a value\.", r"\1 ne prend pas de valeur."),
)


class _French(Command):
    """A command whose help is in French throughout."""

    def get_params(self, ctx: Context) -> list[Parameter]:
        params = super().get_params(ctx)
        for param in params:
            if param.name in _HELP_OF_OPTIONS:
                vars(param)["help"] = _HELP_OF_OPTIONS[param.name]
        return params

    def format_usage(self, ctx: Context, formatter: HelpFormatter) -> None:
        pieces = " ".join(self.collect_usage_pieces(ctx))
        formatter.write_usage(ctx.command_path, pieces, prefix="Usage : ")

    def format_help(self, ctx: Context, formatter: HelpFormatter) -> None:
        from typer import rich_utils  # which takes longer to import than most commands to parse

        for name, words in _WORDS.items():
            getattr(rich_utils, name)  # so that a name that is no longer there is heard of
            setattr(rich_utils, name, words)
        super().format_help(ctx, formatter)


class _FrenchCommand(_French, TyperCommand):
    pass


class _FrenchGroup(_French, TyperGroup):
    pass


class FrenchTyper(typer.Typer):
    """An application or a group of commands, with ``-h`` and in French."""

    def __init__(self, help: str, *, add_completion: bool = False) -> None:
        super().__init__(
            cls=_FrenchGroup,
            help=help,
            no_args_is_help=True,
            subcommand_metavar="COMMANDE [ARGUMENTS]...",
            context_settings={"help_option_names": ["-h", "--help"]},
            add_completion=add_completion,
            pretty_exceptions_enable=False,
        )

    def command(self, name: str | None = None, **settings: Any) -> Callable[[_Run], _Run]:
        """As Typer's, for a command whose help is in French."""
        return super().command(name, cls=_FrenchCommand, **settings)


def run(app: typer.Typer) -> int:
    """Run an application; the exit code, once what Typer has to say has been said in French."""
    try:
        return int(app(standalone_mode=False) or 0)
    except ClickException as error:
        if not isinstance(error, NoArgsIsHelpError):
            typer.echo("\n".join(_lines(error)), err=True)
        return error.exit_code
    except typer.Abort:
        typer.echo("Annulé.", err=True)
        return 1


def _lines(error: ClickException) -> list[str]:
    """How the command is used, where its help is, and what is wrong."""
    context: Context | None = getattr(error, "ctx", None)
    lines = []
    if context is not None:
        lines = [context.get_usage(), f"Aide : {context.command_path} -h"]
    message = " ".join(error.format_message().split())
    for english, french in _PHRASES:
        message = re.sub(english, french, message)
    return [*lines, f"erreur : {message}"]
