// How often values fall into bins between two ends; and the codes one draws at random.

/** @param {ArrayLike<number>} values @param {number} low @param {number} high @param {number} bins @returns {Float32Array} */
export function histogram(values, low, high, bins) {
  const counts = new Float32Array(bins);
  const scale = bins / Math.max(high - low, 1e-38);
  for (let i = 0; i < values.length; i++) {
    const bin = Math.floor((values[i] - low) * scale);
    if (bin >= 0 && bin < bins) counts[bin]++;
    else if (values[i] === high) counts[bins - 1]++;
  }
  return counts;
}

/** Numbers of a standard normal, by Box and Muller's transform of two even ones. */
export function normals(n, random = Math.random) {
  return Float32Array.from({ length: n }, () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()));
}

/** The variance of each coordinate of quantised codes, in the codes' own units. */
export function variances(codes, bounds, latent) {
  const points = codes.length / latent;
  return bounds.map(([low, high], index) => {
    let [sum, squares] = [0, 0];
    for (let at = index; at < codes.length; at += latent) {
      sum += codes[at];
      squares += codes[at] * codes[at];
    }
    const step = (high - low) / 65535;
    return points ? step * step * (squares / points - (sum / points) ** 2) : 0;
  });
}

/** A code out of text: numbers parted by commas, spaces or brackets; null unless there are `latent` of them. */
export function readCode(text, latent) {
  const parts = text.replace(/[−–]/g, "-").split(/[\s,;[\]()]+/).filter(Boolean);
  const numbers = parts.map(Number);
  return numbers.length === latent && numbers.every(Number.isFinite) ? Float32Array.from(numbers) : null;
}
