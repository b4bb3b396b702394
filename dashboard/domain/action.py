"""What may be done with an account in each state, the function that decides, what was done."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from dashboard.domain.account import Origin, State
from dashboard.domain.document import Document
from dashboard.domain.people import ListedAccount


class Action(StrEnum):
    """What is done with an account; the journal keeps these names."""

    NOTIFY_BY_SHEET = "NOTIFY_BY_SHEET"
    NOTIFY_BY_EMAIL = "NOTIFY_BY_EMAIL"
    RESET = "RESET"
    RESEND = "RESEND"
    CORRECT = "CORRECT"
    CLARIFY = "CLARIFY"
    SIGN_IN = "SIGN_IN"
    ASK_FOR_HELP = "ASK_FOR_HELP"
    CHOOSE_PASSWORD = "CHOOSE_PASSWORD"
    ACTIVATE = "ACTIVATE"
    RECOVER = "RECOVER"
    # How an account came here; nothing decides about these.
    CREATE = "CREATE"
    TAKE_OVER = "TAKE_OVER"
    # How what names its guardian goes; nothing decides about this either.
    ERASE = "ERASE"

    @property
    def label(self) -> str:
        return _LABELS[self]

    @property
    def past(self) -> str:
        return _PAST[self]


_LABELS = {
    Action.NOTIFY_BY_SHEET: "Notifier par feuilles",
    Action.NOTIFY_BY_EMAIL: "Notifier par courriel",
    Action.RESET: "Réinitialiser les mots de passe",
    Action.RESEND: "Renvoyer le courriel d'activation",
    Action.CORRECT: "Corriger les coordonnées",
    Action.CLARIFY: "Préciser l'enfant",
    Action.SIGN_IN: "Se connecter",
    Action.ASK_FOR_HELP: "Demander de l'aide",
    Action.CHOOSE_PASSWORD: "Choisir un mot de passe",
    Action.ACTIVATE: "Activer le compte",
    Action.RECOVER: "Choisir un nouveau mot de passe",
    Action.CREATE: "Créer le compte",
    Action.TAKE_OVER: "Reprendre le compte",
    Action.ERASE: "Effacer les données de la personne",
}
_PAST = {
    Action.NOTIFY_BY_SHEET: "Notifié par feuille",
    Action.NOTIFY_BY_EMAIL: "Notifié par courriel",
    Action.RESET: "Mot de passe réinitialisé",
    Action.RESEND: "Courriel d'activation renvoyé",
    Action.CORRECT: "Coordonnées corrigées",
    Action.CLARIFY: "Enfant précisé",
    Action.SIGN_IN: "Connexion du responsable",
    Action.ASK_FOR_HELP: "Identifiant ou mot de passe oublié : courriel envoyé au responsable",
    Action.CHOOSE_PASSWORD: "Mot de passe choisi par le responsable",
    Action.ACTIVATE: "Compte activé par le responsable",
    Action.RECOVER: "Mot de passe oublié, remplacé par le responsable",
    Action.CREATE: "Compte créé par un import",
    Action.TAKE_OVER: "État repris d'une liste importée",
    Action.ERASE: "Données de la personne effacées",
}
# What staff do to accounts that they have selected, in the order of the screen.
BULK_ACTIONS = (
    Action.NOTIFY_BY_SHEET,
    Action.NOTIFY_BY_EMAIL,
    Action.RESET,
    Action.RESEND,
)
BY_EMAIL = frozenset({Action.NOTIFY_BY_EMAIL, Action.RESEND})


class Channel(StrEnum):
    """How an account is notified."""

    SHEET = "sheet"
    EMAIL = "email"


NOTIFYING = {Channel.SHEET: Action.NOTIFY_BY_SHEET, Channel.EMAIL: Action.NOTIFY_BY_EMAIL}

# Each cell is the state that the action leads to, or why it is refused.
_NOTIFY: dict[State, State | str] = {
    State.NOT_NOTIFIED: State.NOTIFIED,
    State.NOTIFIED: State.NOTIFIED,
    State.ACTIVATING: (
        "activation en cours : renvoyez le courriel d'activation, ou réinitialisez le mot de passe"
    ),
    State.ACTIVATED: "compte déjà activé : rien à notifier",
}
_NOT_YET = "compte pas encore notifié : notifiez-le d'abord"
TRANSITIONS: dict[Action, dict[State, State | str]] = {
    Action.NOTIFY_BY_SHEET: _NOTIFY,
    Action.NOTIFY_BY_EMAIL: _NOTIFY,
    Action.RESET: {
        State.NOT_NOTIFIED: _NOT_YET,
        State.NOTIFIED: State.NOTIFIED,
        State.ACTIVATING: State.NOTIFIED,
        State.ACTIVATED: State.ACTIVATED,
    },
    Action.RESEND: {
        State.NOT_NOTIFIED: _NOT_YET,
        State.NOTIFIED: "activation pas commencée : aucun courriel d'activation à renvoyer",
        State.ACTIVATING: State.ACTIVATING,
        State.ACTIVATED: "compte déjà activé : aucun courriel d'activation à renvoyer",
    },
    Action.CORRECT: {state: state for state in State},
    Action.SIGN_IN: {state: state for state in State},
    Action.ASK_FOR_HELP: {
        state: state if state is not State.NOT_NOTIFIED else "compte pas encore remis par l'école"
        for state in State
    },
    Action.CHOOSE_PASSWORD: {
        State.NOT_NOTIFIED: "compte pas encore remis par l'école",
        State.NOTIFIED: State.ACTIVATING,
        State.ACTIVATING: "mot de passe déjà choisi : il reste à suivre le lien reçu par courriel",
        State.ACTIVATED: State.ACTIVATED,
    },
    Action.ACTIVATE: {
        State.NOT_NOTIFIED: "compte pas encore remis par l'école",
        State.NOTIFIED: "mot de passe pas encore choisi",
        State.ACTIVATING: State.ACTIVATED,
        State.ACTIVATED: "compte déjà activé",
    },
    Action.RECOVER: {
        State.NOT_NOTIFIED: "compte pas encore remis par l'école",
        State.NOTIFIED: "mot de passe pas encore choisi",
        State.ACTIVATING: "compte pas encore activé",
        State.ACTIVATED: State.ACTIVATED,
    },
}
_NO_PASSWORD = "compte FranceConnect : aucun mot de passe n'est géré ici"
_NO_ADDRESS = "adresse de messagerie inconnue"
_NEEDS_PASSWORD = frozenset({Action.RESET, Action.CHOOSE_PASSWORD, Action.RECOVER})
CHANGED_MEANWHILE = "modifié entre-temps par une autre personne"


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether an action is done, and then the state it leads to; else the reason, in French."""

    state: State
    reason: str = ""

    @property
    def is_done(self) -> bool:
        return not self.reason


def decide(action: Action, state: State, origin: Origin, has_email: bool) -> Decision:
    """What an action leads to; a refusal leaves the account in its state.

    FranceConnect accounts have no password here, and what goes by e-mail needs an address.
    """
    cell = TRANSITIONS[action][state]
    if origin is Origin.FRANCECONNECT and action in _NEEDS_PASSWORD:
        return Decision(state, _NO_PASSWORD)
    if not isinstance(cell, State):
        return Decision(state, cell)
    if action in BY_EMAIL and not has_email:
        return Decision(state, _NO_ADDRESS)
    return Decision(cell)


class Outcome(StrEnum):
    """What became of one account."""

    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"

    @property
    def label(self) -> str:
        return {"done": "fait", "skipped": "passé", "failed": "en échec"}[self.value]

    @property
    def plural(self) -> str:
        return {"done": "faits", "skipped": "passés", "failed": "en échec"}[self.value]


@dataclass(frozen=True, slots=True)
class Result:
    """One account's line of a report; `reason` is also what to know of an account that is done."""

    account: ListedAccount
    outcome: Outcome
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What an action did, account by account, and the sheets it made."""

    action: Action
    results: tuple[Result, ...]
    sheets: Document | None = field(default=None, repr=False)

    def count(self, outcome: Outcome) -> int:
        return sum(result.outcome is outcome for result in self.results)

    @property
    def noted(self) -> list[Result]:
        """What is done, and of which there is more to know."""
        return [one for one in self.results if one.outcome is Outcome.DONE and one.reason]

    @property
    def reasons(self) -> Mapping[str, int]:
        """How many accounts have each reason, most frequent first."""
        counted = Counter(result.reason for result in self.results if result.reason)
        return dict(counted.most_common())
