"""Accounts of guardians of French primary schools: the public functions, for notebooks.

>>> from datetime import date
>>> store = connect(":memory:")
>>> load_demo(store, date.today())
True
>>> statistics(store, Scope.schools("0580189R"), by="structure")["accounts"].item()
238
"""

from importlib import import_module
from types import ModuleType

from dashboard.actions.load_demo import load_demo
from dashboard.actions.statistics import statistics
from dashboard.domain.scope import Scope
from dashboard.store.opening import connect

__all__ = ["Scope", "charts", "connect", "load_demo", "statistics"]


def __getattr__(name: str) -> ModuleType:
    """Import the charts when they are asked for: drawing takes seconds to load."""
    if name == "charts":
        return import_module("dashboard.pipelines.charts")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
