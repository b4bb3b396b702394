"""Notebooks run as tests do: a warning in a cell is an error, and so is a chart not drawn."""

import os
from collections.abc import Iterator

import pytest
from nbformat import NotebookNode
from nbmake.nb_result import NotebookResult
from nbmake.nb_run import NotebookRun

# A message of ipykernel's own, in the version pinned, when a kernel ends.
_OF_THE_KERNEL = "ignore::PendingDeprecationWarning"
_execute = NotebookRun.execute


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Iterator[None]:
    """Say so to the kernel, which inherits the environment, and look at what it has drawn."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "PYTHONWARNINGS", f"error,{_OF_THE_KERNEL}")
        patch.setattr(NotebookRun, "execute", _drawn)
        yield


def _drawn(run: NotebookRun) -> NotebookResult:
    result = _execute(run)
    if result.error is None:
        for cell in result.nb.cells:
            assert not _is_undrawn(cell), f"no chart is drawn by:\n{cell.source}"
    return result


def _is_undrawn(cell: NotebookNode) -> bool:
    """Whether a cell shows a chart by its name alone, as Jupyter does where drawing has failed."""
    if cell.cell_type != "code" or "pn.panel(" not in cell.source.splitlines()[-1]:
        return False
    shown = [output.data for output in cell.outputs if "data" in output]
    return any("text/html" not in data for data in shown[-1:])
