"""The tab Accueil: choice of school, what can be done here, guides, help, accessibility."""

from collections.abc import Mapping
from html import escape
from typing import Any

import panel as pn

from dashboard.domain.scope import Role, User
from dashboard.guides import guides_for
from dashboard.settings import Settings
from dashboard.views.components import html
from dashboard.views.state.list_state import ListState

_STYLE = """
:host { max-width: 60rem; line-height: 1.55; }
h2 { font-size: 1.25rem; margin: 1.2rem 0 0.4rem; }
ul { margin: 0.3rem 0; padding-left: 1.4rem; }
a { color: #00507d; }
a:focus-visible { outline: 3px solid #00507d; outline-offset: 2px; }
"""
_WHAT_FOR = {
    Role.DIRECTOR: (
        "retrouver le compte d'un responsable et voir où il en est ;",
        "informer les responsables de leur compte, par feuilles individuelles ou par courriel ;",
        "aider une famille : réinitialiser un mot de passe, renvoyer un courriel d'activation, "
        "corriger une adresse ;",
        "lister les comptes de l'école ou d'une sélection, en PDF ou en CSV ;",
        "suivre l'avancement de l'activation par classe et par niveau.",
    ),
    Role.DEPUTY: (
        "retrouver le compte d'un responsable et voir où il en est ;",
        "lister les comptes de l'école ou d'une sélection, en PDF ou en CSV ;",
        "suivre l'avancement de l'activation par classe et par niveau.",
    ),
    Role.ADMINISTRATOR: (
        "voir au journal qui a fait quoi, et quand, dans toutes les écoles ;",
        "gérer les personnes qui se connectent : les ajouter, leur donner des écoles ou des "
        "secteurs, remplacer un mot de passe, fermer un accès.",
    ),
    Role.INSPECTOR: (
        "voir où en est un lieu, de l'académie à l'école, et où l'activation y est bloquée ;",
        "trouver les écoles à aider, par leur taille, leur avancement ou l'absence de progrès ;",
        "suivre l'évolution au fil des jours, et la comparer à celle d'un autre lieu ;",
        "envoyer chaque réponse par son adresse : des nombres de comptes, sans donnée nominative.",
    ),
}
_GUIDES = "Une page chacun, à lire à l'écran ou à imprimer :"
_CHOOSE = "Choisir un établissement…"


class HomeView(pn.viewable.Viewer):
    """Welcomes the visitor and lets them choose among their schools."""

    def __init__(
        self, list_state: ListState, user: User, schools: Mapping[str, str], settings: Settings
    ) -> None:
        super().__init__()
        self._list_state = list_state
        self._user = user
        self._schools = schools
        names = {f"{uai} – {name}": uai for uai, name in schools.items()}
        self._choice = pn.widgets.Select(
            label="Choisir un établissement",
            options={_CHOOSE: ""} | names,
            visible=len(schools) > 1 and user.reads_people,
            max_width=640,
            sizing_mode="stretch_width",
        )
        self._welcome = pn.pane.HTML(stylesheets=[_STYLE], sizing_mode="stretch_width")
        self._rest = pn.pane.HTML(
            _what_for(user.role) + _help(settings) + _guides(user.role),
            stylesheets=[_STYLE],
            sizing_mode="stretch_width",
        )
        self._choice.param.watch(self._on_choice, "value")
        list_state.param.watch(self._on_school, "school")
        self._on_school()

    def _on_choice(self, event: Any) -> None:
        self._list_state.choose_school(event.new)

    def _on_school(self, *_: Any) -> None:
        uai = self._list_state.school
        self._choice.value = uai
        self._welcome.object = html.heading(2, "Bienvenue") + self._where(uai)

    def _where(self, uai: str) -> str:
        if self._user.role is Role.ADMINISTRATOR:
            return html.paragraph("Vous administrez cette installation.")
        if self._user.role is Role.INSPECTOR:
            return html.paragraph(
                f"Vous suivez {len(self._schools)} établissements : {self._user.label}."
            )
        if not self._schools:
            return html.paragraph(
                "Aucune école dans cette base pour le moment. Importez ses deux extractions ONDE : "
                "educonnect import --school UAI --students FICHIER --guardians FICHIER"
            )
        if not uai:
            return html.paragraph("Choisissez l'établissement dont vous gérez les comptes.")
        return html.paragraph(f"Vous avez choisi {self._schools[uai]} ({uai}).")

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Column(self._welcome, self._choice, self._rest, sizing_mode="stretch_width")


def _what_for(role: Role) -> str:
    items = "".join(f"<li>{escape(item)}</li>" for item in _WHAT_FOR[role])
    return html.heading(2, "Ce que vous pouvez faire ici") + f"<ul>{items}</ul>"


def _help(settings: Settings) -> str:
    address = escape(settings.help_email, quote=True)
    mail = f' (<a href="mailto:{address}">{address}</a>)' if address else ""
    portal = escape(settings.portal_address, quote=True)
    return (
        html.heading(2, "Aide et contact")
        + f"<p>En cas de difficulté, contactez {escape(settings.help_contact)}{mail}.</p>"
        + f'<p>Les responsables se connectent sur <a href="{portal}" rel="noreferrer">{portal}</a>.'
        "</p>"
    )


def _guides(role: Role) -> str:
    links = [(one.title, f".{one.address}") for one in guides_for(role)]
    return html.heading(2, "Guides et accessibilité") + html.link_list(_GUIDES, links)
