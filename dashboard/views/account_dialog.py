"""One account in full: who it is of, where it is, what was done with it, what may be done now."""

from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmui

from dashboard.actions.batch import Asker
from dashboard.actions.correct import correct
from dashboard.actions.services import Services
from dashboard.domain.account import is_expired
from dashboard.domain.action import BULK_ACTIONS, Action, decide
from dashboard.domain.credentials import password_text
from dashboard.domain.errors import Refused
from dashboard.domain.filters import NO_CLASS
from dashboard.domain.french import day, moment
from dashboard.domain.journal import Entry
from dashboard.domain.names import capitals
from dashboard.domain.people import ListedAccount
from dashboard.domain.scope import ActingScope, PeopleScope, User
from dashboard.domain.stated import SAID_OUTSIDE
from dashboard.store.account_detail import AccountDetail, account_detail
from dashboard.store.journal import history
from dashboard.store.messages import Sending, sendings
from dashboard.views.clarifying import ClarifyForm, Clarifying, stated_text
from dashboard.views.components import html
from dashboard.views.components.help_button import HelpButton
from dashboard.views.components.repairs import Announcer, LiveHtml, make_text_box
from dashboard.views.state.action_state import ActionState
from dashboard.views.state.list_state import ListState

_STYLE = (
    html.TABLE_STYLE
    + """
h3 { font-size: 1rem; margin: 1rem 0 0.3rem; overflow-wrap: anywhere; }
td, thead th { text-align: left; }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr));
  gap: 0.5rem 1.5rem; margin: 0.5rem 0; }
dt { font-size: 0.8rem; color: #3d4a5c; }
dd { margin: 0; font-weight: 500; overflow-wrap: anywhere; }
p, ul { margin: 0.3rem 0; }
"""
)
_QUIET = "ul { margin: 0; padding-left: 1.1rem; color: #3d4a5c; font-size: 0.85rem; }"
_GONE = "Ce compte n'est pas, ou n'est plus, dans cet établissement."


class AccountDialog(pn.viewable.Viewer):
    """Shows the account that the state has open; closing it goes back to the list."""

    def __init__(
        self, list_state: ListState, user: User, services: Services, action_state: ActionState
    ) -> None:
        super().__init__()
        self._list_state = list_state
        self._user = user
        self._services = services
        self._action_state = action_state
        self._listed: ListedAccount | None = None
        self._facts = LiveHtml(stylesheets=[_STYLE], sizing_mode="stretch_width")
        self._rest = LiveHtml(stylesheets=[_STYLE], sizing_mode="stretch_width")
        self._why_not = LiveHtml(stylesheets=[_QUIET], sizing_mode="stretch_width")
        self._make_form()
        self._clarifying = Clarifying(user, services)
        self._clarify_form = ClarifyForm(self._clarifying)
        self._clarifying.param.watch(self.refresh, "said")
        self._buttons = {action: self._make_button(action) for action in BULK_ACTIONS}
        self._body = pn.Column(
            self._facts,
            *(self._acting_parts() if user.acts else []),
            self._rest,
            sizing_mode="stretch_width",
        )
        self._missing = pmui.Alert(object=_GONE, severity="info", visible=False)
        self._dialog = pmui.Dialog(
            self._missing,
            self._body,
            pmui.Button(
                label="Fermer",
                variant="outlined",
                size="small",
                margin=(12, 0, 8, 0),
                on_click=self._on_close,
            ),
            title="Détail du compte",
            title_variant="h6",
            width_option="lg",
            close_on_click=True,
            show_close_button=True,
            sizing_mode="stretch_width",
            sx=html.DIALOG_STYLE,
        )
        self._dialog.param.watch(self._on_dialog, "open")
        list_state.param.watch(self.refresh, ["account", "school"])
        self.refresh()

    def _make_form(self) -> None:
        self._email = make_text_box(
            label="Courrier électronique",
            size="small",
            margin=0,
            sizing_mode="stretch_width",
            max_width=320,
        )
        self._mobile = make_text_box(label="Téléphone mobile", size="small", width=180, margin=0)
        save = pmui.Button(
            label=Action.CORRECT.label,
            variant="outlined",
            size="small",
            margin=0,
            on_click=self._on_save,
        )
        self._saved = Announcer()
        self._form = pn.FlexBox(
            self._email,
            self._mobile,
            save,
            self._saved,
            align_items="center",
            gap="0.75rem",
            margin=(16, 0, 0, 0),
            sizing_mode="stretch_width",
        )

    def _make_button(self, action: Action) -> pmui.Button:
        return pmui.Button(
            label=action.label,
            variant="outlined",
            size="small",
            margin=0,
            on_click=lambda _: self._on_action(action),
        )

    def _acting_parts(self) -> list[pn.viewable.Viewable]:
        buttons = pn.FlexBox(
            *self._buttons.values(), HelpButton("actions"), gap="0.5rem", margin=(8, 0)
        )
        return [self._clarify_form, buttons, self._why_not, self._form]

    @property
    def _scope(self) -> PeopleScope | None:
        return self._user.people_in(self._list_state.school)

    @property
    def _acting_scope(self) -> ActingScope | None:
        return self._user.acting_in(self._list_state.school)

    def refresh(self, *_: Any) -> None:
        """Show the account as it is now; what is being typed stays."""
        number, scope = self._list_state.account, self._scope
        if not number or scope is None:
            self._listed = None
            self._dialog.open = False
            return
        today = self._services.clock().date()
        detail = account_detail(self._services.store, scope, number, today)
        self._missing.visible, self._body.visible = detail is None, detail is not None
        if detail is not None:
            self._show(detail, scope)
        self._dialog.open = True

    def _show(self, detail: AccountDetail, scope: PeopleScope) -> None:
        store, number = self._services.store, detail.listed.account_id
        today = self._services.clock().date()
        self._show_form(detail.listed)
        self._clarifying.show(detail)
        self._listed = detail.listed
        self._facts.html = html.heading(3, detail.listed.guardian.full_name) + html.definitions(
            _facts(detail, today)
        )
        self._show_actions(detail.listed)
        self._rest.html = "".join(
            (
                _children(detail),
                _duplicates(detail, self._list_state.query),
                _messages(sendings(store, scope, [number]).get(number, [])),
                _history(history(store, scope, number)),
            )
        )

    def _show_form(self, listed: ListedAccount) -> None:
        """Put what is known into the form, but not over what is being typed."""
        before = self._listed.guardian if self._listed else None
        same = self._listed is not None and self._listed.account_id == listed.account_id
        if not same:
            self._saved.text = ""
        guardian = listed.guardian
        for field, known, now in (
            (self._email, before.email if before else "", guardian.email),
            (self._mobile, before.mobile if before else "", guardian.mobile),
        ):
            if not same or field.value_input in (known, None):
                field.param.update(value=now, value_input=now)

    def _show_actions(self, listed: ListedAccount) -> None:
        account, reasons = listed.account, []
        for action, button in self._buttons.items():
            decision = decide(action, account.state, account.origin, bool(listed.guardian.email))
            button.disabled = not decision.is_done
            if decision.reason:
                reasons.append(f"{action.label} – {decision.reason}")
        self._why_not.html = html.bullets(reasons)

    def _on_action(self, action: Action) -> None:
        scope, listed = self._acting_scope, self._listed
        if scope is not None and listed is not None:
            self._action_state.ask(scope, action, [listed.account_id])

    def _on_save(self, _: Any) -> None:
        scope, listed = self._acting_scope, self._listed
        if scope is None or listed is None:
            return
        asker = Asker(self._user.label, self._services.clock())
        email, mobile = self._email.value_input or "", self._mobile.value_input or ""
        try:
            correct(self._services.store, scope, listed, email, mobile, asker)
        except Refused as refused:
            self._saved.text = " ".join(refused.reasons)
            return
        self._listed = None  # the form shows what was stored, as it was understood
        self.refresh()
        self._saved.text = "Coordonnées enregistrées."

    def _on_close(self, _: Any) -> None:
        self._list_state.account = 0

    def _on_dialog(self, event: Any) -> None:
        if not event.new:
            self._list_state.account = 0

    def __panel__(self) -> pn.viewable.Viewable:
        return self._dialog


def _facts(detail: AccountDetail, today: Any) -> list[tuple[str, str]]:
    guardian, account = detail.listed.guardian, detail.listed.account
    expired = " (notification expirée)" if is_expired(account, today) else ""
    return [
        ("Identifiant", account.identifier),
        ("Mot de passe", password_text(detail.password, account.distributed_on, today)),
        ("Origine du compte", account.origin.label),
        ("État du compte", account.state.label + expired),
        ("Courrier électronique", guardian.email),
        ("Téléphone mobile", guardian.mobile),
        ("Date de distribution", day(account.distributed_on)),
        ("Date de dernière connexion", day(account.last_access_on)),
    ]


def _children(detail: AccountDetail) -> str:
    here = [
        (
            child.first_name,
            capitals(child.usage_name or child.birth_name),
            day(child.born_on),
            ", ".join(label or NO_CLASS for label in child.class_labels),
        )
        for child in detail.listed.students
    ]
    columns = ("Prénom", "Nom", "Date de naissance", "Classe")
    said = html.heading(3, "Élèves rattachés, inscrits dans l'établissement")
    said += html.table("Élèves inscrits dans l'établissement", columns, here, row_headers=True)
    if pending := [one for one in detail.stated if not one.student_id]:
        said += html.heading(3, "Enfants à préciser") + html.bullets(
            stated_text(one) + ("" if one.is_to_clarify else f" ({SAID_OUTSIDE})")
            for one in pending
        )
    if detail.elsewhere:
        rows = [(child.first_name, child.name, child.school) for child in detail.elsewhere]
        title = "Élèves inscrits dans un autre établissement"
        columns_elsewhere = ("Prénom", "Nom", "Établissement")
        said += html.heading(3, title) + html.table(title, columns_elsewhere, rows, True)
    return said


def _duplicates(detail: AccountDetail, address: Callable[[int], str]) -> str:
    if not detail.duplicates:
        return ""
    links = [
        (
            f"{other.guardian.full_name} ({other.account.identifier}), responsable de "
            f"{', '.join(other.child_names)}",
            address(other.account_id),
        )
        for other in detail.duplicates
    ]
    return html.heading(3, "Compte à regrouper ?") + html.link_list(
        "Les mêmes noms figurent sur un autre compte de l'établissement. Rien n'est regroupé "
        "sans preuve : c'est peut-être une autre personne.",
        links,
    )


def _messages(sent: list[Sending]) -> str:
    if not sent:
        return ""
    rows = [
        (
            moment(one.queued_at),
            one.kind.label,
            one.recipient,
            one.status.label,
            one.answer,
        )
        for one in sent
    ]
    columns = ("Date", "Courriel", "Adresse", "Envoi", "Réponse du serveur")
    return html.heading(3, "Courriels") + html.table("Courriels", columns, rows, True)


def _history(entries: list[Entry]) -> str:
    rows = [(moment(entry.happened_at), entry.actor, entry.text()) for entry in entries]
    if not rows:
        return html.heading(3, "Historique") + html.paragraph("Rien n'est encore au journal.")
    columns = ("Date", "Par", "Ce qui a été fait")
    return html.heading(3, "Historique") + html.table("Historique", columns, rows, True)
