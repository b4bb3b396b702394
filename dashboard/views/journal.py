"""The tab Journal: who did what, when, to which account of the school, or of the installation."""

import io
from datetime import date, timedelta
from typing import Any

import panel as pn
import panel_material_ui as pmui

from dashboard.actions.services import Services
from dashboard.domain.action import Action
from dashboard.domain.french import plural
from dashboard.domain.journal import AUDIT_HEADINGS, AuditFilter, StaffAction, audit_cells
from dashboard.domain.paging import Page
from dashboard.domain.scope import Role, Scope, User
from dashboard.outputs.csv_files import csv_document
from dashboard.store.journal import audit, count_audited
from dashboard.views.components import html
from dashboard.views.components.repairs import Announcer, LiveHtml
from dashboard.views.state.list_state import ListState, Tab

_PAGE_SIZE = 50
_MOST_ROWS = 100_000
_STYLE = html.TABLE_STYLE + "td, thead th { text-align: left; } tbody th { white-space: nowrap; }"
_NO_SCHOOL = "Choisissez d'abord un établissement dans l'onglet Accueil."
_PERIODS = {"Tout": 0, "7 derniers jours": 7, "30 derniers jours": 30, "90 derniers jours": 90}
_TITLE = "Journal des actions"


class JournalView(pn.viewable.Viewer):
    """Shows the journal, newest first, page by page."""

    def __init__(self, list_state: ListState, user: User, services: Services) -> None:
        super().__init__()
        self._list_state = list_state
        self._user = user
        self._staff = user.staff_scope
        self._services = services
        self._page = 1
        self._message = pmui.Alert(object=_NO_SCHOOL, severity="info", visible=False)
        self._make_filters()
        self._count = Announcer(margin=(8, 10), styles={"font-weight": "600"})
        self._table = LiveHtml(stylesheets=[_STYLE], sizing_mode="stretch_width", margin=(0, 10))
        self._newer = self._make_step("Plus récent", -1)
        self._older = self._make_step("Plus ancien", 1)
        self._csv = pmui.FileDownload(
            callback=self._document,
            filename="journal.csv",
            label="Télécharger le journal en CSV",
            size="small",
            variant="outlined",
        )
        self._body = pn.Column(
            pn.FlexBox(
                self._actor, self._action, self._period, self._refused, align_items="center"
            ),
            pn.FlexBox(self._count, self._csv, align_items="center"),
            self._table,
            pn.FlexBox(self._newer, self._older, gap="0.5rem"),
            sizing_mode="stretch_width",
        )
        list_state.param.watch(self._on_place, ["school", "tab"])
        self.refresh()

    def _make_filters(self) -> None:
        self._actor = pmui.TextInput(label="Par", placeholder="nom de la personne", size="small")
        self._actions: dict[str, Action | StaffAction] = {a.label: a for a in Action}
        if self._staff:
            self._actions |= {action.past: action for action in StaffAction}
        self._action = pn.widgets.Select(
            label="Action", options=["Toutes", *self._actions], width=260
        )
        self._period = pn.widgets.Select(label="Période", options=_PERIODS, width=180)
        self._refused = pmui.Checkbox(label="Seulement les refus")
        for widget in (self._actor, self._action, self._period, self._refused):
            widget.param.watch(self._on_filter, "value")

    def _make_step(self, label: str, step: int) -> pmui.Button:
        return pmui.Button(
            label=label, variant="outlined", size="small", on_click=lambda _: self._turn(step)
        )

    @property
    def _scope(self) -> Scope | None:
        if self._user.role is Role.ADMINISTRATOR:
            return Scope.nation()
        return self._user.people_in(self._list_state.school)

    @property
    def _conditions(self) -> AuditFilter:
        days = self._period.value
        return AuditFilter(
            actor=(self._actor.value or "").strip(),
            action=self._actions.get(self._action.value),
            since=self._today() - timedelta(days=days) if days else None,
            refused_only=self._refused.value,
        )

    def _today(self) -> date:
        return self._services.clock().date()

    def refresh(self) -> None:
        """Show the journal as it is now, if it is shown."""
        scope = self._scope
        self._message.visible, self._body.visible = scope is None, scope is not None
        if scope is None or self._list_state.tab is not Tab.JOURNAL:
            return
        count = count_audited(self._services.store, scope, self._staff, self._conditions)
        page = Page.at(self._page, count, _PAGE_SIZE)
        self._page = page.number
        entries = audit(
            self._services.store, scope, self._staff, self._conditions, page.size, page.offset
        )
        rows = [audit_cells(entry) for entry in entries]
        self._table.html = html.table(_TITLE, AUDIT_HEADINGS, rows, row_headers=True)
        found = plural(count, "entrée")
        self._count.text = f"{found} – page {page.place}"
        self._newer.disabled, self._older.disabled = page.is_first, page.is_last

    def _on_place(self, *_: Any) -> None:
        self._page = 1
        self.refresh()

    def _on_filter(self, _: Any) -> None:
        self._page = 1
        self.refresh()

    def _turn(self, step: int) -> None:
        self._page += step
        self.refresh()

    def _document(self) -> io.BytesIO:
        scope = self._scope
        if scope is None:
            raise PermissionError("no school of this user is chosen")
        entries = audit(self._services.store, scope, self._staff, self._conditions, _MOST_ROWS, 0)
        name = f"journal_{self._list_state.school or 'installation'}_{self._today():%Y-%m-%d}.csv"
        document = csv_document(name, AUDIT_HEADINGS, map(audit_cells, entries))
        self._csv.data = None  # the same bytes twice would not be a change
        self._csv.filename = document.filename
        return io.BytesIO(document.content)

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Column(self._message, self._body, sizing_mode="stretch_width")
