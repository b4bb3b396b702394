"""Takes the README's picture of the running demonstration: ``python -m tests.browser.picture``."""

import tempfile
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from tests.browser.conftest import LAPTOP, SERVE, demo_database, run_server
from tests.chromium import QUIET, find_chromium

PICTURE = Path(__file__).parents[2] / "dashboard" / "guides" / "overview.png"
_ADDRESS = "/?next=%2Fcomptes%3Fschool%3D0210351T%26tab%3Dstatistiques"


def main() -> None:
    """Open a demo school's statistics as its director, and save what is seen."""
    with (
        tempfile.TemporaryDirectory() as folder,
        run_server([*SERVE, "--demo"], demo_database(Path(folder)), "/healthz") as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=QUIET)
        page = browser.new_page(viewport={"width": LAPTOP["width"], "height": 1000})
        page.goto(server.address + _ADDRESS)
        page.get_by_role("button", name="Directrice · Bèze").click()
        expect(page.locator("canvas").first).to_be_visible()
        page.wait_for_timeout(1000)  # the bars are drawn after the canvas appears
        page.screenshot(path=PICTURE)
        browser.close()


if __name__ == "__main__":
    main()
