"""An action of the staff on the screen: prepared, confirmed, running, reported. No widgets."""

import asyncio
import threading
from collections.abc import Collection
from enum import StrEnum
from typing import Any

import param

from dashboard.actions.hand_out import hand_out
from dashboard.actions.office import Office
from dashboard.actions.selection import Asker, Cancelled, Preparation, prepare
from dashboard.actions.write_to import follow_up, write_to
from dashboard.domain.action import BY_EMAIL, Action
from dashboard.domain.filters import AccountFilter
from dashboard.domain.problem import Refused
from dashboard.domain.report import Report
from dashboard.domain.scope import ActingScope
from dashboard.domain.sheet import SheetLayout

_SHOWN_EVERY_SECONDS = 0.2


class Step(StrEnum):
    """How far an action is."""

    NONE = "NONE"
    CONFIRM = "CONFIRM"
    RUNNING = "RUNNING"
    REPORT = "REPORT"


class Acting(param.Parameterized):
    """One action at a time, from the question to the report."""

    step = param.ClassSelector(class_=Step, default=Step.NONE)
    progress = param.Integer(0, bounds=(0, 100), doc="How far a running action is, in %.")

    def __init__(self, office: Office, actor: str, **parameters: Any) -> None:
        super().__init__(**parameters)
        self.preparation: Preparation | None = None
        self.report: Report | None = None
        self.problem = ""
        self._office = office
        self._actor = actor
        self._cancelled = threading.Event()
        self._idle = threading.Event()
        self._idle.set()
        self._done = 0

    @property
    def is_busy(self) -> bool:
        """Whether there is something to come back to: an action running, or its report."""
        return self.step in (Step.RUNNING, Step.REPORT)

    def ask(self, scope: ActingScope, action: Action, accounts: Collection[int]) -> None:
        """Prepare an action on accounts of a scope, to be confirmed; one at a time."""
        if self.step is not Step.NONE:
            return
        today = self._office.clock().date()
        self.preparation = prepare(
            self._office.store, scope, action, AccountFilter(), today, only=accounts
        )
        self.report, self.problem = None, ""
        self._cancelled.clear()
        self.param.update(step=Step.CONFIRM, progress=0)

    async def run(self, layout: SheetLayout) -> None:
        """Do what was confirmed, once however often it is asked for; then show the report.

        The work is done in a thread; what is shown changes in the caller's alone.
        """
        if self.step is not Step.CONFIRM or self.preparation is None:
            return
        self._idle.clear()
        self._done = 0
        self.step = Step.RUNNING
        work = asyncio.ensure_future(asyncio.to_thread(self._work, self.preparation, layout))
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
            self.report = follow_up(self._office.store, preparation.scope, report)

    def close(self) -> None:
        """Forget the action; its sheets, and the passwords on them, are nowhere any more."""
        if self.step is not Step.RUNNING:
            self.preparation = self.report = None
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
        asker = Asker(self._actor, self._office.clock())
        if preparation.action in BY_EMAIL:
            return write_to(self._office.store, preparation, asker)
        return hand_out(
            self._office.store,
            preparation,
            asker,
            self._office.letterhead,
            layout,
            self._on_progress,
        )

    def _on_progress(self, done: int, total: int) -> None:
        if self._cancelled.is_set():
            raise Cancelled
        self._done = 100 * done // total
