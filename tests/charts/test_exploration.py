"""Charts of a place are drawn by Bokeh without complaint, whatever there is to draw."""

from datetime import date, timedelta

import holoviews as hv
import pandas as pd
import pytest
from bokeh.core.validation import check_integrity, process_validation_issues
from bokeh.models import CustomJS, GlyphRenderer, TapTool
from bokeh.plotting import figure

from dashboard.charts.course import course_chart, course_text, share_chart, weeks_chart
from dashboard.charts.schools import map_text, school_map, spread_chart
from dashboard.charts.style import INK
from dashboard.pipelines.distribution import share_bands, spread
from dashboard.pipelines.projection import project
from dashboard.pipelines.school_table import school_points
from dashboard.pipelines.timelines import notified_by_week, shares

TODAY = date(2026, 11, 24)
HOSTILE = "<script>alert(1)</script> @name{safe} $$x$$"
NOTHING = pd.array([pd.NA] * 60, dtype="Int64")


def drawn(chart: hv.Element) -> figure:
    """The chart as bokeh would show it; bokeh finds nothing to object to."""
    plot = hv.render(chart, backend="bokeh")
    issues = check_integrity([plot, *plot.references()])
    process_validation_issues(issues)
    assert not issues.error
    return plot


def days() -> pd.DataFrame:
    """Sixty days until today on which nine more accounts are activated each."""
    index = pd.date_range(TODAY - timedelta(days=59), TODAY, unit="us")
    activated = pd.Series(range(0, 540, 9)).astype("Int64")
    frame = pd.DataFrame({"day": index, "accounts": 1000, "not_notified": 1000 - activated})
    return frame.assign(notified=NOTHING, activating=NOTHING, activated=activated)


def stand(*told: float | None) -> pd.DataFrame:
    rows = [(f"02100{n:02}X", HOSTILE, 47 + n / 10, 5 + n / 10, s) for n, s in enumerate(told)]
    return pd.DataFrame(rows, columns=["uai", "name", "latitude", "longitude", "activated_pct"])


def placed(*told: float | None, chosen: bool = True) -> pd.DataFrame:
    points = school_points(stand(*told).assign(chosen=chosen), None)
    return points.assign(address="?place=ecole/" + points["uai"])


def bars(*told: float | None, chosen: bool = True) -> pd.DataFrame:
    bands = share_bands()
    least, most = [f"{band.least:g}" for band in bands], [f"{band.most:g}" for band in bands]
    return spread(stand(*told)).assign(least=least, most=most, chosen=chosen, address="?")


def test_the_states_are_told_apart_by_dashes_too() -> None:
    plot = drawn(course_chart(days()))
    dashes = {str(line.glyph.line_dash) for line in plot.select(GlyphRenderer)}
    assert len(dashes) == 4


def test_the_course_is_said_and_what_is_hidden_stays_so() -> None:
    text = course_text(days()).replace("\u00a0", " ")
    assert text.startswith("Du 26/09/2026 au 24/11/2026")
    assert "activé, de 0 à 531" in text
    assert "notifié et non activé, de n. c. à n. c." in text


def test_two_places_and_a_projection_share_a_chart() -> None:
    told = shares(days())
    projection = project(days(), TODAY + timedelta(weeks=8))
    assert projection is not None
    plot = drawn(share_chart({"Ici": told, HOSTILE: told}, projection))
    labels = [str(item.label.value) for legend in plot.legend for item in legend.items]
    assert labels == ["marge (8 fois sur 10)", "projection", "Ici", HOSTILE]


def test_a_place_alone_is_one_curve() -> None:
    told = shares(days())
    assert len(drawn(share_chart({"Ici": told})).select(GlyphRenderer)) == 1


@pytest.mark.parametrize("told", [(None,), (0, 24.99, 25, 50, 75, 100, None)])
def test_each_standing_has_a_marker_of_its_own(told: tuple[float | None, ...]) -> None:
    plot = drawn(school_map(placed(*told), "?tab=x"))
    points = plot.select(GlyphRenderer)
    standings = [part for part in points if len(part.data_source.data["said"])]
    markers = [point.glyph.marker for point in standings]
    assert len(set(markers)) == len(markers)
    assert sum(len(point.data_source.data["said"]) for point in standings) == len(told)
    assert all(isinstance(tool.callback, CustomJS) for tool in plot.select(TapTool))


def test_the_map_is_said() -> None:
    text = map_text(stand(10, 20, 60, None)).replace("\u00a0", " ")
    assert text.endswith(": 2 à moins de 25 %, 1 à 50 à 75 %, 1 n. c.")


def test_weeks_and_the_spread_are_drawn_with_nothing_in_them_too() -> None:
    drawn(weeks_chart(notified_by_week(days())))
    drawn(weeks_chart(notified_by_week(days().assign(not_notified=NOTHING))))
    drawn(spread_chart(bars(10, None, 100), "?"))
    drawn(spread_chart(bars(), "?"))


def test_what_is_not_chosen_is_pale_and_what_is_swept_over_has_an_address() -> None:
    half = bars(10, None, 100).assign(chosen=[True] * 5 + [False] * 5)
    plot = drawn(spread_chart(half, "?tab=x"))
    [renderer] = plot.select(GlyphRenderer)
    column = renderer.glyph.fill_color.field
    colours = list(renderer.data_source.data[column])
    assert colours == [INK] * 5 + [colours[-1]] * 5
    assert colours[-1] != INK
    [sweep] = plot.js_event_callbacks["selectiongeometry"]
    assert (sweep.args["swept"], sweep.args["key"]) == ("?tab=x", "share")
    assert (sweep.args["least"][2], sweep.args["most"][2]) == ("20", "29.99")
    around, *chosen = drawn(school_map(placed(10, 60, 20, chosen=False), "?tab=x")).select(
        GlyphRenderer
    )
    assert len(around.data_source.data["said"]) == 3
    assert chosen == []
