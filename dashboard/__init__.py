"""Accounts of guardians of French primary schools: the public functions, for notebooks.

>>> from datetime import date, timedelta
>>> from dashboard import Scope, activation_times, connect, load_demo, statistics, tallies, timeline
>>> today = date.today()
>>> store = connect(":memory:")
>>> load_demo(store, today)
True
>>> statistics(store, Scope.schools("0580189R"), by="structure")["accounts"].item()
238

Groupings are crossed by naming several; a week is seven rows of a timeline, and its last day agrees
with the statistics:

>>> list(statistics(store, Scope.academy("Dijon"), by=("academy", "level"))["level"][:3])
['TPS', 'PS', 'MS']
>>> week = timeline(store, Scope.department("021"), today - timedelta(days=6), today)
>>> len(week), week["notified"].iloc[-1].item()
(7, 108)

Earlier school years are told by the weeks that were counted when they ended:

>>> last_year = tallies(store, Scope.academy("Dijon"), today - timedelta(days=365), today)
>>> list(last_year)[:3], list(last_year)[-1]
(['day', 'accounts', 'not_notified'], 'activated_pct')

How long families take to activate is told without saying who they are:

>>> list(activation_times(store, Scope.academy("Dijon"), today))
['channel', 'days', 'activated']

What is published hides small counts (`dashboard.pipelines.suppression` tells how):

>>> shown = statistics(store, Scope.academy("Dijon"), by="school", smallest_count=5)
>>> bool(shown["activated"].min() >= 5)
True

A snapshot's folder is opened like a database: ``connect("extrait")``.
"""

from importlib import import_module
from typing import TYPE_CHECKING

__version__: str
if TYPE_CHECKING:
    from dashboard import charts
    from dashboard.api import (
        Grouping,
        Misasked,
        Refused,
        SchoolColumn,
        SchoolFilter,
        SchoolPage,
        SchoolSort,
        Scope,
        Store,
        activation_times,
        change_over,
        connect,
        explore_schools,
        generate,
        load_demo,
        statistics,
        tallies,
        timeline,
        weekly,
    )

__all__ = [
    "Grouping",
    "Misasked",
    "Refused",
    "SchoolColumn",
    "SchoolFilter",
    "SchoolPage",
    "SchoolSort",
    "Scope",
    "Store",
    "__version__",
    "activation_times",
    "change_over",
    "charts",
    "connect",
    "explore_schools",
    "generate",
    "load_demo",
    "statistics",
    "tallies",
    "timeline",
    "weekly",
]


def __getattr__(name: str) -> object:
    """Import what is used when it is: pandas takes seconds to load, and drawing more."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = _load(name)
    globals()[name] = value
    return value


def _load(name: str) -> object:
    if name == "__version__":
        return import_module("importlib.metadata").version("educonnect-dashboard")
    if name == "charts":
        return import_module("dashboard.charts")
    return getattr(import_module("dashboard.api"), name)


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
