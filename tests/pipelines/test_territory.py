"""From a scope down to a school and back; nothing beyond the scope is found."""

import pandas as pd
import pytest

from dashboard.domain.place import Place
from dashboard.domain.scope import Area, Scope
from dashboard.pipelines.territory import Territory

SCHOOLS = pd.DataFrame(
    [
        ("0210001A", "A", "Est", "021", "Dijon"),
        ("0210002B", "B", "Est", "021", "Dijon"),
        ("0210003C", "C", "", "021", "Dijon"),
        ("0580001D", "D", "Est", "058", "Dijon"),
        ("0250001E", "E", "Doubs", "025", "Besançon"),
    ],
    columns=["uai", "name", "district", "department", "academy"],
)
NATION = Territory(Scope.nation(), SCHOOLS)
ACADEMY = Territory(Scope.academy("Dijon"), SCHOOLS[SCHOOLS["academy"] == "Dijon"])
DISTRICT = Territory(Scope.district("Est"), SCHOOLS[SCHOOLS["district"] == "Est"])


def test_the_way_down_is_by_all_levels_between() -> None:
    place = NATION.find("ecole/0210001A")
    assert place is not None
    assert [NATION.label(one) for one in NATION.path(place)] == [
        "France",
        "Académie de Dijon",
        "Département 21",
        "Circonscription Est",
        "A",
    ]
    assert NATION.part_area(place) is None


def test_parts_make_up_a_place() -> None:
    root = ACADEMY.root
    assert [str(place) for place in ACADEMY.parts(root)] == ["departement/021", "departement/058"]
    for place in ACADEMY.parts(root):
        inside = [ACADEMY.inside(part) for part in ACADEMY.parts(place)]
        assert sum(map(len, inside)) == len(ACADEMY.inside(place))


def test_the_parts_of_a_nation_are_its_academies() -> None:
    assert [str(place) for place in NATION.parts(NATION.root)] == [
        "academie/Besançon",
        "academie/Dijon",
    ]
    dijon = NATION.find("academie/Dijon")
    assert dijon is not None
    assert [str(place) for place in NATION.siblings(dijon)] == ["academie/Besançon"]


def test_a_district_is_that_of_its_department() -> None:
    place = ACADEMY.find("circonscription/058/Est")
    assert place is not None
    assert ACADEMY.scope_of(place) == Scope.schools("0580001D")


@pytest.mark.parametrize("granted", ["Est", "021/Est"])
def test_a_link_to_a_district_opens_for_whom_it_was_granted(granted: str) -> None:
    in_department = SCHOOLS["department"] == "021"
    own = Territory(
        Scope.district(granted), SCHOOLS[in_department & (SCHOOLS["district"] == "Est")]
    )
    assert own.find("circonscription/021/Est") == own.root
    assert own.find("circonscription/058/Est") is None
    assert own.find("circonscription/021/") is None


def test_a_district_that_nobody_named_is_a_place_too() -> None:
    place = ACADEMY.find("circonscription/021/")
    assert place is not None
    assert list(ACADEMY.inside(place)["uai"]) == ["0210003C"]


@pytest.mark.parametrize(
    ("territory", "text"),
    [
        (ACADEMY, "academie/Besançon"),
        (ACADEMY, "departement/025"),
        (ACADEMY, "ecole/0250001E"),
        (ACADEMY, "circonscription/025/Doubs"),
        (ACADEMY, "anything"),
        (DISTRICT, "departement/021"),
        (DISTRICT, "academie/Dijon"),
        (DISTRICT, "ecole/0210003C"),
    ],
)
def test_a_place_beyond_the_scope_does_not_exist(territory: Territory, text: str) -> None:
    assert territory.find(text) is None


def test_the_whole_is_the_scope_itself_by_any_name() -> None:
    assert ACADEMY.find("") == ACADEMY.find("academie/Dijon") == ACADEMY.root
    assert ACADEMY.scope_of(ACADEMY.root) == Scope.academy("Dijon")
    assert ACADEMY.address_of(ACADEMY.root) == ""


def test_a_scope_of_several_places_has_these_as_parts() -> None:
    both = Territory(Scope(Area.DEPARTMENT, ("021", "058")), ACADEMY.schools)
    assert [str(place) for place in both.parts(both.root)] == ["departement/021", "departement/058"]
    assert both.find("departement/021") == Place(Area.DEPARTMENT, "021")


def test_siblings_are_the_other_parts_of_what_is_above() -> None:
    place = ACADEMY.find("departement/021")
    assert place is not None
    assert [str(one) for one in ACADEMY.siblings(place)] == ["departement/058"]
    assert ACADEMY.siblings(ACADEMY.root) == []
