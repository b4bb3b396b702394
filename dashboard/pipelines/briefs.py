"""The page of a district, composed of its figures as the inspectors' page tells them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from dashboard.domain.account import State
from dashboard.domain.brief import SCHOOL_COLUMNS, Bar, Brief, Card, Course, Curve
from dashboard.domain.figure import (
    HIDDEN,
    DayShare,
    Figures,
    KnownShare,
    Percentages,
    SchoolFigures,
    zero_if_hidden,
)
from dashboard.domain.filters import SchoolFilter
from dashboard.domain.french import number, plural
from dashboard.domain.school_year import SchoolYear
from dashboard.pipelines.distribution import (
    expired_in,
    funnel,
    funnel_text,
    spread,
    spread_text,
    stage_texts,
)
from dashboard.pipelines.school_table import narrowed, school_rows
from dashboard.pipelines.situation import (
    Growths,
    grown_texts,
    moved_text,
    situation_text,
    state_shares,
)
from dashboard.pipelines.suppression import LEAST_WHOLE
from dashboard.pipelines.timelines import share_rows, shares
from dashboard.wording.school_columns import school_texts
from dashboard.wording.statistics_columns import figure_text, hidden_text

_MOST_SCHOOLS = 10
_LONGEST_LABEL = 50
_EXACT = "Chiffres exacts, petits nombres compris : cette fiche ne doit pas être diffusée."
_WEEKLY = "Le dernier progrès est donné par le lundi de sa semaine."
_STATES = {
    "not_notified": "Non notifiés",
    "notified": "Notifiés et non activés",
    "activating": "En cours d'activation",
}


@dataclass(frozen=True, slots=True)
class Above:
    """What a district is compared with: its label, percentages and their course."""

    label: str
    percentages: Percentages
    shares: list[DayShare]


@dataclass(frozen=True, slots=True)
class DistrictFigures:
    """What a page is made of.

    Args:
        label, within: the name of the district, and of what it is part of.
        change: of its figures; empty if that is not known.
        days: a timeline that ends today, without rows where there are no accounts.
        schools: ranked, as `dashboard.pipelines.school_table.school_table` documents.
        above: what it is compared with, if anything.
    """

    label: str
    within: str
    figures: Figures
    change: Growths
    days: pd.DataFrame
    schools: pd.DataFrame
    above: Above | None


def need(figures: Figures) -> tuple[bool, float]:
    """The rank of a district by its need of help: few activated first, without accounts last."""
    share = figures.activated_pct
    return not zero_if_hidden(figures.accounts), share if isinstance(share, float) else 0.0


def compose_brief(found: DistrictFigures, today: date, smallest_count: int) -> Brief:
    """The page as of today, of figures told by the rule of `smallest_count`."""
    above, figures, change = found.above, found.figures, found.change
    stages = funnel(figures)
    lines = _lines(found, today, smallest_count)
    return Brief(
        title=found.label,
        within=found.within,
        day=today,
        lead=situation_text(
            found.label,
            figures,
            change,
            above.label if above else "",
            above.percentages.activated_pct if above else None,
        ),
        cards=(*_first_cards(found, today), *_state_cards(found, smallest_count)),
        states=tuple(_state_bars(figures)),
        funnel=tuple(
            Bar(stage.label, *stage_texts(stage, smallest_count), stage.share) for stage in stages
        ),
        funnel_text=funnel_text(stages),
        course=_course(lines, today),
        course_text=" ".join(moved_text(_short(label), told) for label, told in lines),
        spread=tuple(_bands(found.schools)),
        spread_text=spread_text(found.schools),
        schools=tuple(map(_cells, school_rows(found.schools.head(_MOST_SCHOOLS)))),
        school_count=len(found.schools),
        publication=f"{hidden_text(smallest_count)} {_WEEKLY}" if smallest_count else _EXACT,
    )


def _first_cards(found: DistrictFigures, today: date) -> Iterator[Card]:
    """The whole, what is reached, and the schools."""
    figures, change, above = found.figures, found.change, found.above
    untouched = len(narrowed(found.schools, SchoolFilter(nothing_notified=True), today))
    yield Card(
        "Comptes responsables",
        figure_text(figures.accounts),
        notes=tuple(grown_texts(figures, change, "accounts")),
    )
    yield Card(
        "Comptes activés",
        figure_text(figures.activated_pct),
        (
            f"{figure_text(figures['activated'])} comptes",
            *grown_texts(figures, change, "activated_pct"),
        ),
    )
    yield Card(
        "Élèves couverts",
        figure_text(figures.students_covered_pct),
        (
            f"de {figure_text(figures.students)} élèves",
            *(
                [f"{above.label} : {figure_text(above.percentages.students_covered_pct)}"]
                if above
                else []
            ),
        ),
    )
    yield Card(
        "Établissements",
        number(len(found.schools)),
        notes=(f"où rien n'est notifié : {number(untouched)}",) if untouched else (),
    )


def _state_cards(found: DistrictFigures, smallest_count: int) -> Iterator[Card]:
    """What is still to be done, state by state."""
    for name, label in _STATES.items():
        grown = tuple(grown_texts(found.figures, found.change, name))
        yield Card(label, figure_text(found.figures[name]), notes=grown)
    expired, places = expired_in(found.schools)
    yield Card(
        "Notifications expirées",
        figure_text(expired or (HIDDEN if smallest_count else 0)),
        notes=(f"dans {plural(places, 'établissement')}",) if places else (),
    )


def _state_bars(figures: Figures) -> Iterator[tuple[State, Bar]]:
    for told in state_shares(figures):
        label = told.state.label.capitalize()
        bar = Bar(label, figure_text(told.accounts), figure_text(told.share), told.part)
        yield told.state, bar


def _lines(
    found: DistrictFigures, today: date, smallest_count: int
) -> list[tuple[str, list[DayShare]]]:
    """The percentages since the school year began, of the district and of the level above."""
    own = shares(found.days, LEAST_WHOLE * smallest_count)
    since = pd.Timestamp(SchoolYear.of(today).start)
    lines = [(found.label, share_rows(own[own["day"] >= since]))]
    if found.above:
        lines.append((found.above.label, found.above.shares))
    return lines


def _short(label: str) -> str:
    return label if len(label) <= _LONGEST_LABEL else f"{label[: _LONGEST_LABEL - 1]}…"


def _course(lines: Sequence[tuple[str, Sequence[DayShare]]], today: date) -> Course:
    since = SchoolYear.of(today).start
    days = [day.date() for day in pd.date_range(since, today)]
    return Course(since, today, tuple(Curve(label, _on(told, days)) for label, told in lines))


def _on(told: Sequence[DayShare], days: Sequence[date]) -> tuple[KnownShare, ...]:
    """The percentages of these days, hidden where there is none."""
    known = {one.day: one.share for one in told}
    return tuple(known.get(day, HIDDEN) for day in days)


def _bands(schools: pd.DataFrame) -> Iterator[tuple[str, int]]:
    counted = spread(schools)
    return zip(counted["label"], map(int, counted["schools"]), strict=True)


def _cells(school: SchoolFigures) -> tuple[str, ...]:
    texts = school_texts(school)
    return tuple(texts[name] for name in ("name", "uai", *SCHOOL_COLUMNS))
