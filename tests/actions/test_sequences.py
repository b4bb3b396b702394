"""Any sequence of what staff, guardians and the postman do, against a model in plain Python."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import TypeVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from dashboard.actions.batch import Asker, Preparation, prepare
from dashboard.actions.correct import correct
from dashboard.actions.figures import statistics
from dashboard.actions.guardian_access import GuardianAccess, GuardianSession
from dashboard.actions.notify_by_email import notify_by_email
from dashboard.actions.notify_by_sheet import notify_by_sheet
from dashboard.actions.throttle import TooMany, WrongPassword
from dashboard.domain.account import Origin, State, expires_on
from dashboard.domain.action import (
    BULK_ACTIONS,
    BY_EMAIL,
    CHANGED_MEANWHILE,
    Action,
    Outcome,
    Report,
)
from dashboard.domain.credentials import Purpose, link_ends_at
from dashboard.domain.errors import Refused
from dashboard.domain.filters import AccountFilter
from dashboard.domain.people import ListedAccount
from dashboard.domain.scope import ActingScope, Scope
from dashboard.store.engine import MEMORY, Changed, Row, connect
from dashboard.store.guardians import holders_by_email
from dashboard.transport.delivery import Delayed, Rejected, Unavailable, Uncertain
from tests.actions.services import (
    DIRECTOR,
    LETTERHEAD,
    ONE_BY_ONE,
    Clock,
    Postbox,
    confirmed,
    heedless,
    make_services,
    passwords_on,
    read_letter,
)
from tests.depth import deep
from tests.domain.test_action import TABLE
from tests.store.rows import BEZE, SULPICE, Rows

SCHOOLS = {SULPICE: (1, 2, 3, 4), BEZE: (4, 5)}
SCOPES = [(SULPICE,), (BEZE,), (SULPICE, BEZE)]
ORIGINS = {3: Origin.FRANCECONNECT, 5: Origin.SELF_REGISTERED}
NO_ADDRESS = 2
SOURCE = "192.0.2.1"
STATES = {
    "not_notified": State.NOT_NOTIFIED,
    "notified": State.NOTIFIED,
    "activating": State.ACTIVATING,
    "activated": State.ACTIVATED,
}
TROUBLES = {
    "rejected": Rejected("550 no such user"),
    "delayed": Delayed("450 later"),
    "unavailable": Unavailable("injoignable"),
    "uncertain": Uncertain("connexion perdue"),
    "rejected at the end": Rejected("554 spam"),
    "delayed at the end": Delayed("451 greylisted"),
}
BEFORE = ("rejected", "delayed", "unavailable")
PASSWORDS = [f"trois-Girafes bleues {number}" for number in range(4)]


def address(account: int, version: int) -> str:
    return f"famille{account}.{version}@exemple.fr"


@dataclass
class Link:
    """The one link of an account that is still good."""

    purpose: Purpose
    ends_at: datetime


@dataclass
class Known:
    """What the model expects of one account."""

    number: int
    identifier: str
    origin: Origin
    email: str
    state: State = State.NOT_NOTIFIED
    version: int = 1
    password: str = ""
    provisional: bool = False
    distributed_on: datetime | None = None
    signed_in_on: datetime | None = None
    link: Link | None = None
    tokens: dict[str, Link] = field(default_factory=dict)

    def moves(self, state: State) -> None:
        self.state, self.version = state, self.version + 1

    def is_expired(self, now: datetime) -> bool:
        return self.distributed_on is not None and (
            expires_on(self.distributed_on.date()) < now.date()
        )

    def opens_link(self, purpose: Purpose, now: datetime) -> None:
        ends_at = link_ends_at(purpose, now)
        if purpose is Purpose.CHOOSE_PASSWORD:
            assert self.distributed_on is not None
            ends_at = datetime.combine(expires_on(self.distributed_on.date()), time(23, 59, 59))
        self.link = Link(purpose, ends_at)

    def is_good(self, token: str, now: datetime) -> bool:
        link = self.tokens[token]
        return link is self.link and now < link.ends_at


@dataclass(frozen=True)
class Held:
    """A password that was once good."""

    account: int
    text: str


@dataclass(frozen=True)
class Token:
    """A link that was once good."""

    account: int
    text: str


@dataclass(frozen=True)
class Entered:
    """A session, and the password by which it was begun."""

    account: int
    session: GuardianSession
    password: str


scopes = st.sampled_from(SCOPES)
numbers = st.integers(1, 5)
versions = st.integers(0, 2)
chosen = st.none() | st.sets(numbers, min_size=1, max_size=2)
back = st.sampled_from([0, 0, 0, 0, 1, 1, 2, 3, 5, 8])
_T = TypeVar("_T")


def recent(things: Sequence[_T], back: int) -> _T | None:
    """The last of the things, or one so far before it."""
    return things[-1 - back] if back < len(things) else None


class SmallSchools(RuleBasedStateMachine):
    """Two directors who share a family, five guardians and a postman, in any order."""

    @initialize()
    def open(self) -> None:
        self.store = connect(MEMORY)
        rows = Rows(self.store)
        for uai in SCHOOLS:
            rows.school(uai)
        children = {
            number: [rows.student(uai=uai) for uai, those in SCHOOLS.items() if number in those]
            for number in range(1, 6)
        }
        for number, of in children.items():
            email = "" if number == NO_ADDRESS else address(number, 0)
            rows.account(*of, origin=ORIGINS.get(number, Origin.SCHOOL), email=email)
        self.known = {
            number: Known(number, identifier, Origin(origin), email)
            for number, identifier, origin, email in self.store.rows(
                "SELECT account_id, identifier, origin, email FROM account"
            )
        }
        self.post, self.clock = Postbox(), Clock()
        self.services = make_services(self.store, self.post, self.clock)
        self.access = GuardianAccess(self.store, self.services.signer)
        self.postman = self.services.postman()
        self.queued = self.read = 0
        self.journal: list[Row] = []
        self.counted: list[State] = []
        self.names: list[str] = []
        self.preparations: list[Preparation] = []
        self.held: list[Held] = []
        self.tokens: list[Token] = []
        self.entered: list[Entered] = []
        self.a_director_acts((SULPICE,), Action.NOTIFY_BY_SHEET, {1, 2, 3})
        self.a_director_acts((BEZE,), Action.NOTIFY_BY_EMAIL, {4, 5})
        self.the_postman_passes()

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()

    @property
    def now(self) -> datetime:
        return self.clock.now

    # Staff

    @rule(uais=scopes, action=st.sampled_from(BULK_ACTIONS), only=chosen)
    def a_director_prepares(
        self, uais: tuple[str, ...], action: Action, only: set[int] | None
    ) -> None:
        scope = ActingScope.schools(*uais)
        seen = prepare(self.store, scope, action, AccountFilter(), self.now.date(), only=only)
        found = confirmed(seen)
        inside = {number for uai in uais for number in SCHOOLS[uai]}
        assert {c.listed.account_id for c in found.candidates} == inside & (only or inside)
        self.preparations.append(found)

    @rule(uais=scopes, action=st.sampled_from(BULK_ACTIONS), only=chosen)
    def a_director_acts(self, uais: tuple[str, ...], action: Action, only: set[int] | None) -> None:
        self.a_director_prepares(uais, action, only)
        self.a_director_confirms(0)

    @rule(back=back)
    def a_director_confirms(self, back: int) -> None:
        if not (preparation := recent(self.preparations, back)):
            return
        expected = {
            candidate.listed.account_id: candidate.decision.reason
            or ("" if self._is_as_seen(candidate.listed) else CHANGED_MEANWHILE)
            for candidate in preparation.candidates
        }
        report = self._perform(preparation)
        assert {r.account.account_id: r.reason for r in report.results} == expected
        assert report.count(Outcome.DONE) == list(expected.values()).count("")
        printed = passwords_on(report.sheets) if report.sheets else {}
        done = [self.known[number] for number, reason in expected.items() if not reason]
        if preparation.action in BY_EMAIL:
            assert not printed
            self.queued += len(done)
        else:
            assert printed.keys() == {one.identifier for one in done}
        for one in done:
            self._is_done(preparation.action, one, printed.get(one.identifier, ""))

    def _is_as_seen(self, listed: ListedAccount) -> bool:
        return listed.version == self.known[listed.account_id].version

    def _perform(self, preparation: Preparation) -> Report:
        asker = Asker(DIRECTOR, self.now)
        if preparation.action in BY_EMAIL:
            return notify_by_email(self.store, preparation, asker)
        return notify_by_sheet(self.store, preparation, asker, LETTERHEAD, ONE_BY_ONE, heedless)

    def _is_done(self, action: Action, one: Known, password: str) -> None:
        after = TABLE[action][list(State).index(one.state)]
        assert after is not None
        one.moves(after)
        one.link = None
        if action is Action.RESEND:
            one.opens_link(Purpose.ACTIVATE, self.now)
            return
        one.distributed_on = self.now
        one.password, one.provisional = password, bool(password)
        if password:
            self.held.append(Held(one.number, password))
        if action is Action.NOTIFY_BY_EMAIL and one.origin is not Origin.FRANCECONNECT:
            one.opens_link(Purpose.CHOOSE_PASSWORD, self.now)

    @rule(number=numbers, version=versions, uais=scopes, back=st.none() | back)
    def a_director_corrects(
        self, number: int, version: int, uais: tuple[str, ...], back: int | None
    ) -> None:
        scope = ActingScope.schools(*uais)
        seen = None if back is None else recent(self.preparations, back)
        seen = seen or prepare(
            self.store, scope, Action.CORRECT, AccountFilter(), self.now.date(), only=[number]
        )
        for candidate in seen.candidates[:1]:
            listed, one = candidate.listed, self.known[candidate.listed.account_id]
            may = self._is_as_seen(listed) and any(one.number in SCHOOLS[uai] for uai in uais)
            email = address(one.number, version)
            try:
                correct(self.store, scope, listed, email, "", Asker(DIRECTOR, self.now))
            except Changed:
                assert not may
                continue
            if email == listed.guardian.email:
                continue  # what is as it was is not written again
            assert may
            one.moves(one.state)
            if email != one.email:
                one.email, one.link = email, None

    # Guardians

    @rule(back=back)
    def a_guardian_signs_in(self, back: int) -> None:
        if not (held := recent(self.held, back)):
            return
        one, password = self.known[held.account], held.text
        try:
            session = self.access.sign_in(one.identifier, password, SOURCE, self.now)
        except TooMany:
            return
        except WrongPassword:
            assert password != one.password
            return
        except Refused:
            assert password == one.password
            assert one.provisional
            assert one.is_expired(self.now)
            return
        assert password == one.password
        assert not (one.provisional and one.is_expired(self.now))
        if one.signed_in_on is None or one.signed_in_on.date() != self.now.date():
            one.moves(one.state)
            one.signed_in_on = self.now
        self.entered.append(Entered(one.number, session, password))

    @rule(back=back, password=st.sampled_from(PASSWORDS), version=versions)
    def a_guardian_chooses_a_password(self, back: int, password: str, version: int) -> None:
        if not (entered := recent(self.entered, back)):
            return
        one = self.known[entered.account]
        same = one.password == entered.password
        may = same and one.provisional and not one.is_expired(self.now)
        self._chooses(one, entered.session, password, version, may)

    @rule(back=back, password=st.sampled_from(PASSWORDS), version=versions)
    def a_guardian_follows_a_link_to_choose_a_password(
        self, back: int, password: str, version: int
    ) -> None:
        if not (token := recent(self.tokens, back)):
            return
        one = self.known[token.account]
        good = one.is_good(token.text, self.now)
        try:
            session, purpose = self.access.follow(token.text, self.now)
        except Refused:
            assert not good
            return
        assert good
        assert purpose is one.tokens[token.text].purpose
        self._chooses(one, session, password, version, purpose is not Purpose.ACTIVATE)

    def _chooses(
        self, one: Known, session: GuardianSession, password: str, version: int, may: bool
    ) -> None:
        email = address(one.number, version)
        try:
            self.access.choose_password(session, password, email, self.now)
        except Refused:
            assert not may
            return
        assert may
        first = one.state is State.NOTIFIED
        one.moves(State.ACTIVATING if first else State.ACTIVATED)
        one.password, one.provisional, one.link = password, False, None
        one.signed_in_on = self.now
        if first:
            one.email = email
            one.opens_link(Purpose.ACTIVATE, self.now)
            self.queued += 1
        self.held.append(Held(one.number, password))

    @rule(back=back)
    def a_guardian_follows_a_link_to_activate(self, back: int) -> None:
        if not (token := recent(self.tokens, back)):
            return
        one = self.known[token.account]
        may = one.is_good(token.text, self.now) and (
            one.tokens[token.text].purpose is Purpose.ACTIVATE
        )
        try:
            self.access.activate(token.text, self.now)
        except Refused:
            assert not may
            return
        assert may
        one.moves(State.ACTIVATED)
        one.link = None

    @rule(number=numbers)
    def a_guardian_does_as_the_letters_say(self, number: int) -> None:
        one = self.known[number]
        if one.state is State.ACTIVATED:
            self.a_guardian_asks_for_help(number, None)
        for _ in range(2):
            self.the_postman_passes()
            for back, token in enumerate(reversed(self.tokens)):
                if token.account == number and one.is_good(token.text, self.now):
                    if one.tokens[token.text].purpose is Purpose.ACTIVATE:
                        self.a_guardian_follows_a_link_to_activate(back)
                    else:
                        self.a_guardian_follows_a_link_to_choose_a_password(back, PASSWORDS[0], 0)
                    break

    @rule(back=back)
    def a_guardian_asks_for_the_activation_letter_again(self, back: int) -> None:
        if not (entered := recent(self.entered, back)):
            return
        one = self.known[entered.account]
        may = one.password == entered.password and one.state is State.ACTIVATING and one.email != ""
        try:
            to = self.access.resend(entered.session, self.now)
        except TooMany:
            return
        except Refused:
            assert not may
            return
        assert may
        assert to == one.email
        one.moves(one.state)
        one.opens_link(Purpose.ACTIVATE, self.now)
        self.queued += 1

    @rule(number=numbers, version=st.none() | versions)
    def a_guardian_asks_for_help(self, number: int, version: int | None) -> None:
        one = self.known[number]
        asked = address(number, version or 0) if version is not None or not one.email else one.email
        try:
            to = self.access.ask_for_help(asked, SOURCE, self.now)
        except TooMany:
            return
        self.access.send_help(to, self.now)
        assert [h.account_id for h in holders_by_email(self.store, to)] == (
            [number] if one.email == to else []
        )
        if one.email != to or one.state is State.NOT_NOTIFIED:
            return
        self.queued += 1
        one.moves(one.state)
        if one.origin is Origin.FRANCECONNECT:
            return
        if one.state is State.ACTIVATED:
            one.opens_link(Purpose.RECOVER, self.now)
        elif one.state is State.ACTIVATING:
            one.opens_link(Purpose.ACTIVATE, self.now)
        elif not one.password and not one.is_expired(self.now):
            one.opens_link(Purpose.CHOOSE_PASSWORD, self.now)

    # Messages and time

    @rule(trouble=st.sampled_from(sorted(TROUBLES)), troubled=st.sets(numbers))
    def the_postman_passes(self, trouble: str = "", troubled: Collection[int] = ()) -> None:
        where = self.post.before if trouble in BEFORE else self.post.after
        if trouble:
            addresses = [address(number, v) for number in troubled for v in range(3)]
            where.update(dict.fromkeys(addresses, TROUBLES[trouble]))
        self.postman.send_due()
        self.post.before, self.post.after = {}, {}
        arrived = self.post.received[self.read :]
        self.read = len(self.post.received)
        for to, content in arrived:
            self._arrives(to, content)

    @rule(
        uais=scopes,
        action=st.sampled_from(sorted(BY_EMAIL)),
        trouble=st.sampled_from(sorted(TROUBLES)),
        waits=st.booleans(),
    )
    def letters_meet_trouble(
        self, uais: tuple[str, ...], action: Action, trouble: str, waits: bool
    ) -> None:
        self.a_director_acts(uais, action, None)
        self.the_postman_passes(trouble, self.known)
        if waits:
            self.time_passes(timedelta(minutes=20))
            self.the_postman_passes()

    def _arrives(self, to: str, content: bytes) -> None:
        number = int(to.removeprefix("famille").partition(".")[0])
        one, text = self.known[number], read_letter(content).get_content()
        _, has_link, rest = text.partition(f"{LETTERHEAD.activation_address}/lien/")
        if not has_link:
            return
        assert one.link is not None  # what leaves carries the newest link
        one.tokens[rest.split()[0]] = one.link
        self.tokens.append(Token(number, rest.split()[0]))

    @rule(
        how_long=st.sampled_from(
            [timedelta(minutes=20), timedelta(hours=2), timedelta(days=1), timedelta(days=50)]
        )
    )
    def time_passes(self, how_long: timedelta) -> None:
        self.clock.passes(how_long)

    # What always holds

    @precondition(lambda self: hasattr(self, "known"))
    @invariant()
    def accounts_are_as_expected(self) -> None:
        found = self.store.rows(
            "SELECT account_id, state, version, email, password, distributed_on FROM account "
            "ORDER BY account_id"
        )
        assert found == [
            (
                one.number,
                one.state,
                one.version,
                one.email,
                "PROVISIONAL" if one.provisional else "CHOSEN" if one.password else "NONE",
                one.distributed_on and one.distributed_on.date(),
            )
            for one in self.known.values()
        ]

    @precondition(lambda self: hasattr(self, "known"))
    @invariant()
    def the_journal_tells_it_all(self) -> None:
        rows = self.store.rows("SELECT * FROM journal ORDER BY entry_id")
        assert rows[: len(self.journal)] == self.journal
        self.journal = rows
        states = dict.fromkeys(self.known, State.NOT_NOTIFIED)
        done = dict.fromkeys(self.known, 0)
        for _, _, _, action, number, before, after, reason in rows:
            if reason:
                assert before == after
                continue
            assert before == states[number]
            assert TABLE[Action(action)][list(State).index(State(before))] == after
            states[number] = State(after)
            done[number] += 1
        assert states == {one.number: one.state for one in self.known.values()}
        assert done == {one.number: one.version - 1 for one in self.known.values()}

    @precondition(lambda self: hasattr(self, "known"))
    @invariant()
    def counts_agree_with_the_accounts(self) -> None:
        states = [one.state for one in self.known.values()]
        if states == self.counted:
            return
        self.counted = states
        figures = statistics(self.store, Scope.schools(*SCHOOLS), "school").set_index("school")
        for uai, numbers in SCHOOLS.items():
            there = [self.known[number].state for number in numbers]
            assert figures.loc[uai, "accounts"] == len(there)
            for column, state in STATES.items():
                assert figures.loc[uai, column] == there.count(state)

    @precondition(lambda self: hasattr(self, "known"))
    @invariant()
    def links_are_as_expected(self) -> None:
        found = self.store.rows(
            "SELECT account_id, purpose, expires_at FROM ticket WHERE ended_at IS NULL "
            "ORDER BY account_id"
        )
        assert found == [
            (one.number, one.link.purpose, one.link.ends_at)
            for one in self.known.values()
            if one.link
        ]

    @precondition(lambda self: hasattr(self, "known"))
    @invariant()
    def no_message_is_lost_or_sent_twice(self) -> None:
        assert self.store.rows("SELECT count(*) FROM message") == [(self.queued,)]
        arrived = [content for _, content in self.post.received]
        for content in arrived[len(self.names) :]:
            self.names.append(read_letter(content)["Message-ID"])
        assert len(arrived) == len(set(self.names))
        left = self.store.rows("SELECT count(*) FROM message WHERE status IN ('SENT', 'SENDING')")
        assert left == [(len(arrived),)]


SmallSchools.TestCase.settings = settings(
    max_examples=deep(3),
    stateful_step_count=80,
    derandomize=True,
    phases=[Phase.generate],  # shrinking would take minutes
    suppress_health_check=[HealthCheck.too_slow],
)
TestSmallSchools = SmallSchools.TestCase
