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
from dashboard.domain.account import State
from dashboard.domain.enrolment import level_rank
from dashboard.domain.figure import Count, Figures, zero_if_hidden
from dashboard.domain.french import out_of, percent
from dashboard.domain.grouping import Grouping, Groupings, groupings_of
from dashboard.pipelines.statistics import rows
from dashboard.wording.states import STATES
from dashboard.wording.statistics_columns import GROUP_HEADINGS, figure_text, name_text


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
    groups = rows(statistics)
    shares = _shares(groups, _names(groups, by))
    kinds = [hv.Dimension("group", label=heading), "state"]
    bars = hv.Bars(shares, kinds, ["share", "said", "name"])
    tooltips = [(heading, "@name"), ("État", "@state"), ("Comptes", "@said")]
    return bars.opts(
        stacked=True,
        invert_axes=True,
        invert_yaxis=False,
        color="state",
        cmap={look.label: look.light.fill for look in STATES.values()},
        line_color="white",
        bar_width=0.75,
        responsive=True,
        height=_FRAME_HEIGHT + _LEGEND_HEIGHT + _BAR_HEIGHT * len(groups),
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
    figures = rows(statistics)
    cells = _cells(figures, _names(figures, by))
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


def _cells(groups: Sequence[Figures], names: Sequence[str]) -> pd.DataFrame:
    """One row per group and level: its share, how that is written, and on which ink."""
    once = list(dict.fromkeys(names))
    labels = dict(zip(once, _labels(once), strict=True))
    cells = []
    for name, group in zip(names, groups, strict=True):
        share = group.activated_pct
        drawn = share if isinstance(share, float) else nan
        ink = SHADES[-1].ink if isnan(drawn) else shade_of(drawn).ink
        said = _out_of(group.states[State.ACTIVATED], group.accounts)
        level = name_text("level", group.names["level"])
        cells.append((level, labels[name], drawn, figure_text(share), ink, said, name))
    columns = ["level", "group", "share", "figure", "ink", "said", "name"]
    nothing = (_NOTHING, _NOTHING, nan, percent(nan), SHADES[-1].ink, _NOTHING, _NOTHING)
    return drawable(pd.DataFrame(cells or [nothing], columns=columns))


def _out_of(part: Count, whole: Count) -> str:
    return out_of(zero_if_hidden(part), zero_if_hidden(whole))


def _names(groups: Sequence[Figures], by: Groupings) -> list[str]:
    """What each group is called; classes of several schools, with their school."""
    groupings = groupings_of(by)
    keys = [one.value for one in groupings if one is not Grouping.STRUCTURE]
    if Grouping.CLASS in groupings and len({group.names["school"] for group in groups}) > 1:
        keys = ["school", *keys]
    return [
        ", ".join(name_text(key, group.names[key]) for key in dict.fromkeys(keys)) or _WHOLE
        for group in groups
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


def _shares(groups: Sequence[Figures], names: Sequence[str]) -> pd.DataFrame:
    """One row per group and state: the first group last, since bars are drawn from the bottom,
    and the activated first, since from the axis they are compared at a glance.
    """
    bars = []
    named = zip(_labels(names), names, groups, strict=True)
    for label, name, group in reversed(list(named)):
        accounts = zero_if_hidden(group.accounts)
        for state, held in reversed(list(group.states.items())):
            share = 100 * zero_if_hidden(held) / accounts if accounts else 0.0
            said = f"{_out_of(held, group.accounts)} ({percent(round(share, 2))})"
            bars.append((label, state.label, share, said, name))
    nothing = [(_NOTHING, state.label, 0.0, _NOTHING, _NOTHING) for state in State]
    columns = ["group", "state", "share", "said", "name"]
    return drawable(pd.DataFrame(bars or nothing, columns=columns))


def progress_text(statistics: pd.DataFrame, by: Groupings = Grouping.CLASS) -> str:
    """What the chart shows, in a French sentence or two, for those who do not see it."""
    groups = rows(statistics)
    known = [
        (group.activated_pct, name, group)
        for name, group in zip(_names(groups, by), groups, strict=True)
        if isinstance(group.activated_pct, float)
    ]
    if not known:
        return f"{_NOTHING} à représenter."
    if not any(zero_if_hidden(group.states[State.ACTIVATED]) for _, _, group in known):
        return f"{_NOTHING} activé pour le moment."
    ranked = sorted(known, key=lambda one: one[0])
    said = [f"{name} ({figure_text(share)})" for share, name, _ in ranked]
    if len(said) == 1:
        return f"Part de comptes activés : {said[0]}."
    return f"Part la plus élevée de comptes activés : {said[-1]} ; la plus faible : {said[0]}."
