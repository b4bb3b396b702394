"""Correcting how a guardian is reached: what was sent elsewhere is worth nothing any more."""

import pytest

from dashboard.actions.correct import correct
from dashboard.domain.account import State
from dashboard.domain.errors import Refused
from dashboard.domain.people import ListedAccount
from dashboard.domain.scope import ActingScope
from dashboard.store.engine import Changed, Store
from tests.actions.services import (
    ABRICOT,
    FIGUE,
    GENET,
    GIVEN_UP,
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
    row,
)
from tests.actions.stored import listed, tables
from tests.store.rows import BEZE, SULPICE, Rows

NEW = "zoe.abricot@exemple.fr"


@pytest.fixture
def school(store: Store) -> Rows:
    return families(store)


def seen(store: Store, account: int, uai: str = SULPICE) -> ListedAccount:
    return next(one for one in listed(store, uai) if one.account_id == account)


def corrected(store: Store, account: int, email: str, mobile: str = "") -> None:
    correct(store, SAINT_SULPICE, seen(store, account), email, mobile, asker())


@pytest.mark.parametrize(
    ("typed", "stored"),
    [(f"  {NEW}\n", NEW), ("Zoe.Abricot@Exemple.fr", "zoe.abricot@exemple.fr"), ("", "")],
)
def test_an_address_is_written_as_addresses_are(
    store: Store, school: Rows, typed: str, stored: str
) -> None:
    corrected(store, ABRICOT, typed)
    assert row(store, ABRICOT)["email"] == stored


@pytest.mark.parametrize("typed", ["0612345678", "06.12.34.56.78", "+33 6 12 34 56 78"])
def test_a_mobile_is_written_in_one_way(store: Store, school: Rows, typed: str) -> None:
    corrected(store, ABRICOT, address(ABRICOT), typed)
    first = row(store, ABRICOT)["mobile"]
    corrected(store, ABRICOT, address(ABRICOT), "06 12 34 56 78")
    assert row(store, ABRICOT)["mobile"] == first != ""


def test_all_that_is_wrong_is_told_at_once_and_nothing_is_written(
    store: Store, school: Rows
) -> None:
    before = tables(store)
    with pytest.raises(Refused) as told:
        corrected(store, ABRICOT, "zoe chez exemple", "12")
    assert len(told.value.reasons) == 2
    assert "zoe chez exemple" in told.value.reasons[0]
    assert "12" in told.value.reasons[1]
    assert not any("ignoré" in reason for reason in told.value.reasons)
    assert tables(store) == before


def test_an_account_that_changed_meanwhile_is_left_as_it_is(store: Store, school: Rows) -> None:
    account = seen(store, ABRICOT)
    change(store, ABRICOT)
    before = tables(store)
    with pytest.raises(Changed):
        correct(store, SAINT_SULPICE, account, NEW, "", asker())
    assert tables(store) == before


def test_an_account_of_another_school_is_out_of_reach(store: Store, school: Rows) -> None:
    figue, before = seen(store, FIGUE, BEZE), tables(store)
    with pytest.raises(Changed):
        correct(store, SAINT_SULPICE, figue, NEW, "", asker())
    assert tables(store) == before


def test_either_director_corrects_a_shared_account(store: Store, school: Rows) -> None:
    correct(store, ActingScope.schools(BEZE), seen(store, GENET, BEZE), NEW, "", asker())
    assert row(store, GENET)["email"] == NEW


def test_a_letter_that_waits_does_not_leave_for_the_address_before(
    store: Store, school: Rows
) -> None:
    notified_by_email(store, ABRICOT)
    corrected(store, ABRICOT, NEW)
    post = Postbox()
    assert make_services(store, post).postman().send_due() == 0
    assert post.offered == []
    assert messages(store, ABRICOT) == [("NOTIFICATION", *GIVEN_UP)]
    assert open_purposes(store, ABRICOT) == []


def test_the_link_sent_to_the_address_before_is_revoked_and_the_next_goes_to_the_new_one(
    store: Store, school: Rows
) -> None:
    post = Postbox()
    postman = make_services(store, post).postman()
    notified_by_email(store, ABRICOT)
    postman.send_due()
    corrected(store, ABRICOT, NEW)
    assert open_purposes(store, ABRICOT) == []
    notified_by_email(store, ABRICOT)
    postman.send_due()
    assert [to for to, _ in post.received] == [address(ABRICOT), NEW]


def test_a_new_mobile_revokes_nothing(store: Store, school: Rows) -> None:
    notified_by_email(store, ABRICOT)
    corrected(store, ABRICOT, address(ABRICOT), "0612345678")
    assert messages(store, ABRICOT) == [("NOTIFICATION", "QUEUED", "")]
    assert open_purposes(store, ABRICOT) == ["CHOOSE_PASSWORD"]


def test_what_is_as_it_was_is_not_written_again(store: Store, school: Rows) -> None:
    notified_by_email(store, ABRICOT)
    before = tables(store)
    corrected(store, ABRICOT, address(ABRICOT))
    assert tables(store) == before


def test_an_address_that_mail_cannot_be_sent_to_is_refused(store: Store, school: Rows) -> None:
    before = tables(store)
    with pytest.raises(Refused):
        corrected(store, ABRICOT, "zoé@exemple.fr")
    assert tables(store) == before


def test_a_sheet_stays_good(store: Store, school: Rows) -> None:
    [(identifier, password)] = notified_by_sheet(store, ABRICOT).items()
    corrected(store, ABRICOT, NEW)
    assert opens(store, identifier, password)
    assert row(store, ABRICOT)["state"] == State.NOTIFIED
    assert row(store, ABRICOT)["distributed_on"] == NOW.date()


def test_the_journal_says_so_without_the_address(store: Store, school: Rows) -> None:
    corrected(store, ABRICOT, NEW, "0612345678")
    assert entries(store, ABRICOT) == [("CORRECT", "NOT_NOTIFIED", "NOT_NOTIFIED", "")]
    journal = repr(store.rows("SELECT * FROM journal"))
    assert NEW not in journal
    assert "612345678" not in journal
