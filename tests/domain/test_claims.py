"""What claims make of who signs in."""

from collections.abc import Mapping
from typing import Any

import pytest

from dashboard.domain.claims import ClaimRules, StaffClaims, claim_rules, staff_of
from dashboard.domain.errors import Refused

ROLES = ("director", "inspector", "national")
TABLE: dict[str, Any] = {
    "login": "sub",
    "name": "name",
    "role": "FrEduFonctAdm",
    "roles": {"DIR": "director", "IEN": "inspector", "MIN": "national"},
    "places": ["FrEduRneResp", "FrEduRne"],
    "without_places": ["national"],
}
RULES = claim_rules(TABLE, ROLES)
MARIE: dict[str, object] = {
    "sub": "m.martin",
    "name": "Marie Martin",
    "FrEduFonctAdm": "DIR",
    "FrEduRneResp": ["0210749A$UAJ$PU$N$T3$ECOLE$151"],
}


def staff(**claims: object) -> StaffClaims:
    """Whom Marie's claims make with others in their place; ``None`` leaves one out."""
    return staff_of({name: one for name, one in (MARIE | claims).items() if one is not None}, RULES)


def why_not(**claims: object) -> str:
    with pytest.raises(ValueError, match=r"\.$") as told:
        staff(**claims)
    return str(told.value)


def problems(**changes: object) -> list[str]:
    """What is wrong with the table after changes; ``None`` leaves a rule out."""
    table = {name: rule for name, rule in (TABLE | changes).items() if rule is not None}
    with pytest.raises(Refused) as told:
        claim_rules(table, ROLES)
    return told.value.reasons


def test_claims_make_a_member_of_staff() -> None:
    assert staff() == StaffClaims("m.martin", "Marie Martin", "director", ("0210749A",))


@pytest.mark.parametrize(
    ("claimed", "places"),
    [
        ("0210749A", ("0210749A",)),
        ("0210749a", ("0210749A",)),
        (["0210749A", "0210507M"], ("0210749A", "0210507M")),
        (["0210749A$UAJ$PU", "0210749A$UAJ$PR", "X", ""], ("0210749A",)),
        ("0210749A-annexe", ("0210749A-annexe",)),
        (["021", " Dijon  Nord "], ("021", "Dijon Nord")),
    ],
)
def test_places_are_schools_where_they_begin_with_a_uai_and_else_as_they_are(
    claimed: object, places: tuple[str, ...]
) -> None:
    assert staff(FrEduRneResp=claimed).places == places


def test_places_of_several_claims_count_once_each() -> None:
    found = staff(FrEduRne=["0210507M$UAJ", "0210749A$UAJ"])
    assert found.places == ("0210749A", "0210507M")


@pytest.mark.parametrize(
    ("held", "role"),
    [("IEN", "inspector"), (["ENS", "IEN"], "inspector"), (["IEN", " DIR "], "director")],
)
def test_the_first_value_of_the_rules_that_is_held_gives_the_role(held: object, role: str) -> None:
    assert staff(FrEduFonctAdm=held).role == role


@pytest.mark.parametrize("held", ["ENS", "dir", "DIRECTEUR", "", [], ["ENS"]])
def test_other_values_give_no_role(held: object) -> None:
    assert why_not(FrEduFonctAdm=held) == (
        "Aucune de vos fonctions ne donne accès à cette application."
    )


@pytest.mark.parametrize("places", [None, [], "X", [" "]])
def test_who_has_no_place_needs_a_role_without(places: object) -> None:
    assert why_not(FrEduRneResp=places) == (
        "Aucun établissement ni territoire ne vous est attribué (FrEduRneResp, FrEduRne)."
    )
    assert staff(FrEduRneResp=places, FrEduFonctAdm="MIN").places == ()


@pytest.mark.parametrize("missing", ["sub", "name", "FrEduFonctAdm"])
def test_a_missing_claim_is_named(missing: str) -> None:
    assert why_not(**{missing: None}) == (
        f"La donnée « {missing} » manque parmi celles du service d'identité."
    )


@pytest.mark.parametrize("value", [5, True, ["Marie"], {}, "", " ", "m" * 256])
@pytest.mark.parametrize("claim", ["sub", "name"])
def test_a_name_is_a_short_text(claim: str, value: object) -> None:
    assert why_not(**{claim: value}) == (
        f"La donnée « {claim} » du service d'identité n'est pas un texte court."
    )


@pytest.mark.parametrize("claim", ["FrEduFonctAdm", "FrEduRneResp"])
@pytest.mark.parametrize("value", [5, True, {"a": "DIR"}, ["DIR", 5], [["DIR"]]])
def test_a_list_is_one_of_texts(claim: str, value: object) -> None:
    assert why_not(**{claim: value}) == (
        f"La donnée « {claim} » du service d'identité n'est pas faite de textes."
    )


@pytest.mark.parametrize("login", [" m.martin", "m.martin\n", "m.\u202emartin", "m.  martin"])
def test_a_login_is_taken_as_it_is_or_not_at_all(login: str) -> None:
    assert why_not(sub=login) == "La donnée « sub » du service d'identité n'est pas un identifiant."


def test_a_name_for_the_screen_is_cleaned() -> None:
    assert staff(name=" Marie \u202e Martin\n").name == "Marie Martin"


def test_a_uai_that_cannot_be_is_told() -> None:
    assert "lettre de contrôle" in why_not(FrEduRneResp="0210749B$UAJ")


def test_an_endless_place_is_told() -> None:
    assert "trop long" in why_not(FrEduRneResp="a" * 256)


NESTED = claim_rules(
    TABLE | {"role": "realm_access.roles", "login": "https://exemple.fr/login"}, ROLES
)


def test_a_claim_inside_another_is_named_by_a_path_and_a_name_may_have_dots() -> None:
    claims = MARIE | {"realm_access": {"roles": ["IEN"]}, "https://exemple.fr/login": "mm"}
    found = staff_of(claims, NESTED)
    assert (found.login, found.role) == ("mm", "inspector")


@pytest.mark.parametrize("outer", [None, "roles", ["roles"], {}, {"role": "IEN"}])
def test_a_path_that_leads_nowhere_is_a_missing_claim(outer: object) -> None:
    claims = MARIE | {"https://exemple.fr/login": "mm", "realm_access": outer}
    with pytest.raises(ValueError, match=r"« realm_access\.roles » manque"):
        staff_of(claims, NESTED)


def test_rules_are_what_the_table_says() -> None:
    rules = claim_rules(TABLE, ROLES)
    assert rules == ClaimRules(
        login="sub",
        name="name",
        role="FrEduFonctAdm",
        roles={"DIR": "director", "IEN": "inspector", "MIN": "national"},
        places=("FrEduRneResp", "FrEduRne"),
        without_places=frozenset({"national"}),
    )


def test_a_text_stands_for_a_list_of_one() -> None:
    assert claim_rules(TABLE | {"places": "FrEduRne"}, ROLES).places == ("FrEduRne",)


def test_everything_that_is_wrong_with_a_table_is_told_at_once() -> None:
    wrong: Mapping[str, object] = {
        "login": "",
        "name": 5,
        "role": None,
        "roles": {"DIR": "directeur", "IEN": ["inspector"], "MIN": "national"},
        "places": ["FrEduRne", 5],
        "without_places": ["nation"],
        "rôle": "x",
    }
    known = "Attendu : director, inspector, national."
    assert problems(**wrong) == [
        "Règle « rôle » inconnue. Attendu : login, name, role, roles, places, without_places.",
        "Règle « login » : le nom d'une donnée du fournisseur est attendu.",
        "Règle « name » : le nom d'une donnée du fournisseur est attendu.",
        "Règle « role » : le nom d'une donnée du fournisseur est attendu.",
        f"Règle « roles », valeur « DIR » : rôle « directeur » inconnu. {known}",
        f"Règle « roles », valeur « IEN » : rôle « ['inspector'] » inconnu. {known}",
        "Règle « places » : une liste de noms de données du fournisseur est attendue.",
        f"Règle « without_places » : rôle « nation » inconnu. {known}",
    ]


@pytest.mark.parametrize("roles", [None, {}, ["director"], "director"])
def test_a_table_without_roles_is_refused(roles: object) -> None:
    assert problems(roles=roles) == [
        "Règle « roles » : une table « valeur = rôle » est attendue, avec au moins une ligne."
    ]


def test_a_table_by_which_nobody_could_sign_in_is_refused() -> None:
    assert problems(places=None, without_places=None) == [
        "Règle « places » : sans elle, « without_places » doit nommer des rôles."
    ]


def test_roles_without_places_are_a_list() -> None:
    assert problems(without_places=5) == [
        "Règle « without_places » : une liste de rôles est attendue."
    ]
