import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain.directory import check_letter, department_of, normal_uai


@pytest.mark.parametrize("uai", ["0580189R", "0210351T", "0210507M", "0210749A"])
def test_the_letter_of_a_known_uai_is_derived_from_its_digits(uai: str) -> None:
    assert check_letter(uai[:7]) == uai[7]


@pytest.mark.parametrize("text", ["0580189R", " 0580189r ", "058 0189 R", "0580189\u00a0R\n"])
def test_blanks_and_case_do_not_matter(text: str) -> None:
    assert normal_uai(text) == "0580189R"


def test_a_wrong_letter_is_refused_with_the_one_that_fits() -> None:
    with pytest.raises(ValueError, match=r"Attendu : 0580189R \(lettre R\)"):
        normal_uai("0580189A")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "R",
        "580189R",
        "05801899",
        "0580189RR",
        "0580189É",
        "058018\u0669R",
        "0580189R;--",
        "ıııı",
    ],
)
def test_another_shape_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="7 chiffres et une lettre, par exemple 0580189R"):
        normal_uai(text)


@given(st.from_regex(r"[0-9]{7}", fullmatch=True).filter(str.isascii))
def test_one_letter_fits_any_seven_digits(digits: str) -> None:
    assert normal_uai(digits + check_letter(digits)) == digits + check_letter(digits)


@given(st.text())
def test_any_text_is_either_normal_or_refused(text: str) -> None:
    with suppress(ValueError):
        assert re.fullmatch("[0-9]{7}[A-Z]", normal_uai(text))


def test_the_first_three_digits_are_the_department() -> None:
    assert department_of("0210351T") == "021"
