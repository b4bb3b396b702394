import json
import subprocess
import sys
from pathlib import Path

import pytest

from dashboard.actions.figures import statistics
from dashboard.domain.scope import Scope
from tests.benchmarks.databases import Size, database

ROOT = Path(__file__).parents[2]


@pytest.mark.server
def test_tiny_run_writes_every_result(tmp_path: Path) -> None:
    small = ["--accounts", "600", "--students", "40", "--schools", "45"]
    asked = [*small, "--repeats", "1", "--folder", str(tmp_path)]
    run = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.benchmarks", *asked],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    results = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert len({result["name"] for result in results}) == len(results) > 12
    for result in results:
        assert list(result) == ["name", "seconds", "floor_seconds", "ratio", "peers", "note"]
        assert result["name"] in run.stdout
        assert result["seconds"] > 0
        assert result["floor_seconds"] > 0
        assert all(seconds > 0 for seconds in result["peers"].values())


def test_database_has_what_its_size_says_and_is_used_again(tmp_path: Path) -> None:
    size = Size(5, 70)
    with database(tmp_path, size) as store:
        whole = statistics(store, Scope.nation(), "structure")
        assert whole["accounts"].item() == 350
        assert whole["students"].item() == 5 * size.students
        assert list(statistics(store, Scope.nation(), "school")["school"]) == [
            size.school(number) for number in range(5)
        ]
        levels = "SELECT count(*) FROM link JOIN student USING (student_id) WHERE "
        differ = "link.class <> student.class OR link.level <> student.level"
        assert store.rows(f"{levels} {differ} OR link.uai <> student.uai") == [(0,)]
    [file] = tmp_path.iterdir()
    written = file.stat().st_mtime_ns
    database(tmp_path, size).close()
    assert file.stat().st_mtime_ns == written
