/** Numbers over the latent plane: density of codes, levels between two quantiles, and where there is no support. */

/**
 * @typedef {{left: number, right: number, bottom: number, top: number}} Box of the plane
 * @typedef {{columns: number, rows: number, box: Box, values: Float32Array}} Field values of the cells of a box, row by
 *   row from the top
 */

/** The place at the centre of each cell, (columns * rows, 2) row by row from the top.
 * @param {Box} box @param {number} columns @param {number} rows */
export function centres({ left, right, bottom, top }, columns, rows) {
  const places = new Float32Array(2 * columns * rows);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, at += 2) {
      places[at] = left + ((column + 0.5) / columns) * (right - left);
      places[at + 1] = top - ((row + 0.5) / rows) * (top - bottom);
    }
  }
  return places;
}

/** A Gaussian kernel's weights over whole cells. @param {number} sigma in cells */
function bell(sigma) {
  const reach = Math.ceil(3 * sigma);
  const weights = Float64Array.from({ length: 2 * reach + 1 }, (_, i) =>
    i === reach ? 1 : Math.exp(-0.5 * ((i - reach) / sigma) ** 2),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/** Each row blurred, and the result turned on its side: (columns, rows).
 * @param {Float64Array} table (rows, columns) @param {number} columns @param {Float64Array} weights */
function blurredAcross(table, columns, weights) {
  const reach = (weights.length - 1) / 2;
  const rows = table.length / columns;
  const out = new Float64Array(table.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const value = table[row * columns + column];
      if (value === 0) continue;
      const [first, last] = [Math.max(0, column - reach), Math.min(columns - 1, column + reach)];
      for (let to = first; to <= last; to++) out[to * rows + row] += value * weights[to - column + reach];
    }
  }
  return out;
}

/**
 * Density of points by a Gaussian kernel, in points per unit of area. The box is to hold all points that matter.
 * @param {Float32Array} places (n, 2) row by row
 * @param {Box} box
 * @param {number} columns @param {number} rows
 * @param {[number, number]} widths standard deviations of the kernel, in units of the plane
 * @returns {Field}
 */
export function density(places, box, columns, rows, widths) {
  const { left, right, bottom, top } = box;
  const [wide, high] = [(right - left) / columns, (top - bottom) / rows];
  const counts = new Float64Array(columns * rows);
  for (let i = 0; i < places.length; i += 2) {
    const column = Math.floor((places[i] - left) / wide);
    const row = Math.floor((top - places[i + 1]) / high);
    if (column >= 0 && column < columns && row >= 0 && row < rows) counts[row * columns + column]++;
  }
  const across = blurredAcross(counts, columns, bell(widths[0] / wide));
  const blurred = blurredAcross(across, rows, bell(widths[1] / high));
  return { columns, rows, box, values: Float32Array.from(blurred, (value) => value / (wide * high)) };
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

/**
 * The distance from each of some codes to the nearest point.
 * @param {Float32Array} points (n, latent) row by row
 * @param {Float32Array} codes (m, latent) row by row
 * @param {number} latent
 * @param {boolean} others whether the codes are the first of the points, and themselves do not count
 */
export function nearestDistances(points, codes, latent, others = false) {
  return Float32Array.from({ length: codes.length / latent }, (_, i) => {
    let least = Infinity;
    for (let at = 0; at < points.length; at += latent) {
      if (others && at === i * latent) continue;
      let sum = 0;
      for (let k = 0; k < latent && sum < least; k++) sum += (points[at + k] - codes[i * latent + k]) ** 2;
      if (sum < least) least = sum;
    }
    return Math.sqrt(least);
  });
}

/** The value of the cell that a place lies in, or null beyond the box. @param {Field} field @param {number} x @param {number} y */
export function valueAt({ columns, rows, box: { left, right, bottom, top }, values }, x, y) {
  const [across, down] = [(x - left) / (right - left), (top - y) / (top - bottom)];
  if (!(across >= 0 && across < 1 && down >= 0 && down < 1)) return null;
  return values[Math.floor(down * rows) * columns + Math.floor(across * columns)];
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
