"""The guardians' table: one page of accounts, sorted and selected by the state, not by itself."""

import time
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import pandas as pd
import panel as pn

from dashboard.domain.account import State, is_expired
from dashboard.domain.filters import Sort, SortColumn
from dashboard.domain.people import ListedAccount
from dashboard.views.state.list_state import ListState
from dashboard.wording.account_columns import LISTING, account_cells
from dashboard.wording.states import STATES

_STATE_STYLES = {
    look.label: f"background-color: {look.light.soft}; color: {look.light.word}"
    for look in STATES.values()
}
# The guardian's name is a link to the account: it takes the focus, and opens in a tab of its own.
_LINK = "link"
_SETTLED_SECONDS = 1.0
_FORMATTERS: dict[str, Any] = dict.fromkeys(LISTING, "textarea") | {
    "guardian": {"type": "link", "urlField": _LINK}
}
_EXPIRED = f"{State.NOTIFIED.label} (expirée)"
_STATE_STYLES[_EXPIRED] = "background-color: #fbd9d3; color: #6b1408"
_WIDTHS = {
    "classes": 110,
    "identifier": 92,
    "email": 235,
    "origin": 108,
    "state": 145,
    "distributed_on": 105,
    "last_access_on": 100,
}
_STYLE = """
:host(.bk-panel-models-tabulator-DataTabulator), .tabulator { font-size: 13px !important; }
/* Narrow screens scroll the table, not the page (a layout would widen all for a min_width). */
:host { overflow-x: auto; }
.tabulator { border: 1px solid #d5dae1; min-width: 1220px; }
.tabulator-header input[type=checkbox] { display: none; }
.tabulator-col-title { white-space: normal !important; }
.tabulator-cell { white-space: normal !important; overflow-wrap: anywhere; }
.tabulator-cell a { color: #00507d; }
.tabulator-cell a:focus-visible { outline: 3px solid #00507d; outline-offset: 1px; }
.tabulator-row { cursor: pointer; }
.tabulator-row:hover { background-color: #f1f5f9 !important; }
.tabulator-row.tabulator-selected, .tabulator-row.tabulator-selected .tabulator-cell {
  background-color: #e3f0fb !important; color: #16202c !important;
}
.tabulator-row.tabulator-selected .tabulator-cell[tabulator-field=state] { font-weight: 600; }
"""


class AccountTable(pn.viewable.Viewer):
    """Shows the accounts it is given; tells the state what the visitor sorts and ticks."""

    def __init__(self, list_state: ListState) -> None:
        super().__init__()
        self._list_state = list_state
        self._shown: list[int] = []
        self._replaced_at = 0.0
        self._showing = False
        self._table = pn.widgets.Tabulator(
            _frame([], date.min, list_state.query),
            pagination=None,
            disabled=True,
            show_index=False,
            selectable="checkbox",
            editors=dict.fromkeys(LISTING),
            titles=LISTING,
            layout="fit_columns",
            formatters=_FORMATTERS,
            hidden_columns=[_LINK],
            widths=_WIDTHS,
            configuration={
                "sortMode": "remote",
                "columnDefaults": {"headerSortTristate": True},
            },
            stylesheets=[_STYLE],
            sizing_mode="stretch_width",
            theme="simple",
        )
        self._table.style.map(_state_style, subset=["state"])
        self._table.param.watch(self._on_ticked, "selection")
        self._table.param.watch(self._on_sorted, "sorters")
        self._table.on_click(self._on_click)

    def display(self, accounts: Sequence[ListedAccount], today: date) -> None:
        """Show a page of accounts; of the page that is shown already, only what has changed."""
        shown = [account.account_id for account in accounts]
        frame = _frame(accounts, today, self._list_state.query)
        self._showing = True
        try:
            if shown and shown == self._shown and self._sorters_are_right():
                self._patch(frame)
            else:
                self._shown = shown
                self._replace(frame)
        finally:
            self._showing = False

    def _sorters_are_right(self) -> bool:
        return bool(self._table.sorters == _sorters(self._list_state.sort))

    def _patch(self, frame: pd.DataFrame) -> None:
        """Change cells in place, so that focus, scrolling and ticks stay."""
        before = self._table.value
        patches = {
            column: [
                (row, new)
                for row, (old, new) in enumerate(zip(before[column], frame[column], strict=True))
                if old != new
            ]
            for column in frame
        }
        patches = {column: cells for column, cells in patches.items() if cells}
        if patches:
            self._table.patch(patches)

    def _replace(self, frame: pd.DataFrame) -> None:
        # In this order: sorting empties the browser's table, and a selection set together with
        # the rows is not ticked.
        if not self._sorters_are_right():
            self._table.sorters = _sorters(self._list_state.sort)
        self._table.selection = []
        self._table.value = frame
        self._tick()
        self._replaced_at = time.monotonic()

    def display_selection(self) -> None:
        """Tick the rows that the state has selected."""
        self._showing = True
        try:
            self._tick()
        finally:
            self._showing = False

    def _tick(self) -> None:
        selected = self._list_state.selection
        ticked = [row for row, account in enumerate(self._shown) if account in selected]
        if self._table.selection != ticked:
            self._table.selection = ticked

    def _on_ticked(self, event: Any) -> None:
        if self._showing:
            return
        # While its rows are replaced, the browser's table loses its ticks, and says so.
        is_new = time.monotonic() - self._replaced_at < _SETTLED_SECONDS
        if is_new and set(event.new) <= set(event.old):
            self.display_selection()
            return
        chosen = [self._shown[row] for row in event.new if row < len(self._shown)]
        self._list_state.select(self._shown, chosen)

    def _on_sorted(self, event: Any) -> None:
        if self._showing:
            return
        sort = Sort()
        if event.new:
            column, direction = event.new[0]["field"], event.new[0]["dir"]
            sort = Sort(SortColumn(column), direction == "desc")
        self._list_state.order(sort)
        self._list_state.param.trigger("sort")

    def _on_click(self, event: Any) -> None:
        if event.column in LISTING and event.row < len(self._shown):
            self._list_state.account = self._shown[event.row]

    def __panel__(self) -> pn.viewable.Viewable:
        return self._table


def _sorters(sort: Sort) -> list[dict[str, str]]:
    if sort == Sort():
        return []
    return [{"field": sort.column.value, "dir": "desc" if sort.descending else "asc"}]


def _frame(
    accounts: Sequence[ListedAccount], today: date, address: Callable[[int], str]
) -> pd.DataFrame:
    rows = [[*account_cells(account), address(account.account_id)] for account in accounts]
    frame = pd.DataFrame(rows, columns=[*LISTING, _LINK], dtype="str")
    frame.loc[[is_expired(account.account, today) for account in accounts], "state"] = _EXPIRED
    return frame


def _state_style(label: str) -> str:
    return _STATE_STYLES.get(label, "")
