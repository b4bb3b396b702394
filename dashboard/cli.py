"""The command ``educonnect``: a composition root over the same actions as the screen."""

import os
import sys
from collections.abc import Callable
from io import TextIOWrapper
from typing import Annotated

import typer

import dashboard
from dashboard.commands.act import notify_command, resend_command, reset_command
from dashboard.commands.french import FrenchTyper, run
from dashboard.commands.import_files import (
    import_accounts_command,
    import_command,
    import_schools_command,
)
from dashboard.commands.operate import backup_command, check_command, restore_command
from dashboard.commands.privacy import person
from dashboard.commands.read import (
    accounts_command,
    brief_command,
    snapshot_command,
    statistics_command,
)
from dashboard.commands.serve import (
    demo_command,
    generate_command,
    housekeeping_command,
    serve_command,
)
from dashboard.commands.users import users
from dashboard.domain.errors import Refused

app = FrenchTyper(
    help="Comptes EduConnect des responsables d'élèves : tableau de bord et commandes.",
    add_completion=True,
)
_COMMANDS: dict[str, Callable[..., None]] = {
    "serve": serve_command,
    "demo": demo_command,
    "generate": generate_command,
    "import": import_command,
    "import-accounts": import_accounts_command,
    "import-schools": import_schools_command,
    "statistics": statistics_command,
    "brief": brief_command,
    "accounts": accounts_command,
    "notify": notify_command,
    "reset": reset_command,
    "resend": resend_command,
    "housekeeping": housekeeping_command,
    "snapshot": snapshot_command,
    "check": check_command,
    "backup": backup_command,
    "restore": restore_command,
}
# What the database makes of Ctrl-C while it answers.
_INTERRUPTED = "Query interrupted"
for _name, _command in _COMMANDS.items():
    app.command(_name)(_command)
app.add_typer(users, name="users")
app.add_typer(person, name="person")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"educonnect {dashboard.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Afficher la version."
        ),
    ] = False,
) -> None:
    """Take the options that stand before a command; each ends there."""


def main() -> None:
    """Run the command; exit 0 done, 1 refused with the reasons on stderr, 2 wrong usage."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a terminal that lacks a letter shows ? for it
            stream.reconfigure(errors="replace")
    os.umask(0o077)  # what it writes holds people's data
    try:
        code = run(app)
    except Refused as refused:
        for reason in (*refused.reasons, *_way_back(refused)):
            print(reason, file=sys.stderr)
        sys.exit(1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except RuntimeError as error:
        if str(error) != _INTERRUPTED:
            raise
        sys.exit(130)
    sys.exit(code)


def _way_back(refused: Refused) -> list[str]:
    """What to do about a damaged database, as far as the settings tell where its copies are."""
    from dashboard.actions.back_up import way_back
    from dashboard.settings import read_settings
    from dashboard.store.failures import Corrupt

    if not isinstance(refused, Corrupt) or not refused.path:
        return []
    try:
        backups = read_settings().backup_folder
    except Refused:
        backups = None
    return way_back(refused, backups)
