"""Frames as files for spreadsheets: no cell is run as a formula."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from dashboard.domain.document import shield
from dashboard.domain.errors import Refused
from dashboard.domain.french import number

_MOST_ROWS = 1_048_575  # of a sheet, under its header


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """A frame as CSV that French spreadsheets open rightly: `;`, UTF-8 with its BOM."""
    texts = {
        str(name): column.map(shield)
        for name, column in frame.items()
        if pd.api.types.is_string_dtype(column)
    }
    shown = frame.assign(**texts)
    shown.to_csv(
        path, sep=";", index=False, encoding="utf-8-sig", decimal=",", date_format="%Y-%m-%d"
    )


def write_workbook(frames: Mapping[str, pd.DataFrame], path: Path) -> None:
    """Frames as the sheets of a workbook (xlsx).

    Raises:
        Refused: one has more rows than a sheet.
    """
    for name, frame in frames.items():
        if len(frame) > _MOST_ROWS:
            why = f"{number(len(frame))} lignes, plus qu'une feuille n'en tient"
            raise Refused([f"erreur : {name} : {why}. Choisissez --format parquet ou csv."])
    options = {"strings_to_formulas": False, "strings_to_urls": False}
    with pd.ExcelWriter(
        path,
        engine="xlsxwriter",
        date_format="yyyy-mm-dd",
        datetime_format="yyyy-mm-dd",
        engine_kwargs={"options": options},
    ) as book:
        for name, frame in frames.items():
            frame.to_excel(book, sheet_name=name, index=False)
