from collections.abc import Iterator
from datetime import date

import pandas as pd
import pytest

from dashboard.actions.figures import statistics
from dashboard.domain.account import State
from dashboard.domain.grouping import Grouping
from dashboard.domain.scope import PeopleScope, Scope
from dashboard.pipelines.statistics import FIGURES, percentage
from dashboard.store.engine import MEMORY, Store, connect
from tests.store.rows import BEZE, SULPICE, Rows

HERE = Scope.schools(SULPICE)
LONG_AGO = date(2020, 7, 6)
COUNTS = [name for name in FIGURES if not name.endswith("_pct")]
KEYS = {
    Grouping.STRUCTURE: [],
    Grouping.CLASS: ["school", "class"],
    Grouping.LEVEL: ["level"],
    Grouping.SCHOOL: ["school"],
    Grouping.DISTRICT: ["district"],
    Grouping.DEPARTMENT: ["department"],
    Grouping.ACADEMY: ["academy"],
}


@pytest.fixture
def rows() -> Iterator[Rows]:
    with connect(MEMORY) as store:
        yield Rows(store)


def counted(rows: Rows, by: Grouping | str, scope: Scope = HERE) -> dict[str, list[object]]:
    """The figures of each group, by the group's key columns joined."""
    frame = statistics(rows.store, scope, by)
    keys = KEYS[Grouping(by)]
    return {
        "|".join(str(record[key]) for key in keys): [record[name] for name in FIGURES]
        for record in frame.astype(object).where(frame.notna(), None).to_dict("records")
    }


def test_guardian_of_two_classes_counts_once_in_each_and_once_in_the_whole(rows: Rows) -> None:
    rows.school()
    rows.account(rows.student("CP A", "CP"), rows.student("CE1", "CE1"), state=State.ACTIVATED)
    assert counted(rows, "structure") == {"": [1, 0, 0, 0, 1, 100.0, 2, 2, 100.0]}
    one = [1, 0, 0, 0, 1, 100.0, 1, 1, 100.0]
    assert counted(rows, "class") == {f"{SULPICE}|CP A": one, f"{SULPICE}|CE1": one}
    assert counted(rows, "level") == {"CP": one, "CE1": one}


def test_guardian_of_two_children_in_one_class_counts_once_there(rows: Rows) -> None:
    rows.school()
    rows.account(rows.student(), rows.student(first_name="Ana"), state=State.NOTIFIED)
    assert counted(rows, "class") == {f"{SULPICE}|CP A": [1, 0, 1, 0, 0, 0.0, 2, 0, 0.0]}


def test_guardian_of_two_levels_in_one_class_counts_once_in_each_level(rows: Rows) -> None:
    rows.school()
    rows.account(rows.student("PSMS", "PS"), rows.student("PSMS", "MS"))
    one = [1, 1, 0, 0, 0, 0.0, 1, 0, 0.0]
    assert counted(rows, "level") == {"PS": one, "MS": one}
    assert counted(rows, "class") == {f"{SULPICE}|PSMS": [1, 1, 0, 0, 0, 0.0, 2, 0, 0.0]}


def test_guardian_of_two_schools_counts_in_each_and_once_above_them(rows: Rows) -> None:
    rows.school(SULPICE, "Nevers 1", "058", "Dijon")
    rows.school(BEZE, "Dijon Est", "021", "Dijon")
    rows.account(rows.student(uai=SULPICE), rows.student(uai=BEZE), state=State.ACTIVATED)
    one, both = [1, 0, 0, 0, 1, 100.0, 1, 1, 100.0], [1, 0, 0, 0, 1, 100.0, 2, 2, 100.0]
    nation = Scope.nation()
    assert counted(rows, "structure", nation) == {"": both}
    assert counted(rows, "school", nation) == {BEZE: one, SULPICE: one}
    assert counted(rows, "class", nation) == {f"{BEZE}|CP A": one, f"{SULPICE}|CP A": one}
    assert counted(rows, "district", nation) == {"Dijon Est": one, "Nevers 1": one}
    assert counted(rows, "department", nation) == {"021": one, "058": one}
    assert counted(rows, "academy", nation) == {"Dijon": both}
    assert counted(rows, "structure") == {"": one}
    assert counted(rows, "structure", Scope.district("Dijon Est")) == {"": one}
    assert counted(rows, "structure", Scope.department("058")) == {"": one}
    assert counted(rows, "structure", Scope.academy("Dijon")) == {"": both}


def test_same_class_label_in_two_schools_is_two_classes(rows: Rows) -> None:
    for uai in (SULPICE, BEZE):
        rows.school(uai)
        rows.account(rows.student("CP", uai=uai))
    assert list(counted(rows, "class", Scope.nation())) == [f"{BEZE}|CP", f"{SULPICE}|CP"]


def test_student_without_guardian_is_a_student_not_covered(rows: Rows) -> None:
    rows.school()
    rows.student()
    rows.account(rows.student(), state=State.ACTIVATED)
    assert counted(rows, "structure") == {"": [1, 0, 0, 0, 1, 100.0, 2, 1, 50.0]}


def test_class_without_accounts_has_no_percentage_of_accounts(rows: Rows) -> None:
    rows.school()
    rows.student("CE2", "CE2")
    assert counted(rows, "class") == {f"{SULPICE}|CE2": [0, 0, 0, 0, 0, None, 1, 0, 0.0]}


def test_student_with_two_guardians_is_covered_by_either(rows: Rows) -> None:
    rows.school()
    child = rows.student()
    rows.account(child, state=State.ACTIVATED)
    rows.account(child, state=State.ACTIVATING)
    assert counted(rows, "structure") == {"": [2, 0, 0, 1, 1, 50.0, 1, 1, 100.0]}


def test_students_who_left_and_closed_links_are_not_counted(rows: Rows) -> None:
    rows.school()
    gone = rows.student("CM2", "CM2", left_on=LONG_AGO)
    rows.account(gone, state=State.ACTIVATED)
    child = rows.student()
    rows.account(child, gone)
    rows.link(rows.account(state=State.ACTIVATED), child, left_on=LONG_AGO)
    assert counted(rows, "class") == {f"{SULPICE}|CP A": [1, 1, 0, 0, 0, 0.0, 1, 0, 0.0]}


@pytest.mark.parametrize("by", Grouping)
def test_empty_scope_has_no_group_but_the_structure(rows: Rows, by: Grouping) -> None:
    nothing = {"": [0, 0, 0, 0, 0, None, 0, 0, None]} if by is Grouping.STRUCTURE else {}
    assert counted(rows, by, Scope.nation()) == nothing
    assert counted(rows, by, PeopleScope.schools()) == nothing
    rows.school()
    assert counted(rows, by) == nothing


def test_nameless_class_and_level_are_groups_and_come_last(rows: Rows) -> None:
    rows.school()
    rows.account(rows.student("", ""), rows.student("CM2", "CM2"), rows.student("PS", "PS"))
    assert list(counted(rows, "class")) == [f"{SULPICE}|PS", f"{SULPICE}|CM2", f"{SULPICE}|"]
    assert list(counted(rows, "level")) == ["PS", "CM2", ""]


def test_levels_come_in_pedagogical_order(rows: Rows) -> None:
    rows.school()
    levels = ["TPS", "PS", "MS", "GS", "CP", "CE1", "CE2", "CM1", "CM2", "ULIS", "UPE2A", ""]
    for level in sorted(levels):
        rows.student("Tous", level)
    assert list(counted(rows, "level")) == levels


def test_classes_come_by_youngest_level_then_name(rows: Rows) -> None:
    rows.school()
    for label, level in [("D", "ULIS"), ("C", "CP"), ("C", "GS"), ("B", "CP"), ("A", "GS")]:
        rows.student(label, level)
    rows.student("B", "MS")
    assert [key.split("|")[1] for key in counted(rows, "class")] == ["B", "A", "C", "D"]


@pytest.mark.parametrize("by", Grouping)
def test_columns_and_types_are_those_documented(demo_store: Store, by: Grouping) -> None:
    for scope in (Scope.nation(), Scope.schools("9999999X")):
        frame = statistics(demo_store, scope, by)
        assert list(frame.columns) == [*KEYS[by], *FIGURES]
        types = frame.dtypes.astype(str)
        assert set(types[COUNTS]) == {"int64"}
        assert set(types[["activated_pct", "students_covered_pct"]]) == {"float64"}
        assert list(frame.index) == list(range(len(frame)))


def test_unknown_grouping_is_refused(demo_store: Store) -> None:
    with pytest.raises(ValueError, match="canton"):
        statistics(demo_store, HERE, "canton")


def test_percentages_have_two_decimals() -> None:
    part, whole = pd.Series([1, 2, 1, 0, 0]), pd.Series([3, 3, 27, 5, 0])
    assert percentage(part, whole)[:4].tolist() == [33.33, 66.67, 3.7, 0.0]
    assert percentage(part, whole).isna().tolist() == [False] * 4 + [True]


def test_demo_school_shows_the_published_figures(demo_store: Store) -> None:
    [whole] = statistics(demo_store, HERE, "structure").to_dict("records")
    assert list(whole.values()) == [238, 230, 5, 1, 2, 0.84, 157, 2, 1.27]
    classes = statistics(demo_store, HERE, "class").set_index("class")
    shown = ["accounts", "not_notified", "notified", "activating", "activated", "activated_pct"]
    assert classes.loc[["PSMS", "PS", "MSGS", "GS"], shown].to_numpy().tolist() == [
        [24, 24, 0, 0, 0, 0],
        [27, 25, 1, 0, 1, 3.7],
        [25, 24, 0, 0, 1, 4],
        [28, 28, 0, 0, 0, 0],
    ]


def test_grouping_defaults_to_classes(demo_store: Store) -> None:
    pd.testing.assert_frame_equal(
        statistics(demo_store, HERE), statistics(demo_store, HERE, "class")
    )
