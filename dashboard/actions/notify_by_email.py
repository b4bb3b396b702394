"""Writing to guardians: notifying accounts by e-mail, resending the activation e-mail."""

from collections.abc import Mapping
from dataclasses import replace

from dashboard.actions.batch import (
    Asker,
    Preparation,
    in_one_transaction,
    report_of,
    write_decisions,
)
from dashboard.domain.account import Origin
from dashboard.domain.action import Action, Outcome, Report, Result
from dashboard.domain.credentials import Password, Purpose
from dashboard.domain.message import MessageKind, MessageStatus
from dashboard.domain.people import ListedAccount
from dashboard.domain.scope import PeopleScope
from dashboard.store.engine import Store, Transaction
from dashboard.store.messages import (
    Draft,
    Sending,
    end_tickets,
    open_tickets,
    queue_messages,
    sendings,
    supersede,
)

_LETTERS = {
    Action.NOTIFY_BY_EMAIL: (MessageKind.NOTIFICATION, Purpose.CHOOSE_PASSWORD),
    Action.RESEND: (MessageKind.ACTIVATION, Purpose.ACTIVATE),
}


def notify_by_email(store: Store, preparation: Preparation, asker: Asker) -> Report:
    """Queue a message to each accepted account, in one transaction with the change it tells of.

    `dashboard.actions.send_messages` sends what is queued.

    Raises:
        Unconfirmed: something had to be confirmed apart.
        Changed: other sessions kept changing the same accounts.
    """
    preparation.require_consent()
    kind, purpose = _LETTERS[preparation.action]

    def write(transaction: Transaction) -> Report:
        written = write_decisions(
            transaction, preparation, asker, lambda _: _facts(preparation.action, asker)
        )
        accounts = [one for one in preparation.accepted if one.account_id in written]
        linked = [one.account_id for one in accounts if _gets_link(one, purpose)]
        supersede(transaction, written, asker.now)
        end_tickets(transaction, written, asker.now)
        tickets = open_tickets(transaction, linked, purpose, asker.now)
        drafts = [
            Draft(
                one.account_id,
                kind,
                one.guardian.email,
                tickets[one.account_id].ticket_id if one.account_id in tickets else None,
            )
            for one in accounts
        ]
        queue_messages(transaction, drafts, asker.now)
        return report_of(preparation, written)

    return in_one_transaction(store, write)


def _gets_link(account: ListedAccount, purpose: Purpose) -> bool:
    """Who signs in through FranceConnect has no password to choose by a link."""
    on_franceconnect = account.account.origin is Origin.FRANCECONNECT
    return not (on_franceconnect and purpose is Purpose.CHOOSE_PASSWORD)


def _facts(action: Action, asker: Asker) -> Mapping[str, object]:
    if action is Action.RESEND:
        return {}
    return {
        "password": Password.NONE.value,
        "password_hash": "",
        "distributed_on": asker.now.date(),
    }


def follow_up(store: Store, scope: PeopleScope, report: Report) -> Report:
    """The report with what has become, meanwhile, of the messages that it had queued."""
    done = [r.account.account_id for r in report.results if r.outcome is Outcome.DONE]
    newest = {number: sent[0] for number, sent in sendings(store, scope, done).items()}
    results = tuple(
        _became(result, newest[result.account.account_id])
        if result.account.account_id in newest
        else result
        for result in report.results
    )
    return replace(report, results=results)


def _became(queued: Result, sending: Sending) -> Result:
    if sending.status is MessageStatus.SENT:
        return queued
    failed = sending.status is MessageStatus.FAILED
    reason = f"courriel : {sending.status.label}"
    if sending.answer:
        reason += f" ({sending.answer})"
    return replace(queued, outcome=Outcome.FAILED if failed else Outcome.DONE, reason=reason)
