"""What the project promises of its own files."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.audit import pins
from tests.browser.conftest import run_server

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_are_stored_without_outputs(path: Path) -> None:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells)


@pytest.mark.parametrize("name", sorted(path.name for path in ROOT.glob("requirements*.txt")))
def test_requirements_are_pinned_with_hashes_and_name_no_host(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8").replace(" \\\n", "")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert lines
    for line in lines:
        pin = r"[a-z0-9._-]+(\[[a-z,-]+\])?==[A-Za-z0-9.+!_-]+( ; .+?)?"
        assert re.fullmatch(pin + r"( +--hash=sha256:[0-9a-f]{64})+", line), line


def test_what_builds_the_project_is_pinned_as_what_it_is_developed_with() -> None:
    [backend] = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    assert f"\n{backend} " in (ROOT / "requirements-dev.txt").read_text()


@pytest.mark.parametrize("name", ["requirements-dev.txt", "requirements-notebook.txt"])
def test_what_is_served_is_what_is_tested(name: str) -> None:
    served, other = (pins((ROOT / file).read_text()) for file in ("requirements.txt", name))
    assert served.items() <= other.items()


def test_installing_says_each_step_and_serving_begins_with_its_own() -> None:
    make = ["make", "--dry-run", "--always-make", "serve"]
    ran = subprocess.run(make, cwd=ROOT, capture_output=True, text=True, check=True)
    steps = re.findall('(?m)^echo "(.*)"$', ran.stdout)
    assert [step.split()[0] for step in steps] == [
        "Creating",
        "Installing",
        "Installing",
        "Serving",
    ]


def test_a_bill_of_materials_has_what_is_served(tmp_path: Path) -> None:
    file = tmp_path / "sbom.json"
    tool = [sys.executable, "-m", "cyclonedx_py", "requirements", "--output-reproducible"]
    subprocess.run([*tool, "--output-file", file, ROOT / "requirements.txt"], check=True)
    parts = json.loads(file.read_text())["components"]
    served = pins((ROOT / "requirements.txt").read_text())
    assert {part["name"]: part["version"] for part in parts} == served


_SILENCED = re.compile(r"#\s*(?:type:\s*ignore|noqa)\b")
_WITH_A_REASON = re.compile(r"# (?:type: ignore\[[\w, -]+\]|noqa: [A-Z\d, ]+)  # \S.*")


def test_whatever_silences_a_checker_says_why() -> None:
    silent = [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()}"
        for folder in ("dashboard", "data", "tests")
        for file in sorted((ROOT / folder).rglob("*.py"))
        if file != Path(__file__)
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1)
        for found in _SILENCED.finditer(line)
        if not _WITH_A_REASON.fullmatch(line, found.start())
    ]
    assert silent == []


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel built from the project, installed into a folder of its own."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", str(folder), str(ROOT)], check=True)
    [wheel] = folder.glob("*.whl")
    target = folder / "installed"
    subprocess.run([*pip, "install", "--no-deps", "--target", str(target), str(wheel)], check=True)
    return target


def test_the_wheel_serves_the_demo_outside_the_repository(
    installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(installed))
    where = subprocess.run(
        [sys.executable, "-c", "import dashboard; print(dashboard.__file__)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert where.stdout.startswith(str(installed))
    database = tmp_path / "accounts.duckdb"
    with run_server(["dashboard", "serve", "--demo"], database, "/healthz"):
        pass
    listed = subprocess.run(
        [sys.executable, "-m", "dashboard", "statistics", "--school", "0580189R"],
        env=os.environ | {"EDUCONNECT_DATABASE": str(database)},
        capture_output=True,
        check=True,
    )
    assert "PSMS" in listed.stdout.decode()
