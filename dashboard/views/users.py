"""The tab Utilisateurs: who signs in, with which rights; searched, opened, added."""

from html import escape
from typing import Any

import panel as pn
import panel_material_ui as pmui

from dashboard.actions.services import Services
from dashboard.domain.french import moment, plural
from dashboard.domain.paging import Page
from dashboard.domain.scope import StaffScope
from dashboard.store.staff import Staff, count_staff, listed_staff
from dashboard.views.components import html
from dashboard.views.components.repairs import Announcer, LiveHtml, make_text_box
from dashboard.views.state.list_state import ListState, Tab
from dashboard.views.state.users_state import UsersState

_PAGE_SIZE = 25
_LONGEST_SEARCH = 200
_TITLE = "Utilisateurs"
_COLUMNS = ("Nom", "Identifiant", "Rôle", "Lieux", "État", "Dernière connexion")
_STYLE = (
    html.TABLE_STYLE
    + """
td, thead th { text-align: left; }
td { overflow-wrap: anywhere; }
table { min-width: 46rem; }
button { font: inherit; text-align: left; color: #00507d; background: none; border: 0; padding: 0;
  min-height: 1.5rem; cursor: pointer; text-decoration: underline; overflow-wrap: anywhere; }
button:focus-visible { outline: 3px solid #00507d; outline-offset: 1px; }
"""
)
_NOBODY = "Personne ne se connecte encore par cette liste. Ajoutez un premier utilisateur."
_NO_MATCH = "Personne ne répond à cette recherche. Élargissez-la ou effacez-la."


class UsersView(pn.viewable.Viewer):
    """Lists the staff, page by page; their names open them."""

    def __init__(
        self, list_state: ListState, users_state: UsersState, services: Services, scope: StaffScope
    ) -> None:
        super().__init__()
        self._list_state = list_state
        self._users_state = users_state
        self._store = services.store
        self._scope = scope
        self._page = 1
        self._search = make_text_box(
            label="Rechercher", placeholder="nom, identifiant ou lieu", size="small"
        )
        self._add = pmui.Button(
            label="Ajouter un utilisateur", size="small", on_click=lambda _: users_state.begin()
        )
        self._count = Announcer(margin=(8, 10), styles={"font-weight": "600"})
        self._empty = pmui.Alert(object=_NOBODY, severity="info", visible=False)
        self._table = LiveHtml(stylesheets=[_STYLE], sizing_mode="stretch_width", margin=(0, 10))
        self._table.on_msg(self._on_row)
        self._previous = self._make_step("Page précédente", -1)
        self._next = self._make_step("Page suivante", 1)
        self._search.param.watch(self._on_search, "value_input")
        list_state.param.watch(self.refresh, "tab")
        self.refresh()

    def _make_step(self, label: str, step: int) -> pmui.Button:
        return pmui.Button(
            label=label, variant="outlined", size="small", on_click=lambda _: self._turn(step)
        )

    @property
    def _searched(self) -> str:
        return (self._search.value_input or "")[:_LONGEST_SEARCH]

    def refresh(self, *_: Any) -> None:
        """Show the staff as they are now, if they are shown."""
        if self._list_state.tab is not Tab.USERS:
            return
        count = count_staff(self._store, self._scope, self._searched)
        page = Page.at(self._page, count, _PAGE_SIZE)
        self._page = page.number
        found = listed_staff(self._store, self._scope, self._searched, page.size, page.offset)
        self._table.html = _table(found)
        self._table.visible, self._empty.visible = count > 0, count == 0
        self._empty.object = _NO_MATCH if self._searched else _NOBODY
        people = plural(count, "utilisateur")
        self._count.text = f"{people} – page {page.place}"
        self._previous.disabled, self._next.disabled = page.is_first, page.is_last

    def _on_row(self, event: Any) -> None:
        self._users_state.open(str(event.data))

    def _on_search(self, _: Any) -> None:
        self._page = 1
        self.refresh()

    def _turn(self, step: int) -> None:
        self._page += step
        self.refresh()

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Column(
            pn.FlexBox(self._search, self._add, align_items="center", gap="0.5rem 1rem"),
            self._count,
            self._empty,
            self._table,
            pn.FlexBox(self._previous, self._next, gap="0.5rem"),
            sizing_mode="stretch_width",
        )


def _table(found: list[Staff]) -> str:
    rows = [(_opener(member), *_cells(member)) for member in found]
    return html.table(_TITLE, _COLUMNS, rows, row_headers=True)


def _opener(member: Staff) -> html.Markup:
    login, name = escape(member.login, quote=True), escape(member.name)
    return html.Markup(
        f'<button type="button" value="{login}" aria-haspopup="dialog">{name}</button>'
    )


def _cells(member: Staff) -> tuple[str, ...]:
    return (
        member.login,
        member.role.label,
        ", ".join(sorted(place for _, place in member.places)) or "–",
        member.state,
        moment(member.last_sign_in_at) if member.last_sign_in_at else "jamais",
    )
