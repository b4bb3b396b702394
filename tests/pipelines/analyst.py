"""What an analyst asks and draws, run by a test in a process of its own.

It prints all that comes out, so that two processes can be compared; with the argument ``without``,
pyarrow cannot be imported.
"""

import sys

if sys.argv[1:] == ["without"]:
    sys.modules["pyarrow"] = None  # type: ignore[assignment]  # as if it were not installed

from datetime import date, timedelta

import holoviews as hv
import pandas as pd

import dashboard
from dashboard.charts.course import course_chart, share_chart, weeks_chart
from dashboard.charts.schools import map_text, school_map, spread_chart
from dashboard.domain.scope import Scope
from dashboard.pipelines.distribution import share_bands, spread
from dashboard.pipelines.school_table import school_points
from dashboard.pipelines.timelines import notified_by_week

TODAY = date(2026, 9, 28)
SINCE = TODAY - timedelta(days=40)
NATION = Scope.nation()
GROUPINGS = ("structure", "school", "class", "level", "district", "department", "academy")


def show(name: str, frame: pd.DataFrame) -> None:
    kinds = [f"{column}:{_kind(of)}" for column, of in frame.dtypes.items()]
    print(name, len(frame), *kinds)
    print(frame.to_csv(index=False))


def _kind(of: object) -> str:
    return "text" if isinstance(of, pd.StringDtype) else str(of)


def draw(name: str, chart: hv.Element) -> None:
    print(name, type(hv.render(chart, backend="bokeh")).__name__)


def main() -> None:
    store = dashboard.connect(":memory:")
    dashboard.load_demo(store, TODAY)
    dashboard.generate(store, 3, 1, TODAY, "Dijon")
    for by in GROUPINGS:
        figures = dashboard.statistics(store, NATION, by)
        show(by, figures)
        draw(f"progress {by}", dashboard.charts.progress(figures, by))
        print(dashboard.charts.progress_text(figures, by))
        crossed = dashboard.statistics(store, NATION, (by, "level"))
        draw(f"heat map {by}", dashboard.charts.heat_map(crossed, by))
        if by not in ("class", "level"):
            published = dashboard.statistics(store, NATION, (by, "level"), smallest_count=5)
            show(f"{by} published", published)
        show(f"times {by}", dashboard.activation_times(store, NATION, TODAY, by))
        days = dashboard.timeline(store, NATION, SINCE, TODAY, by)
        show(f"timeline {by}", days)
        show(f"weekly {by}", dashboard.weekly(days, 4))
        show(f"change {by}", dashboard.change_over(days))
    for by in ("structure", "school", "department"):
        show(f"tallies {by}", dashboard.tallies(store, NATION, date(2025, 9, 1), TODAY, by))
    draw_inspectors(store)


def draw_inspectors(store: dashboard.Store) -> None:
    days = dashboard.timeline(store, NATION, SINCE, TODAY)
    draw("course", course_chart(days))
    draw("weeks", weeks_chart(notified_by_week(days)))
    schools = dashboard.explore_schools(store, NATION, TODAY).schools
    show("schools", schools)
    shares = dashboard.weekly(dashboard.timeline(store, NATION, SINCE, TODAY), 5)
    draw("shares", share_chart({"tous": shares}))
    bands = spread(schools)
    ends = [(band.least, band.most) for band in share_bands()]
    told = bands.assign(
        least=[str(least) for least, _ in ends], most=[str(most) for _, most in ends]
    ).assign(chosen=True, address="?")
    draw("spread", spread_chart(told, "?"))
    points = school_points(schools.assign(chosen=True), None).assign(address="?")
    draw("map", school_map(points, "?"))
    print(map_text(schools))


main()
