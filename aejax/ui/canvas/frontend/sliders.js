// A slider for each coordinate of the code, with the density of codes behind it; live while it is dragged.

import { brief, button, element } from "./dom.js";
import { histogram, normals, readCode, variances } from "./histogram.js";
import { column } from "./quantise.js";

const AT_ONCE = 12;
const STEPS = 400;
const BINS = 48;

/** @param {any} lab */
export function mount(lab) {
  const text = element("input", { type: "text", id: "code", autocomplete: "off", spellcheck: "false" });
  const list = element("div.sliders");
  const more = button("More coordinates", () => grow(), { hidden: true });
  const chance = button("Random code", random);
  const acts = element(
    "div.acts",
    {},
    chance,
    button("Mean code", () => go(Float32Array.from(lab.scene.mean), "Mean code")),
    button("Copy code", copy),
  );
  const paste = element("form.find", { onsubmit: take }, element("label", { for: "code" }, "Code"), text, button("Set", null, { type: "submit" }));
  text.onpaste = () => setTimeout(() => take());
  lab.side.append(element("section.code", { "aria-label": "Coordinates" }, element("h3", {}, "Code"), acts, paste, list, more));
  const rows = new Map();
  let order = [];
  let shown = 0;
  let space = null;
  lab.events.addEventListener("probe", (event) => show(event.detail));
  lab.events.addEventListener("theme", () => rows.forEach(paint));
  lab.keys.set("m", { keys: ["m"], text: "Go to the mean code", run: () => go(Float32Array.from(lab.scene.mean), "Mean code") });
  lab.keys.set("r", { keys: ["r"], text: "Go to a random code", run: random });

  function update() {
    const { latent, bounds, codes } = lab.points;
    // A page without a server has nobody to ask.
    chance.hidden = !lab.scene.prior && !lab.asks.includes("sample");
    if (space !== lab.scene.space || order.length !== latent) {
      space = lab.scene.space;
      rows.clear();
      list.replaceChildren();
      shown = 0;
      order = Array.from({ length: latent }, (_, index) => index);
      if (latent > AT_ONCE) {
        const spread = variances(codes, bounds, latent);
        order.sort((a, b) => spread[b] - spread[a]);
      }
      grow();
    }
    rows.forEach(range);
    rows.forEach(paint);
    show();
  }

  function grow() {
    for (const index of order.slice(shown, shown + AT_ONCE)) list.append(make(index));
    shown = Math.min(order.length, shown + AT_ONCE);
    more.hidden = shown >= order.length;
    more.textContent = `More coordinates (${order.length - shown})`;
    rows.forEach(range);
    rows.forEach(paint);
    show();
  }

  function make(index) {
    const name = lab.scene.names[index];
    const density = element("canvas.density", { "aria-hidden": "true" });
    const slider = element("input", { type: "range", "aria-label": name, step: "any" });
    const value = element("span.value", { "aria-hidden": "true" });
    const row = { index, density, slider, value, low: 0, high: 1 };
    slider.oninput = () => {
      const code = Float32Array.from(lab.anchor);
      code[index] = Number(slider.value);
      lab.setProbe(code, { from: slider });
    };
    rows.set(index, row);
    return element("div.slider", {}, element("span", { "aria-hidden": "true" }, name), element("div.track", {}, density, slider), value);
  }

  /** A slider's ends: those of the scene, widened where the code lies beyond. */
  function range(row) {
    const [low, high] = lab.scene.ranges[row.index];
    const at = lab.probe[row.index];
    [row.low, row.high] = [Math.min(low, at), Math.max(high, at)];
    Object.assign(row.slider, { min: row.low, max: row.high, step: String((row.high - row.low) / STEPS) });
  }

  function show(how) {
    for (const row of rows.values()) {
      const at = lab.probe[row.index];
      if (at < row.low || at > row.high) {
        range(row);
        paint(row);
      }
      if (how?.from !== row.slider) row.slider.value = String(at);
      row.value.textContent = brief(at);
      row.slider.setAttribute("aria-valuetext", brief(at));
    }
    if (document.activeElement !== text && !how?.passing) text.value = written(lab.probe);
  }

  /** The density of the codes along a coordinate, and the prior's where there is one. */
  function paint(row) {
    const { density, index, low, high } = row;
    const { codes, bounds, latent } = lab.points;
    const ratio = Math.min(devicePixelRatio || 1, 2);
    const [width, height] = [density.clientWidth || 150, density.clientHeight || 24];
    Object.assign(density, { width: width * ratio, height: height * ratio });
    const context = density.getContext("2d");
    context.scale(ratio, ratio);
    const counts = histogram(column(codes, bounds, index, latent), low, high, BINS);
    const total = lab.points.count * ((high - low) / BINS);
    const expected = (z) => (total * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI);
    const most = Math.max(...counts, lab.scene.prior ? expected(Math.min(Math.max(0, low), high)) : 0, 1e-9);
    context.fillStyle = lab.theme.primary;
    context.globalAlpha = 0.28;
    context.beginPath();
    context.moveTo(0, height);
    counts.forEach((count, bin) => {
      const top = height - (count / most) * (height - 2);
      context.lineTo((bin / BINS) * width, top);
      context.lineTo(((bin + 1) / BINS) * width, top);
    });
    context.lineTo(width, height);
    context.fill();
    if (!lab.scene.prior) return;
    context.globalAlpha = 0.8;
    context.strokeStyle = lab.theme.text;
    context.setLineDash([3, 2]);
    context.beginPath();
    for (let x = 0; x <= width; x += 2) {
      const z = low + (x / width) * (high - low);
      context.lineTo(x, height - (expected(z) / most) * (height - 2));
    }
    context.stroke();
  }

  function go(code, words) {
    lab.setProbe(code, { from: "code" });
    lab.announce(words);
  }

  async function random() {
    if (lab.scene.prior) return go(normals(lab.points.latent), "Random code, drawn from the prior");
    const reply = await lab.ask("sample", {});
    return reply ? go(reply.code, "Random code, drawn from a normal fitted to the codes") : undefined;
  }

  async function copy() {
    const words = written(lab.probe);
    try {
      await navigator.clipboard.writeText(words);
      lab.announce("Code copied");
    } catch {
      text.value = words;
      text.select();
      lab.announce("The code is selected: copy it by the keys of your system");
    }
  }

  function take(event) {
    event?.preventDefault();
    const code = readCode(text.value, lab.points.latent);
    text.setAttribute("aria-invalid", String(!code));
    if (code) go(code, "Code set");
    else lab.announce(`A code here is ${lab.points.latent} numbers parted by commas`);
  }

  return { update };
}

const written = (code) => Array.from(code, (value) => Number(value.toPrecision(6))).join(", ");
