"""A store together with all that acting on its accounts takes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from dashboard.actions.send_messages import Mailing, Postman
from dashboard.credentials.links import Signer
from dashboard.domain.message import Letterhead
from dashboard.store.engine import Store


@dataclass(frozen=True, slots=True)
class Services:
    """The store, the key, what papers say, how messages leave, and the time."""

    store: Store
    signer: Signer
    public_address: str
    letterhead: Letterhead
    mailing: Mailing
    clock: Callable[[], datetime]
    # Where messages are put while no server is configured, for the screen to say so.
    mail_folder: Path | None

    def postman(self) -> Postman:
        return Postman(self.store, self.signer, self.mailing, self.letterhead, self.clock)
