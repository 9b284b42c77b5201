// The maps between panes: turned, scaled and shifted planes, and points on their way from one place to another.

/** @typedef {{matrix: [[number, number], [number, number]], shift: [number, number]}} Similarity p -> p matrix + shift */

/** @param {Similarity} map @param {number} x @param {number} y @returns {[number, number]} */
export function applied({ matrix: [[a, b], [c, d]], shift }, x, y) {
  return [x * a + y * c + shift[0], x * b + y * d + shift[1]];
}

/** The map that leads back; of one that flattens the plane, the one to its origin. @param {Similarity} map @returns {Similarity} */
export function inverted({ matrix: [[a, b], [c, d]], shift: [x, y] }) {
  const size = a * d - b * c;
  const scale = size ? 1 / size : 0;
  /** @type {[[number, number], [number, number]]} */
  const matrix = [[d * scale, -b * scale], [-c * scale, a * scale]];
  const [back, up] = applied({ matrix, shift: [0, 0] }, x, y);
  return { matrix, shift: [-back, -up] };
}

/**
 * Points a share of the way to other places.
 * @typedef {{xs: Float32Array, ys: Float32Array}} Places
 * @param {Places} here @param {Places} there @param {number} share @param {(x: number, y: number) => [number, number]} carried
 *   brings what is there into this plane
 * @returns {Places}
 */
export function mixed(here, there, share, carried) {
  const [xs, ys] = [new Float32Array(here.xs.length), new Float32Array(here.xs.length)];
  for (let i = 0; i < xs.length; i++) {
    const [x, y] = carried(there.xs[i], there.ys[i]);
    xs[i] = here.xs[i] + share * (x - here.xs[i]);
    ys[i] = here.ys[i] + share * (y - here.ys[i]);
  }
  return { xs, ys };
}
