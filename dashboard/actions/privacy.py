"""What the law gives a person: a copy of what is held on them, and its erasure.

RGPD, articles 15, 17 and 20. The operator has made sure who asks.
"""

from collections.abc import Mapping
from datetime import date, datetime

from dashboard.actions.batch import Asker
from dashboard.actions.services import Services
from dashboard.domain.errors import Refused
from dashboard.domain.journal import RESERVED_ACTORS
from dashboard.domain.names import full_name
from dashboard.domain.scope import ActingScope, Area, OwnAccount
from dashboard.store.engine import Store
from dashboard.store.guardians import holder_by_identifier
from dashboard.store.privacy import (
    Erasable,
    HeldChild,
    PersonalFile,
    erase,
    message_numbers,
    personal_file,
)
from dashboard.transport.maildir import Maildir

EVERYWHERE = ActingScope(Area.NATION)
_STAFF = "personnel"


def find_person(
    store: Store, now: datetime, *, identifier: str = "", account_id: int | None = None
) -> PersonalFile:
    """The file of the holder of an account, by its identifier or its number.

    Raises:
        Refused: there is no such account.
    """
    if account_id is None:
        typed = identifier.strip()
        holder = holder_by_identifier(store, [typed, typed.lower()])
        account_id = holder.account_id if holder else None
    found = personal_file(store, OwnAccount(account_id), now) if account_id is not None else None
    if found is None:
        raise Refused([f"Aucun compte {identifier or account_id}."])
    return found


def person_record(person: PersonalFile) -> dict[str, object]:
    """Everything held on a guardian, for JSON: account, children, journal, messages, links.

    The password's hash and the secrets of links stay out. Of the staff, who are mentioned in the
    journal only, it says that they are staff: their names are theirs. Failed sign-ins are counted
    for a day under a digest that cannot be read back, and are not here.
    """
    holder, guardian, account = person.holder, person.holder.guardian, person.holder.account
    return {
        "account": {
            "account_id": holder.account_id,
            "identifier": account.identifier,
            "civility": guardian.civility,
            "birth_name": guardian.birth_name,
            "usage_name": guardian.usage_name,
            "first_name": guardian.first_name,
            "email": guardian.email or None,
            "mobile": guardian.mobile or None,
            "origin": account.origin.value,
            "state": account.state.value,
            "password": holder.password.value,
            "distributed_on": _text(account.distributed_on),
            "last_access_on": _text(account.last_access_on),
        },
        "children": [_child(child) for child in person.children],
        "journal": [
            {
                "happened_at": _text(entry.happened_at),
                "by": entry.actor if entry.actor in RESERVED_ACTORS else _STAFF,
                "action": entry.action.value,
                "from_state": entry.from_state.value,
                "to_state": entry.to_state.value,
                "reason": entry.reason or None,
            }
            for entry in person.journal
        ],
        "messages": [
            {
                "kind": sent.kind.value,
                "recipient": sent.recipient,
                "status": sent.status.value,
                "queued_at": _text(sent.queued_at),
                "ended_at": _text(sent.ended_at),
                "answer": sent.answer or None,
            }
            for sent in person.messages
        ],
        "open_links": [
            {"purpose": link.purpose.value, "expires_at": _text(link.expires_at)}
            for link in person.links
        ],
    }


def _child(child: HeldChild) -> Mapping[str, object]:
    return {
        "birth_name": child.birth_name,
        "usage_name": child.usage_name,
        "first_name": child.first_name,
        "uai": child.uai,
        "school": child.school,
        "class": child.class_label,
        "level": child.level,
        "left_on": _text(child.left_on),
    }


def _text(value: date | None) -> str | None:
    return value.isoformat() if value else None


def check_erasable(person: PersonalFile, *, even_if_enrolled: bool) -> None:
    """Refuse to erase who is erased already, or is here for a child.

    Raises:
        Refused: with each child that is still enrolled.
    """
    identifier = person.holder.account.identifier
    if person.holder.guardian.is_erased:
        raise Refused([f"Les données du compte {identifier} sont déjà effacées."])
    if even_if_enrolled:
        return
    if children := [_enrolment(child) for child in person.enrolled]:
        advice = "Attendez son départ, ou ajoutez --even-if-enrolled : le compte sera fermé."
        raise Refused([*children, advice])


def _enrolment(child: HeldChild) -> str:
    name = full_name(child.birth_name, child.usage_name, child.first_name)
    return f"{name} est encore à l'école {child.school} ({child.class_label})."


def erase_person(
    services: Services, person: PersonalFile, asker: Asker, *, even_if_enrolled: bool = False
) -> None:
    """Take away what identifies a guardian, and journal it.

    What keeps the counts right: the statistics count accounts that have an enrolled child, and an
    erased account has none. So for a guardian without an enrolled child, no figure changes, of
    this or any other account. Erased though a child is enrolled, the account leaves the counts as
    if its guardian had left: one account less in its state, and a child is covered no more by it;
    nobody else's figures change. The account itself is kept, closed and nameless, as accounts are
    never deleted, and its identifier is never given again.

    A later import that still names the guardian does not bring the erased account back: it makes a
    new one, not notified, with an identifier of its own. A list of accounts that has the erased
    identifier is refused.

    Raises:
        Refused: they are erased already, or still have a child enrolled.
        Changed: the account is not as it was seen any more.
    """
    check_erasable(person, even_if_enrolled=even_if_enrolled)
    holder = person.holder
    numbers = message_numbers(services.store, holder.account_id)
    seen = Erasable(holder.account_id, holder.version, holder.account.state)
    with services.store.transaction() as transaction:
        erase(transaction, EVERYWHERE, [seen], asker.actor, asker.now)
    if services.mail_folder is not None:
        Maildir(services.mail_folder).remove(services.signer.tag("message", n) for n in numbers)
