import pytest

from dashboard.domain.account import Origin, State
from dashboard.domain.filters import AccountFilter, Email, Sort, SortColumn


@pytest.mark.parametrize(
    ("conditions", "said"),
    [
        (AccountFilter(), "tous les comptes"),
        (AccountFilter(search="léa"), "nom ou prénom : « léa »"),
        (AccountFilter(classes=("CP", "")), "classes : CP, sans classe"),
        (
            AccountFilter(states=(State.NOTIFIED, State.ACTIVATING), email=Email.UNKNOWN),
            "états : notifié et non activé, en cours d'activation ; "
            "adresse de messagerie : inconnue",
        ),
        (
            AccountFilter(origin=Origin.SELF_REGISTERED, expired=True),
            "origine : Auto-inscription ; notification : expirée",
        ),
        (AccountFilter(to_clarify=True), "enfant : à préciser"),
    ],
)
def test_conditions_are_said_in_french(conditions: AccountFilter, said: str) -> None:
    assert conditions.describe() == said


def test_a_filter_is_empty_until_one_condition_is_set() -> None:
    assert AccountFilter().is_empty
    assert not AccountFilter(classes=("",)).is_empty


@pytest.mark.parametrize("text", [f"{sign}{column}" for column in SortColumn for sign in ("", "-")])
def test_an_order_is_read_as_it_is_written(text: str) -> None:
    assert str(Sort.parse(text)) == text


@pytest.mark.parametrize("text", ["", "-", "name", "--state", "state; DROP TABLE account"])
def test_an_unknown_column_is_no_order(text: str) -> None:
    with pytest.raises(ValueError, match="SortColumn"):
        Sort.parse(text)
