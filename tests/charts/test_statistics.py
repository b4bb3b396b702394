import holoviews as hv
import pandas as pd
import pytest
from bokeh.core.validation import check_integrity, process_validation_issues
from bokeh.plotting import figure

from dashboard.actions.figures import statistics
from dashboard.charts.statistics import (
    SHADES,
    Shade,
    heat_map,
    progress,
    progress_text,
    shade_of,
)
from dashboard.domain.account import State
from dashboard.domain.french import NO_BREAK_SPACE
from dashboard.domain.grouping import Grouping
from dashboard.domain.scope import Scope
from dashboard.pipelines.statistics import FIGURES, STATE_COLUMNS, percentage
from dashboard.store.engine import Store
from dashboard.wording.states import STATES
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


def crossed(*cells: tuple[str, str, int, int]) -> pd.DataFrame:
    """Statistics by class and level: class, level, accounts not notified and activated."""
    counts = {str(n): (waiting, 0, 0, done) for n, (*_, waiting, done) in enumerate(cells)}
    frame = classes(counts)
    frame["class"] = [name for name, *_ in cells]
    frame.insert(2, "level", [level for _, level, *_ in cells])
    return frame


def luminance(colour: str) -> float:
    """The relative luminance that WCAG 2.1 defines, of ``#rrggbb``."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def drawn(chart: hv.Element) -> figure:
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
    assert colours == {look.label: look.light.fill for look in STATES.values()}


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
    assert list(drawn(progress(both)).y_range.factors) == [f"{SULPICE}, CP", f"{BEZE}, CP"]


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


def test_text_of_crossed_groups_names_both() -> None:
    text = progress_text(crossed(("A", "CP", 1, 0), ("A", "CE1", 0, 1)), by=("class", "level"))
    assert text.replace(NO_BREAK_SPACE, " ") == (
        "Part la plus élevée de comptes activés : A, CE1 (100 %) ; la plus faible : A, CP (0 %)."
    )


def test_a_heat_map_has_classes_from_the_top_and_levels_in_the_pedagogical_order() -> None:
    plot = drawn(heat_map(crossed(("B", "CE2", 1, 1), ("B", "ULIS", 1, 1), ("A", "CM1", 1, 1))))
    assert list(plot.y_range.factors) == ["A", "B"]
    assert list(plot.x_range.factors) == ["CE2", "CM1", "ULIS"]


def test_each_cell_of_a_heat_map_has_its_figure_and_its_counts() -> None:
    chart = heat_map(crossed(("A", "CP", 3, 1), ("A", "", 0, 0)))
    grounds, figures = chart
    assert list(grounds.dframe()["said"]) == ["1 sur 4", "0 sur 0"]
    assert list(figures.dframe()["figure"]) == [f"25{NO_BREAK_SPACE}%", "–"]
    assert list(drawn(chart).x_range.factors) == ["CP", "sans niveau"]


def test_a_heat_map_of_two_schools_keeps_them_apart() -> None:
    frame = crossed(("A", "CP", 1, 0), ("A", "CP", 0, 1)).assign(school=[SULPICE, BEZE])
    assert list(drawn(heat_map(frame)).y_range.factors) == [f"{BEZE}, A", f"{SULPICE}, A"]


@pytest.mark.parametrize("names", [[], [LONG], HOSTILE, [f"Classe {n}" for n in range(40)]])
def test_a_heat_map_of_any_classes_is_drawn(names: list[str]) -> None:
    plot = drawn(heat_map(crossed(*((name, "CP", 1, 0) for name in names))))
    assert len(plot.y_range.factors) == max(len(names), 1)


def test_a_heat_map_by_another_grouping_is_drawn(demo_store: Store) -> None:
    frame = statistics(demo_store, Scope.nation(), ("school", "level"))
    assert len(drawn(heat_map(frame, by="school")).y_range.factors) == 4


@pytest.mark.parametrize("shade", SHADES)
def test_figures_stand_out_from_each_shade(shade: Shade) -> None:
    bright, dark = sorted(map(luminance, (shade.ground, shade.ink)), reverse=True)
    assert (bright + 0.05) / (dark + 0.05) >= 4.5


def test_the_higher_a_share_the_darker_its_shade() -> None:
    grounds = [luminance(shade_of(share).ground) for share in range(101)]
    assert grounds == sorted(grounds, reverse=True)
    assert len(set(grounds)) == len(SHADES)
