"""How staff sign in and out: by password, by their provider, or as a user of the demonstration."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, ClassVar
from urllib.parse import urlencode

from tornado.web import HTTPError

from dashboard.actions.provider_sign_in import ProviderSignIn
from dashboard.actions.staff_sessions import StaffSessions
from dashboard.credentials.openid import Started
from dashboard.domain.credentials import BITS_WITH_LOCKOUT
from dashboard.domain.errors import DeadLink, Refused, Unfit
from dashboard.store.failures import Failure
from dashboard.web.forms import FormPage, Trouble
from dashboard.web.handler import Handler, Service, inside

STAFF_COOKIE = "staff"
FORM_COOKIE = "staff_form"
RETURN = "/connexion/retour"
_SIGN_IN, _SIGN_OUT, _LEAVE = "/", "/deconnexion", "/connexion/fournisseur"
_PASSWORD = "/mot-de-passe"
_FORGOTTEN, _SENT, _LINK = f"{_PASSWORD}/oubli", f"{_PASSWORD}/oubli/envoye", f"{_PASSWORD}/lien/"
_STARTED_COOKIE = "started"
_STARTED_SECONDS = 10 * 60
_A_DAY = 24 * 60 * 60
_UNEQUAL = "Les deux mots de passe sont différents."
_MISSING = {"login": "Indiquez votre identifiant.", "password": "Indiquez votre mot de passe."}


@dataclass(frozen=True, slots=True)
class StaffService(Service):
    """What the staff's sign-in works with."""

    sessions: StaffSessions
    application: str
    is_open: bool
    provider: ProviderSignIn | None
    public_address: str


class _StaffHandler(Handler):
    root = "/"
    form_cookie = FORM_COOKIE
    device_cookie = "staff_device"
    visitors = "staff"
    service: StaffService

    def keep(self, token: str) -> None:
        """Give the browser a new session's token, in place of any it had."""
        self.set_cookie(
            STAFF_COOKIE, token, path="/", httponly=True, samesite="Lax", secure=self.is_secure
        )

    async def keep_known(self, token: str) -> None:
        """Give the browser the token of who has proved their password, and know the device."""
        remember, now = self.service.sessions.remember, self.service.clock()
        self.keep_device(await self.ask(remember, token, self.devices, now))
        self.keep(token)

    def go_inside(self, wanted: str) -> None:
        """Go on to the page that was wanted, if it is one of the application's."""
        self.go_to(inside(wanted, self.service.application))


class _Form(_StaffHandler, FormPage):
    """The sign-in page, shown again with why nobody was let in."""

    field_names: tuple[str, ...] = ("login", "password", "user", "next")
    notices: ClassVar[Mapping[str, str]] = {
        "quitte": "Vous êtes déconnecté.",
        "fin": "Votre connexion est terminée. Connectez-vous de nouveau.",
    }

    async def page(self) -> None:
        sessions = self.service.sessions
        self.answer(
            "staff_sign_in",
            demo_users=sessions.demo_users,
            has_accounts=await self.ask(sessions.has_accounts),
            has_provider=self.service.provider is not None,
            login=self.fields.get("login", ""),
            wanted=self.wanted,
        )

    @property
    def wanted(self) -> str:
        return self.fields.get("next") or self.get_query_argument("next", "")

    def check_confirmation(self, password: str) -> None:
        """Without scripts, a page cannot show what was typed and asks for it twice.

        Raises:
            Unfit: that is not the same.
        """
        if self.get_body_argument("confirmation", password, strip=False) != password:
            raise Unfit({"confirmation": _UNEQUAL})


class _SignIn(_Form):
    lets_in = True

    async def get(self, *_: str) -> None:
        if await self._is_in():
            self.go_inside(self.wanted)
        else:
            await super().get()

    async def _is_in(self) -> bool:
        if self.service.is_open or self.service.sessions.demo_users:
            return self.service.is_open
        token, now = self.get_cookie(STAFF_COOKIE) or "", self.service.clock()
        return await self.ask(self.service.sessions.who, token, now) is not None

    async def accept(self) -> None:
        sessions, now = self.service.sessions, self.service.clock()
        if user := self.fields["user"]:
            self.keep(token := await self.ask(sessions.enter_demo, user, now))
        else:
            login, password = self.fields["login"], self.fields["password"]
            if missing := {name: _MISSING[name] for name in _MISSING if not self.fields[name]}:
                raise Unfit(missing)
            token = await self.ask(
                sessions.sign_in, login, password, self.source, now, self.devices
            )
            await self.keep_known(token)
        if await self.ask(sessions.must_choose, token, now):
            self.go_to(f"{_PASSWORD}?{urlencode({'next': self.fields['next']})}")
        else:
            self.go_inside(self.fields["next"])


class _ChoosePassword(_Form):
    """Where staff choose a password: at once with one that was handed out, else when they want."""

    field_names = ("current", "password", "next")

    async def page(self) -> None:
        token, now = self.get_cookie(STAFF_COOKIE) or "", self.service.clock()
        member = await self.ask(self.service.sessions.member, token, now)
        if member is None:
            self.go_to(f"{_SIGN_IN}?avis=fin")
        elif not member.password_hash:
            self.go_inside("")
        else:
            self.answer(
                "staff_password",
                login=member.login,
                is_first=member.provisional_until is not None,
                needed_bits=BITS_WITH_LOCKOUT,
                known=[member.name, member.login],
                wanted=self.wanted,
                application=self.service.application,
            )

    async def accept(self) -> None:
        current, password = self.fields["current"], self.fields["password"]
        self.check_confirmation(password)
        token, now = self.get_cookie(STAFF_COOKIE) or "", self.service.clock()
        choose = self.service.sessions.choose_password
        await self.keep_known(await self.ask(choose, token, current, password, self.source, now))
        self.go_inside(self.fields["next"])


class _Forgotten(_Form):
    """Where staff say that they have forgotten their password; the same answer to everybody."""

    field_names = ("login",)

    async def page(self) -> None:
        self.answer("staff_forgotten", login=self.fields.get("login", ""))

    async def accept(self) -> None:
        sessions, now = self.service.sessions, self.service.clock()
        if not self.fields["login"].strip():
            raise Unfit({"login": _MISSING["login"]})
        wanted = await self.ask(sessions.ask_for_help, self.fields["login"], self.source, now)
        self.afterwards(sessions.send_help, wanted, now)
        self.go_to(_SENT)


class _Sent(_Form):
    async def page(self) -> None:
        self.answer("staff_help_sent")


class _Recover(_Form):
    """Where the link for a forgotten password leads: nothing happens before its form is sent."""

    field_names = ("password",)
    endings = (DeadLink,)

    def over(self, ending: Refused) -> None:  # noqa: ARG002  # the page says it
        self.show("staff_dead_link", HTTPStatus.GONE)

    async def page(self) -> None:
        sessions, now = self.service.sessions, self.service.clock()
        member = await self.ask(sessions.recovering, self.path_args[0], now)
        self.answer(
            "staff_recover",
            login=member.login,
            needed_bits=BITS_WITH_LOCKOUT,
            known=[member.name, member.login],
        )

    async def accept(self) -> None:
        password, sessions = self.fields["password"], self.service.sessions
        self.check_confirmation(password)
        now = self.service.clock()
        await self.keep_known(await self.ask(sessions.recover, self.path_args[0], password, now))
        self.go_inside("")


class _SignOut(_StaffHandler):
    """Ends the session; a cookie that other sites' forms do not send is proof enough."""

    async def get(self, *_: str) -> None:
        self.go_to(_SIGN_IN)

    async def post(self, *_: str) -> None:
        token = self.get_cookie(STAFF_COOKIE, "") or ""
        await self.ask(self.service.sessions.sign_out, token, self.service.clock())
        self.clear_cookie(STAFF_COOKIE, path="/")
        provider = self.service.provider
        elsewhere = (
            await self.ask(provider.end_address, token, f"{self.service.public_address}/")
            if provider
            else None
        )
        if elsewhere is None:
            self.go_to(f"{_SIGN_IN}?avis=quitte")
            return
        # A form may lead nowhere but here, not even by redirection: the page that it leads to does.
        self.set_header("Refresh", f"0; url={elsewhere}")
        self.show("staff_leaving", elsewhere=elsewhere)


class _Leave(_Form):
    """Leads to the provider, and remembers by a cookie what it is to send back."""

    async def get(self, *_: str) -> None:
        if self.service.provider is None:
            raise HTTPError(HTTPStatus.NOT_FOUND)
        try:
            started = await self.ask(self.service.provider.begin)
        except Refused as refused:
            self.tell_failure("provider")
            self.trouble = Trouble(tuple(refused.reasons))
            await self.page()
            return
        wanted = inside(self.wanted, self.service.application)
        kept = [started.address, started.state, started.nonce, started.verifier, wanted]
        self.set_signed_cookie(
            _STARTED_COOKIE,
            json.dumps(kept),
            expires_days=None,
            max_age=_STARTED_SECONDS,
            path=RETURN,
            httponly=True,
            samesite="Lax",
            secure=self.is_secure,
        )
        self.redirect(started.address, status=HTTPStatus.SEE_OTHER)


class _Return(_Form):
    """Where the provider sends back; what was kept serves once, whatever comes of it."""

    async def get(self, *_: str) -> None:
        if self.service.provider is None:
            raise HTTPError(HTTPStatus.NOT_FOUND)
        kept = self.get_signed_cookie(_STARTED_COOKIE, max_age_days=_STARTED_SECONDS / _A_DAY)
        self.clear_cookie(_STARTED_COOKIE, path=RETURN)
        if kept is None:
            self.go_to(f"{_SIGN_IN}?avis=fin")
            return
        *started, wanted = json.loads(kept)
        query = self.request.query_arguments
        if any(len(values) > 1 for values in query.values()):
            raise HTTPError(HTTPStatus.BAD_REQUEST)
        said = {name: self.get_query_argument(name, strip=False) for name in query}
        now = self.service.clock()
        try:
            token = await self.ask(self.service.provider.enter, Started(*started), said, now)
        except Failure:
            raise
        except Refused as refused:
            self.tell_failure("provider")
            self.trouble = Trouble(tuple(refused.reasons))
            await self.page()
            return
        self.keep(token)
        self.go_inside(wanted)


def staff_routes(service: StaffService) -> list[tuple[Any, ...]]:
    """The patterns of the staff's sign-in, for a Tornado application."""
    pages: list[tuple[str, type[Handler]]] = [
        (_SIGN_IN, _SignIn),
        (_SIGN_OUT, _SignOut),
        (_PASSWORD, _ChoosePassword),
        (_FORGOTTEN, _Forgotten),
        (_SENT, _Sent),
        (rf"{_LINK}(.*)", _Recover),
        (_LEAVE, _Leave),
        (RETURN, _Return),
    ]
    return [(pattern, handler, {"service": service}) for pattern, handler in pages]
