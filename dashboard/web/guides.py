"""The guides as pages: Markdown with headings to go to, pictures, and what the code knows."""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from http import HTTPStatus
from itertools import pairwise
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from tornado.web import HTTPError

from dashboard.domain.names import name_key
from dashboard.domain.scope import Role
from dashboard.guides import GUIDES, PICTURES, ROOT, Guide, guide, guides_for
from dashboard.guides.help import HELP, possibilities
from dashboard.web.handler import Handler, Static
from dashboard.web.staff_pages import FORM_COOKIE, STAFF_COOKIE, StaffService

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
_PICTURES = f"{ROOT}/images"
_WIDE = {"table": "Tableau", "pre": "Extrait"}


@dataclass(frozen=True, slots=True)
class Text:
    """A guide as HTML, and the headings of its sections by what leads to them."""

    html: str
    contents: Mapping[str, str]


def guide_text(shown: Guide, help_contact: str, help_email: str) -> Text:
    """A guide of an installation, filled in."""
    mail = f" (<{help_email}>)" if help_email else ""
    written = guide(shown.file)
    for name, text in {**_from_the_code(), "assistance": f"{help_contact}{mail}"}.items():
        written = written.replace(f"{{{name}}}", text)
    return _rendered(written)


def _from_the_code() -> dict[str, str]:
    """What stands in a guide for what is written elsewhere, by the names in its text."""
    explained = {
        name: "\n".join(f"- **{term}** – {text}" for term, text in help_.terms)
        for name, help_ in HELP.items()
    }
    return explained | {"possibilities": _table(possibilities())}


def _table(rows: Sequence[Sequence[str]]) -> str:
    head, *body = ("| " + " | ".join(row) + " |" for row in rows)
    return "\n".join([head, "|---" * len(rows[0]) + "|", *body])


@cache
def _rendered(written: str) -> Text:
    tokens = _MARKDOWN.parse(written)
    contents = {}
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open":
            section = name_key(inline.content).replace(" ", "-")
            opening.attrSet("id", section)
            if opening.tag == "h2":
                contents[section] = inline.content
        for image in inline.children or []:
            if image.type == "image":
                _place(image)
    html: str = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    for wide, label in _WIDE.items():  # what scrolls is reached by keyboard
        opening_tag = f'<div class="scrolled" tabindex="0" role="group" aria-label="{label}">'
        html = html.replace(f"<{wide}>", f"{opening_tag}<{wide}>")
        html = html.replace(f"</{wide}>", f"</{wide}></div>")
    return Text(html, contents)


def _place(image: Token) -> None:
    """Have a picture come from the application, and take its room before it has come.

    Another picture has another address, so that it may be cached.
    """
    file = PICTURES.parent / str(image.attrs["src"])
    content = file.read_bytes()
    width, height = struct.unpack(">II", content[16:24])  # of a PNG
    version = sha256(content).hexdigest()[:12]
    image.attrs |= {
        "src": f"{_PICTURES}/{file.name}?v={version}",
        "width": width,
        "height": height,
        "loading": "lazy",
    }


class _GuidePage(Handler):
    """A guide, to staff whom it concerns; at this machine, to whoever is there."""

    root = "/"
    form_cookie = FORM_COOKIE
    service: StaffService

    async def get(self, *path: str) -> None:
        if self.service.is_open:
            offered = list(GUIDES.values())
        elif (role := await self._role()) is not None:
            offered = guides_for(role)
        else:
            self.go_to("/?avis=fin")
            return
        shown = next((one for one in offered if one.name == path[0]), None)
        if shown is None:
            raise HTTPError(HTTPStatus.NOT_FOUND)
        pages = self.service.pages
        self.show(
            "guide",
            guide=shown,
            text=guide_text(shown, pages.help_contact, pages.help_email),
            others=[one for one in offered if one is not shown],
            application=self.service.application,
        )

    async def _role(self) -> Role | None:
        token, now = self.get_cookie(STAFF_COOKIE) or "", self.service.clock()
        user = await self.ask(self.service.sessions.who, token, now)
        return user.role if user else None


def guide_routes(service: StaffService) -> list[tuple[Any, ...]]:
    """The patterns of the guides and their pictures, for a Tornado application."""
    pictures = {"path": str(PICTURES), "pages": service.pages}
    return [
        (rf"{_PICTURES}/(.*)", Static, pictures),
        (rf"{ROOT}/(.*)", _GuidePage, {"service": service}),
    ]
