"""What a hand does on a chart: a click or a sweep leads to an address."""

import holoviews as hv
from bokeh.events import SelectionGeometry
from bokeh.models import BoxSelectTool, CustomJS, TapTool

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
const address = `${swept}&share=${least[Math.max(low, 0)]}-${most[Math.min(high, last)]}`;
"""
SWEPT_ZONE = """
const {type, x0, x1, y0, y1} = cb_obj.geometry;
if (type !== "rect" || !cb_obj.final) return;
const [west, east] = [Math.min(x0, x1), Math.max(x0, x1)].map((x) => x / narrow);
const ends = [Math.min(y0, y1), west, Math.max(y0, y1), east].map((end) => end.toFixed(4));
const address = `${swept}&zone=${ends.join(",")}`;
"""
# A finger scrolls the page; what it might sweep over, the filters choose too.
_NOT_BY_FINGER = "tool.active = !window.matchMedia('(pointer: coarse)').matches;"


def lead(plot: object, _: hv.Element, *, code: str, **said: object) -> None:
    """A click leads to the address of what is clicked, a sweep to that of what it covers.

    Args:
        code: `SWEPT_BARS` or `SWEPT_ZONE`; `said` is what it takes.
    """
    figure = plot.state  # type: ignore[attr-defined]
    for tool in figure.select(TapTool):
        tool.callback = CustomJS(code=_CLICKED + _GO)
    figure.js_on_event(SelectionGeometry, CustomJS(args=said, code=code + _GO))
    for tool in figure.select(BoxSelectTool):
        figure.js_on_change("inner_width", CustomJS(args={"tool": tool}, code=_NOT_BY_FINGER))
