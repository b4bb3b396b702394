"""Ask the OSV database for known flaws of the pinned dependencies; say so where it is out of reach.

pip-audit would do the same with fourteen packages more, and by default asks the registry about
every one. On a machine without a way out, only `pip check` is left, which `make test` runs.
"""

import re
import sys
from pathlib import Path
from typing import Any

import requests

_OSV = "https://api.osv.dev/v1/querybatch"
_PINS = Path(__file__).parents[1] / "requirements.txt"
_TIMEOUT_SECONDS = 15


def pins(text: str) -> dict[str, str]:
    """The version of each package of a requirements file."""
    return dict(re.findall(r"(?m)^([\w.-]+)(?:\[.*\])?==([^\s;]+)", text))


def known_flaws(address: str, versions: dict[str, str]) -> dict[str, list[str]]:
    """The identifiers of what is known against each package that has something against it.

    Raises:
        requests.RequestException, ValueError, KeyError: the database does not answer as it does.
    """
    queries: list[Any] = [
        {"package": {"name": name, "ecosystem": "PyPI"}, "version": version}
        for name, version in versions.items()
    ]
    answer = requests.post(address, json={"queries": queries}, timeout=_TIMEOUT_SECONDS)
    answer.raise_for_status()
    found = [[flaw["id"] for flaw in one.get("vulns", [])] for one in answer.json()["results"]]
    return {name: ids for name, ids in zip(versions, found, strict=True) if ids}


def main(address: str = _OSV) -> int:
    """Audit; 1 if a pinned version has a known flaw."""
    versions = pins(_PINS.read_text(encoding="utf-8"))
    try:
        flaws = known_flaws(address, versions)
    except (requests.RequestException, ValueError, KeyError) as error:
        print(f"Audit skipped: {address} cannot be asked ({type(error).__name__}).")
        return 0
    for name, ids in flaws.items():
        print(f"{name} {versions[name]}: {', '.join(ids)}", file=sys.stderr)
    print(f"Audited {len(versions)} packages: {len(flaws)} with a known flaw.")
    return int(bool(flaws))


if __name__ == "__main__":
    sys.exit(main())
