// The classes with their colours and glyphs; those that are pressed are shown alone.

import { button, element } from "./dom.js";
import { svgPath } from "./palette.js";

/** @param {any} lab */
export function mount(lab) {
  const group = element("div.legend", { role: "group", "aria-label": "Classes: press to show alone" });
  lab.below.append(group);
  const alone = new Set();
  lab.events.addEventListener("theme", build);
  lab.events.addEventListener("legend", press);

  function update() {
    const named = JSON.stringify(lab.classes);
    if (group.dataset.classes === named) return;
    group.dataset.classes = named;
    alone.clear();
    build();
  }

  function build() {
    group.replaceChildren();
    if (lab.classes.length < 2) return;
    lab.classes.forEach((name, label) => {
      const made = button(name, () => toggle(label), { "aria-pressed": String(alone.has(label)) });
      made.prepend(swatch(lab.looks[label]));
      group.append(made);
    });
    group.append(button("All", () => toggle(null), { class: "all", hidden: !alone.size }));
  }

  function toggle(label) {
    if (label === null) alone.clear();
    else if (!alone.delete(label)) alone.add(label);
    if (alone.size === lab.classes.length) alone.clear();
    const others = lab.classes.map((_, at) => at).filter((at) => alone.size && !alone.has(at));
    lab.setHidden(new Set(others));
    if (label === null) /** @type {HTMLElement} */ (group.firstElementChild)?.focus();
    lab.announce(alone.size ? `Shown alone: ${[...alone].map((at) => lab.classes[at]).join(", ")}` : "All classes shown");
  }

  /** Show as pressed what is shown alone, whoever has chosen it. */
  function press() {
    alone.clear();
    if (lab.hidden.size) lab.classes.forEach((_, at) => lab.hidden.has(at) || alone.add(at));
    [...group.children].forEach((child, at) => at < lab.classes.length && child.setAttribute("aria-pressed", String(alone.has(at))));
    const all = /** @type {HTMLElement | null} */ (group.querySelector(".all"));
    if (all) all.hidden = !alone.size;
  }

  return { update };
}

function swatch({ color, glyph }) {
  const box = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [name, value] of [["viewBox", "0 0 20 20"], ["aria-hidden", "true"], ["width", "14"], ["height", "14"]]) box.setAttribute(name, value);
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", svgPath(glyph));
  path.setAttribute("fill", color);
  box.append(path);
  return box;
}
