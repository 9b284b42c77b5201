// The plane through the code's space that the map shows: two directions, each a coordinate or a principal component.

import { column, LEVELS } from "./quantise.js";

/** @typedef {{name: string, short: string, vector: Float32Array, origin: Float32Array, index: number}} Direction */

/**
 * All directions that the map can be turned to: the components first, then the coordinates.
 * @returns {Direction[]}
 */
export function directions(latent, names, components, componentNames, mean) {
  const nowhere = new Float32Array(latent);
  const main = components.map((vector, at) => ({
    name: componentNames[at] ?? `component ${at + 1}`,
    short: `component ${at + 1}`,
    vector: Float32Array.from(vector),
    origin: Float32Array.from(mean),
    index: -1,
  }));
  const own = Array.from({ length: latent }, (_, index) => {
    const vector = new Float32Array(latent);
    vector[index] = 1;
    const name = names[index] ?? `z${index + 1}`;
    return { name, short: name, vector, origin: nowhere, index };
  });
  return [...main, ...own];
}

/** Where a code lies along a direction. @param {Direction} direction @param {ArrayLike<number>} code */
export function along(direction, code) {
  if (direction.index >= 0) return code[direction.index];
  let sum = 0;
  for (let i = 0; i < code.length; i++) sum += (code[i] - direction.origin[i]) * direction.vector[i];
  return sum;
}

/** Where all points lie along a direction. @param {Direction} direction @returns {Float32Array} */
export function projected(direction, codes, bounds, latent) {
  if (direction.index >= 0) return column(codes, bounds, direction.index, latent);
  const points = codes.length / latent;
  const values = new Float32Array(points);
  const steps = bounds.map(([low, high], i) => (((high - low) / LEVELS) * direction.vector[i]));
  let start = 0;
  for (let i = 0; i < latent; i++) start += (bounds[i][0] - direction.origin[i]) * direction.vector[i];
  for (let point = 0, at = 0; point < points; point++) {
    let sum = start;
    for (let i = 0; i < latent; i++, at++) sum += steps[i] * codes[at];
    values[point] = sum;
  }
  return values;
}

/**
 * The code nearest to `from` that lies at (x, y) of the plane; with one direction alone y is nothing.
 * @param {Direction} across @param {Direction | null} up @param {ArrayLike<number>} from
 * @returns {Float32Array}
 */
export function lifted(across, up, from, x, y) {
  const code = Float32Array.from(from);
  const dx = x - along(across, from);
  if (!up) {
    for (let i = 0; i < code.length; i++) code[i] += dx * across.vector[i];
    return code;
  }
  const dy = y - along(up, from);
  let mixed = 0;
  for (let i = 0; i < code.length; i++) mixed += across.vector[i] * up.vector[i];
  // Directions of length one that meet at an angle: their Gram matrix ((1, m), (m, 1)) is inverted.
  const whole = 1 - mixed * mixed;
  const a = whole > 1e-6 ? (dx - mixed * dy) / whole : dx;
  const b = whole > 1e-6 ? (dy - mixed * dx) / whole : 0;
  for (let i = 0; i < code.length; i++) code[i] += a * across.vector[i] + b * up.vector[i];
  return code;
}

/** Heights between -1 and 1 that spread points of one coordinate apart; the same for a point each time. */
export function scattered(points) {
  const values = new Float32Array(points);
  // The fractional parts of multiples of the golden ratio fall evenly.
  for (let point = 0; point < points; point++) values[point] = 2 * ((point * 0.6180339887498949) % 1) - 1;
  return values;
}

/** The box of points; quantiles are not taken, for an outlier is worth seeing. */
export function extent(xs, ys) {
  let [left, right, bottom, top] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < xs.length; i++) {
    if (xs[i] < left) left = xs[i];
    if (xs[i] > right) right = xs[i];
    if (ys[i] < bottom) bottom = ys[i];
    if (ys[i] > top) top = ys[i];
  }
  if (!(left <= right)) return { left: -1, right: 1, bottom: -1, top: 1 };
  const [dx, dy] = [right - left, top - bottom];
  const half = Math.max(dx, dy, 1e-6) / 200;
  if (dx < half) [left, right] = [left - half, right + half];
  if (dy < half) [bottom, top] = [bottom - half, top + half];
  return { left, right, bottom, top };
}

/**
 * The outline of one standard deviation on the plane, of a normal with these deviations along the coordinates.
 * @param {Direction} across @param {Direction} up @param {ArrayLike<number>} deviations
 * @returns {{major: number, minor: number, angle: number}} half axes, and the major one's angle from across towards up
 */
export function ellipse(across, up, deviations) {
  let [a, b, c] = [0, 0, 0];
  for (let i = 0; i < deviations.length; i++) {
    const variance = deviations[i] ** 2;
    a += variance * across.vector[i] ** 2;
    b += variance * across.vector[i] * up.vector[i];
    c += variance * up.vector[i] ** 2;
  }
  // Eigenvalues of ((a, b), (b, c)).
  const middle = (a + c) / 2;
  const reach = Math.hypot((a - c) / 2, b);
  return { major: Math.sqrt(middle + reach), minor: Math.sqrt(Math.max(0, middle - reach)), angle: Math.atan2(2 * b, a - c) / 2 };
}
