"""Where are we: a place's figures, how they changed, and how they stand to the level above."""

import asyncio
import io
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

import panel as pn
import panel_material_ui as pmui

from dashboard.actions.explore_places import Level
from dashboard.actions.write_brief import MOST_BRIEFS, districts, write_brief
from dashboard.domain.figure import Figures, Percentages
from dashboard.domain.french import number
from dashboard.domain.grouping import Grouping
from dashboard.domain.place import AREA_WORDS, Place
from dashboard.domain.scope import Area
from dashboard.pipelines.school_table import school_rows
from dashboard.pipelines.situation import (
    SPANS,
    Growths,
    changes,
    grown_texts,
    growths,
    situation_text,
    state_shares,
)
from dashboard.pipelines.statistics import rows
from dashboard.pipelines.territory import place_of
from dashboard.pipelines.timelines import change_over
from dashboard.views.components import html
from dashboard.views.components.repairs import Announcer, LiveHtml
from dashboard.views.inspector.parts import (
    FIGURES,
    STYLE,
    Asked,
    card,
    cards,
    lead,
    note,
    quiet,
)
from dashboard.wording.school_columns import school_texts
from dashboard.wording.states import STATES
from dashboard.wording.statistics_columns import (
    change_text,
    figure_text,
    group_texts,
    headings,
)

_BRIEF = "Fiche de la circonscription (PDF)"
_WRITING = "Préparation en cours…"
_TITLE = "Synthèse des comptes responsables de la structure"
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
_GROWTHS = {
    "activated_pct_7": "en 7 jours (points)",
    "activated_pct_30": "en 30 jours (points)",
}


@dataclass(frozen=True, slots=True)
class Situation:
    """The answer; `school` describes a place that is one, `districts` counts the place's."""

    figures: Figures
    change: Growths
    above: Level | None
    above_figures: Percentages | None
    parts: list[tuple[Place, Figures, Growths]]
    school: dict[str, str] | None
    districts: int


def find_situation(asked: Asked) -> Situation:
    """Ask the store for the answer."""
    explorer, place = asked.explorer, asked.place
    [figures] = rows(explorer.figures(place))
    since = asked.today - timedelta(days=max(SPANS))
    days = explorer.days(place, since, asked.today)
    [change] = growths(changes(days))
    above = explorer.level_above(place)
    return Situation(
        figures,
        change,
        above,
        explorer.percentages(above) if above else None,
        _parts(asked, since),
        _school(asked),
        len(districts(asked.explorer, asked.place)),
    )


def _parts(asked: Asked, since: date) -> list[tuple[Place, Figures, Growths]]:
    area = asked.explorer.territory.part_area(asked.place)
    if area not in _GROUPINGS:
        return []
    by = _GROUPINGS[area]
    figures = asked.explorer.figures(asked.place, by)
    days = asked.explorer.days(asked.place, since, asked.today, by)
    keys = [grouping.value for grouping in by]
    joined = figures.merge(change_over(days, SPANS), on=keys, how="left")
    ranked = joined.sort_values("activated_pct", na_position="first", kind="stable")
    return [
        (place_of(area, part.names), part, change)
        for part, change in zip(rows(ranked), growths(ranked), strict=True)
    ]


def _school(asked: Asked) -> dict[str, str] | None:
    if asked.place.area is not Area.SCHOOLS:
        return None
    found = asked.explorer.schools(asked.place)
    return school_texts(school_rows(found)[0]) if len(found) else None


class SituationView(pn.viewable.Viewer):
    """Shows the answer, and gives it as a brief of each district."""

    def __init__(self) -> None:
        super().__init__()
        self._brief = pmui.FileDownload(
            filename="fiche.pdf",
            label=_BRIEF,
            size="small",
            variant="outlined",
            visible=False,
        )
        self._status = Announcer(margin=(4, 10))
        self._html = LiveHtml(stylesheets=[STYLE], sizing_mode="stretch_width", margin=(0, 10))

    def display(self, asked: Asked, found: Situation) -> None:
        """Show this answer."""
        self._offer(asked, found.districts)
        school = _school_html(found.school) if found.school else ""
        self._html.html = (
            _cards(asked, found)
            + _bar(found.figures)
            + school
            + _parts_html(asked, found.parts)
            + _table(found.figures)
            + note(asked.explorer.smallest_count)
        )

    def _offer(self, asked: Asked, count: int) -> None:
        """Offer the briefs of so many districts; without a callback the button does nothing."""
        is_offered = 0 < count <= MOST_BRIEFS
        self._brief.param.update(
            callback=partial(self._document, asked) if is_offered else None,
            label=_BRIEF if count == 1 else f"Fiches des {number(count)} circonscriptions (PDF)",
            visible=is_offered,
        )

    async def _document(self, asked: Asked) -> io.BytesIO:
        self._status.text = _WRITING
        try:
            document = await asyncio.to_thread(write_brief, asked.explorer, asked.place)
        finally:
            self._status.text = ""
        self._brief.data = None  # the same bytes twice would not be a change
        self._brief.filename = document.filename
        return io.BytesIO(document.content)

    def __panel__(self) -> pn.viewable.Viewable:
        offered = pn.FlexBox(self._brief, self._status, align_items="center")
        return pn.Column(offered, self._html, sizing_mode="stretch_width")


def _cards(asked: Asked, found: Situation) -> str:
    figures, change, label = found.figures, found.change, found.above.label if found.above else ""
    above = found.above_figures
    said = situation_text(
        asked.label, figures, change, label, above.activated_pct if above else None
    )
    shares = (above.activated_pct, above.students_covered_pct) if above else ()
    activated, covered = [f"{label} : {figure_text(share)}" for share in shares] or ["", ""]
    told = [
        card(
            "Comptes activés",
            figure_text(figures.activated_pct),
            *grown_texts(figures, change, "activated_pct"),
            activated,
        ),
        card("Élèves couverts", figure_text(figures.students_covered_pct), covered),
        *(
            card(term, figure_text(figures[name]), *grown_texts(figures, change, name))
            for name, term in _COUNTS.items()
        ),
    ]
    return lead(said) + cards(told)


def _bar(figures: Figures) -> str:
    """The shares of the states side by side; their numbers are in the cards."""
    shares = state_shares(figures)
    if not shares:
        return ""
    parts = "".join(
        f'<span style="width:{share.part:.2f}%;background:{STATES[share.state].light.fill}"></span>'
        for share in shares
    )
    key = " ".join(
        f'<span style="white-space:nowrap"><span aria-hidden="true" style="display:inline-block;'
        f"width:0.8em;height:0.8em;border:1px solid #5b6675;"
        f'background:{STATES[share.state].light.fill}"></span> {share.state.label} '
        f"{figure_text(share.share)}</span>&ensp;"
        for share in shares
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


def _parts_html(asked: Asked, parts: list[tuple[Place, Figures, Growths]]) -> str:
    if not parts:
        return ""
    word = AREA_WORDS[parts[0][0].area][0]
    title = f"Par {word}"
    rows = [
        [
            html.step(place.short, asked.address(place)),
            *(figure_text(figures[column]) for column in FIGURES),
            *(change_text(change[column], "pt") for column in _GROWTHS),
        ]
        for place, figures, change in parts
    ]
    columns = [word.capitalize(), *FIGURES.values(), *_GROWTHS.values()]
    return (
        html.heading(3, title)
        + quiet("De la plus faible part de comptes activés à la plus forte.")
        + html.table(title, columns, rows, row_headers=True)
    )


def _table(figures: Figures) -> str:
    columns = headings(Grouping.STRUCTURE)
    cells = [group_texts(figures, columns)]
    return html.heading(3, _TITLE) + html.table(
        _TITLE, list(columns.values()), cells, row_headers=False
    )
