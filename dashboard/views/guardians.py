"""The tab Responsables: filters, the table of accounts, paging, selection, lists to download."""

import asyncio
import io
from functools import partial
from html import escape
from typing import Any

import panel as pn
import panel_material_ui as pmui

from dashboard.actions.list_accounts import ListFormat, list_accounts
from dashboard.actions.services import Services
from dashboard.domain.action import BULK_ACTIONS, Action, decide
from dashboard.domain.filters import AccountFilter, Sort, SortColumn
from dashboard.domain.french import number, plural
from dashboard.domain.paging import Page
from dashboard.domain.scope import PeopleScope, User
from dashboard.domain.search import Search
from dashboard.store.accounts import (
    account_ids,
    classes,
    count_accounts,
    count_kinds,
    listed_accounts,
)
from dashboard.views.account_table import AccountTable
from dashboard.views.action_dialog import NO_MAIL_SERVER
from dashboard.views.clarifying import unclear_html
from dashboard.views.components import html
from dashboard.views.components.help_button import HelpButton
from dashboard.views.components.repairs import Announcer, LiveHtml
from dashboard.views.filter_bar import FilterBar
from dashboard.views.state.action_state import ActionState
from dashboard.views.state.list_state import ListState, Tab
from dashboard.wording.account_columns import LISTING

PAGE_SIZE = 25

_NO_SCHOOL = "Choisissez d'abord un établissement dans l'onglet Accueil."
_NO_ACCOUNT = (
    "Aucun compte dans cette école pour le moment. Importez ses extractions ONDE avec la "
    "commande « educonnect import »."
)
_SELECT_FIRST = "Cochez des comptes pour les notifier ou pour réinitialiser leurs mots de passe."
_WHY_NOT_STYLE = "ul { margin: 0 10px; padding-left: 1.1rem; color: #3d4a5c; font-size: 0.85rem; }"
_BANNER_STYLE = """
p { margin: 6px 10px; padding: 4px 10px; font-size: 0.85rem; color: #5a3900; background: #fdf3dc;
  border-left: 4px solid #b36b00; }
"""
_NO_MATCH = "Aucun compte ne répond à ces filtres. Élargissez-les ou effacez-les."


class GuardiansView(pn.viewable.Viewer):
    """Shows the accounts of the chosen school that meet the state's conditions, page by page."""

    def __init__(
        self, list_state: ListState, user: User, services: Services, action_state: ActionState
    ) -> None:
        super().__init__()
        self._list_state = list_state
        self._user = user
        self._store = services.store
        self._clock = services.clock
        self._action_state = action_state
        self._matches = 0
        self._showing = False
        self._filters = FilterBar(list_state)
        self._table = AccountTable(list_state)
        self._result = Announcer(margin=(8, 10), styles={"font-weight": "600"})
        self._message = pmui.Alert(object="", severity="info", visible=False)
        self._unclear = LiveHtml(
            stylesheets=[_BANNER_STYLE], sizing_mode="stretch_width", visible=False
        )
        self._make_selection_bar()
        self._make_pager()
        self._body = pn.Column(
            *(_mail_banner(services) if user.acts else []),
            self._filters,
            self._unclear,
            pn.FlexBox(self._all, self._none, *self._lists, align_items="center", gap="0.75rem"),
            *([self._action_bar(), self._why_not] if user.acts else []),
            pn.FlexBox(
                self._result, self._sort, self._descending, align_items="end", gap="0.5rem 1.5rem"
            ),
            self._table,
            pn.FlexBox(*self._steps, self._place, align_items="center", gap="0.5rem"),
            sizing_mode="stretch_width",
        )
        list_state.param.watch(self._on_school, "school")
        list_state.param.watch(self._on_list, ["conditions", "sort", "page", "tab"])
        list_state.param.watch(self._on_selection, "selection")
        self._on_school()

    def _make_selection_bar(self) -> None:
        self._all = pmui.Checkbox(label="Tout sélectionner", indeterminate=True, value=False)
        self._none = pmui.Button(
            label="Effacer la sélection", variant="outlined", size="small", on_click=self._on_none
        )
        self._lists = [self._make_list_button(form) for form in ListFormat]
        self._actions = {action: self._make_action_button(action) for action in BULK_ACTIONS}
        self._why_not = LiveHtml(stylesheets=[_WHY_NOT_STYLE], sizing_mode="stretch_width")
        self._all.param.watch(self._on_all, "value")

    def _action_bar(self) -> pn.FlexBox:
        return pn.FlexBox(
            *self._actions.values(),
            HelpButton("actions"),
            align_items="center",
            gap="0.5rem",
            margin=(0, 10),
        )

    def _make_action_button(self, action: Action) -> pmui.Button:
        return pmui.Button(
            label=action.label,
            size="small",
            margin=(5, 0),
            on_click=lambda _: self._on_action(action),
        )

    def _make_list_button(self, form: ListFormat) -> pmui.FileDownload:
        button = pmui.FileDownload(
            filename=f"comptes.{form}", size="small", variant="outlined", auto=True
        )
        button.callback = partial(self._list, button, form)
        return button

    def _make_pager(self) -> None:
        steps = {"Première page": -(10**9), "Page précédente": -1}
        steps |= {"Page suivante": 1, "Dernière page": 10**9}
        self._steps = [
            pmui.Button(
                label=label,
                variant="outlined",
                size="small",
                on_click=lambda _, step=step: self._turn(step),
            )
            for label, step in steps.items()
        ]
        self._place = Announcer(margin=(8, 10))
        self._sort = pn.widgets.Select(
            label="Trier par",
            options={heading: SortColumn(column) for column, heading in LISTING.items()},
            width=200,
        )
        self._descending = pmui.Checkbox(label="Ordre décroissant")
        for widget in (self._sort, self._descending):
            widget.param.watch(self._on_order, "value")

    @property
    def _scope(self) -> PeopleScope | None:
        return self._user.people_in(self._list_state.school)

    @property
    def _page(self) -> Page:
        return Page.at(self._list_state.page, self._matches, PAGE_SIZE)

    def _on_school(self, *_: Any) -> None:
        scope = self._scope
        self._filters.offer_classes(classes(self._store, scope) if scope else [])
        self._on_list()

    def refresh(self) -> None:
        """Show the accounts as they are now; filters, page, selection and focus stay."""
        scope = self._scope
        if scope is not None:
            self._filters.offer_classes(classes(self._store, scope))
        self._on_list()

    def _on_list(self, *_: Any) -> None:
        scope = self._scope
        if scope is None:
            self._say(_NO_SCHOOL)
        elif self._list_state.tab is Tab.GUARDIANS:
            self._show(scope)

    def _show(self, scope: PeopleScope) -> None:
        seen, today = self._list_state, self._clock().date()
        self._matches = count_accounts(self._store, scope, seen.conditions, today)
        page = self._page
        accounts = listed_accounts(
            self._store,
            scope,
            seen.conditions,
            seen.sort,
            today,
            limit=page.size,
            offset=page.offset,
        )
        self._filters.display()
        self._table.display(accounts, today)
        self._show_order()
        self._show_page(page)
        self._show_selection(scope)
        self._say("" if accounts else _why_nobody(seen.conditions))

    def _say(self, message: str) -> None:
        """Show a message; without a school, instead of everything else."""
        self._message.param.update(object=message, visible=bool(message))
        self._body.visible = message != _NO_SCHOOL

    def _show_order(self) -> None:
        self._showing = True
        try:
            sort = self._list_state.sort
            self._sort.value, self._descending.value = sort.column, sort.descending
        finally:
            self._showing = False

    def _show_page(self, page: Page) -> None:
        self._result.text = f"{plural(self._matches, 'compte trouvé', 'comptes trouvés')}"
        self._show_unclear()
        self._place.text = f"Page {page.place}"
        first, previous, following, last = self._steps
        first.disabled = previous.disabled = page.is_first
        following.disabled = last.disabled = page.is_last

    def _show_unclear(self) -> None:
        scope, today = self._scope, self._clock().date()
        said = unclear_html(self._store, scope, self._list_state, today) if scope else ""
        self._unclear.param.update(html=said, visible=bool(said))

    def _show_selection(self, scope: PeopleScope) -> None:
        seen, selection = self._list_state, self._list_state.selection
        today = self._clock().date()
        inside = (
            count_accounts(self._store, scope, seen.conditions, today, only=selection)
            if selection
            else 0
        )
        outside = len(selection) - inside
        label = f"Tout sélectionner : {number(inside)} sur {number(self._matches)}"
        if outside:
            label += f", et {number(outside)} hors filtres"
        mixed = 0 < inside < self._matches
        self._showing = True
        try:
            self._all.param.update(label=label, value=None if mixed else inside > 0)
        finally:
            self._showing = False
        self._all.disabled = self._matches == 0
        self._none.disabled = not selection
        what = (
            plural(len(selection), "compte sélectionné", "comptes sélectionnés")
            if selection
            else plural(self._matches, "compte")
        )
        for button, form in zip(self._lists, ListFormat, strict=True):
            button.label = f"Lister les comptes en {form.upper()} ({what})"
            button.disabled = not (selection or self._matches)
        self._show_actions(scope)

    def _show_actions(self, scope: PeopleScope) -> None:
        """Enable what the selected accounts allow; say why the rest is not."""
        selection = self._list_state.selection
        kinds = count_kinds(self._store, scope, selection, self._clock().date())
        reasons = []
        for action, button in self._actions.items():
            decisions = [decide(action, kind.state, kind.origin, kind.has_email) for kind in kinds]
            button.disabled = not any(decision.is_done for decision in decisions)
            if selection and button.disabled:
                why = " ; ".join(dict.fromkeys(decision.reason for decision in decisions))
                reasons.append(f"{action.label} – {why}")
        self._why_not.html = html.bullets(reasons if selection else [_SELECT_FIRST])

    def _on_action(self, action: Action) -> None:
        scope = self._user.acting_in(self._list_state.school)
        selection = self._list_state.selection
        if scope is not None and selection:
            self._action_state.ask(scope, action, selection, self._list_state.conditions)

    def _on_selection(self, *_: Any) -> None:
        if (scope := self._scope) is not None:
            self._table.display_selection()
            self._show_selection(scope)

    def _on_all(self, event: Any) -> None:
        scope = self._scope
        if self._showing or scope is None:
            return
        today = self._clock().date()
        matches = account_ids(self._store, scope, self._list_state.conditions, today)
        self._list_state.select(matches, matches if event.new else [])

    def _on_none(self, _: Any) -> None:
        self._list_state.selection = frozenset()

    def _on_order(self, _: Any) -> None:
        if not self._showing:
            self._list_state.order(Sort(self._sort.value, self._descending.value))

    def _turn(self, step: int) -> None:
        self._list_state.page = self._page.after(step)

    async def _list(self, button: pmui.FileDownload, form: ListFormat) -> io.BytesIO:
        scope = self._scope
        selection = self._list_state.selection
        conditions, sort = self._list_state.conditions, self._list_state.sort
        if scope is None:
            raise PermissionError("no school of this user is chosen")
        if selection:
            conditions = type(conditions)()
        document = await asyncio.to_thread(
            list_accounts,
            self._store,
            scope,
            conditions,
            sort,
            self._clock(),
            form,
            only=selection or None,
        )
        # The same bytes twice would not be a change, and so no second download.
        button.data = None
        button.filename = document.filename
        return io.BytesIO(document.content)

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Column(self._message, self._body, sizing_mode="stretch_width")


def _why_nobody(conditions: AccountFilter) -> str:
    """What is said when no account meets the conditions; an alert takes it for HTML."""
    if reason := Search(conditions.search).reason:
        return escape(reason[0].upper() + reason[1:])
    return _NO_ACCOUNT if conditions.is_empty else _NO_MATCH


def _mail_banner(services: Services) -> list[pn.pane.HTML]:
    """Says so while messages go into a folder."""
    if services.mail_folder is None:
        return []
    return [pn.pane.HTML(html.paragraph(NO_MAIL_SERVER), stylesheets=[_BANNER_STYLE], margin=0)]
