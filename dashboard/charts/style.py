"""How the inspectors' charts look, whatever they show.

Whatever a colour says, a dash, a marker or a word says too; each chart's table or text is shown
beside it. Colours have a contrast of 3 to 1 at least on white.
"""

from typing import Any

import pandas as pd

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
