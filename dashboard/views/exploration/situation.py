"""Where are we: a place's figures, how they changed, and how they stand to the level above."""

from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd
import panel as pn

from dashboard.actions.explore_places import Level, Record
from dashboard.domain.account import State
from dashboard.domain.figures import figure_texts, headings
from dashboard.domain.grouping import Grouping
from dashboard.domain.place import AREA_WORDS, Place
from dashboard.domain.school_list import SchoolFilter, SchoolSort
from dashboard.domain.school_texts import school_texts
from dashboard.domain.scope import Area
from dashboard.pipelines.charts import STATE_COLOURS
from dashboard.pipelines.statistics import STATE_COLUMNS, records
from dashboard.pipelines.territory import place_of
from dashboard.pipelines.timelines import change_over
from dashboard.views import html
from dashboard.views.exploration.parts import (
    FIGURES,
    STYLE,
    Asked,
    card,
    cards,
    change_text,
    count_text,
    lead,
    note,
    points_text,
    quiet,
    share_text,
)
from dashboard.views.repairs import LiveHtml

_TITLE = "Synthèse des comptes responsables de la structure"
_SPANS = (7, 30)
_STATES = tuple(STATE_COLUMNS.values())
# By what figures of the parts of a place are grouped, and told apart.
_GROUPINGS = {
    Area.ACADEMY: (Grouping.ACADEMY,),
    Area.DEPARTMENT: (Grouping.DEPARTMENT,),
    Area.DISTRICT: (Grouping.DEPARTMENT, Grouping.DISTRICT),
}
_COUNTS = {
    "accounts": "Comptes",
    "activated": "Activés",
    "activating": "En cours d'activation",
    "notified": "Notifiés et non activés",
    "not_notified": "Non notifiés",
}
_COLUMNS = FIGURES | {
    "activated_pct_7": "en 7 jours (points)",
    "activated_pct_30": "en 30 jours (points)",
}


@dataclass(frozen=True, slots=True)
class Situation:
    """The answer; `school` describes a place that is one."""

    figures: Record
    change: Record
    above: Level | None
    above_figures: Record
    parts: list[tuple[Place, Record]]
    school: dict[str, str] | None


def find_situation(asked: Asked) -> Situation:
    """Ask the store for the answer."""
    explorer, place = asked.explorer, asked.place
    [figures] = records(explorer.figures(place))
    since = asked.today - timedelta(days=max(_SPANS))
    days = explorer.days(place, since, asked.today)
    [change] = records(change_over(days, _SPANS, ("accounts", *_STATES, "activated_pct")))
    above = explorer.level_above(place)
    return Situation(
        figures,
        change,
        above,
        explorer.percentages(above) if above else {},
        _parts(asked, since),
        _school(asked),
    )


def _parts(asked: Asked, since: date) -> list[tuple[Place, Record]]:
    area = asked.explorer.territory.part_area(asked.place)
    if area not in _GROUPINGS:
        return []
    by = _GROUPINGS[area]
    figures = asked.explorer.figures(asked.place, by)
    days = asked.explorer.days(asked.place, since, asked.today, by)
    keys = [grouping.value for grouping in by]
    joined = figures.merge(change_over(days, _SPANS), on=keys, how="left")
    ranked = joined.sort_values("activated_pct", na_position="first", kind="stable")
    return [(place_of(area, record), record) for record in records(ranked)]


def _school(asked: Asked) -> dict[str, str] | None:
    if asked.place.area is not Area.SCHOOLS:
        return None
    found = asked.explorer.schools(asked.place, SchoolFilter(), SchoolSort())
    return school_texts(records(found)[0]) if len(found) else None


class SituationView(pn.viewable.Viewer):
    """Shows the answer."""

    def __init__(self) -> None:
        super().__init__()
        self._html = LiveHtml(stylesheets=[STYLE], sizing_mode="stretch_width", margin=(0, 10))

    def display(self, asked: Asked, found: Situation) -> None:
        """Show this answer."""
        school = _school_html(found.school) if found.school else ""
        self._html.html = (
            _cards(asked, found)
            + _bar(found.figures)
            + school
            + _parts_html(asked, found.parts)
            + _table(found.figures)
            + note(asked.explorer.smallest_count)
        )

    def __panel__(self) -> pn.viewable.Viewable:
        return self._html


def situation_text(label: str, found: Situation) -> str:
    """The answer in a sentence."""
    figures, change = found.figures, found.change
    accounts, share = figures["accounts"], figures["activated_pct"]
    if accounts is None:
        return f"{label} : trop peu de comptes pour en montrer les chiffres."
    if not accounts:
        return f"{label} : aucun compte pour le moment."
    if share != share:
        return (
            f"{label} : sur {count_text(accounts)} comptes, si peu sont activés que leur nombre "
            "n'est pas communiqué."
        )
    said = f"{share_text(share)} des {count_text(accounts)} comptes sont activés"
    if change.get("activated_pct_7") == change.get("activated_pct_7"):
        week, month = (points_text(change[f"activated_pct_{span}"]) for span in _SPANS)
        said += f" ({week} en 7 jours, {month} en 30 jours)"
    return f"{said}. {_stand(found)}".strip()


def _stand(found: Situation) -> str:
    """How the place stands to the level above."""
    if found.above is None:
        return ""
    here, there = found.figures["activated_pct"], found.above_figures["activated_pct"]
    if here is None or here != here or there is None or there != there:
        return ""
    gap = round(float(str(here)) - float(str(there)), 1)
    where = f"l'ensemble ({found.above.label} : {share_text(there)})"
    if abs(gap) < 1:
        return f"C'est à peu près comme {where}."
    side = "de plus" if gap > 0 else "de moins"
    return f"C'est {points_text(abs(gap)).lstrip('+')} {side} que {where}."


def _cards(asked: Asked, found: Situation) -> str:
    figures, above = found.figures, found.above
    beside = [
        f"{above.label} : {share_text(found.above_figures[name])}" if above else ""
        for name in ("activated_pct", "students_covered_pct")
    ]
    told = [
        card(
            "Comptes activés",
            share_text(figures["activated_pct"]),
            *_grown(found, "activated_pct"),
            beside[0],
        ),
        card("Élèves couverts", share_text(figures["students_covered_pct"]), beside[1]),
        *(
            card(label, count_text(figures[name]), *_grown(found, name))
            for name, label in _COUNTS.items()
        ),
    ]
    return lead(situation_text(asked.label, found)) + cards(told)


def _grown(found: Situation, name: str) -> list[str]:
    """How much a figure grew over each span; nothing where that is not known."""
    if pd.isna(found.figures[name]):  # type: ignore[call-overload]
        return []
    unit = "pt" if name.endswith("_pct") else ""
    changes = {span: found.change[f"{name}_{span}"] for span in _SPANS}
    return [
        f"{change_text(change, unit)} en {span} jours"
        for span, change in changes.items()
        if change is not None and change == change
    ]


def _bar(figures: Record) -> str:
    """The shares of the states side by side; their numbers are in the cards."""
    counts = {state: int(str(figures[column] or 0)) for state, column in STATE_COLUMNS.items()}
    whole = sum(counts.values())
    if not whole:
        return ""
    parts = "".join(
        f'<span style="width:{100 * count / whole:.2f}%;background:'
        f'{STATE_COLOURS[State(state)]}"></span>'
        for state, count in reversed(counts.items())
    )
    shares = {
        state: share_text(
            None if figures[column] is None else round(100 * counts[state] / whole, 1)
        )
        for state, column in STATE_COLUMNS.items()
    }
    key = " ".join(
        f'<span style="white-space:nowrap"><span aria-hidden="true" style="display:inline-block;'
        f"width:0.8em;height:0.8em;border:1px solid #5b6675;"
        f'background:{STATE_COLOURS[State(state)]}"></span> {State(state).label} '
        f"{shares[state]}</span>&ensp;"
        for state in reversed(counts)
    )
    frame = "display:flex;height:1.1rem;border:1px solid #5b6675;border-radius:4px;overflow:hidden"
    return f'<div aria-hidden="true" style="{frame}">{parts}</div><p class="quiet">{key}</p>'


def _school_html(school: dict[str, str]) -> str:
    pairs = [
        ("UAI", school["uai"]),
        ("Type", " ".join(filter(None, (school["kind"], school["sector"])))),
        ("Circonscription", school["district"]),
        ("Élèves", school["students"]),
        ("Notifications expirées", school["expired"]),
        ("Dernier progrès, semaine du", school["last_progress_on"]),
    ]
    columns = [term for term, _ in pairs]
    rows = [[value or "–" for _, value in pairs]]
    return html.heading(3, "L'école") + html.table("L'école", columns, rows, row_headers=False)


def _parts_html(asked: Asked, parts: list[tuple[Place, Record]]) -> str:
    if not parts:
        return ""
    word = AREA_WORDS[parts[0][0].area][0]
    title = f"Par {word}"
    rows = [
        [
            html.step(place.short, asked.address(place)),
            *(_part_text(column, record[column]) for column in _COLUMNS),
        ]
        for place, record in parts
    ]
    columns = [word.capitalize(), *_COLUMNS.values()]
    return (
        html.heading(3, title)
        + quiet("De la plus faible part de comptes activés à la plus forte.")
        + html.table(title, columns, rows, row_headers=True)
    )


def _part_text(column: str, value: object) -> str:
    if column.startswith("activated_pct_"):
        return change_text(value, "pt")
    return share_text(value) if column.endswith("_pct") else count_text(value)


def _table(figures: Record) -> str:
    columns = headings(Grouping.STRUCTURE)
    told = {name: None if pd.isna(figures[name]) else figures[name] for name in columns}  # type: ignore[call-overload]
    rows = [figure_texts(told, columns)]
    return html.heading(3, _TITLE) + html.table(
        _TITLE, list(columns.values()), rows, row_headers=False
    )
