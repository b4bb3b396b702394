"""Staff who forgot their password, who are locked out, and whom a provider signs in."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.actions.staff_sessions import SessionLimits, StaffSessions, find_typed
from dashboard.actions.throttle import TooMany, WrongPassword
from dashboard.actions.users import add, disable, enable, reset_password, set_email
from dashboard.domain.claims import StaffClaims
from dashboard.domain.errors import DeadLink, Refused, Unfit
from dashboard.domain.journal import AuditFilter
from dashboard.domain.scope import Area, Role, Scope, StaffScope
from dashboard.store.engine import MEMORY, Store, connect
from dashboard.store.journal import audit
from dashboard.store.messages import open_ticket
from dashboard.store.staff import find_staff, listed_staff
from tests.actions.services import NOW, Clock, Postbox, make_services
from tests.depth import deep
from tests.store.older import make_older
from tests.store.rows import SULPICE

GOOD, NEW = "Trombone-vert-42", "pivoine sauterelle"
SERVER, ALICE = StaffScope("exploitant"), StaffScope("Alice", "alice")
HOME, ELSEWHERE = "192.0.2.1", "198.51.100.7"
EMAIL = "claire@exemple.fr"
HERE = (Area.SCHOOLS, SULPICE)
_LINK = re.compile(r"https://educonnect\.example/mot-de-passe/lien/(\S+)")


@pytest.fixture
def post() -> Postbox:
    return Postbox()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sessions(store: Store) -> StaffSessions:
    for login in ("alice", "amina"):
        add(store, SERVER, NOW, login, login.capitalize(), Role.ADMINISTRATOR, set(), GOOD)
    add(store, SERVER, NOW, "claire", "Claire", Role.DIRECTOR, {HERE}, GOOD, email=f" {EMAIL} ")
    return StaffSessions(store, make_services(store).signer, SessionLimits(), elapsed=lambda: 0.0)


def letters(
    store: Store, sessions: StaffSessions, typed: str, post: Postbox, clock: Clock
) -> list[str]:
    """What is sent to somebody who types this as forgotten; the texts of the messages."""
    before = len(post.received)
    sessions.send_help(sessions.ask_for_help(typed, HOME, clock()), clock())
    make_services(store, post, clock).postman().send_due()
    found = post.letters(EMAIL) if len(post.received) > before else []
    return [letter.get_content() for letter in found[-(len(post.received) - before) :]]


def token_of(store: Store, sessions: StaffSessions, post: Postbox, clock: Clock) -> str:
    [text] = letters(store, sessions, "claire", post, clock)
    [token] = _LINK.findall(text)
    return str(token)


# Forgotten


@pytest.mark.parametrize("typed", ["claire", " CLAIRE ", EMAIL, EMAIL.upper()])
def test_who_forgot_is_sent_a_link_that_replaces_the_password(
    store: Store, sessions: StaffSessions, post: Postbox, clock: Clock, typed: str
) -> None:
    before = sessions.sign_in("claire", GOOD, HOME, NOW)
    [text] = letters(store, sessions, typed, post, clock)
    assert "Bonjour Claire," in text
    assert "claire\n" in text
    [token] = _LINK.findall(text)
    for _ in range(3):
        assert sessions.recovering(token, NOW).login == "claire"
    assert sessions.who(before, NOW) is not None
    inside = sessions.recover(token, NEW, NOW)
    user = sessions.who(inside, NOW)
    assert user is not None
    assert user.user_id == "claire"
    assert sessions.who(before, NOW) is None
    with pytest.raises(WrongPassword):
        sessions.sign_in("claire", GOOD, HOME, NOW)
    assert sessions.sign_in("claire", NEW, HOME, NOW)
    [newest, *_] = audit(store, Scope.nation(), ALICE, AuditFilter(), 100, 0)
    assert newest.entry.text() == "Mot de passe oublié, remplacé par l'utilisateur"


def test_a_link_serves_once(
    store: Store, sessions: StaffSessions, post: Postbox, clock: Clock
) -> None:
    token = token_of(store, sessions, post, clock)
    sessions.recover(token, NEW, NOW)
    for use in (
        lambda: sessions.recovering(token, NOW),
        lambda: sessions.recover(token, GOOD, NOW),
    ):
        with pytest.raises(DeadLink):
            use()


def test_a_weak_password_is_refused_and_leaves_the_link(
    store: Store, sessions: StaffSessions, post: Postbox, clock: Clock
) -> None:
    token = token_of(store, sessions, post, clock)
    for weak in ("azerty", EMAIL):
        with pytest.raises(Unfit) as refused:
            sessions.recover(token, weak, NOW)
        assert list(refused.value.fields) == ["password"]
    assert sessions.recover(token, NEW, NOW)


def revoked_by_a_newer(store: Store, sessions: StaffSessions) -> None:
    sessions.send_help("claire", NOW)


def revoked_by_a_new_password(store: Store, sessions: StaffSessions) -> None:
    reset_password(store, ALICE, NOW, "claire")


def revoked_by_another_address(store: Store, sessions: StaffSessions) -> None:
    set_email(store, ALICE, NOW, "claire", "c@exemple.fr")


def revoked_by_ones_own_choice(store: Store, sessions: StaffSessions) -> None:
    sessions.choose_password(sessions.sign_in("claire", GOOD, HOME, NOW), GOOD, NEW, HOME, NOW)


def revoked_by_disabling(store: Store, sessions: StaffSessions) -> None:
    disable(store, ALICE, NOW, "claire")
    enable(store, ALICE, NOW, "claire")


@pytest.mark.parametrize(
    "revoke",
    [
        revoked_by_a_newer,
        revoked_by_a_new_password,
        revoked_by_another_address,
        revoked_by_ones_own_choice,
        revoked_by_disabling,
    ],
)
def test_a_link_is_revoked(
    store: Store,
    sessions: StaffSessions,
    post: Postbox,
    clock: Clock,
    revoke: Callable[[Store, StaffSessions], None],
) -> None:
    token = token_of(store, sessions, post, clock)
    revoke(store, sessions)
    with pytest.raises(DeadLink):
        sessions.recover(token, NEW, NOW)


def test_a_link_ends_after_an_hour_and_cannot_be_made_up(
    store: Store, sessions: StaffSessions, post: Postbox, clock: Clock
) -> None:
    token, signer = token_of(store, sessions, post, clock), make_services(store).signer
    with pytest.raises(DeadLink):
        sessions.recovering(token, NOW + timedelta(hours=1))
    for forged in ("", "é\ud800", token[:-1], signer.token("link", 1), signer.token("x", 1)):
        with pytest.raises(DeadLink):
            sessions.recovering(forged, NOW)


@pytest.mark.parametrize("typed", ["alice", "nobody", "x@exemple.fr", "", "-", "marie", "a@b@c"])
def test_who_has_no_address_here_is_not_written_to(
    store: Store, sessions: StaffSessions, post: Postbox, clock: Clock, typed: str
) -> None:
    sessions.enter(StaffClaims("marie", "Marie", "director", (SULPICE,)), NOW)
    assert letters(store, sessions, typed, post, clock) == []
    assert post.received == []


def test_who_is_disabled_is_not_written_to(
    store: Store, sessions: StaffSessions, post: Postbox, clock: Clock
) -> None:
    disable(store, ALICE, NOW, "claire")
    assert letters(store, sessions, "claire", post, clock) == []


def test_requests_are_limited_whether_there_is_somebody_or_not(sessions: StaffSessions) -> None:
    for typed in ("claire", "nobody"):
        for n in range(5):
            sessions.ask_for_help(typed, f"203.0.113.{n}", NOW)
        with pytest.raises(TooMany):
            sessions.ask_for_help(typed, ELSEWHERE, NOW)


def test_an_address_that_is_none_is_refused(store: Store, sessions: StaffSessions) -> None:
    for email in ("claire exemple@exemple.fr", "claire", "a@b@c.fr"):
        with pytest.raises(Refused, match="impossible"):
            set_email(store, ALICE, NOW, "claire", email)
        with pytest.raises(Refused, match="impossible"):
            add(store, ALICE, NOW, "zoe", "Zoé", Role.ADMINISTRATOR, set(), GOOD, email=email)
    assert find_staff(store, "zoe") is None
    set_email(store, ALICE, NOW, "claire", "")
    found = find_staff(store, "claire")
    assert found is not None
    assert found.email == ""


# Locked out by strangers


@pytest.fixture
def locked(sessions: StaffSessions) -> datetime:
    """When a director is locked out by strangers, until tomorrow."""
    for n in range(25):
        with pytest.raises(WrongPassword):
            sessions.sign_in("claire", "faux", f"203.0.113.{n}", NOW + n * timedelta(minutes=20))
    now = NOW + timedelta(hours=10)
    with pytest.raises(TooMany):
        sessions.sign_in("claire", GOOD, HOME, now)
    return now


def test_a_new_password_of_an_administrator_lifts_the_lock(
    store: Store, sessions: StaffSessions, locked: datetime
) -> None:
    given = reset_password(store, ALICE, locked, "claire")
    assert sessions.sign_in("claire", given, HOME, locked)


def test_a_mailed_link_lifts_the_lock(
    store: Store, sessions: StaffSessions, post: Postbox, clock: Clock, locked: datetime
) -> None:
    clock.now = locked
    sessions.recover(token_of(store, sessions, post, clock), NEW, locked)
    assert sessions.sign_in("claire", NEW, HOME, locked)


def test_a_known_device_is_not_kept_out(store: Store, sessions: StaffSessions) -> None:
    known = sessions.remember(sessions.sign_in("claire", GOOD, HOME, NOW), "", NOW)
    known = sessions.remember(sessions.sign_in("alice", GOOD, HOME, NOW), known, NOW)
    for n in range(25):
        with pytest.raises(WrongPassword):
            sessions.sign_in("claire", "faux", f"203.0.113.{n}", NOW + n * timedelta(minutes=20))
    now = NOW + timedelta(hours=10)
    assert sessions.sign_in("claire", GOOD, ELSEWHERE, now, known)
    of_alice = known.split(".")[0]
    with pytest.raises(TooMany):
        sessions.sign_in("claire", GOOD, ELSEWHERE, now, of_alice)


@pytest.mark.parametrize("spelling", ["{0}{1}!", "!{0}{1}", "{0}~{1}", "{0}{1}=", "{0} {1}"])
def test_a_device_spelt_otherwise_is_none(
    store: Store, sessions: StaffSessions, spelling: str
) -> None:
    """Each spelling would have guesses of its own."""
    known = sessions.remember(sessions.sign_in("claire", GOOD, HOME, NOW), "", NOW)
    for n in range(5):
        with pytest.raises(WrongPassword):
            sessions.sign_in("claire", "faux", f"203.0.113.{n}", NOW)
    respelt = spelling.format(known[:9], known[9:])
    with pytest.raises(TooMany):
        sessions.sign_in("claire", "faux", HOME, NOW, respelt)
    assert sessions.sign_in("claire", GOOD, HOME, NOW, known)


def test_a_session_is_not_kept_from_changing_its_password(
    store: Store, sessions: StaffSessions
) -> None:
    token = sessions.sign_in("claire", GOOD, HOME, NOW)
    for n in range(5):
        with pytest.raises(WrongPassword):
            sessions.sign_in("claire", "faux", f"203.0.113.{n}", NOW)
    with pytest.raises(TooMany):
        sessions.sign_in("claire", GOOD, HOME, NOW)
    assert sessions.choose_password(token, GOOD, NEW, HOME, NOW)


def test_a_device_is_remembered_for_passwords_of_ours_only(
    store: Store, sessions: StaffSessions
) -> None:
    token = sessions.enter(StaffClaims("marie", "Marie", "director", (SULPICE,)), NOW)
    assert sessions.remember(token, "", NOW) == ""
    assert sessions.remember("x", "", NOW) == ""


# Signed in by a provider


def claims(subject: str, name: str = "Marie") -> StaffClaims:
    return StaffClaims(subject, name, "director", (SULPICE,))


def test_subjects_that_differ_by_case_are_two_people(store: Store, sessions: StaffSessions) -> None:
    one, other = (
        sessions.enter(claims("AbC-1", "Une"), NOW),
        sessions.enter(claims("aBc-1", "Autre"), NOW),
    )
    users = [
        sessions.who(token, NOW) for token in (one, other, sessions.enter(claims("AbC-1"), NOW))
    ]
    assert [user.label for user in users if user] == ["Marie", "Autre", "Marie"]
    assert len({user.user_id for user in users if user}) == 2
    disable(store, ALICE, NOW, "AbC-1")
    assert sessions.who(one, NOW) is None
    assert sessions.who(other, NOW) is not None
    with pytest.raises(WrongPassword):
        sessions.enter(claims("AbC-1"), NOW)
    assert sessions.enter(claims("aBc-1"), NOW)


SUBJECTS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12)


@settings(max_examples=deep(20))
@given(st.lists(SUBJECTS, min_size=2, max_size=4, unique=True))
def test_every_subject_is_somebody_of_their_own(subjects: list[str]) -> None:
    with connect(MEMORY) as store:
        sessions = StaffSessions(store, make_services(store).signer, SessionLimits())
        tokens = [
            sessions.enter(claims(subject, f"N{n}"), NOW) for n, subject in enumerate(subjects)
        ]
        users = [sessions.who(token, NOW) for token in tokens]
        assert [user.label for user in users if user] == [f"N{n}" for n in range(len(subjects))]


def test_a_subject_that_is_a_login_of_ours_is_another_person(
    store: Store, sessions: StaffSessions
) -> None:
    ours = sessions.sign_in("claire", GOOD, HOME, NOW)
    theirs = sessions.enter(claims("claire", "Claire du rectorat"), NOW)
    labels = [user.label for token in (ours, theirs) if (user := sessions.who(token, NOW))]
    assert labels == ["Claire", "Claire du rectorat"]
    with pytest.raises(Refused, match="claire ou openid:claire"):
        disable(store, ALICE, NOW, "claire")
    disable(store, ALICE, NOW, "openid:claire")
    assert sessions.who(ours, NOW) is not None
    assert sessions.who(theirs, NOW) is None
    sessions.enter(claims("zoe"), NOW)
    add(store, ALICE, NOW, "zoe", "Zoé", Role.ADMINISTRATOR, set(), GOOD)
    assert len(listed_staff(store, ALICE, "zoe")) == 2


def test_a_login_is_found_as_it_is_typed(store: Store, sessions: StaffSessions) -> None:
    sessions.enter(claims("AbC-1"), NOW)
    for typed, login in (
        (" Claire ", "claire"),
        ("AbC-1", "openid:AbC-1"),
        ("openid:AbC-1", "openid:AbC-1"),
    ):
        found = find_typed(store, typed)
        assert found is not None
        assert found.login == login
    assert find_typed(store, "abc-1") is None


def test_who_was_disabled_while_subjects_were_folded_stays_out(
    store: Store, sessions: StaffSessions
) -> None:
    sessions.enter(claims("abc-1"), NOW)
    sessions.enter(claims("xyz-1"), NOW)
    with store.transaction() as transaction:
        transaction.write("UPDATE staff SET folded = TRUE, disabled = TRUE WHERE name = 'Marie'")
    for subject in ("abc-1", "AbC-1"):
        with pytest.raises(WrongPassword):
            sessions.enter(claims(subject), NOW)
    enable(store, ALICE, NOW, "abc-1")
    assert sessions.enter(claims("AbC-1"), NOW)


def test_an_older_database_keeps_its_staff_sessions_and_links(tmp_path: Path) -> None:
    make_older(tmp_path / "a.duckdb", 6)
    with duckdb.connect(str(tmp_path / "a.duckdb")) as old:
        old.execute(
            "INSERT INTO staff VALUES ('claire', 'Claire', 'DIRECTOR', 'h', FALSE, NULL, NULL)"
        )
        old.execute("INSERT INTO staff VALUES ('marie', 'Marie', 'DIRECTOR', '', TRUE, NULL, NULL)")
        old.execute("INSERT INTO staff_place VALUES ('marie', 'uai', '0580189R')")
        old.execute("INSERT INTO staff_session VALUES ('k', 'marie', now(), now(), NULL)")
        old.execute("INSERT INTO ticket VALUES (7, 3, 'ACTIVATE', '2030-01-01', NULL)")
    with connect(tmp_path / "a.duckdb") as store:
        ours, theirs = find_staff(store, "claire"), find_staff(store, "openid:marie")
        assert ours is not None
        assert theirs is not None
        assert (ours.email, ours.folded, theirs.folded, theirs.disabled) == ("", False, True, True)
        assert theirs.places == {HERE}
        assert store.rows("SELECT login FROM staff_session") == [("openid:marie",)]
        kept = open_ticket(store, 7, NOW)
        assert kept is not None
        assert kept.account_id == 3
