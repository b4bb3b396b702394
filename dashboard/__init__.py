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

from dashboard.actions.activation_times import activation_times
from dashboard.actions.explore_schools import explore_schools
from dashboard.actions.generate import generate
from dashboard.actions.load_demo import load_demo
from dashboard.actions.statistics import statistics
from dashboard.actions.tallies import tallies
from dashboard.actions.timeline import timeline
from dashboard.domain.school_list import SchoolFilter, SchoolSort
from dashboard.domain.scope import Scope
from dashboard.pipelines.timelines import change_over, weekly
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


def __getattr__(name: str) -> ModuleType:
    """Import the charts when they are asked for: drawing takes seconds to load."""
    if name == "charts":
        return import_module("dashboard.pipelines.charts")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
