"""The dialog of the tab Utilisateurs: one person's rights, or a new person's."""

from typing import Any

import panel as pn
import panel_material_ui as pmui

from dashboard.actions.users import PROVISIONAL_FOR
from dashboard.domain.french import moment, plural
from dashboard.domain.scope import Role
from dashboard.store.staff import Staff
from dashboard.views.components import html
from dashboard.views.components.repairs import Announcer, LiveHtml, make_text_box
from dashboard.views.state.users_state import Change, Stage, UsersState

_STYLE = """
h3 { font-size: 1rem; margin: 0 0 0.3rem; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr));
  gap: 0.5rem 1.5rem; margin: 0.5rem 0; }
dt { font-size: 0.8rem; color: #3d4a5c; }
dd { margin: 0; font-weight: 500; overflow-wrap: anywhere; }
p { margin: 0.4rem 0; overflow-wrap: anywhere; }
code { font-size: 1.3rem; letter-spacing: 0.05em; user-select: all; }
"""
_TITLES = {
    Stage.ADD: "Ajouter un utilisateur",
    Stage.PERSON: "Utilisateur",
    Stage.CONFIRM: "Confirmer",
    Stage.PASSWORD: "Mot de passe provisoire",
}
_QUESTIONS = {
    Change.DISABLE: "{name} ne pourra plus se connecter, et ses pages ouvertes se fermeront.",
    Change.ENABLE: "{name} pourra de nouveau se connecter, avec le mot de passe d'avant.",
    Change.RESET: (
        "{name} recevra un mot de passe provisoire, à changer à la première connexion. L'ancien ne "
        "vaudra plus, et ses pages ouvertes se fermeront."
    ),
}
_PROVIDED = (
    "Cette personne se connecte par le fournisseur d'identité : c'est lui qui dit son rôle et ses "
    "lieux, et qui garde son mot de passe."
)
_PLACES = "Lieux, séparés par des virgules"
_EMAIL = "Adresse électronique, pour un mot de passe oublié"
_PLACES_HINT = (
    "UAI d'écoles pour un directeur ou un adjoint ; code de département, nom d'académie ou de "
    "circonscription pour un inspecteur ; rien pour un administrateur."
)


class UserDialog(pn.viewable.Viewer):
    """Shows one `UsersState`, stage by stage."""

    def __init__(self, users_state: UsersState) -> None:
        super().__init__()
        self._users_state = users_state
        self._shown: object = None
        self._said = LiveHtml(stylesheets=[_STYLE], sizing_mode="stretch_width")
        self._status = Announcer(margin=(8, 0), styles={"font-weight": "600"})
        self._make_form()
        self._make_buttons()
        self._dialog = pmui.Dialog(
            self._said,
            self._form,
            self._status,
            pn.FlexBox(*self._buttons, align_items="center", gap="0.75rem", margin=(12, 0, 8, 0)),
            title=_TITLES[Stage.PERSON],
            title_variant="h6",
            width_option="md",
            sizing_mode="stretch_width",
            sx=html.DIALOG_STYLE,
        )
        users_state.param.watch(self._show, "stage")
        users_state.param.watch(self._say, "said")
        self._dialog.param.watch(self._on_dialog, "open")

    def _make_form(self) -> None:
        wide: dict[str, Any] = {"size": "small", "margin": (8, 0), "sizing_mode": "stretch_width"}
        self._login = make_text_box(label="Identifiant", **wide)
        self._name = make_text_box(label="Nom affiché", **wide)
        self._role = pmui.RadioBoxGroup(
            label="Rôle",
            options={role.label: role.value for role in Role},
            value=Role.DIRECTOR.value,
            inline=True,
            margin=(8, 0),
        )
        self._places = make_text_box(label=_PLACES, **wide)
        hint = LiveHtml(html=html.paragraph(_PLACES_HINT), stylesheets=[_STYLE], margin=0)
        self._email = make_text_box(label=_EMAIL, **wide)
        self._form = pn.Column(
            self._login,
            self._name,
            self._role,
            self._places,
            hint,
            self._email,
            sizing_mode="stretch_width",
            margin=0,
        )

    def _make_buttons(self) -> None:
        users_state = self._users_state
        self._save = _button("Enregistrer le rôle et les lieux", self._on_save)
        self._save_email = _button("Enregistrer l'adresse", self._on_save_email)
        self._create = _button("Ajouter", self._on_create)
        self._confirm = _button("Confirmer", lambda _: users_state.confirm())
        self._cancel = _button("Annuler", lambda _: users_state.cancel(), "outlined")
        self._changes = {
            change: _button(
                change.value, lambda _, change=change: users_state.ask(change), "outlined"
            )
            for change in Change
        }
        self._close = _button("Fermer", lambda _: users_state.close(), "outlined")
        self._buttons = [
            self._save,
            self._save_email,
            self._create,
            self._confirm,
            self._cancel,
            *self._changes.values(),
            self._close,
        ]

    def _on_create(self, _: Any) -> None:
        self._users_state.add(
            self._login.value_input or "",
            self._name.value_input or "",
            Role(self._role.value),
            self._typed_places(),
            self._email.value_input or "",
        )

    def _on_save_email(self, _: Any) -> None:
        self._users_state.set_email(self._email.value_input or "")

    def _on_save(self, _: Any) -> None:
        self._users_state.set_rights(Role(self._role.value), self._typed_places())

    def _typed_places(self) -> list[str]:
        return (self._places.value_input or "").split(",")

    def _on_dialog(self, event: Any) -> None:
        if not event.new and self._users_state.stage is not Stage.NONE:
            self._users_state.close()

    def _say(self, event: Any) -> None:
        self._status.text = event.new

    def _show(self, *_: Any) -> None:
        """Show the stage as it is now."""
        stage, member = self._users_state.stage, self._users_state.member
        if stage in _TITLES:
            self._dialog.title = _TITLES[stage]
        self._said.html = self._text(stage, member)
        has_rights = stage is Stage.PERSON and member is not None and bool(member.password_hash)
        self._form.visible = stage is Stage.ADD or has_rights
        self._login.visible = self._name.visible = stage is Stage.ADD
        self._fill_in(stage, member)
        self._create.visible = stage is Stage.ADD
        self._save.visible = self._save_email.visible = has_rights
        self._confirm.visible = self._cancel.visible = stage is Stage.CONFIRM
        self._close.visible = stage is not Stage.CONFIRM
        offered = _offered(member) if stage is Stage.PERSON and member else set()
        for change, button in self._changes.items():
            button.visible = change in offered
        # Escape and a click beside it would lose the password.
        self._dialog.close_on_click = stage is not Stage.PASSWORD
        self._dialog.open = stage is not Stage.NONE

    def _fill_in(self, stage: Stage, member: Staff | None) -> None:
        """Put what is known into the form when it is first shown, not over what is being typed."""
        shown = (stage, member and (member.login, member.role, member.places, member.email))
        if shown == self._shown:
            return
        self._shown = shown
        places = sorted(place for _, place in member.places) if member else []
        for box, text in (
            (self._login, ""),
            (self._name, ""),
            (self._places, ", ".join(places)),
            (self._email, member.email if member else ""),
        ):
            box.param.update(value=text, value_input=text)
        self._role.value = (member.role if member else Role.DIRECTOR).value

    def _text(self, stage: Stage, member: Staff | None) -> str:
        if member is None:
            return ""
        change, password = self._users_state.change, self._users_state.password
        match stage:
            case Stage.PERSON:
                return _person(member)
            case Stage.CONFIRM if change is not None:
                return html.paragraph(_QUESTIONS[change].replace("{name}", member.name))
            case Stage.PASSWORD:
                return _password(member, password)
            case _:
                return ""

    def __panel__(self) -> pn.viewable.Viewable:
        return self._dialog


def _button(label: str, on_click: Any, variant: str = "contained") -> pmui.Button:
    return pmui.Button(
        label=label, size="small", margin=0, variant=variant, on_click=on_click, visible=False
    )


def _offered(member: Staff) -> set[Change]:
    """What may be asked for."""
    access = Change.ENABLE if member.disabled else Change.DISABLE
    return {access, Change.RESET} if member.password_hash else {access}


def _person(member: Staff) -> str:
    seen = moment(member.last_sign_in_at) if member.last_sign_in_at else "jamais"
    facts = [
        ("Identifiant", member.login),
        ("État", member.state),
        ("Dernière connexion", seen),
    ]
    said = html.heading(3, member.name)
    if member.password_hash:
        return said + html.definitions(facts)
    places = ", ".join(sorted(place for _, place in member.places))
    facts += [("Rôle", member.role.label), ("Lieux", places)]
    return said + html.definitions(facts) + html.paragraph(_PROVIDED)


def _password(member: Staff, password: str) -> str:
    days = plural(PROVISIONAL_FOR.days, "jour")
    return (
        html.paragraph(f"Mot de passe provisoire de {member.name} ({member.login}) :")
        + html.code(password)
        + html.paragraph(
            f"Il n'est montré qu'une fois et vaut {days}. Remettez-le à cette personne seule : "
            "elle en choisira un autre à sa première connexion."
        )
    )
