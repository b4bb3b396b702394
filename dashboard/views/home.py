"""The tab Accueil: choice of school, what can be done here, guides, help, accessibility."""

from collections.abc import Mapping
from html import escape
from typing import Any

import panel as pn
from markdown_it import MarkdownIt

from dashboard.domain.account import State
from dashboard.domain.action import BULK_ACTIONS, TRANSITIONS, Action
from dashboard.domain.scope import Role, User
from dashboard.guides import guide
from dashboard.settings import Settings
from dashboard.views import html
from dashboard.views.browsing import Browsing

_STYLE = """
:host { max-width: 60rem; line-height: 1.55; }
h2 { font-size: 1.25rem; margin: 1.2rem 0 0.4rem; }
ul { margin: 0.3rem 0; padding-left: 1.4rem; }
details { border: 1px solid #d5dae1; border-radius: 6px; padding: 0.5rem 0.9rem; margin: 0.5rem 0; }
summary { cursor: pointer; font-weight: 600; }
summary:focus-visible, a:focus-visible { outline: 3px solid #00507d; outline-offset: 2px; }
table { border-collapse: collapse; margin: 0.5rem 0; }
h3 { font-size: 1.1rem; margin: 1rem 0 0.3rem; }
.wide { overflow-x: auto; }
.wide:focus-visible { outline: 3px solid #00507d; outline-offset: 2px; }
pre { background: #f2f4f7; color: #1b1f24; padding: 0.6rem; width: max-content; min-width: 95%; }
.wide td { min-width: 8rem; }
th, td { border: 1px solid #d5dae1; padding: 0.3rem 0.6rem; text-align: left; }
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
_WIDE = {"table": "Tableau", "pre": "Extrait"}
_OPERATORS_GUIDES = {
    "Exploitation : installer, sauvegarder, surveiller": "exploitation",
    "Sécurité : ce qui est protégé, et contre qui": "securite",
}
_CHOOSE = "Choisir un établissement…"


class HomeView(pn.viewable.Viewer):
    """Welcomes the visitor and lets them choose among their schools."""

    def __init__(
        self, browsing: Browsing, user: User, schools: Mapping[str, str], settings: Settings
    ) -> None:
        super().__init__()
        self._browsing = browsing
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
        browsing.param.watch(self._on_school, "school")
        self._on_school()

    def _on_choice(self, event: Any) -> None:
        self._browsing.choose_school(event.new)

    def _on_school(self, *_: Any) -> None:
        uai = self._browsing.school
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
    operators = _OPERATORS_GUIDES if role is Role.ADMINISTRATOR else {}
    return (
        html.heading(2, "Guides et accessibilité")
        + "".join(html.details(title, _rendered(name)) for title, name in operators.items())
        + html.details("Guide rapide", _rendered("quick"))
        + html.details("Ce qui est possible dans chaque état", _possibilities())
        + html.details("Accessibilité : non conforme", _rendered("accessibility"))
    )


def _rendered(name: str) -> str:
    rendered: str = MarkdownIt().enable("table").render(guide(name))
    for wide, label in _WIDE.items():  # what scrolls is reached by keyboard
        opening = f'<div class="wide" tabindex="0" role="group" aria-label="{label}"><{wide}>'
        rendered = rendered.replace(f"<{wide}>", opening)
        rendered = rendered.replace(f"</{wide}>", f"</{wide}></div>")
    return rendered


def _possibilities() -> str:
    """The table of actions and states, as the rules have it."""
    columns = ["Action", *(state.label for state in State)]
    rows = [[action.label, *(_cell(action, state) for state in State)] for action in BULK_ACTIONS]
    return html.table("Ce qui est possible dans chaque état", columns, rows, row_headers=True)


def _cell(action: Action, state: State) -> str:
    cell = TRANSITIONS[action][state]
    return f"→ {cell.label}" if isinstance(cell, State) else f"non : {cell}"
