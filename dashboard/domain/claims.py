"""What a provider's claims make of the person who signs in: a role and places, by rules as data.

The rules of an installation are a table such as this one, here in TOML::

    login = "sub"                         # the stable name: never given to somebody else
    name = "name"                         # the name on the screen
    role = "FrEduFonctAdm"                # a text or a list of texts, of which the first listed
    roles = {DIR = "director", IEN = "inspector", RECT = "national"}    # below decides
    places = ["FrEduRneResp", "FrEduRne"] # texts or lists of texts; all count
    without_places = ["national"]         # roles that need none

A claim inside another is named by a path: ``realm_access.roles``. A place that begins with a UAI,
alone or before a ``$``, is that school; any other is kept as it is, for a role whose places are
districts, départements or académies. ``X``, which stands for none, is left out.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from dashboard.domain.directory import normal_uai
from dashboard.domain.errors import Refused
from dashboard.domain.names import clean

_STARTS_WITH_UAI = re.compile(r"([0-9]{7}[A-Za-z])(?:\$|$)", re.ASCII)
_NO_PLACE = ("", "X")
_LONGEST = 255
_NEEDED = ("login", "name", "role", "roles")
_KNOWN = (*_NEEDED, "places", "without_places")


@dataclass(frozen=True, slots=True)
class ClaimRules:
    """Which claim says what, and what role each value of the claim `role` gives."""

    login: str
    name: str
    role: str
    roles: Mapping[str, str]
    places: tuple[str, ...] = ()
    without_places: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class StaffClaims:
    """Who signs in, and what they may be."""

    login: str
    name: str
    role: str
    places: tuple[str, ...]


def staff_of(claims: Mapping[str, object], rules: ClaimRules) -> StaffClaims:
    """What the rules make of somebody's claims.

    Raises:
        ValueError: in French; a claim is missing, is not what the rules expect, or gives no role.
    """
    role = _role(_texts(claims, rules.role), rules)
    places = _places(claims, rules.places)
    if not places and role not in rules.without_places:
        claimed = ", ".join(rules.places) or "aucune attribution prévue"
        raise ValueError(f"Aucun établissement ni territoire ne vous est attribué ({claimed}).")
    return StaffClaims(_login(claims, rules.login), _text(claims, rules.name), role, places)


def claim_rules(table: Mapping[str, object], known_roles: Collection[str]) -> ClaimRules:
    """The rules in a table of the settings.

    Args:
        known_roles: the names that the application has for roles.

    Raises:
        Refused: with all that is wrong with the table, in French.
    """
    if problems := list(_problems(table, known_roles)):
        raise Refused(problems)
    roles = table["roles"]
    return ClaimRules(
        login=str(table["login"]),
        name=str(table["name"]),
        role=str(table["role"]),
        roles=dict(roles) if isinstance(roles, Mapping) else {},
        places=_listed(table.get("places")) or (),
        without_places=frozenset(_listed(table.get("without_places")) or ()),
    )


def _problems(table: Mapping[str, object], known_roles: Collection[str]) -> Iterator[str]:
    for name in table:
        if name not in _KNOWN:
            yield f"Règle « {name} » inconnue. Attendu : {', '.join(_KNOWN)}."
    for name in ("login", "name", "role"):
        value = table.get(name)
        if not isinstance(value, str) or not value:
            yield f"Règle « {name} » : le nom d'une donnée du fournisseur est attendu."
    yield from _role_problems(table.get("roles"), known_roles)
    if "places" in table and _listed(table["places"]) is None:
        yield "Règle « places » : une liste de noms de données du fournisseur est attendue."
    yield from _placeless_problems(table.get("without_places", []), known_roles)
    if not table.get("places") and not table.get("without_places"):
        yield "Règle « places » : sans elle, « without_places » doit nommer des rôles."


def _role_problems(roles: object, known_roles: Collection[str]) -> Iterator[str]:
    if not isinstance(roles, Mapping) or not roles:
        yield "Règle « roles » : une table « valeur = rôle » est attendue, avec au moins une ligne."
        return
    for value, role in roles.items():
        if not isinstance(role, str) or role not in known_roles:
            yield f"Règle « roles », valeur « {value} » : {_unknown(role, known_roles)}"


def _placeless_problems(placeless: object, known_roles: Collection[str]) -> Iterator[str]:
    listed = _listed(placeless)
    if listed is None:
        yield "Règle « without_places » : une liste de rôles est attendue."
        return
    for role in listed:
        if role not in known_roles:
            yield f"Règle « without_places » : {_unknown(role, known_roles)}"


def _unknown(role: object, known_roles: Collection[str]) -> str:
    return f"rôle « {role} » inconnu. Attendu : {', '.join(known_roles)}."


def _listed(value: object) -> tuple[str, ...] | None:
    """A list of texts, or one text, which stands for a list; ``None`` if it is neither."""
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list | tuple):
        return None
    texts = tuple(one for one in values if isinstance(one, str))
    return texts if len(texts) == len(values) else None


def _found(claims: Mapping[str, object], name: str) -> object:
    """The claim of this name, else the one at the end of this path; ``None`` without."""
    if name in claims:
        return claims[name]
    outer, dot, inner = name.partition(".")
    within = claims.get(outer) if dot else None
    return _found(within, inner) if isinstance(within, Mapping) else None


def _text(claims: Mapping[str, object], name: str) -> str:
    value = _found(claims, name)
    if value is None:
        raise ValueError(_missing(name))
    text = clean(value) if isinstance(value, str) else ""
    if not text or len(text) > _LONGEST:
        raise ValueError(f"La donnée « {name} » du service d'identité n'est pas un texte court.")
    return text


def _login(claims: Mapping[str, object], name: str) -> str:
    """The claim as it is: cleaned, it might be somebody else's."""
    login = _text(claims, name)
    if login != _found(claims, name):
        raise ValueError(f"La donnée « {name} » du service d'identité n'est pas un identifiant.")
    return login


def _texts(claims: Mapping[str, object], name: str) -> tuple[str, ...]:
    value = _found(claims, name)
    if value is None:
        raise ValueError(_missing(name))
    listed = _listed(value)
    if listed is None:
        raise ValueError(f"La donnée « {name} » du service d'identité n'est pas faite de textes.")
    return tuple(text.strip() for text in listed)


def _missing(name: str) -> str:
    return f"La donnée « {name} » manque parmi celles du service d'identité."


def _role(held: Collection[str], rules: ClaimRules) -> str:
    """The role of the first value of the rules that is held."""
    for value, role in rules.roles.items():
        if value in held:
            return role
    raise ValueError("Aucune de vos fonctions ne donne accès à cette application.")


def _places(claims: Mapping[str, object], names: Collection[str]) -> tuple[str, ...]:
    """The places of all these claims, each once; any of them may be missing."""
    present = [name for name in names if _found(claims, name) is not None]
    texts = [clean(text) for name in present for text in _texts(claims, name)]
    return tuple(dict.fromkeys(_place(text) for text in texts if text not in _NO_PLACE))


def _place(text: str) -> str:
    """The school that a text begins with, else the text."""
    if found := _STARTS_WITH_UAI.match(text):
        return normal_uai(found[1])
    if len(text) > _LONGEST:
        raise ValueError("Un établissement ou territoire du service d'identité est trop long.")
    return text
