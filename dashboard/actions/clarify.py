"""Saying which student a guardian's child is, where the files could not tell."""

from dashboard.actions.batch import Asker
from dashboard.domain.action import Action
from dashboard.domain.candidates import Candidate, candidates
from dashboard.domain.errors import Refused
from dashboard.domain.people import ListedAccount, Student
from dashboard.domain.scope import ActingScope, PeopleScope
from dashboard.domain.stated import OUTSIDE, StatedChild
from dashboard.store.changes import AccountChange, write_changes
from dashboard.store.engine import Changed, Store, Transaction
from dashboard.store.stated import enrolled, settle

_NOT_HERE = "Cet élève n'est pas, ou n'est plus, dans l'école."


def who_it_may_be(
    store: Store, scope: PeopleScope, account: ListedAccount, child: StatedChild
) -> list[Candidate]:
    """The students of the school that the child is stated to, the likeliest first."""
    guardian = account.guardian
    names = guardian.birth_name, guardian.usage_name
    return candidates(child, names, enrolled(store, scope, child.uai))


def clarify(
    store: Store,
    scope: ActingScope,
    account: ListedAccount,
    child: StatedChild,
    student_id: int,
    asker: Asker,
) -> None:
    """Have a child that a guardian's row states be this student; `OUTSIDE`: none of the school's.

    The choice is kept: an import that cannot tell the child either leaves it as it is.

    Raises:
        Refused: the student is not in the school.
        Changed: the account, or what was said of the child, is not as it was seen any more.
    """
    if child.student_id == student_id:
        return
    state = account.account.state
    change = AccountChange(account.account_id, account.version, state, state)
    with store.transaction() as transaction:
        student = _student(transaction, scope, child.uai, student_id)
        if not write_changes(transaction, scope, Action.CLARIFY, asker.actor, asker.now, [change]):
            raise Changed
        settle(transaction, scope, account.account_id, child, student, asker.now.date())


def _student(
    transaction: Transaction, scope: PeopleScope, uai: str, student_id: int
) -> tuple[int, Student] | None:
    if student_id == OUTSIDE:
        return None
    found = enrolled(transaction, scope, uai, student_id)
    if not found:
        raise Refused([_NOT_HERE])
    return found[0]
