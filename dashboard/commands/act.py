"""``educonnect notify``, ``reset`` and ``resend``: the screen's actions, for large batches."""

import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress as Bar

from dashboard.actions.batch import Asker, Preparation, prepare
from dashboard.actions.notify_by_email import follow_up, notify_by_email
from dashboard.actions.notify_by_sheet import notify_by_sheet
from dashboard.actions.services import Services
from dashboard.actions.staff_sessions import find_typed, user_of
from dashboard.bootstrap import open_services
from dashboard.commands.options import (
    ActorOption,
    Database,
    SchoolOption,
    YesOption,
    confirm,
    filtered,
    read_uai,
    require_own_name,
    require_schools,
    unknown_school,
)
from dashboard.commands.printing import Draft, require_writable, write_file
from dashboard.domain.action import BY_EMAIL, NOTIFYING, Action, Channel, Outcome, Report
from dashboard.domain.document import Document
from dashboard.domain.errors import Refused
from dashboard.domain.filters import AccountFilter
from dashboard.domain.french import plural
from dashboard.domain.scope import ActingScope
from dashboard.domain.sheet import SheetLayout
from dashboard.domain.stakes import RECENTLY, Apart, Consent, Stakes
from dashboard.outputs.csv_files import report_csv
from dashboard.settings import read_settings
from dashboard.store.engine import Store
from dashboard.store.opening import connect

_SERVED_AT = "http://127.0.0.1:5006"


class PerPage(StrEnum):
    """How many sheets are on a page."""

    ONE = "1"
    TWO = "2"
    FOUR = "4"


OutputOption = Annotated[
    Path | None, typer.Option("--output", metavar="PDF", help="Fichier des feuilles à écrire.")
]
PerPageOption = Annotated[PerPage, typer.Option("--per-page", help="Feuilles par page.")]
ClassPagesOption = Annotated[
    bool, typer.Option("--class-pages/--no-class-pages", help="Une page avant chaque classe.")
]
ReportOption = Annotated[
    Path | None, typer.Option("--report", metavar="CSV", help="Compte rendu, compte par compte.")
]
RecentOption = Annotated[
    bool | None,
    typer.Option(
        "--revoke-recent/--leave-recent",
        help=f"Révoquer aussi ce qui a été distribué {RECENTLY}, ou laisser ces comptes de côté.",
        show_default=False,
    ),
]
ActivatedOption = Annotated[
    int | None,
    typer.Option(
        "--reset-activated",
        metavar="N",
        min=0,
        help="Nombre de comptes activés à réinitialiser, pour confirmer s'ils sont nombreux.",
    ),
]


@filtered
def notify_command(
    database: Database,
    school: SchoolOption,
    conditions: AccountFilter,
    by: Annotated[Channel, typer.Option(help="Par feuilles (sheet) ou par courriel (email).")],
    actor: ActorOption,
    output: OutputOption = None,
    per_page: PerPageOption = PerPage.ONE,
    class_pages: ClassPagesOption = True,
    report: ReportOption = None,
    recent: RecentOption = None,
    yes: YesOption = False,
) -> None:
    """Notifier des comptes, par feuilles individuelles ou par courriel."""
    if by is Channel.EMAIL and output is not None:
        raise typer.BadParameter("--output ne sert qu'avec --by sheet.")
    action = NOTIFYING[by]
    layout = SheetLayout(int(per_page), class_pages)
    told = _Told(yes, recent)
    _Order(database, school, conditions, action, actor, layout, output, report, told).run()


@filtered
def reset_command(
    database: Database,
    school: SchoolOption,
    conditions: AccountFilter,
    actor: ActorOption,
    output: OutputOption = None,
    per_page: PerPageOption = PerPage.ONE,
    class_pages: ClassPagesOption = True,
    report: ReportOption = None,
    recent: RecentOption = None,
    activated: ActivatedOption = None,
    yes: YesOption = False,
) -> None:
    """Réinitialiser des mots de passe, et en imprimer les feuilles."""
    layout, told = SheetLayout(int(per_page), class_pages), _Told(yes, recent, activated)
    _Order(database, school, conditions, Action.RESET, actor, layout, output, report, told).run()


@filtered
def resend_command(
    database: Database,
    school: SchoolOption,
    conditions: AccountFilter,
    actor: ActorOption,
    report: ReportOption = None,
    yes: YesOption = False,
) -> None:
    """Renvoyer le courriel d'activation."""
    layout, told = SheetLayout(), _Told(yes)
    _Order(database, school, conditions, Action.RESEND, actor, layout, None, report, told).run()


@dataclass(frozen=True, slots=True)
class _Told:
    """What the options confirm beforehand: the action, and what has to be confirmed apart."""

    yes: bool
    revokes_recent: bool | None = None
    resets_activated: int | None = None

    def confirmed(self, preparation: Preparation) -> Preparation:
        """What is prepared, confirmed by these options or at the terminal.

        Raises:
            Refused: something is not.
        """
        leaves_out = self.revokes_recent is False
        chosen = preparation.without_recent() if leaves_out else preparation
        consent = Consent(bool(self.revokes_recent), self.resets_activated)
        chosen = replace(chosen, consent=consent)
        if not chosen.accepted:
            return chosen
        if not self.yes:
            _say_what(chosen)
        if chosen.missing and (self.yes or not sys.stdin.isatty()):
            raise Refused([_OPTIONS[one](chosen.stakes) for one in sorted(chosen.missing)])
        for one in sorted(chosen.missing):
            consent = _ASKED[one](chosen.stakes, consent)
        if not self.yes:
            _confirm(chosen)
        return replace(chosen, consent=consent)


def _ask_recent(seen: Stakes, consent: Consent) -> Consent:
    count = plural(seen.recent, "compte distribué", "comptes distribués")
    confirm(f"{count} {RECENTLY} : ce qui a été remis ne vaudra plus. Continuer ?")
    return replace(consent, revokes_recent=True)


def _ask_activated(seen: Stakes, consent: Consent) -> Consent:
    count = plural(seen.activated, "compte activé", "comptes activés")
    typed = typer.prompt(f"{count} à réinitialiser : tapez ce nombre", type=int, err=True)
    return replace(consent, resets_activated=typed)


_ASKED: Mapping[Apart, Callable[[Stakes, Consent], Consent]] = {
    Apart.RECENT: _ask_recent,
    Apart.ACTIVATED: _ask_activated,
}
_OPTIONS: Mapping[Apart, Callable[[Stakes], str]] = {
    Apart.RECENT: lambda seen: (
        f"{seen.describe_notified()} : ajoutez --revoke-recent pour que ce qui a été remis ne "
        "vaille plus, ou --leave-recent pour laisser ces comptes de côté (--yes ne suffit pas)."
    ),
    Apart.ACTIVATED: lambda seen: (
        f"{plural(seen.activated, 'compte activé', 'comptes activés')} à réinitialiser : ajoutez "
        f"--reset-activated {seen.activated} (--yes ne suffit pas)."
    ),
}


@dataclass(frozen=True, slots=True)
class _Order:
    """What a command line asks to be done."""

    database: str
    school: str
    conditions: AccountFilter
    action: Action
    actor: str
    layout: SheetLayout
    output: Path | None
    report: Path | None
    told: _Told

    def run(self) -> None:
        """Do it, say what was done, and refuse if nothing could be."""
        require_own_name(self.actor)
        require_writable(self.database, self.output, self.report)
        with connect(self.database) as store:
            services = open_services(store, read_settings(), _SERVED_AT)
            report = self._act(services)
        if self.report is not None:
            write_file(report_csv(report, self.report.name).content, self.report)
            typer.echo(f"Écrit : {self.report}", err=True)
        if report.results and not report.count(Outcome.DONE):
            raise Refused(_reasons(report))
        for line in _summary(report):
            typer.echo(line)

    def _act(self, services: Services) -> Report:
        scope, name = _in_whose_rights(services.store, self.actor, read_uai(self.school))
        require_schools(services.store, scope)
        asker = Asker(name, datetime.now())
        preparation = prepare(services.store, scope, self.action, self.conditions, asker.now.date())
        _say_where(services, preparation)
        preparation = self.told.confirmed(preparation)
        if self.action in BY_EMAIL:
            return _notify_by_email(services, preparation, asker)
        return self._notify_by_sheet(services, preparation, asker)

    def _notify_by_sheet(
        self, services: Services, preparation: Preparation, asker: Asker
    ) -> Report:
        drafts: list[Draft] = []

        def deliver(document: Document) -> None:
            for draft in drafts:  # of an attempt that another session came before
                draft.discard()
            drafts[:] = [Draft(self.output or Path(document.filename))]
            drafts[0].write(document.content)
            # From here to their name, these are the only copies of passwords that are valid.
            signal.signal(signal.SIGINT, signal.SIG_IGN)

        heard = signal.getsignal(signal.SIGINT)
        try:
            with _progress("Feuilles") as progress:
                report = notify_by_sheet(
                    services.store,
                    preparation,
                    asker,
                    services.letterhead,
                    self.layout,
                    progress,
                    deliver,
                )
        except BaseException:  # the passwords of these sheets were never given to any account
            for draft in drafts:
                draft.discard()
            raise
        else:
            # Sheets have their name only once their passwords are the accounts'.
            for draft in drafts:
                draft.publish(keep_older=True)
                typer.echo(f"Écrit : {draft.output}", err=True)
        finally:
            signal.signal(signal.SIGINT, heard)
        return report


def _in_whose_rights(store: Store, actor: str, uai: str) -> tuple[ActingScope, str]:
    """The scope in which somebody acts on a school, and their name in the journal.

    Who is no user of the application has the database's file, and acts as its operator.

    Raises:
        Refused: the user may not act, or there is no such school for them.
    """
    member = find_typed(store, actor)
    if member is None:
        return ActingScope.schools(uai), actor
    user = user_of(member)
    if member.disabled or not user.acts:
        why = "est désactivé" if member.disabled else "ne peut pas agir sur les comptes"
        raise Refused([f"erreur : {member.login} {why}."])
    scope = user.acting_in(uai)
    if scope is None:
        raise Refused([unknown_school(uai)])
    return scope, user.label


def _notify_by_email(services: Services, preparation: Preparation, asker: Asker) -> Report:
    report = notify_by_email(services.store, preparation, asker)
    total = report.count(Outcome.DONE)
    try:
        with _progress("Courriels") as progress:
            services.postman().send_due(lambda tried: progress(tried, max(tried, total)))
    except KeyboardInterrupt:
        typer.echo("Envoi interrompu : le tableau de bord enverra ce qui attend.", err=True)
    return follow_up(services.store, preparation.scope, report)


def _say_where(services: Services, preparation: Preparation) -> None:
    """Say what the sheets or messages lead to, and where these go."""
    if not preparation.candidates:
        typer.echo("Aucun compte ne répond à ces filtres : rien n'est écrit.", err=True)
        return
    address = services.letterhead.activation_address
    typer.echo(f"Adresse d'activation : {address}", err=True)
    if address == f"{_SERVED_AT}/activation":
        typer.echo(
            "Les familles n'atteignent pas cette adresse : réglez EDUCONNECT_PUBLIC_ADDRESS.",
            err=True,
        )
    if preparation.action in BY_EMAIL and services.mail_folder is not None:
        typer.echo(
            "Aucun serveur de messagerie (EDUCONNECT_SMTP_HOST) : les courriels vont dans "
            f"{services.mail_folder}.",
            err=True,
        )


def _say_what(preparation: Preparation) -> None:
    """Say who is skipped and why, who was notified already, and how many are of each class."""
    for reason, count in preparation.refusals.items():
        typer.echo(f"{plural(count, 'compte passé', 'comptes passés')} : {reason}", err=True)
    seen = preparation.stakes
    if seen.notified:
        typer.echo(seen.describe_notified(), err=True)
    if len(seen.classes) > 1:
        classes = ", ".join(f"{label} : {count}" for label, count in seen.classes)
        typer.echo(f"Par classe – {classes}", err=True)


def _confirm(preparation: Preparation) -> None:
    people = plural(len(preparation.accepted), "personne")
    question = f"{preparation.action.label} : {people}. Continuer ?"
    confirm(question)


@contextmanager
def _progress(what: str) -> Iterator[Callable[[int, int], None]]:
    console = Console(stderr=True)
    with Bar(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _reasons(report: Report) -> list[str]:
    return [f"{r.account.account.identifier} : {r.reason}" for r in report.results]


def _summary(report: Report) -> Iterator[str]:
    yield f"{report.action.label} : " + ", ".join(
        plural(report.count(outcome), outcome.label, outcome.plural) for outcome in Outcome
    )
    for reason, count in report.reasons.items():
        yield f"- {plural(count, 'compte')} : {reason}"
