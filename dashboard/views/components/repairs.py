"""Repairs of the shell's library (panel-material-ui), each for a measured defect.

* its page says it is in English, its components lack names and roles, and its busy bar runs for
  other people's work, its dialogs lose the focus that they were opened from (`repairs.js`);
* a page watches the server's global busy state and is never let go (`make_page`);
* the address bar is written but the back button is not heard (`AddressBar`);
* nothing announces results to screen readers (`Announcer`);
* a text box takes back what is typed into it soon after it was left (`make_text_box`);
* a pane of HTML is replaced whole, and the focus in it lost (`LiveHtml`);
* a lost connection leaves a page that looks alive (`say_disconnection`).

Imported, never part of a served script: a script's globals are wiped before sessions end.
"""

from functools import cache
from importlib import resources
from typing import Any, ClassVar

import panel as pn
import panel_material_ui as pmui
import param
from bokeh.document import Document
from bokeh.events import ConnectionLost
from bokeh.models import CustomJS
from jinja2 import Template
from panel.custom import JSComponent
from panel_material_ui.base import _env

_REPLACED = {
    '<html lang="en"': '<html lang="fr"',
    "Resources could not be loaded.": "Les ressources de la page n’ont pas pu être chargées.",
    "Connection with the server could not be established.": (
        "La connexion au serveur est perdue. Rechargez la page."
    ),
}


@cache
def french_template() -> Template:
    """The library's page template, in French, with the repairs loaded first.

    Raises:
        RuntimeError: a newer library words its template otherwise.
    """
    text = resources.files(pmui).joinpath("_templates", "base.html").read_text("utf-8")
    script = resources.files(__package__).joinpath("repairs.js").read_text("utf-8")
    for old, new in (_REPLACED | {"<title>": f"<script>{script}</script>\n<title>"}).items():
        if text.count(old) != 1:
            raise RuntimeError(f"the page template no longer has exactly one {old!r}")
        text = text.replace(old, new)
    template: Template = _env.from_string(text)
    return template


def make_page(**parameters: Any) -> pmui.Page:
    """A page in French that is let go with its session."""
    page = pmui.Page(template=french_template(), **parameters)
    for watcher in list(pn.state.param.watchers.get("busy", {}).get("value", [])):
        if getattr(getattr(watcher.fn, "__self__", None), "self", None) is page:
            pn.state.param.unwatch(watcher)
    return page


def make_text_box(**parameters: Any) -> pmui.TextInput:
    """A text box whose `value_input` is what was typed last.

    The library's own sets it to the box's `value` too, which comes once the box is left: later,
    where threads are at work, than what is typed next.
    """
    box = pmui.TextInput(**parameters)
    for watcher in list(box.param.watchers["value"]["value"]):
        caller = getattr(watcher.fn, "keywords", {})
        if getattr(caller.get("function"), "__name__", "") == "_sync_value_input":
            box.param.unwatch(watcher)
    return box


_DISCONNECTED = """
if (document.getElementById("disconnected")) return;
const banner = document.createElement("div");
banner.id = "disconnected";
banner.setAttribute("role", "alert");
banner.textContent = "La connexion au serveur est perdue. Rechargez la page.";
banner.style.cssText = "position: fixed; inset: auto 0 0 0; z-index: 9999; padding: 1rem; "
  + "background: #6b1408; color: white; font: 600 1rem sans-serif; text-align: center";
document.body.append(banner);
"""


def say_disconnection(document: Document) -> None:
    """Show a banner in the browser when its connection to the server is lost."""
    document.js_on_event(ConnectionLost, CustomJS(code=_DISCONNECTED))


class Announcer(JSComponent):
    """A line of text that screen readers speak when it changes; always text, never HTML."""

    text = param.String("")

    _esm: ClassVar[str] = """
export function render({ model }) {
  const line = document.createElement("div");
  line.setAttribute("role", "status");
  const say = () => { line.textContent = model.text };
  model.on("text", say);
  setTimeout(say, 0);
  return line;
}"""


class LiveHtml(JSComponent):
    """Trusted HTML that changes only where it differs: focus, scrolling, what was opened stay.

    Its links and forms marked ``data-step`` lead to another address of the same page without
    loading it anew, which `AddressBar` hears; when the text marked ``data-arrival`` changes,
    one has arrived there, and it takes the focus.
    The value of a button in it that is pressed is sent to `on_msg`.
    """

    html = param.String("")

    _esm: ClassVar[str] = """
function morph(old, next) {
  if (old.isEqualNode(next)) return;
  const same = old.nodeName === next.nodeName && old.nodeType === next.nodeType;
  if (!same) { old.replaceWith(next); return; }
  if (old.nodeType !== Node.ELEMENT_NODE) { old.nodeValue = next.nodeValue; return; }
  const opened = old.nodeName === "DETAILS" && old.hasAttribute("open");
  for (const { name } of [...old.attributes]) {
    if (!next.hasAttribute(name)) old.removeAttribute(name);
  }
  if (opened) old.setAttribute("open", "");
  for (const { name, value } of next.attributes) old.setAttribute(name, value);
  const [olds, nexts] = [[...old.childNodes], [...next.childNodes]];
  nexts.forEach((node, place) => {
    if (place < olds.length) morph(olds[place], node);
    else old.append(node);
  });
  olds.slice(nexts.length).forEach((node) => node.remove());
}
function step(query) {
  window.history.pushState({}, "", window.location.pathname + query);
  window.dispatchEvent(new PopStateEvent("popstate"));
}
export function render({ model }) {
  const root = document.createElement("div");
  root.innerHTML = model.html;
  const arrival = () => root.querySelector("[data-arrival]");
  root.addEventListener("click", ({ target }) => {
    const button = target.closest("button[value]");
    if (button) model.send_msg(button.value);
  });
  model.on("html", () => {
    const before = arrival()?.textContent;
    const next = document.createElement("div");
    next.innerHTML = model.html;
    morph(root, next);
    root.querySelectorAll("form[data-step]").forEach((form) => form.reset());
    if (before !== undefined && before !== arrival()?.textContent) arrival()?.focus();
  });
  root.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-step]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    step(link.getAttribute("href"));
  });
  root.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-step]")) return;
    event.preventDefault();
    const said = [...new FormData(event.target)].filter(([, value]) => value);
    step("?" + new URLSearchParams(said));
  });
  return root;
}"""


class AddressBar(JSComponent):
    """The query of the browser's address, both ways: setting it makes a step in the history.

    Setting `elsewhere` leaves the page for another.
    """

    search = param.String("")
    elsewhere = param.String("")

    _esm: ClassVar[str] = """
export function render({ model }) {
  const write = () => {
    if (window.location.search === model.search) return;
    const { pathname, hash } = window.location;
    window.history.pushState({}, "", pathname + model.search + hash);
  };
  const read = () => { model.search = window.location.search };
  model.on("search", write);
  model.on("elsewhere", () => window.location.assign(model.elsewhere));
  window.addEventListener("popstate", read);
  model.on("remove", () => window.removeEventListener("popstate", read));
  return document.createElement("span");
}"""
