"""The one rule for an e-mail address: typed, imported, corrected or sent to.

Nothing inside an address is repaired: a blank taken out of one may make it a stranger's. What a
mail server would refuse later is refused here.
"""

import re
import unicodedata

from dashboard.domain.names import clean

_LONGEST = 254
_LONGEST_LOCAL_PART = 64
_LONGEST_DOMAIN = 253
_LONGEST_SHOWN = 100
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL_PART = re.compile(rf"{_ATOM}(\.{_ATOM})*")
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(\.{_LABEL})*")
_BLANKS = r"[\s\u200b-\u200f\u2060-\u206f\ufeff\xad]+"
_BLANK = re.compile(_BLANKS)
_ENDS = re.compile(rf"\A{_BLANKS}|{_BLANKS}\Z")
# Top-level names that no mail server of the world delivers to (RFC 6761, RFC 6762, RFC 7686).
_NOWHERE = frozenset({"invalid", "local", "localhost", "onion", "test"})


def parse_email(text: str) -> str:
    """A guardian's address in small letters; ``""`` for blank text.

    Blanks around it are no part of it.

    Raises:
        ValueError: it is not exactly one deliverable address; in French, with what is wrong.
    """
    address = unicodedata.normalize("NFC", _ENDS.sub("", text)).lower()
    if not address:
        return ""
    reason = _why_undeliverable(address)
    if reason:
        raise ValueError(f"adresse {_shown(text)} impossible : {reason}. Attendu : nom@domaine.fr.")
    return address


def envelope_address(address: str) -> str:
    """A bare address as it is written in an envelope: its domain in ASCII.

    A domain without a dot is taken: a sender may be of this machine.

    Raises:
        ValueError: it is not exactly one address, in French.
    """
    reason = _why_no_address(address)
    if reason:
        raise ValueError(f"adresse {_shown(address)} impossible : {reason}.")
    local, _, domain = address.rpartition("@")
    return f"{local}@{_ascii_domain(domain)}"


def _why_undeliverable(address: str) -> str:
    reason = _why_no_address(address)
    if reason:
        return reason
    top = address.rpartition("@")[2].rpartition(".")
    if not top[1]:
        return "domaine incomplet"
    if top[2].isdigit() or top[2] in _NOWHERE:
        return "domaine où aucun message n'arrive"
    return ""


def _why_no_address(address: str) -> str:
    """What is wrong with an address; ``""`` if nothing is."""
    local, at, domain = address.rpartition("@")
    wrong = (
        (_BLANK.search(address), "un blanc à l'intérieur"),
        (not at, "« @ » manquant"),
        ("@" in local, "plusieurs « @ »"),
        (not local.isascii(), "accent ou signe rare avant le « @ »"),
        (len(local) > _LONGEST_LOCAL_PART or len(address) > _LONGEST, "trop longue"),
        (not _LOCAL_PART.fullmatch(local), "le nom avant le « @ » n'en est pas un"),
        (not _ascii_domain(domain), "ce domaine ne peut pas exister"),
    )
    return next((reason for is_so, reason in wrong if is_so), "")


def _ascii_domain(domain: str) -> str:
    """The domain in ASCII; ``""`` for what is none, or would be written as another one."""
    name = unicodedata.normalize("NFC", domain).lower()
    try:
        ascii_name = name.encode("idna").decode() if len(name) <= _LONGEST_DOMAIN else ""
        # "straße.de" would become "strasse.de", which may be someone else's.
        same = domain.isascii() or ascii_name.encode().decode("idna") == name
    except UnicodeError:
        return ""
    fits = len(ascii_name) <= _LONGEST_DOMAIN and _DOMAIN.fullmatch(ascii_name)
    return ascii_name if same and fits else ""


def _shown(address: str) -> str:
    text = clean(address)
    shown = text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
    return f"« {shown} »"
