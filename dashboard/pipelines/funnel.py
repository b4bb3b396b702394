"""The way of accounts from handed out to activated, and where most of them stop."""

from collections.abc import Mapping
from dataclasses import dataclass

from dashboard.domain.french import number, percent
from dashboard.wording.statistics_columns import HIDDEN, count_text, share_text


@dataclass(frozen=True, slots=True)
class Stage:
    """How many accounts came so far, out of all; `lost` of those before went no further."""

    label: str
    accounts: int
    share: float
    lost: int


_REACHED = {
    "Comptes": ("not_notified", "notified", "activating", "activated"),
    "Notifiés": ("notified", "activating", "activated"),
    "Activation commencée": ("activating", "activated"),
    "Activés": ("activated",),
}
_LOST_AT = {
    "Notifiés": (
        "la remise des identifiants : {count} comptes ({share}) ne sont pas encore notifiés",
        "Ce sont les écoles qui peuvent avancer : feuilles ou courriels restent à envoyer.",
    ),
    "Activation commencée": (
        "la première connexion : {count} comptes ({share}) sont notifiés sans que l'activation "
        "ait commencé",
        "Ce sont les familles qu'il faut aider : relancer, renouveler les notifications expirées.",
    ),
    "Activés": (
        "la confirmation du courriel : {count} comptes ({share}) ont commencé l'activation sans la "
        "terminer",
        "Renvoyer le courriel d'activation suffit souvent.",
    ),
}


def funnel(figures: Mapping[str, object]) -> list[Stage]:
    """The stages, each with the accounts that came so far; a hidden count is taken for a zero.

    Args:
        figures: a record of `dashboard.statistics` of a whole scope.
    """
    counts = {name: int(str(figures[name] or 0)) for name in _REACHED["Comptes"]}
    reached = {label: sum(counts[name] for name in names) for label, names in _REACHED.items()}
    whole = reached["Comptes"]
    stages: list[Stage] = []
    before = whole
    for label, accounts in reached.items():
        share = round(100 * accounts / whole, 2) if whole else 0.0
        stages.append(Stage(label, accounts, share, before - accounts))
        before = accounts
    return stages


def stage_texts(stage: Stage, smallest_count: int) -> tuple[str, str]:
    """The count and the percentage of a stage; where small counts are hidden, a zero is one."""
    if not stage.accounts and smallest_count:
        return HIDDEN, HIDDEN
    return count_text(stage.accounts), share_text(stage.share)


def funnel_text(stages: list[Stage]) -> str:
    """Where the scope loses most, in words."""
    whole = stages[0].accounts
    if not whole:
        return "Aucun compte à suivre ici pour le moment."
    worst = max(stages[1:], key=lambda stage: stage.lost)
    if not worst.lost:
        return "Tous les comptes sont activés."
    where, advice = _LOST_AT[worst.label]
    share = percent(round(100 * worst.lost / whole, 1))
    return f"On perd le plus à {where.format(count=number(worst.lost), share=share)}. {advice}"
