"""The bar of filters above the table: what it shows is what the state says, both ways."""

from functools import partial
from html import escape
from typing import Any

import panel as pn
import panel_material_ui as pmui

from dashboard.domain.account import Origin, State
from dashboard.domain.filters import NO_CLASS, AccountFilter, Email
from dashboard.views.components.help_button import HelpButton
from dashboard.views.components.repairs import make_text_box
from dashboard.views.state.list_state import ListState

_TYPING_PAUSE_MS = 300
_ANY = "Toutes"


def _label(name: str) -> str:
    return AccountFilter.definition(name).label


class FilterBar(pn.viewable.Viewer):
    """Search, classes, states, e-mail, origin, expiry and children to be clarified."""

    def __init__(self, list_state: ListState) -> None:
        super().__init__()
        self._list_state = list_state
        self._showing = False
        self._typed = 0
        # What the list was last searched for: what is typed since then stays.
        self._searched: str | None = ""
        self._search = make_text_box(
            label=_label("search"), placeholder="d'un responsable ou d'un élève", size="small"
        )
        # Class labels are other people's text, and this component takes its labels for HTML.
        self._classes = pn.widgets.MultiChoice(
            label=_label("classes"), options={}, placeholder=_ANY, min_width=240, margin=(0, 10)
        )
        self._states = pmui.CheckBoxGroup(
            label=_label("states"),
            options={state.label: state for state in State},
            inline=True,
        )
        self._email = pn.widgets.Select(
            label=_label("email"),
            options={_ANY: ""} | {email.label.capitalize(): email.value for email in Email},
            width=170,
        )
        self._origin = pn.widgets.Select(
            label=_label("origin"),
            options={_ANY: ""} | {origin.label: origin.value for origin in Origin},
            width=170,
        )
        self._expired = pmui.Checkbox(label=_label("expired"))
        self._to_clarify = pmui.Checkbox(label=_label("to_clarify"))
        self._clear = pmui.Button(
            label="Effacer les filtres", variant="outlined", size="small", on_click=self._on_clear
        )
        self._search.param.watch(self._on_typed, "value_input")
        chosen = (self._classes, self._states, self._email, self._origin, self._expired)
        for widget in (*chosen, self._to_clarify):
            widget.param.watch(self._on_chosen, "value")

    def offer_classes(self, labels: list[str]) -> None:
        """Offer these classes to choose from."""
        options = {escape(label or NO_CLASS): label for label in labels}
        if options == self._classes.options:
            return  # drawn anew, the box would lose the focus and move what is below it
        self._showing = True
        try:
            wanted = [label for label in self._list_state.conditions.classes if label in labels]
            self._classes.param.update(options=options, value=wanted)
        finally:
            self._showing = False

    def display(self) -> None:
        """Show the conditions of the state."""
        seen: AccountFilter = self._list_state.conditions
        offered = self._classes.options.values()
        self._showing = True
        try:
            if self._searched != seen.search:
                self._searched = seen.search
                self._search.param.update(value=seen.search, value_input=seen.search)
            self._classes.value = [label for label in seen.classes if label in offered]
            self._states.value = list(seen.states)
            self._email.value = seen.email.value if seen.email else ""
            self._origin.value = seen.origin.value if seen.origin else ""
            self._expired.value = seen.expired
            self._to_clarify.value = seen.to_clarify
            self._clear.disabled = seen.is_empty
        finally:
            self._showing = False

    def _on_typed(self, event: Any) -> None:
        """Wait for a pause in the typing before searching."""
        document = pn.state.curdoc
        if self._showing or event.new == self._list_state.conditions.search:
            return
        if document is None:
            self._apply()
            return
        self._typed += 1
        document.add_timeout_callback(partial(self._after_pause, self._typed), _TYPING_PAUSE_MS)

    def _after_pause(self, typed: int) -> None:
        if typed == self._typed:
            self._ask()

    def _on_chosen(self, _: Any) -> None:
        if not self._showing:
            self._ask()

    def _ask(self) -> None:
        """Filter once the page is ready: what is shown anew before that never reaches it."""
        pn.state.onload(self._apply)

    def _on_clear(self, _: Any) -> None:
        self._typed += 1
        self._searched = None
        self._list_state.filter(AccountFilter())

    def _apply(self) -> None:
        chosen = set(self._states.value)
        search = self._searched = (self._search.value_input or "").strip()
        self._list_state.filter(
            AccountFilter(
                search=search,
                classes=tuple(self._classes.value),
                states=tuple(state for state in State if state in chosen),
                email=Email(self._email.value) if self._email.value else None,
                origin=Origin(self._origin.value) if self._origin.value else None,
                expired=self._expired.value,
                to_clarify=self._to_clarify.value,
            )
        )

    def __panel__(self) -> pn.viewable.Viewable:
        flexible = {"align_items": "end", "gap": "0.25rem 1rem", "sizing_mode": "stretch_width"}
        return pn.Column(
            pn.FlexBox(self._search, self._classes, self._email, self._origin, **flexible),
            pn.FlexBox(
                self._states,
                self._expired,
                self._to_clarify,
                HelpButton("filters"),
                self._clear,
                **flexible,
            ),
            sizing_mode="stretch_width",
        )
