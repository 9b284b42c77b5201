// The point nearest to a place, out of a million, in microseconds: points sorted by the cell of a grid.

/** @typedef {{box: {left: number, right: number, bottom: number, top: number}, columns: number, rows: number,
 *   starts: Uint32Array, order: Uint32Array, xs: Float32Array, ys: Float32Array}} Index */

/** @param {Float32Array} xs @param {Float32Array} ys @returns {Index} */
export function indexed(xs, ys, box) {
  const points = xs.length;
  const side = Math.max(1, Math.min(1024, Math.ceil(Math.sqrt(points / 4))));
  const [columns, rows] = [side, side];
  const starts = new Uint32Array(columns * rows + 1);
  const cells = new Uint32Array(points);
  const [perX, perY] = [columns / (box.right - box.left), rows / (box.top - box.bottom)];
  for (let i = 0; i < points; i++) {
    const cell = clamp((ys[i] - box.bottom) * perY, rows) * columns + clamp((xs[i] - box.left) * perX, columns);
    cells[i] = cell;
    starts[cell + 1]++;
  }
  for (let cell = 0; cell < columns * rows; cell++) starts[cell + 1] += starts[cell];
  const next = starts.slice(0, -1);
  const order = new Uint32Array(points);
  for (let i = 0; i < points; i++) order[next[cells[i]]++] = i;
  return { box, columns, rows, starts, order, xs, ys };
}

const clamp = (value, size) => Math.min(Math.max(Math.floor(value), 0), size - 1);

/**
 * The nearest point within a reach that is an ellipse of the world (a circle on the screen); -1 if there is none.
 * @param {Index} index @param {number} x @param {number} y @param {number} reachX @param {number} reachY
 * @param {(point: number) => boolean} [allowed]
 */
export function nearest(index, x, y, reachX, reachY, allowed = () => true) {
  let [found, least] = [-1, 1];
  for (const point of within(index, x - reachX, x + reachX, y - reachY, y + reachY)) {
    const dx = (index.xs[point] - x) / reachX;
    const dy = (index.ys[point] - y) / reachY;
    const distance = dx * dx + dy * dy;
    if (distance <= least && allowed(point)) [found, least] = [point, distance];
  }
  return found;
}

/** The points in the cells that a box touches, so some beside it too. @param {Index} index */
export function* within(index, left, right, bottom, top) {
  const { box, columns, rows, starts, order } = index;
  const perX = columns / (box.right - box.left);
  const perY = rows / (box.top - box.bottom);
  const [first, last] = [clamp((left - box.left) * perX, columns), clamp((right - box.left) * perX, columns)];
  const [low, high] = [clamp((bottom - box.bottom) * perY, rows), clamp((top - box.bottom) * perY, rows)];
  for (let row = low; row <= high; row++) {
    for (let at = starts[row * columns + first]; at < starts[row * columns + last + 1]; at++) yield order[at];
  }
}
