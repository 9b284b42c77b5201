/** How far a place of the map can be trusted: where codes lie, how a code comes back, how the decoder stretches. */

import { logMagnification } from "./curves.js";
import { brief, button, element } from "./dom.js";
import { centres, density, limits, nearestDistances, scottWidths, supportThreshold, valueAt } from "./fields.js";
import { breath, planeOf, savePicture } from "./gallery.js";
import { channels } from "./palette.js";
import { createChoice } from "./panel.js";
import { RATIO, layers } from "./picture.js";
import { codeOf } from "./quantise.js";
import { paintField, paintHatch, paintScale } from "./shading.js";
import { seen } from "./view.js";

const SIDE = 32; // cells along each side of the map
const ALONG = 160; // cells of a code of one coordinate
const FINE = 160; // cells along each side of the density, which costs little
const SLICE = 6; // milliseconds
const SETTLED = 220; // milliseconds after the last move of the map
const SAMPLE = 3000;
const MIN_INSIDE = 20; // cells that make a scale
const SUPPORTED = 0.98;
const OPACITY = 0.85;
const TALL = { bottom: -20, top: 20 }; // of a code of one coordinate, whose points are scattered from -1 to 1
const MOST_LOCAL = 4; // coordinates up to which the browser differentiates

/** What the three measures are called, counted in and coloured with; `log` where the values are logarithms. */
const MEASURES = {
  density: { title: "Density of codes", unit: "codes per unit of area", hue: "#0072B2" },
  roundTrip: { title: "Round-trip error", unit: "|E(D(z)) − z|, in units of the code", hue: "#D55E00" },
  magnification: { title: "Magnification", unit: "√det J′J of the decoder", hue: "#9A4C9E", log: true },
};
const DISTANCE = { title: "Distance to the nearest code", unit: "units of the code, in all coordinates", hue: "#0072B2" };

/** @param {any} lab */
export function mount(lab) {
  let on = false;
  let turn = 0;
  let timer = 0;
  /** @type {import("./fields.js").Field | null} */ let field = null;
  /** @type {import("./fields.js").Field | null} */ let support = null;
  let threshold = 0;
  /** Codes that distances are measured to. */
  let sample = new Float32Array();
  let plane = "";
  /** @type {[number, number]} */ let range = [0, 1];
  const picture = document.createElement("canvas");

  const toggle = button("Honesty", () => set(!on), { "aria-pressed": "false", testid: "honesty" });
  const entries = Object.entries(MEASURES).map(([name, { title }]) => /** @type {[string, string]} */ ([name, title]));
  const choice = createChoice("Measure", entries, "density", () => compute());
  const legend = /** @type {HTMLCanvasElement} */ (element("canvas.legend-bar", { "aria-hidden": "true" }));
  const [least, greatest, unit, here] = ["least", "greatest", "unit", "here"].map((name) => element(`span.${name}`));
  const hatch = element("p.hint");
  const scale = element("div.scale", {}, least, legend, greatest);
  const save = button("Save figure", () => saved());
  const texts = [element("p", {}, unit), hatch, element("p", {}, here)];
  const section = element("section.panel", { "aria-label": "Honesty" }, element("h3", {}, "Honesty"), choice.group, scale, ...texts, element("div.row", {}, save));
  section.hidden = true;
  lab.bar.append(toggle);
  lab.below.append(section);
  lab.paint.under.unshift(draw);
  lab.paint.under.push(hatching);

  for (const name of ["view", "plane"]) lab.events.addEventListener(name, soon);
  // While a model trains these come too often to be waited for: once in a while will do.
  for (const name of ["data", "decoder"]) lab.events.addEventListener(name, () => timer || soon());
  lab.events.addEventListener("theme", () => on && colour());
  lab.events.addEventListener("probe", (event) => {
    tell();
    if (on && !event.detail?.passing && planeOf(lab) !== plane) soon();
  });

  function set(next) {
    on = next;
    toggle.setAttribute("aria-pressed", String(on));
    section.hidden = !on;
    if (on) compute();
    lab.announce(on ? `Honesty layer: ${measure().title}` : "The honesty layer is hidden");
    lab.redraw("under");
  }

  const whole = () => lab.points.latent <= 2;
  const measure = () => (choice.value() === "density" && !whole() ? DISTANCE : MEASURES[choice.value()]);

  function soon() {
    if (!on) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      timer = 0;
      compute();
    }, SETTLED);
  }

  function forbid() {
    const asks = lab.asks.includes("honesty");
    const decoder = lab.decoding.dense();
    choice.forbid("roundTrip", asks ? "" : "It needs the encoder, which is not here");
    choice.forbid("magnification", asks || decoder ? "" : "It needs the decoder's derivatives, which are not here");
  }

  async function compute() {
    if (!on || !lab.scene) return;
    const mine = ++turn;
    forbid();
    section.setAttribute("aria-busy", "true");
    plane = planeOf(lab);
    const box = seen(lab.view);
    const fresh = await supportOf(box, mine);
    if (mine !== turn) return;
    const name = choice.value();
    const next = name === "density" ? fresh : await measured(name, box, mine);
    if (mine !== turn) return;
    section.removeAttribute("aria-busy");
    [support, field] = [fresh, next];
    if (field) range = rangeOf(field);
    colour();
  }

  const cellsAcross = () => (lab.up ? [SIDE, SIDE] : [ALONG, 1]);

  /** Density in the plane where it is the whole space; else the distance to the nearest code, through all coordinates. */
  async function supportOf(box, mine) {
    if (!whole()) return farness(box, mine);
    const { xs, ys, count } = lab.points;
    const middle = (lab.extent.bottom + lab.extent.top) / 2;
    const places = new Float32Array(2 * count);
    for (let i = 0; i < count; i++) [places[2 * i], places[2 * i + 1]] = [xs[i], lab.up ? ys[i] : middle];
    const widths = scottWidths(places);
    const { left, right, bottom, top } = lab.extent;
    const wide = { left: left - 3 * widths[0], right: right + 3 * widths[0] };
    const high = lab.up ? { bottom: bottom - 3 * widths[1], top: top + 3 * widths[1] } : TALL;
    const found = density(places, { ...wide, ...high }, FINE, lab.up ? FINE : 1, widths);
    // Of one coordinate the density is one of length, not of area.
    if (!lab.up) found.values = found.values.map((value) => value * (TALL.top - TALL.bottom));
    threshold = supportThreshold(found, places, SUPPORTED);
    return found;
  }

  async function farness(box, mine) {
    const { codes, bounds, latent, count } = lab.points;
    const step = Math.max(1, Math.ceil(count / SAMPLE));
    const some = Math.ceil(count / step);
    sample = new Float32Array(some * latent);
    for (let i = 0; i < some; i++) sample.set(codeOf(codes, bounds, i * step, latent), i * latent);
    const own = nearestDistances(sample, sample.subarray(0, Math.min(300, some) * latent), latent, true).sort();
    threshold = own[Math.min(own.length - 1, Math.floor(SUPPORTED * own.length))];
    return fieldOf(box, mine, (code) => nearestDistances(sample, code, latent)[0]);
  }

  /** What a function makes of the code of each cell, with breaths between. */
  async function fieldOf(box, mine, of) {
    const [columns, rows] = cellsAcross();
    const plane = centres(box, columns, rows);
    const values = new Float32Array(columns * rows);
    let begun = performance.now();
    for (let i = 0; i < values.length && mine === turn; i++) {
      values[i] = of(lab.codeAt(plane[2 * i], plane[2 * i + 1]));
      if (performance.now() - begun < SLICE) continue;
      await breath();
      begun = performance.now();
    }
    return { columns, rows, box, values };
  }

  async function measured(name, box, mine) {
    const decoder = lab.decoding.dense();
    if (name === "magnification" && decoder && (decoder.latent <= MOST_LOCAL || !lab.asks.includes("honesty"))) {
      return fieldOf(box, mine, (code) => logMagnification(decoder, code));
    }
    const corner = lab.codeAt(box.left, box.top);
    const towards = (x, y) => Array.from(lab.codeAt(x, y), (value, k) => value - corner[k]);
    const plane = { corner: [...corner], across: towards(box.right, box.top), down: towards(box.left, box.bottom) };
    const [columns, rows] = cellsAcross();
    const reply = await lab.ask("honesty", { ...plane, columns, rows });
    return reply?.[name] ? { columns, rows, box, values: reply[name] } : null;
  }

  /** The ends of the scale: of where codes are, for elsewhere the measures know no bounds. */
  function rangeOf({ columns, rows, box, values }) {
    if (choice.value() === "density" && whole()) return /** @type {[number, number]} */ ([0, Math.max(...values)]);
    const plane = centres(box, columns, rows);
    const inside = values.filter((_, i) => {
      const known = support && valueAt(support, plane[2 * i], plane[2 * i + 1]);
      return known !== null && !unsupported(known);
    });
    return limits(inside.length > MIN_INSIDE ? inside : values);
  }

  const shown = (value) => (measure().log ? brief(Math.exp(value)) : brief(value));
  const unsupported = (value) => (whole() ? value < threshold : value > threshold);

  function colour() {
    const { title, unit: words, hue, log } = measure();
    const [from, to] = [channels(lab.theme.ground), channels(hue)];
    paintScale(legend, from, to);
    const exact = choice.value() === "density" && whole();
    least.textContent = `${exact ? "" : "≤ "}${shown(range[0])}`;
    greatest.textContent = `${exact ? "" : "≥ "}${shown(range[1])}`;
    const area = choice.value() === "density" && whole() && !lab.up ? "codes per unit of z1" : words;
    unit.textContent = field ? `${title}: ${area}${log ? ", on a logarithmic scale" : ""}.` : `${title}: it cannot be worked out here.`;
    hatch.textContent = whole()
      ? `Hatched: fewer codes than where ${100 * SUPPORTED} % of them lie; what is decoded there is a guess.`
      : `Hatched: farther from any code than ${100 * SUPPORTED} % of codes are from one another; a guess. The plane goes through the probe.`;
    if (field) paintField(picture, field, range, from, to);
    tell();
    lab.redraw("under");
  }

  function tell() {
    if (!on || !field || !lab.scene) return;
    const [x, y] = lab.position(lab.probe);
    const value = valueAt(field, x, lab.up ? y : (field.box.bottom + field.box.top) / 2);
    const known = whole()
      ? support && valueAt(support, x, lab.up ? y : (support.box.bottom + support.box.top) / 2)
      : nearestDistances(sample, lab.probe, lab.points.latent)[0];
    // Beyond the box of a density there are no codes.
    const doubt = known === null || unsupported(known);
    const told = value === null ? [] : [`${shown(value)}.`];
    if (doubt) told.push("No codes are here, so what is decoded is a guess.");
    here.textContent = told.length ? `At the probe: ${told.join(" ")}` : "";
  }

  function draw(context) {
    if (!on || !lab.scene || !field) return;
    context.globalAlpha = OPACITY;
    context.drawImage(picture, ...rectangle(field.box));
    context.globalAlpha = 1;
  }

  /** Above the manifold, so that a guess is seen to be one. */
  function hatching(context) {
    if (on && lab.scene && support) paintHatch(context, support, rectangle(support.box), unsupported, whole(), lab);
  }

  /** @returns {[number, number, number, number]} */
  function rectangle({ left, right, bottom, top }) {
    const [x, y] = lab.toScreen(left, top);
    const [x2, y2] = lab.toScreen(right, bottom);
    return [x, y, x2 - x, y2 - y];
  }

  function saved() {
    const { width, height } = lab.view;
    const figure = document.createElement("canvas");
    Object.assign(figure, { width: width * RATIO, height: (height + 60) * RATIO });
    const context = /** @type {CanvasRenderingContext2D} */ (figure.getContext("2d"));
    context.fillStyle = lab.theme.ground;
    context.fillRect(0, 0, figure.width, figure.height);
    context.scale(RATIO, RATIO);
    for (const layer of layers(lab)) context.drawImage(layer, 0, 0, width, height);
    context.fillStyle = lab.theme.text;
    context.font = `13px ${lab.theme.font}`;
    context.drawImage(legend, 12, height + 10, 160, 14);
    context.fillText(`${least.textContent} to ${greatest.textContent}`, 184, height + 22);
    context.fillText(`${unit.textContent} ${hatch.textContent}`, 12, height + 46, width - 24);
    savePicture(figure, "aejax-honesty.png");
  }

  return { destroy: () => clearTimeout(timer) };
}
