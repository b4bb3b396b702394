"""What the screen explains beside its controls, and the detailed guide explains again."""

from dataclasses import dataclass

from dashboard.domain.account import NOTIFICATION_MONTHS, State
from dashboard.domain.action import BULK_ACTIONS, TRANSITIONS, Action
from dashboard.guides import DETAILED
from dashboard.wording.statistics_columns import HIDDEN_TEXT, PERCENT_HEADINGS

# What an action does, as is also said before it is confirmed.
EXPLAINED = {
    Action.NOTIFY_BY_SHEET: (
        "Chaque responsable reçoit un nouveau mot de passe provisoire, imprimé sur sa feuille et "
        "valable trois mois. Les mots de passe et liens précédents ne valent plus."
    ),
    Action.NOTIFY_BY_EMAIL: (
        "Chaque responsable reçoit son identifiant et un lien pour choisir son mot de passe, "
        "valable trois mois et une seule fois. Les mots de passe et liens précédents ne valent "
        "plus."
    ),
    Action.RESET: (
        "Chaque responsable reçoit un nouveau mot de passe provisoire, imprimé sur sa feuille et "
        "à changer à la prochaine connexion. L'ancien ne vaut plus."
    ),
    Action.RESEND: (
        "Chaque responsable reçoit un nouveau lien d'activation ; l'ancien ne vaut plus."
    ),
}


@dataclass(frozen=True, slots=True)
class Help:
    """Terms of the screen and what they mean; `section` is where the detailed guide says more."""

    title: str
    terms: tuple[tuple[str, str], ...]
    section: str

    @property
    def address(self) -> str:
        return f"{DETAILED.address}#{self.section}"


def possibilities() -> list[list[str]]:
    """The table of actions and states, as the rules have it; its head first."""
    head = ["Action", *(state.label for state in State)]
    return [head, *([action.label, *_cells(action)] for action in BULK_ACTIONS)]


def _cells(action: Action) -> list[str]:
    cells = (TRANSITIONS[action][state] for state in State)
    return [f"→ {cell.label}" if isinstance(cell, State) else f"non : {cell}" for cell in cells]


def _possible_in(action: Action) -> str:
    states = [one.label for one in State if isinstance(TRANSITIONS[action][one], State)]
    return f"Pour un compte {' ou '.join(states)}."


_ACTIVATED_PCT, _COVERED_PCT = PERCENT_HEADINGS.values()
HELP = {
    "actions": Help(
        "Aide sur les actions",
        tuple(
            (action.label, f"{EXPLAINED[action]} {_possible_in(action)}") for action in BULK_ACTIONS
        ),
        "agir-sur-des-comptes",
    ),
    "filters": Help(
        "Aide sur les filtres",
        (
            (
                "Nom ou prénom",
                "Du responsable ou de l'élève. Les accents, les majuscules et l'ordre des mots ne "
                "comptent pas.",
            ),
            (
                "Notification expirée",
                f"Les comptes notifiés depuis plus de {NOTIFICATION_MONTHS} mois et toujours pas "
                "activés : leur mot de passe provisoire ou leur lien ne vaut plus. Notifiez-les de "
                "nouveau.",
            ),
            (
                "Enfant à préciser",
                "Les comptes dont un enfant n'a pas pu être reconnu parmi les élèves : aucun sur "
                "la ligne du responsable, absent du fichier des élèves, ou plusieurs possibles. "
                "Ouvrez le compte pour dire de quel élève il s'agit.",
            ),
            (
                "Origine du compte",
                "Établissement : créé par l'école. Auto-inscription : par le responsable, avec "
                "son mobile. FranceConnect : sans mot de passe ici, donc rien à réinitialiser.",
            ),
            (
                "Plusieurs filtres",
                "Un compte doit répondre à tous. Dans un même filtre, une seule des valeurs "
                "choisies suffit.",
            ),
        ),
        "filtrer-la-liste",
    ),
    "percentages": Help(
        "Aide sur les pourcentages",
        (
            (
                _ACTIVATED_PCT,
                "Comptes activés, divisés par tous les comptes de la ligne, quel que soit leur "
                "état.",
            ),
            (
                _COVERED_PCT,
                "Élèves dont au moins un responsable a un compte activé, divisés par tous les "
                "élèves de la ligne, y compris ceux sans responsable connu.",
            ),
            (
                "Sommes",
                "Un responsable compte une fois dans chaque classe et chaque niveau où il a un "
                "enfant, et une seule fois dans le total : la somme des classes peut le dépasser.",
            ),
            (
                HIDDEN_TEXT,
                "Non communiqué, dans les tableaux de l'inspection : le nombre de personnes est "
                "trop petit pour être dit.",
            ),
        ),
        "les-pourcentages",
    ),
}
