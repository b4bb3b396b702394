"""Help, versions, completion and errors of usage: in French throughout, and without a wait."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from dashboard.cli import app
from dashboard.commands import french
from tests.command import Run

SLOW = ("bokeh", "duckdb", "fpdf", "holoviews", "numpy", "pandas", "panel", "tornado")
ENGLISH = re.compile(
    r"Usage:|Show this|Install completion|Show completion|default|env var|required|Try "
    r"|\b(Commands|COMMAND|ARGS|FILE|TEXT|LINE|COLUMN|IDENTIFIER)\b"
)

ROLES = "option manquante : '--role'. Au choix : director, deputy, inspector, administrator."


def _paths(command: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    if isinstance(command, TyperGroup):
        for name, inner in command.commands.items():
            yield from _paths(inner, (*path, name))


EVERY_COMMAND = list(_paths(typer.main.get_command(app)))


def test_help_and_version_import_none_of_what_takes_long() -> None:
    asked = [["--version"], *([*path, "--help"] for path in EVERY_COMMAND)]
    script = (
        "import contextlib, io, json, sys\n"
        "from dashboard.cli import main\n"
        "for arguments in json.loads(sys.argv[1]):\n"
        "    sys.argv[1:] = arguments\n"
        "    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):\n"
        "        main()\n"
        "print(json.dumps(list(sys.modules)))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, json.dumps(asked)],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert len(asked) > 28
    assert not {name.partition(".")[0] for name in json.loads(ran.stdout)} & {*SLOW}


@pytest.mark.parametrize("path", EVERY_COMMAND, ids=" ".join)
def test_every_help_is_french_and_asked_for_in_two_ways(run: Run, path: tuple[str, ...]) -> None:
    shown = run(*path, "-h")
    assert (shown.code, shown.err) == (0, "")
    assert shown == run(*path, "--help")
    assert "Usage : educonnect" in shown.text
    assert "Afficher cette" in shown.text
    assert not ENGLISH.search(shown.text)


def test_the_version_is_that_of_what_is_installed(run: Run) -> None:
    assert run("--version").text == f"educonnect {version('educonnect-dashboard')}\n"


@pytest.mark.parametrize(
    ("arguments", "usage", "reason"),
    [
        (["notif"], "", "commande inconnue : 'notif'. Vouliez-vous dire 'notify' ?"),
        (["users", "x"], "users", "commande inconnue : 'x'."),
        (["accounts"], "accounts", "option manquante : '--school'."),
        (["users", "add", "a"], "users add", ROLES),
        (["backup"], "backup", "argument manquant : 'FICHIER'."),
        (["backup", "a", "b"], "backup", "argument en trop : b."),
        (["demo", "--x"], "demo", "option inconnue : --x."),
        (["demo", "--databas"], "demo", "option inconnue : --databas. Voisines : --database."),
        (["demo", "--database"], None, "'--database' demande une valeur."),
        (["serve", "--demo=1"], None, "'--demo' ne prend pas de valeur."),
        (["serve", "--port", "a"], "serve", "'--port' : un nombre entier est attendu."),
        (["serve", "--port", "0"], "serve", "'--port' : 1 au moins."),
        (["serve", "--port", "65536"], "serve", "'--port' : 65535 au plus."),
        (
            ["snapshot", "a", "--format", "b"],
            "snapshot",
            "'--format' : 'b' n'est pas parmi 'parquet', 'xlsx', 'csv'.",
        ),
        (["serve", "--demo", "--local"], "serve", "--demo et --local ne vont pas ensemble."),
    ],
)
def test_a_wrong_usage_is_told_in_french_with_the_way_to_the_help(
    run: Run, arguments: list[str], usage: str | None, reason: str
) -> None:
    ran = run(*arguments)
    assert (ran.code, ran.out) == (2, b"")
    *before, last = ran.err.splitlines()
    assert last == f"erreur : {reason}"
    if usage is not None:
        path = f"educonnect {usage}".strip()
        assert before[0].startswith(f"Usage : {path} [OPTIONS]")
        assert before[1:] == [f"Aide : {path} -h"]


@pytest.mark.parametrize("arguments", [[], ["users"], ["person"]])
def test_a_group_without_a_command_shows_its_help(run: Run, arguments: list[str]) -> None:
    ran = run(*arguments)
    assert (ran.code, ran.err) == (2, "")
    assert "Commandes" in ran.text


def test_what_is_broken_off_is_said_to_be(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = typer.Typer()

    @broken.command()
    def ask() -> None:
        raise typer.Abort

    monkeypatch.setattr(sys, "argv", ["educonnect"])
    assert french.run(broken) == 1
    assert capsys.readouterr().err == "Annulé.\n"


class TestCompletion:
    def test_the_shell_is_given_a_script(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("typer.completion._get_shell_name", lambda: "bash")
        assert (
            "complete -o default -F _educonnect_completion educonnect"
            in run("--show-completion").text
        )

    @pytest.mark.parametrize(
        ("words", "found"),
        [
            ("educonnect stat", ["statistics"]),
            ("educonnect users en", ["enable"]),
            ("educonnect statistics --dep", ["--department"]),
            ("educonnect accounts --state NOT", ["NOT_NOTIFIED", "NOTIFIED"]),
        ],
    )
    def test_names_are_completed(self, words: str, found: list[str]) -> None:
        environment = {
            "_EDUCONNECT_COMPLETE": "complete_bash",
            "COMP_WORDS": words,
            "COMP_CWORD": str(len(words.split()) - 1),
        }
        ran = subprocess.run(
            [Path(sys.executable).with_name("educonnect")],
            capture_output=True,
            encoding="utf-8",
            env=os.environ | environment,
            check=False,
        )
        assert ran.stdout.split() == found
