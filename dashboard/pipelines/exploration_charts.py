"""Charts of a place: how its schools spread, how its accounts move, where its schools are.

Whatever a colour says, a dash, a marker or a word says too; each chart's table or text is shown
beside it. Colours have a contrast of 3 to 1 at least on white.
"""

from math import cos, radians
from typing import Any

import holoviews as hv
import holoviews.plotting.bokeh
import numpy as np
import pandas as pd
from bokeh.models import (
    CustomJS,
    CustomJSTickFormatter,
    DataRange1d,
    DatetimeTickFormatter,
    HoverTool,
    TapTool,
)

from dashboard.domain.account import State
from dashboard.domain.french import day, number, percent
from dashboard.pipelines.projection import Projection
from dashboard.pipelines.statistics import STATE_COLUMNS

INK, OTHER, QUIET = "#00507d", "#a14a00", "#5b6675"
LINES = {
    State.ACTIVATED: (INK, "solid"),
    State.ACTIVATING: ("#0b7fab", "dotdash"),
    State.NOTIFIED: ("#a86a00", "dashed"),
    State.NOT_NOTIFIED: (QUIET, "dotted"),
}
# Where a school stands, from the share below which it does: marker and colour.
_STANDINGS = (
    (25, "moins de 25 %", "inverted_triangle", "#b3261e"),
    (50, "25 à 50 %", "diamond", "#a86a00"),
    (75, "50 à 75 %", "circle", "#0b7fab"),
    (101, "75 % et plus", "triangle", INK),
)
_UNTOLD = ("n. c.", "x", QUIET)
_GRID = {"grid_line_color": "#e5e7eb"}
_SIZES = {"labels": 11, "xticks": 10, "yticks": 10, "legend": 10}
_COMMON: dict[str, Any] = {
    "responsive": True,
    "toolbar": None,
    "default_tools": [],
    "fontsize": _SIZES,
    "show_grid": True,
    "gridstyle": _GRID,
}
_GO = """
const address = source.data.address[source.selected.indices[0]];
if (address === undefined) return;
window.history.pushState({}, "", window.location.pathname + address);
window.dispatchEvent(new PopStateEvent("popstate"));
"""


def _over_days() -> dict[str, Any]:
    """The looks of curves day by day, told apart by a legend."""
    return _COMMON | {
        "legend_position": "top",
        "legend_cols": 1,
        "show_legend": True,
        "xlabel": "",
        "xformatter": DatetimeTickFormatter(days="%d/%m", months="%d/%m", years="%m/%Y"),
    }


def _thousands() -> CustomJSTickFormatter:
    return CustomJSTickFormatter(code="return tick.toLocaleString('fr-FR')")


def spread_chart(spread: pd.DataFrame) -> hv.Bars:
    """How many schools have which percentage of activated accounts.

    Args:
        spread: as `dashboard.pipelines.distribution.spread` documents, and ``address`` (the query
            that a click on a bar leads to).
    """
    label = hv.Dimension("label", label="% de comptes activés")
    bars = hv.Bars(spread, label, ["schools", "address"])
    tooltips = [("% activés", "@label"), ("Établissements", "@schools")]
    return bars.opts(
        **_COMMON,
        height=260,
        color=INK,
        line_color="white",
        bar_width=0.9,
        xrotation=45,
        xlabel="% de comptes activés",
        ylabel="établissements",
        ylim=(0, max(1.0, float(spread["schools"].max()) * 1.05)),
        tools=[HoverTool(tooltips=tooltips), "tap"],
        hooks=[_lead],
    )


def course_chart(days: pd.DataFrame) -> hv.Overlay:
    """The accounts in each state at the end of each day.

    Args:
        days: a timeline of one group.
    """
    curves = []
    for state, column in reversed(STATE_COLUMNS.items()):
        colour, dash = LINES[State(state)]
        counts = days[column].astype("Float64").astype("float64")  # a gap where it is hidden
        curve = hv.Curve((days["day"], counts), "day", "accounts", label=State(state).label)
        curves.append(curve.opts(color=colour, line_dash=dash, line_width=2.5))
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
    bars = hv.Bars(told, hv.Dimension("week", label="Semaine du"), ["notified", "said"])
    return bars.opts(
        **_COMMON,
        height=190,
        color="#a86a00",
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
    """The percentage of activated accounts, day by day, of one place or of two to compare.

    Args:
        shares: a timeline with ``activated_pct`` by the name of its place, the chosen one first.
        projection: of the chosen one, drawn with its margin.
    """
    looks = ((INK, "solid"), (OTHER, "dashed"))
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


def school_map(schools: pd.DataFrame) -> hv.Overlay:
    """The schools where they stand, drawn by their share of activated accounts, without a map.

    Args:
        schools: ``name``, ``latitude``, ``longitude``, ``activated_pct``, ``address`` (the query
            that a click on a school leads to).
    """
    told = schools.assign(
        x=schools["longitude"] * cos(radians(float(schools["latitude"].mean()))),
        y=schools["latitude"],
        said=[percent(None if pd.isna(share) else share) for share in schools["activated_pct"]],
    )
    hover = HoverTool(tooltips=[("", "@name"), ("% activés", "@said")])
    points = [
        hv.Points(part, ["x", "y"], ["name", "said", "address"], label=label).opts(
            marker=marker,
            color=colour,
            size=9,
            line_color=colour if marker == "x" else "white",
            line_width=2 if marker == "x" else 0.5,
            tools=[hover, "tap"],
        )
        for (label, marker, colour), part in _standings(told)
    ]
    return hv.Overlay(points).opts(
        **_COMMON | {"show_grid": False},
        height=520,
        legend_position="top",
        legend_cols=2,
        xaxis=None,
        yaxis=None,
        show_legend=True,
        hooks=[_keep_shape, _lead],
    )


def _standings(told: pd.DataFrame) -> list[tuple[tuple[str, str, str], pd.DataFrame]]:
    """The schools of each standing that has one."""
    ends = [end for end, *_ in _STANDINGS]
    place = np.digitize(told["activated_pct"].fillna(1000).to_numpy(), ends)
    looks = [(label, marker, colour) for _, label, marker, colour in _STANDINGS] + [_UNTOLD]
    parts = ((look, told[place == number]) for number, look in enumerate(looks))
    return [(look, part) for look, part in parts if not part.empty]


def _keep_shape(plot: object, _: hv.Element) -> None:
    """A degree is as long in both directions, whatever the width of the page."""
    figure = plot.state  # type: ignore[attr-defined]
    figure.update(match_aspect=True, x_range=DataRange1d(), y_range=DataRange1d())


def _lead(plot: object, _: hv.Element) -> None:
    """A click leads to the address of what is clicked."""
    figure = plot.state  # type: ignore[attr-defined]
    for tool in figure.select(TapTool):
        tool.callback = CustomJS(code="const source = cb_data.source;" + _GO)


def map_text(schools: pd.DataFrame) -> str:
    """How many schools of each standing the map shows, in words."""
    told = ", ".join(
        f"{number(len(part))} à {label}" if label != _UNTOLD[0] else f"{number(len(part))} {label}"
        for (label, _, _), part in _standings(schools)
    )
    return f"Établissements sur la carte, selon leur part de comptes activés : {told.rstrip('.')}."


def course_text(days: pd.DataFrame) -> str:
    """How the states moved from the first day to the last, in words."""
    first, last = days.iloc[0], days.iloc[-1]
    moved = " ; ".join(
        f"{State(state).label}, de {_said(first[column])} à {_said(last[column])}"
        for state, column in STATE_COLUMNS.items()
    )
    return f"Du {day(first['day'])} au {day(last['day'])}, par état de compte : {moved}."


def _said(count: object) -> str:
    return "n. c." if pd.isna(count) else number(int(str(count)))  # type: ignore[call-overload]
