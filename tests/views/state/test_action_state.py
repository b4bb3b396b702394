"""An action as the screen follows it, without a screen: asked, confirmed, run, reported."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import pytest

from dashboard.actions.batch import prepare
from dashboard.actions.productions import MOST_BYTES, MOST_SETS, Productions
from dashboard.actions.services import Services
from dashboard.bootstrap import open_services
from dashboard.domain.account import State
from dashboard.domain.action import Action, Outcome
from dashboard.domain.document import Document
from dashboard.domain.errors import Refused
from dashboard.domain.filters import AccountFilter
from dashboard.domain.scope import ActingScope, PeopleScope, Role, User
from dashboard.domain.sheet import SheetLayout
from dashboard.domain.stakes import LEFT_OUT, MANY_ACTIVATED, Recent
from dashboard.server import say_lost
from dashboard.settings import Settings
from dashboard.store.engine import Change, Row, Store
from dashboard.views.state.action_state import ActionState, Step, deselect_handled
from dashboard.views.state.list_state import ListState
from dashboard.views.state.shared import open_shared
from dashboard.views.state.waiting_sheets import WaitingSheets
from tests.actions.stored import tables
from tests.store.rows import BEZE, SULPICE, Rows

NOW = datetime(2026, 9, 28, 10, 30)
YESTERDAY = date(2026, 9, 27)
HERE = ActingScope.schools(SULPICE)
DIRECTOR = User("d.erable", "Directrice", Role.DIRECTOR, HERE)
Journal = Callable[[], list[Row]]


@pytest.fixture
def services(store: Store) -> Services:
    return open_services(store, Settings(), "http://localhost", lambda: NOW)


@pytest.fixture
def accounts(store: Store) -> list[int]:
    """One account not notified, one activated."""
    rows = Rows(store)
    rows.school()
    child = rows.student()
    return [rows.account(child), rows.account(child, state=State.ACTIVATED)]


@dataclass
class Clock:
    """A time that passes when told to."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Told:
    """The schools that pages were told of."""

    schools: list[frozenset[str]] = field(default_factory=list)

    def __call__(self, change: Change) -> None:
        self.schools.append(change.schools)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def productions(clock: Clock, told: Told) -> Productions:
    return Productions(clock, told)


@pytest.fixture
def action_state(services: Services, productions: Productions) -> ActionState:
    return ActionState(services, DIRECTOR, productions)


@pytest.fixture
def journal(store: Store) -> Journal:
    return lambda: store.rows("SELECT account_id, actor, action, reason <> '' FROM journal")


def run(action_state: ActionState) -> None:
    with ThreadPoolExecutor(1) as thread:  # the browser's own loop runs in this one
        thread.submit(lambda: asyncio.run(action_state.run(SheetLayout()))).result()


def test_asking_writes_nothing_and_says_who_is_skipped(
    action_state: ActionState, accounts: list[int], journal: Journal
) -> None:
    action_state.ask(HERE, Action.NOTIFY_BY_SHEET, accounts)
    assert action_state.step is Step.CONFIRM
    assert action_state.preparation is not None
    assert [one.account_id for one in action_state.preparation.accepted] == accounts[:1]
    assert action_state.preparation.refusals == {"compte déjà activé : rien à notifier": 1}
    assert journal() == []


def test_running_reports_account_by_account(action_state: ActionState, accounts: list[int]) -> None:
    action_state.ask(HERE, Action.NOTIFY_BY_SHEET, accounts)
    run(action_state)
    assert action_state.step is Step.REPORT
    assert action_state.report is not None
    assert action_state.has_sheets
    assert [action_state.report.count(outcome) for outcome in Outcome] == [1, 1, 0]


def test_confirming_twice_acts_once(
    action_state: ActionState, accounts: list[int], journal: Journal
) -> None:
    action_state.ask(HERE, Action.NOTIFY_BY_SHEET, accounts)
    run(action_state)
    run(action_state)
    assert sorted(journal()) == [
        (accounts[0], "Directrice", "NOTIFY_BY_SHEET", False),
        (accounts[1], "Directrice", "NOTIFY_BY_SHEET", True),
    ]


def test_closing_forgets_the_report(action_state: ActionState, accounts: list[int]) -> None:
    action_state.ask(HERE, Action.NOTIFY_BY_SHEET, accounts)
    run(action_state)
    action_state.close()
    assert action_state.step is Step.NONE
    assert action_state.report is None
    assert not action_state.has_sheets


def test_giving_up_before_confirming_does_nothing(
    action_state: ActionState, accounts: list[int], journal: Journal
) -> None:
    action_state.ask(HERE, Action.NOTIFY_BY_SHEET, accounts)
    action_state.cancel()
    run(action_state)
    assert action_state.step is Step.NONE
    assert journal() == []


def test_cancelling_midway_leaves_every_account_as_it_was(
    action_state: ActionState, accounts: list[int], journal: Journal
) -> None:
    action_state.ask(HERE, Action.NOTIFY_BY_SHEET, accounts)
    action_state.param.watch(lambda _: action_state.cancel(), "step")
    run(action_state)
    assert action_state.problem == "Annulé : rien n'a été fait."
    assert action_state.report is None
    assert journal() == []


def test_acting_on_nobody_who_may_be_acted_on_reports_just_that(
    action_state: ActionState, accounts: list[int]
) -> None:
    action_state.ask(HERE, Action.RESEND, accounts)
    run(action_state)
    assert action_state.report is not None
    assert action_state.report.count(Outcome.SKIPPED) == 2
    assert not action_state.has_sheets


# What the question tells


def test_the_question_tells_what_is_not_in_the_list_that_is_shown(
    action_state: ActionState, accounts: list[int]
) -> None:
    shown = AccountFilter(states=(State.ACTIVATED,))
    action_state.ask(HERE, Action.NOTIFY_BY_SHEET, [*accounts, 999], shown)
    assert (action_state.outside, action_state.lost) == (1, 1)
    action_state.cancel()
    action_state.ask(HERE, Action.NOTIFY_BY_SHEET, accounts)
    assert (action_state.outside, action_state.lost) == (0, 0)


def test_what_changed_while_it_was_asked_is_left_as_it_is(
    action_state: ActionState, accounts: list[int], store: Store
) -> None:
    action_state.ask(HERE, Action.NOTIFY_BY_SHEET, accounts)
    with store.transaction() as transaction:
        transaction.write("UPDATE account SET version = version + 1 WHERE account_id = 1")
    run(action_state)
    assert action_state.report is not None
    assert action_state.report.count(Outcome.DONE) == 0
    assert not action_state.has_sheets


# What is confirmed apart


@pytest.fixture
def recent(store: Store) -> list[int]:
    """One account notified yesterday, one never."""
    rows = Rows(store)
    rows.school()
    child = rows.student()
    given = rows.account(child, state=State.NOTIFIED, distributed_on=YESTERDAY)
    return [given, rows.account(child)]


def test_recent_sheets_stay_valid_unless_otherwise_chosen(
    action_state: ActionState, recent: list[int]
) -> None:
    action_state.ask(HERE, Action.NOTIFY_BY_SHEET, recent)
    run(action_state)
    assert action_state.report is not None
    assert action_state.report.reasons == {LEFT_OUT: 1}
    assert action_state.report.count(Outcome.DONE) == 1


@pytest.mark.parametrize(
    ("chosen", "said"), [(Recent.LEFT_OUT, {LEFT_OUT: 1}), (Recent.REVOKED, {})]
)
def test_recent_ones_are_left_out_or_revoked_as_chosen(
    action_state: ActionState, recent: list[int], chosen: Recent, said: dict[str, int]
) -> None:
    action_state.ask(HERE, Action.NOTIFY_BY_SHEET, recent)
    action_state.recent = chosen
    assert action_state.is_confirmable
    run(action_state)
    assert action_state.report is not None
    assert action_state.report.reasons == said
    assert action_state.report.count(Outcome.DONE) == 2 - len(said)


def test_a_choice_is_for_one_question_alone(action_state: ActionState, recent: list[int]) -> None:
    action_state.ask(HERE, Action.NOTIFY_BY_SHEET, recent)
    action_state.param.update(recent=Recent.REVOKED, typed="2")
    action_state.cancel()
    action_state.ask(HERE, Action.NOTIFY_BY_SHEET, recent)
    assert (action_state.recent, action_state.typed) == (Recent.LEFT_OUT, "")


@pytest.mark.parametrize(
    ("typed", "is_confirmable"),
    [("", False), ("9", False), ("dix", False), ("²", False), ("10", True), (" 1 0\u00a0", True)],
)
def test_many_activated_accounts_are_reset_by_typing_their_number(
    action_state: ActionState, store: Store, typed: str, is_confirmable: bool
) -> None:
    rows = Rows(store)
    rows.school()
    child = rows.student()
    activated = [rows.account(child, state=State.ACTIVATED) for _ in range(MANY_ACTIVATED)]
    action_state.ask(HERE, Action.RESET, activated)
    action_state.typed = typed
    assert action_state.is_confirmable == is_confirmable
    if not is_confirmable:
        run(action_state)
        assert action_state.step is Step.CONFIRM


def test_with_nobody_left_there_is_nothing_to_confirm(
    action_state: ActionState, recent: list[int]
) -> None:
    action_state.ask(HERE, Action.NOTIFY_BY_SHEET, recent[:1])
    assert not action_state.is_confirmable
    action_state.recent = Recent.REVOKED
    assert action_state.is_confirmable


# The selection afterwards


def selected(action_state: ActionState, *accounts: int) -> ListState:
    list_state = ListState(school=SULPICE, selection=frozenset(accounts))
    deselect_handled(action_state, list_state)
    return list_state


def test_who_was_asked_for_is_selected_no_more_once_any_was_done(
    action_state: ActionState, accounts: list[int]
) -> None:
    list_state = selected(action_state, *accounts)
    action_state.ask(HERE, Action.NOTIFY_BY_SHEET, list_state.selection)
    assert list_state.selection == set(accounts)
    run(action_state)
    assert list_state.selection == frozenset()


def test_an_action_on_one_account_leaves_the_others_selected(
    action_state: ActionState, accounts: list[int]
) -> None:
    list_state = selected(action_state, *accounts)
    action_state.ask(HERE, Action.NOTIFY_BY_SHEET, accounts[:1])
    run(action_state)
    assert list_state.selection == set(accounts[1:])


def test_what_was_not_done_stays_selected(
    action_state: ActionState, accounts: list[int], productions: Productions
) -> None:
    list_state = selected(action_state, *accounts)
    action_state.ask(HERE, Action.NOTIFY_BY_SHEET, accounts)
    action_state.cancel()
    action_state.ask(HERE, Action.RESEND, accounts)
    run(action_state)  # nobody allows it
    action_state.close()
    action_state.ask(HERE, Action.NOTIFY_BY_SHEET, accounts)
    action_state.param.watch(lambda _: action_state.cancel(), "step")
    run(action_state)
    assert action_state.problem == "Annulé : rien n'a été fait."
    assert list_state.selection == set(accounts)
    assert productions.of(DIRECTOR) == []


# The sheets that wait


def produce(action_state: ActionState, *accounts: int) -> None:
    action_state.ask(HERE, Action.NOTIFY_BY_SHEET, accounts)
    action_state.recent = Recent.REVOKED
    run(action_state)
    assert action_state.report is not None, action_state.problem


def test_sheets_wait_until_they_are_downloaded_whatever_is_closed(
    action_state: ActionState, accounts: list[int], productions: Productions, told: Told
) -> None:
    waiting = WaitingSheets(DIRECTOR, productions)
    produce(action_state, accounts[0])
    action_state.close()
    waiting.refresh()
    [one] = waiting.sets
    assert one.describe() == (
        "1 feuille produite le 28/09/2026 à 10:30 (Notifier par feuilles, 0580189R) "
        "n'a pas été téléchargée."
    )
    assert told.schools == [frozenset({SULPICE})]
    assert waiting.download(one.number).content.startswith(b"%PDF")
    [taken] = waiting.sets
    assert taken.describe().endswith("téléchargée le 28/09/2026 à 10:30.")
    assert len(told.schools) == 2


def test_sheets_that_were_downloaded_go_with_their_report(
    action_state: ActionState, accounts: list[int], productions: Productions
) -> None:
    produce(action_state, accounts[0])
    action_state.sheets()
    assert action_state.has_sheets  # what was sent may not have arrived
    action_state.close()
    assert productions.of(DIRECTOR) == []


def test_sheets_that_were_downloaded_go_after_a_while(
    action_state: ActionState, accounts: list[int], productions: Productions, clock: Clock
) -> None:
    produce(action_state, accounts[0])
    clock.now += timedelta(days=2)
    assert action_state.has_sheets
    action_state.sheets()
    clock.now += timedelta(minutes=11)
    assert productions.of(DIRECTOR) == []
    with pytest.raises(Refused, match="plus disponibles"):
        action_state.sheets()


def test_several_sets_pile_up_and_are_given_up_one_by_one_after_a_question(
    action_state: ActionState, accounts: list[int], productions: Productions
) -> None:
    for _ in range(2):
        produce(action_state, accounts[0])
        action_state.close()
    waiting = WaitingSheets(DIRECTOR, productions)
    first, second = waiting.sets
    waiting.give_up()  # nothing was asked
    waiting.ask_to_give_up(first.number)
    assert (waiting.giving_up, waiting.sets) == (first.number, (first, second))
    waiting.keep()
    waiting.give_up()
    assert waiting.sets == (first, second)
    waiting.ask_to_give_up(second.number)
    waiting.give_up()
    assert waiting.giving_up == 0
    assert list(waiting.sets) == [first]


def test_a_set_that_was_downloaded_meanwhile_is_not_given_up(
    action_state: ActionState, accounts: list[int], productions: Productions
) -> None:
    produce(action_state, accounts[0])
    one, other = WaitingSheets(DIRECTOR, productions), WaitingSheets(DIRECTOR, productions)
    [made] = one.sets
    one.ask_to_give_up(made.number)
    other.download(made.number)
    other.ask_to_give_up(made.number)  # saved, and so no question
    one.refresh()
    assert (one.giving_up, one.sets) == (0, ())
    with pytest.raises(Refused, match="plus disponibles"):
        one.download(made.number)


@pytest.mark.parametrize(
    "somebody",
    [
        User("e.frene", "Directrice", Role.DIRECTOR, HERE),
        User("d.erable", "Le suivant", Role.DIRECTOR, HERE),
        User("d.erable", "Directrice", Role.DIRECTOR, ActingScope.schools(BEZE)),
        User("d.erable", "Directrice", Role.DEPUTY, PeopleScope.schools(SULPICE)),
    ],
    ids=["another", "the login's next", "another school", "no right to act"],
)
def test_sheets_are_for_who_made_them_and_still_may(
    action_state: ActionState, accounts: list[int], productions: Productions, somebody: User
) -> None:
    produce(action_state, accounts[0])
    [made] = productions.of(DIRECTOR)
    assert productions.of(somebody) == []
    with pytest.raises(Refused):
        productions.download(somebody, made.number)
    productions.forget(somebody, made.number)
    assert productions.of(DIRECTOR) == [made]


def test_signed_in_again_with_more_rights_they_are_still_there(
    action_state: ActionState, accounts: list[int], productions: Productions
) -> None:
    produce(action_state, accounts[0])
    wider = ActingScope.schools(SULPICE, BEZE)
    again = User("d.erable", "Directrice", Role.DIRECTOR, wider, has_password=True)
    assert len(productions.of(again)) == 1


def hold(productions: Productions, content: bytes) -> None:
    with productions.making(DIRECTOR, Action.RESET, HERE) as making:
        making.hold(Document("f.pdf", "application/pdf", content))
        making.sheets = 1


def test_what_fails_after_the_sheets_are_made_leaves_none(productions: Productions) -> None:
    def fail() -> None:
        with productions.making(DIRECTOR, Action.RESET, HERE) as making:
            making.hold(Document("f.pdf", "application/pdf", b"x"))
            assert productions.of(DIRECTOR) == []  # its passwords open nothing yet
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert productions.of(DIRECTOR) == []
    assert productions.waiting == []


def test_too_many_sets_are_refused_before_anything_is_done(
    action_state: ActionState, accounts: list[int], productions: Productions, store: Store
) -> None:
    for _ in range(MOST_SETS):
        hold(productions, b"x")
    before = tables(store)
    action_state.ask(HERE, Action.NOTIFY_BY_SHEET, accounts)
    run(action_state)
    assert action_state.problem.startswith("Trop de feuilles attendent d'être téléchargées")
    assert tables(store) == before
    productions.forget(DIRECTOR, productions.of(DIRECTOR)[0].number)
    action_state.close()
    produce(action_state, accounts[0])


def test_sheets_that_are_too_large_together_are_refused_and_leave_the_accounts(
    action_state: ActionState, accounts: list[int], productions: Productions, store: Store
) -> None:
    hold(productions, b"x" * (MOST_BYTES - 100))
    before = tables(store)
    action_state.ask(HERE, Action.NOTIFY_BY_SHEET, accounts)
    run(action_state)
    assert action_state.problem.startswith("Trop de feuilles")
    assert tables(store) == before
    assert len(productions.of(DIRECTOR)) == 1


def test_the_operator_is_told_of_what_nobody_has_downloaded(
    action_state: ActionState, accounts: list[int], productions: Productions
) -> None:
    produce(action_state, accounts[0])
    [said] = productions.waiting
    assert said.startswith("d.erable : 1 feuille produite le 28/09/2026")
    action_state.sheets()
    assert productions.waiting == []


def test_a_server_that_stops_says_whose_sheets_end_with_it(
    services: Services, accounts: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    shared = open_shared(services)
    action_state = shared.action_states.state_for(DIRECTOR, None)
    say_lost(shared)
    assert capsys.readouterr().out == ""
    produce(action_state, accounts[0])
    say_lost(shared)
    said = capsys.readouterr().out
    assert said.startswith("Perdues à l'arrêt : d.erable : 1 feuille produite le 28/09/2026")
    action_state.sheets()
    say_lost(shared)
    assert capsys.readouterr().out == ""


def test_the_report_is_a_file_by_names_of_when_it_was_done(
    action_state: ActionState, accounts: list[int], store: Store
) -> None:
    assert action_state.report_document() is None
    produce(action_state, *accounts)
    document = action_state.report_document()
    assert document is not None
    assert document.filename == "compte-rendu_notification_0580189R_2026-09-28_1030.csv"
    seen = prepare(store, HERE, Action.RESET, AccountFilter(), NOW.date())
    assert all(
        one.listed.account.identifier.encode() in document.content for one in seen.candidates
    )
