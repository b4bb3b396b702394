"""Sending what is queued: each message once, later where it may help, never after it might have."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from dashboard.actions.guardian_access import GuardianAccess
from dashboard.actions.send_messages import Postman
from dashboard.actions.services import Services
from dashboard.domain.action import Action
from dashboard.domain.document import Document
from dashboard.domain.message import RETRY_AFTER, MessageStatus
from dashboard.store.engine import Store
from dashboard.store.messages import end_tickets
from dashboard.transport.delivery import (
    CommitPoint,
    Delayed,
    NotDelivered,
    Rejected,
    Unavailable,
    Uncertain,
)
from dashboard.transport.maildir import Maildir
from dashboard.transport.smtp import SmtpServer
from tests.actions.services import (
    ABRICOT,
    BOULEAU,
    CERISE,
    DATTIER,
    GENET,
    GIVEN_UP,
    HERE,
    NOW,
    Clock,
    Postbox,
    address,
    families,
    make_services,
    messages,
    notified_by_email,
    notified_by_sheet,
    prepared,
    print_sheets,
    read_letter,
    statuses,
    together,
)
from tests.mail_server import mail_server
from tests.store.rows import Rows

DEAD_LINK = (MessageStatus.FAILED, "lien remplacé ou expiré avant l'envoi")


@pytest.fixture
def school(store: Store) -> Rows:
    return families(store)


@pytest.fixture
def post() -> Postbox:
    return Postbox()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def services(store: Store, school: Rows, post: Postbox, clock: Clock) -> Services:
    """The services of a school whose families have been written to."""
    notified_by_email(store)
    return make_services(store, post, clock)


@pytest.fixture
def postman(services: Services) -> Postman:
    return services.postman()


class Interrupted(Postbox):
    """Lets something happen while a message is offered, before its commit point."""

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        super().__init__()
        self.meanwhile = meanwhile

    def deliver(
        self, content: bytes, sender: str, recipient: str, commit_point: CommitPoint
    ) -> str:
        if not self.offered:
            self.meanwhile()
        return super().deliver(content, sender, recipient, commit_point)


def last(store: Store, account: int) -> tuple[str, str]:
    """The status and the answer of the newest message to an account."""
    _, status, answer = messages(store, account)[-1]
    return status, answer


@contextmanager
def running(postman: Postman) -> Iterator[threading.Thread]:
    thread = threading.Thread(target=postman.run)
    thread.start()
    try:
        yield thread
    finally:
        postman.stop()
        thread.join(10)
        assert not thread.is_alive()


def soon(reached: Callable[[], bool]) -> bool:
    """Whether it comes true within a few seconds."""
    deadline = time.monotonic() + 5
    while not reached() and time.monotonic() < deadline:
        time.sleep(0.005)
    return reached()


# Once


def test_a_message_is_sent_once_and_the_answer_is_kept(
    store: Store, postman: Postman, post: Postbox
) -> None:
    assert postman.send_due() == len(HERE)
    assert postman.send_due() == 0
    assert sorted(to for to, _ in post.received) == sorted(map(address, HERE))
    assert {last(store, number) for number in HERE} == {("SENT", "250 OK")}


def test_progress_tells_how_many_were_tried(postman: Postman, post: Postbox) -> None:
    post.before[address(CERISE)] = Rejected("550 no")
    told: list[int] = []
    postman.send_due(told.append)
    assert told == [1, 2, 3, 4, 5]


def test_oldest_first(store: Store, services: Services, post: Postbox, clock: Clock) -> None:
    notified_by_email(store, ABRICOT, now=NOW + timedelta(minutes=1))
    clock.passes(timedelta(minutes=2))
    services.postman().send_due()
    assert [to for to, _ in post.received][-1] == address(ABRICOT)
    assert len(post.received) == len(HERE)


def test_two_postmen_at_once_send_each_message_once(
    store: Store, services: Services, post: Postbox
) -> None:
    sent = together(*(lambda: services.postman().send_due() for _ in range(3)))
    assert all(isinstance(tried, int) for tried in sent)
    for _ in range(2):
        services.postman().send_due()
    assert sorted(to for to, _ in post.received) == sorted(map(address, HERE))
    assert set(statuses(store).values()) == {"SENT"}


def test_a_message_keeps_its_name_from_try_to_try(
    postman: Postman, post: Postbox, clock: Clock, store: Store
) -> None:
    first: list[bytes] = []

    class Reading(Postbox):
        def deliver(
            self, content: bytes, sender: str, recipient: str, commit_point: CommitPoint
        ) -> str:
            first.append(content)
            raise Delayed("450 later")

    make_services(store, Reading(), clock).postman().send_due()
    clock.passes(timedelta(minutes=1))
    postman.send_due()
    names = [sorted(read_letter(c)["Message-ID"] for c in box) for box in (first, contents(post))]
    assert names[0] == names[1]
    assert len(set(names[0])) == len(HERE)


def contents(post: Postbox) -> list[bytes]:
    return [content for _, content in post.received]


# What must not leave any more


def test_a_message_whose_link_was_revoked_does_not_leave(
    store: Store, postman: Postman, post: Postbox
) -> None:
    with store.transaction() as transaction:
        end_tickets(transaction, [ABRICOT], NOW)
    postman.send_due()
    assert address(ABRICOT) not in post.offered
    assert last(store, ABRICOT) == DEAD_LINK
    assert len(post.received) == len(HERE) - 1


def test_a_message_whose_link_has_expired_does_not_leave(
    store: Store, postman: Postman, post: Postbox, clock: Clock
) -> None:
    clock.passes(timedelta(days=100))
    assert postman.send_due() == len(HERE)
    assert post.offered == []
    assert {last(store, number) for number in HERE} == {DEAD_LINK}


def test_a_message_superseded_while_it_is_offered_does_not_leave(
    store: Store, school: Rows
) -> None:
    notified_by_email(store, ABRICOT)
    post = Interrupted(lambda: notified_by_sheet(store, ABRICOT))
    assert make_services(store, post).postman().send_due() == 1
    assert (post.offered, post.received) == ([address(ABRICOT)], [])
    assert last(store, ABRICOT) == GIVEN_UP


def test_a_message_that_is_just_being_superseded_waits_without_being_tried_again_and_again(
    store: Store, postman: Postman, post: Postbox
) -> None:
    tried = []

    def deliver(document: Document) -> None:
        tried.append(postman.send_due())

    print_sheets(store, prepared(store, Action.RESET, ABRICOT), deliver=deliver)
    assert tried == [len(HERE)]
    assert post.offered.count(address(ABRICOT)) == 1
    assert post.letters(address(ABRICOT)) == []
    assert postman.send_due() == 0
    assert last(store, ABRICOT) == GIVEN_UP


def test_a_message_is_sent_after_all_if_what_would_supersede_it_is_given_up(
    store: Store, postman: Postman, post: Postbox
) -> None:
    def deliver(document: Document) -> None:
        postman.send_due()
        raise OSError("disque plein")

    with pytest.raises(OSError, match="disque plein"):
        print_sheets(store, prepared(store, Action.RESET, ABRICOT), deliver=deliver)
    assert postman.send_due() == 1
    assert len(post.letters(address(ABRICOT))) == 1


def test_an_address_that_mail_cannot_be_sent_to_fails_with_the_reason(
    store: Store, postman: Postman, post: Postbox
) -> None:
    with store.transaction() as transaction:
        transaction.write(
            f"UPDATE message SET recipient = 'a b@exemple' WHERE account_id = {ABRICOT}"
        )
    postman.send_due()
    assert last(store, ABRICOT) == (
        *("FAILED", "adresse « a b@exemple » impossible : un blanc à l'intérieur."),
    )
    assert len(post.received) == len(HERE) - 1


# What the server makes of it


def test_a_rejected_message_fails_and_the_others_leave(
    store: Store, postman: Postman, post: Postbox, clock: Clock
) -> None:
    post.before[address(BOULEAU)] = Rejected("550 no such user")
    post.after[address(CERISE)] = Rejected("554 spam")
    postman.send_due()
    clock.passes(timedelta(days=2))
    postman.send_due()
    assert last(store, BOULEAU) == ("FAILED", "550 no such user")
    assert last(store, CERISE) == ("FAILED", "554 spam")
    assert len(post.offered) == len(HERE)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_delayed_message_is_tried_again_ever_later_until_it_fails(
    store: Store, postman: Postman, post: Postbox, clock: Clock, when: str
) -> None:
    troubles: dict[str, NotDelivered] = getattr(post, when)
    troubles[address(ABRICOT)] = Delayed("450 later")
    postman.send_due()
    for tries, wait in enumerate(RETRY_AFTER, start=1):
        assert last(store, ABRICOT) == ("QUEUED", "450 later")
        clock.passes(wait - timedelta(seconds=1))
        postman.send_due()
        assert post.offered.count(address(ABRICOT)) == tries
        clock.passes(timedelta(seconds=1))
        postman.send_due()
        assert post.offered.count(address(ABRICOT)) == tries + 1
    assert last(store, ABRICOT) == ("FAILED", "450 later")
    clock.passes(timedelta(days=7))
    postman.send_due()
    assert len(post.offered) == len(HERE) + len(RETRY_AFTER)


def test_a_delayed_message_leaves_once_it_is_accepted(
    store: Store, postman: Postman, post: Postbox, clock: Clock
) -> None:
    post.after[address(ABRICOT)] = Delayed("451 greylisted")
    postman.send_due()
    post.after.clear()
    clock.passes(timedelta(minutes=1))
    postman.send_due()
    assert last(store, ABRICOT) == ("SENT", "250 OK")
    assert len(post.letters(address(ABRICOT))) == 1


def test_a_message_put_off_gives_way_to_a_newer_one(
    store: Store, postman: Postman, post: Postbox, clock: Clock
) -> None:
    post.before[address(ABRICOT)] = Delayed("450 later")
    postman.send_due()
    post.before.clear()
    notified_by_email(store, ABRICOT)
    clock.passes(timedelta(hours=1))
    postman.send_due()
    assert [(status, answer) for _, status, answer in messages(store, ABRICOT)] == [
        GIVEN_UP,
        ("SENT", "250 OK"),
    ]


def test_a_server_that_is_away_stops_the_pass_and_loses_nothing(
    store: Store, postman: Postman, post: Postbox
) -> None:
    for number in HERE:
        post.before[address(number)] = Unavailable("injoignable")
    for _ in range(20):
        assert postman.send_due() == 0
    assert len(post.offered) == 20
    assert set(statuses(store).values()) == {"QUEUED"}
    assert store.rows("SELECT DISTINCT attempts FROM message") == [(0,)]
    post.before.clear()
    assert postman.send_due() == len(HERE)
    assert set(statuses(store).values()) == {"SENT"}


def test_a_sender_that_cannot_be_stops_the_pass_and_loses_nothing(
    store: Store, services: Services, postman: Postman, post: Postbox
) -> None:
    mailing = replace(services.mailing, sender="École <ecole sans adresse>")
    assert replace(services, mailing=mailing).postman().send_due() == 0
    assert set(statuses(store).values()) == {"QUEUED"}
    answers = [answer for number in HERE for _, answer in [last(store, number)] if answer]
    assert answers == [
        "configuration : adresse « ecole sans adresse » impossible : un blanc à l'intérieur."
    ]
    assert postman.send_due() == len(HERE)


def test_what_may_have_left_is_never_sent_again(
    store: Store, services: Services, post: Postbox, clock: Clock
) -> None:
    post.after[address(ABRICOT)] = Uncertain("connexion perdue avant la réponse du serveur")
    services.postman().send_due()
    post.after.clear()
    clock.passes(timedelta(days=7))
    services.postman().send_due()
    assert post.offered.count(address(ABRICOT)) == 1
    status, answer = last(store, ABRICOT)
    assert MessageStatus(status).label == "envoi interrompu, sans doute parti"
    assert answer == "connexion perdue avant la réponse du serveur"


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_what_was_being_sent_when_the_program_ended_is_never_sent_again(
    store: Store, services: Services, post: Postbox, error: type[BaseException]
) -> None:
    class Dying(Postbox):
        def deliver(
            self, content: bytes, sender: str, recipient: str, commit_point: CommitPoint
        ) -> str:
            commit_point()
            raise error

    with pytest.raises(error):
        make_services(store, Dying()).postman().send_due()
    services.postman().send_due()
    assert sorted(statuses(store).values()) == ["SENDING", *["SENT"] * (len(HERE) - 1)]
    assert len(post.received) == len(HERE) - 1


def test_messages_leave_no_faster_than_the_rate(store: Store, services: Services) -> None:
    started = time.monotonic()
    replace(services, mailing=replace(services.mailing, per_minute=1200)).postman().send_due()
    assert time.monotonic() - started >= len(HERE) * 0.05


# In a thread


def has_letters(post: Postbox, recipient: str) -> bool:
    return post.letters(recipient) != []


def test_what_is_queued_leaves_at_once(store: Store, school: Rows, post: Postbox) -> None:
    with running(make_services(store, post).postman()):
        assert not post.received
        for account in (ABRICOT, CERISE):
            notified_by_email(store, account)
            assert soon(partial(has_letters, post, address(account)))
    assert soon(lambda: set(statuses(store).values()) == {"SENT"})


def test_what_a_guardian_asks_for_leaves_at_once(store: Store, school: Rows, post: Postbox) -> None:
    notified_by_sheet(store, ABRICOT)
    services = make_services(store, post)
    access = GuardianAccess(store, services.signer)
    with running(services.postman()):
        time.sleep(0.1)  # it has found nothing to do
        access.send_help(address(ABRICOT), NOW)
        assert soon(lambda: post.letters(address(ABRICOT)) != [])


def test_stopping_ends_after_the_message_that_is_being_sent(store: Store, school: Rows) -> None:
    notified_by_email(store)
    stopped: list[Postman] = []
    post = Interrupted(lambda: stopped[0].stop())
    stopped.append(make_services(store, post).postman())
    stopped[0].run()
    assert len(post.received) == 1
    assert sorted(statuses(store).values()) == [*["QUEUED"] * (len(HERE) - 1), "SENT"]


def test_a_postman_who_waits_stops_at_once(store: Store, postman: Postman, post: Postbox) -> None:
    post.before[address(ABRICOT)] = Unavailable("injoignable")
    started = time.monotonic()
    with running(postman):
        assert soon(lambda: post.offered != [])
    assert time.monotonic() - started < 5


def test_a_server_that_is_away_is_not_pressed(postman: Postman, post: Postbox) -> None:
    for number in HERE:
        post.before[address(number)] = Unavailable("injoignable")
    with running(postman):
        assert soon(lambda: post.offered != [])
        time.sleep(0.3)
        assert len(post.offered) == 1


# Real ways of sending


def test_a_real_server_accepts_rejects_and_delays(
    store: Store, services: Services, clock: Clock
) -> None:
    with mail_server() as server:
        server.reply("RCPT", address(BOULEAU), "550 5.1.1 No such user")
        server.reply("DOT", address(CERISE), "450 4.2.0 Greylisted")
        server.reply("DOT", address(DATTIER), "554 5.7.1 Spam")
        transport = SmtpServer(server.host, server.port, "none", timeout_seconds=5)
        postman = replace(
            services, mailing=replace(services.mailing, transport=transport)
        ).postman()
        postman.send_due()
        assert last(store, ABRICOT)[0] == "SENT"
        assert last(store, BOULEAU) == ("FAILED", "550 5.1.1 No such user")
        assert last(store, CERISE) == ("QUEUED", "450 4.2.0 Greylisted")
        assert last(store, DATTIER) == ("FAILED", "554 5.7.1 Spam")
        server.behave()
        clock.passes(timedelta(minutes=1))
        postman.send_due()
        assert last(store, CERISE)[0] == "SENT"
        for number in (ABRICOT, CERISE, GENET):
            [letter] = server.messages(address(number))
            assert letter["To"] == address(number)
            assert letter["From"] == "École <ecole@exemple.fr>"
        assert server.messages(address(BOULEAU)) == server.messages(address(DATTIER)) == []
        assert server.connections == 2


def test_a_real_server_that_is_cut_off_gets_nothing_twice(store: Store, services: Services) -> None:
    with mail_server() as server:
        server.drop("DOT", address(ABRICOT))
        transport = SmtpServer(server.host, server.port, "none", timeout_seconds=5)
        postman = replace(
            services, mailing=replace(services.mailing, transport=transport)
        ).postman()
        postman.send_due()
        server.behave()
        postman.send_due()
        assert last(store, ABRICOT)[0] == "SENDING"
        assert all(len(server.messages(address(number))) == 1 for number in HERE)


def test_a_server_that_is_not_there_loses_nothing(
    store: Store, services: Services, post: Postbox
) -> None:
    with mail_server() as server:
        gone = SmtpServer(server.host, server.port, "none", timeout_seconds=5)
    away = replace(services, mailing=replace(services.mailing, transport=gone)).postman()
    assert away.send_due() == 0
    assert set(statuses(store).values()) == {"QUEUED"}
    services.postman().send_due()
    assert len(post.received) == len(HERE)


def test_a_folder_holds_each_message_once(
    store: Store, services: Services, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("mail") / "folder"
    mailing = replace(services.mailing, transport=Maildir(folder))
    replace(services, mailing=mailing).postman().send_due()
    letters = [read_letter(file.read_bytes()) for file in (folder / "new").iterdir()]
    assert sorted(letter["To"] for letter in letters) == sorted(map(address, HERE))
    assert list((folder / "tmp").iterdir()) == []
    assert last(store, ABRICOT)[1].startswith("déposé dans message.")
