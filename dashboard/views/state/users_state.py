"""Managing the staff on the screen: whom, which question, which answer. No widgets."""

from collections.abc import Callable, Collection
from datetime import datetime
from enum import StrEnum
from functools import partial

import param

from dashboard.actions.services import Services
from dashboard.actions.staff_sessions import normal_login
from dashboard.actions.users import (
    add,
    disable,
    enable,
    read_places,
    reset_password,
    set_email,
    set_rights,
)
from dashboard.domain.errors import Refused
from dashboard.domain.scope import Role, StaffScope
from dashboard.store.engine import Store
from dashboard.store.staff import Staff, find_staff


class Stage(StrEnum):
    """What the dialog is about."""

    NONE = "NONE"
    ADD = "ADD"
    PERSON = "PERSON"
    CONFIRM = "CONFIRM"
    PASSWORD = "PASSWORD"


class Change(StrEnum):
    """What is asked about before it is done; the value is the word on the screen."""

    DISABLE = "Désactiver"
    ENABLE = "Réactiver"
    RESET = "Réinitialiser le mot de passe"


class UsersState(param.Parameterized):
    """One member of staff at a time, or a new one; a password is shown once and then nowhere."""

    stage: Stage = param.ClassSelector(class_=Stage, default=Stage.NONE)
    said: str = param.String("", doc="What came of what was asked for last.")

    def __init__(self, services: Services, scope: StaffScope) -> None:
        super().__init__()
        self.member: Staff | None = None
        self.change: Change | None = None
        self.password = ""
        self._services = services
        self._scope = scope

    def begin(self) -> None:
        """Ask for a new member of staff."""
        self._go(Stage.ADD)

    def open(self, login: str) -> None:
        """Show a member of staff, if there is one of this login."""
        if member := find_staff(self._services.store, login):
            self.member = member
            self._go(Stage.PERSON)

    def refresh(self) -> None:
        """Show the member of staff as they are now."""
        if self.member is not None and self.stage is not Stage.NONE:
            self.member = find_staff(self._services.store, self.member.login)
            self.param.trigger("stage")

    def add(
        self, login: str, name: str, role: Role, places: Collection[str], email: str = ""
    ) -> None:
        """Add a member of staff and show their provisional password; once, however often asked."""
        if self.stage is Stage.ADD:
            self._try(
                lambda: self._hand_out(
                    login,
                    add(*self._asked, login, name, role, read_places(role, places), email=email),
                )
            )

    def set_rights(self, role: Role, places: Collection[str]) -> None:
        """Give the member of staff this role and these places."""
        if self.stage is Stage.PERSON and (member := self.member):
            self._try(
                lambda: set_rights(*self._asked, member.login, role, read_places(role, places)),
                "Rôle et lieux enregistrés.",
            )

    def set_email(self, email: str) -> None:
        """Give the member of staff this e-mail, or none."""
        if self.stage is Stage.PERSON and (member := self.member):
            self._try(lambda: set_email(*self._asked, member.login, email), "Adresse enregistrée.")

    def ask(self, change: Change) -> None:
        """Ask whether a change is to be made."""
        if self.stage is Stage.PERSON:
            self.change = change
            self._go(Stage.CONFIRM)

    def confirm(self) -> None:
        """Make the change that was asked about, once however often it is confirmed."""
        change, member = self.change, self.member
        if self.stage is not Stage.CONFIRM or change is None or member is None:
            return
        self._go(Stage.PERSON)
        self._try(partial(_CHANGES[change], self, member.login))

    def cancel(self) -> None:
        """Go back to the member of staff, whom nothing has happened to."""
        if self.stage is Stage.CONFIRM:
            self._go(Stage.PERSON)

    def close(self) -> None:
        """Forget whom the dialog was about, and the password that it showed."""
        self.member = self.change = None
        self._go(Stage.NONE)

    @property
    def _asked(self) -> tuple[Store, StaffScope, datetime]:
        return self._services.store, self._scope, self._services.clock()

    def _go(self, stage: Stage) -> None:
        if stage is not Stage.PASSWORD:
            self.password = ""
        self.param.update(stage=stage, said="")

    def _try(self, do: Callable[[], object], done: str = "") -> None:
        try:
            do()
        except Refused as refused:
            self.said = " ".join(refused.reasons)
            return
        self.refresh()
        self.said = done or self.said

    def _hand_out(self, login: str, password: str) -> None:
        self.password = password
        self.member = find_staff(self._services.store, normal_login(login))
        self._go(Stage.PASSWORD)

    def _disable(self, login: str) -> None:
        disable(*self._asked, login)
        self.said = "Désactivé : ses connexions sont terminées."

    def _enable(self, login: str) -> None:
        enable(*self._asked, login)
        self.said = "Réactivé."

    def _reset(self, login: str) -> None:
        self._hand_out(login, reset_password(*self._asked, login))


_CHANGES: dict[Change, Callable[[UsersState, str], None]] = {
    Change.DISABLE: UsersState._disable,
    Change.ENABLE: UsersState._enable,
    Change.RESET: UsersState._reset,
}
