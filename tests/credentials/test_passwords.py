"""What it costs to hash a password, in the program as it is and not in the tests' own."""

from importlib import util
from types import ModuleType

import pytest

from dashboard.credentials import passwords
from dashboard.domain.credentials import Password


@pytest.fixture
def unspoilt() -> ModuleType:
    """The module as the program loads it."""
    spec = util.spec_from_file_location("unspoilt_passwords", passwords.__file__)
    assert spec
    assert spec.loader
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("kind", "cost"),
    [(Password.CHOSEN, "m=19456,t=2,p=1"), (Password.PROVISIONAL, "m=8192,t=1,p=1")],
)
def test_a_hash_costs_what_is_recommended(unspoilt: ModuleType, kind: Password, cost: str) -> None:
    stored = unspoilt.hash_password("Trombone-vert-42", kind)
    assert stored.startswith(f"$argon2id$v=19${cost}$")
    assert unspoilt.verify_password("Trombone-vert-42", kind, stored)
    assert not unspoilt.verify_password("Trombone-vert-43", kind, stored)
