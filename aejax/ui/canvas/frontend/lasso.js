/** Points chosen by a line drawn around them, and what they have in common. */

import { brief, button, element } from "./dom.js";
import { breath, decodedAll, exampleButton, saveFile, savePicture, sheetOf } from "./gallery.js";
import { createChoice, createPanel } from "./panel.js";
import { codeOf } from "./quantise.js";
import { createThumbnails } from "./thumbnails.js";
import { combinationOf, combined, commaSeparated, histogram, indices, maskText, meanCode, spread, within } from "./selection.js";

const SHOWN = 60; // thumbnails
const SAVED = 10;
const NEAR = 4; // pixels between corners of a line drawn by hand
const BAR = 120; // pixels
const TALL = 2; // points of one coordinate are scattered from -1 to 1

/** @param {any} lab */
export function mount(lab) {
  /** Corners of the lasso, x and y in the map's plane by turns. @type {number[]} */
  let corners = [];
  /** @type {Uint8Array | null} */ let before = null;
  let drawing = false;
  let turn = 0;

  const panel = createPanel(lab, { title: "Lasso", onopen: begin, onclose: end });
  const how = createChoice("How a lasso changes the selection", [["replace", "New"], ["add", "Add"], ["subtract", "Subtract"]], "replace", () => lab.map.focus());
  const all = button("Select all", () => take(new Uint8Array(lab.points.count).fill(1)));
  const turned = button("Invert", () => take(Uint8Array.from({ length: lab.points.count }, (_, i) => 1 - (lab.selection?.[i] ?? 0))));
  const none = button("Clear", () => take(new Uint8Array(lab.points.count)));
  const count = element("p.count");
  const facts = element("div.facts");
  const members = element("div.gallery", { role: "group", "aria-label": "Selected examples" });
  const exports = element("div.row", {}, button("Save rows (CSV)", saveRows), button("Save figure", saveFigure));
  panel.body.append(element("div.row", {}, how.group, all, turned, none), count, facts, members, exports);
  lab.pictures ??= createThumbnails(lab);
  lab.paint.over.push(draw);
  lab.keys.set("l", { keys: ["l", "L"], text: "Lasso: arrows move, space sets a corner, enter closes it", run: () => (panel.isOpen() ? panel.close() : panel.open(), lab.map.focus()) });
  for (const name of ["data", "decoder", "legend"]) lab.events.addEventListener(name, () => panel.isOpen() && describe());
  // First the points are lit, here and in linked panes, and then described.
  lab.events.addEventListener("selection", () => panel.isOpen() && (number(), breath().then(describe)));
  lab.events.addEventListener("theme", () => panel.isOpen() && describe());
  lab.events.addEventListener("mode", () => {
    if (lab.mode !== mode && panel.isOpen()) panel.close();
  });

  const mode = {
    cursor: "crosshair",
    down(px, py) {
      [drawing, corners, before] = [true, [], lab.selection];
      reach(px, py);
      return true;
    },
    move(px, py) {
      if (drawing) reach(px, py);
    },
    up(px, py, event) {
      if (!drawing) return false;
      drawing = false;
      close(event.shiftKey || event.altKey ? combinationOf(event) : how.value());
      return true;
    },
    key(event) {
      if (event.key === " ") corner();
      else if (event.key === "Enter") close(event.shiftKey ? "add" : how.value());
      else if (event.key === "Backspace") corners.splice(-2);
      else if (event.key === "Escape" && corners.length) corners = [];
      else return false;
      lab.redraw("over");
      return true;
    },
  };

  const hint = () =>
    `Draw around points: with shift to add, with alt to take away. By keys: arrows move the probe, space sets a corner, enter closes the line.`;

  function begin() {
    panel.say(hint());
    lab.setMode(mode);
    describe();
    lab.announce(`Lasso. ${hint()}`);
  }

  function end() {
    corners = [];
    if (lab.mode === mode) lab.setMode(null);
    lab.redraw("over");
  }

  function reach(px, py) {
    const [x, y] = lab.toWorld(px, py);
    const [lastX, lastY] = corners.length ? lab.toScreen(...corners.slice(-2)) : [Infinity, Infinity];
    if (Math.hypot(px - lastX, py - lastY) < NEAR) return;
    corners.push(x, y);
    lab.redraw("over");
  }

  /** A corner where the probe is. */
  function corner() {
    corners.push(...lab.position(lab.anchor));
    lab.announce(`Corner ${corners.length / 2}`);
  }

  function close(combination) {
    const outline = lab.up ? corners : interval();
    if (outline.length >= 6) {
      const { xs, ys, count: points } = lab.points;
      const places = new Float32Array(2 * points);
      for (let i = 0; i < points; i++) [places[2 * i], places[2 * i + 1]] = [xs[i], ys[i]];
      const fresh = within(places, outline);
      fresh.forEach((mark, i) => mark && !lab.isShown(i) && (fresh[i] = 0));
      take(combined(before ?? lab.selection, fresh, combination));
    } else if (drawing === false && corners.length) lab.announce(`A lasso needs ${lab.up ? "three" : "two"} corners`);
    [corners, before] = [[], null];
    lab.redraw("over");
  }

  /** Of one coordinate, what lies between the outermost corners: how high a point is drawn means nothing. */
  function interval() {
    const xs = corners.filter((_, i) => i % 2 === 0);
    const [left, right] = [Math.min(...xs), Math.max(...xs)];
    return xs.length > 1 ? [left, -TALL, right, -TALL, right, TALL, left, TALL] : [];
  }

  function take(mask) {
    lab.select(mask);
    // What the server makes of it is drawn by the page: after the points, not before them.
    breath().then(() => lab.send("selection", lab.selection ? maskText(lab.selection) : null));
    const chosen = indices(lab.selection).length;
    lab.announce(chosen ? `${chosen} selected` : "Nothing is selected");
  }

  const chosenCodes = (chosen) => chosen.map((i) => codeOf(lab.points.codes, lab.points.bounds, i, lab.points.latent));

  const selectedMean = () => meanCode(lab.points, (i) => lab.selection[i] === 1);

  /** Say how many are selected, and which they are. */
  function number() {
    const chosen = indices(lab.selection);
    count.textContent = chosen.length
      ? `${chosen.length.toLocaleString("en")} of ${lab.points.count.toLocaleString("en")} selected; the others are dimmed.`
      : "Nothing is selected.";
    return chosen;
  }

  async function describe() {
    const mine = ++turn;
    const chosen = number();
    exports.hidden = !chosen.length;
    if (!chosen.length) return void [facts.replaceChildren(), members.replaceChildren()];
    thumbnails(chosen, mine);
    const pictures = element("div.gallery");
    const errors = element("p");
    const bars = lab.points.labels && lab.classes.length ? [labelBars(chosen)] : [];
    facts.replaceChildren(pictures, errors, ...bars);
    // The members are asked for once the selection has been shown, for that may take the server a while.
    decodedAll(lab, "centroid", [selectedMean()]).then((centroid) => {
      if (centroid) pictures.append(exampleButton(lab, centroid[0], ["Mean code, decoded"], () => lab.setProbe(selectedMean())));
    });
    const told = await lab.ask("members", { selection: maskText(lab.selection) });
    if (mine !== turn || !told?.mean) return;
    pictures.prepend(exampleButton(lab, told.mean, ["Mean example"]));
    errors.textContent = errorWords(told.errors, chosen.length);
  }

  function errorWords(errors, chosen) {
    const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
    const of = errors.length < chosen ? `, of ${errors.length.toLocaleString("en")} of them` : "";
    return `Mean error ${brief(mean)} (squared, per feature${of}).`;
  }

  function labelBars(chosen) {
    const counts = histogram(chosen, lab.points.labels, lab.classes.length);
    const most = Math.max(...counts);
    const rows = lab.classes.map((name, label) => {
      const bar = element("span.count-bar", { style: `width: ${(BAR * counts[label]) / most}px; background: ${lab.looks[label].color}` });
      return element("tr", {}, element("th", { scope: "row" }, name), element("td", {}, bar, ` ${counts[label].toLocaleString("en")}`));
    });
    return element("table.histogram", {}, element("caption", {}, "Labels of the selected, in examples"), element("tbody", {}, ...rows));
  }

  function named(point) {
    const label = lab.labelOf(point);
    return label === null ? `row ${lab.rowOf(point)}` : `${label} · ${lab.rowOf(point)}`;
  }

  function thumbnails(chosen, mine) {
    const some = spread(chosen, SHOWN);
    const buttons = some.map((point) => {
      const picture = /** @type {HTMLCanvasElement} */ (element("canvas", { "aria-hidden": "true" }));
      lab.pictures.paint(picture, point).then((painted) => mine === turn && (picture.hidden = !painted));
      const words = element("span", {}, named(point));
      const look = () => lab.setProbe(codeOf(lab.points.codes, lab.points.bounds, point, lab.points.latent));
      return element("button.example.small", { type: "button", onclick: look }, picture, words);
    });
    members.replaceChildren(...buttons);
    members.title = chosen.length > some.length ? `${some.length} of ${chosen.length}, spread evenly over their rows` : "";
  }

  function saveRows() {
    const chosen = indices(lab.selection);
    const { latent, labels } = lab.points;
    const codes = new Float32Array(chosen.length * latent);
    chosenCodes(chosen).forEach((code, i) => codes.set(code, i * latent));
    const points = {
      rows: chosen.map(lab.rowOf),
      labels: labels ? chosen.map((i) => labels[i]) : null,
      classes: lab.classes,
      codes,
      latent,
      names: lab.scene.names,
    };
    const text = commaSeparated([...chosen.keys()], points);
    saveFile(new Blob([text], { type: "text/csv" }), "aejax-selection.csv");
  }

  async function saveFigure() {
    const chosen = indices(lab.selection);
    const found = await decodedAll(lab, "centroid", [selectedMean()]);
    const told = await lab.ask("members", { selection: maskText(lab.selection) });
    const means = [];
    if (told?.mean) means.push({ values: told.mean, words: "mean example" });
    if (found) means.push({ values: found[0], words: "mean code" });
    const some = await Promise.all(spread(chosen, SAVED).map(pictured));
    const counts = lab.points.labels ? histogram(chosen, lab.points.labels, lab.classes.length) : [];
    const note = lab.classes.map((name, label) => `${name}: ${counts[label]}`).filter((_, label) => counts[label]).join("   ");
    const rows = [means, some].filter((cells) => cells.length).map((cells) => ({ title: "", cells }));
    const title = `${chosen.length.toLocaleString("en")} of ${lab.points.count.toLocaleString("en")} selected`;
    savePicture(sheetOf(lab, title, rows, note), "aejax-selection.png");
  }

  async function pictured(point) {
    const picture = /** @type {HTMLCanvasElement} */ (element("canvas"));
    await lab.pictures.paint(picture, point);
    return { picture, words: named(point) };
  }

  function draw(context) {
    if (!corners.length) return;
    context.beginPath();
    for (let i = 0; i < corners.length; i += 2) context[i ? "lineTo" : "moveTo"](...lab.toScreen(corners[i], corners[i + 1]));
    if (!drawing) context.lineTo(...lab.toScreen(...lab.position(lab.anchor)));
    context.fillStyle = context.strokeStyle = lab.theme.primary;
    context.globalAlpha = 0.12;
    context.fill();
    context.globalAlpha = 1;
    context.lineWidth = 2;
    context.stroke();
  }

  return {};
}
