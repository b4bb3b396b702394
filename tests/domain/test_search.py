import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain.search import Search


@pytest.mark.parametrize("typed", ["", "   ", "\t", "\u00a0"])
def test_only_blanks_are_no_condition(typed: str) -> None:
    search = Search(typed)
    assert search.is_blank
    assert not search.is_void
    assert search.reason == ""


@pytest.mark.parametrize(
    "typed", ["@", " ? ", "%", "_", "--", "« »", "\u200b", "\u0301", "…", "🙂"]
)
def test_signs_alone_leave_nothing_to_find(typed: str) -> None:
    search = Search(typed)
    assert search.is_void
    assert search.reason.startswith(f"rien à chercher dans « {typed.strip()} »")


def test_words_are_compared_as_names_are() -> None:
    search = Search(" D'Œil — ZOÉ @ ")
    assert search.words == ("d", "oeil", "zoe")
    assert not search.is_void


@given(st.text(max_size=20))
def test_whatever_is_typed_is_blank_or_void_or_has_words(typed: str) -> None:
    search = Search(typed)
    assert [search.is_blank, search.is_void, bool(search.words)].count(True) == 1
