"""Handing out on paper: all or nothing, each password on one sheet, nobody overwritten."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from dashboard.actions.batch import Cancelled, prepare
from dashboard.actions.figures import statistics
from dashboard.actions.guardian_access import GuardianAccess
from dashboard.credentials.links import Signer
from dashboard.domain.account import Origin, State
from dashboard.domain.action import CHANGED_MEANWHILE, Action, Outcome, Report
from dashboard.domain.document import Document
from dashboard.domain.errors import Refused
from dashboard.domain.filters import AccountFilter
from dashboard.domain.scope import ActingScope, Scope
from dashboard.store.engine import Changed, Store
from tests.actions.services import (
    ABRICOT,
    BOULEAU,
    CERISE,
    DATTIER,
    FIGUE,
    GENET,
    GOOD_PASSWORD,
    HERE,
    NOW,
    change,
    entries,
    families,
    make_services,
    messages,
    notified_by_sheet,
    opens,
    outcomes,
    pages,
    passwords_on,
    prepared,
    print_sheets,
    row,
    state_of,
    together,
)
from tests.actions.stored import tables
from tests.store.rows import BEZE, SULPICE, Rows


@pytest.fixture
def school(store: Store) -> Rows:
    return families(store)


def on_sheets(store: Store, report: Report) -> list[int]:
    """The numbers of the accounts that have a sheet, in the order of the sheets."""
    numbers = {
        identifier: number
        for number, identifier in store.rows("SELECT account_id, identifier FROM account")
    }
    return [numbers[identifier] for identifier in passwords_on(report.sheets)]


# What is handed out


def test_every_sheet_has_the_password_of_its_account(store: Store, school: Rows) -> None:
    report = print_sheets(store, prepared(store, Action.NOTIFY_BY_SHEET))
    printed = passwords_on(report.sheets)
    assert len(printed) == len(set(printed.values())) == len(HERE)
    assert all(opens(store, identifier, password) for identifier, password in printed.items())
    assert {state_of(store, number) for number in HERE} == {State.NOTIFIED}
    assert report.count(Outcome.DONE) == len(HERE)


def test_sheets_come_class_by_class_from_the_youngest(store: Store, school: Rows) -> None:
    report = print_sheets(store, prepared(store, Action.NOTIFY_BY_SHEET))
    assert on_sheets(store, report) == [CERISE, DATTIER, ABRICOT, BOULEAU, GENET]


def test_a_class_of_two_levels_keeps_together(store: Store) -> None:
    rows = Rows(store)
    rows.school()
    for name, label, level in [
        ("Abricot", "MSGS", "GS"),
        ("Bouleau", "GS", "GS"),
        ("Cerise", "MSGS", "MS"),
        ("Dattier", "", ""),
        ("Figue", "PS", "PS"),
    ]:
        rows.account(rows.student(label, level, birth_name=name), birth_name=name)
    report = print_sheets(store, prepared(store, Action.NOTIFY_BY_SHEET))
    assert on_sheets(store, report) == [FIGUE, ABRICOT, CERISE, BOULEAU, DATTIER]


def test_a_sheet_names_every_child_and_the_last_day(store: Store, school: Rows) -> None:
    [text] = pages(print_sheets(store, prepared(store, Action.NOTIFY_BY_SHEET, DATTIER)).sheets)
    words = " ".join(text.split())
    assert "DATTIER Max" in words
    assert "DATTIER Lia" in words
    assert "28/12/2026" in words
    assert f"École {SULPICE}" in words


def test_a_shared_account_shows_only_the_children_of_the_school_that_asks(
    store: Store, school: Rows
) -> None:
    beze = ActingScope.schools(BEZE)
    report = print_sheets(store, prepared(store, Action.NOTIFY_BY_SHEET, GENET, scope=beze))
    [text] = pages(report.sheets)
    assert "Eva" in text
    assert "Tom" not in text


def test_the_file_is_named_after_the_school_and_the_time(store: Store, school: Rows) -> None:
    report = print_sheets(store, prepared(store, Action.NOTIFY_BY_SHEET, ABRICOT))
    assert report.sheets is not None
    assert report.sheets.filename == "feuilles_0580189R_2026-09-28_143000.pdf"
    assert report.sheets.media_type == "application/pdf"


def test_a_franceconnect_account_gets_a_sheet_without_a_password(store: Store) -> None:
    rows = Rows(store)
    rows.school()
    account = rows.account(rows.student(), origin=Origin.FRANCECONNECT)
    report = print_sheets(store, prepared(store, Action.NOTIFY_BY_SHEET))
    assert passwords_on(report.sheets) == {row(store, account)["identifier"]: ""}
    assert "FranceConnect" in pages(report.sheets)[0]


def test_a_new_password_ends_the_one_before(store: Store, school: Rows) -> None:
    first = notified_by_sheet(store, ABRICOT)
    second = notified_by_sheet(store, ABRICOT, now=NOW + timedelta(days=40))
    assert first.keys() == second.keys()
    [identifier] = first
    assert not opens(store, identifier, first[identifier])
    assert opens(store, identifier, second[identifier])
    assert row(store, ABRICOT)["distributed_on"] == date(2026, 11, 7)


def test_no_password_is_stored_or_shown(store: Store, school: Rows) -> None:
    report = print_sheets(store, prepared(store, Action.NOTIFY_BY_SHEET))
    told = repr(tables(store)) + repr(report)
    for password in passwords_on(report.sheets).values():
        assert password not in told
        assert password.replace("-", "") not in told


def test_without_anyone_to_hand_out_to_nothing_is_delivered(store: Store, school: Rows) -> None:
    delivered: list[Document] = []
    report = print_sheets(store, prepared(store, Action.RESET), deliver=delivered.append)
    assert (report.sheets, delivered) == (None, [])
    assert report.reasons == {"compte pas encore notifié : notifiez-le d'abord": len(HERE)}
    assert [len(entries(store, number)) for number in HERE] == [1] * len(HERE)


def test_progress_goes_forward_to_its_end(store: Store, school: Rows) -> None:
    told: list[tuple[int, int]] = []
    print_sheets(
        store, prepared(store, Action.NOTIFY_BY_SHEET), lambda done, of: told.append((done, of))
    )
    assert [done for done, _ in told] == list(range(1, 11))
    assert {of for _, of in told} == {10}


# All or nothing


@pytest.mark.parametrize("step", range(1, 11))
def test_giving_up_midway_leaves_everything_as_it_was(
    store: Store, school: Rows, step: int
) -> None:
    preparation, before = prepared(store, Action.NOTIFY_BY_SHEET), tables(store)

    def progress(done: int, total: int) -> None:
        if done == step:
            raise Cancelled

    with pytest.raises(Cancelled):
        print_sheets(store, preparation, progress)
    assert tables(store) == before


@pytest.mark.parametrize(
    "error", [OSError("disque plein"), Refused(["plein"]), KeyboardInterrupt()]
)
def test_sheets_that_cannot_be_delivered_leave_everything_as_it_was(
    store: Store, school: Rows, error: BaseException
) -> None:
    preparation, before = prepared(store, Action.NOTIFY_BY_SHEET), tables(store)

    def deliver(document: Document) -> None:
        raise error

    with pytest.raises(type(error)):
        print_sheets(store, preparation, deliver=deliver)
    assert tables(store) == before


def test_nobody_sees_the_accounts_change_before_the_sheets_are_delivered(
    store: Store, school: Rows
) -> None:
    seen = []
    print_sheets(
        store,
        prepared(store, Action.NOTIFY_BY_SHEET),
        deliver=lambda _: seen.append({state_of(store, number) for number in HERE}),
    )
    assert seen == [{State.NOT_NOTIFIED}]


def test_what_was_delivered_is_what_is_reported(store: Store, school: Rows) -> None:
    delivered: list[Document] = []
    report = print_sheets(store, prepared(store, Action.NOTIFY_BY_SHEET), deliver=delivered.append)
    assert delivered == [report.sheets]


# Changed meanwhile, or out of reach


def test_who_changed_meanwhile_is_skipped_told_and_not_printed(store: Store, school: Rows) -> None:
    preparation = prepared(store, Action.NOTIFY_BY_SHEET)
    change(store, BOULEAU)
    before = row(store, BOULEAU)
    report = print_sheets(store, preparation)
    assert outcomes(report)[BOULEAU] == (Outcome.SKIPPED, CHANGED_MEANWHILE)
    assert BOULEAU not in on_sheets(store, report)
    assert row(store, BOULEAU) == before
    assert entries(store, BOULEAU) == [
        ("NOTIFY_BY_SHEET", "NOT_NOTIFIED", "NOT_NOTIFIED", CHANGED_MEANWHILE)
    ]
    assert report.count(Outcome.DONE) == len(HERE) - 1


def test_who_changes_while_passwords_are_made_is_skipped(store: Store, school: Rows) -> None:
    def progress(done: int, total: int) -> None:
        if done == 3:
            change(store, CERISE)

    report = print_sheets(store, prepared(store, Action.NOTIFY_BY_SHEET), progress)
    assert outcomes(report)[CERISE] == (Outcome.SKIPPED, CHANGED_MEANWHILE)
    assert sorted(on_sheets(store, report)) == [ABRICOT, BOULEAU, DATTIER, GENET]


def test_a_preparation_serves_once(store: Store, school: Rows) -> None:
    preparation = prepared(store, Action.NOTIFY_BY_SHEET)
    printed = passwords_on(print_sheets(store, preparation).sheets)
    again = print_sheets(store, preparation)
    assert again.sheets is None
    assert again.reasons == {CHANGED_MEANWHILE: len(HERE)}
    assert all(opens(store, identifier, password) for identifier, password in printed.items())


def test_an_account_of_another_school_is_out_of_reach_by_its_number(
    store: Store, school: Rows
) -> None:
    before = tables(store)
    report = print_sheets(store, prepared(store, Action.NOTIFY_BY_SHEET, FIGUE))
    assert (report.results, report.sheets) == ((), None)
    assert tables(store) == before


def test_a_preparation_of_one_school_does_not_serve_in_another(store: Store, school: Rows) -> None:
    elsewhere = prepared(store, Action.NOTIFY_BY_SHEET, FIGUE, scope=ActingScope.schools(BEZE))
    before = row(store, FIGUE)
    report = print_sheets(store, replace(elsewhere, scope=ActingScope.schools(SULPICE)))
    assert outcomes(report) == {FIGUE: (Outcome.SKIPPED, CHANGED_MEANWHILE)}
    assert report.sheets is None
    assert row(store, FIGUE) == before


def test_a_family_that_left_meanwhile_gets_no_sheet(store: Store, school: Rows) -> None:
    preparation = prepared(store, Action.NOTIFY_BY_SHEET, ABRICOT)
    with store.transaction() as transaction:
        transaction.write(f"UPDATE link SET left_on = '2026-09-28' WHERE account_id = {ABRICOT}")
    assert print_sheets(store, preparation).sheets is None
    assert state_of(store, ABRICOT) is State.NOT_NOTIFIED


def test_both_directors_of_a_shared_account_may_act_on_it(store: Store, school: Rows) -> None:
    first = notified_by_sheet(store, GENET)
    beze = ActingScope.schools(BEZE)
    second = passwords_on(
        print_sheets(store, prepared(store, Action.RESET, GENET, scope=beze)).sheets
    )
    [identifier] = first.keys() & second.keys()
    assert not opens(store, identifier, first[identifier])
    assert opens(store, identifier, second[identifier])
    everywhere = Scope.schools(SULPICE, BEZE)
    assert statistics(store, everywhere, "structure")["notified"].item() == 1


# Several at once


def test_directors_who_act_at_once_never_print_two_good_sheets(store: Store, school: Rows) -> None:
    preparations = [prepared(store, Action.NOTIFY_BY_SHEET) for _ in range(5)]
    done = together(*(lambda one=one: print_sheets(store, one) for one in preparations))
    reports = [report for report in done if isinstance(report, Report)]
    assert all(isinstance(one, Report | Changed) for one in done)
    printed = [passwords_on(report.sheets) for report in reports if report.sheets]
    assert sum(map(len, printed)) == len(HERE)
    for sheets in printed:
        assert all(opens(store, identifier, password) for identifier, password in sheets.items())
    for number in HERE:
        assert row(store, number)["version"] == 2
        assert [reason for *_, reason in entries(store, number)].count("") == 1


def test_directors_of_two_schools_act_at_once_on_what_they_share(
    store: Store, school: Rows
) -> None:
    preparations = [
        prepare(
            store, ActingScope.schools(uai), Action.NOTIFY_BY_SHEET, AccountFilter(), NOW.date()
        )
        for uai in (SULPICE, BEZE)
    ]
    done = together(*(lambda one=one: print_sheets(store, one) for one in preparations))
    good = [
        identifier
        for report in done
        if isinstance(report, Report) and report.sheets
        for identifier, password in passwords_on(report.sheets).items()
        if opens(store, identifier, password)
    ]
    assert len(good) == len(set(good))
    shared = row(store, GENET)
    assert (shared["state"], shared["version"]) == (State.NOTIFIED, 2)
    assert shared["identifier"] in good


def test_a_guardian_who_activates_while_sheets_are_printed_has_to_start_again(
    store: Store, school: Rows
) -> None:
    [(identifier, password)] = notified_by_sheet(store, ABRICOT).items()
    access = GuardianAccess(store, Signer(b"k" * 32))
    visit = access.sign_in(identifier, password, "192.0.2.1", NOW)

    def deliver(document: Document) -> None:
        with pytest.raises(Refused):
            access.choose_password(visit, GOOD_PASSWORD, "zoe@exemple.fr", NOW)

    report = print_sheets(store, prepared(store, Action.RESET, ABRICOT), deliver=deliver)
    assert opens(store, identifier, passwords_on(report.sheets)[identifier])
    assert state_of(store, ABRICOT) is State.NOTIFIED
    with pytest.raises(Refused):
        access.choose_password(visit, GOOD_PASSWORD, "zoe@exemple.fr", NOW)


def test_a_guardian_who_activates_while_passwords_are_made_is_left_alone(
    store: Store, school: Rows
) -> None:
    [(identifier, password)] = notified_by_sheet(store, ABRICOT).items()
    access = GuardianAccess(store, Signer(b"k" * 32))
    visit = access.sign_in(identifier, password, "192.0.2.1", NOW)

    def progress(done: int, total: int) -> None:
        if done == 1:
            access.choose_password(visit, GOOD_PASSWORD, "zoe@exemple.fr", NOW)

    report = print_sheets(store, prepared(store, Action.RESET, ABRICOT), progress)
    assert (report.sheets, report.reasons) == (None, {CHANGED_MEANWHILE: 1})
    assert state_of(store, ABRICOT) is State.ACTIVATING
    assert opens(store, identifier, GOOD_PASSWORD)
    assert messages(store, ABRICOT) == [("ACTIVATION", "QUEUED", "")]


@pytest.mark.parametrize("attempt", range(4))
def test_of_a_guardian_and_a_director_at_once_one_is_refused(
    store: Store, school: Rows, attempt: int
) -> None:
    [(identifier, password)] = notified_by_sheet(store, ABRICOT).items()
    access = GuardianAccess(store, make_services(store).signer)
    visit = access.sign_in(identifier, password, "192.0.2.1", NOW)
    preparation = prepared(store, Action.RESET, ABRICOT)

    def activate() -> None:
        access.choose_password(visit, GOOD_PASSWORD, "zoe@exemple.fr", NOW)

    guardian, director = together(activate, lambda: print_sheets(store, preparation))
    if isinstance(director, Report) and director.sheets is not None:
        assert isinstance(guardian, Refused)
        assert opens(store, identifier, passwords_on(director.sheets)[identifier])
        assert state_of(store, ABRICOT) is State.NOTIFIED
    else:
        assert guardian is None
        assert opens(store, identifier, GOOD_PASSWORD)
        assert state_of(store, ABRICOT) is State.ACTIVATING
    assert not opens(store, identifier, password)
