/** Numbers over the latent plane: density of codes, levels between two quantiles, and where there is no support. */

/**
 * @typedef {{left: number, right: number, bottom: number, top: number}} Box of the plane
 * @typedef {{side: number, box: Box, values: Float32Array}} Field values of side by side cells, row by row from the top
 */

/** The code at the centre of each cell, (side * side, 2) row by row from the top. @param {Box} box @param {number} side */
export function centres({ left, right, bottom, top }, side) {
  const codes = new Float32Array(2 * side * side);
  for (let row = 0, at = 0; row < side; row++) {
    for (let column = 0; column < side; column++, at += 2) {
      codes[at] = left + ((column + 0.5) / side) * (right - left);
      codes[at + 1] = top - ((row + 0.5) / side) * (top - bottom);
    }
  }
  return codes;
}

/** @param {number} sigma in cells */
function bell(sigma) {
  const reach = Math.ceil(3 * sigma);
  const weights = Float64Array.from({ length: 2 * reach + 1 }, (_, i) => Math.exp(-0.5 * ((i - reach) / sigma) ** 2));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/** Each row blurred, and the result turned on its side. @param {Float64Array} table (side, side) @param {number} side @param {Float64Array} weights */
function blurredAcross(table, side, weights) {
  const reach = (weights.length - 1) / 2;
  const out = new Float64Array(table.length);
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const value = table[row * side + column];
      if (value === 0) continue;
      const [first, last] = [Math.max(0, column - reach), Math.min(side - 1, column + reach)];
      for (let to = first; to <= last; to++) out[to * side + row] += value * weights[to - column + reach];
    }
  }
  return out;
}

/**
 * Density of points by a Gaussian kernel, in points per unit of area.
 * @param {Float32Array} places (n, 2) row by row
 * @param {Box} box
 * @param {number} side
 * @param {number} sigma standard deviation of the kernel, in cells
 * @returns {Field}
 */
export function density(places, box, side, sigma) {
  const { left, right, bottom, top } = box;
  const reach = Math.ceil(3 * sigma);
  const wide = side + 2 * reach;
  // Points just beyond the box reach into it, so that the table is wider than the answer.
  const counts = new Float64Array(wide * wide);
  for (let i = 0; i < places.length; i += 2) {
    const column = Math.floor(((places[i] - left) / (right - left)) * side) + reach;
    const row = Math.floor(((top - places[i + 1]) / (top - bottom)) * side) + reach;
    if (column >= 0 && column < wide && row >= 0 && row < wide) counts[row * wide + column]++;
  }
  const weights = bell(sigma);
  const blurred = blurredAcross(blurredAcross(counts, wide, weights), wide, weights);
  const area = ((right - left) * (top - bottom)) / (side * side);
  const values = new Float32Array(side * side);
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      values[row * side + column] = blurred[(row + reach) * wide + column + reach] / area;
    }
  }
  return { side, box, values };
}

/**
 * Scott's rule for the kernel's width in two dimensions, n^(-1/6) standard deviations, by each coordinate; in its units.
 * @param {Float32Array} places (n, 2) row by row
 * @returns {[number, number]}
 */
export function scottWidths(places) {
  const n = places.length / 2;
  /** @param {number} axis */
  const deviation = (axis) => {
    let [sum, squares] = [0, 0];
    for (let i = axis; i < places.length; i += 2) sum += places[i];
    for (let i = axis; i < places.length; i += 2) squares += (places[i] - sum / n) ** 2;
    return Math.sqrt(squares / n);
  };
  return [deviation(0) * n ** (-1 / 6), deviation(1) * n ** (-1 / 6)];
}

/** The value of the cell that a place lies in, or null beyond the box. @param {Field} field @param {number} x @param {number} y */
export function valueAt({ side, box: { left, right, bottom, top }, values }, x, y) {
  const [across, down] = [(x - left) / (right - left), (top - y) / (top - bottom)];
  if (!(across >= 0 && across < 1 && down >= 0 && down < 1)) return null;
  return values[Math.floor(down * side) * side + Math.floor(across * side)];
}

/** Least and greatest of the finite values between two quantiles, never equal. @param {Float32Array} values @param {number} low @param {number} high
 * @returns {[number, number]} */
export function limits(values, low = 0.02, high = 0.98) {
  const sorted = values.filter(Number.isFinite).sort();
  if (!sorted.length) return [0, 1];
  /** @param {number} share */
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  const [least, greatest] = [at(low), at(high)];
  return greatest > least ? [least, greatest] : [least, least + (Math.abs(least) || 1)];
}

/**
 * The density above which lie `share` of the points: what has less is not supported by data.
 * @param {Field} field a density @param {Float32Array} places (n, 2) row by row @param {number} share
 */
export function supportThreshold(field, places, share = 0.98) {
  const own = new Float32Array(places.length / 2);
  for (let i = 0; i < own.length; i++) own[i] = valueAt(field, places[2 * i], places[2 * i + 1]) ?? 0;
  return own.length ? own.sort()[Math.min(own.length - 1, Math.floor((1 - share) * own.length))] : 0;
}
