"""What the list of accounts says where it shows none, without a browser."""

from datetime import datetime

import pytest

from dashboard.actions.productions import Productions
from dashboard.bootstrap import open_services
from dashboard.domain.account import State
from dashboard.domain.filters import AccountFilter
from dashboard.domain.scope import ActingScope, Role, User
from dashboard.settings import Settings
from dashboard.store.engine import Store
from dashboard.views.guardians import GuardiansView
from dashboard.views.state.action_state import ActionState
from dashboard.views.state.list_state import ListState, Tab
from tests.store.rows import SULPICE, Rows

NOW = datetime(2026, 9, 28, 10, 30)
DIRECTOR = User("d.erable", "Directrice", Role.DIRECTOR, ActingScope.schools(SULPICE))


def said(store: Store, conditions: AccountFilter) -> str:
    """The message above the list of a school, where it shows one."""
    services = open_services(store, Settings(), "http://localhost", lambda: NOW)
    action_state = ActionState(services, DIRECTOR, Productions(lambda: NOW, lambda _: None))
    list_state = ListState(school=SULPICE, tab=Tab.GUARDIANS, conditions=conditions)
    message = GuardiansView(list_state, DIRECTOR, services, action_state).__panel__()[0]
    return str(message.object) if message.visible else ""


@pytest.fixture
def school(store: Store) -> Store:
    rows = Rows(store)
    rows.school()
    rows.account(rows.student())
    return store


@pytest.mark.parametrize(
    ("conditions", "message"),
    [
        (AccountFilter(), ""),
        (AccountFilter(search="martin"), ""),
        (AccountFilter(search=" "), ""),
        (
            AccountFilter(search="@"),
            "Rien à chercher dans « @ » : tapez des lettres ou des chiffres.",
        ),
        (
            AccountFilter(search="érable"),
            "Aucun compte ne répond à ces filtres. Élargissez-les ou effacez-les.",
        ),
        (
            AccountFilter(states=(State.ACTIVATED,)),
            "Aucun compte ne répond à ces filtres. Élargissez-les ou effacez-les.",
        ),
    ],
    ids=lambda value: value.describe() if isinstance(value, AccountFilter) else "",
)
def test_an_empty_list_says_why(school: Store, conditions: AccountFilter, message: str) -> None:
    assert said(school, conditions) == message


def test_signs_that_were_searched_for_stay_text(school: Store) -> None:
    assert said(school, AccountFilter(search="<!--")).startswith(
        "Rien à chercher dans « &lt;!-- » :"
    )
