// What the pages do beside what works without a script: shown passwords, a live estimate of a
// password's strength, and forms that are sent once. Nothing is sent that nobody has asked for: what
// opens a page may be a mail scanner.
"use strict";

const SORTS = [[/[a-zà-öø-ÿ]/, 26], [/[A-ZÀ-ÖØ-Þ]/, 26], [/[0-9]/, 10], [/[^0-9A-Za-zÀ-ÖØ-öø-ÿ]/, 33]];
const ROWS = ["azertyuiop", "qsdfghjklm", "wxcvbn", "qwertyuiop", "asdfghjkl", "zxcvbnm",
  "abcdefghijklmnopqrstuvwxyz", "01234567890"];

const bitsEach = (text) =>
  Math.log2(SORTS.reduce((size, [sort, count]) => size + (sort.test(text) ? count : 0), 0) || 1);

// Characters that are neither part of a known word nor follow from the one before.
const surprising = (text, known) => {
  let rest = text.toLowerCase();
  for (const word of known) rest = rest.replaceAll(word, "");
  return [...rest].filter((sign, place) => {
    const pair = (rest[place - 1] ?? "") + sign;
    const back = [...pair].reverse().join("");
    return pair.length < 2 || (pair[0] !== sign && !ROWS.some((row) => row.includes(pair) || row.includes(back)));
  }).length;
};

const judge = (text, needed, known) => {
  if (!text) return [0, ""];
  const each = bitsEach(text);
  const lacking = Math.ceil((needed - [...text].length * each) / each);
  if (lacking > 0) {
    const how = lacking < 2 ? "un caractère" : `${lacking} caractères`;
    return [1, `Trop court : ajoutez encore ${how}, ou d'autres sortes de signes.`];
  }
  const real = surprising(text, known) * each;
  if (real < 0.8 * needed) return [2, "Assez long, mais facile à deviner : ajoutez des mots sans rapport."];
  return real < 1.5 * needed ? [3, "Assez long et varié."] : [4, "Très solide."];
};

document.querySelectorAll("[data-reveals]").forEach((button) => {
  const field = document.getElementById(button.dataset.reveals);
  const word = button.querySelector("[data-word]");
  const show = (shown) => {
    field.type = shown ? "text" : "password";
    word.textContent = shown ? "Masquer" : "Afficher";
  };
  button.hidden = false;
  button.addEventListener("click", () => show(field.type === "password"));
  field.form.addEventListener("submit", () => show(false));
});

document.querySelectorAll("[data-strength-of]").forEach((meter) => {
  const field = document.getElementById(meter.dataset.strengthOf);
  const verdict = meter.querySelector("[role=status]");
  const known = meter.dataset.known.toLowerCase().split(" ").filter((word) => word.length > 2);
  let later;
  meter.hidden = false;
  field.addEventListener("input", () => {
    const [level, words] = judge(field.value, Number(meter.dataset.needed), known);
    meter.dataset.level = level;
    // Read out once the typing pauses, not at each key.
    clearTimeout(later);
    later = setTimeout(() => { verdict.textContent = words; }, 400);
  });
});

document.querySelectorAll("form").forEach((form) => {
  const button = form.querySelector("[type=submit]");
  const mark = (isSent) => button.setAttribute("aria-disabled", isSent);
  form.addEventListener("submit", (event) => {
    if (button.getAttribute("aria-disabled") === "true") event.preventDefault();
    mark(true);
    setTimeout(() => mark(false), 8000);
  });
  window.addEventListener("pageshow", () => mark(false));
});

document.querySelector("[role=alert]")?.focus();
