"""A filter is one definition: option, address, query and description follow, as here by two new."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

from dashboard.commands.options import filtered
from dashboard.domain.account import Origin
from dashboard.domain.conditions import Flag
from dashboard.domain.filters import (
    AccountCondition,
    AccountFilter,
    SchoolCondition,
    SchoolFilter,
    defined,
)
from dashboard.domain.scope import PeopleScope
from dashboard.pipelines.school_table import narrowed
from dashboard.store.accounts import account_ids
from dashboard.store.engine import MEMORY, connect
from dashboard.views.state import inspector_state, list_state
from dashboard.views.state.inspector_state import InspectorState
from dashboard.views.state.list_state import ListState
from tests.store.rows import SULPICE, Rows

TODAY = date(2026, 9, 28)


@dataclass(frozen=True, slots=True)
class WiderFilter(AccountFilter):
    self_registered: bool = defined(
        AccountCondition(
            value=Flag("auto-inscription"),
            key="own",
            label="Inscrit par auto-inscription",
            option="--self-registered",
            help="Inscrit par auto-inscription.",
            described="inscrit par",
            sql="account.origin = 'SELF_REGISTERED'",
        )
    )


@dataclass(frozen=True, slots=True)
class WiderSchoolFilter(SchoolFilter):
    complete: bool = defined(
        SchoolCondition(
            value=Flag(),
            key="complete",
            label="Tout est activé",
            holds=lambda _, school: school["activated_pct"] == 100,
        )
    )


def test_its_query_finds_what_meets_it() -> None:
    with connect(MEMORY) as store:
        rows = Rows(store)
        rows.school(SULPICE)
        for origin in Origin:
            rows.account(rows.student(), origin=origin)
        here = PeopleScope.schools(SULPICE)
        chosen = WiderFilter(search="martin", self_registered=True)
        assert account_ids(store, here, chosen, TODAY) == [2]


def test_a_list_says_that_it_is_filtered_by_it() -> None:
    assert WiderFilter(self_registered=True).describe() == "inscrit par : auto-inscription"
    assert not WiderFilter(self_registered=True).is_empty


def test_an_address_leads_to_it_and_is_told_what_it_does_not_know(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(list_state, "AccountFilter", WiderFilter)
    shown = ListState(conditions=WiderFilter(self_registered=True))
    assert shown.query() == "?own=1"
    followed = ListState()
    followed.go_to("?own=1&own=maybe", [SULPICE])
    assert followed.conditions == WiderFilter(self_registered=True)
    [notice] = followed.notices
    assert "« own=maybe »" in notice


@pytest.fixture
def asked() -> Callable[..., AccountFilter]:
    """What a command that filters is asked for by its options."""
    given: list[AccountFilter] = []

    @filtered
    def command(conditions: WiderFilter) -> None:
        given.append(conditions)

    app = typer.Typer()
    app.command()(command)

    def run(*arguments: str) -> AccountFilter:
        ran = CliRunner().invoke(app, arguments)
        assert ran.exit_code == 0, ran.output
        return given.pop()

    return run


def test_a_command_has_its_option(asked: Callable[..., AccountFilter]) -> None:
    assert asked("--self-registered") == WiderFilter(self_registered=True)
    assert asked() == WiderFilter()
    assert asked("--class", "CP", "--email", "known").describe() == (
        "classes : CP ; adresse de messagerie : connue"
    )


def test_one_of_schools_narrows_their_table_and_is_in_the_inspectors_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(inspector_state, "SchoolFilter", WiderSchoolFilter)
    found = InspectorState.read({"complete": ["1"]})
    assert found.conditions == WiderSchoolFilter(complete=True)
    assert found.pairs() == [("complete", "1")]
    table = pd.DataFrame(
        {
            "uai": ["A", "B"],
            "name": ["a", "b"],
            "district": ["", ""],
            "accounts": [10, 10],
            "activated_pct": [100.0, 90.0],
            "last_progress_on": [TODAY, TODAY],
        }
    )
    assert list(narrowed(table, found.conditions, TODAY)["uai"]) == ["A"]
