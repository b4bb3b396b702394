"""How is it moving: the states day by day, beside another place or school year, and what to expect.

An earlier school year is that of the place itself, as its weeks were counted when they ended. It is
moved by whole weeks (`SchoolYear.weeks_to`), so that a Sunday lies on a Sunday.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd
import panel as pn

from dashboard.actions.explore_places import Level
from dashboard.domain.account import State
from dashboard.domain.figures import count_text, share_text
from dashboard.domain.french import day, number, plural
from dashboard.domain.school_year import WEEK, SchoolYear
from dashboard.pipelines.exploration_charts import (
    course_chart,
    course_text,
    share_chart,
    weeks_chart,
)
from dashboard.pipelines.projection import WEEKS, Projection, project
from dashboard.pipelines.situation import moved_text
from dashboard.pipelines.statistics import STATE_COLUMNS, records
from dashboard.pipelines.timelines import notified_by_week, shares
from dashboard.views import html
from dashboard.views.chart import Chart
from dashboard.views.exploration.parts import (
    STYLE,
    Asked,
    field,
    hidden_fields,
    lead,
    note,
    quiet,
    select,
)
from dashboard.views.repairs import LiveHtml

NOTHING = "aucun"
_YEAR = re.compile(r"annee/(\d{4})", re.ASCII)
_NO_SHARES = pd.DataFrame({"day": pd.to_datetime([]), "activated_pct": []})
_AHEAD = timedelta(weeks=8)
_LONGEST = timedelta(days=366)
_MOST_COMPARED = 60
_LEAST_PROJECTED = 500
_SHARES = "Part de comptes activés"
_STATES = "Comptes dans chaque état"
_CAMPAIGNS = "Comptes notifiés, semaine par semaine"
_METHOD = (
    f"Méthode : une droite. Le gain moyen des {WEEKS} dernières semaines se poursuit ; la marge "
    "(huit chances sur dix) vient de ce que ces gains ont varié, et s'élargit avec le temps "
    "(marche aléatoire avec dérive). Ni les vacances ni les campagnes à venir n'y sont comptées : "
    "c'est un repère, pas une prévision."
)
_FIELDS = frozenset({"since", "until", "with", "target"})


@dataclass(frozen=True, slots=True)
class Course:
    """The answer; `compared` is the level, or the school year, whose shares `other` has.

    The days of a school year are moved to lie on those that are shown, and go on as far as they.
    """

    days: pd.DataFrame
    compared: Level | SchoolYear | None
    other: pd.DataFrame
    choices: list[tuple[str, str]]
    is_unknown: bool
    target: date
    projection: Projection | None


def period(asked: Asked) -> tuple[date, date]:
    """The days that are shown: by default the school year so far; the last year at most."""
    first = asked.today - _LONGEST  # about as long as a journal is kept
    until = max(first, min(asked.seen.until or asked.today, asked.today))
    since = max(first, min(asked.seen.since or SchoolYear.of(until).start, until))
    return since, until


def find_course(asked: Asked) -> Course:
    """Ask the store for the answer."""
    since, until = period(asked)
    days = asked.explorer.days(asked.place, since, until)
    above = asked.explorer.level_above(asked.place)
    years = [y for y in asked.explorer.school_years(asked.place) if y < SchoolYear.of(until)]
    compared = _compared(asked, above, years)
    target = min(asked.seen.target or until + _AHEAD, until + _LONGEST)
    projection = _project(asked, days, until, target)
    drawn_until = projection.target if projection else until
    return Course(
        days,
        compared,
        _shares_of(asked, compared, (since, until), drawn_until),
        _choices(asked, above, years),
        bool(asked.seen.compared) and asked.seen.compared != NOTHING and compared is None,
        target,
        projection,
    )


def _shares_of(
    asked: Asked,
    compared: Level | SchoolYear | None,
    shown: tuple[date, date],
    drawn_until: date,
) -> pd.DataFrame:
    """The shares that are compared with, by the day that each is drawn on."""
    if compared is None:
        return _NO_SHARES
    since, until = shown
    if isinstance(compared, Level):
        return asked.explorer.shares(compared, since, until)
    moved = compared.weeks_to(SchoolYear.of(until))
    first, last = max(since - moved, compared.start), min(drawn_until - moved, compared.end)
    weeks = asked.explorer.kept_shares(asked.place, first, last)
    return weeks.assign(day=weeks["day"] + moved)


def _project(asked: Asked, days: pd.DataFrame, until: date, target: date) -> Projection | None:
    """The projection of a place that is large enough for its rounding not to matter."""
    accounts = days["accounts"].iloc[-1]
    if pd.isna(accounts) or accounts < _LEAST_PROJECTED:
        return None
    return project(_recent(asked, days, until), target)


def _recent(asked: Asked, days: pd.DataFrame, until: date) -> pd.DataFrame:
    """The weeks that a projection takes, also where fewer days are shown."""
    since = until - WEEK * WEEKS
    if days["day"].min().date() <= since:
        return days
    return asked.explorer.days(asked.place, since, until)


def _compared(
    asked: Asked, above: Level | None, years: list[SchoolYear]
) -> Level | SchoolYear | None:
    """What is compared with: the level above, unless another place, a year of it, or nothing."""
    said = asked.seen.compared
    if said == NOTHING:
        return None
    if not said:
        return above
    if found := _YEAR.fullmatch(said):
        return next((year for year in years if year.begins == int(found[1])), None)
    territory = asked.explorer.territory
    place = territory.find(said)
    if place is None:
        return None
    return Level(territory.label(place), territory.scope_of(place), place)


def _choices(asked: Asked, above: Level | None, years: list[SchoolYear]) -> list[tuple[str, str]]:
    territory = asked.explorer.territory
    siblings = territory.siblings(asked.place)[:_MOST_COMPARED]
    return [
        *([("", above.label)] if above else [("", "–")]),
        *((f"annee/{year.begins:04d}", f"l'{year.label}") for year in years),
        *((str(place), territory.label(place)) for place in siblings),
        *([(NOTHING, "aucune comparaison")] if above else []),
    ]


class CourseView(pn.viewable.Viewer):
    """Shows the answer."""

    def __init__(self) -> None:
        super().__init__()
        look = {"stylesheets": [STYLE], "sizing_mode": "stretch_width", "margin": (0, 10)}
        self._texts = [LiveHtml(**look) for _ in range(4)]
        self._charts = [Chart(linked_axes=False) for _ in range(3)]

    def display(self, asked: Asked, found: Course) -> None:
        """Show this answer."""
        top, states, campaigns, bottom = self._texts
        has_accounts = bool(found.days["accounts"].fillna(0).any())
        top.html = _form(asked, found) + _share_html(asked, found, has_accounts)
        states.html = campaigns.html = ""
        bottom.html = note(asked.explorer.smallest_count)
        if not has_accounts:
            for chart in self._charts:
                chart.show(None)
            return
        weeks = notified_by_week(found.days)
        self._charts[0].show(share_chart(_told(asked, found), found.projection))
        states.html = html.heading(3, _STATES) + quiet(course_text(found.days))
        self._charts[1].show(course_chart(found.days))
        campaigns.html = html.heading(3, _CAMPAIGNS) + quiet(campaigns_text(weeks))
        self._charts[2].show(weeks_chart(weeks))
        bottom.html = _weeks_html(asked, found, weeks) + bottom.html

    def __panel__(self) -> pn.viewable.Viewable:
        top, states, campaigns, bottom = self._texts
        shares_chart, states_chart, weeks_chart_ = self._charts
        return pn.Column(
            top,
            shares_chart,
            states,
            states_chart,
            campaigns,
            weeks_chart_,
            bottom,
            sizing_mode="stretch_width",
        )


def _told(asked: Asked, found: Course) -> dict[str, pd.DataFrame]:
    told = {asked.label: shares(found.days, asked.explorer.least_whole)}
    if found.compared is not None and not found.other.empty:
        label = found.compared.label
        told[label if label not in told else f"{label} (comparé)"] = found.other
    return told


def _form(asked: Asked, found: Course) -> str:
    since, until = period(asked)
    pairs = [("tab", "statistiques"), *asked.seen.pairs()]
    kept = [(name, value) for name, value in pairs if name not in _FIELDS]
    return (
        '<form data-step method="get" aria-label="Période et comparaison">'
        + hidden_fields(kept)
        + field("Du", "since", f"{since}", "date")
        + field("Au", "until", f"{until}", "date")
        + select("Comparer avec", "with", found.choices, asked.seen.compared)
        + field("Projeter jusqu'au", "target", f"{found.target}", "date")
        + '<button type="submit">Afficher</button></form>'
    )


def _share_html(asked: Asked, found: Course, has_accounts: bool) -> str:
    if not has_accounts:
        return quiet("Aucun compte dans cette période : il n'y a encore rien à suivre ici.")
    told = shares(found.days, asked.explorer.least_whole)
    unknown = quiet("Le lieu ou l'année à comparer n'existe pas ici.") if found.is_unknown else ""
    return (
        lead(f"{moved_text(asked.label, told)} {_compared_text(asked, found)}".strip())
        + unknown
        + html.heading(3, _SHARES)
        + html.paragraph(_projected(asked, found))
        + (quiet(_METHOD) if found.projection else "")
        + _year_note(asked, found.compared)
    )


def _projected(asked: Asked, found: Course) -> str:
    if found.projection is not None:
        return found.projection.text
    _, until = period(asked)
    if found.target <= until:
        return f"Pour projeter, choisissez une date après le {day(until)}."
    return (
        f"Trop peu de semaines ou de comptes (moins de {_LEAST_PROJECTED}) pour projeter un rythme."
    )


def _compared_text(asked: Asked, found: Course) -> str:
    match found.compared:
        case None:
            return ""
        case SchoolYear() as year:
            return _then(year, found.other, period(asked)[1])
        case level:
            return moved_text(level.label, found.other)


def _then(year: SchoolYear, weeks: pd.DataFrame, until: date) -> str:
    """What the share was in an earlier school year, at the end of the last week before the day."""
    now = SchoolYear.of(until)
    when = "l'an dernier" if now.begins - year.begins == 1 else f"en {year.name}"
    ended = weeks["day"].between(pd.Timestamp(until - WEEK), pd.Timestamp(until), inclusive="right")
    if not ended.any():
        return f"Au même moment {when} : aucune semaine comptée."
    last = weeks[ended].iloc[-1]
    told = (
        "la part de comptes activés n'est pas communiquée"
        if pd.isna(last["activated_pct"])
        else share_text(last["activated_pct"])
    )
    return f"Au même moment {when} (le {day(last['day'] - year.weeks_to(now))}) : {told}."


def _year_note(asked: Asked, compared: Level | SchoolYear | None) -> str:
    """How an earlier school year is drawn; nothing for a place."""
    if not isinstance(compared, SchoolYear):
        return ""
    moved = compared.weeks_to(SchoolYear.of(period(asked)[1]))
    return quiet(
        f"L'{compared.label} est avancée de {plural(moved // WEEK, 'semaine')} : un dimanche tombe "
        "sur un dimanche, et le 1er septembre sur le 1er septembre, à trois jours près. Ses "
        "comptes sont ceux de la fin de chaque semaine, partis depuis compris."
    )


def campaigns_text(weeks: pd.DataFrame) -> str:
    """When most accounts were notified, in words."""
    if not weeks["notified"].any():
        return "Aucun compte n'a été notifié pour la première fois dans cette période."
    most = weeks.iloc[int(weeks["notified"].to_numpy().argmax())]
    return (
        f"La plus grande campagne : {number(int(most['notified']))} comptes notifiés pour la "
        f"première fois dans la semaine du {day(most['week'])}."
    )


def _weeks_html(asked: Asked, found: Course, weeks: pd.DataFrame) -> str:
    """The curves as a table: the end of each week."""
    title = "L'évolution semaine par semaine"
    days = found.days
    monday = days["day"] - pd.to_timedelta(days["day"].dt.day_of_week, unit="D")
    ends = days.groupby(monday).tail(1)
    share = shares(ends, asked.explorer.least_whole)["activated_pct"]
    told = ends.assign(share=share)
    notified = dict(zip(weeks["week"], weeks["notified"], strict=True))
    other = {when: share_text(share) for when, share in found.other.itertuples(index=False)}
    columns = [
        "Au",
        *(State(state).label.capitalize() for state in STATE_COLUMNS),
        "% activés",
        *([f"% activés, {found.compared.label}"] if found.compared else []),
        "Notifiés dans la semaine",
    ]
    rows = [
        [
            day(record["day"]),  # type: ignore[arg-type]
            *(count_text(record[name]) for name in STATE_COLUMNS.values()),
            share_text(record["share"]),
            *([other.get(record["day"], "–")] if found.compared else []),
            number(int(notified[week])),
        ]
        for record, week in zip(records(told), monday[ends.index], strict=True)
    ]
    return html.details(title, html.table(title, columns, rows, row_headers=True))
