"""Accounts of guardians of French primary schools: the public functions, for notebooks.

>>> from datetime import date, timedelta
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
from types import ModuleType

from dashboard.actions import explore_places as _explore_places
from dashboard.actions import figures as _figures
from dashboard.actions.asked import checked
from dashboard.actions.generate import generate
from dashboard.actions.load_demo import load_demo
from dashboard.domain.filters import SchoolFilter, SchoolSort
from dashboard.domain.scope import Scope
from dashboard.pipelines import timelines as _timelines
from dashboard.store.opening import connect

__all__ = [
    "SchoolFilter",
    "SchoolSort",
    "Scope",
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

# What is asked wrongly is refused, rather than answered by nothing.
statistics = checked(_figures.statistics)
timeline = checked(_figures.timeline)
tallies = checked(_figures.tallies)
activation_times = checked(_figures.activation_times)
explore_schools = checked(_explore_places.explore_schools)
weekly = checked(_timelines.weekly)
change_over = checked(_timelines.change_over)


def __getattr__(name: str) -> ModuleType:
    """Import the charts when they are asked for: drawing takes seconds to load."""
    if name == "charts":
        return import_module("dashboard.charts")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
