"""Forms that are shown again, with what is wrong, until they are accepted."""

import math
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, ClassVar

from tornado.web import HTTPError

from dashboard.actions.throttle import TooMany, WrongPassword
from dashboard.domain.errors import Refused, Unfit
from dashboard.store.failures import Failure
from dashboard.web.handler import Handler

_EXPIRED_FORM = (
    "Le formulaire a expiré, recommencez. Si cela se répète, autorisez les cookies de ce site."
)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a form is shown again: the reasons, and those of them that belong to a field."""

    reasons: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    status: int = HTTPStatus.OK


class FormPage(Handler):
    """A page; if it has a form, it is shown again until what was sent is accepted."""

    field_names: tuple[str, ...] = ()
    # What the address of a page may have it say on top; anything else there says nothing.
    notices: ClassVar[Mapping[str, str]] = {}
    # What is no matter of the form, and is answered by `over`.
    endings: ClassVar[tuple[type[Refused], ...]] = ()
    # Whether somebody who is refused here has failed to sign in.
    lets_in: ClassVar[bool] = False

    def initialize(self, service: Any) -> None:
        super().initialize(service)
        self.fields: Mapping[str, str] = {}
        self.trouble = Trouble()

    async def page(self) -> None:
        """Show the page, with what is wrong."""
        raise NotImplementedError

    async def accept(self) -> None:
        """Do what the form asks for and lead on; raises `Refused` to have it shown again."""
        raise HTTPError(HTTPStatus.METHOD_NOT_ALLOWED)

    def over(self, ending: Refused) -> None:
        """Answer one of `endings`."""
        raise ending

    def answer(self, page: str, **values: object) -> None:
        trouble = self.trouble
        notice = (
            "" if trouble.reasons else self.notices.get(self.get_query_argument("avis", ""), "")
        )
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
        except Failure:  # not the visitor's to mend in the form
            raise
        except self.endings:
            raise
        except TooMany as refusal:
            self.tell_failure("throttled")
            seconds = (refusal.until - self.service.clock()).total_seconds()
            self.set_header("Retry-After", str(max(1, math.ceil(seconds))))
            return Trouble(tuple(refusal.reasons), status=HTTPStatus.TOO_MANY_REQUESTS)
        except Unfit as refusal:
            if isinstance(refusal.__cause__, WrongPassword):
                self.tell_failure(self.visitors)
            return Trouble(tuple(refusal.reasons), refusal.fields)
        except Refused as refusal:
            if self.lets_in:
                self.tell_failure(self.visitors)
            return Trouble(tuple(refusal.reasons))
        return None

    async def _unless_over(self, answer: Awaitable[None]) -> None:
        try:
            await answer
        except self.endings as ending:
            self.over(ending)
