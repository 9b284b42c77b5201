/** A tool's button in the bar and the section that it opens under the map. */

import { button, element } from "./dom.js";

let made = 0;

/**
 * @param {any} lab
 * @param {{title: string, hint?: string, testid?: string, onopen?: () => void, onclose?: () => void}} about
 */
export function createPanel(lab, { title, hint = "", testid, onopen, onclose }) {
  const id = `aejax-panel-${++made}`;
  const words = element("p.hint", {}, hint);
  const body = element("div.panel-body");
  const section = element("section.panel", { id, "aria-label": title }, element("h3", {}, title), words, body);
  section.hidden = true;
  const toggle = button(title, () => show(section.hidden), { "aria-expanded": "false", "aria-controls": id, testid });
  lab.bar.append(toggle);
  lab.below.append(section);

  function show(open) {
    if (open !== section.hidden) return;
    // The one opened last comes first.
    if (open) lab.below.insertBefore(section, lab.below.querySelector(".panel:not([hidden])"));
    section.hidden = !open;
    toggle.setAttribute("aria-expanded", String(open));
    (open ? onopen : onclose)?.();
    if (open) section.scrollIntoView?.({ block: "nearest" });
  }

  return {
    toggle,
    section,
    body,
    open: () => show(true),
    close: () => show(false),
    isOpen: () => !section.hidden,
    /** What the section says above its controls. @param {string} text */
    say: (text) => (words.textContent = text),
    hint: () => (words.textContent = hint),
  };
}

/**
 * A choice of a few as a row of buttons, of which one is pressed.
 * @param {string} label
 * @param {[string, string][]} entries value and words of each
 * @param {string} chosen
 * @param {(value: string) => void} onchoose
 */
export function createChoice(label, entries, chosen, onchoose) {
  const buttons = new Map(entries.map(([value, words]) => [value, button(words, () => choose(value))]));
  const group = element("div.choice", { role: "group", "aria-label": label }, ...buttons.values());
  let now = chosen;
  press();

  function press() {
    for (const [value, each] of buttons) each.setAttribute("aria-pressed", String(value === now));
  }

  function choose(value) {
    now = value;
    press();
    onchoose(value);
  }

  return {
    group,
    value: () => now,
    choose,
    /** Whether a choice can be taken, and if not why. @param {string} value @param {string} reason */
    forbid: (value, reason) => {
      const each = /** @type {HTMLElement} */ (buttons.get(value));
      each.toggleAttribute("disabled", Boolean(reason));
      each.title = reason;
      if (reason && now === value) choose(entries[0][0]);
    },
  };
}

/**
 * A labelled slider with its value beside it.
 * @param {string} label
 * @param {{min: number, max: number, step: number, value: number, words?: (value: number) => string}} range
 * @param {(value: number) => void} oninput
 */
export function createSlider(label, { min, max, step, value, words = String }, oninput) {
  const told = element("output", {}, words(value));
  const input = /** @type {HTMLInputElement} */ (element("input", { type: "range", min, max, step, value }));
  input.oninput = () => {
    told.textContent = words(input.valueAsNumber);
    input.setAttribute("aria-valuetext", told.textContent);
    oninput(input.valueAsNumber);
  };
  const row = element("div.amount", {}, element("label", {}, element("span", {}, `${label} `), input), told);
  return {
    row,
    input,
    value: () => input.valueAsNumber,
    set: (to) => {
      input.value = String(to);
      told.textContent = words(input.valueAsNumber);
    },
  };
}
