"""Correcting how a guardian is reached: e-mail and mobile."""

from dashboard.actions.batch import Asker
from dashboard.domain.action import Action
from dashboard.domain.email import parse_email
from dashboard.domain.errors import Refused
from dashboard.domain.people import ListedAccount
from dashboard.domain.scope import ActingScope
from dashboard.inputs.columns import parse_mobile
from dashboard.store.changes import AccountChange, write_changes
from dashboard.store.engine import Changed, Store
from dashboard.store.messages import end_tickets, supersede


def correct(
    store: Store, scope: ActingScope, account: ListedAccount, email: str, mobile: str, asker: Asker
) -> None:
    """Give an account another e-mail and mobile; links sent to another e-mail are revoked.

    What is as it was is not written again.

    Raises:
        Refused: with what is wrong with either.
        Changed: the account is not as it was seen any more.
    """
    facts = _facts(email, mobile)
    if facts == {"email": account.guardian.email, "mobile": account.guardian.mobile}:
        return
    state = account.account.state
    change = AccountChange(account.account_id, account.version, state, state, facts)
    with store.transaction() as transaction:
        written = write_changes(
            transaction, scope, Action.CORRECT, asker.actor, asker.now, [change]
        )
        if not written:
            raise Changed
        if facts["email"] != account.guardian.email:
            end_tickets(transaction, written, asker.now)
            supersede(transaction, written, asker.now)


def _facts(email: str, mobile: str) -> dict[str, str]:
    facts, reasons = {}, []
    for fact, text, parse in (("email", email, parse_email), ("mobile", mobile, parse_mobile)):
        try:
            facts[fact] = parse(text)
        except ValueError as error:
            reasons.append(str(error))
    if reasons:
        raise Refused(reasons)
    return facts
