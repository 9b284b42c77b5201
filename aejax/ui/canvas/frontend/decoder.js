/** A dense decoder in the browser: float16 weights in, images out at pointer rate, and their derivatives. */

import { ACTIVATIONS } from "./activations.js";

/**
 * A layer's matrix is (inputs, outputs), row by row, and its bias follows it. The last activation is the mean of the
 * likelihood, so that the values are in the data's own units.
 * @typedef {{inputs: number, outputs: number, activation: string}} LayerLayout
 * @typedef {{layers: LayerLayout[]}} Layout
 * @typedef {LayerLayout & {matrix: Float32Array, bias: Float32Array, value: (x: number) => number,
 *   slope: (x: number) => number, sums: Float32Array, out: Float32Array}} Layer
 */

const EXPONENTS = 2 ** 112;

/**
 * IEEE half precision as single precision: the same bits further up, and the exponent's bias made good.
 * @param {Uint16Array} halves finite
 */
export function floatsOfHalves(halves) {
  const floats = new Float32Array(halves.length);
  const bits = new Uint32Array(floats.buffer);
  for (let i = 0; i < halves.length; i++) {
    bits[i] = ((halves[i] & 0x8000) << 16) | ((halves[i] & 0x7fff) << 13);
    floats[i] *= EXPONENTS;
  }
  return floats;
}

/**
 * Adds the rows of `matrix` by their factors to `out`, four rows at a time; factors of zero cost nothing.
 * @param {Float32Array} factors
 * @param {Float32Array} matrix (factors, out), row by row
 * @param {Float32Array} out
 */
function addRows(factors, matrix, out) {
  const width = out.length;
  const rows = [];
  for (let i = 0; i < factors.length; i++) if (factors[i] !== 0) rows.push(i);
  let at = 0;
  for (; at + 4 <= rows.length; at += 4) {
    const [a, b, c, d] = [rows[at], rows[at + 1], rows[at + 2], rows[at + 3]];
    const [fa, fb, fc, fd] = [factors[a], factors[b], factors[c], factors[d]];
    const [ra, rb, rc, rd] = [a * width, b * width, c * width, d * width];
    for (let j = 0; j < width; j++) {
      out[j] += fa * matrix[ra + j] + fb * matrix[rb + j] + fc * matrix[rc + j] + fd * matrix[rd + j];
    }
  }
  for (; at < rows.length; at++) {
    const factor = factors[rows[at]];
    const row = rows[at] * width;
    for (let j = 0; j < width; j++) out[j] += factor * matrix[row + j];
  }
}

/** @param {Layout} layout @param {Float32Array} weights @returns {Layer[]} */
function layersOf(layout, weights) {
  let at = 0;
  /** @param {number} length */
  const take = (length) => weights.subarray(at, (at += length));
  const layers = layout.layers.map(({ inputs, outputs, activation }) => {
    const entry = ACTIVATIONS[activation];
    if (!entry) throw new RangeError(`activation must be one of ${Object.keys(ACTIVATIONS)}; got ${activation}`);
    const [matrix, bias] = [take(inputs * outputs), take(outputs)];
    const [sums, out] = [new Float32Array(outputs), new Float32Array(outputs)];
    return { inputs, outputs, activation, matrix, bias, ...entry, sums, out };
  });
  if (at !== weights.length) throw new RangeError(`weights must be ${at} numbers for this layout; got ${weights.length}`);
  return layers;
}

/** @param {Layer[]} layers @param {Float32Array} code */
function forward(layers, code) {
  let x = code;
  for (const { matrix, bias, value, sums, out } of layers) {
    sums.set(bias);
    addRows(x, matrix, sums);
    for (let j = 0; j < out.length; j++) out[j] = value(sums[j]);
    x = out;
  }
  return x;
}

/**
 * The derivative of the output along one direction of the code, where `forward` has just been.
 * @param {Layer[]} layers @param {Float32Array} direction
 */
function push(layers, direction) {
  let tangent = direction;
  for (const { outputs, matrix, slope, sums } of layers) {
    const next = new Float32Array(outputs);
    addRows(tangent, matrix, next);
    for (let j = 0; j < outputs; j++) next[j] *= slope(sums[j]);
    tangent = next;
  }
  return tangent;
}

/**
 * The gradient with respect to the code of the output's product with `cotangent`, where `forward` has just been.
 * @param {Layer[]} layers @param {Float32Array} cotangent
 */
function pull(layers, cotangent) {
  let gradient = cotangent;
  for (let at = layers.length - 1; at >= 0; at--) {
    const { inputs, outputs, matrix, slope, sums } = layers[at];
    const scaled = gradient.map((value, j) => value * slope(sums[j]));
    gradient = new Float32Array(inputs);
    for (let i = 0; i < inputs; i++) {
      let sum = 0;
      for (let j = 0, row = i * outputs; j < outputs; j++) sum += matrix[row + j] * scaled[j];
      gradient[i] = sum;
    }
  }
  return gradient;
}

/**
 * @param {Layout} layout
 * @param {Uint16Array} weights float16 bits, layer by layer
 */
export function createDecoder(layout, weights) {
  const layers = layersOf(layout, floatsOfHalves(weights));
  const [latent, features] = [layers[0].inputs, layers[layers.length - 1].outputs];
  const code = new Float32Array(latent);

  /** @param {ArrayLike<number>} values */
  function run(values) {
    if (values.length !== latent) throw new RangeError(`code must have ${latent} coordinates; got ${values.length}`);
    code.set(values);
    return forward(layers, code);
  }

  return {
    latent,
    features,
    /** The expected example of a code; the array is used again by the next call. */
    decode: run,
    /**
     * The examples of many codes, row by row.
     * @param {Float32Array} codes (n, latent) row by row
     * @param {Float32Array} [into] as long as the answer
     */
    decodeAll(codes, into = new Float32Array((codes.length / latent) * features)) {
      for (let row = 0; row * latent < codes.length; row++) {
        into.set(run(codes.subarray(row * latent, (row + 1) * latent)), row * features);
      }
      return into;
    },
    /** The derivatives by each coordinate of the code, (latent, features) row by row. @param {ArrayLike<number>} at */
    jacobian(at) {
      run(at);
      const rows = new Float32Array(latent * features);
      for (let k = 0; k < latent; k++) {
        const unit = new Float32Array(latent);
        unit[k] = 1;
        rows.set(push(layers, unit), k * features);
      }
      return rows;
    },
    /**
     * The gradient by the code of the example's product with `cotangent`: the transposed jacobian times it.
     * @param {ArrayLike<number>} at @param {Float32Array} cotangent
     */
    gradient(at, cotangent) {
      run(at);
      return pull(layers, cotangent);
    },
  };
}

/** @typedef {ReturnType<typeof createDecoder>} Decoder */
