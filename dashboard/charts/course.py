"""How the accounts of a place move, day by day, as curves; and week by week, as bars."""

from typing import Any

import holoviews as hv
import holoviews.plotting.bokeh
import pandas as pd
from bokeh.models import CustomJSTickFormatter, DatetimeTickFormatter, HoverTool

from dashboard.charts.style import COMMON, INK, OTHER, QUIET, drawable
from dashboard.domain.account import State
from dashboard.domain.french import day, number
from dashboard.pipelines.projection import Projection
from dashboard.pipelines.statistics import STATE_COLUMNS
from dashboard.pipelines.timelines import day_rows
from dashboard.wording.states import STATES
from dashboard.wording.statistics_columns import figure_text


def _over_days() -> dict[str, Any]:
    """The looks of curves day by day, told apart by a legend."""
    return COMMON | {
        "legend_position": "top",
        "legend_cols": 1,
        "show_legend": True,
        "xlabel": "",
        "xformatter": DatetimeTickFormatter(days="%d/%m", months="%d/%m", years="%m/%Y"),
    }


def _thousands() -> CustomJSTickFormatter:
    return CustomJSTickFormatter(code="return tick.toLocaleString('fr-FR')")


def course_chart(days: pd.DataFrame) -> hv.Overlay:
    """The accounts in each state at the end of each day.

    Args:
        days: a timeline of one group.
    """
    curves = []
    for state, column in reversed(STATE_COLUMNS.items()):
        look = STATES[State(state)]
        counts = days[column].astype("Float64").astype("float64")  # a gap where it is hidden
        curve = hv.Curve((days["day"], counts), "day", "accounts", label=look.label)
        curves.append(curve.opts(color=look.light.line, line_dash=look.dash, line_width=2.5))
    return hv.Overlay(curves).opts(
        **_over_days(), height=400, ylabel="comptes", yformatter=_thousands(), ylim=(0, None)
    )


def weeks_chart(weeks: pd.DataFrame) -> hv.Bars:
    """The accounts notified in each week, by its Monday.

    Args:
        weeks: as `dashboard.pipelines.timelines.notified_by_week` documents.
    """
    told = pd.DataFrame(
        {
            "week": [f"{monday:%d/%m}" for monday in weeks["week"]],
            "notified": weeks["notified"],
            "said": [number(int(count)) for count in weeks["notified"]],
        }
    )
    bars = hv.Bars(drawable(told), hv.Dimension("week", label="Semaine du"), ["notified", "said"])
    return bars.opts(
        **COMMON,
        height=190,
        color=STATES[State.NOTIFIED].light.line,
        line_color="white",
        bar_width=0.8,
        xlabel="semaine du",
        ylabel="comptes notifiés",
        xrotation=60,
        yformatter=_thousands(),
        ylim=(0, max(1.0, float(weeks["notified"].max()) * 1.05)),
        tools=[HoverTool(tooltips=[("Semaine du", "@week"), ("Notifiés", "@said")])],
    )


def share_chart(
    shares: dict[str, pd.DataFrame], projection: Projection | None = None
) -> hv.Overlay:
    """The percentage of activated accounts, day by day, of one place or of some to compare.

    Args:
        shares: timelines with ``activated_pct`` by the names of their places, three at most, the
            chosen one first.
        projection: of the chosen one, drawn with its margin.
    """
    looks = ((INK, "solid"), (OTHER, "dashed"), (QUIET, "dotdash"))
    drawn: list[hv.Element] = []
    for (name, days), (colour, dash) in zip(shares.items(), looks, strict=False):
        curve = hv.Curve((days["day"], days["activated_pct"]), "day", "share", label=name)
        drawn.append(curve.opts(color=colour, line_dash=dash, line_width=2.5))
    if projection is not None:
        drawn = [*_projected(projection), *drawn]
    return hv.Overlay(drawn).opts(
        **_over_days(), height=360, ylabel="% de comptes activés", ylim=(0, 100)
    )


def _projected(projection: Projection) -> list[hv.Element]:
    span = pd.to_datetime([projection.start, projection.target])
    low, high = ([projection.start_share, end] for end in (projection.least, projection.most))
    area = hv.Area((span, low, high), "day", ["share", "most"], label="marge (8 fois sur 10)")
    line = hv.Curve(
        (span, [projection.start_share, projection.expected]), "day", "share", label="projection"
    )
    return [
        area.opts(color="#c9dced", line_color="#5f87a8"),
        line.opts(color=INK, line_dash="dotted", line_width=2.5),
    ]


def course_text(days: pd.DataFrame) -> str:
    """How the states moved from the first day to the last, in words."""
    first, last = day_rows(days.iloc[[0, -1]])
    moved = " ; ".join(
        f"{state.label}, de {figure_text(before)} à {figure_text(last.states[state])}"
        for state, before in first.states.items()
    )
    return f"Du {day(first.day)} au {day(last.day)}, par état de compte : {moved}."
