"""The page of a district, composed of its figures as the inspectors' page tells them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from dashboard.domain.account import State
from dashboard.domain.brief import SCHOOL_COLUMNS, Bar, Brief, Card, Course, Curve
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
from dashboard.pipelines.school_table import narrowed
from dashboard.pipelines.situation import (
    grown_texts,
    moved_text,
    situation_text,
    state_shares,
)
from dashboard.pipelines.statistics import records
from dashboard.pipelines.suppression import LEAST_WHOLE
from dashboard.pipelines.timelines import shares
from dashboard.wording.school_columns import school_texts
from dashboard.wording.statistics_columns import count_text, hidden_text, share_text

_MOST_SCHOOLS = 10
_LONGEST_LABEL = 50
_EXACT = "Chiffres exacts, petits nombres compris : cette fiche ne doit pas être diffusée."
_WEEKLY = "Le dernier progrès est donné par le lundi de sa semaine."
_STATES = {
    "not_notified": "Non notifiés",
    "notified": "Notifiés et non activés",
    "activating": "En cours d'activation",
}

Record = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Above:
    """What a district is compared with: its label, percentages and their course.

    Args:
        percentages: ``activated_pct``, ``students_covered_pct``.
        shares: ``day``, ``activated_pct``.
    """

    label: str
    percentages: Record
    shares: pd.DataFrame


@dataclass(frozen=True, slots=True)
class DistrictFigures:
    """What a page is made of.

    Args:
        label, within: the name of the district, and of what it is part of.
        figures: a record of `dashboard.statistics`.
        change: a record of `dashboard.pipelines.situation.changes`; empty if that is not known.
        days: a timeline that ends today, without rows where there are no accounts.
        schools: ranked, as `dashboard.pipelines.school_table.school_table` documents.
        above: what it is compared with, if anything.
    """

    label: str
    within: str
    figures: Record
    change: Record
    days: pd.DataFrame
    schools: pd.DataFrame
    above: Above | None


def need(figures: Record) -> tuple[bool, float]:
    """The rank of a district by its need of help: few activated first, without accounts last."""
    share = figures["activated_pct"]
    told = 0.0 if share is None or share != share else float(str(share))
    return not figures["accounts"], told


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
            above.percentages["activated_pct"] if above else None,
        ),
        cards=(*_first_cards(found, today), *_state_cards(found, smallest_count)),
        states=tuple(_state_bars(figures)),
        funnel=tuple(
            Bar(stage.label, *stage_texts(stage, smallest_count), stage.share) for stage in stages
        ),
        funnel_text=funnel_text(stages),
        course=_course(lines, today),
        course_text=" ".join(moved_text(_short(label), shares) for label, shares in lines),
        spread=tuple(_bands(found.schools)),
        spread_text=spread_text(found.schools),
        schools=tuple(_cells(record) for record in records(found.schools.head(_MOST_SCHOOLS))),
        school_count=len(found.schools),
        publication=f"{hidden_text(smallest_count)} {_WEEKLY}" if smallest_count else _EXACT,
    )


def _first_cards(found: DistrictFigures, today: date) -> Iterator[Card]:
    """The whole, what is reached, and the schools."""
    figures, change, above = found.figures, found.change, found.above
    untouched = len(narrowed(found.schools, SchoolFilter(nothing_notified=True), today))
    yield Card(
        "Comptes responsables",
        count_text(figures["accounts"]),
        notes=tuple(grown_texts(figures, change, "accounts")),
    )
    yield Card(
        "Comptes activés",
        share_text(figures["activated_pct"]),
        (
            f"{count_text(figures['activated'])} comptes",
            *grown_texts(figures, change, "activated_pct"),
        ),
    )
    yield Card(
        "Élèves couverts",
        share_text(figures["students_covered_pct"]),
        (
            f"de {count_text(figures['students'])} élèves",
            *(
                [f"{above.label} : {share_text(above.percentages['students_covered_pct'])}"]
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
        yield Card(label, count_text(found.figures[name]), notes=grown)
    expired, places = expired_in(found.schools)
    yield Card(
        "Notifications expirées",
        count_text(expired or (None if smallest_count else 0)),
        notes=(f"dans {plural(places, 'établissement')}",) if places else (),
    )


def _state_bars(figures: Record) -> Iterator[tuple[State, Bar]]:
    for told in state_shares(figures):
        label = told.state.label.capitalize()
        bar = Bar(label, count_text(told.accounts), share_text(told.share), told.part)
        yield told.state, bar


def _lines(
    found: DistrictFigures, today: date, smallest_count: int
) -> list[tuple[str, pd.DataFrame]]:
    """The percentages since the school year began, of the district and of the level above."""
    own = shares(found.days, LEAST_WHOLE * smallest_count)
    since = pd.Timestamp(SchoolYear.of(today).start)
    lines = [(found.label, own[own["day"] >= since])]
    if found.above:
        lines.append((found.above.label, found.above.shares))
    return lines


def _short(label: str) -> str:
    return label if len(label) <= _LONGEST_LABEL else f"{label[: _LONGEST_LABEL - 1]}…"


def _course(lines: Sequence[tuple[str, pd.DataFrame]], today: date) -> Course:
    since = SchoolYear.of(today).start
    days = pd.date_range(since, today)
    return Course(since, today, tuple(Curve(label, _on(told, days)) for label, told in lines))


def _on(told: pd.DataFrame, days: pd.DatetimeIndex) -> tuple[float | None, ...]:
    """The percentages of these days; ``None`` where there is none."""
    known = dict(zip(told["day"], told["activated_pct"], strict=True))
    found = (known.get(day) for day in days)
    return tuple(None if share is None or pd.isna(share) else float(share) for share in found)


def _bands(schools: pd.DataFrame) -> Iterator[tuple[str, int]]:
    counted = spread(schools)
    return zip(counted["label"], map(int, counted["schools"]), strict=True)


def _cells(record: Record) -> tuple[str, ...]:
    texts = school_texts(record)
    return tuple(texts[name] for name in ("name", "uai", *SCHOOL_COLUMNS))
