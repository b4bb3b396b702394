"""What stands at the foot of every page that is not the application's own."""

import pytest

from dashboard.settings import Settings
from dashboard.web.page_templates import Pages
from tests.rights.service import served

STATEMENT = "https://exemple.fr/accessibilite?a=1&b=2"
LINK = """<a href="https://exemple.fr/accessibilite?a=1&amp;b=2">Déclaration d'accessibilité</a>"""


def test_the_accessibility_statement_is_linked_to_for_staff_and_guardians() -> None:
    with served(Settings(accessibility_statement=STATEMENT)) as site:
        for path in ("/", "/activation", "/activation/nulle-part"):
            foot = site.ask(path).body.partition("<footer>")[2]
            assert LINK in foot, path


@pytest.mark.parametrize("status", [404, 500])
def test_without_a_statement_there_is_no_link(status: int) -> None:
    assert "Déclaration" not in Pages("l'école", "").error(status)
