import holoviews as hv
import pandas as pd
import pytest
from bokeh.core.validation import check_integrity, process_validation_issues
from bokeh.plotting import figure

from dashboard.actions.statistics import statistics
from dashboard.domain.account import State
from dashboard.domain.french import NO_BREAK_SPACE
from dashboard.domain.grouping import Grouping
from dashboard.domain.scope import Scope
from dashboard.pipelines.charts import STATE_COLOURS, progress, progress_text
from dashboard.pipelines.statistics import FIGURES, STATE_COLUMNS, percentage
from dashboard.store.engine import Store
from tests.store.rows import BEZE, SULPICE

LONG = "Classe de CM1 et CM2 de Mme ÉGLANTINE et de M. D’ÉPERVIER, à l’étage"
HOSTILE = ["<i onclick=alert(1)>", "$$x$$", "@name{safe}", "\u202egauche", "🦔", "a\nb", "%"]


def classes(counts: dict[str, tuple[int, int, int, int]], school: str = SULPICE) -> pd.DataFrame:
    """Statistics by class with these numbers of accounts in each state."""
    frame = pd.DataFrame(counts.values(), columns=list(STATE_COLUMNS.values()), dtype="int64")
    frame = frame.assign(school=school, accounts=frame.sum(axis="columns"), students=1)
    frame["class"], frame["students_covered"] = list(counts), 0
    frame["activated_pct"] = percentage(frame["activated"], frame["accounts"])
    frame["students_covered_pct"] = 0.0
    return frame[["school", "class", *FIGURES]]


def drawn(chart: hv.Bars) -> figure:
    """The chart as bokeh would show it; bokeh finds nothing to object to."""
    plot = hv.render(chart, backend="bokeh")
    issues = check_integrity([plot, *plot.references()])
    process_validation_issues(issues)
    assert not issues.error
    return plot


def shares(chart: hv.Bars) -> dict[str, list[float]]:
    """The shares of each bar from the axis on: the activated first."""
    return {
        label: list(held["share"]) for label, held in chart.dframe().groupby("group", sort=False)
    }


@pytest.mark.parametrize("by", Grouping)
@pytest.mark.parametrize("scope", [Scope.schools(SULPICE), Scope.nation(), Scope.schools()])
def test_every_grouping_is_drawn(demo_store: Store, scope: Scope, by: Grouping) -> None:
    frame = statistics(demo_store, scope, by)
    chart = progress(frame, by)
    assert len(drawn(chart).y_range.factors) == max(len(frame), 1)
    assert all(sum(bar) == pytest.approx(100) or not any(bar) for bar in shares(chart).values())


def test_first_group_is_on_top_and_bars_start_with_the_accounts_not_notified() -> None:
    chart = progress(classes({"PS": (3, 1, 0, 0), "CP": (0, 0, 1, 1)}))
    assert list(drawn(chart).y_range.factors) == ["CP", "PS"]
    assert shares(chart) == {"CP": [50, 50, 0, 0], "PS": [0, 0, 25, 75]}
    [state] = set(map(tuple, chart.dframe().groupby("group")["state"].agg(list)))
    assert state == tuple(state.label for state in reversed(State))


def test_every_state_has_its_own_colour() -> None:
    [bars] = drawn(progress(classes({"PS": (1, 1, 1, 1)}))).renderers
    scale = bars.glyph.fill_color.transform
    colours = dict(zip(scale.factors, scale.palette, strict=True))
    assert colours == {state.label: colour for state, colour in STATE_COLOURS.items()}


def test_counts_and_shares_are_said_in_french() -> None:
    [*_, first] = progress(classes({"PS": (1234, 1, 0, 0)})).dframe()["said"]
    assert first == f"1{NO_BREAK_SPACE}234 sur 1{NO_BREAK_SPACE}235 (99,92{NO_BREAK_SPACE}%)"


def test_group_without_accounts_is_an_empty_bar() -> None:
    chart = progress(classes({"PS": (1, 0, 0, 0), "": (0, 0, 0, 0)}))
    assert list(drawn(chart).y_range.factors) == ["sans classe", "PS"]
    assert shares(chart)["sans classe"] == [0, 0, 0, 0]


def test_long_labels_are_shortened_and_stay_apart() -> None:
    chart = progress(classes({f"{LONG} {letter}": (1, 0, 0, 0) for letter in "abc"}))
    labels = list(drawn(chart).y_range.factors)
    assert len(set(labels)) == 3
    assert max(map(len, labels)) < 25
    assert set(chart.dframe()["name"]) == {f"{LONG} {letter}" for letter in "abc"}


def test_same_class_of_two_schools_is_two_bars() -> None:
    both = pd.concat([classes({"CP": (1, 0, 0, 0)}, uai) for uai in (BEZE, SULPICE)])
    assert list(drawn(progress(both)).y_range.factors) == [f"{SULPICE} CP", f"{BEZE} CP"]


def test_hostile_labels_are_drawn_as_they_are() -> None:
    chart = progress(classes(dict.fromkeys(HOSTILE, (1, 0, 0, 0))))
    assert list(drawn(chart).y_range.factors) == HOSTILE[::-1]


def test_text_names_the_extremes(demo_store: Store) -> None:
    assert progress_text(statistics(demo_store, Scope.schools(SULPICE))) == (
        "Part la plus élevée de comptes activés : MSGS (4 %) ; la plus faible : PSMS (0 %)."
    ).replace(" %", f"{NO_BREAK_SPACE}%")


def test_text_of_one_group() -> None:
    text = progress_text(classes({"": (3, 0, 0, 1)}))
    assert text == f"Part de comptes activés : sans classe (25{NO_BREAK_SPACE}%)."


@pytest.mark.parametrize("by", Grouping)
def test_text_of_nothing(demo_store: Store, by: Grouping) -> None:
    frame = statistics(demo_store, Scope.schools(), by)
    assert progress_text(frame, by) == "Aucun compte à représenter."


def test_text_of_accounts_none_of_which_is_activated() -> None:
    text = progress_text(classes({"PS": (1, 0, 0, 0), "CP": (0, 0, 0, 0)}))
    assert text == "Aucun compte activé pour le moment."
