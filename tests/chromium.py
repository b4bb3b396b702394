"""Find a Chromium for the browser tests, or install Debian's; say what was done."""

import os
import shutil
import subprocess
import sys

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_VARIABLE = "CHROMIUM"
# It runs as root in CI, and may not speak to anyone but the server under test.
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking")


def find_chromium() -> str | None:
    """The path of a Chromium: the one that ``CHROMIUM`` names, else the first on the path."""
    named = os.environ.get(_VARIABLE)
    return named or next((path for name in _NAMES if (path := shutil.which(name))), None)


def main() -> int:
    """Make sure that there is a Chromium; 1 if there is none and none could be installed."""
    if path := find_chromium():
        print(f"Browser tests use {path}.")
        return 0
    if shutil.which("apt-get") and os.geteuid() == 0:
        print("No Chromium found: installing Debian's package `chromium`.")
        subprocess.run(["apt-get", "update", "-qq"], check=True)
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"], check=True
        )
        return 0
    print(
        "No Chromium found, and installing one takes root and apt-get. Install it (Debian: "
        f"`sudo apt-get install chromium`) or name one by {_VARIABLE}=/path/to/chromium.",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
