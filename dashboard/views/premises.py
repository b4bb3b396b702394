"""What all pages of one server share."""

from dataclasses import dataclass

from dashboard.actions.office import Office
from dashboard.actions.productions import Productions
from dashboard.views.actings import Actings
from dashboard.views.live import Live


@dataclass(frozen=True, slots=True)
class Premises:
    """The office that they act through, who follows what in it, and the sheets that wait."""

    office: Office
    live: Live
    actings: Actings
    productions: Productions


def open_premises(office: Office) -> Premises:
    """The premises of an office that nobody is in yet."""
    live = Live(office.store)
    productions = Productions(office.clock, live.tell)
    return Premises(office, live, Actings(office, productions), productions)
