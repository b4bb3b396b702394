"""A scope bounds every read to its schools."""

import pytest

from dashboard.actions.figures import statistics
from dashboard.domain.scope import Area, Scope
from dashboard.store.engine import Store
from dashboard.store.params import Params
from dashboard.store.schools import schools, within
from tests.store.rows import BEZE, SULPICE, VAROIS

NOIRON = "0210749A"
SCOPES = [
    (Scope.schools(), []),
    (Scope.schools(SULPICE), [SULPICE]),
    (Scope.schools(SULPICE, BEZE, "0000000A"), [BEZE, SULPICE]),
    (Scope.district("Dijon Est"), [BEZE, VAROIS]),
    (Scope.district("021/Dijon Est"), [BEZE, VAROIS]),
    (Scope.district("058/Dijon Est"), []),
    (Scope.district(""), []),
    (Scope.department("021"), [BEZE, VAROIS, NOIRON]),
    (Scope.academy("Dijon"), [BEZE, VAROIS, NOIRON, SULPICE]),
    (Scope.academy("Dijon' OR 'a' = 'a"), []),
    (Scope(Area.DEPARTMENT, ("021", "058")), [BEZE, VAROIS, NOIRON, SULPICE]),
    (Scope.nation(), [BEZE, VAROIS, NOIRON, SULPICE]),
]


@pytest.mark.parametrize(("scope", "expected"), SCOPES, ids=lambda value: str(value)[:60])
def test_scope_holds_its_schools(demo_store: Store, scope: Scope, expected: list[str]) -> None:
    assert list(schools(demo_store, scope)["uai"]) == expected
    assert list(statistics(demo_store, scope, "school")["school"]) == expected


@pytest.mark.parametrize(("scope", "expected"), SCOPES, ids=lambda value: str(value)[:60])
def test_condition_follows_other_parameters(
    demo_store: Store, scope: Scope, expected: list[str]
) -> None:
    params = Params("")
    condition = within(scope, params, "school.uai")
    found = demo_store.rows(
        f"SELECT uai FROM school WHERE name <> $1 AND {condition} ORDER BY uai", params.values
    )
    assert [uai for (uai,) in found] == expected


def test_schools_show_where_they_are(demo_store: Store) -> None:
    [school] = schools(demo_store, Scope.schools(BEZE)).to_dict("records")
    assert school == {
        "uai": BEZE,
        "name": "École élémentaire publique de Bèze",
        "district": "Dijon Est",
        "department": "021",
        "academy": "Dijon",
    }
