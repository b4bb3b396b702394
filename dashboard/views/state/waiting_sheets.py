"""The sheets of a user that wait to be downloaded, as their page follows them. No widgets."""

import param

from dashboard.actions.productions import Production, Productions
from dashboard.domain.document import Document
from dashboard.domain.scope import User


class WaitingSheets(param.Parameterized):
    """The sets that wait, and the one that is asked about before it is given up."""

    sets: tuple[Production, ...] = param.ClassSelector(class_=tuple, default=())
    giving_up: int = param.Integer(0, bounds=(0, None), doc="The number of that one; 0 for none.")

    def __init__(self, user: User, productions: Productions) -> None:
        super().__init__()
        self._user = user
        self._productions = productions
        self.refresh()

    def refresh(self) -> None:
        """Follow what other pages of the user, or their dialogs, have produced or downloaded."""
        sets = tuple(self._productions.of(self._user))
        asked = self.giving_up if any(one.number == self.giving_up for one in sets) else 0
        self.param.update(sets=sets, giving_up=asked)

    def download(self, number: int) -> Document:
        """The sheets of one set, downloaded with this.

        Raises:
            Refused: they are not to be had any more.
        """
        try:
            return self._productions.download(self._user, number)
        finally:
            self.refresh()

    def ask_to_give_up(self, number: int) -> None:
        """Ask whether to give up one that waits; one that was downloaded is simply let go."""
        found = self._productions.find(self._user, number)
        if found is not None and found.downloaded_at is None:
            self.giving_up = number
        else:
            self._productions.forget(self._user, number)
            self.refresh()

    def keep(self) -> None:
        """Do not give it up after all."""
        self.giving_up = 0

    def give_up(self) -> None:
        """Give up the one that was asked about, and no other: its passwords are lost."""
        if number := self.giving_up:
            self._productions.forget(self._user, number)
            self.refresh()
