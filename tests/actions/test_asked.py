"""What is asked wrongly is refused by name, never answered by nothing or by other figures."""

import inspect
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import dashboard
from dashboard.domain.errors import Misasked, Refused
from dashboard.domain.filters import SchoolFilter, SchoolSort
from dashboard.domain.scope import Area, Scope
from dashboard.store.engine import Store, read_schema
from tests.command import Run

TODAY = date(2026, 9, 28)
DIJON = Scope.academy("Dijon")
# Each reading function with what it takes besides a store and a scope.
READING: dict[str, tuple[object, ...]] = {
    "statistics": (),
    "timeline": (TODAY, TODAY),
    "tallies": (TODAY, TODAY),
    "activation_times": (TODAY,),
    "explore_schools": (TODAY,),
}


@pytest.fixture(scope="module")
def store(today: date) -> Iterator[Store]:
    with dashboard.connect(":memory:") as store:
        dashboard.load_demo(store, today)
        dashboard.generate(store, 6, 1, today, "Dijon")
        yield store


def ask(store: Store, name: str, scope: object = DIJON, **more: object) -> Any:
    function: Callable[..., Any] = getattr(dashboard, name)
    given = dict(zip(list(inspect.signature(function).parameters)[2:], READING[name], strict=False))
    return function(store, scope, **given | more)


@pytest.mark.parametrize("name", READING)
def test_every_reading_function_answers_what_is_asked_rightly(store: Store, name: str) -> None:
    ask(store, name)
    ask(store, name, Scope.nation())


UNKNOWN = [
    (Scope.department("22"), "aucun département connu n'a le code « 022 ». Connus : 021"),
    (Scope.academy("Djion"), "aucune académie connue ne s'appelle « Djion ». Connus : Dijon"),
    (Scope.district("Beaunne"), "aucune circonscription connue ne s'appelle « Beaunne »"),
    (Scope.schools("0211111A"), "la lettre de contrôle ne convient pas"),
    (Scope.schools("école"), "mal formé"),
    (Scope.schools("0750001U"), "aucune école connue pour 0750001U"),
    (Scope.schools("0580189R", "0750001U"), "aucune école connue pour 0750001U"),
    (Scope.schools(), "aucun lieu n'est demandé"),
    (Scope(Area.DEPARTMENT), "aucun lieu n'est demandé"),
    ("Dijon", "scope : Scope est attendu"),
    (None, "scope : Scope est attendu"),
]


@pytest.mark.parametrize("name", READING)
@pytest.mark.parametrize(("scope", "why"), UNKNOWN)
def test_an_unknown_place_is_named(store: Store, name: str, scope: object, why: str) -> None:
    with pytest.raises(Misasked) as refused:
        ask(store, name, scope)
    assert why in str(refused.value)


WRONG: list[tuple[str, dict[str, object], str]] = [
    ("statistics", {"smallest_count": -1}, "smallest_count"),
    ("tallies", {"smallest_count": -1}, "smallest_count"),
    ("statistics", {"smallest_count": 2.5}, "smallest_count"),
    ("statistics", {"smallest_count": True}, "smallest_count"),
    ("explore_schools", {"smallest_count": -5}, "smallest_count"),
    ("timeline", {"smallest_count": -5}, "smallest_count"),
    ("statistics", {"by": "klass"}, "by : regroupement inconnu : 'klass'"),
    ("timeline", {"by": ("school", "klass")}, "by : regroupement inconnu : 'klass'"),
    ("tallies", {"by": "klass"}, "by : regroupement inconnu : 'klass'"),
    ("activation_times", {"by": "klass"}, "by : regroupement inconnu : 'klass'"),
    ("statistics", {"by": ()}, "by : aucun regroupement"),
    ("statistics", {"by": 3}, "by"),
    ("timeline", {"since": TODAY + timedelta(1)}, "until (2026-09-28) est avant since"),
    ("tallies", {"since": TODAY + timedelta(1)}, "until (2026-09-28) est avant since"),
    ("timeline", {"until": date(2999, 1, 1)}, "until : le 01/01/2999 est à venir"),
    ("tallies", {"until": date(2999, 1, 1)}, "until : le 01/01/2999 est à venir"),
    ("activation_times", {"today": date(2999, 1, 1)}, "today : le 01/01/2999 est à venir"),
    ("explore_schools", {"today": date(2999, 1, 1)}, "today : le 01/01/2999 est à venir"),
    ("timeline", {"since": "2026-09-01"}, "since : une date"),
    ("timeline", {"since": None}, "since : une date"),
    ("timeline", {"only": ["0750001U"]}, "aucune école connue pour 0750001U"),
    ("explore_schools", {"limit": -1}, "limit"),
    ("explore_schools", {"offset": -1}, "offset"),
    ("explore_schools", {"sort": "name"}, "sort : SchoolSort est attendu"),
    ("explore_schools", {"conditions": {}}, "conditions : SchoolFilter est attendu"),
]


@pytest.mark.parametrize(("name", "given", "why"), WRONG)
def test_a_wrong_argument_is_named(
    store: Store, name: str, given: dict[str, object], why: str
) -> None:
    with pytest.raises(Misasked) as refused:
        ask(store, name, **given)
    assert why in str(refused.value)


def test_of_a_timeline_wrong_spans_and_weeks_are_named(store: Store) -> None:
    days = ask(store, "timeline", since=TODAY - timedelta(days=40))
    assert len(dashboard.weekly(days, 3)) == 3
    for weeks in (0, -1, 2.5):
        with pytest.raises(Misasked, match="weeks"):
            dashboard.weekly(days, weeks)  # type: ignore[arg-type]  # what it refuses
    for spans in ((0,), (), (7, -1)):
        with pytest.raises(Misasked, match="spans"):
            dashboard.change_over(days, spans)


@pytest.mark.parametrize(
    "conditions",
    [
        {"kind": "LYCEE"},
        {"sector": "public"},
        {"least_accounts": -1},
        {"least_accounts": 9, "most_accounts": 3},
        {"most_activated_pct": 140},
        {"idle_days": -2},
    ],
)
def test_conditions_that_no_school_can_meet_are_refused(
    store: Store, conditions: dict[str, Any]
) -> None:
    with pytest.raises(Misasked):
        ask(store, "explore_schools", conditions=SchoolFilter(**conditions))


def test_a_column_that_schools_are_not_sorted_by_is_refused() -> None:
    with pytest.raises(ValueError, match="nom"):
        SchoolSort("nom")  # type: ignore[arg-type]  # what it refuses


@pytest.mark.parametrize("name", READING)
def test_a_frame_without_rows_has_the_columns_of_one_with_rows(store: Store, name: str) -> None:
    def typed(asked: Store) -> dict[str, str]:
        answer = ask(asked, name, Scope.nation(), **({"by": "school"} if "by" in takes else {}))
        frame = answer if isinstance(answer, pd.DataFrame) else answer.schools
        return {str(column): str(kind) for column, kind in frame.dtypes.items()}

    takes = inspect.signature(getattr(dashboard, name)).parameters
    with dashboard.connect(":memory:") as nothing:
        assert typed(nothing) == typed(store)


def test_what_pandas_makes_of_a_date_is_one(store: Store) -> None:
    spelled = ask(store, "timeline", since=pd.Timestamp(TODAY), until=datetime(2026, 9, 28, 9))
    pd.testing.assert_frame_equal(spelled, ask(store, "timeline"))


@pytest.mark.parametrize(
    ("spelled", "scope"),
    [
        (Scope.department("21"), Scope.department("021")),
        (Scope.department(" 021 "), Scope.department("21")),
        (Scope.department("2a"), Scope.department("620")),
        (Scope.academy("dijon"), Scope.academy("Dijon")),
        (Scope.academy("besancon"), Scope.academy("Besançon")),
        (Scope.schools(" 0580189r"), Scope.schools("0580189R")),
        (Scope.district("21/Beaune"), Scope.district("021/Beaune")),
    ],
)
def test_a_place_is_the_same_however_it_is_spelled(spelled: Scope, scope: Scope) -> None:
    assert spelled == scope


def test_a_path_of_nothing_is_refused_and_stays_nothing(tmp_path: Path) -> None:
    dashboard.connect(tmp_path / "comptes.duckdb", create=True).close()
    (tmp_path / "vide.duckdb").touch()
    for name in ("compte.duckdb", "vide.duckdb", "ailleurs/comptes.duckdb"):
        for read_only in (False, True):
            with pytest.raises(Refused, match="n'existe pas") as refused:
                dashboard.connect(tmp_path / name, read_only)
        assert ("comptes.duckdb" in str(refused.value)) or "ailleurs" in name
    assert {file.name for file in tmp_path.iterdir()} == {"comptes.duckdb", "vide.duckdb"}
    assert (tmp_path / "vide.duckdb").stat().st_size == 0


def test_reading_migrates_nothing_and_says_what_does(tmp_path: Path) -> None:
    path = tmp_path / "comptes.duckdb"
    with dashboard.connect(path, create=True) as made, made.transaction() as transaction:
        transaction.write(
            "DELETE FROM migration WHERE number = (SELECT max(number) FROM migration)"
        )
    before = read_schema(str(path))
    with pytest.raises(Refused, match="educonnect housekeeping"):
        dashboard.connect(path, read_only=True)
    assert read_schema(str(path)) == before


MISSPELT = [
    ("statistics", "--nation"),
    ("statistics", "--school", "0580189R"),
    ("brief", "--academy", "Dijon"),
    ("accounts", "--school", "0580189R"),
    ("snapshot", "extrait"),
    ("notify", "--school", "0580189R", "--by", "email", "--yes"),
    ("reset", "--school", "0580189R", "--output", "x.pdf", "--yes"),
    ("resend", "--school", "0580189R", "--yes"),
    ("users", "list"),
    ("users", "add", "zoe", "--role", "director", "--school", "0580189R", "--provisional"),
    ("users", "passwd", "zoe", "--provisional"),
    ("users", "disable", "zoe"),
    ("users", "enable", "zoe"),
    ("users", "role", "zoe", "--role", "administrator"),
    ("users", "grant", "zoe", "--school", "0580189R"),
    ("users", "revoke", "zoe", "--school", "0580189R"),
    ("person", "export", "abcd-1234", "--output", "x.json"),
    ("person", "erase", "abcd-1234", "--yes"),
    ("housekeeping",),
    ("check",),
    ("backup", "copie.duckdb"),
]


@pytest.mark.parametrize("arguments", MISSPELT, ids=" ".join)
def test_a_command_makes_no_database_of_a_misspelt_path(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = run(*arguments, "--database", tmp_path / "compte.duckdb")
    assert ran.code == 1
    assert "compte.duckdb" in ran.err + ran.text
    assert [file.name for file in tmp_path.iterdir() if file.suffix != ".key"] == []


@pytest.mark.usefixtures("demo_schools")
@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--department", "22"), "n'a le code « 022 »"),
        (("--academy", "Dijjon"), "Connus : Dijon"),
        (("--district", "Nulle part"), "ne s'appelle « Nulle part »"),
        (("--school", "0750001U"), "aucune école connue pour 0750001U"),
    ],
)
def test_a_command_names_the_place_that_it_does_not_know(
    run: Run, arguments: tuple[str, ...], why: str
) -> None:
    ran = run("statistics", *arguments)
    assert (ran.code, ran.text) == (1, "")
    assert why in ran.err
