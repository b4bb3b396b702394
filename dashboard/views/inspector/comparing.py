"""What a place's course stands beside: other places, and earlier school years of its own.

An earlier school year is that of the place itself, as its weeks were counted when they ended. It is
moved by whole weeks (`SchoolYear.weeks_to`), so that a Sunday lies on a Sunday.
"""

import re
from dataclasses import dataclass
from datetime import date

import pandas as pd

from dashboard.actions.explore_places import Level
from dashboard.domain.figure import HIDDEN, DayShare
from dashboard.domain.french import day, plural
from dashboard.domain.school_year import WEEK, SchoolYear
from dashboard.pipelines.situation import moved_text
from dashboard.pipelines.timelines import share_rows
from dashboard.views.inspector.parts import Asked, quiet, select
from dashboard.wording.statistics_columns import figure_text

NOTHING = "aucun"
_YEAR = re.compile(r"annee/(\d{4})", re.ASCII)
_MOST_OFFERED = 60


@dataclass(frozen=True, slots=True)
class Shown:
    """The days that are shown, and until when curves are drawn: a projection goes further."""

    since: date
    until: date
    drawn_until: date


@dataclass(frozen=True, slots=True)
class Compared:
    """A level or an earlier school year, with its shares: ``day`` drawn on, ``activated_pct``."""

    what: Level | SchoolYear
    shares: pd.DataFrame

    def days(self) -> list[DayShare]:
        return share_rows(self.shares)

    @property
    def label(self) -> str:
        return self.what.label

    def text(self, until: date) -> str:
        """How the share moved there, or what it was at the same moment of that year."""
        if isinstance(self.what, SchoolYear):
            return _then(self.what, self.days(), until)
        return moved_text(self.label, self.days())

    def note(self, until: date) -> str:
        """How an earlier school year is drawn; nothing for a place."""
        return _year_note(self.what, until) if isinstance(self.what, SchoolYear) else ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that a course stands beside, what else is offered, and whether one named is unknown.

    `hides_years`: there are earlier years of the place, which may not be told.
    """

    compared: list[Compared]
    choices: list[tuple[str, str]]
    is_unknown: bool
    hides_years: bool


def find_comparison(asked: Asked, shown: Shown) -> Comparison:
    """What the address asks for: the level above unless it names something, and a second one."""
    above = asked.explorer.level_above(asked.place)
    now = SchoolYear.of(shown.until)
    years = [year for year in asked.explorer.school_years(asked.place) if year < now]
    said = dict.fromkeys([asked.seen.compared, asked.seen.also or NOTHING])
    found = {name: above if not name else _named(asked, name, years) for name in said}
    return Comparison(
        [Compared(what, _shares(asked, what, shown)) for what in found.values() if what],
        _choices(asked, above, years),
        any(name not in ("", NOTHING) and what is None for name, what in found.items()),
        asked.explorer.hides_years(asked.place),
    )


def _named(asked: Asked, name: str, years: list[SchoolYear]) -> Level | SchoolYear | None:
    """A place of the scope, or a year of the place; ``None`` for nothing and what is not."""
    if found := _YEAR.fullmatch(name):
        return next((year for year in years if year.begins == int(found[1])), None)
    territory = asked.explorer.territory
    place = None if name == NOTHING else territory.find(name)
    if place is None:
        return None
    return Level(territory.label(place), territory.scope_of(place), place)


def _shares(asked: Asked, what: Level | SchoolYear, shown: Shown) -> pd.DataFrame:
    if isinstance(what, Level):
        return asked.explorer.shares(what, shown.since, shown.until)
    moved = what.weeks_to(SchoolYear.of(shown.until))
    first, last = max(shown.since - moved, what.start), min(shown.drawn_until - moved, what.end)
    weeks = asked.explorer.kept_shares(asked.place, first, last)
    return weeks.assign(day=weeks["day"] + moved)


def _choices(asked: Asked, above: Level | None, years: list[SchoolYear]) -> list[tuple[str, str]]:
    territory = asked.explorer.territory
    siblings = territory.siblings(asked.place)[:_MOST_OFFERED]
    return [
        *([("", above.label)] if above else [("", "–")]),
        *((f"annee/{year.begins:04d}", f"l'{year.label}") for year in years),
        *((str(place), territory.label(place)) for place in siblings),
        *([(NOTHING, "aucune comparaison")] if above else []),
    ]


def selects(asked: Asked, choices: list[tuple[str, str]]) -> str:
    """The two choices of what to compare with."""
    named = [(value, label) for value, label in choices if value not in ("", NOTHING)]
    return select("Comparer avec", "with", choices, asked.seen.compared) + select(
        "et avec", "and", [("", "–"), *named], asked.seen.also
    )


def _then(year: SchoolYear, weeks: list[DayShare], until: date) -> str:
    """What the share was in an earlier school year, at the end of the last week before the day."""
    now = SchoolYear.of(until)
    when = "l'an dernier" if now.begins - year.begins == 1 else f"en {year.name}"
    ended = [one for one in weeks if until - WEEK < one.day <= until]
    if not ended:
        return f"Au même moment {when} : aucune semaine comptée."
    last = ended[-1]
    told = (
        "la part de comptes activés n'est pas communiquée"
        if last.share is HIDDEN
        else figure_text(last.share)
    )
    return f"Au même moment {when} (le {day(last.day - year.weeks_to(now))}) : {told}."


def _year_note(year: SchoolYear, until: date) -> str:
    moved = year.weeks_to(SchoolYear.of(until))
    return quiet(
        f"L'{year.label} est avancée de {plural(moved // WEEK, 'semaine')} : un dimanche tombe "
        "sur un dimanche, et le 1er septembre sur le 1er septembre, à trois jours près. Ses "
        "comptes sont ceux de la fin de chaque semaine, partis depuis compris."
    )
