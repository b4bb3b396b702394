"""A chart that is there or not."""

from typing import Any

import panel as pn


class Chart(pn.viewable.Viewer):
    """Shows what is drawn, or nothing.

    What is hidden is around the pane: hidden itself, it would hand its own looks on to the plot,
    which has no such.
    """

    def __init__(self, **looks: Any) -> None:
        super().__init__()
        self._pane = pn.pane.HoloViews(sizing_mode="stretch_width", margin=(0, 10), **looks)
        self._around = pn.Column(self._pane, visible=False, sizing_mode="stretch_width")

    def show(self, drawn: object | None) -> None:
        """Show a HoloViews object, or ``None``: nothing."""
        if drawn is not None:
            self._pane.object = drawn
        self._around.visible = drawn is not None

    def __panel__(self) -> pn.viewable.Viewable:
        return self._around
