"""How is it moving: the states day by day, beside another place, and where the pace would lead."""

from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd
import panel as pn

from dashboard.actions.explore_places import Level
from dashboard.domain.account import State
from dashboard.domain.figures import count_text, share_text
from dashboard.domain.french import day, number
from dashboard.pipelines.exploration_charts import (
    course_chart,
    course_text,
    share_chart,
    weeks_chart,
)
from dashboard.pipelines.projection import WEEKS, Projection, project
from dashboard.pipelines.situation import moved_text
from dashboard.pipelines.statistics import STATE_COLUMNS, records
from dashboard.pipelines.timelines import notified_by_week, school_year_start, shares
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
_WEEK_DAYS = 7
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
    """The answer; `compared` is the level whose shares `other` has."""

    days: pd.DataFrame
    compared: Level | None
    other: pd.DataFrame
    choices: list[tuple[str, str]]
    is_unknown: bool
    target: date
    projection: Projection | None


def period(asked: Asked) -> tuple[date, date]:
    """The days that are shown: by default the school year so far; the last year at most."""
    first = asked.today - _LONGEST  # about as long as a journal is kept
    until = max(first, min(asked.seen.until or asked.today, asked.today))
    since = max(first, min(asked.seen.since or school_year_start(until), until))
    return since, until


def find_course(asked: Asked) -> Course:
    """Ask the store for the answer."""
    since, until = period(asked)
    days = asked.explorer.days(asked.place, since, until)
    above = asked.explorer.level_above(asked.place)
    compared = _compared(asked, above)
    other = (
        asked.explorer.shares(compared, since, until)
        if compared
        else pd.DataFrame(columns=["day", "activated_pct"])
    )
    target = min(asked.seen.target or until + _AHEAD, until + _LONGEST)
    return Course(
        days,
        compared,
        other,
        _choices(asked, above),
        bool(asked.seen.compared) and asked.seen.compared != NOTHING and compared is None,
        target,
        _project(asked, days, until, target),
    )


def _project(asked: Asked, days: pd.DataFrame, until: date, target: date) -> Projection | None:
    """The projection of a place that is large enough for its rounding not to matter."""
    accounts = days["accounts"].iloc[-1]
    if pd.isna(accounts) or accounts < _LEAST_PROJECTED:
        return None
    return project(_recent(asked, days, until), target)


def _recent(asked: Asked, days: pd.DataFrame, until: date) -> pd.DataFrame:
    """The weeks that a projection takes, also where fewer days are shown."""
    since = until - timedelta(days=_WEEK_DAYS * WEEKS)
    if days["day"].min().date() <= since:
        return days
    return asked.explorer.days(asked.place, since, until)


def _compared(asked: Asked, above: Level | None) -> Level | None:
    """What is compared with: the level above, unless another place of the scope, or nothing."""
    if asked.seen.compared == NOTHING:
        return None
    if not asked.seen.compared:
        return above
    territory = asked.explorer.territory
    place = territory.find(asked.seen.compared)
    if place is None:
        return None
    return Level(territory.label(place), territory.scope_of(place), place)


def _choices(asked: Asked, above: Level | None) -> list[tuple[str, str]]:
    territory = asked.explorer.territory
    siblings = territory.siblings(asked.place)[:_MOST_COMPARED]
    return [
        *([("", above.label)] if above else [("", "–")]),
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
        bottom.html = _weeks_html(asked, found.days, weeks) + bottom.html

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
    unknown = quiet("Le lieu à comparer n'existe pas.") if found.is_unknown else ""
    return (
        lead(f"{moved_text(asked.label, told)} {_compared_text(found)}".strip())
        + unknown
        + html.heading(3, _SHARES)
        + html.paragraph(_projected(asked, found))
        + (quiet(_METHOD) if found.projection else "")
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


def _compared_text(found: Course) -> str:
    return "" if found.compared is None else moved_text(found.compared.label, found.other)


def campaigns_text(weeks: pd.DataFrame) -> str:
    """When most accounts were notified, in words."""
    if not weeks["notified"].any():
        return "Aucun compte n'a été notifié pour la première fois dans cette période."
    most = weeks.iloc[int(weeks["notified"].to_numpy().argmax())]
    return (
        f"La plus grande campagne : {number(int(most['notified']))} comptes notifiés pour la "
        f"première fois dans la semaine du {day(most['week'])}."
    )


def _weeks_html(asked: Asked, days: pd.DataFrame, weeks: pd.DataFrame) -> str:
    """The curves as a table: the end of each week."""
    title = "L'évolution semaine par semaine"
    monday = days["day"] - pd.to_timedelta(days["day"].dt.day_of_week, unit="D")
    ends = days.groupby(monday).tail(1)
    share = shares(ends, asked.explorer.least_whole)["activated_pct"]
    told = ends.assign(share=share)
    notified = dict(zip(weeks["week"], weeks["notified"], strict=True))
    columns = [
        "Au",
        *(State(state).label.capitalize() for state in STATE_COLUMNS),
        "% activés",
        "Notifiés dans la semaine",
    ]
    rows = [
        [
            day(record["day"]),  # type: ignore[arg-type]
            *(count_text(record[name]) for name in STATE_COLUMNS.values()),
            share_text(record["share"]),
            number(int(notified[week])),
        ]
        for record, week in zip(records(told), monday[ends.index], strict=True)
    ]
    return html.details(title, html.table(title, columns, rows, row_headers=True))
