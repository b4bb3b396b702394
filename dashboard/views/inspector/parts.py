"""Pieces of HTML that several answers share."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape

from dashboard.actions.explore_places import Explorer
from dashboard.domain.place import Place
from dashboard.views.components import html
from dashboard.views.state.inspector_state import InspectorState
from dashboard.wording.statistics_columns import HIDDEN_TEXT, hidden_text

# The figures of places and of kinds of schools, as their tables are headed.
FIGURES = {
    "accounts": "Comptes",
    "not_notified": "Non notifiés",
    "notified": "Notifiés non activés",
    "activating": "En cours",
    "activated": "Activés",
    "activated_pct": "% activés",
    "students_covered_pct": "% élèves couverts",
}
STYLE = (
    html.TABLE_STYLE
    + """
:host { line-height: 1.5; }
h2 { font-size: 1.5rem; margin: 0.2rem 0 0.6rem; overflow-wrap: anywhere; }
h3 { font-size: 1.1rem; margin: 1.6rem 0 0.4rem; }
p { margin: 0.4rem 0; max-width: 60rem; }
p.lead { font-size: 1.05rem; border-left: 4px solid #00507d; padding-left: 0.8rem; }
p.quiet, .quiet { color: #3d4a5c; font-size: 0.875rem; }
a { color: #00507d; }
a:focus-visible, summary:focus-visible, h2:focus-visible, button:focus-visible,
input:focus-visible, select:focus-visible { outline: 3px solid #00507d; outline-offset: 2px; }
div.cards { display: grid; gap: 0.75rem; overflow: visible;
  grid-template-columns: repeat(auto-fit, minmax(10.5rem, 1fr)); margin: 0.6rem 0; }
div.card { border: 1px solid #d5dae1; border-radius: 8px; padding: 0.7rem 0.9rem; }
div.card dt { color: #3d4a5c; font-size: 0.875rem; }
div.card dd { margin: 0; }
div.card dd.figure { font-size: 1.6rem; font-weight: 600; font-variant-numeric: tabular-nums; }
dl { margin: 0; }
td { font-variant-numeric: tabular-nums; }
tbody th { min-width: 8.5rem; }
tbody th span.quiet { display: block; font-weight: 400; }
thead th a { color: inherit; }
details { border: 1px solid #d5dae1; border-radius: 6px; padding: 0.4rem 0.8rem; margin: 1.2rem 0; }
summary { cursor: pointer; font-weight: 600; }
form { display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; align-items: end; margin: 0.8rem 0;
  padding: 0.8rem; background: #f5f8fa; border-radius: 8px; }
form label { display: flex; flex-direction: column; font-size: 0.875rem; gap: 0.15rem;
  max-width: 100%; }
form label.tick { flex-direction: row; align-items: center; gap: 0.4rem; padding-bottom: 0.45rem; }
form input, form select { font: inherit; font-size: 0.95rem; padding: 0.35rem 0.5rem;
  border: 1px solid #6b7480; border-radius: 6px; background: white; max-width: 100%;
  box-sizing: border-box; }
form button, a.button { font: inherit; padding: 0.4rem 0.9rem; border-radius: 6px; cursor: pointer;
  border: 1px solid #00507d; background: #00507d; color: white; text-decoration: none; }
a.button { background: white; color: #00507d; }
svg { vertical-align: middle; }
"""
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it is asked: of which place, and all that its address says."""

    explorer: Explorer
    place: Place
    seen: InspectorState

    @property
    def today(self) -> date:
        return self.explorer.today

    @property
    def label(self) -> str:
        return self.explorer.territory.label(self.place)

    def address(self, place: Place) -> str:
        """The address of another place, all else being the same but what was compared."""
        return self.seen.address(
            place=self.explorer.territory.address_of(place), compared="", also=""
        )


def card(term: str, figure: str, *notes: str) -> str:
    """A figure in large, what it is above, and notes below."""
    below = "".join(f'<dd class="quiet">{html.text(note)}</dd>' for note in notes if note)
    shown = f'<dt>{escape(term)}</dt><dd class="figure">{escape(figure)}</dd>{below}'
    return f'<div class="card"><dl>{shown}</dl></div>'


def cards(items: Sequence[str]) -> str:
    """Cards side by side."""
    return f'<div class="cards">{"".join(items)}</div>'


def lead(text: str) -> str:
    """The answer in a sentence."""
    return f'<p class="lead">{escape(text)}</p>'


def quiet(text: str) -> str:
    """A remark."""
    return f'<p class="quiet">{html.text(text)}</p>'


def hidden_fields(pairs: Sequence[tuple[str, str]]) -> str:
    """What a form keeps of the address."""
    return "".join(
        f'<input type="hidden" name="{escape(name, quote=True)}" '
        f'value="{escape(value, quote=True)}">'
        for name, value in pairs
    )


def select(label: str, name: str, options: Sequence[tuple[str, str]], chosen: str) -> str:
    """A labelled choice of (value, text); a value that is not among them is added as it is."""
    if chosen not in dict(options):
        options = [*options, (chosen, chosen)]
    items = "".join(
        f'<option value="{escape(value, quote=True)}"{" selected" if value == chosen else ""}>'
        f"{escape(text)}</option>"
        for value, text in options
    )
    return f'<label>{escape(label)}<select name="{name}">{items}</select></label>'


def field(label: str, name: str, value: str, kind: str, more: str = "") -> str:
    """A labelled field."""
    return (
        f'<label>{escape(label)}<input type="{kind}" name="{name}" '
        f'value="{escape(value, quote=True)}"{more}></label>'
    )


def tick(label: str, name: str, ticked: bool) -> str:
    """A labelled box to tick."""
    mark = " checked" if ticked else ""
    box = f'<input type="checkbox" name="{name}" value="1"{mark}>'
    return f'<label class="tick">{box}{escape(label)}</label>'


def note(smallest_count: int) -> str:
    """What « n. c. » means, where small counts are hidden."""
    if not smallest_count:
        return ""
    return html.details(
        f"Que veut dire « {HIDDEN_TEXT} » ?", html.paragraph(hidden_text(smallest_count))
    )
