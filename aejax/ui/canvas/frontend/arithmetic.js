/** Group A less group B as a direction: how much of it is added to the code is a slider. */

import { brief, button, element } from "./dom.js";
import { decodedAll, exampleButton, savePicture, sheetOf, withoutDecoder } from "./gallery.js";
import { createPanel, createSlider } from "./panel.js";
import { meanCode } from "./selection.js";

const AMOUNTS = [-1, -0.5, 0, 0.5, 1, 1.5];

/** @param {any} lab */
export function mount(lab) {
  let turn = 0;
  /** The code that the direction is added to. @type {Float32Array | null} */ let start = null;
  let moving = false;
  let last = new Float32Array();
  /** Mean codes of selections that were kept. @type {Map<string, Float32Array>} */ const kept = new Map();
  /** @type {{values: ArrayLike<number>, words: string}[]} */ let shown = [];

  const panel = createPanel(lab, {
    title: "Arithmetic",
    hint: "The mean code of group A less that of group B, added to the code at the probe.",
    onopen: begin,
  });
  const choosers = ["A", "B"].map((name) => element("select", { "aria-label": `Group ${name}`, onchange: () => refresh() }));
  const labels = ["A", "B"].map((name, i) => element("label", {}, `Group ${name} `, choosers[i]));
  const keep = button("Keep selection as a group", keepSelection);
  const amount = createSlider("Times (A − B)", { min: -2, max: 2, step: 0.05, value: 0, words: (value) => value.toFixed(2).replace("-", "−") }, apply);
  const words = element("p");
  const strip = element("div.film", { role: "group", "aria-label": "Decoded with more and less of the direction" });
  const rebase = button("Start from the probe", () => begin());
  panel.body.append(element("div.row", {}, ...labels, keep, rebase, button("Save figure", saveFigure)), amount.row, words, strip);

  lab.events.addEventListener("data", () => {
    kept.clear();
    start = null;
    if (panel.isOpen()) begin();
  });
  lab.events.addEventListener("decoder", () => panel.isOpen() && refresh());
  lab.events.addEventListener("probe", (event) => {
    // The pointer that leaves the map sets the probe back where it was: that is no other start.
    if (!event.detail?.passing && !moving && panel.isOpen() && last.join() !== lab.anchor.join()) begin();
  });
  lab.events.addEventListener("selection", () => keep.toggleAttribute("disabled", !lab.selection));
  keep.toggleAttribute("disabled", true);

  function begin() {
    if (!lab.scene) return;
    start = last = lab.anchor.slice();
    amount.set(0);
    offer();
    refresh();
  }

  /** The groups there are: all points, each class, and the selections that were kept. */
  function offer() {
    const names = ["all points", ...(lab.points.labels ? lab.classes : []), ...kept.keys()];
    choosers.forEach((chooser, at) => {
      const before = /** @type {HTMLSelectElement} */ (chooser).value;
      const known = names.includes(before) ? before : names[Math.min(at + 1, names.length - 1)];
      chooser.replaceChildren(...names.map((name) => element("option", { value: name, selected: name === known }, name)));
    });
  }

  function keepSelection() {
    const name = `selection ${kept.size + 1}`;
    kept.set(name, meanCode(lab.points, (i) => lab.selection[i] === 1));
    offer();
    lab.announce(`Kept as ${name}`);
  }

  function groupCode(at) {
    const name = /** @type {HTMLSelectElement} */ (choosers[at]).value;
    const label = lab.classes.indexOf(name);
    return kept.get(name) ?? meanCode(lab.points, (i) => label < 0 || lab.points.labels[i] === label);
  }

  function direction() {
    const [a, b] = [groupCode(0), groupCode(1)];
    return a.map((value, k) => value - b[k]);
  }

  const moved = (along, times) => /** @type {Float32Array} */ (start).map((value, k) => value + times * along[k]);

  function apply(times) {
    moving = true;
    lab.setProbe(moved(direction(), times), { from: "arithmetic" });
    moving = false;
    last = lab.anchor;
  }

  async function refresh() {
    const mine = ++turn;
    const without = withoutDecoder(lab, "strip");
    if (!start || without) return void (words.textContent = without);
    const along = direction();
    const length = Math.hypot(...along);
    words.textContent = length > 0 ? `A − B has length ${brief(length)} in units of the code.` : "The two groups are the same: there is nothing to add.";
    const decoded = await decodedAll(lab, "strip", AMOUNTS.map((times) => moved(along, times)));
    if (!decoded || mine !== turn) return;
    shown = AMOUNTS.map((times, i) => ({ values: decoded[i], words: `${times > 0 ? "+" : ""}${String(times).replace("-", "−")}` }));
    strip.replaceChildren(...shown.map(({ values, words: line }, i) => exampleButton(lab, values, [line], () => set(AMOUNTS[i]))));
  }

  function set(times) {
    amount.set(times);
    apply(times);
  }

  function saveFigure() {
    const [a, b] = choosers.map((chooser) => /** @type {HTMLSelectElement} */ (chooser).value);
    if (shown.length) savePicture(sheetOf(lab, `Times (${a} − ${b})`, [{ title: "", cells: shown }]), "aejax-arithmetic.png");
  }

  return {};
}
