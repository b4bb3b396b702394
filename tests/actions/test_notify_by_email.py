"""Writing to guardians: a message and the change it tells of come together, newest alone."""

from dataclasses import replace
from datetime import timedelta

import pytest

from dashboard.actions.guardian_access import GuardianAccess
from dashboard.actions.notify_by_email import follow_up, notify_by_email
from dashboard.actions.services import Services
from dashboard.domain.account import Origin, State
from dashboard.domain.action import CHANGED_MEANWHILE, Action, Outcome, Report
from dashboard.domain.credentials import Purpose
from dashboard.domain.errors import DeadLink
from dashboard.domain.scope import ActingScope
from dashboard.store.engine import Changed, Store
from dashboard.transport.delivery import Delayed, Rejected, Uncertain
from tests.actions.services import (
    ABRICOT,
    BOULEAU,
    CERISE,
    FIGUE,
    GENET,
    GIVEN_UP,
    GOOD_PASSWORD,
    HERE,
    NOW,
    SAINT_SULPICE,
    Postbox,
    address,
    asker,
    change,
    entries,
    families,
    make_services,
    messages,
    notified_by_email,
    notified_by_sheet,
    open_purposes,
    opens,
    outcomes,
    passwords_on,
    prepared,
    print_sheets,
    row,
    state_of,
    together,
    token_in,
)
from tests.actions.stored import tables
from tests.store.rows import BEZE, Rows


@pytest.fixture
def school(store: Store) -> Rows:
    return families(store)


@pytest.fixture
def post() -> Postbox:
    return Postbox()


@pytest.fixture
def services(store: Store, post: Postbox) -> Services:
    return make_services(store, post)


@pytest.fixture
def access(services: Services) -> GuardianAccess:
    return GuardianAccess(services.store, services.signer)


def resend(store: Store, *only: int) -> Report:
    return notify_by_email(store, prepared(store, Action.RESEND, *only), asker())


def link_to(services: Services, post: Postbox, account: int) -> str:
    """The token in the newest letter to an account, once all that is due has left."""
    services.postman().send_due()
    return token_in(post.letters(address(account))[-1])


def activating(services: Services, post: Postbox, access: GuardianAccess, account: int) -> str:
    """Notify an account and choose its password; the token of the activation link."""
    notified_by_email(services.store, account)
    visit, _ = access.follow(link_to(services, post, account), NOW)
    access.choose_password(visit, GOOD_PASSWORD, address(account), NOW)
    return link_to(services, post, account)


def test_each_guardian_gets_one_letter_with_their_identifier_and_a_link(
    store: Store, school: Rows, services: Services, post: Postbox
) -> None:
    report = notified_by_email(store)
    services.postman().send_due()
    assert report.count(Outcome.DONE) == len(post.received) == len(HERE)
    for number in HERE:
        [letter] = post.letters(address(number))
        assert row(store, number)["identifier"] in letter.get_content()
        assert token_in(letter)


def test_the_link_lets_the_guardian_choose_a_password_and_then_activate(
    store: Store, school: Rows, services: Services, post: Postbox, access: GuardianAccess
) -> None:
    token = activating(services, post, access, ABRICOT)
    assert state_of(store, ABRICOT) is State.ACTIVATING
    access.activate(token, NOW)
    assert state_of(store, ABRICOT) is State.ACTIVATED
    assert [action for action, *_ in entries(store, ABRICOT)] == [
        *("NOTIFY_BY_EMAIL", "CHOOSE_PASSWORD", "ACTIVATE")
    ]


def test_a_letter_revokes_the_sheet_before(store: Store, school: Rows) -> None:
    [(identifier, password)] = notified_by_sheet(store, ABRICOT).items()
    notified_by_email(store, ABRICOT)
    assert not opens(store, identifier, password)
    assert row(store, ABRICOT)["password"] == "NONE"


def test_a_sheet_revokes_the_letter_before(
    store: Store, school: Rows, services: Services, post: Postbox, access: GuardianAccess
) -> None:
    notified_by_email(store, ABRICOT)
    token = link_to(services, post, ABRICOT)
    notified_by_sheet(store, ABRICOT)
    with pytest.raises(DeadLink):
        access.follow(token, NOW)


def test_a_letter_that_has_not_left_gives_way_to_the_next(
    store: Store, school: Rows, services: Services, post: Postbox, access: GuardianAccess
) -> None:
    notified_by_email(store, ABRICOT)
    notified_by_email(store, ABRICOT)
    token = link_to(services, post, ABRICOT)
    assert len(post.received) == 1
    assert access.follow(token, NOW)[1] is Purpose.CHOOSE_PASSWORD
    assert messages(store, ABRICOT)[0][1:] == GIVEN_UP


def test_a_letter_resent_revokes_the_link_before(
    store: Store, school: Rows, services: Services, post: Postbox, access: GuardianAccess
) -> None:
    first = activating(services, post, access, ABRICOT)
    assert resend(store, ABRICOT).count(Outcome.DONE) == 1
    second = link_to(services, post, ABRICOT)
    with pytest.raises(DeadLink):
        access.activate(first, NOW)
    access.activate(second, NOW)
    assert state_of(store, ABRICOT) is State.ACTIVATED


def test_without_an_address_nothing_is_queued(store: Store) -> None:
    families(store, mail=False)
    before = tables(store)
    report = notified_by_email(store)
    assert report.reasons == {"adresse de messagerie inconnue": len(HERE)}
    assert tables(store) | {"journal": []} == before


def test_who_changed_meanwhile_is_skipped_and_not_written_to(store: Store, school: Rows) -> None:
    preparation = prepared(store, Action.NOTIFY_BY_EMAIL)
    change(store, BOULEAU)
    before = row(store, BOULEAU)
    report = notify_by_email(store, preparation, asker())
    assert outcomes(report)[BOULEAU] == (Outcome.SKIPPED, CHANGED_MEANWHILE)
    assert (messages(store, BOULEAU), open_purposes(store, BOULEAU)) == ([], [])
    assert row(store, BOULEAU) == before
    assert report.count(Outcome.DONE) == len(HERE) - 1


def test_an_account_of_another_school_is_out_of_reach(store: Store, school: Rows) -> None:
    before = tables(store)
    assert notified_by_email(store, FIGUE).results == ()
    assert tables(store) == before
    elsewhere = prepared(store, Action.NOTIFY_BY_EMAIL, FIGUE, scope=ActingScope.schools(BEZE))
    notify_by_email(store, replace(elsewhere, scope=SAINT_SULPICE), asker())
    assert messages(store, FIGUE) == []
    assert state_of(store, FIGUE) is State.NOT_NOTIFIED


def test_directors_who_write_at_once_queue_one_letter(store: Store, school: Rows) -> None:
    preparations = [prepared(store, Action.NOTIFY_BY_EMAIL) for _ in range(4)]
    done = together(*(lambda one=one: notify_by_email(store, one, asker()) for one in preparations))
    assert all(isinstance(one, Report | Changed) for one in done)
    for number in HERE:
        assert messages(store, number) == [("NOTIFICATION", "QUEUED", "")]
        assert open_purposes(store, number) == ["CHOOSE_PASSWORD"]
        assert row(store, number)["version"] == 2


def test_of_a_letter_and_a_sheet_at_once_one_alone_opens_the_account(
    store: Store, school: Rows
) -> None:
    by_email = prepared(store, Action.NOTIFY_BY_EMAIL, CERISE)
    by_sheet = prepared(store, Action.NOTIFY_BY_SHEET, CERISE)
    together(
        lambda: notify_by_email(store, by_email, asker()), lambda: print_sheets(store, by_sheet)
    )
    account = row(store, CERISE)
    assert account["version"] == 2
    letters = [status for _, status, _ in messages(store, CERISE)]
    assert (account["password"], letters, open_purposes(store, CERISE)) in [
        ("NONE", ["QUEUED"], ["CHOOSE_PASSWORD"]),
        ("PROVISIONAL", [], []),
    ]


def test_no_letter_holds_a_password_and_no_table_holds_a_link(
    store: Store, school: Rows, services: Services, post: Postbox
) -> None:
    printed = passwords_on(print_sheets(store, prepared(store, Action.NOTIFY_BY_SHEET)).sheets)
    notified_by_email(store)
    tokens = [link_to(services, post, number) for number in HERE]
    letters = b"".join(content for _, content in post.received).decode()
    stored = repr(tables(store))
    assert not any(password in letters for password in printed.values())
    assert not any(token in stored for token in tokens)


# Through FranceConnect


@pytest.mark.parametrize("state", [State.NOT_NOTIFIED, State.NOTIFIED])
def test_who_signs_in_through_franceconnect_is_written_to_without_a_link(
    store: Store, services: Services, post: Postbox, state: State
) -> None:
    rows = Rows(store)
    rows.school()
    rows.account(rows.student(), origin=Origin.FRANCECONNECT, state=state, email=address(ABRICOT))
    notified_by_email(store)
    services.postman().send_due()
    [letter] = post.letters(address(ABRICOT))
    assert "FranceConnect" in letter.get_content()
    assert "/lien/" not in letter.get_content()


def test_who_signs_in_through_franceconnect_is_sent_the_activation_link_again(
    store: Store, services: Services, post: Postbox, access: GuardianAccess
) -> None:
    rows = Rows(store)
    rows.school()
    origin, state = Origin.FRANCECONNECT, State.ACTIVATING
    account = rows.account(rows.student(), origin=origin, state=state, email=address(ABRICOT))
    assert resend(store).count(Outcome.DONE) == 1
    access.activate(link_to(services, post, ABRICOT), NOW)
    assert state_of(store, account) is State.ACTIVATED


# What became of the messages


def test_the_report_follows_its_messages(
    store: Store, school: Rows, services: Services, post: Postbox
) -> None:
    post.before[address(BOULEAU)] = Rejected("550 no such user")
    post.before[address(CERISE)] = Delayed("450 later")
    post.after[address(GENET)] = Uncertain("connexion perdue")
    report = notified_by_email(store)
    waiting = (Outcome.DONE, "courriel : en attente d'envoi")
    assert set(outcomes(follow_up(store, SAINT_SULPICE, report)).values()) == {waiting}
    services.postman().send_due()
    told = outcomes(follow_up(store, SAINT_SULPICE, report))
    assert told[ABRICOT] == (Outcome.DONE, "")
    assert told[BOULEAU] == (
        Outcome.FAILED,
        "courriel : échec de l'envoi (550 no such user)",
    )
    assert told[CERISE] == (Outcome.DONE, "courriel : en attente d'envoi (450 later)")
    assert told[GENET] == (
        Outcome.DONE,
        "courriel : envoi interrompu, sans doute parti (connexion perdue)",
    )


def test_the_report_keeps_what_was_skipped(store: Store, school: Rows, services: Services) -> None:
    preparation = prepared(store, Action.NOTIFY_BY_EMAIL)
    change(store, BOULEAU)
    report = notify_by_email(store, preparation, asker())
    services.postman().send_due()
    followed = follow_up(store, SAINT_SULPICE, report)
    assert outcomes(followed)[BOULEAU] == (Outcome.SKIPPED, CHANGED_MEANWHILE)
    assert (followed.count(Outcome.DONE), followed.count(Outcome.FAILED)) == (len(HERE) - 1, 0)


def test_a_letter_lasts_as_long_as_it_says(
    store: Store, school: Rows, services: Services, post: Postbox, access: GuardianAccess
) -> None:
    notified_by_email(store, ABRICOT)
    token = link_to(services, post, ABRICOT)
    assert "28/12/2026 à 23:59" in post.letters(address(ABRICOT))[0].get_content()
    last_day = NOW.replace(month=12, hour=23, minute=59)
    assert access.follow(token, last_day)[1] is Purpose.CHOOSE_PASSWORD
    with pytest.raises(DeadLink):
        access.follow(token, last_day + timedelta(minutes=1))
