"""``educonnect import`` asks who is somebody known, and is told by the row."""

import re
from pathlib import Path

import pytest

from tests.command import Ran, Run
from tests.extractions import Kid, Parent, Pupil, write_roster

SULPICE = "0580189R"
PUPIL = Pupil("MOREL", "Ava", "02/03/2018")
PARENT = Parent("MOREL", "Jean", [Kid("MOREL", "Ava")])


@pytest.fixture
def bring(run: Run, tmp_path: Path) -> Run:
    def bring(*options: object, parent: Parent = PARENT) -> Ran:
        students, guardians = write_roster(tmp_path / "roster", [PUPIL], [parent])
        files = "--students", students, "--guardians", guardians
        return run("import", "--school", SULPICE, *files, *options)

    return bring


def identifier(run: Run) -> object:
    [account] = run("accounts", "--school", SULPICE, "--format", "json").records()
    return account["identifier"]


def test_what_the_question_says_to_add_answers_it(run: Run, bring: Run) -> None:
    bring()
    before = identifier(run)
    other = PARENT._replace(first_name="Luc")
    asked = bring(parent=other)
    assert (asked.code, asked.text) == (1, "")
    assert (bring("--dry-run", parent=other).err, identifier(run)) == (asked.err, before)
    found = re.search(r"(--keep) (2=\S+) si oui", asked.err)
    assert found
    kept = bring(*found.groups(), parent=other)
    assert kept.code == 0
    assert "; 1 reconnu malgré une correction" in kept.text
    assert identifier(run) == before


def test_a_new_person_has_a_new_account(run: Run, bring: Run) -> None:
    bring()
    before = identifier(run)
    assert bring("--new", "2", parent=PARENT._replace(first_name="Luc")).code == 0
    assert identifier(run) != before


@pytest.mark.parametrize(
    "options",
    [
        ("--keep", "deux"),
        ("--keep", "2="),
        ("--keep-student", "=3"),
        ("--new", "x"),
        ("--keep", "2", "--new", "2"),
        ("--keep", "2=a", "--keep", "2=b"),
    ],
)
def test_an_answer_of_another_form_is_wrong_usage(bring: Run, options: tuple[str, ...]) -> None:
    assert bring(*options).code == 2


def test_an_answer_that_fits_nobody_is_refused(bring: Run) -> None:
    bring()
    ran = bring("--keep", "7")
    assert ran.code == 1
    assert "responsables.csv, ligne 7 : --keep 7 : aucun responsable n'est lu" in ran.err
