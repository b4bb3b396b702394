"""Charts of statistics, drawn with HoloViews; the table of the same frame is their text."""

from collections.abc import Sequence
from itertools import count
from math import isnan, nan
from typing import NamedTuple

import holoviews as hv
import holoviews.plotting.bokeh
import pandas as pd
from bokeh.models import HoverTool

from dashboard.charts.style import drawable
from dashboard.domain.account import STATE_COLOURS, State
from dashboard.domain.enrolment import level_rank
from dashboard.domain.french import out_of, percent
from dashboard.domain.grouping import Grouping, Groupings, groupings_of
from dashboard.pipelines.statistics import STATE_COLUMNS, records
from dashboard.wording.statistics_columns import GROUP_HEADINGS, figure_text


class Shade(NamedTuple):
    """How a percentage from some share on is shown: its ground and the ink of its figure."""

    least: float
    ground: str
    ink: str


# The higher a share, the darker; the contrast of ink on ground is 4.5 : 1 at least.
SHADES = (
    Shade(80, "#00395c", "#ffffff"),
    Shade(65, "#00507d", "#ffffff"),
    Shade(50, "#2b6f9e", "#ffffff"),
    Shade(35, "#9cc3de", "#10202e"),
    Shade(20, "#cfe2f0", "#10202e"),
    Shade(0, "#f0f6fa", "#10202e"),
)
_BAR_HEIGHT = 26
_FRAME_HEIGHT = 90
_LEGEND_HEIGHT = 100
_LONGEST_LABEL = 20
_WHOLE = "Ensemble"
_NOTHING = "Aucun compte"


def progress(statistics: pd.DataFrame, by: Grouping | str = Grouping.CLASS) -> hv.Bars:
    """One horizontal bar per group: the shares of its accounts in each state, adding up to 100.

    Args:
        statistics: a frame of `dashboard.statistics` with that grouping.
        by: the grouping.
    """
    heading = " ".join(GROUP_HEADINGS[Grouping(by)].values()) or _WHOLE
    shares = _shares(statistics, _names(statistics, by))
    kinds = [hv.Dimension("group", label=heading), "state"]
    bars = hv.Bars(shares, kinds, ["share", "said", "name"])
    tooltips = [(heading, "@name"), ("État", "@state"), ("Comptes", "@said")]
    return bars.opts(
        stacked=True,
        invert_axes=True,
        invert_yaxis=False,
        color="state",
        cmap={state.label: colour for state, colour in STATE_COLOURS.items()},
        line_color="white",
        bar_width=0.75,
        responsive=True,
        height=_FRAME_HEIGHT + _LEGEND_HEIGHT + _BAR_HEIGHT * len(statistics),
        toolbar=None,
        default_tools=[],
        tools=[HoverTool(tooltips=tooltips)],
        legend_position="top",
        legend_opts={"ncols": 1},  # side by side they are wider than a phone
        legend_offset=(0, 8),  # else it covers the edge of the first bar
        xlabel="",
        ylabel="% des comptes",
        ylim=(0, 100),
        fontsize={"labels": 11, "xticks": 10, "yticks": 10, "legend": 10},
        gridstyle={"grid_line_color": "#e5e7eb"},
        show_grid=True,
    )


def heat_map(statistics: pd.DataFrame, by: Grouping | str = Grouping.CLASS) -> hv.Overlay:
    """The share of activated accounts of each group at each level, written on a shade of it.

    Rows are the groups in their order, columns the levels in the pedagogical one.

    Args:
        statistics: a frame of `dashboard.statistics` with that grouping crossed with the level.
        by: the grouping.
    """
    cells = _cells(statistics, _names(statistics, by))
    groups = list(dict.fromkeys(cells["group"]))
    kinds = [
        hv.Dimension("level", values=sorted(set(cells["level"]), key=level_rank)),
        hv.Dimension("group", values=groups[::-1]),
    ]
    heading = " ".join(GROUP_HEADINGS[Grouping(by)].values()) or _WHOLE
    tooltips = [(heading, "@name"), ("Niveau", "@level"), ("Comptes activés", "@said")]
    grounds = hv.HeatMap(cells, kinds, ["share", "said", "name"]).opts(
        color_levels=[*(shade.least for shade in reversed(SHADES)), 100],
        cmap=[shade.ground for shade in reversed(SHADES)],
        clim=(0, 100),
        line_color="white",
        tools=[HoverTool(tooltips=tooltips)],
    )
    figures = hv.Labels(cells, kinds, ["figure", "ink"]).opts(
        text_color="ink", text_font_size="10pt"
    )
    return (grounds * figures).opts(
        responsive=True,
        height=_FRAME_HEIGHT + _BAR_HEIGHT * len(groups),
        toolbar=None,
        default_tools=[],
        xaxis="top",
        shared_axes=False,
        xlabel="",
        ylabel="",
        fontsize={"xticks": 10, "yticks": 10},
    )


def shade_of(share: float) -> Shade:
    """How a percentage is shown."""
    return next(shade for shade in SHADES if share >= shade.least)


def _cells(statistics: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """One row per group and level: its share, how that is written, and on which ink."""
    once = list(dict.fromkeys(names))
    labels = dict(zip(once, _labels(once), strict=True))
    rows = []
    for name, record in zip(names, records(statistics), strict=True):
        share = float(str(record["activated_pct"]))
        ink = SHADES[-1].ink if isnan(share) else shade_of(share).ink
        said = out_of(int(str(record["activated"] or 0)), int(str(record["accounts"] or 0)))
        level = figure_text("level", record["level"])
        rows.append((level, labels[name], share, percent(share), ink, said, name))
    columns = ["level", "group", "share", "figure", "ink", "said", "name"]
    nothing = (_NOTHING, _NOTHING, nan, percent(nan), SHADES[-1].ink, _NOTHING, _NOTHING)
    return drawable(pd.DataFrame(rows or [nothing], columns=columns))


def _names(statistics: pd.DataFrame, by: Groupings) -> list[str]:
    """What each group is called; classes of several schools, with their school."""
    groupings = groupings_of(by)
    keys = [one.value for one in groupings if one is not Grouping.STRUCTURE]
    if Grouping.CLASS in groupings and statistics["school"].nunique() > 1:
        keys = ["school", *keys]
    return [
        ", ".join(figure_text(key, record[key]) for key in dict.fromkeys(keys)) or _WHOLE
        for record in records(statistics)
    ]


def _labels(names: Sequence[str]) -> list[str]:
    """The names, short, and no two alike: bars of the same name would be stacked into one."""
    labels: list[str] = []
    for name in names:
        short = name if len(name) <= _LONGEST_LABEL else f"{name[: _LONGEST_LABEL - 1]}…"
        numbered = (f"{short} ({place})" for place in count(2))
        labels.append(
            short if short not in labels else next(n for n in numbered if n not in labels)
        )
    return labels


def _shares(statistics: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """One row per group and state: the first group last, since bars are drawn from the bottom,
    and the activated first, since from the axis they are compared at a glance.
    """
    rows = []
    groups = zip(_labels(names), names, records(statistics), strict=True)
    for label, name, record in reversed(list(groups)):
        accounts = int(str(record["accounts"] or 0))
        for state, column in reversed(STATE_COLUMNS.items()):
            held = int(str(record[column] or 0))
            share = 100 * held / accounts if accounts else 0.0
            said = f"{out_of(held, accounts)} ({percent(round(share, 2))})"
            rows.append((label, State(state).label, share, said, name))
    nothing = [(_NOTHING, state.label, 0.0, _NOTHING, _NOTHING) for state in State]
    columns = ["group", "state", "share", "said", "name"]
    return drawable(pd.DataFrame(rows or nothing, columns=columns))


def progress_text(statistics: pd.DataFrame, by: Groupings = Grouping.CLASS) -> str:
    """What the chart shows, in a French sentence or two, for those who do not see it."""
    names = _names(statistics, by)
    ranked = statistics.assign(name=names).dropna(subset=["activated_pct"])
    if ranked.empty:
        return f"{_NOTHING} à représenter."
    if not ranked["activated"].fillna(0).any():
        return f"{_NOTHING} activé pour le moment."
    said = [
        f"{record['name']} ({figure_text('activated_pct', record['activated_pct'])})"
        for record in records(ranked.sort_values("activated_pct", kind="stable"))
    ]
    if len(said) == 1:
        return f"Part de comptes activés : {said[0]}."
    return f"Part la plus élevée de comptes activés : {said[-1]} ; la plus faible : {said[0]}."
