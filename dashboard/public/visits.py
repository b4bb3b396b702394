"""A visit to the public pages: its cookie, its steps, and forms shown again until accepted."""

import math
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from tornado.web import HTTPError

from dashboard.actions.activate import DeadLink, Unfit, Visit, VisitOver
from dashboard.actions.throttle import TooMany
from dashboard.domain.account import State
from dashboard.domain.credentials import Password
from dashboard.domain.problem import Refused
from dashboard.public.guarded import ROOT, Guarded, Service
from dashboard.store.holders import Holder

CHOOSE, WAIT, DONE = f"{ROOT}/mot-de-passe", f"{ROOT}/en-cours", f"{ROOT}/active"
COOKIE = "visit"
_VISIT_SECONDS = 15 * 60
_A_DAY = 24 * 60 * 60
_EXPIRED_FORM = (
    "Le formulaire a expiré, recommencez. Si cela se répète, autorisez les cookies de ce site."
)
# What the address of a page may have it say on top; anything else there says nothing.
_NOTICES = {
    "visite": "Votre visite est terminée. Connectez-vous de nouveau.",
    "quitte": "Vous êtes déconnecté.",
    "renvoi": "Un nouveau courriel est parti. Le lien du précédent ne fonctionne plus.",
    "change": "Votre mot de passe est enregistré.",
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a form is shown again: the reasons, and those of them that belong to a field."""

    reasons: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    status: int = HTTPStatus.OK


class Page(Guarded):
    """A page; if it has a form, it is shown again until what was sent is accepted."""

    field_names: tuple[str, ...] = ()

    def initialize(self, service: Service) -> None:
        super().initialize(service)
        self.fields: Mapping[str, str] = {}
        self.trouble = Trouble()

    async def page(self) -> None:
        """Show the page, with what is wrong."""
        raise NotImplementedError

    async def accept(self) -> None:
        """Do what the form asks for and lead on; raises `Refused` to have it shown again."""
        raise HTTPError(HTTPStatus.METHOD_NOT_ALLOWED)

    def answer(self, page: str, **values: object) -> None:
        trouble = self.trouble
        notice = "" if trouble.reasons else _NOTICES.get(self.get_query_argument("avis", ""), "")
        self.show(page, trouble.status, trouble=trouble, notice=notice, **values)

    async def get(self, *_: str) -> None:
        await self._unless_over(self.page())

    async def post(self, *_: str) -> None:
        self.fields = self.form(*self.field_names)
        await self._unless_over(self._heard())

    async def _heard(self) -> None:
        if not self.is_own_form():
            self.trouble = Trouble((_EXPIRED_FORM,), status=HTTPStatus.FORBIDDEN)
        elif found := await self._refusal():
            self.trouble = found
        else:
            return
        await self.page()

    async def _refusal(self) -> Trouble | None:
        """Why the form is not accepted; ``None`` if it is, and then an answer is given."""
        try:
            await self.accept()
        except (DeadLink, VisitOver):
            raise
        except TooMany as refusal:
            seconds = (refusal.until - self.service.clock()).total_seconds()
            self.set_header("Retry-After", str(max(1, math.ceil(seconds))))
            return Trouble(tuple(refusal.reasons), status=HTTPStatus.TOO_MANY_REQUESTS)
        except Unfit as refusal:
            return Trouble(tuple(refusal.reasons), refusal.fields)
        except Refused as refusal:
            return Trouble(tuple(refusal.reasons))
        return None

    async def _unless_over(self, answer: Awaitable[None]) -> None:
        try:
            await answer
        except DeadLink:
            self.show("dead_link", HTTPStatus.GONE)
        except VisitOver:
            self.clear_cookie(COOKIE, path=ROOT)
            self.go_to(f"{ROOT}?avis=visite")

    async def enter(self, visit: Visit, notice: str = "") -> None:
        """Begin a visit and lead to the step where the account is."""
        holder = await self.ask(self.service.desk.holder, visit, self.service.clock())
        self.set_signed_cookie(
            COOKIE,
            f"{visit.account_id}.{visit.ticket_id}.{visit.seal}",
            expires_days=None,
            max_age=_VISIT_SECONDS,
            path=ROOT,
            httponly=True,
            samesite="Strict",
            secure=self.is_secure,
        )
        self.go_to(step_of(visit, holder) + notice)

    def visit(self) -> Visit:
        """The visit that the visitor's cookie holds.

        Raises:
            VisitOver: there is none, or it began too long ago.
        """
        signed = self.get_signed_cookie(COOKIE, max_age_days=_VISIT_SECONDS / _A_DAY)
        if signed is None:
            raise VisitOver
        account_id, ticket_id, seal = signed.decode().split(".")
        return Visit(int(account_id), int(ticket_id), seal)

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
