"""The inspectors' page: where one is, what may be asked there, and the answer."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import panel as pn
import panel_material_ui as pmui

from dashboard.actions.explore_places import Explorer, open_explorer
from dashboard.domain.names import clean
from dashboard.domain.place import Place
from dashboard.domain.scope import Area, User
from dashboard.store.engine import Store
from dashboard.views.components import html
from dashboard.views.components.repairs import Announcer, LiveHtml
from dashboard.views.inspector.blocked import BlockageView, find_blockage
from dashboard.views.inspector.course import CourseView, find_course
from dashboard.views.inspector.maps import MapsView, find_maps
from dashboard.views.inspector.parts import STYLE, Asked
from dashboard.views.inspector.schools import SchoolsView, find_schools
from dashboard.views.inspector.situation import SituationView, find_situation
from dashboard.views.state.inspector_state import InspectorState, Question
from dashboard.views.state.list_state import ListState, Tab

_BUSY = "Calcul en cours…"
_DATED = "Chiffres du"
_CHANGED = " – des comptes ont changé depuis"
_NO_SCHOOL = "Aucun établissement n'est encore connu dans ce périmètre."
_NO_SUCH_PLACE = "Ce lieu ne vous est pas accessible."
_LONGEST_SHOWN = 60
# What each question asks of the store, in a thread, and the view that shows the answer.
_ANSWERS: dict[Question, tuple[Callable[[Asked], Any], type[pn.viewable.Viewer]]] = {
    Question.SITUATION: (find_situation, SituationView),
    Question.BLOCKED: (find_blockage, BlockageView),
    Question.SCHOOLS: (find_schools, SchoolsView),
    Question.COURSE: (find_course, CourseView),
    Question.MAPS: (find_maps, MapsView),
}
# Of one school there is neither table nor map: its situation is shown, and the way back stays.
_OF_SCHOOL = (Question.SITUATION, Question.BLOCKED, Question.COURSE)
_STYLE = (
    STYLE
    + """
nav ol, nav ul { list-style: none; display: flex; flex-wrap: wrap; padding: 0; margin: 0.3rem 0;
  gap: 0.35rem; }
nav ol li:not(:first-child)::before { content: "›"; margin: 0 0.35rem 0 0; color: #5b6675; }
nav ul a { display: inline-block; padding: 0.4rem 0.8rem; border: 1px solid #9db4c6;
  border-radius: 999px; text-decoration: none; }
nav ul a[aria-current] { background: #00507d; color: white; border-color: #00507d; }
nav ol a { overflow-wrap: anywhere; }
"""
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A question as it was understood, and what was found; ``None`` for a place that is not."""

    question: Question
    asked: Asked | None
    found: Any = None


def find_answer(
    store: Store, user: User, now: datetime, seen: InspectorState, smallest_count: int
) -> Answer:
    """Ask the store; a place outside the user's scope is no place."""
    explorer = open_explorer(store, user.scope, now.date(), smallest_count)
    place = explorer.territory.find(seen.place)
    question = seen.question
    if place is None:
        return Answer(question, None)
    if place.area is Area.SCHOOLS and question not in _OF_SCHOOL:
        question = Question.SITUATION
    asked = Asked(explorer, place, seen)
    find, _ = _ANSWERS[question]
    return Answer(question, asked, find(asked))


class ExplorationView(pn.viewable.Viewer):
    """Asks what the address asks, beside the other sessions' work, and shows the last answer."""

    def __init__(
        self,
        list_state: ListState,
        user: User,
        store: Store,
        clock: Callable[[], datetime],
        smallest_count: int,
    ) -> None:
        super().__init__()
        self._list_state = list_state
        self._user = user
        self._store = store
        self._clock = clock
        self._smallest_count = smallest_count
        self._asked = 0
        self._head = LiveHtml(stylesheets=[_STYLE], sizing_mode="stretch_width", margin=(0, 10))
        self._status = Announcer(text=_BUSY, margin=(4, 10), styles={"color": "#3d4a5c"})
        self._refresh = pmui.Button(
            label="Actualiser", size="small", variant="text", on_click=self.ask
        )
        self._views = {question: view() for question, (_, view) in _ANSWERS.items()}
        self._bodies = {
            question: pn.Column(view, sizing_mode="stretch_width", visible=False)
            for question, view in self._views.items()
        }
        list_state.param.watch(self.ask, ["inspector", "tab"])
        pn.state.onload(self.ask)

    def ask(self, *_: Any) -> None:
        """Ask what the address asks now, if the tab is shown."""
        if self._list_state.tab is Tab.STATISTICS:
            self._status.text = _BUSY
            pn.state.execute(self.answer)

    def refresh(self) -> None:
        """Say that the figures are no longer those of now: counting a scope at each change in one
        of its schools would never end.
        """
        if self._status.text.startswith(_DATED) and not self._status.text.endswith(_CHANGED):
            self._status.text += _CHANGED

    async def answer(self) -> None:
        """Find the answer in a thread, and show it unless another has been asked for since."""
        self._asked += 1
        number, now, seen = self._asked, self._clock(), self._list_state.inspector
        arguments = self._store, self._user, now, seen, self._smallest_count
        answer = None
        try:
            answer = await asyncio.to_thread(find_answer, *arguments)
        finally:
            # only the document's own turn may change what is shown
            pn.state.execute(partial(self._arrive, number, answer, now), schedule=True)

    def _arrive(self, number: int, answer: Answer | None, now: datetime) -> None:
        """Show what was found; ``None`` if it failed."""
        if number != self._asked:
            return
        if answer is not None:
            self._display(answer)
        self._status.text = f"{_DATED} {now:%d/%m/%Y à %H:%M:%S}" if answer else ""

    def _display(self, answer: Answer) -> None:
        asked = answer.asked
        if asked is None:
            self._head.html = _missing(self._list_state.inspector.place)
        else:
            self._head.html = _head(asked, answer.question)
            self._views[answer.question].display(asked, answer.found)
        for question, body in self._bodies.items():
            body.visible = asked is not None and question is answer.question

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Column(
            self._head,
            pn.FlexBox(self._status, self._refresh, align_items="center"),
            *self._bodies.values(),
            sizing_mode="stretch_width",
        )


def _missing(place: str) -> str:
    """The same of a place of others as of one that does not exist."""
    return (
        f'<h2 tabindex="-1" data-arrival>{_NO_SUCH_PLACE}</h2>'
        + html.paragraph(f"Le lien demande « {clean(place)[:_LONGEST_SHOWN]} ».")
        + f"<p>{html.step('Revenir à mes établissements', InspectorState().address())}</p>"
    )


def _head(asked: Asked, question: Question) -> str:
    label = html.text(asked.label)
    nowhere = html.paragraph(_NO_SCHOOL) if asked.explorer.territory.schools.empty else ""
    return (
        _breadcrumb(asked, asked.explorer)
        + f'<h2 tabindex="-1" data-arrival>{label}</h2>'
        + nowhere
        + _questions(asked, question)
    )


def _breadcrumb(asked: Asked, explorer: Explorer) -> str:
    *above, here = explorer.territory.path(asked.place)
    if not above:
        return ""
    links = "".join(f"<li>{_step_to(asked, place)}</li>" for place in above)
    last = f'<li aria-current="page">{html.text(explorer.territory.label(here))}</li>'
    return f'<nav aria-label="Fil d\'Ariane"><ol>{links}{last}</ol></nav>'


def _step_to(asked: Asked, place: Place) -> str:
    return html.step(asked.explorer.territory.label(place), asked.address(place))


def _questions(asked: Asked, current: Question) -> str:
    offered = _OF_SCHOOL if asked.place.area is Area.SCHOOLS else tuple(Question)
    links = "".join(
        "<li>"
        + html.step(
            question.label,
            asked.seen.address(question=question),
            current="page" if question is current else "",
        )
        + "</li>"
        for question in offered
    )
    return f'<nav aria-label="Questions"><ul>{links}</ul></nav>'
