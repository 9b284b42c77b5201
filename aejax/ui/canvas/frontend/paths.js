/** Ways from one pin to another: what is decoded along them, and how many real codes live there. */

import { geodesic, greatCircle, line, neighboursWithin, typicalRadius } from "./curves.js";
import { brief, button, element } from "./dom.js";
import { breath, decodedAll, exampleButton, savePicture, sheetOf, withoutDecoder } from "./gallery.js";
import { createChoice, createPanel } from "./panel.js";
import { codeOf } from "./quantise.js";

const NAMES = ["A", "B"];
const SLICE = 7; // milliseconds
const NEIGHBOUR = 10; // the radius is that in which a code typically has so many others
const SAMPLE = 6000;
const ASKED = 8; // codes of a way that the server finds, for which it compiles once
const STEP = 12; // pixels that an arrow moves a pin by

/** @param {any} lab */
export function mount(lab) {
  let turn = 0;
  /** @type {Float32Array[]} */ let codes = [];
  /** @type {{words: string[], values: ArrayLike<number>}[]} */ let shown = [];
  /** What neighbours are counted among. @type {{points: Float32Array, radius: number, factor: number} | null} */ let company = null;

  const panel = createPanel(lab, { title: "Path", hint: "Set pin A and pin B where the probe is; they can be dragged on the map, or moved by the arrow keys.", onopen: () => walk() });
  const kind = createChoice("Way", [["line", "Line"], ["circle", "Great circle"], ["geodesic", "Geodesic"]], "line", () => walk());
  const words = element("p");
  const strip = element("div.film", { role: "group", "aria-label": "Decoded along the path" });
  const remove = button("Remove pins", () => NAMES.forEach((name) => lab.setPin(name, null)));
  const save = button("Save figure", saveFigure);
  panel.body.append(element("div.row", {}, kind.group, remove, save), words, strip);

  const handles = new Map(NAMES.map((name) => [name, handle(name)]));
  const setters = NAMES.map((name) => button(`Pin ${name}`, () => pin(name), { testid: `pin-${name.toLowerCase()}` }));
  panel.toggle.before(...setters);
  lab.floats.append(...handles.values());
  NAMES.forEach((name) => lab.keys.set(name.toLowerCase(), { keys: [name.toLowerCase(), name], text: `Set pin ${name} at the probe`, run: () => pin(name) }));
  lab.paint.over.unshift(draw);
  lab.events.addEventListener("pins", () => {
    put();
    if (panel.isOpen()) walk();
  });
  for (const name of ["view", "plane"]) lab.events.addEventListener(name, put);
  lab.events.addEventListener("data", () => {
    company = null;
    put();
    if (panel.isOpen()) walk();
  });
  lab.events.addEventListener("decoder", () => panel.isOpen() && walk());

  function pin(name) {
    lab.setPin(name, lab.anchor);
    lab.announce(`Pin ${name} is set`);
    if (lab.pins.has("A") && lab.pins.has("B")) panel.open();
  }

  /** A pin on the map that is dragged, or moved by arrow keys. */
  function handle(name) {
    const made = element("button.pin", { type: "button", title: "Drag, or move by arrow keys; delete removes it" }, name);
    made.hidden = true;
    let held = false;
    made.onpointerdown = (event) => {
      held = true;
      made.setPointerCapture(event.pointerId);
    };
    made.onpointermove = (event) => {
      if (!held) return;
      const box = lab.map.getBoundingClientRect();
      moveTo(name, event.clientX - box.left, event.clientY - box.top);
    };
    made.onpointerup = made.onpointercancel = () => (held = false);
    made.onkeydown = (event) => {
      const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [0, 0];
      if (event.key === "Delete" || event.key === "Backspace") lab.setPin(name, null);
      if (!dx && !dy) return;
      event.preventDefault();
      event.stopPropagation();
      const [px, py] = lab.toScreen(...lab.position(lab.pins.get(name)));
      moveTo(name, px + dx * STEP, py + dy * STEP);
    };
    return made;
  }

  /** A pin moved in the map's plane: what else its code has stays. */
  function moveTo(name, px, py) {
    const anchor = lab.anchor;
    lab.anchor = lab.pins.get(name);
    const code = lab.codeAt(...lab.toWorld(px, py));
    lab.anchor = anchor;
    lab.setPin(name, code);
  }

  function put() {
    for (const [name, made] of handles) {
      const code = lab.pins.get(name);
      made.hidden = !code || !lab.scene;
      if (made.hidden) continue;
      const [px, py] = lab.toScreen(...lab.position(code));
      made.style.transform = `translate(${px - 14}px, ${py - 34}px)`;
    }
  }

  const count = () => Math.min(11, Math.max(5, Math.floor((panel.section.clientWidth || 960) / 92)));

  async function walk() {
    const mine = ++turn;
    if (!lab.scene) return;
    forbid();
    const [a, b] = NAMES.map((name) => lab.pins.get(name));
    const without = withoutDecoder(lab, "strip");
    if (!a || !b || without) {
      [codes, shown] = [[], []];
      words.textContent = without || `Pin ${a ? "B" : "A"} is not set yet.`;
      strip.replaceChildren();
      lab.redraw("over");
      return;
    }
    if (kind.value() !== "geodesic") return show(kind.value() === "line" ? line(a, b, count()) : greatCircle(a, b, count()), mine, wayWords());
    await (lab.decoding.dense() ? here(a, b, mine) : byServer(a, b, mine));
  }

  function forbid() {
    kind.forbid("circle", lab.scene.prior && lab.points.latent > 1 ? "" : "A great circle is for codes that follow a normal distribution around the origin");
    kind.forbid("geodesic", lab.decoding.dense() || lab.asks.includes("geodesic") ? "" : "It needs the decoder's derivatives, which are not here");
  }

  const wayWords = () => (kind.value() === "line" ? "Equal steps on the straight line." : "Equal angles around the origin, where a normal prior has its mass.");

  /** The geodesic found in this browser, a step at a time. */
  async function here(a, b, mine) {
    let begun = performance.now();
    let last = null;
    words.textContent = "Looking for the shortest way …";
    for (const curve of geodesic(lab.decoding.dense(), a, b, count())) {
      last = curve ?? last;
      if (performance.now() - begun < SLICE && !curve?.done) continue;
      if (curve) {
        codes = curve.codes;
        lab.redraw("over");
      }
      await breath();
      if (mine !== turn) return;
      begun = performance.now();
    }
    if (last) await show(last.codes, mine, shortWords(last.energy, last.lineEnergy, last.length));
  }

  async function byServer(a, b, mine) {
    words.textContent = "Looking for the shortest way on the server …";
    const n = ASKED;
    const reply = await lab.ask("geodesic", { a: [...a], b: [...b], count: n });
    if (mine !== turn) return;
    if (!reply) return void (words.textContent = "The code has too many coordinates for a geodesic here.");
    const latent = reply.codes.length / n;
    const found = Array.from({ length: n }, (_, i) => reply.codes.slice(i * latent, (i + 1) * latent));
    await show(found, mine, shortWords(...reply.energies));
  }

  const shortWords = (energy, lineEnergy, length) =>
    `The shortest way as decoded examples measure it: length ${brief(length)} in units of the data, ${Math.round((100 * energy) / lineEnergy)} % of the line's energy.`;

  async function show(found, mine, about) {
    codes = found;
    lab.redraw("over");
    const decoded = await decodedAll(lab, "strip", codes);
    if (!decoded || mine !== turn) return;
    company ??= gathered();
    const { points, radius, factor } = company;
    shown = codes.map((code, i) => {
      const near = Math.round(factor * neighboursWithin(points, code, radius));
      return { values: decoded[i], words: [i === 0 ? "A" : i === codes.length - 1 ? "B" : `${Math.round((100 * i) / (codes.length - 1))} %`, `${near.toLocaleString("en")} near`] };
    });
    strip.replaceChildren(...shown.map(({ values, words: lines }, i) => exampleButton(lab, values, lines, () => lab.setProbe(found[i]))));
    words.textContent = `${about} Under each image: how many real codes are within ${brief(radius)}, where a code typically has ${NEIGHBOUR}.`;
  }

  /** A sample of the codes to count neighbours among, and the radius that fits. */
  function gathered() {
    const { codes: whole, bounds, latent, count: all } = lab.points;
    const step = Math.max(1, Math.ceil(all / SAMPLE));
    const some = Math.ceil(all / step);
    const points = new Float32Array(some * latent);
    for (let i = 0; i < some; i++) points.set(codeOf(whole, bounds, i * step, latent), i * latent);
    return { points, radius: typicalRadius(points, latent, Math.max(1, Math.round(NEIGHBOUR / step))), factor: all / some };
  }

  function draw(context) {
    if (!panel.isOpen() || codes.length < 2 || !lab.scene) return;
    const places = codes.map((code) => lab.toScreen(...lab.position(code)));
    for (const [color, width] of [[lab.theme.ground, 6], [lab.theme.text, 2.5]]) {
      context.strokeStyle = color;
      context.lineWidth = width;
      context.lineJoin = "round";
      context.beginPath();
      places.forEach(([x, y], i) => context[i ? "lineTo" : "moveTo"](x, y));
      context.stroke();
    }
    context.fillStyle = lab.theme.text;
    for (const [x, y] of places) {
      context.beginPath();
      context.arc(x, y, 3.5, 0, 2 * Math.PI);
      context.fill();
    }
  }

  function saveFigure() {
    if (!shown.length) return;
    const cells = shown.map(({ values, words: lines }) => ({ values, words: lines.join(", ") }));
    const title = { line: "Line", circle: "Great circle", geodesic: "Geodesic" }[kind.value()];
    savePicture(sheetOf(lab, `${title} from A to B`, [{ title: "", cells }]), "aejax-path.png");
  }

  return { update: put };
}
