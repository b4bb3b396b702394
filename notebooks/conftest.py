"""Notebooks run as tests do: a warning in a cell is an error."""

import os
from collections.abc import Iterator

import pytest

# A message of ipykernel's own, in the version pinned, when a kernel ends.
_OF_THE_KERNEL = "ignore::PendingDeprecationWarning"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Iterator[None]:
    """Say so to the kernel, which inherits the environment."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "PYTHONWARNINGS", f"error,{_OF_THE_KERNEL}")
        yield
