"""How the inspectors' charts look, whatever they show, and where a click or a sweep leads.

Whatever a colour says, a dash, a marker or a word says too; each chart's table or text is shown
beside it. Colours have a contrast of 3 to 1 at least on white.
"""

from typing import Any

import holoviews as hv
import pandas as pd
from bokeh.events import SelectionGeometry
from bokeh.models import BoxSelectTool, CustomJS, TapTool

INK, OTHER, QUIET = "#00507d", "#a14a00", "#5b6675"
# What is not of what is chosen.
PALE = "#b3c4d1"
_GRID = {"grid_line_color": "#e5e7eb"}
_SIZES = {"labels": 11, "xticks": 10, "yticks": 10, "legend": 10}
COMMON: dict[str, Any] = {
    "responsive": True,
    "toolbar": None,
    "default_tools": [],
    "fontsize": _SIZES,
    "show_grid": True,
    "gridstyle": _GRID,
}


def drawable(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame whose texts are Python's own, whatever they are stored as.

    Where pyarrow is installed, pandas stores texts as Arrow arrays, which HoloViews cannot reshape.
    """
    texts = [name for name, column in frame.items() if isinstance(column.dtype, pd.StringDtype)]
    return frame.astype(dict.fromkeys(texts, object))


_GO = """
if (address === undefined) return;
window.history.pushState({}, "", window.location.pathname + address);
window.dispatchEvent(new PopStateEvent("popstate"));
"""
_CLICKED = (
    "const {data, selected} = cb_data.source; const address = data.address[selected.indices[0]];"
)
# What is swept over, as the field of an address says it: bars from one to another, or a zone.
SWEPT_BARS = """
const {type, x0, x1} = cb_obj.geometry;
if (type !== "rect" || !cb_obj.final) return;
const [low, high] = [Math.min(x0, x1), Math.max(x0, x1)].map(Math.floor);
const last = least.length - 1;
if (high < 0 || low > last) return;
const address = `${swept}&${key}=${least[Math.max(low, 0)]}-${most[Math.min(high, last)]}`;
"""
SWEPT_ZONE = """
const {type, x0, x1, y0, y1} = cb_obj.geometry;
if (type !== "rect" || !cb_obj.final) return;
const [west, east] = [Math.min(x0, x1), Math.max(x0, x1)].map((x) => x / narrow);
const ends = [Math.min(y0, y1), west, Math.max(y0, y1), east].map((end) => end.toFixed(4));
const address = `${swept}&${key}=${ends.join(",")}`;
"""
# A finger scrolls the page; what it might sweep over, the filters choose too.
_NOT_BY_FINGER = "tool.active = !window.matchMedia('(pointer: coarse)').matches;"


def lead(plot: object, _: hv.Element, *, code: str, **said: object) -> None:
    """A click leads to the address of what is clicked, a sweep to that of what it covers.

    Args:
        code: `SWEPT_BARS` or `SWEPT_ZONE`; `said` is what it takes.
    """
    figure = plot.state  # type: ignore[attr-defined]  # HoloViews types nothing
    for tool in figure.select(TapTool):
        tool.callback = CustomJS(code=_CLICKED + _GO)
    figure.js_on_event(SelectionGeometry, CustomJS(args=said, code=code + _GO))
    for tool in figure.select(BoxSelectTool):
        figure.js_on_change("inner_width", CustomJS(args={"tool": tool}, code=_NOT_BY_FINGER))
