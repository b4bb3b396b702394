"""The banner above every tab: sheets that were produced and wait to be downloaded."""

import io
from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmui

from dashboard.actions.productions import Production
from dashboard.domain.document import Document
from dashboard.domain.problem import Refused
from dashboard.views import html
from dashboard.views.repairs import Announcer
from dashboard.views.waiting_sheets import WaitingSheets

DOWNLOAD_SHEETS = "Télécharger les feuilles (PDF)"
_LOST = (
    "Abandonner ces feuilles ? Leurs mots de passe sont perdus : il faudra notifier de nouveau ces "
    "comptes, ou les réinitialiser."
)
_STYLE = "p { margin: 4px 0; overflow-wrap: anywhere; }"
_WAITING = {"background": "#fdf3dc", "border-left": "4px solid #b36b00", "color": "#5a3900"}
_TAKEN = {"background": "#eef2f6", "border-left": "4px solid #5b6675"}


class WaitingBanner(pn.viewable.Viewer):
    """Shows the sets of `WaitingSheets`, each with what can be done with it."""

    def __init__(self, waiting: WaitingSheets) -> None:
        super().__init__()
        self._waiting = waiting
        self._problem = Announcer(margin=(4, 10), styles={"font-weight": "600"})
        self._sets = pn.Column(sizing_mode="stretch_width")
        self._rows: dict[tuple[Production, bool], pn.viewable.Viewable] = {}
        waiting.param.watch(self._show, ["sets", "giving_up"])
        self._show()

    def _show(self, *_: Any) -> None:
        """Show each set; a row that is as it was stays, with the focus in it."""
        seen = [(one, one.number == self._waiting.giving_up) for one in self._waiting.sets]
        self._rows = {key: self._rows.get(key) or self._row(*key) for key in seen}
        if self._sets.objects != (rows := list(self._rows.values())):
            self._sets.objects = rows

    def _row(self, one: Production, is_asked: bool) -> pn.viewable.Viewable:
        waits = one.downloaded_at is None
        said = html.paragraph(one.describe()) + (html.paragraph(_LOST) if is_asked else "")
        buttons = self._answers() if is_asked else self._choices(one, waits)
        return pn.FlexBox(
            pn.pane.HTML(said, stylesheets=[_STYLE], margin=0),
            *buttons,
            align_items="center",
            gap="0.25rem 0.75rem",
            margin=(4, 10),
            styles={"padding": "4px 10px", **(_WAITING if waits else _TAKEN)},
            sizing_mode="stretch_width",
        )

    def _choices(self, one: Production, waits: bool) -> list[pn.viewable.Viewable]:
        number, label = one.number, "Abandonner" if waits else "C'est enregistré"
        return [
            download_button(DOWNLOAD_SHEETS, lambda: self._download(number)),
            _button(label, lambda: self._waiting.ask_to_give_up(number)),
        ]

    def _answers(self) -> list[pn.viewable.Viewable]:
        return [
            _button("Abandonner définitivement", self._waiting.give_up),
            _button("Garder ces feuilles", self._waiting.keep),
        ]

    def _download(self, number: int) -> Document:
        try:
            return self._waiting.download(number)
        except Refused as refused:
            self._problem.text = " ".join(refused.reasons)
            raise

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Column(self._problem, self._sets, sizing_mode="stretch_width", margin=0)


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
