"""``educonnect users``: the staff, managed at the server by the functions that the screen uses."""

import re
from pathlib import Path

import pytest

from dashboard.store.engine import connect
from tests.command import Run

SULPICE, BEZE = "0580189R", "0210351T"


@pytest.fixture
def claire(run: Run, tmp_path: Path) -> Run:
    """A director, added with a provisional password."""
    connect(tmp_path / "accounts.duckdb").close()
    place = "--role", "director", "--school", SULPICE
    added = run("users", "add", "claire", *place, "--name", "Claire Exemple", "--provisional")
    assert added.code == 0, added.err
    return run


def line(run: Run, login: str) -> str:
    return next(
        one for one in run("users", "list").text.splitlines() if one.strip().startswith(login)
    )


def test_a_provisional_password_is_told_once(run: Run) -> None:
    added = run("users", "add", "zoe", "--role", "administrator", "--provisional")
    assert re.search(
        r"provisoire, valable 7 jours : [a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}\n", added.text
    )
    assert "mot de passe provisoire" in line(run, "zoe")


def test_role_and_places_are_given_in_place_of_the_old(claire: Run) -> None:
    assert claire("users", "grant", "claire", "--school", BEZE).code == 0
    assert f"{BEZE}, {SULPICE}" in line(claire, "claire")
    assert claire("users", "role", "claire", "--role", "inspector", "--department", "21").code == 0
    assert "Inspecteur" in line(claire, "claire")
    assert SULPICE not in line(claire, "claire")


def test_a_search_narrows_the_list(claire: Run) -> None:
    claire("users", "add", "alice", "--role", "administrator", "--provisional")
    assert "alice" not in claire("users", "list", "--search", "exemple").text


@pytest.mark.parametrize("text", ["", " ", "?"])
def test_a_search_for_nothing_is_refused(claire: Run, text: str) -> None:
    ran = claire("users", "list", "--search", text)
    assert (ran.code, ran.out) == (1, b"")
    assert ran.err.startswith("erreur : --search : rien à chercher")


def test_the_last_administrator_is_kept(run: Run) -> None:
    run("users", "add", "alice", "--role", "administrator", "--provisional")
    refused = run("users", "disable", "alice")
    assert (refused.code, "dernier administrateur" in refused.err) == (1, True)


def test_who_is_disabled_does_not_act_by_the_command(demo_schools: None, claire: Run) -> None:
    claire("users", "disable", "claire")
    done = claire("resend", "--school", SULPICE, "--as", "claire", "--yes")
    assert (done.code, done.err) == (1, "erreur : claire est désactivé.\n")
