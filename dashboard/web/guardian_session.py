"""A guardian's visit to the public pages: its cookie and its steps."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import ClassVar

from dashboard.actions.guardian_access import GuardianDesk, Visit, VisitOver
from dashboard.domain.account import State
from dashboard.domain.credentials import Password
from dashboard.domain.errors import DeadLink, Refused
from dashboard.store.guardians import Holder
from dashboard.web.forms import FormPage
from dashboard.web.handler import Handler, Service

ROOT = "/activation"
CHOOSE, WAIT, DONE = f"{ROOT}/mot-de-passe", f"{ROOT}/en-cours", f"{ROOT}/active"
COOKIE = "visit"
_VISIT_SECONDS = 15 * 60
_A_DAY = 24 * 60 * 60
_TYPED = "typed"
# What the address of a page may have it say on top; anything else there says nothing.
_NOTICES = {
    "visite": "Votre visite est terminée. Connectez-vous de nouveau.",
    "quitte": "Vous êtes déconnecté.",
    "renvoi": "Un nouveau courriel est parti. Le lien du précédent ne fonctionne plus.",
    "corrige": "Un courriel est parti à cette adresse. Le lien du précédent ne fonctionne plus.",
    "change": "Votre mot de passe est enregistré.",
}


@dataclass(frozen=True, slots=True)
class GuardianService(Service):
    """What the guardians' pages work with."""

    desk: GuardianDesk


class GuardianHandler(Handler):
    """One of the guardians' pages."""

    root = ROOT
    form_cookie = "activation_form"
    visitors = "guardian"
    service: GuardianService


class GuardianPage(GuardianHandler, FormPage):
    """One of them that follows a visit."""

    notices: ClassVar[Mapping[str, str]] = _NOTICES
    endings = (DeadLink, VisitOver)

    def over(self, ending: Refused) -> None:
        if isinstance(ending, DeadLink):
            self.show("dead_link", HTTPStatus.GONE)
            return
        self.clear_cookie(COOKIE, path=ROOT)
        self.go_to(f"{ROOT}?avis=visite")

    async def enter(self, visit: Visit, notice: str = "", has_typed: bool = False) -> None:
        """Begin a visit and lead to the step where the account is.

        Who `has_typed` the account's e-mail in this visit is shown it whole.
        """
        holder = await self.ask(self.service.desk.holder, visit, self.service.clock())
        seen = [_TYPED] * has_typed
        self.set_signed_cookie(
            COOKIE,
            ".".join([str(visit.account_id), str(visit.ticket_id), visit.seal, *seen]),
            expires_days=None,
            max_age=_VISIT_SECONDS,
            path=ROOT,
            httponly=True,
            samesite="Strict",
            secure=self.is_secure,
        )
        if visit.seal:
            self.keep_device(self.service.desk.remember(visit, self.devices))
        self.go_to(step_of(visit, holder) + notice)

    def visit(self) -> Visit:
        """The visit that the visitor's cookie holds.

        Raises:
            VisitOver: there is none, or it began too long ago.
        """
        account_id, ticket_id, seal, *_ = self._kept()
        return Visit(int(account_id), int(ticket_id), seal)

    def has_typed(self) -> bool:
        """Whether the account's e-mail was typed in this visit; raises `VisitOver`."""
        return self._kept()[3:] == [_TYPED]

    def _kept(self) -> list[str]:
        signed = self.get_signed_cookie(COOKIE, max_age_days=_VISIT_SECONDS / _A_DAY)
        if signed is None:
            raise VisitOver
        return signed.decode().split(".")

    async def here(self) -> Holder | None:
        """The visitor's account if this is the page of its step; else they are led there.

        Raises:
            DeadLink, VisitOver: as the desk does.
        """
        visit = self.visit()
        holder = await self.ask(self.service.desk.holder, visit, self.service.clock())
        step = step_of(visit, holder)
        if step == self.request.path:
            return holder
        self.go_to(step)
        return None


def step_of(visit: Visit, holder: Holder) -> str:
    """The page where a visitor goes on; raises `VisitOver` if there is none."""
    if visit.ticket_id:
        return CHOOSE
    match holder.account.state:
        case State.NOTIFIED:
            return CHOOSE
        case State.ACTIVATING:
            return WAIT
        case State.ACTIVATED:
            return CHOOSE if holder.password is Password.PROVISIONAL else DONE
        case State.NOT_NOTIFIED:
            raise VisitOver
