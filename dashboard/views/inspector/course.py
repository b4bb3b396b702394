"""How is it moving: the states day by day, beside other places and years, and what to expect."""

from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd
import panel as pn

from dashboard.charts.course import (
    course_chart,
    course_text,
    share_chart,
    weeks_chart,
)
from dashboard.domain.account import State
from dashboard.domain.figure import HIDDEN
from dashboard.domain.french import day, number
from dashboard.domain.school_year import WEEK, SchoolYear
from dashboard.pipelines.projection import WEEKS, Projection, project
from dashboard.pipelines.situation import moved_text
from dashboard.pipelines.timelines import (
    day_rows,
    mondays,
    notified_by_week,
    share_rows,
    shares,
)
from dashboard.views.components import html
from dashboard.views.components.chart import Chart
from dashboard.views.components.repairs import LiveHtml
from dashboard.views.inspector.comparing import Comparison, Shown, find_comparison, selects
from dashboard.views.inspector.parts import (
    STYLE,
    Asked,
    field,
    hidden_fields,
    lead,
    note,
    quiet,
)
from dashboard.wording.statistics_columns import YEARS_TEXT, figure_text

_AHEAD = 8 * WEEK
_LONGEST = timedelta(days=366)
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
_FIELDS = frozenset({"since", "until", "with", "and", "target"})


@dataclass(frozen=True, slots=True)
class Course:
    """The answer."""

    days: pd.DataFrame
    comparison: Comparison
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
    target = min(asked.seen.target or until + _AHEAD, until + _LONGEST)
    projection = _project(asked, days, until, target)
    shown = Shown(since, until, projection.target if projection else until)
    return Course(days, find_comparison(asked, shown), target, projection)


def _project(asked: Asked, days: pd.DataFrame, until: date, target: date) -> Projection | None:
    """The projection of a place that is large enough for its rounding not to matter."""
    [now] = day_rows(days.tail(1))
    if now.accounts is HIDDEN or now.accounts < _LEAST_PROJECTED:
        return None
    return project(_recent(asked, days, until), target)


def _recent(asked: Asked, days: pd.DataFrame, until: date) -> pd.DataFrame:
    """The weeks that a projection takes, also where fewer days are shown."""
    since = until - WEEK * WEEKS
    if days["day"].min().date() <= since:
        return days
    return asked.explorer.days(asked.place, since, until)


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
    for one in found.comparison.compared:
        if not one.shares.empty:
            told[one.label if one.label not in told else f"{one.label} (comparé)"] = one.shares
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
        + selects(asked, found.comparison.choices)
        + field("Projeter jusqu'au", "target", f"{found.target}", "date")
        + '<button type="submit">Afficher</button></form>'
    )


def _share_html(asked: Asked, found: Course, has_accounts: bool) -> str:
    if not has_accounts:
        return quiet("Aucun compte dans cette période : il n'y a encore rien à suivre ici.")
    told = shares(found.days, asked.explorer.least_whole)
    _, until = period(asked)
    said = [moved_text(asked.label, share_rows(told))]
    said += [one.text(until) for one in found.comparison.compared]
    unknown = "Le lieu ou l'année à comparer n'existe pas ici."
    return (
        lead(" ".join(said))
        + (quiet(unknown) if found.comparison.is_unknown else "")
        + (quiet(YEARS_TEXT) if found.comparison.hides_years else "")
        + html.heading(3, _SHARES)
        + html.paragraph(_projected(asked, found))
        + (quiet(_METHOD) if found.projection else "")
        + "".join(one.note(until) for one in found.comparison.compared)
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
    monday = mondays(days["day"])
    ends = days.groupby(monday).tail(1)
    told = share_rows(shares(ends, asked.explorer.least_whole))
    notified = dict(zip(weeks["week"], weeks["notified"], strict=True))
    others = [
        {other.day: figure_text(other.share) for other in one.days()}
        for one in found.comparison.compared
    ]
    columns = [
        "Au",
        *(state.label.capitalize() for state in State),
        "% activés",
        *(f"% activés, {one.label}" for one in found.comparison.compared),
        "Notifiés dans la semaine",
    ]
    rows = [
        [
            day(end.day),
            *(figure_text(end.states[state]) for state in State),
            figure_text(share.share),
            *(other.get(end.day, "–") for other in others),
            number(int(notified[week])),
        ]
        for end, share, week in zip(day_rows(ends), told, monday[ends.index], strict=True)
    ]
    return html.details(title, html.table(title, columns, rows, row_headers=True))
