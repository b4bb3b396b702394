"""The README is true: its commands run, its code runs, its links lead somewhere."""

import re
import shlex
from pathlib import Path

import pytest

from dashboard.settings import Settings
from tests.command import Run

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"`(EDUCONNECT_[A-Z_]+)[`=]")
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_commands_run_in_their_order(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = "".join(blocks("console")).splitlines()
    commands = [shlex.split(line.removeprefix("$ ")) for line in lines]
    (tmp_path / "data").symlink_to(ROOT / "data")
    monkeypatch.chdir(tmp_path)
    for name, *arguments in commands:
        assert name == "educonnect"
        done = run(*arguments)
        assert done.code == 0, f"{arguments}: {done.err}"
        assert done.out or (tmp_path / "comptes.csv").exists()


def test_the_python_code_runs() -> None:
    for block in blocks("python"):
        exec(compile(block, "README.md", "exec"), {})


@pytest.mark.parametrize(
    "target", sorted(set(re.findall(r"(?m)(?:^|`)make ([a-z]+)(?:$|`)", README)))
)
def test_the_make_targets_exist(target: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(rf"^{target}:", makefile, re.MULTILINE)


RECIPES = re.findall(r"(?m)^\| `((?:dashboard|tests)/[^`]+)` \| (.+) \|$", README)


def test_there_is_a_recipe_for_what_is_added_most_often() -> None:
    added = re.findall(r"(?m)^\| an? (?:new )?\*\*([a-z]+)\*\*", README)
    assert added == ["filter", "column", "action", "role", "migration"]
    assert len(RECIPES) > 3 * len(added)


@pytest.mark.parametrize(("place", "what"), RECIPES)
def test_a_recipe_names_what_there_is(place: str, what: str) -> None:
    path = ROOT / place
    assert path.exists()
    names = [name for name in re.findall(r"`([^`]+)`", what) if "." not in name]
    text = path.read_text("utf-8") if path.is_file() else ""
    assert [name for name in names if not re.search(rf"\b{name}\b", text)] == []


def test_the_next_migration_is_the_one_that_the_recipe_numbers() -> None:
    last = max(path.name for path in (ROOT / "dashboard/store/migrations").iterdir())
    [named] = re.findall(r"`(\d{4})_what_it_brings\.sql`", README)
    assert int(named) == int(last[:4]) + 1


@pytest.mark.parametrize("target", re.findall(r"\]\(([^)]+)\)|`([\w/]+\.(?:ipynb|py|md))`", README))
def test_the_files_it_names_exist(target: tuple[str, str]) -> None:
    path = "".join(target)
    assert (ROOT / path).exists() or (ROOT / "dashboard" / path).exists()


def test_the_settings_it_names_are_those_that_exist() -> None:
    table = README[README.index("## Settings") : README.index("## In a notebook")]
    named = {name.removeprefix("EDUCONNECT_").lower() for name in NAMED.findall(table)}
    assert named == {*Settings.model_fields, "settings", "secrets"}
