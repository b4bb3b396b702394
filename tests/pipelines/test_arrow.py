"""Analysts often have pyarrow beside: pandas then stores texts otherwise, and all is the same."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("analyst.py")
_RAN: dict[str, str] = {}


def ran(how: str) -> str:
    """What the analyst's script prints, with pyarrow or without."""
    if how not in _RAN:
        done = subprocess.run(
            [sys.executable, SCRIPT, how],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        _RAN[how] = done.stdout
    return _RAN[how]


def stored_as(how: str) -> str:
    block = "import sys; sys.modules['pyarrow'] = None; " if how == "without" else ""
    code = f"{block}import pandas; print(pandas.Series(['a']).dtype.storage)"
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()


@pytest.mark.timeout(600)
def test_frames_and_charts_are_the_same_with_pyarrow_and_without() -> None:
    assert (stored_as("with"), stored_as("without")) == ("pyarrow", "python")
    without = ran("without")
    assert without.count("heat map") == 7
    assert ran("with") == without
