/** Decoded examples in rows: asked for all at once, shown as buttons, and saved as one picture. */

import { element } from "./dom.js";
import { isPicture, paintExample } from "./painting.js";

const SLICE = 7; // milliseconds of decoding at a stretch, so that a frame of the pointer is never missed
const CELL = 84;

/** The next moment at which the page has painted. */
export const breath = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));

/** What decodes here and now, without asking anyone; null if nothing does. @param {any} lab */
export const local = (lab) => lab.decoding.dense() ?? lab.decoding.grid();

/** Whether the tool's codes can be decoded, here or by the server. @param {any} lab @param {string} kind */
export const canDecode = (lab, kind) => Boolean(local(lab)) || lab.asks.includes(kind);

/**
 * The examples of some codes; null if a newer request of the kind overtook this one, or none can be had.
 * @param {any} lab @param {string} kind of request, where the server decodes @param {Float32Array[]} codes
 * @returns {Promise<Float32Array[] | null>}
 */
export async function decodedAll(lab, kind, codes) {
  const decoder = local(lab);
  if (!decoder) {
    const reply = codes.length ? await lab.ask(kind, { codes: codes.map((code) => [...code]) }) : null;
    if (!reply?.values) return null;
    const features = reply.values.length / codes.length;
    return codes.map((_, i) => reply.values.subarray(i * features, (i + 1) * features));
  }
  /** @type {Float32Array[]} */ const found = [];
  let begun = performance.now();
  for (const code of codes) {
    found.push(decoder.decode(code).slice());
    if (performance.now() - begun < SLICE) continue;
    await breath();
    begun = performance.now();
  }
  return found;
}

/**
 * An example with words under it; a button where there is something to do.
 * @param {any} lab @param {ArrayLike<number>} values @param {string[]} words a line each @param {(() => void) | null} onclick
 */
export function exampleButton(lab, values, words, onclick = null) {
  const picture = /** @type {HTMLCanvasElement} */ (element("canvas", { "aria-hidden": "true" }));
  const lines = words.map((line) => element("span", {}, line));
  const made = onclick
    ? element("button.example", { type: "button", onclick }, picture, ...lines)
    : element("div.example", {}, picture, ...lines);
  paintExample(picture, values, lab.scene, lab.theme);
  return made;
}

/**
 * A figure to be saved: a title, rows of examples with words under them, and a note.
 * @typedef {{values?: ArrayLike<number>, picture?: HTMLCanvasElement, words: string}} Cell an example, or a picture of it
 * @typedef {{title: string, cells: Cell[]}} Row
 * @param {any} lab @param {string} title @param {Row[]} rows @param {string} note
 */
export function sheetOf(lab, title, rows, note = "") {
  const margin = rows.some((row) => row.title) ? 110 : 12;
  const columns = Math.max(...rows.map((row) => row.cells.length));
  const scale = 2;
  const canvas = /** @type {HTMLCanvasElement} */ (element("canvas"));
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const heading = `600 15px ${lab.theme.font}`;
  context.font = heading;
  const least = context.measureText(title).width + 24;
  const [width, height] = [Math.max(least, margin + columns * (CELL + 6) + 12), 44 + rows.length * (CELL + 24) + (note ? 22 : 0)];
  Object.assign(canvas, { width: width * scale, height: height * scale });
  context.scale(scale, scale);
  context.fillStyle = lab.theme.ground;
  context.fillRect(0, 0, width, height);
  context.fillStyle = lab.theme.text;
  context.font = heading;
  context.fillText(title, 12, 24);
  context.imageSmoothingEnabled = false;
  rows.forEach((row, at) => paintRow(context, lab, row, 40 + at * (CELL + 24), margin));
  context.fillText(note, 12, height - 12, width - 24);
  return canvas;
}

/** @param {CanvasRenderingContext2D} context @param {any} lab @param {Row} row @param {number} top @param {number} margin */
function paintRow(context, lab, { title, cells }, top, margin) {
  context.font = `12px ${lab.theme.font}`;
  context.textAlign = "left";
  context.fillText(title, 12, top + CELL / 2, margin - 18);
  context.textAlign = "center";
  const own = /** @type {HTMLCanvasElement} */ (element("canvas"));
  cells.forEach(({ values, picture: given, words }, at) => {
    if (values) paintExample(own, values, lab.scene, lab.theme);
    const picture = given ?? own;
    const left = margin + at * (CELL + 6);
    const share = Math.min(CELL / picture.width, CELL / picture.height);
    context.drawImage(picture, left, top, picture.width * share, picture.height * share);
    context.fillText(words, left + CELL / 2, top + CELL + 14, CELL + 4);
  });
  context.textAlign = "left";
}

/** Hand a file to the visitor. @param {Blob} blob @param {string} name */
export function saveFile(blob, name) {
  const address = URL.createObjectURL(blob);
  const link = /** @type {HTMLAnchorElement} */ (element("a", { href: address, download: name }));
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}

/** @param {HTMLCanvasElement} canvas @param {string} name */
export function savePicture(canvas, name) {
  canvas.toBlob((blob) => blob && saveFile(blob, name), "image/png");
}

/** Why a tool has nothing to show, in a word; empty if it has. @param {any} lab @param {string} kind */
export function withoutDecoder(lab, kind) {
  return canDecode(lab, kind) ? "" : "This needs a decoder, and there is none for these points.";
}

/** Whether examples are pictures rather than lines or bars. @param {any} lab */
export const arePictures = (lab) => isPicture(lab.scene);

/** What tells planes through the code's space apart: of more than two coordinates it moves with the probe. @param {any} lab */
export const planeOf = (lab) => [lab.across.name, lab.up?.name, ...Array.from(lab.codeAt(0, 0), (value) => value.toFixed(3))].join();
