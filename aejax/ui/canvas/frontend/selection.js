/** Sets of points: what lies within a lasso, how two sets combine, and what a set says about itself. */

import { LEVELS } from "./quantise.js";

/** @typedef {"replace" | "add" | "subtract"} Combination */

/** Whether a place lies within a polygon: the ray to the right crosses its sides an odd number of times.
 * @param {number} x @param {number} y @param {ArrayLike<number>} polygon x0, y0, x1, y1, ... */
export function contains(x, y, polygon) {
  let inside = false;
  for (let i = 0, j = polygon.length - 2; i < polygon.length; j = i, i += 2) {
    const [xi, yi, xj, yj] = [polygon[i], polygon[i + 1], polygon[j], polygon[j + 1]];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

/**
 * Marks of the points within a polygon, one byte each.
 * @param {Float32Array} places (n, 2) row by row, in the polygon's coordinates @param {ArrayLike<number>} polygon
 */
export function within(places, polygon) {
  let [left, right, bottom, top] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < polygon.length; i += 2) {
    [left, right] = [Math.min(left, polygon[i]), Math.max(right, polygon[i])];
    [bottom, top] = [Math.min(bottom, polygon[i + 1]), Math.max(top, polygon[i + 1])];
  }
  const marks = new Uint8Array(places.length / 2);
  for (let i = 0; i < marks.length; i++) {
    const [x, y] = [places[2 * i], places[2 * i + 1]];
    if (x < left || x > right || y < bottom || y > top) continue;
    if (contains(x, y, polygon)) marks[i] = 1;
  }
  return marks;
}

/** @param {Uint8Array | null} before @param {Uint8Array} fresh @param {Combination} how */
export function combined(before, fresh, how) {
  if (!before || how === "replace") return how === "subtract" ? new Uint8Array(fresh.length) : fresh;
  return how === "add" ? fresh.map((mark, i) => mark | before[i]) : fresh.map((mark, i) => before[i] & (1 - mark));
}

/** What the keys held down make of a lasso: shift adds, alt takes away.
 * @param {{shiftKey: boolean, altKey: boolean}} event @returns {Combination} */
export function combinationOf({ shiftKey, altKey }) {
  if (altKey) return "subtract";
  return shiftKey ? "add" : "replace";
}

/** The positions of the marked points. @param {Uint8Array | null} marks */
export function indices(marks) {
  /** @type {number[]} */ const found = [];
  marks?.forEach((mark, i) => mark && found.push(i));
  return found;
}

/** How many of the chosen points have each label. @param {number[]} chosen @param {ArrayLike<number>} labels @param {number} classes */
export function histogram(chosen, labels, classes) {
  const counts = new Uint32Array(classes);
  for (const i of chosen) counts[labels[i]]++;
  return counts;
}

/** Of so many places in order, `count` spread evenly. @param {number[]} chosen @param {number} count */
export function spread(chosen, count) {
  if (chosen.length <= count) return chosen;
  return Array.from({ length: count }, (_, i) => chosen[Math.floor((i * chosen.length) / count)]);
}

/** A value as a field of a comma-separated file (RFC 4180). @param {string | number} value */
function field(value) {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * The chosen points as a comma-separated file: row in the data set, label, code.
 * @param {number[]} chosen
 * @param {{rows: ArrayLike<number>, labels: ArrayLike<number> | null, classes: string[], codes: ArrayLike<number>,
 *   latent: number, names: string[]}} points
 */
export function commaSeparated(chosen, { rows, labels, classes, codes, latent, names }) {
  const head = ["row", ...(labels ? ["label"] : []), ...names];
  const lines = chosen.map((i) => [
    rows[i],
    ...(labels ? [classes[labels[i]] ?? labels[i]] : []),
    ...Array.from({ length: latent }, (_, k) => Number(codes[i * latent + k].toPrecision(6))),
  ]);
  return [head, ...lines].map((line) => line.map(field).join(",")).join("\r\n") + "\r\n";
}

/**
 * The mean code of some points, zero where there are none.
 * @param {{codes: Uint16Array, bounds: [number, number][], latent: number, count: number}} points quantised codes
 * @param {(point: number) => boolean} belongs
 */
export function meanCode({ codes, bounds, latent, count }, belongs) {
  const sums = new Float64Array(latent);
  let members = 0;
  for (let i = 0; i < count; i++) {
    if (!belongs(i)) continue;
    members++;
    for (let k = 0; k < latent; k++) sums[k] += codes[i * latent + k];
  }
  if (!members) return new Float32Array(latent);
  return Float32Array.from(bounds, ([low, high], k) => low + ((high - low) / LEVELS) * (sums[k] / members));
}

/** Positions by descending value; equals keep their order. @param {ArrayLike<number>} values */
export function descending(values) {
  return Array.from(values, (_, i) => i).sort((a, b) => values[b] - values[a]);
}

/** Marks as a text of a bit a point, the lowest bit of each byte first. @param {Uint8Array} marks */
export function maskText(marks) {
  const bytes = new Uint8Array(Math.ceil(marks.length / 8));
  marks.forEach((mark, i) => mark && (bytes[i >> 3] |= 1 << (i & 7)));
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}
