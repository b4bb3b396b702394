"""A button with a question mark that explains what is beside it, and leads to the guide."""

from typing import Any, ClassVar

import param
from panel.custom import JSComponent

from dashboard.guides.help import HELP

_STYLE = """
:host { position: relative; }
button { width: 1.75rem; height: 1.75rem; padding: 0; font: 700 0.95rem/1 inherit; color: #00507d;
  background: #ffffff; border: 1.5px solid #00507d; border-radius: 50%; cursor: pointer; }
button:hover { background: #e8f1f7; }
:focus-visible { outline: 3px solid #00507d; outline-offset: 2px; }
[role=region] { box-sizing: border-box; width: min(26rem, calc(100vw - 2rem));
  max-height: calc(100vh - 4rem); overflow-y: auto; padding: 0.75rem 1rem; color: #16202c;
  background: #ffffff; border: 1px solid #66727f; border-radius: 8px; font-size: 0.9rem;
  line-height: 1.45; box-shadow: 0 6px 24px rgb(0 20 40 / 25%); }
@supports (position-area: bottom) {
  [role=region] { margin: 4px; inset: auto; position-area: bottom span-right;
    position-try-fallbacks: flip-inline, flip-block, flip-block flip-inline; }
}
dl { margin: 0; }
dt { font-weight: 600; }
dd { margin: 0 0 0.5rem; }
a { color: #00507d; }
"""


class HelpButton(JSComponent):
    """Shows and hides one of the explanations of `HELP`; Escape hides it and nothing else."""

    label = param.String("")
    terms = param.List([])
    address = param.String("")

    _stylesheets: ClassVar[list[str]] = [_STYLE]
    _esm: ClassVar[str] = """
export function render({ model, el }) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "?";
  button.setAttribute("aria-label", model.label);
  const note = document.createElement("div");
  if (!("popover" in note)) {  // an old browser is led to the guide
    button.addEventListener("click", () => window.open(model.address));
    return button;
  }
  note.id = "explained";
  note.popover = "auto";
  note.tabIndex = 0;
  note.setAttribute("role", "region");
  note.setAttribute("aria-label", model.label);
  button.setAttribute("aria-expanded", "false");
  button.setAttribute("aria-controls", note.id);
  button.popoverTargetElement = note;
  const explain = () => {
    const list = document.createElement("dl");
    for (const words of model.terms) {
      ["dt", "dd"].forEach((name, place) => {
        const part = document.createElement(name);
        part.textContent = words[place];
        list.append(part);
      });
    }
    const link = document.createElement("a");
    link.href = model.address;
    link.target = "_blank";
    link.textContent = "En savoir plus (nouvel onglet)";
    note.replaceChildren(list, link);
  };
  note.addEventListener("beforetoggle", ({ newState }) => {
    if (newState === "open") explain();
  });
  note.addEventListener("toggle", ({ newState }) => {
    button.setAttribute("aria-expanded", String(newState === "open"));
    if (newState === "closed") note.replaceChildren();
  });
  // The window around it would close as well.
  for (const part of [button, note]) {
    part.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !note.matches(":popover-open")) return;
      event.preventDefault();
      event.stopPropagation();
      note.hidePopover();
      button.focus();
    });
  }
  const both = document.createElement("span");
  both.append(button, note);
  return both;
}"""

    def __init__(self, subject: str, **parameters: Any) -> None:
        explained = HELP[subject]
        super().__init__(
            label=explained.title,
            terms=[list(term) for term in explained.terms],
            address=f".{explained.address}",
            **{"width": 30, "height": 30, "margin": (4, 6)} | parameters,
        )
