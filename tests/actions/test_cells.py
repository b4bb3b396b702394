"""Each cell of the table through the store: what changes, and that nothing else does."""

from collections.abc import Iterator
from itertools import product

import pytest

from dashboard.actions.correct import correct
from dashboard.actions.notify_by_email import notify_by_email
from dashboard.actions.notify_by_sheet import notify_by_sheet
from dashboard.credentials.passwords import verify_password
from dashboard.domain.account import Origin, State
from dashboard.domain.action import (
    BULK_ACTIONS,
    BY_EMAIL,
    Action,
    Decision,
    Outcome,
    Report,
    decide,
)
from dashboard.domain.credentials import Password
from dashboard.store.engine import MEMORY, Store, connect
from tests.actions.services import (
    EARLIER,
    GIVEN_UP,
    LETTERHEAD,
    NOW,
    ONE_BY_ONE,
    SAINT_SULPICE,
    asker,
    entries,
    had,
    heedless,
    messages,
    open_purposes,
    passwords_on,
    prepared,
    row,
)
from tests.actions.stored import listed, tables
from tests.store.rows import Rows

ADDRESS = "lea@exemple.fr"
OLD_PASSWORD = "abcd-2345-efgh"
OLD_LETTER = ("ACTIVATION", "QUEUED", "")
LEA, LEO = 1, 2
CHANGING = {"state", "password", "password_hash", "distributed_on", "version"}
CELLS = [
    pytest.param(*cell, id="-".join([*cell[:3], "address" if cell[3] else "no address"]))
    for cell in product(BULK_ACTIONS, State, Origin, (True, False))
]
PASSWORDS = {
    Action.NOTIFY_BY_SHEET: Password.PROVISIONAL,
    Action.NOTIFY_BY_EMAIL: Password.NONE,
    Action.RESET: Password.PROVISIONAL,
}
LETTERS = {
    Action.NOTIFY_BY_EMAIL: ("NOTIFICATION", "CHOOSE_PASSWORD"),
    Action.RESEND: ("ACTIVATION", "ACTIVATE"),
}


@pytest.fixture(scope="module")
def empty() -> Iterator[Store]:
    with connect(MEMORY) as store:
        yield store


@pytest.fixture
def school(empty: Store) -> Iterator[Store]:
    """A store that is emptied after each test, which is faster than a new one."""
    yield empty
    with empty.transaction() as transaction:
        for table in ("school", "student", "account", "link", "journal", "ticket", "message"):
            transaction.write(f"DELETE FROM {table}")


def enrol(store: Store, state: State, origin: Origin, has_email: bool) -> None:
    """Léa's account, with a password, an open link and a message still to leave; and Léo's."""
    rows = Rows(store)
    rows.school()
    child = rows.student()
    given_on = None if state is State.NOT_NOTIFIED else EARLIER.date()
    email = ADDRESS if has_email else ""
    facts = {"state": state, "origin": origin, "distributed_on": given_on}
    for first_name in ("Léa", "Léo"):
        number = rows.account(child, first_name=first_name, email=email, **facts)  # type: ignore[arg-type]  # by name
        with_password = row(store, number)["password"] != "NONE"
        had(
            store,
            number,
            password=OLD_PASSWORD if with_password else "",
            email=ADDRESS,
            letter=True,
        )


def act(store: Store, action: Action) -> Report:
    preparation = prepared(store, action, LEA)
    if action in BY_EMAIL:
        return notify_by_email(store, preparation, asker())
    return notify_by_sheet(store, preparation, asker(), LETTERHEAD, ONE_BY_ONE, heedless)


@pytest.mark.parametrize(("action", "state", "origin", "has_email"), CELLS)
def test_a_cell(
    school: Store, action: Action, state: State, origin: Origin, has_email: bool
) -> None:
    enrol(school, state, origin, has_email)
    before, lea, leo = tables(school), row(school, LEA), row(school, LEO)
    decision = decide(action, state, origin, has_email)
    report = act(school, action)
    [result] = report.results
    assert (result.account.account_id, result.reason) == (LEA, decision.reason)
    assert result.outcome is (Outcome.DONE if decision.is_done else Outcome.SKIPPED)
    assert entries(school, LEA) == [(action, state, decision.state, decision.reason)]
    assert school.rows("SELECT happened_at, actor FROM journal") == [(NOW, asker().actor)]
    if decision.is_done:
        _check_done(school, action, decision, lea, report)
    else:
        assert report.sheets is None
        assert tables(school) | {"journal": []} == before
    assert row(school, LEO) == leo
    assert (messages(school, LEO), open_purposes(school, LEO)) == ([OLD_LETTER], ["ACTIVATE"])


def _check_done(
    store: Store, action: Action, decision: Decision, before: dict[str, object], report: Report
) -> None:
    after = row(store, LEA)
    assert {name: after[name] for name in after.keys() - CHANGING} == {
        name: before[name] for name in before.keys() - CHANGING
    }
    assert (after["state"], after["version"]) == (decision.state, 2)
    on_franceconnect = before["origin"] == Origin.FRANCECONNECT
    if action is Action.RESEND:
        kept = ("password", "password_hash", "distributed_on")
        assert [after[name] for name in kept] == [before[name] for name in kept]
    else:
        password = Password.NONE if on_franceconnect else PASSWORDS[action]
        assert (after["password"], after["distributed_on"]) == (password, NOW.date())
        assert not verify_password(OLD_PASSWORD, Password.PROVISIONAL, str(after["password_hash"]))
    if action in BY_EMAIL:
        _check_letter(store, action, on_franceconnect)
        assert report.sheets is None
    else:
        _check_sheet(store, report, after)


def _check_letter(store: Store, action: Action, on_franceconnect: bool) -> None:
    kind, purpose = LETTERS[action]
    has_link = not on_franceconnect or action is Action.RESEND
    assert messages(store, LEA) == [(OLD_LETTER[0], *GIVEN_UP), (kind, "QUEUED", "")]
    assert open_purposes(store, LEA) == ([purpose] if has_link else [])
    [queued] = store.rows(
        "SELECT recipient, ticket_id, queued_at, due_at FROM message "
        "WHERE account_id = $1 AND status = 'QUEUED'",
        [LEA],
    )
    newest = store.rows("SELECT max(ticket_id) FROM ticket WHERE ended_at IS NULL")[0][0]
    assert queued == (ADDRESS, newest if has_link else None, NOW, NOW)


def _check_sheet(store: Store, report: Report, after: dict[str, object]) -> None:
    assert messages(store, LEA) == [(OLD_LETTER[0], *GIVEN_UP)]
    assert open_purposes(store, LEA) == []
    [(identifier, password)] = passwords_on(report.sheets).items()
    assert identifier == after["identifier"]
    if after["password"] == Password.NONE:
        assert (password, after["password_hash"]) == ("", "")
    else:
        assert verify_password(password, Password.PROVISIONAL, str(after["password_hash"]))


@pytest.mark.parametrize(("state", "origin"), [*product(State, Origin)])
@pytest.mark.parametrize("email", ["lea@exemple.fr", "zoe@exemple.fr", ""])
def test_contacts_are_corrected_in_every_state(
    school: Store, state: State, origin: Origin, email: str
) -> None:
    enrol(school, state, origin, has_email=True)
    before, leo = row(school, LEA), row(school, LEO)
    lea = next(one for one in listed(school) if one.account_id == LEA)
    correct(school, SAINT_SULPICE, lea, email, "06 12 34 56 78", asker())
    after = row(school, LEA)
    assert after == before | {"email": email, "mobile": after["mobile"], "version": 2}
    assert after["mobile"].endswith("612345678")
    assert entries(school, LEA) == [(Action.CORRECT, state, state, "")]
    replaced = email != ADDRESS
    assert messages(school, LEA) == [(OLD_LETTER[0], *GIVEN_UP) if replaced else OLD_LETTER]
    assert open_purposes(school, LEA) == ([] if replaced else ["ACTIVATE"])
    assert row(school, LEO) == leo
    assert (messages(school, LEO), open_purposes(school, LEO)) == ([OLD_LETTER], ["ACTIVATE"])
