"""What `import dashboard` has: the public functions, and the types that they take and raise."""

from dashboard.actions import explore_places, figures
from dashboard.actions.asked import checked
from dashboard.actions.explore_places import SchoolPage
from dashboard.actions.generate import generate
from dashboard.actions.load_demo import load_demo
from dashboard.domain.errors import Misasked, Refused
from dashboard.domain.filters import SchoolColumn, SchoolFilter, SchoolSort
from dashboard.domain.grouping import Grouping
from dashboard.domain.scope import Scope
from dashboard.pipelines import timelines
from dashboard.store.engine import Store
from dashboard.store.opening import connect

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
    "activation_times",
    "change_over",
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
statistics = checked(figures.statistics)
timeline = checked(figures.timeline)
tallies = checked(figures.tallies)
activation_times = checked(figures.activation_times)
explore_schools = checked(explore_places.explore_schools)
weekly = checked(timelines.weekly)
change_over = checked(timelines.change_over)
