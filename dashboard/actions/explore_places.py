"""Going through the places and schools of a scope: what is told of each, and of what holds it."""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from dashboard.actions.figures import statistics, tallies, timeline
from dashboard.actions.figures import suppression as suppression_of
from dashboard.domain.document import Document
from dashboard.domain.figure import Percentages
from dashboard.domain.filters import SchoolFilter, SchoolSort
from dashboard.domain.grouping import Grouping, Groupings
from dashboard.domain.place import AREAS, Place
from dashboard.domain.school_year import SchoolYear
from dashboard.domain.scope import Area, Scope
from dashboard.domain.suppression import Suppression
from dashboard.outputs.csv_files import csv_document
from dashboard.pipelines.school_table import narrowed, ranked, school_rows, school_table
from dashboard.pipelines.statistics import rows
from dashboard.pipelines.suppression import LEAST_WHOLE
from dashboard.pipelines.territory import Territory, place_of
from dashboard.pipelines.timelines import shares
from dashboard.store.counts import school_figures
from dashboard.store.engine import Store
from dashboard.store.schools import schools
from dashboard.store.tallies import kept_days, whole_days
from dashboard.wording.school_columns import SCHOOL_HEADINGS, school_file_texts

_EVERY_SCHOOL, _LEAST_ACTIVATED_FIRST = SchoolFilter(), SchoolSort()


@dataclass(frozen=True, slots=True)
class Level:
    """What a place is compared with; `place` is ``None`` beyond the asker's scope."""

    label: str
    scope: Scope
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Explorer:
    """An asker's scope as it is today; every figure is told by `smallest_count`'s rule.

    Of the level above the asker's own scope the percentages are told, and nothing else.
    """

    store: Store
    territory: Territory
    today: date
    smallest_count: int

    def suppression(self) -> Suppression | None:
        return suppression_of(self.store, self.smallest_count)

    def figures(self, place: Place, by: Groupings = Grouping.STRUCTURE) -> pd.DataFrame:
        """The statistics of a place, as `dashboard.statistics` has them."""
        scope = self.territory.scope_of(place)
        return statistics(self.store, scope, by, smallest_count=self.smallest_count)

    def days(
        self,
        place: Place,
        since: date,
        until: date,
        by: Groupings = Grouping.STRUCTURE,
        only: list[str] | None = None,
    ) -> pd.DataFrame:
        """The timeline of a place, as `dashboard.timeline` has it."""
        scope, least = self.territory.scope_of(place), self.smallest_count
        return timeline(self.store, scope, since, until, by, only=only, smallest_count=least)

    def schools(self, place: Place, sort: SchoolSort = _LEAST_ACTIVATED_FIRST) -> pd.DataFrame:
        """All schools of a place, as `explore_schools` has them."""
        scope, least = self.territory.scope_of(place), self.smallest_count
        return explore_schools(
            self.store, scope, self.today, sort=sort, smallest_count=least
        ).schools

    def level_above(self, place: Place) -> Level | None:
        """What the place is directly part of; ``None`` for a whole that has nothing above it."""
        path = self.territory.path(place)
        if len(path) > 1:
            above = path[-2]
            return Level(self.territory.label(above), self.territory.scope_of(above), above)
        beyond = _beyond(self.territory)
        if beyond is None or len(schools(self.store, beyond.scope)) <= len(self.territory.schools):
            return None
        return beyond

    def percentages(self, level: Level) -> Percentages:
        """The percentages of a level."""
        least = self.smallest_count
        [whole] = rows(statistics(self.store, level.scope, "structure", smallest_count=least))
        return Percentages(whole.activated_pct, whole.students_covered_pct)

    def shares(self, level: Level, since: date, until: date) -> pd.DataFrame:
        """The percentage of activated accounts of a level: ``day``, ``activated_pct``."""
        least = self.smallest_count
        days = timeline(self.store, level.scope, since, until, smallest_count=least)
        return shares(days, self.least_whole)[["day", "activated_pct"]]

    def school_years(self, place: Place) -> list[SchoolYear]:
        """Those of which weeks of a place are kept and may be told, the latest first."""
        days_of = whole_days if self.smallest_count else kept_days
        days = days_of(self.store, self.territory.scope_of(place))
        return sorted({SchoolYear.of(day) for day in days}, reverse=True)

    def hides_years(self, place: Place) -> bool:
        """Whether weeks of a place are kept, and may not be told."""
        scope = self.territory.scope_of(place)
        return bool(
            self.smallest_count
            and not whole_days(self.store, scope)
            and kept_days(self.store, scope)
        )

    def kept_shares(self, place: Place, since: date, until: date) -> pd.DataFrame:
        """The same percentage in the kept weeks of a place: ``day``, ``activated_pct``."""
        scope, least = self.territory.scope_of(place), self.smallest_count
        weeks = tallies(self.store, scope, since, until, smallest_count=least)
        return weeks[["day", "activated_pct"]]

    @property
    def least_whole(self) -> int:
        """Of fewer accounts, percentages are not told."""
        return LEAST_WHOLE * self.smallest_count


def _beyond(territory: Territory) -> Level | None:
    """The level above the whole of a territory, where it is one."""
    root, known = territory.root, territory.schools
    if root.area not in (Area.ACADEMY, Area.DEPARTMENT, Area.DISTRICT) or known.empty:
        return None
    area = AREAS[AREAS.index(root.area) - 1]
    if area is Area.NATION:
        return Level(Place(area).label, Scope.nation())
    names = known[area.value].unique()
    if len(names) != 1 or not names[0]:
        return None
    return Level(place_of(area, territory.names(root)).label, Scope(area, (str(names[0]),)))


def open_explorer(store: Store, scope: Scope, today: date, smallest_count: int) -> Explorer:
    """The explorer of a scope, with its schools as they are now."""
    return Explorer(store, Territory(scope, schools(store, scope)), today, smallest_count)


@dataclass(frozen=True, slots=True)
class SchoolPage:
    """Some schools of a table, and how many it has."""

    schools: pd.DataFrame
    count: int


def explore_schools(
    store: Store,
    scope: Scope,
    today: date,
    *,
    conditions: SchoolFilter = _EVERY_SCHOOL,
    sort: SchoolSort = _LEAST_ACTIVATED_FIRST,
    limit: int | None = None,
    offset: int = 0,
    smallest_count: int = 0,
) -> SchoolPage:
    """A page of the schools of a scope that meet the conditions, in order.

    The database counts; what is narrowed and ranked are the figures as they are told, since an
    order or a condition by others would tell more.

    Args:
        smallest_count: as for `dashboard.statistics`.

    Returns:
        ``count``, the number of schools on all pages, and ``schools``, one row for each on this
        one: ``uai``, ``name``, ``district``, ``department``, ``academy``, ``kind``, ``sector``
        (text), ``latitude``, ``longitude`` (float64: degrees, NaN where unknown), ``students``,
        ``accounts``, ``not_notified``, ``notified``, ``activating``, ``activated`` (int64),
        ``activated_pct`` (float64: per cent of the accounts, NaN of none), ``students_covered``
        (int64), ``students_covered_pct`` (float64), ``expired`` (notifications, int64),
        ``last_progress_on`` (datetime64). With a `smallest_count`, counts are Int64, ``<NA>`` where
        hidden, and the last progress is that week's Monday.
    """
    rule = suppression_of(store, smallest_count)
    table = school_table(school_figures(store, scope, today), rule)
    chosen = ranked(narrowed(table, conditions, today), sort)
    end = None if limit is None else offset + limit
    return SchoolPage(chosen.iloc[offset:end].reset_index(drop=True), len(chosen))


def schools_document(schools: pd.DataFrame, filename: str) -> Document:
    """A table of schools as a CSV file, headed as on the screen."""
    cells = [list(school_file_texts(school).values()) for school in school_rows(schools)]
    return csv_document(filename, list(SCHOOL_HEADINGS.values()), cells)
