// Names and roles that the components leave out, set as soon as they appear, in every shadow root;
// and select boxes that open by keyboard. Loaded before any component attaches its shadow root.
(() => {
  const set = (element, name, value) => {
    if (element.getAttribute(name) !== value) element.setAttribute(name, value);
  };
  const repairs = {
    "h3.title": (e) => { set(e, "role", "heading"); set(e, "aria-level", "1"); },
    "header [role=progressbar]": (e) => { e.style.display = "none"; },
    "[role=progressbar]": (e) => set(e, "aria-label", "Avancement"),
    "h5": (e) => { if (!e.textContent.trim()) set(e, "aria-hidden", "true"); },
    "[role=tablist]": (e) => set(e, "aria-label", "Rubriques"),
    "[role=radiogroup]": (e) => {
      if (e.querySelector("input[type=checkbox]")) set(e, "role", "group");
    },
    ".choices__input--cloned": (e) => {
      const label = e.getRootNode().querySelector("label");
      if (label) set(e, "aria-label", label.textContent.trim());
      // It has the role of a plain text box, which a box for searching may not be given.
      set(e, "type", "text");
      e.style.margin = "0";
    },
    ".tabulator": (e) => {
      e.removeAttribute("aria-owns");
      set(e, "role", "table");
      set(e, "aria-label", "Liste des comptes");
    },
    ".tabulator-tableholder": (e) => set(e, "role", "rowgroup"),
    ".tabulator-table": (e) => set(e, "role", "presentation"),
    ".tabulator-headers": (e) => set(e, "role", "row"),
    ".tabulator-col": (e) => {
      if (!e.querySelector(".tabulator-col-title")?.textContent.trim()) {
        set(e, "role", "presentation");
        e.removeAttribute("aria-sort");
      }
    },
    ".tabulator-row input[type=checkbox]": (e) => {
      const cells = e.closest(".tabulator-row").querySelectorAll(".tabulator-cell[tabulator-field]");
      const guardian = [...cells].find((c) => c.getAttribute("tabulator-field") === "guardian");
      set(e, "aria-label", `Sélectionner ${guardian?.textContent.trim() || "la ligne"}`);
    },
    ".tabulator-cell[tabulator-field=guardian] a": (e) => {
      if (e.dataset.opens) return;
      e.dataset.opens = "dialog";
      set(e, "aria-haspopup", "dialog");
      e.addEventListener("click", (event) => {
        // The row's own handler opens the account; another tab or window is the browser's.
        if (!event.ctrlKey && !event.metaKey && !event.shiftKey) event.preventDefault();
      });
    },
    "[role=dialog] button[aria-label=close]": (e) => set(e, "aria-label", "Fermer"),
    "div[role=combobox]": (e) => {
      if (e.dataset.keyboard) return;
      e.dataset.keyboard = "repaired";
      e.addEventListener("keydown", (event) => {
        if (!["Enter", " ", "ArrowDown", "ArrowUp"].includes(event.key)) return;
        event.preventDefault();
        event.stopPropagation();
        e.click();
      }, true);
    },
  };
  // A dialog gives the focus back to what it was opened from, and a row that is drawn anew to the
  // same link or box in it. Each shadow root is listened to: what moves inside one is not heard
  // outside.
  const openers = new Map();
  const focus = { element: null, root: null, selector: "" };
  // A dialog that is open keeps the focus; the library's own trap does not see into shadow roots.
  let isBackward = false;
  const dialogOf = (element) => element && (element.closest("[role=dialog]")
    ?? dialogOf(element.getRootNode().host));
  const stops = (within, also) => [...within.querySelectorAll("*")].flatMap((e) => [
    ...(e === also || (e.tabIndex >= 0 && !e.disabled && e.getClientRects().length) ? [e] : []),
    ...(e.shadowRoot ? stops(e.shadowRoot, also) : []),
  ]);
  // What it was opened from may be disabled by what was done in it: then to what follows that.
  const giveBack = (opener) => {
    if (!opener.disabled) return opener.focus();
    const all = stops(document, opener);
    return all[all.indexOf(opener) + 1]?.focus();
  };
  const keepFocus = (dialog) => {
    const open = [...openers.keys()].filter((one) => one.isConnected).at(-1);
    if (!open || dialog === open) return false;
    stops(open).at(isBackward ? -1 : 0)?.focus();
    return true;
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Tab") isBackward = event.shiftKey;
  }, true);
  const onFocus = (event) => {
    const [element] = event.composedPath();
    // Several roots hear of the same focus, which may have moved on since.
    if (element.getRootNode().activeElement !== element) return;
    const dialog = dialogOf(element);
    if (dialog && !openers.has(dialog)) openers.set(dialog, focus.element);
    if (keepFocus(dialog)) return;
    const [href, label] = [element.getAttribute?.("href"), element.getAttribute?.("aria-label")];
    focus.element = element;
    focus.root = element.getRootNode();
    focus.selector = href
      ? `a[href="${CSS.escape(href)}"]`
      : `[aria-label="${CSS.escape(label ?? "")}"]`;
  };
  const returnFocus = () => {
    for (const [dialog, opener] of openers) {
      if (dialog.isConnected) continue;
      openers.delete(dialog);
      if (opener?.isConnected) giveBack(opener);
    }
    if (document.activeElement !== document.body || !focus.root || focus.element.isConnected) return;
    focus.root.querySelector?.(`.tabulator ${focus.selector}`)?.focus({ preventScroll: true });
  };
  const touched = new Set();
  const repair = () => {
    returnFocus();
    const roots = [...touched];
    touched.clear();
    for (const root of roots) {
      for (const [selector, mend] of Object.entries(repairs)) {
        root.querySelectorAll(selector).forEach(mend);
      }
    }
  };
  const observer = new MutationObserver((mutations) => {
    if (!touched.size) requestAnimationFrame(repair);
    mutations.forEach((mutation) => touched.add(mutation.target.getRootNode()));
  });
  const everything = { childList: true, subtree: true };
  observer.observe(document, everything);
  document.addEventListener("focusin", onFocus, true);
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function attachObserved(options) {
    const root = attach.call(this, options);
    observer.observe(root, everything);
    root.addEventListener("focusin", onFocus, true);
    return root;
  };
})();
