"""Charts of what the pipelines make, drawn with HoloViews; notebooks use those of statistics."""

from dashboard.charts.statistics import SHADES, Shade, heat_map, progress, progress_text, shade_of

__all__ = ["SHADES", "Shade", "heat_map", "progress", "progress_text", "shade_of"]
