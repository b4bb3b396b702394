"""What all pages of one server share."""

from dataclasses import dataclass

from dashboard.actions.office import Office
from dashboard.views.actings import Actings
from dashboard.views.live import Live


@dataclass(frozen=True, slots=True)
class Premises:
    """The office that they act through, and who follows what in it."""

    office: Office
    live: Live
    actings: Actings


def open_premises(office: Office) -> Premises:
    """The premises of an office that nobody is in yet."""
    return Premises(office, Live(office.store), Actings(office))
