import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dashboard.domain.email import envelope_address, parse_email


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("Paul.Dupont@Famille.example", "paul.dupont@famille.example"),
        (" \tpaul@famille.example\r\n", "paul@famille.example"),
        ("\u00a0paul@famille.example\u202f", "paul@famille.example"),
        ("\ufeffpaul@famille.example\u200b", "paul@famille.example"),
        ("o'hara+ecole@famille.example", "o'hara+ecole@famille.example"),
        ("paul@École.example", "paul@école.example"),
        ("", ""),
        (" \t ", ""),
    ],
)
def test_an_address_is_in_small_letters_without_the_blanks_around_it(
    text: str, address: str
) -> None:
    assert parse_email(text) == address


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("paul renard@famille.example", "un blanc à l'intérieur"),
        ("paul@famille. example", "un blanc à l'intérieur"),
        ("paul\u00a0renard@famille.example", "un blanc à l'intérieur"),
        ("paul\u200brenard@famille.example", "un blanc à l'intérieur"),
        ("paul\u00adrenard@famille.example", "un blanc à l'intérieur"),
        ("paul\nrenard@famille.example", "un blanc à l'intérieur"),
        ("paul", "« @ » manquant"),
        ("a@b.fr;c@d.fr", "plusieurs « @ »"),
        ("a@b@c.fr", "plusieurs « @ »"),
        ("zoé@famille.example", "accent"),
        ("@x.fr", "le nom avant"),
        (".paul@x.fr", "le nom avant"),
        ("paul.@x.fr", "le nom avant"),
        ("pa..ul@x.fr", "le nom avant"),
        ("<a@b.fr>", "le nom avant"),
        ("mailto:a@b.fr", "le nom avant"),
        ("a,b@x.fr", "le nom avant"),
        ("paul@x", "domaine incomplet"),
        ("paul@", "ce domaine"),
        ("paul@x.fr.", "ce domaine"),
        ("paul@-x.fr", "ce domaine"),
        ("paul@x_y.fr", "ce domaine"),
        ("paul@x..fr", "ce domaine"),
        ("paul@straße.example", "ce domaine"),
        ("paul@x.123", "aucun message"),
        ("paul@192.0.2.1", "aucun message"),
        ("paul@poste.local", "aucun message"),
        ("paul@x.invalid", "aucun message"),
        (f"{'a' * 65}@b.fr", "trop longue"),
        (f"a@{'b' * 63}.{'c' * 63}.{'d' * 63}.{'e' * 63}.fr", "trop longue"),
    ],
)
def test_what_is_not_one_deliverable_address_is_refused_with_the_reason(
    text: str, reason: str
) -> None:
    with pytest.raises(ValueError, match=r"Attendu : nom@domaine\.fr") as refused:
        parse_email(text)
    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)


@given(st.text() | st.from_regex(r"\s*[a-zé.]{1,5}\s?@[a-z.-]{1,6}\.?[a-z]{0,3}\s*"))
@example("a@B\u0130.fr")
def test_no_sign_inside_an_address_is_ever_lost(text: str) -> None:
    try:
        address = parse_email(text)
    except ValueError:
        return
    assert address == parse_email(address)
    assert not address or envelope_address(address).isascii()
    assert address.casefold() == text.strip().casefold() or not text.isascii()
