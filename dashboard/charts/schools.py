"""How the schools of a place spread, and where they stand."""

from functools import partial
from math import cos, radians

import holoviews as hv
import holoviews.plotting.bokeh
import numpy as np
import pandas as pd
from bokeh.models import DataRange1d, HoverTool

from dashboard.charts.style import COMMON, INK, PALE, QUIET, SWEPT_BARS, SWEPT_ZONE, drawable, lead
from dashboard.domain.figure import HIDDEN
from dashboard.domain.filters import SchoolFilter
from dashboard.domain.french import number
from dashboard.wording.statistics_columns import HIDDEN_TEXT, figure_text

# Where a school stands, from the share below which it does: marker and colour.
_STANDINGS = (
    (25, "moins de 25 %", "inverted_triangle", "#b3261e"),
    (50, "25 à 50 %", "diamond", "#a86a00"),
    (75, "50 à 75 %", "circle", "#0b7fab"),
    (101, "75 % et plus", "triangle", INK),
)
_UNTOLD = (HIDDEN_TEXT, "x", QUIET)
_CROWD = 500  # points, beyond which they are small
_SAID = ["name", "said", "address", "size"]


def spread_chart(spread: pd.DataFrame, swept: str) -> hv.Bars:
    """How many schools have which percentage of activated accounts.

    Args:
        spread: as `dashboard.pipelines.distribution.spread` documents, with ``least``, ``most``
            (the ends of a bar's band, as addresses write them), ``chosen`` (bool: drawn in full)
            and ``address`` (the query that a click on a bar leads to).
        swept: the query that bars swept over lead to, the filter of their ends being added.
    """
    label = hv.Dimension("label", label="% de comptes activés")
    colours = spread["chosen"].map({True: INK, False: PALE})
    told = drawable(spread.assign(colour=colours))
    bars = hv.Bars(told, label, ["schools", "address", "colour"])
    tooltips = [("% activés", "@label"), ("Établissements", "@schools")]
    return bars.opts(
        **COMMON,
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
                lead,
                code=SWEPT_BARS,
                swept=swept,
                key=SchoolFilter.definition("least_activated_pct").key,
                least=spread["least"].to_list(),
                most=spread["most"].to_list(),
            )
        ],
    )


def school_map(points: pd.DataFrame, swept: str, *, small: bool = False) -> hv.Overlay:
    """The schools where they stand, drawn by their share of activated accounts, without a map.

    Args:
        points: as `dashboard.pipelines.school_table.school_points` documents, with ``address``
            (the query that a click on a point leads to); what is not ``chosen`` is grey.
        swept: the query that points swept over lead to, the filter of the zone that they stand in
            being added.
        small: as high as a chart of bars that it stands beside.
    """
    least = 9 if len(points) <= _CROWD else 6
    narrow = cos(radians(float(points["latitude"].mean())))
    several = [f"{number(count)} établissements" for count in points["schools"]]
    told = drawable(points).assign(
        x=points["longitude"] * narrow,
        y=points["latitude"],
        name=points["name"].where(points["schools"] == 1, several),
        size=np.minimum(least - 1 + np.sqrt(points["schools"]), 22),
        said=[
            figure_text(HIDDEN if pd.isna(share) else share) for share in points["activated_pct"]
        ],
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
    drawn = [around.opts(**looks, color=PALE, line_color=None), *chosen]
    return hv.Overlay(drawn).opts(
        **COMMON | {"show_grid": False},
        height=260 if small else 520,
        legend_position="right" if small else "top",
        legend_cols=1 if small else 2,
        xaxis=None,
        yaxis=None,
        show_legend=True,
        hooks=[
            _keep_shape,
            partial(
                lead,
                code=SWEPT_ZONE,
                swept=swept,
                key=SchoolFilter.definition("zone").key,
                narrow=narrow,
            ),
        ],
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
    figure = plot.state  # type: ignore[attr-defined]  # HoloViews types nothing
    figure.update(match_aspect=True, x_range=DataRange1d(), y_range=DataRange1d())


def map_text(schools: pd.DataFrame) -> str:
    """How many schools of each standing the map shows, in words."""
    told = ", ".join(
        f"{number(len(part))} à {label}" if label != _UNTOLD[0] else f"{number(len(part))} {label}"
        for (label, _, _), part in _standings(schools)
    )
    return f"Établissements sur la carte, selon leur part de comptes activés : {told.rstrip('.')}."
