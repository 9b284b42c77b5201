/** One coordinate at a time from its least to its greatest: a row each, those that matter most first. */

import { brief, button, element } from "./dom.js";
import { decodedAll, exampleButton, savePicture, sheetOf, withoutDecoder } from "./gallery.js";
import { variances } from "./histogram.js";
import { createChoice, createPanel } from "./panel.js";
import { descending } from "./selection.js";

const STEPS = 7;
const AT_ONCE = 8; // rows
const SETTLED = 120; // milliseconds

/** @param {any} lab */
export function mount(lab) {
  let turn = 0;
  let first = 0;
  let timer = 0;
  /** @type {Float32Array | null} */ let divergence = null;
  /** @type {import("./gallery.js").Row[]} */ let shown = [];

  const panel = createPanel(lab, {
    title: "Traversals",
    hint: "Each row changes one coordinate of the code at the probe and leaves the others.",
    onopen: begin,
  });
  const order = createChoice("Order of rows", [["variance", "By variance"], ["kl", "By KL"], ["index", "By number"]], "variance", () => {
    first = 0;
    refresh();
  });
  const table = element("div.matrix", { role: "group", "aria-label": "Decoded traversals" });
  const [back, on] = [button("Rows before", () => turnTo(first - AT_ONCE)), button("Rows after", () => turnTo(first + AT_ONCE))];
  const words = element("p");
  panel.body.append(element("div.row", {}, order.group, back, on, button("Save figure", saveFigure)), words, table);

  lab.events.addEventListener("data", () => {
    divergence = null;
    if (panel.isOpen()) begin();
  });
  lab.events.addEventListener("decoder", soon);
  lab.events.addEventListener("probe", (event) => !event.detail?.passing && soon());

  function soon() {
    if (!panel.isOpen()) return;
    clearTimeout(timer);
    timer = setTimeout(refresh, SETTLED);
  }

  async function begin() {
    if (!lab.scene) return;
    first = 0;
    const possible = lab.scene.prior && lab.asks.includes("divergence");
    order.forbid("kl", possible ? "" : "Only a variational model has a divergence");
    refresh();
    if (!possible || divergence) return;
    const reply = await lab.ask("divergence", {});
    divergence = reply?.kl ?? null;
    if (divergence && panel.isOpen()) order.choose("kl");
  }

  function turnTo(row) {
    first = Math.min(Math.max(row, 0), lab.points.latent - 1);
    refresh();
  }

  async function refresh() {
    const mine = ++turn;
    if (!lab.scene || !panel.isOpen()) return;
    const without = withoutDecoder(lab, "traversal");
    const { codes: whole, bounds, latent } = lab.points;
    back.toggleAttribute("disabled", first === 0);
    on.toggleAttribute("disabled", first + AT_ONCE >= latent);
    back.hidden = on.hidden = latent <= AT_ONCE;
    if (without) return void (words.textContent = without);
    const byKl = order.value() === "kl" && divergence;
    const amounts = byKl ? divergence : variances(whole, bounds, latent);
    const sorted = order.value() === "index" ? Array.from({ length: latent }, (_, k) => k) : descending(amounts);
    const rows = sorted.slice(first, first + AT_ONCE);
    words.textContent = `${rows.length} of ${latent} coordinate${latent > 1 ? "s" : ""}; after each name its ${byKl ? "divergence in nats" : "variance"}.`;
    const values = rows.map((k) => Array.from({ length: STEPS }, (_, s) => lab.scene.ranges[k][0] + ((lab.scene.ranges[k][1] - lab.scene.ranges[k][0]) * s) / (STEPS - 1)));
    const anchor = lab.anchor;
    const codes = rows.flatMap((k, r) => values[r].map((value) => anchor.map((old, i) => (i === k ? value : old))));
    const decoded = await decodedAll(lab, "traversal", codes);
    if (!decoded || mine !== turn) return;
    shown = rows.map((k, r) => ({
      title: `${lab.scene.names[k]} · ${brief(amounts[k])}`,
      cells: values[r].map((value, s) => ({ values: decoded[r * STEPS + s], words: brief(value) })),
    }));
    table.replaceChildren(...shown.flatMap(({ title, cells }, r) => rowOf(title, cells, codes.slice(r * STEPS))));
  }

  function rowOf(title, cells, codes) {
    const buttons = cells.map(({ values, words: line }, s) => exampleButton(lab, values, [line], () => lab.setProbe(codes[s])));
    return [element("p.row-title", {}, title), element("div.film", { role: "group", "aria-label": title }, ...buttons)];
  }

  function saveFigure() {
    if (shown.length) savePicture(sheetOf(lab, "Traversals of the code", shown), "aejax-traversals.png");
  }

  return { destroy: () => clearTimeout(timer) };
}
