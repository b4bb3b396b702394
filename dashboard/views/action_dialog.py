"""The dialog of an action: what will be done to how many, how far it is, what was done."""

from typing import Any

import panel as pn
import panel_material_ui as pmui

from dashboard.actions.batch import Preparation
from dashboard.actions.services import Services
from dashboard.domain.action import BY_EMAIL, Outcome, Report
from dashboard.domain.document import Document
from dashboard.domain.french import number, plural
from dashboard.domain.sheet import SheetLayout
from dashboard.domain.stakes import RECENTLY, Apart, Consent, Recent, Stakes
from dashboard.guides.help import EXPLAINED
from dashboard.views.components import html
from dashboard.views.components.repairs import Announcer, LiveHtml, make_text_box
from dashboard.views.state.action_state import ActionState, Step
from dashboard.views.waiting_banner import DOWNLOAD_SHEETS, download_button

_STYLE = (
    html.TABLE_STYLE
    + """
p, ul { margin: 0.4rem 0; overflow-wrap: anywhere; }
ul { padding-left: 1.4rem; }
td, thead th { text-align: left; }
td:last-child { min-width: 10rem; }
"""
)
_MOST_ROWS = 100
_LONGEST_NUMBER = 20
_IN_EACH = "Qui a des enfants dans plusieurs classes est compté dans chacune."
NO_MAIL_SERVER = (
    "Aucun serveur de messagerie n'est configuré : les courriels restent dans un dossier du "
    "serveur et ne parviennent pas aux familles."
)
_ONCE = (
    "Ces feuilles portent les mots de passe : elles ne sont produites qu'une fois. Enregistrez-les "
    "maintenant ; sinon elles restent proposées en haut de la page, jusqu'à l'arrêt du serveur."
)


class ActionDialog(pn.viewable.Viewer):
    """Shows one `ActionState`, step by step."""

    def __init__(self, action_state: ActionState, services: Services) -> None:
        super().__init__()
        self._action_state = action_state
        self._services = services
        self._said = LiveHtml(stylesheets=[_STYLE], sizing_mode="stretch_width")
        self._status = Announcer(margin=(0, 0, 4, 0), styles={"font-weight": "600"})
        self._make_options()
        self._make_buttons()
        self._bar = pmui.LinearProgress(
            value=0,
            variant="determinate",
            sizing_mode="stretch_width",
            margin=(8, 0),
            visible=False,
        )
        self._dialog = pmui.Dialog(
            self._status,
            self._said,
            self._recent,
            self._typed,
            self._options,
            self._bar,
            pn.FlexBox(*self._buttons, align_items="center", gap="0.75rem", margin=(12, 0, 8, 0)),
            title="Action",
            title_variant="h6",
            width_option="md",
            sizing_mode="stretch_width",
            sx=html.DIALOG_STYLE,
        )
        action_state.param.watch(self._show, ["step", "recent", "typed"])
        action_state.param.watch(self._on_progress, "progress")
        self._dialog.param.watch(self._on_dialog, "open")
        self._action_state.follow_up()
        self._show()

    def _make_options(self) -> None:
        self._per_page = pmui.RadioBoxGroup(
            label="Feuilles par page",
            options={"1": 1, "2": 2, "4": 4},
            value=1,
            inline=True,
            margin=(8, 0, 0, 0),
        )
        self._class_pages = pmui.Checkbox(
            label="Une page avant chaque classe", value=True, margin=(4, 0)
        )
        self._options = pn.Column(self._per_page, self._class_pages)
        self._recent = pmui.RadioBoxGroup(
            label=f"Comptes distribués {RECENTLY}",
            options={one.label: one.value for one in Recent},
            value=Recent.LEFT_OUT.value,
            margin=(8, 0, 0, 0),
        )
        self._typed = make_text_box(label="Nombre", size="small", margin=(8, 0), width=320)
        self._recent.param.watch(self._on_apart, "value")
        self._typed.param.watch(self._on_apart, "value_input")

    def _make_buttons(self) -> None:
        self._confirm = pmui.Button(
            label="Confirmer", size="small", margin=0, on_click=self._on_confirm
        )
        self._cancel = pmui.Button(
            label="Annuler",
            variant="outlined",
            size="small",
            margin=0,
            on_click=lambda _: self._action_state.cancel(),
        )
        self._sheets = download_button(DOWNLOAD_SHEETS, self._action_state.sheets)
        self._csv = download_button("Télécharger le compte rendu (CSV)", self._csv_document)
        self._close = pmui.Button(
            label="Fermer",
            variant="outlined",
            size="small",
            margin=0,
            on_click=lambda _: self._action_state.close(),
        )
        self._buttons = [self._confirm, self._cancel, self._sheets, self._csv, self._close]

    async def _on_confirm(self, _: Any) -> None:
        await self._action_state.run(SheetLayout(self._per_page.value, self._class_pages.value))

    def _on_apart(self, _: Any) -> None:
        chosen = self._recent.value
        self._action_state.param.update(
            recent=Recent(chosen) if chosen in set(Recent) else Recent.LEFT_OUT,
            typed=(self._typed.value_input or "")[:_LONGEST_NUMBER],
        )

    def _on_dialog(self, event: Any) -> None:
        """Closed by Escape: only a question can be."""
        if not event.new and self._action_state.step is Step.CONFIRM:
            self._action_state.close()

    def _on_progress(self, event: Any) -> None:
        self._bar.value = event.new
        if self._action_state.step is Step.RUNNING:
            self._status.text = f"En cours : {event.new // 10 * 10} %"  # not too much is spoken

    def refresh(self) -> None:
        """Bring a report of messages up to what has become of them since."""
        if self._action_state.step is Step.REPORT:
            self._action_state.follow_up()
            self._show()

    def _show(self, *_: Any) -> None:
        """Show the action as it is now."""
        step = self._action_state.step
        preparation, report = self._action_state.preparation, self._action_state.report
        accepted = preparation.accepted if preparation else []
        self._confirm.visible = step is Step.CONFIRM and bool(accepted)
        self._confirm.disabled = not self._action_state.is_confirmable
        self._show_apart(step)
        self._cancel.visible = step in (Step.CONFIRM, Step.RUNNING)
        self._bar.visible = step is Step.RUNNING
        self._sheets.visible = step is Step.REPORT and self._action_state.has_sheets
        self._csv.visible = step is Step.REPORT and report is not None
        self._close.visible = step is Step.REPORT
        if report is None:
            self._sheets.data = self._csv.data = None  # what was downloaded is kept there
        self._dialog.close_on_click = step is Step.CONFIRM
        if preparation is not None:
            on_sheets = preparation.action not in BY_EMAIL
            self._options.visible = step is Step.CONFIRM and on_sheets and bool(accepted)
            self._dialog.title = preparation.action.label
            self._said.html = self._text(step, preparation)
        self._status.text = self._status_text(step)
        self._dialog.open = step is not Step.NONE

    def _show_apart(self, step: Step) -> None:
        """Show what is to be confirmed apart, as the state has it."""
        asked, chosen = self._action_state.preparation, self._action_state.chosen
        if step is not Step.CONFIRM or asked is None or chosen is None:
            self._recent.visible = self._typed.visible = False
            return
        seen = chosen.stakes
        self._recent.visible = asked.stakes.recent > 0
        self._typed.visible = Apart.ACTIVATED in seen.missing(Consent())
        if self._typed.visible:
            count = plural(seen.activated, "compte activé", "comptes activés")
            self._typed.label = f"{count} : tapez ce nombre pour confirmer"
        self._recent.value = self._action_state.recent.value
        if not self._action_state.typed:
            self._typed.param.update(value="", value_input="")

    def _text(self, step: Step, preparation: Preparation) -> str:
        match step:
            case Step.CONFIRM:
                return self._question(self._action_state.chosen or preparation)
            case Step.REPORT if self._action_state.report is not None:
                return _report_text(self._action_state.report, self._action_state.has_sheets)
            case _:
                return self._said.html if step is Step.RUNNING else ""

    def _question(self, preparation: Preparation) -> str:
        people = plural(len(preparation.accepted), "personne")
        parts = [html.paragraph(f"{preparation.action.label} : {people}.")]
        parts += map(html.paragraph, self._cautions(preparation.stakes))
        if preparation.accepted:
            parts.append(_classes(preparation.stakes))
            parts.append(html.paragraph(EXPLAINED[preparation.action]))
            if preparation.action not in BY_EMAIL:
                address = self._services.letterhead.activation_address
                parts.append(html.paragraph(f"Adresse d'activation imprimée : {address}"))
            elif self._services.mail_folder is not None:
                parts.append(html.paragraph(NO_MAIL_SERVER))
        if preparation.refusals:
            skipped = sum(preparation.refusals.values())
            words = "compte sera passé", "comptes seront passés"
            parts.append(html.paragraph(f"{plural(skipped, *words)} :"))
            parts.append(html.bullets(_counted(preparation.refusals)))
        return "".join(parts)

    def _cautions(self, seen: Stakes) -> list[str]:
        """What to look at before it is confirmed."""
        outside, lost = self._action_state.outside, self._action_state.lost
        hidden = plural(outside, "compte coché est", "comptes cochés sont")
        gone = plural(lost, "compte coché n'est", "comptes cochés ne sont")
        said = {
            seen.describe_notified(): seen.notified,
            f"{hidden} hors des filtres actuels": outside,
            f"{gone} plus dans l'établissement": lost,
        }
        return [f"{words}." for words, counted in said.items() if counted]

    def _status_text(self, step: Step) -> str:
        if step is Step.RUNNING:
            return "En cours…"
        if step is not Step.REPORT:
            return ""
        if (report := self._action_state.report) is None:
            return self._action_state.problem
        return _summary(report)

    def _csv_document(self) -> Document:
        made = self._action_state.report_document()
        if made is None:
            raise PermissionError("the report was closed")
        return made

    def __panel__(self) -> pn.viewable.Viewable:
        return self._dialog


def _counted(reasons: Any) -> list[str]:
    return [f"{plural(count, 'compte')} – {reason}" for reason, count in reasons.items()]


def _summary(report: Report) -> str:
    said = (
        plural(report.count(outcome), outcome.label, outcome.plural)
        for outcome in Outcome
        if outcome is Outcome.DONE or report.count(outcome)
    )
    return f"Terminé : {', '.join(said)}."


def _classes(seen: Stakes) -> str:
    """How many people of each class; nothing where there is but one."""
    if len(seen.classes) < 2:
        return ""
    rows = [(label, number(count)) for label, count in seen.classes]
    several = sum(count for _, count in seen.classes) > seen.people
    said = html.table("Par classe", ("Classe", "Personnes"), rows, row_headers=True)
    return said + (html.paragraph(_IN_EACH) if several else "")


def _report_text(report: Report, has_sheets: bool) -> str:
    parts = [html.paragraph(_ONCE)] if has_sheets else []
    if report.action in BY_EMAIL and report.count(Outcome.DONE):
        parts.append(
            html.paragraph(
                "Les courriels partent l'un après l'autre ; l'envoi à chacun se lit dans le "
                "détail de son compte."
            )
        )
    others = [result for result in report.results if result.outcome is not Outcome.DONE]
    if others:
        rows = [
            (r.account.guardian.full_name, r.account.account.identifier, r.outcome.label, r.reason)
            for r in others[:_MOST_ROWS]
        ]
        columns = ("Responsable", "Identifiant", "Résultat", "Raison")
        parts.append(html.table("Comptes non traités", columns, rows, row_headers=True))
        if len(others) > _MOST_ROWS:
            more = plural(len(others) - _MOST_ROWS, "autre")
            parts.append(html.paragraph(f"et {more}, dans le compte rendu en CSV."))
    noted = [f"{r.account.account.identifier} : {r.reason}" for r in report.noted]
    if noted:
        parts.append(html.paragraph("Noms incomplets sur les feuilles :"))
        parts.append(html.bullets(noted))
    return "".join(parts)
