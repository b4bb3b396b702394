"""How staff sign in and are known: sessions that expire, end, and follow what is granted."""

from datetime import datetime, timedelta

import pytest

from dashboard.actions.local_users import DEMO_USERS, demo_users, local_user
from dashboard.actions.staff_sessions import SessionLimits, StaffSessions
from dashboard.actions.throttle import TooMany, WrongPassword
from dashboard.actions.users import (
    add,
    disable,
    enable,
    grant_places,
    reset_password,
    revoke_places,
)
from dashboard.credentials.links import Signer
from dashboard.domain.errors import Refused
from dashboard.domain.scope import ActingScope, Area, PeopleScope, Role, Scope, StaffScope
from dashboard.store.engine import Store
from tests.store.rows import BEZE, SULPICE

NOW = datetime(2026, 9, 28, 9, 0)
GOOD = "Trombone-vert-42"
SERVER = StaffScope("exploitant")
HOME, ELSEWHERE = "192.0.2.1", "198.51.100.7"


@pytest.fixture
def sessions(store: Store) -> StaffSessions:
    return StaffSessions(store, Signer(b"k" * 32), SessionLimits())


@pytest.fixture
def claire(store: Store) -> str:
    """The director of one school."""
    add(
        store,
        SERVER,
        NOW,
        "claire",
        "Claire Exemple",
        Role.DIRECTOR,
        {(Area.SCHOOLS, SULPICE)},
        GOOD,
    )
    return "claire"


def later(**how_much: float) -> datetime:
    return NOW + timedelta(**how_much)


def test_a_password_opens_a_session_that_knows_who_it_is(
    sessions: StaffSessions, claire: str
) -> None:
    user = sessions.who(sessions.sign_in(" Claire ", GOOD, HOME, NOW), NOW)
    assert user is not None
    assert (user.user_id, user.label, user.role) == ("claire", "Claire Exemple", Role.DIRECTOR)
    assert user.acting_in(SULPICE) == ActingScope.schools(SULPICE)
    assert user.people_in(BEZE) is None


def test_each_sign_in_has_a_token_of_its_own(sessions: StaffSessions, claire: str) -> None:
    assert sessions.sign_in(claire, GOOD, HOME, NOW) != sessions.sign_in(claire, GOOD, HOME, NOW)


@pytest.mark.parametrize("token", ["", "x", "é", "0" * 43])
def test_a_made_up_token_is_nobody(sessions: StaffSessions, claire: str, token: str) -> None:
    assert sessions.who(token, NOW) is None


def test_the_token_itself_is_not_stored(store: Store, sessions: StaffSessions, claire: str) -> None:
    token = sessions.sign_in(claire, GOOD, HOME, NOW)
    [(key,)] = store.rows("SELECT session_key FROM staff_session")
    assert token not in key


def test_an_unused_session_ends_and_a_used_one_lasts(sessions: StaffSessions, claire: str) -> None:
    unused, used = (sessions.sign_in(claire, GOOD, HOME, NOW) for _ in range(2))
    assert sessions.who(used, later(minutes=50)) is not None
    assert sessions.who(unused, later(minutes=61)) is None
    assert sessions.who(used, later(minutes=100)) is not None


def test_looking_whether_a_session_is_open_does_not_make_it_last(
    sessions: StaffSessions, claire: str
) -> None:
    token = sessions.sign_in(claire, GOOD, HOME, NOW)
    assert sessions.who(token, later(minutes=50), is_active=False) is not None
    assert sessions.who(token, later(minutes=70), is_active=False) is None


def test_no_session_lasts_longer_than_half_a_day(sessions: StaffSessions, claire: str) -> None:
    token = sessions.sign_in(claire, GOOD, HOME, NOW)
    for minutes in range(0, 12 * 60, 30):
        assert sessions.who(token, later(minutes=minutes)) is not None
    assert sessions.who(token, later(hours=12, minutes=1)) is None


def test_signing_out_ends_that_session_only(sessions: StaffSessions, claire: str) -> None:
    here, there = (sessions.sign_in(claire, GOOD, HOME, NOW) for _ in range(2))
    sessions.sign_out(here, NOW)
    assert sessions.who(here, NOW) is None
    assert sessions.who(there, NOW) is not None


def test_a_disabled_user_is_out_everywhere_and_cannot_come_back(
    store: Store, sessions: StaffSessions, claire: str
) -> None:
    tokens = [sessions.sign_in(claire, GOOD, HOME, NOW) for _ in range(3)]
    assert disable(store, SERVER, NOW, claire) == 3
    assert [sessions.who(token, NOW) for token in tokens] == [None] * 3
    with pytest.raises(WrongPassword):
        sessions.sign_in(claire, GOOD, HOME, NOW)
    enable(store, SERVER, NOW, claire)
    assert sessions.who(tokens[0], NOW) is None
    assert sessions.who(sessions.sign_in(claire, GOOD, HOME, NOW), NOW) is not None


def test_a_changed_password_ends_the_sessions_of_the_old_one(
    store: Store, sessions: StaffSessions, claire: str
) -> None:
    token = sessions.sign_in(claire, GOOD, HOME, NOW)
    reset_password(store, SERVER, NOW, claire, "Clairon-rouge-17")
    assert sessions.who(token, NOW) is None
    with pytest.raises(WrongPassword):
        sessions.sign_in(claire, GOOD, HOME, NOW)


def test_what_is_granted_and_taken_back_holds_at_once(
    store: Store, sessions: StaffSessions, claire: str
) -> None:
    token = sessions.sign_in(claire, GOOD, HOME, NOW)
    grant_places(store, SERVER, NOW, claire, {(Area.SCHOOLS, BEZE)})
    revoke_places(store, SERVER, NOW, claire, {(Area.SCHOOLS, SULPICE)})
    user = sessions.who(token, NOW)
    assert user is not None
    assert user.scope == ActingScope.schools(BEZE)


def test_who_guesses_a_password_is_locked_out_and_others_are_not(
    store: Store, sessions: StaffSessions, claire: str
) -> None:
    add(store, SERVER, NOW, "denis", "", Role.DEPUTY, {(Area.SCHOOLS, SULPICE)}, GOOD)
    for _ in range(5):
        with pytest.raises(WrongPassword, match="Identifiant ou mot de passe incorrect"):
            sessions.sign_in(claire, "faux", ELSEWHERE, NOW)
    with pytest.raises(TooMany):
        sessions.sign_in(claire, GOOD, HOME, NOW)
    assert sessions.sign_in("denis", GOOD, HOME, NOW)
    assert sessions.sign_in(claire, GOOD, HOME, later(minutes=6))


def test_an_unknown_login_is_answered_as_a_known_one(sessions: StaffSessions, claire: str) -> None:
    said = []
    for login in (claire, "personne"):
        with pytest.raises(WrongPassword) as refused:
            sessions.sign_in(login, "faux", HOME, NOW)
        said.append(refused.value.reasons)
    assert said[0] == said[1]


@pytest.mark.parametrize(
    ("role", "places", "scope"),
    [
        (Role.DIRECTOR, {(Area.SCHOOLS, SULPICE)}, ActingScope.schools(SULPICE)),
        (Role.DEPUTY, {(Area.SCHOOLS, SULPICE)}, PeopleScope.schools(SULPICE)),
        (Role.INSPECTOR, {(Area.DEPARTMENT, "021")}, Scope.department("021")),
        (Role.ADMINISTRATOR, set(), Scope.schools()),
    ],
)
def test_a_role_makes_its_scope_of_the_places(
    store: Store, sessions: StaffSessions, role: Role, places: set[tuple[Area, str]], scope: Scope
) -> None:
    add(store, SERVER, NOW, "x", "", role, places, GOOD)
    user = sessions.who(sessions.sign_in("x", GOOD, HOME, NOW), NOW)
    assert user is not None
    assert user.scope == scope


@pytest.mark.parametrize(
    ("login", "role", "places", "password", "reason"),
    [
        ("", Role.ADMINISTRATOR, set(), GOOD, "Identifiant vide"),
        ("a:b", Role.ADMINISTRATOR, set(), GOOD, "deux-points"),
        ("claire", Role.ADMINISTRATOR, set(), GOOD, "déjà pris"),
        ("x", Role.DIRECTOR, set(), GOOD, "au moins un lieu"),
        ("x", Role.DIRECTOR, {(Area.ACADEMY, "Dijon")}, GOOD, "de cette sorte"),
        ("x", Role.ADMINISTRATOR, set(), "azerty", "trop court"),
    ],
)
def test_a_user_who_cannot_be_is_refused_with_the_reason(
    store: Store,
    claire: str,
    login: str,
    role: Role,
    places: set[tuple[Area, str]],
    password: str,
    reason: str,
) -> None:
    with pytest.raises(Refused, match=reason):
        add(store, SERVER, NOW, login, "", role, places, password)


def test_the_demonstration_is_entered_only_where_it_is_offered(store: Store) -> None:
    offered = StaffSessions(store, Signer(b"k" * 32), SessionLimits(), DEMO_USERS)
    token = offered.enter_demo("inspector", NOW)
    assert offered.who(token, NOW) == DEMO_USERS["inspector"]
    elsewhere = StaffSessions(store, Signer(b"k" * 32), SessionLimits())
    assert elsewhere.who(token, NOW) is None
    with pytest.raises(WrongPassword):
        elsewhere.enter_demo("inspector", NOW)


def test_the_demonstration_has_an_administrator_where_nobody_else_signs_in(store: Store) -> None:
    assert Role.ADMINISTRATOR in {user.role for user in demo_users(store).values()}
    add(store, SERVER, NOW, "alice", "", Role.ADMINISTRATOR, set(), GOOD)
    assert Role.ADMINISTRATOR not in {user.role for user in demo_users(store).values()}


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-Ip", "Via"])
def test_what_a_proxy_passes_on_does_not_come_from_this_machine(store: Store, header: str) -> None:
    with pytest.raises(Refused, match="seul cet ordinateur"):
        local_user(store, "127.0.0.1", {header: "127.0.0.1"})
