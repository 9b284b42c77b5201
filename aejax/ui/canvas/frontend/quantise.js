// Codes as whole numbers of 16 bits between bounds, as the server sends them.

export const LEVELS = 65535;

/**
 * One coordinate of all points, in its own units.
 * @param {Uint16Array} codes row-major (points, latent)
 * @param {number[][]} bounds least and greatest value of each coordinate
 * @param {number} index @param {number} latent @returns {Float32Array}
 */
export function column(codes, bounds, index, latent) {
  const [low, high] = bounds[index];
  const step = (high - low) / LEVELS;
  const values = new Float32Array(codes.length / latent);
  for (let point = 0, at = index; point < values.length; point++, at += latent) values[point] = low + step * codes[at];
  return values;
}

/** The code of one point. @returns {Float32Array} */
export function codeOf(codes, bounds, point, latent) {
  return Float32Array.from(bounds, ([low, high], index) => low + ((high - low) / LEVELS) * codes[point * latent + index]);
}

/** Whole numbers for values between bounds; what lies beyond is cut off. @returns {Uint16Array} */
export function quantised(values, low, high) {
  const width = Math.max(high - low, 1e-38);
  return Uint16Array.from(values, (value) => Math.round(Math.min(Math.max((value - low) / width, 0), 1) * LEVELS));
}
