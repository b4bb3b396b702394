"""Databases as earlier versions of the program made them."""

from importlib import resources
from pathlib import Path

import duckdb

MIGRATIONS = sorted(
    resources.files("dashboard.store").joinpath("migrations").iterdir(),
    key=lambda script: script.name,
)


def make_older(path: Path, version: int) -> None:
    """A database as the program made it when its tables had this version."""
    with duckdb.connect(str(path)) as connection:
        for number, script in enumerate(MIGRATIONS[:version], start=1):
            connection.execute(script.read_text(encoding="utf-8"))
            connection.execute("INSERT INTO migration VALUES ($1)", [number])
