"""Who a visitor is: a user of the demonstration, or the person at this machine."""

from collections.abc import Container

from dashboard.domain.errors import Refused
from dashboard.domain.network import is_this_machine
from dashboard.domain.scope import SCOPES, ActingScope, PeopleScope, Role, Scope, User
from dashboard.store.engine import Store
from dashboard.store.schools import schools
from dashboard.store.staff import has_staff

LOCAL = "local"
DEMO_USERS = {
    user.user_id: user
    for user in (
        User(
            "director-1",
            "Directeur · Saint-Sulpice",
            Role.DIRECTOR,
            ActingScope.schools("0580189R"),
        ),
        User(
            "director-3",
            "Directrice · Bèze, Varois-et-Chaignot, Noiron-sous-Gevrey",
            Role.DIRECTOR,
            ActingScope.schools("0210351T", "0210507M", "0210749A"),
        ),
        User(
            "deputy",
            "Adjoint · Saint-Sulpice",
            Role.DEPUTY,
            PeopleScope.schools("0580189R"),
        ),
        User("inspector", "Inspectrice · Côte-d'Or", Role.INSPECTOR, Scope.department("021")),
        User("inspector-academy", "Rectorat · Dijon", Role.INSPECTOR, Scope.academy("Dijon")),
        User(
            "inspector-district",
            "Inspecteur · Circonscription Dijon Est",
            Role.INSPECTOR,
            Scope.district("Dijon Est"),
        ),
        User(
            "administrator", "Administratrice · Démonstration", Role.ADMINISTRATOR, Scope.schools()
        ),
    )
}


def demo_users(store: Store) -> dict[str, User]:
    """Who anybody may enter the demonstration as.

    The administrator manages those who sign in: where there are some, they have their own.
    """
    is_managed = has_staff(store)
    return {
        name: user
        for name, user in DEMO_USERS.items()
        if not (is_managed and user.role is Role.ADMINISTRATOR)
    }


# What a proxy adds to the requests it passes on: these come from anywhere.
_PASSED_ON = ("Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via")


def is_at_this_machine(remote_address: str | None, headers: Container[str]) -> bool:
    """Whether a request was made at this machine, and not passed on by a proxy that is here."""
    if remote_address is None or any(name in headers for name in _PASSED_ON):
        return False
    return is_this_machine(remote_address)


def local_user(
    store: Store,
    remote_address: str | None,
    headers: Container[str] = (),
    *,
    role: Role = Role.DIRECTOR,
) -> User:
    """The person at this machine, who has the database's file and so sees all its schools.

    Raises:
        Refused: the visitor is on another machine; sign-in is needed there.
    """
    if not is_at_this_machine(remote_address, headers):
        raise Refused(["Sans connexion nominative, seul cet ordinateur a accès à l'application."])
    known = schools(store, Scope.nation())["uai"]
    return User(LOCAL, "Accès local", role, SCOPES[role].schools(*known))
