"""A guardian's session on the plain pages: its cookie and its steps."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import ClassVar

from dashboard.actions.guardian_access import GuardianAccess, GuardianSession, SessionOver
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

    access: GuardianAccess


class GuardianHandler(Handler):
    """One of the guardians' pages."""

    root = ROOT
    form_cookie = "activation_form"
    visitors = "guardian"
    service: GuardianService


class GuardianPage(GuardianHandler, FormPage):
    """One of them that follows a session."""

    notices: ClassVar[Mapping[str, str]] = _NOTICES
    endings = (DeadLink, SessionOver)

    def over(self, ending: Refused) -> None:
        if isinstance(ending, DeadLink):
            self.show("dead_link", HTTPStatus.GONE)
            return
        self.clear_cookie(COOKIE, path=ROOT)
        self.go_to(f"{ROOT}?avis=visite")

    async def enter(
        self, session: GuardianSession, notice: str = "", has_typed: bool = False
    ) -> None:
        """Begin a session and lead to the step where the account is.

        Who `has_typed` the account's e-mail in this session is shown it whole.
        """
        holder = await self.ask(self.service.access.holder, session, self.service.clock())
        seen = [_TYPED] * has_typed
        self.set_signed_cookie(
            COOKIE,
            ".".join([str(session.account_id), str(session.ticket_id), session.seal, *seen]),
            expires_days=None,
            max_age=_VISIT_SECONDS,
            path=ROOT,
            httponly=True,
            samesite="Strict",
            secure=self.is_secure,
        )
        if session.seal:
            self.keep_device(self.service.access.remember(session, self.devices))
        self.go_to(step_of(session, holder) + notice)

    def session(self) -> GuardianSession:
        """The session that the visitor's cookie holds.

        Raises:
            SessionOver: there is none, or it began too long ago.
        """
        account_id, ticket_id, seal, *_ = self._kept()
        return GuardianSession(int(account_id), int(ticket_id), seal)

    def has_typed(self) -> bool:
        """Whether the account's e-mail was typed in this session; raises `SessionOver`."""
        return self._kept()[3:] == [_TYPED]

    def _kept(self) -> list[str]:
        signed = self.get_signed_cookie(COOKIE, max_age_days=_VISIT_SECONDS / _A_DAY)
        if signed is None:
            raise SessionOver
        return signed.decode().split(".")

    async def here(self) -> Holder | None:
        """The visitor's account if this is the page of its step; else they are led there.

        Raises:
            DeadLink, SessionOver: as `GuardianAccess` does.
        """
        session = self.session()
        holder = await self.ask(self.service.access.holder, session, self.service.clock())
        step = step_of(session, holder)
        if step == self.request.path:
            return holder
        self.go_to(step)
        return None


def step_of(session: GuardianSession, holder: Holder) -> str:
    """The page where a visitor goes on; raises `SessionOver` if there is none."""
    if session.ticket_id:
        return CHOOSE
    match holder.account.state:
        case State.NOTIFIED:
            return CHOOSE
        case State.ACTIVATING:
            return WAIT
        case State.ACTIVATED:
            return CHOOSE if holder.password is Password.PROVISIONAL else DONE
        case State.NOT_NOTIFIED:
            raise SessionOver
