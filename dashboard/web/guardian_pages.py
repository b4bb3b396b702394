"""The public pages as Tornado serves them: one handler each, from the sign-in to the last step."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any

from tornado.web import HTTPError

from dashboard.actions.guardian_access import GuardianAccess
from dashboard.domain.account import State
from dashboard.domain.credentials import BITS_WITH_LOCKOUT, Purpose
from dashboard.domain.errors import Unfit
from dashboard.web.guardian_session import (
    CHOOSE,
    COOKIE,
    DONE,
    ROOT,
    WAIT,
    GuardianHandler,
    GuardianPage,
    GuardianService,
)
from dashboard.web.handler import Handler, Threads, theme_route
from dashboard.web.page_templates import Pages, masked

_LINK = f"{ROOT}/lien/"
_FORGOTTEN, _SENT, _LEAVE = f"{ROOT}/oubli", f"{ROOT}/oubli/envoye", f"{ROOT}/quitter"
_UNEQUAL = "Les deux mots de passe sont différents."
_MISSING = {
    "identifier": "Indiquez votre identifiant.",
    "password": "Indiquez votre mot de passe.",
}


def guardian_routes(
    access: GuardianAccess,
    pages: Pages,
    clock: Callable[[], datetime],
    threads: Threads | None = None,
    failures: Counter[str] | None = None,
) -> list[tuple[Any, ...]]:
    """The patterns of the public pages, for a Tornado application that has a ``cookie_secret``.

    Args:
        threads: for who has to wait, before closing the store, until nothing works on it.
        failures: where failed sign-ins are counted.
    """
    service = GuardianService(
        pages,
        clock,
        threads or Threads(),
        access,
        failures=Counter() if failures is None else failures,
    )
    handlers: list[tuple[str, type[Handler]]] = [
        (rf"{ROOT}/?", _SignIn),
        (CHOOSE, _ChoosePassword),
        (WAIT, _Waiting),
        (DONE, _Activated),
        (rf"{_LINK}(.*)", _Link),
        (_FORGOTTEN, _Forgotten),
        (_SENT, _Sent),
        (_LEAVE, _Leave),
        (rf"{ROOT}/.*", _Nowhere),
    ]
    return [
        theme_route(service.pages),
        *((pattern, handler, {"service": service}) for pattern, handler in handlers),
    ]


class _SignIn(GuardianPage):
    lets_in = True
    field_names = ("identifier", "password")

    async def page(self) -> None:
        self.answer("sign_in", identifier=self.fields.get("identifier", ""))

    async def accept(self) -> None:
        identifier, password = self.fields["identifier"], self.fields["password"]
        if missing := {name: _MISSING[name] for name, text in self.fields.items() if not text}:
            raise Unfit(missing)
        access, now = self.service.access, self.service.clock()
        session = await self.ask(
            access.sign_in, identifier, password, self.source, now, self.devices
        )
        await self.enter(session)


class _ChoosePassword(GuardianPage):
    field_names = ("password", "email")

    async def page(self) -> None:
        if holder := await self.here():
            self.answer(
                "choose_password",
                holder=holder,
                is_first=holder.account.state is State.NOTIFIED,
                email=self.fields.get("email", holder.guardian.email),
                needed_bits=BITS_WITH_LOCKOUT,
                known=[holder.guardian.name_key, holder.account.identifier],
            )

    async def accept(self) -> None:
        password, email = self.fields["password"], self.fields["email"]
        # Without scripts, the page cannot show what was typed and asks for it twice.
        if self.get_body_argument("confirmation", password, strip=False) != password:
            raise Unfit({"confirmation": _UNEQUAL})
        access, now = self.service.access, self.service.clock()
        session = await self.ask(access.choose_password, self.session(), password, email, now)
        await self.enter(session, "?avis=change", has_typed=bool(email))


class _Waiting(GuardianPage):
    """Between the choice of a password and the link of the activation e-mail."""

    field_names = ("email",)

    async def page(self) -> None:
        if holder := await self.here():
            known, has_typed = holder.guardian.email, self.has_typed()
            self.answer(
                "waiting",
                address=known if has_typed else masked(known),
                email=self.fields.get("email") or (known if has_typed else ""),
            )

    async def accept(self) -> None:
        access, session, now = self.service.access, self.session(), self.service.clock()
        if "email" not in self.request.body_arguments:
            await self.ask(access.resend, session, now)
            self.go_to(f"{WAIT}?avis=renvoi")
            return
        await self.ask(access.correct_email, session, self.fields["email"], now)
        await self.enter(session, "?avis=corrige", has_typed=True)


class _Activated(GuardianPage):
    async def page(self) -> None:
        if holder := await self.here():
            self.answer("activated", holder=holder)


class _Link(GuardianPage):
    """Where a link of a message leads: nothing happens before its form is sent."""

    async def page(self) -> None:
        _, purpose = await self.ask(self.service.access.follow, self._token, self.service.clock())
        self.answer("link", purpose=purpose)

    async def accept(self) -> None:
        access, now = self.service.access, self.service.clock()
        session, purpose = await self.ask(access.follow, self._token, now)
        if purpose is Purpose.ACTIVATE:
            session = await self.ask(access.activate, self._token, now)
        await self.enter(session)

    @property
    def _token(self) -> str:
        return self.path_args[0]


class _Forgotten(GuardianPage):
    field_names = ("email",)

    async def page(self) -> None:
        self.answer("forgotten", email=self.fields.get("email", ""))

    async def accept(self) -> None:
        access, now = self.service.access, self.service.clock()
        address = await self.ask(access.ask_for_help, self.fields["email"], self.source, now)
        self.afterwards(access.send_help, address, now)
        self.go_to(_SENT)


class _Sent(GuardianPage):
    async def page(self) -> None:
        self.answer("help_sent")


class _Leave(GuardianHandler):
    """Ends the session; even with a form of long ago, since who wants to leave must not stay."""

    async def get(self, *_: str) -> None:
        self.go_to(ROOT)

    async def post(self, *_: str) -> None:
        self.clear_cookie(COOKIE, path=ROOT)
        self.go_to(f"{ROOT}?avis=quitte")


class _Nowhere(GuardianHandler):
    """Any other address, which may be a link that a mail program has spoilt."""

    def prepare(self) -> None:
        raise HTTPError(HTTPStatus.NOT_FOUND)
