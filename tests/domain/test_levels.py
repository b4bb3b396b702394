import pytest

from dashboard.domain.enrolment import LEVELS, level_rank, parse_level


@pytest.mark.parametrize(
    ("text", "level"),
    [(level, level) for level in LEVELS]
    + [
        ("CE1 ", "CE1"),
        ("ce1", "CE1"),
        ("ce 1", "CE1"),
        ("C.E.1", "CE1"),
        ("Grande Section", "GS"),
        ("TOUTE PETITE SECTION", "TPS"),
        ("Cours élémentaire 2", "CE2"),
        ("cours préparatoire", "CP"),
        ("CLIS", "ULIS"),
        ("clin", "UPE2A"),
        ("UPE 2A", "UPE2A"),
        ("", ""),
        ("  ", ""),
    ],
)
def test_spellings_of_a_level_are_one_level(text: str, level: str) -> None:
    assert parse_level(text) == level


@pytest.mark.parametrize("text", ["CE3", "6EME", "CE1-CE2", "CYCLE I", "=1+1"])
def test_an_unknown_level_is_refused_with_those_that_exist(text: str) -> None:
    with pytest.raises(ValueError, match=r"inconnu\. Attendu : TPS, PS, MS, GS, CP, CE1, CE2, CM1"):
        parse_level(text)


def test_levels_are_ordered_as_taught_and_unknown_ones_come_last() -> None:
    assert sorted(["", "CM2", "CE1", "ULIS", "CP", "TPS"], key=level_rank) == [
        *("TPS", "CP", "CE1", "CM2", "ULIS", "")
    ]
