"""The banner above every tab: sheets that were produced and wait to be downloaded."""

import io
from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmui

from dashboard.actions.productions import Production
from dashboard.domain.document import Document
from dashboard.domain.errors import Refused
from dashboard.views.components import html
from dashboard.views.components.repairs import Announcer
from dashboard.views.state.waiting_sheets import WaitingSheets

DOWNLOAD_SHEETS = "Télécharger les feuilles (PDF)"
_LOST = (
    " Abandonner ? Les mots de passe sont perdus : il faudra notifier ces comptes de nouveau, "
    "ou les réinitialiser."
)
_STYLE = "p { margin: 4px 0; overflow-wrap: anywhere; }"
_WAITING = {"background": "#fdf3dc", "border-left": "4px solid #b36b00", "color": "#5a3900"}
_TAKEN = {"background": "#eef2f6", "border-left": "4px solid #5b6675"}


class WaitingBanner(pn.viewable.Viewer):
    """Shows the sets of `WaitingSheets`, each with what can be done with it."""

    def __init__(self, waiting: WaitingSheets) -> None:
        super().__init__()
        self._waiting = waiting
        self._problem = Announcer(margin=(0, 10), styles={"font-weight": "600"})
        self._sets = pn.Column(sizing_mode="stretch_width", margin=0)
        self._rows: dict[int, _Row] = {}
        waiting.param.watch(self._show, ["sets", "giving_up"])
        self._show()

    def _show(self, *_: Any) -> None:
        """Show each set; a row stays, since a download may be under way in it."""
        sets = {one.number: one for one in self._waiting.sets}
        self._rows = {n: self._rows.get(n) or _Row(n, self._waiting, self._say) for n in sets}
        for number, row in self._rows.items():
            row.show(sets[number], number == self._waiting.giving_up)
        if self._sets.objects != (bodies := [row.body for row in self._rows.values()]):
            self._sets.objects = bodies

    def _say(self, problem: str) -> None:
        self._problem.text = problem

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Column(self._problem, self._sets, sizing_mode="stretch_width", margin=0)


class _Row:
    """One set: what it is, and its buttons."""

    def __init__(self, number: int, waiting: WaitingSheets, say: Callable[[str], None]) -> None:
        self._number, self._waiting, self._say = number, waiting, say
        self._text = pn.pane.HTML(stylesheets=[_STYLE], margin=0)
        self._download = download_button(DOWNLOAD_SHEETS, self._document)
        self._end = _button("", lambda: waiting.ask_to_give_up(number))
        self._give_up = _button("Abandonner définitivement", waiting.give_up)
        self._keep = _button("Garder ces feuilles", waiting.keep)
        self.body = pn.FlexBox(
            *(self._text, self._download, self._end, self._give_up, self._keep),
            align_items="center",
            gap="0.25rem 0.75rem",
            margin=(4, 10),
            sizing_mode="stretch_width",
        )

    def show(self, one: Production, is_asked: bool) -> None:
        """Show how it is now."""
        waits = one.downloaded_at is None
        self._text.object = html.paragraph(one.describe() + (_LOST if is_asked else ""))
        self._end.label = "Abandonner" if waits else "C'est enregistré"
        self._download.visible = self._end.visible = not is_asked
        self._give_up.visible = self._keep.visible = is_asked
        self.body.styles = {"padding": "4px 10px", **(_WAITING if waits else _TAKEN)}

    def _document(self) -> Document:
        try:
            return self._waiting.download(self._number)
        except Refused as refused:
            self._say(" ".join(refused.reasons))
            raise


def _button(label: str, act: Callable[[], None]) -> pmui.Button:
    return pmui.Button(
        label=label, variant="outlined", size="small", margin=0, on_click=lambda _: act()
    )


def download_button(label: str, document: Callable[[], Document]) -> pmui.FileDownload:
    """A button that gives the document that is made when it is pressed."""
    button = pmui.FileDownload(
        label=label, filename="document", variant="outlined", size="small", margin=0, auto=True
    )

    def content() -> io.BytesIO:
        made = document()
        button.data = None  # the same bytes twice would not be a change
        button.filename = made.filename
        return io.BytesIO(made.content)

    button.callback = content
    return button
