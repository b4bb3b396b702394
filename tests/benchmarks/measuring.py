"""Timing what the project does next to what it cannot avoid, in turns, and keeping the medians."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Result:
    """A median in seconds, that of its floor, their ratio, and those of other ways to the same."""

    name: str
    seconds: float
    floor_seconds: float
    ratio: float
    peers: dict[str, float]
    note: str


def compare(
    name: str,
    measured: Work,
    floor: Work,
    note: str,
    peers: Mapping[str, Work] | None = None,
    repeats: int = 5,
) -> Result:
    """Run the work, its floor and its peers in turns, once unmeasured, and take the medians."""
    works = {"measured": measured, "floor": floor, **(peers or {})}
    times: dict[str, list[float]] = {key: [] for key in works}
    for turn in range(repeats + 1):
        for key, work in works.items():
            start = perf_counter()
            work()
            if turn:
                times[key].append(perf_counter() - start)
    seconds, floor_seconds, *others = [round(median(taken), 6) for taken in times.values()]
    return Result(
        name,
        seconds,
        floor_seconds,
        round(seconds / floor_seconds, 2),
        dict(zip(peers or {}, others, strict=True)),
        note,
    )


def report(results: Sequence[Result], file: Path) -> None:
    """Print the results as a table and keep them as JSON."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(
        json.dumps([asdict(result) for result in results], indent=2, ensure_ascii=False) + "\n",
        encoding="utf-8",
    )
    width = max(len(result.name) for result in results)
    print(f"{'':{width}}  {'ms':>10}  {'floor ms':>10}  {'ratio':>7}  note")
    for result in results:
        peers = "".join(f"; {name} {1000 * t:,.1f} ms" for name, t in result.peers.items())
        print(
            f"{result.name:{width}}  {1000 * result.seconds:>10,.1f}  "
            f"{1000 * result.floor_seconds:>10,.1f}  {result.ratio:>7,.2f}  {result.note}{peers}"
        )
