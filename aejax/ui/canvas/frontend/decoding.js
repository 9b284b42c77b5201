// Which way a code is decoded: by the layers themselves, from a grid decoded beforehand, or by the server.

import { createDecoder } from "./decoder.js";
import { cellsOfSheet, createGrid } from "./grid.js";

/** @typedef {"browser" | "grid" | "server" | "none"} Path */

/** @param {any} lab */
export function createDecoding(lab) {
  let known = "";
  let dense = null;
  let grid = null;
  let size = 0;

  /** Take a decoder over, unless it is the one that is held. */
  async function take(stamp, layout, values) {
    if (stamp === known) return;
    known = stamp;
    dense = layout?.kind === "dense" ? createDecoder(layout, values) : null;
    grid = layout?.kind === "grid" ? createGrid(layout, layout.bounds, await cellsOf(layout, values)) : null;
    size = values?.byteLength ?? 0;
    lab.emit("decoder");
  }

  /** @returns {Path} */
  function path() {
    if (dense) return "browser";
    if (grid) return "grid";
    return lab.asks.includes("decode") ? "server" : "none";
  }

  /** The example of a code at once, or null where it must be asked for; the array is used again by the next call. */
  function decode(code) {
    if (dense) return dense.decode(code);
    if (!grid) return null;
    refine(code);
    return grid.decode(code);
  }

  /** The example of a code by whichever path there is; null if a newer request overtook this one. */
  async function decoded(code) {
    const at_once = decode(code);
    if (at_once) return at_once;
    const reply = await lab.ask("decode", { code: [...code] });
    return reply?.values ?? null;
  }

  async function refine(code) {
    if (lab.busy("tile")) return;
    const wanted = grid.wanted(code, lab.view.width / lab.view.sx);
    if (!wanted) return;
    const [held, reply] = [grid, await lab.ask("tile", { box: wanted.box, side: grid.side })];
    if (!reply?.values || held !== grid) return;
    grid.add(wanted.place, reply.values);
    lab.emit("decoder");
  }

  /** What is said of the path. */
  function words() {
    return {
      browser: `decoded in this browser (${Math.ceil(size / 1024).toLocaleString("en")} kB of weights)`,
      grid: grid ? `blended from a grid of ${grid.side} × ${grid.side} decoded codes` : "",
      server: "decoded by the server",
      none: "no decoder here",
    }[path()];
  }

  return { take, path, words, decode, decoded, dense: () => dense, grid: () => grid };
}

async function cellsOf({ side, sheet }, values) {
  if (!sheet) return values;
  const picture = await createImageBitmap(new Blob([values]));
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(picture, 0, 0);
  const { data } = context.getImageData(0, 0, picture.width, picture.height);
  return cellsOfSheet(data, sheet.columns, side * side, sheet.shape);
}
