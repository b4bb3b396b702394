"""The list of accounts as a file: its columns, shared by the writer and the reader.

The first nine are the screen's; the rest say what these abbreviate, so that a list read back is
the same list. Each child has a group of columns, numbered from 1, for each of their classes.
"""

from collections.abc import Sequence

from dashboard.domain.filters import NO_CLASS
from dashboard.domain.french import day
from dashboard.domain.people import ListedAccount

LISTING = {
    "students": "Élève",
    "classes": "Classe",
    "guardian": "Responsable",
    "identifier": "Identifiant",
    "email": "Messagerie",
    "origin": "Origine du compte",
    "state": "État de compte",
    "distributed_on": "Date de distribution",
    "last_access_on": "Date de dernier accès",
}
DETAILS = {
    "uai": "UAI",
    "school": "École",
    "civility": "Civilité",
    "birth_name": "Nom de naissance",
    "usage_name": "Nom d'usage",
    "first_name": "Prénom",
    "mobile": "Téléphone mobile",
}
CHILD = {
    "birth_name": "Nom de naissance élève",
    "usage_name": "Nom d'usage élève",
    "first_name": "Prénom élève",
    "born_on": "Date de naissance élève",
    "level": "Niveau élève",
    "class": "Classe élève",
}


# A child who could not be told, as the guardian's row states it; only where a list has some.
STATED = {
    "birth_name": "Nom de naissance enfant à préciser",
    "usage_name": "Nom d'usage enfant à préciser",
    "first_name": "Prénom enfant à préciser",
    "born_on": "Date de naissance enfant à préciser",
    "stated_class": "Classe indiquée enfant à préciser",
    "level": "Niveau enfant à préciser",
    "class": "Classe enfant à préciser",
    "why": "Motif enfant à préciser",
    "said": "Réponse enfant à préciser",
}


def headings(children: int, stated: int = 0) -> list[str]:
    """The header of a list in which no account has more children, told and stated, than this."""
    groups = [f"{name} {n}" for n in range(1, children + 1) for name in CHILD.values()]
    groups += [f"{name} {n}" for n in range(1, stated + 1) for name in STATED.values()]
    return [*LISTING.values(), *DETAILS.values(), *groups]


def most_children(accounts: Sequence[ListedAccount]) -> int:
    """The number of children of the account that has most, one for each of their classes."""
    return max((len(account.enrolled) for account in accounts), default=0)


def most_stated(accounts: Sequence[ListedAccount]) -> int:
    """The number of children to be clarified of the account that has most."""
    return max((len(account.stated) for account in accounts), default=0)


def account_cells(account: ListedAccount) -> list[str]:
    """What the nine columns of the list show of an account."""
    facts = account.account
    return [
        ", ".join(account.child_names),
        ", ".join(label or NO_CLASS for label in account.classes),
        account.guardian.full_name,
        facts.identifier,
        account.guardian.email,
        facts.origin.label,
        facts.state.label,
        day(facts.distributed_on),
        day(facts.last_access_on),
    ]
