"""Charts of statistics, drawn with HoloViews; the table of the same frame is their text."""

import holoviews as hv
import pandas as pd
from bokeh.models import HoverTool

from dashboard.domain.account import State
from dashboard.domain.figures import GROUP_HEADINGS, figure_text
from dashboard.domain.french import number, percent
from dashboard.domain.grouping import Grouping
from dashboard.pipelines.statistics import STATE_COLUMNS, records

# From the palette of Okabe and Ito, told apart by all kinds of colour vision and in grey: the
# further an account is, the stronger the blue.
STATE_COLOURS = {
    State.NOT_NOTIFIED: "#d0d4da",
    State.NOTIFIED: "#e69f00",
    State.ACTIVATING: "#56b4e9",
    State.ACTIVATED: "#00507d",
}
_BAR_HEIGHT = 26
_FRAME_HEIGHT = 110
_LONGEST_LABEL = 30


def progress(statistics: pd.DataFrame, by: Grouping | str = Grouping.CLASS) -> hv.Bars:
    """One horizontal bar per group: the shares of its accounts in each state, adding up to 100.

    Args:
        statistics: a frame of `dashboard.statistics` with that grouping.
        by: the grouping.
    """
    key = list(GROUP_HEADINGS[Grouping(by)])[0]
    shares = _shares(statistics, key)
    heading = GROUP_HEADINGS[Grouping(by)][key]
    bars = hv.Bars(shares, [hv.Dimension("group", label=heading), "state"], ["share", "said"])
    tooltips = [(heading, "@group"), ("État", "@state"), ("Comptes", "@said")]
    return bars.opts(
        stacked=True,
        invert_axes=True,
        invert_yaxis=False,
        color="state",
        cmap={state.label: colour for state, colour in STATE_COLOURS.items()},
        line_color="white",
        bar_width=0.75,
        responsive=True,
        height=_FRAME_HEIGHT + _BAR_HEIGHT * len(statistics),
        toolbar=None,
        default_tools=[],
        tools=[HoverTool(tooltips=tooltips)],
        legend_position="top",
        legend_cols=4,
        xlabel="",
        ylabel="% des comptes",
        ylim=(0, 100),
        fontsize={"labels": 11, "xticks": 10, "yticks": 10, "legend": 10},
        gridstyle={"grid_line_color": "#e5e7eb"},
        show_grid=True,
    )


def _shares(statistics: pd.DataFrame, key: str) -> pd.DataFrame:
    """One row per group and state, the first group last, since bars are drawn from the bottom."""
    rows = []
    for record in records(statistics.iloc[::-1]):
        accounts = int(str(record["accounts"]))
        for state, column in STATE_COLUMNS.items():
            count = int(str(record[column]))
            share = 100 * count / accounts if accounts else 0.0
            said = f"{number(count)} sur {number(accounts)} ({percent(round(share, 2))})"
            rows.append((_label(key, record[key]), State(state).label, share, said))
    return pd.DataFrame(rows, columns=["group", "state", "share", "said"])


def _label(key: str, value: object) -> str:
    text = figure_text(key, value)
    return text if len(text) <= _LONGEST_LABEL else f"{text[: _LONGEST_LABEL - 1]}…"


def progress_text(statistics: pd.DataFrame, by: Grouping | str = Grouping.CLASS) -> str:
    """What the chart shows, in a French sentence or two, for those who do not see it."""
    key = list(GROUP_HEADINGS[Grouping(by)])[0]
    ranked = statistics.dropna(subset=["activated_pct"]).sort_values("activated_pct", kind="stable")
    if ranked.empty:
        return "Aucun compte à représenter."
    total = int(statistics["activated"].sum())
    most, least = records(ranked)[-1], records(ranked)[0]
    if total == 0:
        return "Aucun compte activé pour le moment."
    return (
        f"Part la plus élevée de comptes activés : {figure_text(key, most[key])} "
        f"({figure_text('activated_pct', most['activated_pct'])}) ; la plus faible : "
        f"{figure_text(key, least[key])} ({figure_text('activated_pct', least['activated_pct'])})."
    )
