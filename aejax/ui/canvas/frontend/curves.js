/** Ways through the latent space: line, great circle, and the geodesic of the decoder's metric; and who lives along them. */

import { cholesky, product, pulled, scaledWithRidge, solveTridiagonal } from "./algebra.js";

/** @typedef {import("./decoder.js").Decoder} Decoder */
/** @typedef {{codes: Float32Array[], energy: number, lineEnergy: number, length: number, done: boolean}} Curve */

const STEPS = 40;
const ENOUGH = 1e-4;

/** Equal steps from `a` to `b`, both included. @param {ArrayLike<number>} a @param {ArrayLike<number>} b @param {number} n */
export function line(a, b, n) {
  return Array.from({ length: n }, (_, i) => {
    const t = i / (n - 1);
    return Float32Array.from(a, (from, k) => (1 - t) * from + t * b[k]);
  });
}

/**
 * Equal angles from `a` to `b` seen from the origin (Shoemake 1985), which keeps to where a normal prior has its mass;
 * along a line through the origin a straight line.
 * @param {ArrayLike<number>} a @param {ArrayLike<number>} b @param {number} n
 */
export function greatCircle(a, b, n) {
  const [from, to] = [Array.from(a), Array.from(b)];
  const lengths = Math.hypot(...from) * Math.hypot(...to);
  const cosine = from.reduce((sum, value, k) => sum + value * to[k], 0) / lengths;
  const angle = lengths > 0 ? Math.acos(Math.min(1, Math.max(-1, cosine))) : 0;
  if (Math.sin(angle) < 1e-6) return line(a, b, n);
  return Array.from({ length: n }, (_, i) => {
    const t = i / (n - 1);
    const [p, q] = [Math.sin((1 - t) * angle) / Math.sin(angle), Math.sin(t * angle) / Math.sin(angle)];
    return Float32Array.from(from, (value, k) => p * value + q * to[k]);
  });
}

/** @param {Decoder} decoder @param {Float32Array[]} codes */
const images = (decoder, codes) => codes.map((code) => decoder.decode(code).slice());

/** @param {Float32Array} x @param {Float32Array} y */
function squaredDistance(x, y) {
  let sum = 0;
  for (let j = 0; j < x.length; j++) sum += (x[j] - y[j]) ** 2;
  return sum;
}

/** Energy, (n - 1) times the sum of the squared steps, and length of a decoded curve. @param {Float32Array[]} decoded */
export function extent(decoded) {
  let [squares, length] = [0, 0];
  for (let i = 1; i < decoded.length; i++) {
    const square = squaredDistance(decoded[i - 1], decoded[i]);
    squares += square;
    length += Math.sqrt(square);
  }
  return { energy: (decoded.length - 1) * squares, length };
}

/**
 * Logarithm of sqrt(det J'J) at a code: by how much the decoder stretches a small volume there (Bishop et al. 1997).
 * @param {Decoder} decoder @param {ArrayLike<number>} code
 */
export function logMagnification(decoder, code) {
  const { latent } = decoder;
  const jacobian = decoder.jacobian(code);
  const factor = cholesky(product(jacobian, jacobian, latent), latent);
  let sum = 0;
  for (let k = 0; k < latent; k++) sum += Math.log(factor[k * latent + k]);
  return sum;
}

/**
 * The curve of least energy from `a` to `b`, found from the straight line by Levenberg and Marquardt's steps: none is
 * taken that raises the energy. With r_i = D(z_i+1) - D(z_i) the gradient by z_i is J_i'(r_i-1 - r_i), and the matrix
 * has 2 J_i'J_i on its diagonal and -J_i'J_i+1 beside it, as in `aejax.geometry`.
 *
 * A generator, so that a page can stop for breath: null between pieces of work, a curve after each step.
 * @param {Decoder} decoder
 * @param {ArrayLike<number>} a
 * @param {ArrayLike<number>} b
 * @param {number} n codes along the way, ends included; at least 3
 * @param {number} steps
 * @returns {Generator<Curve | null, void, void>}
 */
export function* geodesic(decoder, a, b, n, steps = STEPS) {
  const size = decoder.latent;
  let codes = line(a, b, n);
  let decoded = images(decoder, codes);
  let { energy, length } = extent(decoded);
  const lineEnergy = energy;
  let damping = 1e-3;
  /** @type {ReturnType<typeof equations> | null} */ let system = null;
  for (let step = 0; step < steps; step++) {
    if (!system) {
      /** @type {Float32Array[]} */ const jacobians = [];
      for (const code of codes.slice(1, -1)) {
        jacobians.push(decoder.jacobian(code));
        yield null;
      }
      system = equations(jacobians, decoded, size);
    }
    const { squares, beside, right, scale } = system;
    const diagonal = squares.map((square) => scaledWithRidge(square, size, 2, damping * scale + 1e-12));
    const moves = solveTridiagonal(diagonal, beside, right, size);
    const tried = codes.map((code, i) => (i > 0 && i < n - 1 ? code.map((value, k) => value + moves[i - 1][k]) : code));
    const seen = images(decoder, tried);
    const now = extent(seen);
    const gain = energy - now.energy;
    if (gain > 0) {
      [codes, decoded, system] = [tried, seen, null];
      ({ energy, length } = now);
      damping /= 4;
    } else damping *= 4;
    const done = step === steps - 1 || damping > 1e6 || (gain > 0 && gain < ENOUGH * energy);
    yield { codes, energy, lineEnergy, length, done };
    if (done) return;
  }
}

/** @param {Float32Array[]} jacobians of the inner codes @param {Float32Array[]} decoded @param {number} size */
function equations(jacobians, decoded, size) {
  const squares = jacobians.map((jacobian) => product(jacobian, jacobian, size));
  const beside = jacobians.slice(1).map((next, i) => product(jacobians[i], next, size).map((value) => -value));
  const right = jacobians.map((jacobian, i) => {
    const bend = decoded[i + 1].map((value, j) => decoded[i][j] + decoded[i + 2][j] - 2 * value);
    return pulled(jacobian, bend, size);
  });
  const trace = squares.reduce((sum, square) => {
    for (let k = 0; k < size; k++) sum += 2 * square[k * size + k];
    return sum;
  }, 0);
  return { squares, beside, right, scale: trace / (squares.length * size) };
}

/**
 * How many points lie within `radius` of a code.
 * @param {Float32Array} points (n, latent) row by row @param {ArrayLike<number>} code @param {number} radius
 */
export function neighboursWithin(points, code, radius) {
  const [latent, limit] = [code.length, radius * radius];
  let count = 0;
  for (let at = 0; at < points.length; at += latent) {
    let sum = 0;
    for (let k = 0; k < latent && sum <= limit; k++) sum += (points[at + k] - code[k]) ** 2;
    if (sum <= limit) count++;
  }
  return count;
}

/**
 * The radius in which a point typically has `k` others: the median, over a sample of points spread evenly over their
 * order, of the distance to the k-th nearest.
 * @param {Float32Array} points (n, latent) row by row @param {number} latent @param {number} k @param {number} sample
 */
export function typicalRadius(points, latent, k, sample = 100) {
  const n = points.length / latent;
  if (n < 2) return 0;
  const asked = Math.min(sample, n);
  const nearest = new Float64Array(Math.min(k, n - 1) + 1);
  const distances = Float64Array.from({ length: asked }, (_, s) => {
    const at = Math.floor((s * n) / asked) * latent;
    nearest.fill(Infinity);
    for (let i = 0; i < points.length; i += latent) {
      let square = 0;
      for (let c = 0; c < latent; c++) square += (points[i + c] - points[at + c]) ** 2;
      insert(nearest, square);
    }
    // The first of them is the point itself.
    return Math.sqrt(nearest[nearest.length - 1]);
  });
  return distances.sort()[asked >> 1];
}

/** A value put in its place among the least so far, the greatest of which falls out. @param {Float64Array} least sorted @param {number} value */
function insert(least, value) {
  let at = least.length - 1;
  if (value >= least[at]) return;
  for (; at > 0 && least[at - 1] > value; at--) least[at] = least[at - 1];
  least[at] = value;
}
