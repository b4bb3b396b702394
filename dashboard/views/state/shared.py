"""What all pages of one server share."""

from dataclasses import dataclass

from dashboard.actions.productions import Productions
from dashboard.actions.services import Services
from dashboard.views.state.actings import Actings
from dashboard.views.state.live import Live


@dataclass(frozen=True, slots=True)
class Premises:
    """The services that they act through, who follows what in it, and the sheets that wait."""

    services: Services
    live: Live
    actings: Actings
    productions: Productions


def open_premises(services: Services) -> Premises:
    """What the pages share before anybody has opened one."""
    live = Live(services.store)
    productions = Productions(services.clock, live.tell)
    return Premises(services, live, Actings(services, productions), productions)
