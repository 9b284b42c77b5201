/** The decoded plane under the points: tiles that stay as large on the screen however near one looks. */

import { button, element } from "./dom.js";
import { local, planeOf } from "./gallery.js";
import { paintExample } from "./painting.js";
import { channels } from "./palette.js";
import { createSlider } from "./panel.js";
import { blockOf, createSlots, middleOf, nameOf, parentOf, sizeOf, tilesOf } from "./tiles.js";

const SLICE = 5; // milliseconds of decoding between two frames
const SHEET = 2048; // pixels
const ANCESTORS = 4; // levels up from which a coarser tile stands in for a missing one
const MOST_ASKED = 900;

/** @param {any} lab */
export function mount(lab) {
  let on = false;
  // On a light ground points are dark, and dark pictures would swallow them.
  let opacity = luminance(lab.theme.ground) > 0.5 ? 0.4 : 0.8;
  let working = 0;
  /** Names of the tiles that are decoded as the decoder is now; older pictures are shown until they are. */
  const fresh = new Set();
  const sheet = document.createElement("canvas");
  const brush = document.createElement("canvas");
  let side = 0;
  let plane = "";
  let slots = createSlots(1);

  const toggle = button("Manifold", () => set(!on), { "aria-pressed": "false", testid: "manifold" });
  const slider = createSlider(
    "Opacity of the manifold",
    { min: 0.1, max: 1, step: 0.05, value: opacity, words: (value) => `${Math.round(100 * value)} %` },
    (value) => {
      opacity = value;
      lab.redraw("under");
    },
  );
  const words = element("p.hint");
  const section = element("section.panel", { "aria-label": "Manifold" }, element("h3", {}, "Manifold"), slider.row, words);
  section.hidden = true;
  lab.bar.append(toggle);
  lab.below.append(section);
  lab.paint.under.unshift(draw);

  for (const name of ["decoder", "theme"]) lab.events.addEventListener(name, stale);
  lab.events.addEventListener("data", begin);
  lab.events.addEventListener("plane", begin);
  lab.events.addEventListener("view", () => on && work());
  lab.events.addEventListener("probe", (event) => {
    if (event.detail?.passing || !on || planeOf(lab) === plane) return;
    plane = planeOf(lab);
    stale();
  });

  function set(next) {
    on = next;
    toggle.setAttribute("aria-pressed", String(on));
    section.hidden = !on;
    lab.announce(on ? "Decoded images are under the points" : "The manifold is hidden");
    if (on) begin();
    lab.redraw("under");
  }

  /** All pictures are of another plane or of other examples. */
  function begin() {
    if (!lab.scene) return;
    const [height, width] = lab.scene.kind === "image" && lab.scene.shape.length > 1 ? lab.scene.shape : [96, 96];
    side = Math.min(Math.max(height, width), 128);
    const across = Math.floor(SHEET / side);
    sheet.width = sheet.height = across * side;
    slots = createSlots(across * across);
    words.textContent = told();
    plane = planeOf(lab);
    stale();
  }

  function told() {
    if (!local(lab) && !lab.asks.includes("tiles")) return "There is no decoder for these points, so there are no images.";
    const where = local(lab) ? "in this browser" : "by the server";
    const plane = lab.points.latent > 2 ? ` The other ${lab.points.latent - 2} coordinates are as at the probe.` : "";
    return `Each image is decoded ${where} from the code in its middle; zoom in for finer steps.${plane}`;
  }

  function stale() {
    fresh.clear();
    if (on) work();
  }

  /** @returns {[number, number]} */
  const looked = () => lab.position(lab.probe);

  function wanted() {
    const tiles = tilesOf(lab.view, looked(), coarser());
    return lab.up ? tiles : tiles.filter((tile) => tile.row === tiles[0].row);
  }

  /** As many levels coarser as the sheet, or a request, needs to hold all that is seen. */
  function coarser() {
    for (let levels = 0; ; levels++) {
      const { first, last, low, high } = blockOf(lab.view, levels);
      if ((last - first + 1) * (high - low + 1) <= Math.min(MOST_ASKED, (sheet.width / side) ** 2 / 2)) return levels;
    }
  }

  function work() {
    if (!on || !lab.scene || working) return;
    if (local(lab)) working = requestAnimationFrame(slice);
    else askServer();
  }

  function slice() {
    working = 0;
    if (!on || !lab.scene) return;
    const decoder = local(lab);
    const missing = wanted().filter((tile) => !fresh.has(nameOf(tile)));
    const begun = performance.now();
    for (const tile of missing) {
      put(tile, decoder.decode(lab.codeAt(...middleOf(tile))));
      if (performance.now() - begun > SLICE) break;
    }
    if (!missing.length) return;
    lab.redraw("under");
    work();
  }

  async function askServer() {
    if (!lab.asks.includes("tiles") || lab.busy("tiles")) return;
    const { levelX, levelY, first, last, low, high } = blockOf(lab.view, coarser());
    const [bottom, top] = lab.up ? [low, high] : [0, 0];
    const tiles = [];
    for (let row = top; row >= bottom; row--) for (let column = first; column <= last; column++) tiles.push({ levelX, levelY, column, row });
    if (tiles.every((tile) => fresh.has(nameOf(tile)))) return;
    const { width, height } = sizeOf({ levelX, levelY });
    const corner = lab.codeAt(first * width, (top + 1) * height);
    const towards = (x, y) => Array.from(lab.codeAt(x, y), (value, k) => value - corner[k]);
    const across = towards((last + 1) * width, (top + 1) * height);
    const down = towards(first * width, bottom * height);
    const reply = await lab.ask("tiles", { corner: [...corner], across, down, columns: last - first + 1, rows: top - bottom + 1 });
    if (!reply?.values) return;
    const features = reply.values.length / tiles.length;
    const [least, greatest] = lab.scene.range;
    const unit = (greatest - least) / 255;
    tiles.forEach((tile, i) => {
      const bytes = reply.values.subarray(i * features, (i + 1) * features);
      put(tile, Float32Array.from(bytes, (byte) => least + unit * byte));
    });
    lab.redraw("under");
    askServer();
  }

  function put(tile, values) {
    const name = nameOf(tile);
    const slot = slots.find(name) ?? slots.give(name);
    paintExample(brush, values, lab.scene, lab.theme);
    const across = sheet.width / side;
    const context = /** @type {CanvasRenderingContext2D} */ (sheet.getContext("2d"));
    const [left, top] = [(slot % across) * side, Math.floor(slot / across) * side];
    context.clearRect(left, top, side, side);
    context.drawImage(brush, left, top, side, side);
    fresh.add(name);
  }

  function draw(context) {
    if (!on || !lab.scene || !side) return;
    const tiles = wanted();
    const shown = new Map();
    for (const tile of tiles) {
      let [stand, levels] = [tile, 0];
      while (!slots.has(nameOf(stand)) && levels++ < ANCESTORS) stand = parentOf(stand);
      if (slots.has(nameOf(stand))) shown.set(nameOf(stand), stand);
    }
    context.globalAlpha = opacity;
    // Coarser ones first, so that finer ones lie on top.
    for (const tile of [...shown.values()].sort((a, b) => a.levelX - b.levelX)) place(context, tile);
    context.globalAlpha = 1;
    lab.root.dataset.level = tiles[0].levelX;
    lab.root.dataset.tiles = tiles.filter((tile) => fresh.has(nameOf(tile))).length;
  }

  function place(context, tile) {
    const slot = /** @type {number} */ (slots.find(nameOf(tile)));
    const across = sheet.width / side;
    const { width, height } = sizeOf(tile);
    const [x, y] = lab.toScreen(tile.column * width, (tile.row + 1) * height);
    const [wide, high] = [width * lab.view.sx, height * lab.view.sy];
    // Of a code of one coordinate there is a strip along the lower edge.
    const [top, tall] = lab.up ? [y, high] : [lab.view.height - wide - 24, wide];
    const [left, above] = [(slot % across) * side, Math.floor(slot / across) * side];
    // Whole pixels: where two half transparent edges overlap there is a line.
    const [x1, y1, x2, y2] = [x, top, x + wide, top + tall].map(Math.round);
    context.drawImage(sheet, left, above, side, side, x1, y1, x2 - x1, y2 - y1);
  }

  return {
    destroy: () => cancelAnimationFrame(working),
  };
}

/** Relative lightness of a colour, 0 to 1 (ITU-R BT.601). @param {string} color */
function luminance(color) {
  const [r, g, b] = channels(color);
  return 0.299 * r + 0.587 * g + 0.114 * b;
}
