"""Charts of a place: how its schools spread, how its accounts move, where its schools are.

Whatever a colour says, a dash, a marker or a word says too; each chart's table or text is shown
beside it. Colours have a contrast of 3 to 1 at least on white.
"""

from functools import partial
from math import cos, radians
from typing import Any

import holoviews as hv
import holoviews.plotting.bokeh
import numpy as np
import pandas as pd
from bokeh.events import SelectionGeometry
from bokeh.models import (
    BoxSelectTool,
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
_CROWD = 500  # points, beyond which they are small
_SAID = ["name", "said", "address", "size"]
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
# Bars and points that are not of what is chosen.
_PALE = "#b3c4d1"
_GO = """
if (address === undefined) return;
window.history.pushState({}, "", window.location.pathname + address);
window.dispatchEvent(new PopStateEvent("popstate"));
"""
_CLICKED = (
    "const {data, selected} = cb_data.source; const address = data.address[selected.indices[0]];"
)
# What is swept over, as the field of an address says it: bars from one to another, or a zone.
_SWEPT_BARS = """
const {type, x0, x1} = cb_obj.geometry;
if (type !== "rect" || !cb_obj.final) return;
const [low, high] = [Math.min(x0, x1), Math.max(x0, x1)].map(Math.floor);
const last = least.length - 1;
if (high < 0 || low > last) return;
const address = `${swept}&share=${least[Math.max(low, 0)]}-${most[Math.min(high, last)]}`;
"""
_SWEPT_ZONE = """
const {type, x0, x1, y0, y1} = cb_obj.geometry;
if (type !== "rect" || !cb_obj.final) return;
const [west, east] = [Math.min(x0, x1), Math.max(x0, x1)].map((x) => x / narrow);
const ends = [Math.min(y0, y1), west, Math.max(y0, y1), east].map((end) => end.toFixed(4));
const address = `${swept}&zone=${ends.join(",")}`;
"""
# A finger scrolls the page; what it might sweep over, the filters choose too.
_NOT_BY_FINGER = "tool.active = !window.matchMedia('(pointer: coarse)').matches;"


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


def spread_chart(spread: pd.DataFrame, swept: str) -> hv.Bars:
    """How many schools have which percentage of activated accounts.

    Args:
        spread: as `dashboard.pipelines.distribution.spread` documents, with ``least``, ``most``
            (the ends of a bar's band, as addresses write them), ``chosen`` (bool: drawn in full)
            and ``address`` (the query that a click on a bar leads to).
        swept: the query that bars swept over lead to, their ends being added as ``share``.
    """
    label = hv.Dimension("label", label="% de comptes activés")
    colours = spread["chosen"].map({True: INK, False: _PALE})
    told = spread.assign(colour=colours)
    bars = hv.Bars(told, label, ["schools", "address", "colour"])
    tooltips = [("% activés", "@label"), ("Établissements", "@schools")]
    return bars.opts(
        **_COMMON,
        height=260,
        color="colour",
        line_color="white",
        bar_width=0.9,
        xrotation=45,
        xlabel="% de comptes activés",
        ylabel="établissements",
        ylim=(0, max(1.0, float(spread["schools"].max()) * 1.05)),
        tools=[HoverTool(tooltips=tooltips), "tap", "xbox_select"],
        hooks=[
            partial(
                _lead,
                code=_SWEPT_BARS,
                swept=swept,
                least=spread["least"].to_list(),
                most=spread["most"].to_list(),
            )
        ],
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


def school_map(points: pd.DataFrame, swept: str, *, small: bool = False) -> hv.Overlay:
    """The schools where they stand, drawn by their share of activated accounts, without a map.

    Args:
        points: as `dashboard.pipelines.school_points.school_points` documents, with ``address``
            (the query that a click on a point leads to); what is not ``chosen`` is grey.
        swept: the query that points swept over lead to, what they stand in being added as ``zone``.
        small: as high as a chart of bars that it stands beside.
    """
    least = 9 if len(points) <= _CROWD else 6
    narrow = cos(radians(float(points["latitude"].mean())))
    several = [f"{number(count)} établissements" for count in points["schools"]]
    told = points.assign(
        x=points["longitude"] * narrow,
        y=points["latitude"],
        name=points["name"].where(points["schools"] == 1, several),
        size=np.minimum(least - 1 + np.sqrt(points["schools"]), 22),
        said=[percent(None if pd.isna(share) else share) for share in points["activated_pct"]],
    )
    hover = HoverTool(tooltips=[("", "@name"), ("% activés", "@said")])
    looks = {"size": "size", "tools": [hover, "tap", "box_select"]}
    around = hv.Points(told[~told["chosen"]], ["x", "y"], _SAID)
    chosen = [
        hv.Points(part, ["x", "y"], _SAID, label=label).opts(
            **looks,
            marker=marker,
            color=colour,
            line_color=colour if marker == "x" else "white",
            line_width=2 if marker == "x" else 0.5,
        )
        for (label, marker, colour), part in _standings(told[told["chosen"]])
    ]
    drawn = [around.opts(**looks, color=_PALE, line_color=None), *chosen]
    return hv.Overlay(drawn).opts(
        **_COMMON | {"show_grid": False},
        height=260 if small else 520,
        legend_position="right" if small else "top",
        legend_cols=1 if small else 2,
        xaxis=None,
        yaxis=None,
        show_legend=True,
        hooks=[_keep_shape, partial(_lead, code=_SWEPT_ZONE, swept=swept, narrow=narrow)],
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


def _lead(plot: object, _: hv.Element, *, code: str, **said: object) -> None:
    """A click leads to the address of what is clicked, a sweep to that of what it covers."""
    figure = plot.state  # type: ignore[attr-defined]
    for tool in figure.select(TapTool):
        tool.callback = CustomJS(code=_CLICKED + _GO)
    figure.js_on_event(SelectionGeometry, CustomJS(args=said, code=code + _GO))
    for tool in figure.select(BoxSelectTool):
        figure.js_on_change("inner_width", CustomJS(args={"tool": tool}, code=_NOT_BY_FINGER))


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
