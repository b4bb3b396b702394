"""The columns of the list: what heads them, fills them and sorts by them goes together."""

from dashboard.domain.account import Account, Origin, State
from dashboard.domain.filters import SortColumn
from dashboard.domain.people import Guardian, ListedAccount
from dashboard.outputs.account_list_pdf import _WIDTHS
from dashboard.store.accounts import _ORDER_BY
from dashboard.wording.account_columns import LISTING, account_cells, headings


def test_each_child_has_numbered_columns() -> None:
    assert headings(1)[len(headings(0)) :] == [
        "Nom de naissance élève 1",
        "Nom d'usage élève 1",
        "Prénom élève 1",
        "Date de naissance élève 1",
        "Niveau élève 1",
        "Classe élève 1",
    ]
    assert len(headings(3)) == len(headings(0)) + 3 * 6


def test_every_column_has_a_cell_and_is_sorted_by() -> None:
    guardian = Guardian("Mme", "SILEX", "", "Léa", "lea@exemple.fr", "")
    account = Account("ab12-cd34", Origin.SCHOOL, State.NOT_NOTIFIED)
    cells = account_cells(ListedAccount("0580189R", "École", guardian, (), account))
    assert len(cells) == len(LISTING)
    assert [column.value for column in SortColumn] == list(LISTING)
    assert set(_ORDER_BY) == set(SortColumn)
    assert len(_WIDTHS) == len(LISTING)
