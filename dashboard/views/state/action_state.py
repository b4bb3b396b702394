"""An action on the screen: prepared, confirmed, running, reported, kept. No widgets."""

import asyncio
import threading
import time
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from weakref import ReferenceType, ref

import param
from bokeh.document import Document as BokehDocument

from dashboard.actions.batch import Asker, Cancelled, Preparation, prepare
from dashboard.actions.notify_by_email import follow_up, notify_by_email
from dashboard.actions.notify_by_sheet import notify_by_sheet
from dashboard.actions.productions import Productions
from dashboard.actions.services import Services
from dashboard.domain.action import BY_EMAIL, Action, Outcome, Report
from dashboard.domain.document import Document
from dashboard.domain.errors import Refused
from dashboard.domain.filters import AccountFilter
from dashboard.domain.scope import ActingScope, User
from dashboard.domain.sheet import SheetLayout
from dashboard.domain.stakes import Consent, Recent
from dashboard.outputs.csv_files import french_report
from dashboard.store.accounts import count_accounts
from dashboard.views.state.list_state import ListState

_SHOWN_EVERY_SECONDS = 0.2


class Step(StrEnum):
    """How far an action is."""

    NONE = "NONE"
    CONFIRM = "CONFIRM"
    RUNNING = "RUNNING"
    REPORT = "REPORT"


class ActionState(param.Parameterized):
    """One action at a time, from the question to the report.

    `recent` and `typed` are what is confirmed apart: what becomes of accounts that were given
    something in the last days, who are left out unless chosen otherwise, and the number of
    activated accounts to reset.
    """

    step: Step = param.ClassSelector(class_=Step, default=Step.NONE)
    progress: int = param.Integer(0, bounds=(0, 100), doc="How far a running action is, in %.")
    recent: Recent = param.ClassSelector(class_=Recent, default=Recent.LEFT_OUT)
    typed: str = param.String("")

    def __init__(self, services: Services, user: User, productions: Productions) -> None:
        super().__init__()
        self.preparation: Preparation | None = None
        self.report: Report | None = None
        self.problem = ""
        self.asked: frozenset[int] = frozenset()
        self.outside = 0
        self._services = services
        self._user = user
        self._productions = productions
        self._production: int | None = None
        self._acted_at = services.clock()
        self._cancelled = threading.Event()
        self._idle = threading.Event()
        self._idle.set()
        self._done = 0

    @property
    def is_busy(self) -> bool:
        """Whether there is something to come back to: an action running, or its report."""
        return self.step in (Step.RUNNING, Step.REPORT)

    @property
    def chosen(self) -> Preparation | None:
        """What is prepared, with what has been chosen and confirmed apart."""
        if self.preparation is None:
            return None
        leaves_out = self.recent is Recent.LEFT_OUT
        chosen = self.preparation.without_recent() if leaves_out else self.preparation
        consent = Consent(self.recent is Recent.REVOKED, _number(self.typed))
        return replace(chosen, consent=consent)

    @property
    def is_confirmable(self) -> bool:
        """Whether there is something to do, and nothing left to confirm apart."""
        chosen = self.chosen
        return chosen is not None and bool(chosen.accepted) and not chosen.missing

    @property
    def lost(self) -> int:
        """How many of the selected accounts are no longer of the school."""
        return len(self.asked) - len(self.preparation.candidates) if self.preparation else 0

    def ask(
        self,
        scope: ActingScope,
        action: Action,
        accounts: Collection[int],
        conditions: AccountFilter | None = None,
    ) -> None:
        """Prepare an action on accounts of a scope, to be confirmed; one at a time.

        With `conditions`, those of the list that they were selected in, it is counted how many
        are not in that list now.
        """
        if self.step is not Step.NONE:
            return
        store, today = self._services.store, self._services.clock().date()
        self.asked = frozenset(accounts)
        self.preparation = prepare(store, scope, action, AccountFilter(), today, only=self.asked)
        found = [one.listed.account_id for one in self.preparation.candidates]
        shown = conditions or AccountFilter()
        self.outside = len(found) - count_accounts(store, scope, shown, today, only=found)
        self.report, self.problem, self._production = None, "", None
        self._cancelled.clear()
        self.param.update(step=Step.CONFIRM, progress=0, recent=Recent.LEFT_OUT, typed="")

    async def run(self, layout: SheetLayout) -> None:
        """Do what was confirmed, once however often it is asked for; then show the report.

        While something is left to confirm apart, it stays a question. The work is done in a
        thread; what is shown changes in the caller's alone.
        """
        chosen = self.chosen
        if self.step is not Step.CONFIRM or chosen is None or chosen.missing:
            return
        self.preparation = chosen
        self._idle.clear()
        self._done = 0
        self.step = Step.RUNNING
        work = asyncio.ensure_future(asyncio.to_thread(self._work, chosen, layout))
        while not work.done():
            await asyncio.wait([work], timeout=_SHOWN_EVERY_SECONDS)
            self.progress = self._done
        try:
            self.report = work.result()
        except Refused as refused:
            self.problem = " ".join(refused.reasons)
        except Exception:
            self.problem = "Une erreur s'est produite : rien n'a été fait. Réessayez."
            raise
        finally:
            self.step = Step.REPORT

    def cancel(self) -> None:
        """Stop a running action, which leaves every account as it was; or give up asking."""
        self._cancelled.set()
        if self.step is Step.CONFIRM:
            self.close()

    def follow_up(self) -> None:
        """Bring a report of messages up to what has become of them since."""
        preparation, report = self.preparation, self.report
        if self.step is Step.REPORT and preparation and report and report.action in BY_EMAIL:
            self.report = follow_up(self._services.store, preparation.scope, report)

    @property
    def handled(self) -> frozenset[int]:
        """The accounts that are done with: all that were asked for, once any was acted on."""
        is_done = self.report is not None and self.report.count(Outcome.DONE) > 0
        return self.asked if is_done else frozenset()

    @property
    def has_sheets(self) -> bool:
        """Whether there are sheets to download, here or where those that wait are."""
        number = self._production
        return number is not None and self._productions.find(self._user, number) is not None

    def sheets(self) -> Document:
        """The sheets of the action.

        Raises:
            Refused: they are not to be had any more.
        """
        return self._productions.download(self._user, self._production or 0)

    def report_document(self) -> Document | None:
        """The report as a file, for people to read."""
        if self.report is None or self.preparation is None:
            return None
        return french_report(self.report, self.preparation.scope.places, self._acted_at)

    def close(self) -> None:
        """Forget the action; its sheets go where those that wait are, unless downloaded."""
        if self.step is Step.RUNNING:
            return
        found = self._productions.find(self._user, self._production or 0)
        if found is not None and found.downloaded_at is not None:
            self._productions.forget(self._user, found.number)
        self.preparation = self.report = self._production = None
        self.asked = frozenset()
        self.step = Step.NONE

    def wait_until_idle(self, seconds: float) -> None:
        """Return once nothing is being written any more, or after so many seconds."""
        self._idle.wait(seconds)

    def _work(self, preparation: Preparation, layout: SheetLayout) -> Report:
        try:
            return self._perform(preparation, layout)
        finally:
            self._idle.set()

    def _perform(self, preparation: Preparation, layout: SheetLayout) -> Report:
        asker = Asker(self._user.label, self._services.clock())
        self._acted_at = asker.now
        if preparation.action in BY_EMAIL:
            return notify_by_email(self._services.store, preparation, asker)
        making = self._productions.making(self._user, preparation.action, preparation.scope)
        with making as made:
            report = notify_by_sheet(
                self._services.store,
                preparation,
                asker,
                self._services.letterhead,
                layout,
                self._on_progress,
                made.hold,
            )
            made.sheets = report.count(Outcome.DONE)
        self._production = made.number
        return replace(report, sheets=None)  # those that wait are kept in one place

    def _on_progress(self, done: int, total: int) -> None:
        if self._cancelled.is_set():
            raise Cancelled
        self._done = 100 * done // total


def deselect_handled(action_state: ActionState, list_state: ListState) -> None:
    """Once accounts were acted on, let go of their selection: nothing is done to them twice."""
    action_state.param.watch(lambda _: list_state.deselect(action_state.handled), "step")


def _number(typed: str) -> int | None:
    """The number that was typed, blanks between its digits disregarded."""
    digits = "".join(typed.split())
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 10 else None


_KEPT = timedelta(minutes=30)
_STOPPED_WITHIN_SECONDS = 20


@dataclass(slots=True)
class _Page:
    """Where an action is shown, and when that was last seen open."""

    user: User
    document: ReferenceType[BokehDocument] | None
    seen_at: datetime

    @property
    def is_open(self) -> bool:
        """Whether a browser is connected to the page; one that is being built has none yet."""
        document = self.document() if self.document else None
        context = document.session_context if document else None
        if context is None or context.destroyed:
            return False
        return not context.session or context.session.connection_count > 0


class ActionStates:
    """One action for each open page.

    Who loses the connection or reloads the page is given the same action again: its report would
    be lost with the page. Sheets are kept apart, for longer (`dashboard.actions.productions`).

    Pages are built in the thread of the server's loop, which has ended when all are stopped: this
    needs no lock.
    """

    def __init__(self, services: Services, productions: Productions) -> None:
        self._services = services
        self._productions = productions
        self._pages: dict[ActionState, _Page] = {}

    def state_for(self, user: User, document: BokehDocument | None) -> ActionState:
        """The action that the user left behind on a page that is gone, else a new one.

        Who has other rights since then is another user: the action was in the rights they had.
        """
        now = self._services.clock()
        self._forget_old(now)
        left = (
            action_state
            for action_state, page in self._pages.items()
            if page.user == user and action_state.is_busy and not page.is_open
        )
        action_state = next(left, None) or ActionState(self._services, user, self._productions)
        self._pages[action_state] = _Page(user, ref(document) if document else None, now)
        return action_state

    def _forget_old(self, now: datetime) -> None:
        """Forget the actions of pages that are gone: at once if over, else after a while."""
        for action_state, page in list(self._pages.items()):
            if page.is_open or action_state.step is Step.RUNNING:
                page.seen_at = now
            elif not action_state.is_busy or now - page.seen_at > _KEPT:
                del self._pages[action_state]

    def stop(self) -> None:
        """Cancel what is running, and wait until it has let go of the store."""
        running = [
            action_state for action_state in self._pages if action_state.step is Step.RUNNING
        ]
        for action_state in running:
            action_state.cancel()
        end = time.monotonic() + _STOPPED_WITHIN_SECONDS
        for action_state in running:
            action_state.wait_until_idle(end - time.monotonic())
