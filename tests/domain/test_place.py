"""Places and their form in addresses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain.place import Place
from dashboard.domain.scope import Area, Scope

names = st.text(max_size=30)
places = st.one_of(
    st.builds(Place, st.sampled_from([Area.ACADEMY, Area.DEPARTMENT, Area.SCHOOLS]), names),
    st.builds(Place, st.just(Area.DISTRICT), names, st.text("0123456789", min_size=3, max_size=3)),
)


@given(places)
def test_a_place_is_read_as_it_was_written(place: Place) -> None:
    assert Place.parse(str(place)) == place


@pytest.mark.parametrize("text", ["", "Dijon", "nation/", "uai/0210351T", "/"])
def test_what_names_no_place_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="no place"):
        Place.parse(text)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("academie/Dijon", "Académie de Dijon"),
        ("academie/Amiens", "Académie d'Amiens"),
        ("departement/021", "Département 21"),
        ("departement/971", "Département 971"),
        ("circonscription/021/Dijon Est", "Circonscription Dijon Est"),
        ("circonscription/021/", "Circonscription non précisée"),
    ],
)
def test_a_place_is_called_what_it_is(text: str, label: str) -> None:
    assert Place.parse(text).label == label


@pytest.mark.parametrize(
    ("scope", "place"),
    [
        (Scope.district("Dijon Est"), Place(Area.DISTRICT, "Dijon Est")),
        (Scope.district("021/Dijon Est"), Place(Area.DISTRICT, "Dijon Est", "021")),
        (Scope.district("Est/Ouest"), Place(Area.DISTRICT, "Est/Ouest")),
        (Scope.academy("Dijon"), Place(Area.ACADEMY, "Dijon")),
        (Scope.nation(), Place(Area.NATION)),
    ],
)
def test_a_scope_is_a_place(scope: Scope, place: Place) -> None:
    assert Place.whole(scope) == place
    assert "/" not in place.label.replace("Est/Ouest", "")
