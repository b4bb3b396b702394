import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain.document import shield, unshield

HOSTILE = st.text(st.sampled_from("='+-@\t\r\n|% ＝＠a'\"\u00a0"))


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+33", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "|cmd", "%0", "＝1", " =1", "'=1"],
)
def test_what_a_spreadsheet_would_run_is_shielded(text: str) -> None:
    assert shield(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "DUPONT", "L'Étourneau", "'t Hooft", "a=b", "06 39 98"])
def test_what_a_spreadsheet_shows_as_it_is_stays_so(text: str) -> None:
    assert shield(text) == text


@given(st.text() | HOSTILE)
def test_unshielding_gives_back_any_text(text: str) -> None:
    assert unshield(shield(text)) == text


@given(st.text() | HOSTILE)
def test_no_shielded_text_begins_as_a_formula(text: str) -> None:
    assert not shield(text).lstrip().startswith(tuple("=+-@|%＝＋－＠"))
