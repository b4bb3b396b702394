"""Managing staff: what is refused, what is journalled, and passwords that are handed out."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from dashboard.actions.staff_sessions import SessionLimits, StaffSessions, user_of
from dashboard.actions.throttle import WrongPassword
from dashboard.actions.users import (
    PROVISIONAL_FOR,
    add,
    disable,
    enable,
    grant_places,
    read_places,
    reset_password,
    revoke_places,
    set_email,
    set_rights,
)
from dashboard.credentials.links import Signer
from dashboard.domain.claims import StaffClaims
from dashboard.domain.errors import Refused, Unfit
from dashboard.domain.journal import AuditFilter, StaffAction, audit_cells
from dashboard.domain.scope import Area, Role, Scope, StaffScope
from dashboard.store.engine import Change, Store
from dashboard.store.journal import audit, count_audited
from dashboard.store.schools import schools
from dashboard.store.staff import Staff, count_staff, find_staff, listed_staff
from tests.store.rows import BEZE, SULPICE, VAROIS, Rows

NOW = datetime(2026, 9, 28, 9, 0)
GOOD, OTHER = "Trombone-vert-42", "Clairon-rouge-17"
HOME = "192.0.2.1"
SERVER = StaffScope("exploitant")
ALICE, AMINA = StaffScope("Alice", "alice"), StaffScope("Amina", "amina")
HERE, THERE = (Area.SCHOOLS, SULPICE), (Area.SCHOOLS, BEZE)


@pytest.fixture
def sessions(store: Store) -> StaffSessions:
    return StaffSessions(store, Signer(b"k" * 32), SessionLimits())


@pytest.fixture(autouse=True)
def _staff(store: Store) -> None:
    """Two administrators, a director, and one whom a provider signs in."""
    for login in ("alice", "amina"):
        add(store, SERVER, NOW, login, login.capitalize(), Role.ADMINISTRATOR, set(), GOOD)
    add(store, ALICE, NOW, "claire", "Claire Exemple", Role.DIRECTOR, {HERE}, GOOD)
    provided = StaffClaims("marie", "Marie Martin", "director", (SULPICE,))
    StaffSessions(store, Signer(b"k" * 32), SessionLimits()).enter(provided, NOW)


def member(store: Store, login: str) -> Staff:
    found = find_staff(store, login)
    assert found is not None
    return found


def journal(store: Store) -> list[tuple[str, ...]]:
    entries = audit(store, Scope.nation(), ALICE, AuditFilter(), 100, 0)
    return [audit_cells(entry)[1:] for entry in entries]


def test_a_provisional_password_lets_in_to_choose_another(
    store: Store, sessions: StaffSessions
) -> None:
    given = add(store, ALICE, NOW, "zoe", "Zoé", Role.DEPUTY, {HERE})
    token = sessions.sign_in("zoe", given.replace("-", " ").upper(), HOME, NOW)
    assert sessions.who(token, NOW) is None
    assert sessions.must_choose(token, NOW)
    inside = sessions.choose_password(token, "", OTHER, HOME, NOW)
    user = sessions.who(inside, NOW)
    assert user is not None
    assert (user.label, user.has_password) == ("Zoé", True)
    assert sessions.member(token, NOW) is None
    with pytest.raises(WrongPassword):
        sessions.sign_in("zoe", given, HOME, NOW)


def test_a_provisional_password_ends(store: Store, sessions: StaffSessions) -> None:
    given = reset_password(store, ALICE, NOW, "claire")
    late = NOW + PROVISIONAL_FOR + timedelta(minutes=1)
    with pytest.raises(Refused, match="expiré"):
        sessions.sign_in("claire", given, HOME, late)


def test_the_provisional_password_itself_is_not_chosen_again(
    store: Store, sessions: StaffSessions
) -> None:
    given = reset_password(store, ALICE, NOW, "claire")
    token = sessions.sign_in("claire", given, HOME, NOW)
    for text in (given, given.upper(), "azerty"):
        with pytest.raises(Unfit):
            sessions.choose_password(token, "", text, HOME, NOW)


def test_ones_own_password_is_changed_by_who_knows_it(
    store: Store, sessions: StaffSessions
) -> None:
    here, there = (sessions.sign_in("claire", GOOD, HOME, NOW) for _ in range(2))
    with pytest.raises(Unfit) as refused:
        sessions.choose_password(here, "faux", OTHER, HOME, NOW)
    assert list(refused.value.fields) == ["current"]
    new = sessions.choose_password(here, GOOD, OTHER, HOME, NOW)
    assert [sessions.who(token, NOW) is None for token in (here, there, new)] == [True, True, False]
    assert journal(store)[0] == (
        "Claire Exemple",
        "claire",
        "Mot de passe choisi par l'utilisateur",
    )


def test_a_disabled_person_keeps_their_provisional_session_no_longer(
    store: Store, sessions: StaffSessions
) -> None:
    token = sessions.sign_in("claire", reset_password(store, ALICE, NOW, "claire"), HOME, NOW)
    disable(store, ALICE, NOW, "claire")
    with pytest.raises(WrongPassword):
        sessions.choose_password(token, "", OTHER, HOME, NOW)


def test_nobody_disables_themself(store: Store) -> None:
    with pytest.raises(Refused, match="votre propre compte"):
        disable(store, ALICE, NOW, " Alice ")


def test_the_last_administrator_stays_one(store: Store) -> None:
    disable(store, ALICE, NOW, "amina")
    with pytest.raises(Refused, match="dernier administrateur"):
        disable(store, SERVER, NOW, "alice")
    with pytest.raises(Refused, match="dernier administrateur"):
        set_rights(store, ALICE, NOW, "alice", Role.DIRECTOR, {HERE})
    enable(store, ALICE, NOW, "amina")
    set_rights(store, ALICE, NOW, "alice", Role.DIRECTOR, {HERE})
    assert member(store, "alice").role is Role.DIRECTOR


def test_two_administrators_who_disable_each_other_leave_one(store: Store) -> None:
    start, refused = threading.Barrier(2), []

    def act(scope: StaffScope, login: str) -> None:
        start.wait(5)
        try:
            disable(store, scope, NOW, login)
        except Refused as reason:
            refused.append(str(reason))

    threads = [
        threading.Thread(target=act, args=one) for one in ((ALICE, "amina"), (AMINA, "alice"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert sorted([member(store, login).disabled for login in ("alice", "amina")]) == [False, True]


CHANGES: dict[str, Callable[[Store], object]] = {
    "password": lambda store: reset_password(store, ALICE, NOW, "openid:marie"),
    "email": lambda store: set_email(store, ALICE, NOW, "marie", "m@exemple.fr"),
    "rights": lambda store: set_rights(store, ALICE, NOW, "openid:marie", Role.DEPUTY, {HERE}),
    "places": lambda store: grant_places(store, ALICE, NOW, "openid:marie", {THERE}),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_a_provider_states_is_not_changed_here(store: Store, change: str) -> None:
    before = member(store, "openid:marie")
    with pytest.raises(Refused, match="fournisseur d'identité"):
        CHANGES[change](store)
    assert member(store, "openid:marie") == before
    assert before.state == "par le fournisseur d'identité"


@pytest.mark.parametrize("login", ["", "personne", "' OR 1=1", "\0", "claire\n--"])
def test_nobody_of_that_login_is_a_refusal(store: Store, login: str) -> None:
    with pytest.raises(Refused, match="Personne n'a l'identifiant"):
        disable(store, ALICE, NOW, login)


@pytest.mark.parametrize(
    ("name", "reason"), [("Responsable", "réservé"), ("import", "réservé"), ("x" * 101, "long")]
)
def test_a_name_that_the_journal_could_mistake_is_refused(
    store: Store, name: str, reason: str
) -> None:
    with pytest.raises(Refused, match=reason):
        add(store, ALICE, NOW, "x", name, Role.ADMINISTRATOR, set())


def test_everything_is_journalled_with_who_did_it_and_no_secret(store: Store) -> None:
    given = reset_password(store, ALICE, NOW, "claire")
    grant_places(store, ALICE, NOW, "claire", {THERE})
    grant_places(store, ALICE, NOW, "claire", {THERE})
    revoke_places(store, ALICE, NOW, "claire", {HERE, THERE})
    disable(store, AMINA, NOW, "claire")
    disable(store, AMINA, NOW, "claire")
    enable(store, AMINA, NOW, "claire")
    assert journal(store)[:6] == [
        ("Amina", "claire", "Utilisateur réactivé"),
        ("Amina", "claire", "Utilisateur désactivé"),
        (
            "Alice",
            "claire",
            f"Rôle et lieux d'utilisateur changés : Directeur, {BEZE}, {SULPICE} → Directeur",
        ),
        (
            "Alice",
            "claire",
            f"Rôle et lieux d'utilisateur changés : Directeur, {SULPICE} → "
            f"Directeur, {BEZE}, {SULPICE}",
        ),
        ("Alice", "claire", "Mot de passe d'utilisateur réinitialisé"),
        ("Alice", "claire", f"Utilisateur ajouté : Directeur, {SULPICE}"),
    ]
    assert given not in str(journal(store))


def test_what_is_done_to_staff_is_for_administrators_to_read(store: Store) -> None:
    conditions = AuditFilter(action=StaffAction.ADD)
    assert count_audited(store, Scope.nation(), ALICE, conditions) == 3
    assert count_audited(store, Scope.nation(), None, AuditFilter()) == 0


@pytest.mark.parametrize(
    ("search", "logins"),
    [
        ("", ["alice", "amina", "claire", "openid:marie"]),
        ("EXEMPLE claire", ["claire"]),
        (SULPICE.lower(), ["claire", "openid:marie"]),
        ("%", []),
        ("' OR TRUE --", []),
    ],
)
def test_staff_are_found_by_login_name_and_place(
    store: Store, search: str, logins: list[str]
) -> None:
    assert [one.login for one in listed_staff(store, ALICE, search)] == logins
    assert count_staff(store, ALICE, search) == len(logins)


@pytest.fixture
def districts(store: Store) -> None:
    """Three districts, two of which have one name."""
    rows = Rows(store)
    rows.school(BEZE, "Dijon Est", "021")
    rows.school(VAROIS, "ASH", "021")
    rows.school(SULPICE, "ASH", "058")


EAST, ASH = (Area.DISTRICT, "021/Dijon Est"), (Area.DISTRICT, "058/ASH")


@pytest.mark.usefixtures("districts")
def test_a_district_is_granted_with_its_department_if_there_is_one_of_that_name(
    store: Store,
) -> None:
    for login, name, granted in (("est", "Dijon Est", EAST), ("ash", "058/ASH", ASH)):
        add(store, ALICE, NOW, login, login, Role.INSPECTOR, {(Area.DISTRICT, name)}, GOOD)
        assert member(store, login).places == {granted}
    wrong = {(Area.DISTRICT, "ASH"), (Area.DISTRICT, "Dijon-Est")}
    with pytest.raises(Refused) as refused:
        add(store, ALICE, NOW, "both", "Both", Role.INSPECTOR, wrong, GOOD)
    assert refused.value.reasons == [
        "Plusieurs circonscriptions s'appellent « ASH » : 021/ASH ou 058/ASH ?",
        "Aucun établissement connu n'est de la circonscription « Dijon-Est ».",
    ]
    assert find_staff(store, "both") is None
    with pytest.raises(Refused):
        grant_places(store, ALICE, NOW, "est", {(Area.DISTRICT, "ASH")})
    assert member(store, "est").places == {EAST}


@pytest.mark.usefixtures("districts")
@pytest.mark.parametrize("name", ["Dijon Est", "021/Dijon Est"])
def test_a_district_is_taken_back_with_its_department_or_without(store: Store, name: str) -> None:
    add(store, ALICE, NOW, "i", "I", Role.INSPECTOR, {EAST, ASH}, GOOD)
    revoke_places(store, ALICE, NOW, "i", {(Area.DISTRICT, name)})
    assert member(store, "i").places == {ASH}
    with pytest.raises(Refused, match="n'a pas"):
        revoke_places(store, ALICE, NOW, "i", {(Area.DISTRICT, name)})


@pytest.mark.usefixtures("districts")
def test_a_district_of_the_same_name_that_comes_later_is_not_granted(store: Store) -> None:
    add(store, ALICE, NOW, "i", "I", Role.INSPECTOR, {(Area.DISTRICT, "Dijon Est")}, GOOD)
    claims = StaffClaims("p", "P", "inspector", ("Dijon Est", "ASH", "Nowhere"))
    sessions = StaffSessions(store, Signer(b"k" * 32), SessionLimits())
    sessions.enter(claims, NOW)
    with store.transaction() as transaction:
        transaction.write("UPDATE school SET district = 'Dijon Est' WHERE uai = $1", [SULPICE])
    for login in ("i", "openid:p"):
        scope = user_of(member(store, login)).scope
        assert list(schools(store, scope)["uai"]) == [BEZE]
    sessions.enter(claims, NOW)  # of two of that name, it is no longer said which
    assert member(store, "openid:p").places == {(Area.DISTRICT, "021/ASH")}


def test_a_district_that_is_held_stays_though_its_schools_went(store: Store) -> None:
    rows = Rows(store)
    rows.school(BEZE, "Dijon Est", "021")
    add(store, ALICE, NOW, "i", "I", Role.INSPECTOR, {EAST}, GOOD)
    with store.transaction() as transaction:
        transaction.write("UPDATE school SET district = 'Dijon Ouest'")
    grant_places(store, ALICE, NOW, "i", {(Area.DISTRICT, "Dijon Ouest")})
    assert member(store, "i").places == {EAST, (Area.DISTRICT, "021/Dijon Ouest")}


def test_places_are_read_as_the_role_takes_them() -> None:
    assert read_places(Role.DIRECTOR, [" 0580189r", ""]) == {HERE}
    assert read_places(Role.INSPECTOR, ["21"]) == {(Area.DEPARTMENT, "021")}
    assert read_places(Role.INSPECTOR, ["Dijon"]) == {(Area.ACADEMY, "Dijon")}
    with pytest.raises(Refused):
        read_places(Role.DEPUTY, ["0580189A", "x"])


def test_the_last_sign_in_is_known(store: Store, sessions: StaffSessions) -> None:
    assert member(store, "claire").last_sign_in_at is None
    sessions.sign_in("claire", GOOD, HOME, NOW)
    assert member(store, "claire").last_sign_in_at == NOW


def test_listeners_are_told_who_changed_and_which_session_ended(
    store: Store, sessions: StaffSessions
) -> None:
    token = sessions.sign_in("claire", GOOD, HOME, NOW)
    changes: list[Change] = []
    store.listen(changes.append)
    sessions.sign_out(token, NOW)
    disable(store, ALICE, NOW, "claire")
    ended, disabled = changes
    assert ended == Change(sessions=ended.sessions)
    assert len(ended.sessions) == 1
    assert disabled == Change(staff=frozenset({"claire"}))
