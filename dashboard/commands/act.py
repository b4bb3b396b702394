"""``educonnect notify``, ``reset`` and ``resend``: the screen's actions, for large batches."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dashboard.commands.options import ActorOption, Database, SchoolOption, YesOption, filtered
from dashboard.domain.action import NOTIFYING, Action, Channel
from dashboard.domain.filters import AccountFilter
from dashboard.domain.sheet import SheetLayout
from dashboard.domain.stakes import RECENTLY


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
    from dashboard.commands.order import Confirmed, Order

    if by is Channel.EMAIL and output is not None:
        raise typer.BadParameter("--output ne sert qu'avec --by sheet.")
    action = NOTIFYING[by]
    layout = SheetLayout(int(per_page), class_pages)
    confirmed = Confirmed(yes, recent)
    Order(database, school, conditions, action, actor, layout, output, report, confirmed).run()


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
    from dashboard.commands.order import Confirmed, Order

    action, layout = Action.RESET, SheetLayout(int(per_page), class_pages)
    confirmed = Confirmed(yes, recent, activated)
    Order(database, school, conditions, action, actor, layout, output, report, confirmed).run()


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
    from dashboard.commands.order import Confirmed, Order

    action, layout, confirmed = Action.RESEND, SheetLayout(), Confirmed(yes)
    Order(database, school, conditions, action, actor, layout, None, report, confirmed).run()
