"""Which student a guardian's stated child is: the state behind the dialog, and its form."""

from datetime import date
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from dashboard.actions.batch import Asker
from dashboard.actions.clarify import clarify, who_it_may_be
from dashboard.actions.services import Services
from dashboard.domain.action import Action
from dashboard.domain.candidates import Candidate
from dashboard.domain.errors import Refused
from dashboard.domain.filters import NO_CLASS, AccountFilter
from dashboard.domain.french import day, plural
from dashboard.domain.people import ListedAccount
from dashboard.domain.scope import ActingScope, PeopleScope, User
from dashboard.domain.stated import OUTSIDE, StatedChild
from dashboard.store.account_detail import AccountDetail
from dashboard.store.accounts import count_accounts
from dashboard.store.engine import Store
from dashboard.views.components import html
from dashboard.views.components.repairs import Announcer
from dashboard.views.state.list_state import ListState

_NOT_YET = -1
_CHOOSE = "Choisir l'élève…"
_OUTSIDE = "Aucun élève de cette école"
_CHILD, _STUDENT = "Enfant indiqué par le responsable", "Élève de l'école"

Options = dict[str, int]


class Clarifying(param.Parameterized):
    """The children of one account that are to be clarified, one of them chosen, and its student.

    `offered` has a number for each choice, by its words; `said` is what came of the last one.
    """

    children = param.ClassSelector(class_=tuple, default=())
    child = param.Integer(0, doc="The number of the stated child; 0 for none.")
    student = param.Integer(_NOT_YET, doc="The chosen student, `OUTSIDE`, or -1 before a choice.")
    offered = param.Dict({})
    said = param.String("")

    def __init__(self, user: User, services: Services) -> None:
        super().__init__()
        self._user = user
        self._services = services
        self._listed: ListedAccount | None = None

    def show(self, detail: AccountDetail) -> None:
        """Take the account as it is now; a choice that is being made stays if it still can be."""
        other = self._listed is None or self._listed.account_id != detail.listed.account_id
        self.said = "" if other else self.said
        self._listed = detail.listed
        self.children = tuple(sorted(detail.stated, key=lambda one: not one.is_to_clarify))
        numbers = [one.child_id for one in detail.stated]
        if other or self.child not in numbers:
            self.choose(self.children[0].child_id if self.children else 0)
        else:
            self._offer()

    def choose(self, child: int) -> None:
        """Turn to one of the children."""
        self.child = child
        self.student = _NOT_YET
        self._offer()

    @property
    def chosen(self) -> StatedChild | None:
        return next((one for one in self.children if one.child_id == self.child), None)

    def _offer(self) -> None:
        child, scope = self.chosen, self._scope
        if child is None or scope is None or self._listed is None:
            self.offered = {}
            return
        found = who_it_may_be(self._services.store, scope, self._listed, child)
        choices = {_CHOOSE: _NOT_YET, _OUTSIDE: OUTSIDE}
        for one in found:
            words = _words(one)
            twin = f" – n° {one.student_id}" if words in choices else ""
            choices[words + twin] = one.student_id
        self.offered = choices
        if self.student not in choices.values():
            self.student = _NOT_YET

    @property
    def _scope(self) -> ActingScope | None:
        return self._user.acting_in(self._listed.uai) if self._listed else None

    def save(self) -> None:
        """Write the choice; `said` says what came of it."""
        child, scope, listed = self.chosen, self._scope, self._listed
        if child is None or scope is None or listed is None:
            return
        if self.student == _NOT_YET:
            self.said = "Choisissez d'abord un élève."
            return
        asker = Asker(self._user.label, self._services.clock())
        try:
            clarify(self._services.store, scope, listed, child, self.student, asker)
        except Refused as refused:
            self.said = " ".join(refused.reasons)
            return
        self.child = 0  # the next one to be clarified comes up
        self.said = "Enfant précisé."


def _words(candidate: Candidate) -> str:
    student = candidate.student
    classes = [label or NO_CLASS for label in student.class_labels]
    facts = [student.full_name, *classes, day(student.born_on)]
    said = f" ({', '.join(candidate.evidence)})" if candidate.evidence else ""
    return ", ".join(fact for fact in facts if fact) + said


def stated_text(child: StatedChild) -> str:
    """A stated child in words: as the file states it, and why it could not be told."""
    stated = [child.full_name, child.stated_class, day(child.born_on)]
    said = ", ".join(fact for fact in stated if fact) or "enfant non indiqué"
    return f"{said} : {child.why.label}"


def unclear_html(store: Store, scope: PeopleScope, list_state: ListState, today: date) -> str:
    """How many accounts have a child to be clarified, with the way to them; nothing for none."""
    found = count_accounts(store, scope, AccountFilter(to_clarify=True), today)
    if not found:
        return ""
    said = f"{plural(found, 'compte')} avec un enfant à préciser, compté dans les totaux"
    return f"<p>{html.text(said)} : {html.step('les voir', list_state.unclear_address())}</p>"


class ClarifyForm(pn.viewable.Viewer):
    """Draws `Clarifying`: the child, the students it may be, and the button that says so."""

    def __init__(self, state: Clarifying) -> None:
        super().__init__()
        self._state = state
        self._showing = False
        self._child = self._make_choice(_CHILD, {}, None)
        self._student = self._make_choice(_STUDENT, {}, None)
        self._save = pmui.Button(
            label=Action.CLARIFY.label,
            variant="outlined",
            size="small",
            margin=0,
            on_click=lambda _: state.save(),
        )
        self._said = Announcer()
        self._form = pn.FlexBox(
            self._child,
            self._student,
            self._save,
            self._said,
            align_items="end",
            gap="0.75rem",
            margin=(16, 0, 0, 0),
            sizing_mode="stretch_width",
        )
        state.param.watch(self._display, ["children", "child", "student", "offered", "said"])
        self._display()

    def _display(self, *_: Any) -> None:
        state = self._state
        self._showing = True
        try:
            self._form.visible = bool(state.children)
            options = {stated_text(one): one.child_id for one in state.children}
            self._child = self._choice(self._child, options, state.child or None)
            self._student = self._choice(self._student, state.offered, state.student)
            self._said.text = state.said
            parts = [self._child, self._student, self._save, self._said]
            if self._form.objects != parts:
                self._form.objects = parts
        finally:
            self._showing = False

    def _choice(self, shown: pn.widgets.Select, options: Options, value: object) -> Any:
        """The control with these options: another one where what it shows is not what was chosen in
        it, since those of a dialog that is not drawn yet fail in the browser when they are set.
        """
        if (shown.options, shown.value) == (options, value):
            return shown
        return self._make_choice(shown.label, options, value)

    def _make_choice(self, label: str, options: Options, value: object) -> pn.widgets.Select:
        """The native control, whose options are text: names are other people's."""
        made = pn.widgets.Select(label=label, options=options, value=value)
        made.param.watch(self._on_child if label == _CHILD else self._on_student, "value")
        return made

    def _on_child(self, event: Any) -> None:
        if not self._showing and event.new:
            self._state.choose(event.new)

    def _on_student(self, event: Any) -> None:
        if not self._showing and event.new is not None:
            self._state.student = event.new

    def __panel__(self) -> pn.viewable.Viewable:
        return self._form
