import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.inputs.columns import (
    Column,
    heading_key,
    locate,
    missing,
    parse_civility,
    parse_mobile,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Nom d'usage Elève", "NOM D’USAGE ÉLÈVE"),
        ("Nom usage responsable", "Nom d'usage du responsable"),
        ("Classes enfants", "Classe enfant"),
        (" Cycle", "cycle"),
        ("Regroupement(s)", "Regroupements"),
        ("Courriel", "\ufeffCOURRIEL"),
    ],
)
def test_spellings_of_one_heading_have_one_key(one: str, other: str) -> None:
    assert heading_key(one) == heading_key(other)


def test_a_column_is_where_it_first_occurs_and_missing_only_if_required() -> None:
    columns = {"a": Column("Nom"), "b": Column("Âge"), "c": Column("INE", required=False)}
    places = locate(["x", "NOM", "nom"], columns)
    assert places == {"a": 1}
    assert missing(places, columns) == ["Âge"]


@pytest.mark.parametrize(
    ("text", "civility"),
    [
        *((text, "M.") for text in ("M.", "M", "m.", "Mr", "MONSIEUR")),
        *((text, "Mme") for text in ("Mme", "MME", "MLLE", "Mlle.", "Madame")),
        *((text, "") for text in ("", "Dr", "M. et Mme")),
    ],
)
def test_civilities_are_two(text: str, civility: str) -> None:
    assert parse_civility(text) == civility


@pytest.mark.parametrize(
    ("text", "mobile"),
    [
        ("0639981234", "0639981234"),
        ("06 39 98 12 34", "0639981234"),
        ("06.39.98.12.34", "0639981234"),
        ("+33639981234", "0639981234"),
        ("+33 (0)6 39 98 12 34", "0639981234"),
        ("0033639981234", "0639981234"),
        ("639981234", "0639981234"),
        ("+32 470 12 34 56", "+32470123456"),
        ("0032470123456", "+32470123456"),
        ("", ""),
    ],
)
def test_a_mobile_number_is_the_same_however_it_is_written(text: str, mobile: str) -> None:
    assert parse_mobile(text) == mobile


@pytest.mark.parametrize(
    "text",
    [
        "06",
        "inconnu",
        "06399812345",
        "0639981234 ou 0639984321",
        "+1",
        "O639981234",
        "0639981234 (soir)",
    ],
)
def test_what_is_no_telephone_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="Attendu : 10 chiffres"):
        parse_mobile(text)


@given(st.text())
def test_a_mobile_is_normal_or_refused_whatever_the_text(text: str) -> None:
    try:
        normal = parse_mobile(text)
    except ValueError:
        return
    assert parse_mobile(normal) == normal
