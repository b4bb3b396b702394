"""HTML written by hand where it is the most accessible form; every value is escaped here."""

from collections.abc import Iterable, Sequence
from html import escape

TABLE_STYLE = """
div { overflow-x: auto; }
div:focus-visible { outline: 3px solid #00507d; }
table { border-collapse: collapse; width: 100%; font-size: 0.9rem; }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
th, td { border: 1px solid #d5dae1; padding: 0.4rem 0.6rem; text-align: right; }
thead th { background: #eef2f6; font-weight: 600; vertical-align: bottom; }
tbody th { text-align: left; font-weight: 500; overflow-wrap: anywhere; min-width: 6rem; }
table.headed-rows thead th:first-child { text-align: left; }
table.headed-rows th:first-child { position: sticky; left: -1px; }
tbody tr, tbody th { background: #ffffff; }
tbody tr:nth-child(even), tbody tr:nth-child(even) th { background: #f8fafc; }
"""
# The title of a dialog stands above its text, and its cross in line with the title.
DIALOG_STYLE = {
    "& .MuiDialogTitle-root": {"padding": "12px 16px"},
    "& .MuiDialogTitle-root + .MuiIconButton-root": {"margin": "7px 7px 0 0"},
}


class Markup(str):
    """Trusted HTML, made here of escaped values: what takes texts leaves it as it is."""

    __slots__ = ()


def text(value: str) -> str:
    """A value as HTML shows it."""
    return value if isinstance(value, Markup) else escape(value)


def step(label: str, address: str, *, current: str = "") -> Markup:
    """A link to another state of the page (`LiveHtml`); `current` where it leads to itself."""
    mark = f' aria-current="{current}"' if current else ""
    return Markup(f'<a data-step href="{escape(address, quote=True)}"{mark}>{text(label)}</a>')


def table(
    caption: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    row_headers: int,
    sorted_by: tuple[int, str] | None = None,
) -> str:
    """A table with its caption and headed columns; the first `row_headers` cells head their row.

    It scrolls sideways where it must, also by keyboard. `sorted_by` is the column that its rows
    are in the order of, and ``ascending`` or ``descending``.
    """
    orders = dict([sorted_by]) if sorted_by else {}
    head = "".join(_column(column, orders.get(place)) for place, column in enumerate(columns))
    body = "".join(f"<tr>{_cells(row, row_headers)}</tr>" for row in rows)
    kind = "headed-rows" if row_headers else ""
    return (
        f'<div role="region" aria-label="{escape(caption, quote=True)}" tabindex="0">'
        f'<table class="{kind}"><caption>{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _column(heading: str, order: str | None) -> str:
    sort = f' aria-sort="{order}"' if order else ""
    return f'<th scope="col"{sort}>{text(heading)}</th>'


def _cells(row: Sequence[str], row_headers: int) -> str:
    heads = "".join(f'<th scope="row">{text(cell)}</th>' for cell in row[:row_headers])
    return heads + "".join(f"<td>{text(cell)}</td>" for cell in row[row_headers:])


def heading(level: int, text: str) -> str:
    """A heading of this level."""
    return f"<h{level}>{escape(text)}</h{level}>"


def details(summary: str, content_html: str) -> str:
    """A section that opens on demand; its content is trusted HTML."""
    return f"<details><summary>{escape(summary)}</summary>{content_html}</details>"


def paragraph(text: str) -> str:
    """A paragraph of text."""
    return f"<p>{escape(text)}</p>"


def code(text: str) -> str:
    """Text to be copied letter by letter."""
    return f"<p><code>{escape(text)}</code></p>"


def definitions(pairs: Iterable[tuple[str, str]]) -> str:
    """Terms and what they are; an empty value is a dash."""
    rows = "".join(
        f"<div><dt>{escape(term)}</dt><dd>{escape(value or '–')}</dd></div>"
        for term, value in pairs
    )
    return f"<dl>{rows}</dl>"


def bullets(items: Iterable[str]) -> str:
    """A list of texts; nothing for none."""
    rows = "".join(f"<li>{escape(item)}</li>" for item in items)
    return f"<ul>{rows}</ul>" if rows else ""


def link_list(text: str, links: Iterable[tuple[str, str]]) -> str:
    """A text, and links (label, address) below it."""
    items = "".join(
        f'<li><a href="{escape(address, quote=True)}">{escape(label)}</a></li>'
        for label, address in links
    )
    return f"{paragraph(text)}<ul>{items}</ul>"
