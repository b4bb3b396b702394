"""Changes of the store reach the sessions that are open, gathered, and only while they are open."""

from functools import partial

from bokeh.document import Document

from dashboard.store.engine import Change, Store
from dashboard.views.state.shared import Live
from tests.store.rows import BEZE, SULPICE


def change(store: Store, *uais: str) -> None:
    with store.transaction() as transaction:
        transaction.touch(schools=uais)


def _append(told: list[str], name: str, _: Change) -> None:
    told.append(name)


def tick(document: Document) -> None:
    """Run what the document has to do next, without waiting."""
    for callback in list(document.session_callbacks):
        document.callbacks.remove_session_callback(callback)
        callback.callback()


def test_changes_that_come_together_are_told_once(store: Store) -> None:
    told: list[Change] = []
    document = Document()
    Live(store).follow(document, told.append)
    change(store, SULPICE)
    change(store, BEZE, SULPICE)
    with store.transaction() as transaction:
        transaction.touch(staff=["durand"])
    tick(document)
    assert told == []
    tick(document)
    together = Change(schools=frozenset({SULPICE, BEZE}), staff=frozenset({"durand"}))
    assert told == [together]
    tick(document)
    assert told == [together]


def test_each_session_is_told(store: Store) -> None:
    told: list[str] = []
    live, documents = Live(store), [Document(), Document()]
    for name, document in zip("ab", documents, strict=True):
        live.follow(document, partial(_append, told, name))
    change(store, SULPICE)
    for document in documents * 2:
        tick(document)
    assert told == ["a", "b"]


def test_a_change_of_nothing_and_a_failed_one_are_not_told(store: Store) -> None:
    document = Document()
    Live(store).follow(document, lambda _: None)
    change(store)
    try:
        with store.transaction() as transaction:
            transaction.touch(schools=[SULPICE])
            raise ZeroDivisionError
    except ZeroDivisionError:
        pass
    assert not document.session_callbacks


def test_a_session_that_ended_is_told_no_more(store: Store) -> None:
    document = Document()
    Live(store).follow(document, lambda _: None)
    for ended in document.session_destroyed_callbacks:
        ended(None)
    change(store, SULPICE)
    assert not document.session_callbacks
