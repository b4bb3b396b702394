"""``python -m tests.benchmarks``: measure, print a table, write ``.bench/results.json``."""

import argparse
from pathlib import Path

from tests.benchmarks.cases import (
    command_results,
    exploration_results,
    import_results,
    page_results,
    sheet_results,
    statistics_results,
)
from tests.benchmarks.measuring import report
from tests.benchmarks.screens import screen_results


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument(
        "--accounts", type=int, default=10_000_000, help="in the largest database (10000000)"
    )
    parser.add_argument(
        "--students", type=int, default=20_000, help="in the extraction that is imported (20000)"
    )
    parser.add_argument(
        "--schools",
        type=int,
        nargs="+",
        default=[1_800, 44_000],
        help="in the academies whose page is opened (1800 44000)",
    )
    parser.add_argument("--repeats", type=int, default=5, help="of each measure (5)")
    parser.add_argument("--folder", type=Path, default=Path(".bench"), help="for files (.bench)")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    results = [
        *command_results(asked.repeats),
        *import_results(asked.folder, asked.students, asked.repeats),
        *statistics_results(asked.folder, asked.accounts, asked.repeats),
        *exploration_results(asked.folder, asked.accounts, asked.repeats),
        *page_results(asked.folder, asked.accounts, asked.repeats),
        *sheet_results(asked.students // 10, asked.repeats),
        *screen_results(asked.folder, asked.schools, asked.repeats),
    ]
    report(results, asked.folder / "results.json")


if __name__ == "__main__":
    main()
