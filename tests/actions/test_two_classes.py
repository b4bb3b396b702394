"""A student with a row for the class and one for the dispositif is in both."""

from pathlib import Path

import pytest

from dashboard.actions.figures import statistics
from dashboard.actions.import_accounts import import_accounts
from dashboard.actions.import_roster import ImportReport, import_roster
from dashboard.domain.action import Action
from dashboard.domain.filters import AccountFilter, Sort
from dashboard.domain.scope import PeopleScope, Scope
from dashboard.domain.stakes import stakes
from dashboard.outputs.csv_files import account_list_csv
from dashboard.store.accounts import classes, listed_accounts
from dashboard.store.engine import MEMORY, Store, connect
from tests.actions.stored import SULPICE, TODAY, listed, one_tally, tables
from tests.extractions import Kid, Parent, Pupil, write_roster

HERE = Scope.schools(SULPICE)
CLASS = Pupil("LORIOT", "Sam", "02/03/2016", "CE2 B", "CE2")
ULIS = CLASS._replace(class_label="ULIS", level="ULIS")
OTHER = Pupil("PINSON", "Ève", "05/06/2016", "CE2 B", "CE2")
PARENTS = [
    Parent("LORIOT", "Pia", [Kid("LORIOT", "Sam", "ULIS")], "Mme", "", "pia@x.example"),
    Parent("PINSON", "Ali", [Kid("PINSON", "Ève", "CE2 B")], "M.", "", "ali@x.example"),
]


def bring(store: Store, folder: Path, *pupils: Pupil) -> ImportReport:
    files = write_roster(folder, [*pupils, OTHER], PARENTS)
    return import_roster(store, SULPICE, *files, TODAY)


def counted(store: Store, by: str) -> dict[str, tuple[int, int]]:
    figures = statistics(store, HERE, by)
    keys = figures.get(by, ["structure"])
    return dict(zip(keys, zip(figures["accounts"], figures["students"], strict=True), strict=True))


@pytest.fixture
def filled(store: Store, tmp_path: Path) -> Store:
    bring(store, tmp_path, ULIS, CLASS)
    return store


def test_both_classes_and_levels_count_and_the_total_once(filled: Store) -> None:
    assert counted(filled, "class") == {"CE2 B": (2, 2), "ULIS": (1, 1)}
    assert counted(filled, "level") == {"CE2": (2, 2), "ULIS": (1, 1)}
    assert counted(filled, "structure") == {"structure": (2, 2)}
    crossed = statistics(filled, HERE, ["class", "level"])
    assert crossed[["class", "level", "students"]].values.tolist() == [
        ["CE2 B", "CE2", 2],
        ["ULIS", "ULIS", 1],
    ]


def test_the_activated_count_in_both(filled: Store) -> None:
    with filled.transaction() as transaction:
        transaction.write(
            "UPDATE account SET state = 'ACTIVATED', distributed_on = DATE '2026-09-01' "
            "WHERE first_name = 'Pia'"
        )
    figures = statistics(filled, HERE, "class").set_index("class")
    assert figures["activated"].to_dict() == {"CE2 B": 1, "ULIS": 1}
    assert figures["students_covered"].to_dict() == {"CE2 B": 1, "ULIS": 1}


@pytest.mark.parametrize(
    ("label", "found"), [("ULIS", ["LORIOT Pia"]), ("CE2 B", ["LORIOT Pia", "PINSON Ali"])]
)
def test_the_family_is_found_by_either_class(filled: Store, label: str, found: list[str]) -> None:
    scope = PeopleScope.schools(SULPICE)
    assert classes(filled, scope) == ["CE2 B", "ULIS"]
    conditions = AccountFilter(classes=(label,))
    accounts = listed_accounts(filled, scope, conditions, Sort(), TODAY)
    assert sorted(one.guardian.full_name for one in accounts) == found


def test_the_list_shows_the_child_once_with_both_classes(filled: Store) -> None:
    [pia] = [one for one in listed(filled) if one.guardian.first_name == "Pia"]
    assert (pia.student_names, pia.classes) == (["LORIOT Sam"], ["CE2 B", "ULIS"])


def test_the_same_files_again_in_another_order_change_nothing(
    filled: Store, tmp_path: Path
) -> None:
    before = tables(filled)
    report = bring(filled, tmp_path, CLASS, ULIS)
    assert tables(filled) == before
    assert one_tally(report, "students") == (0, 0, 2, 0)


@pytest.mark.parametrize(("kept", "closed"), [(CLASS, ULIS), (ULIS, CLASS)])
def test_a_class_that_is_no_longer_stated_is_left(
    filled: Store, tmp_path: Path, kept: Pupil, closed: Pupil
) -> None:
    report = bring(filled, tmp_path, kept)
    assert one_tally(report, "students") == (0, 1, 1, 0)
    figures = counted(filled, "class")
    assert figures[kept.class_label][1] == (2 if kept is CLASS else 1)
    assert figures.get(closed.class_label, (0, 0))[1] == (0 if closed is ULIS else 1)
    bring(filled, tmp_path, CLASS, ULIS)
    assert counted(filled, "class") == {"CE2 B": (2, 2), "ULIS": (1, 1)}


def test_a_student_who_leaves_leaves_both(filled: Store, tmp_path: Path) -> None:
    bring(filled, tmp_path)
    # The guardian's row still states the child, who is to be clarified.
    assert counted(filled, "class") == {"CE2 B": (1, 1), "": (1, 0)}
    assert filled.rows("SELECT count(*) FROM second_class WHERE left_on IS NULL") == [(0,)]


def test_three_rows_are_three_classes(store: Store, tmp_path: Path) -> None:
    bring(store, tmp_path, ULIS, CLASS, CLASS._replace(class_label="UPE2A", level="UPE2A"))
    assert {label: n for label, (_, n) in counted(store, "class").items()} == {
        "CE2 B": 2,
        "ULIS": 1,
        "UPE2A": 1,
    }


def test_two_levels_of_one_class_count_once_in_the_class(store: Store, tmp_path: Path) -> None:
    bring(store, tmp_path, CLASS, CLASS._replace(level="ULIS"))
    assert counted(store, "class") == {"CE2 B": (2, 2)}
    assert counted(store, "level") == {"CE2": (2, 2), "ULIS": (1, 1)}


def test_a_list_of_accounts_read_back_has_both_classes(filled: Store, tmp_path: Path) -> None:
    listing = tmp_path / "comptes.csv"
    listing.write_bytes(account_list_csv(listed(filled), "comptes.csv").content)
    with connect(MEMORY) as other:
        import_accounts(other, listing, TODAY)
        assert counted(other, "class") == counted(filled, "class")
        assert {one.guardian.full_name: one.classes for one in listed(other)} == {
            "LORIOT Pia": ["CE2 B", "ULIS"],
            "PINSON Ali": ["CE2 B"],
        }


def test_a_confirmation_counts_the_family_in_both_classes(filled: Store) -> None:
    found = stakes(Action.NOTIFY_BY_SHEET, listed(filled), TODAY)
    assert found.classes == (("CE2 B", 2), ("ULIS", 1))
