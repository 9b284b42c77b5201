/** A drawing made into an example: as MNIST's were, or filling the frame. */

const BOX = 20 / 28; // of the frame's side
const PAPER = 0.02; // darkest ground that is a photograph's and not a pad's
const SHADOW = 0.3; // of the way from ground to ink that still counts as ground

/**
 * The smallest box that holds all ink.
 * @param {Float32Array} ink (height, width), 0 for none @param {number} width
 * @returns {{left: number, top: number, right: number, bottom: number} | null} right and bottom are beyond the last; null without ink
 */
export function inkBox(ink, width, threshold = 0.05) {
  let [left, right, top, bottom] = [Infinity, -1, Infinity, -1];
  ink.forEach((value, i) => {
    if (value <= threshold) return;
    const [x, y] = [i % width, Math.floor(i / width)];
    [left, right] = [Math.min(left, x), Math.max(right, x + 1)];
    [top, bottom] = [Math.min(top, y), Math.max(bottom, y + 1)];
  });
  return right < 0 ? null : { left, top, right, bottom };
}

/** How much of the cells from `at` to `at + 1` each source cell covers: weights of an average over areas.
 * @param {number} from @param {number} to @param {number} limit @returns {[number, number][]} */
function shares(from, to, limit) {
  /** @type {[number, number][]} */ const found = [];
  for (let cell = Math.max(0, Math.floor(from)); cell < Math.min(limit, Math.ceil(to)); cell++) {
    const share = Math.min(cell + 1, to) - Math.max(cell, from);
    if (share > 0) found.push([cell, share / (to - from)]);
  }
  return found;
}

/**
 * A part of a picture at another size; each pixel is the mean of the area that it stands for, and beyond the picture
 * there is nothing.
 * @param {Float32Array} picture (height, width)
 * @param {number} width of the picture
 * @param {{left: number, top: number, right: number, bottom: number}} part in its pixels, fractions allowed
 * @param {number} columns of the result
 * @param {number} rows of the result
 */
export function resampled(picture, width, { left, top, right, bottom }, columns, rows) {
  const height = picture.length / width;
  const [across, down] = [(right - left) / columns, (bottom - top) / rows];
  const xs = Array.from({ length: columns }, (_, x) => shares(left + x * across, left + (x + 1) * across, width));
  const ys = Array.from({ length: rows }, (_, y) => shares(top + y * down, top + (y + 1) * down, height));
  const out = new Float32Array(columns * rows);
  ys.forEach((ysOfRow, y) =>
    xs.forEach((xsOfColumn, x) => {
      let sum = 0;
      for (const [v, q] of ysOfRow) for (const [u, p] of xsOfColumn) sum += q * p * picture[v * width + u];
      out[y * columns + x] = sum;
    }),
  );
  return out;
}

/**
 * A drawn digit as MNIST's were prepared (LeCun et al. 1998, section III.A): its ink scaled into a box of 20 by 20
 * pixels with its proportions kept, in a frame of 28 by 28 by its centre of mass.
 * @param {Float32Array} ink (height, width), 0 for none and 1 for full
 * @param {number} width
 * @param {number} side of the frame in pixels, where it is another
 * @returns {Float32Array | null} (side, side); null without ink
 */
export function asDigit(ink, width, side = 28) {
  const box = inkBox(ink, width);
  if (!box) return null;
  const scale = (BOX * side) / Math.max(box.right - box.left, box.bottom - box.top);
  const columns = Math.ceil((box.right - box.left) * scale - 1e-6);
  const rows = Math.ceil((box.bottom - box.top) * scale - 1e-6);
  const part = { left: box.left, top: box.top, right: box.left + columns / scale, bottom: box.top + rows / scale };
  const small = resampled(ink, width, part, columns, rows);
  // By whole pixels, until the centre of mass lies between 14 and 15 from the left and the top: so it does in MNIST.
  const mass = centreOfMass(small, columns);
  const [right, down] = [side / 2 - Math.floor(mass.x), side / 2 - Math.floor(mass.y)].map(Math.floor);
  const digit = new Float32Array(side * side);
  small.forEach((value, i) => {
    const [x, y] = [(i % columns) + right, Math.floor(i / columns) + down];
    if (x >= 0 && x < side && y >= 0 && y < side) digit[y * side + x] = value;
  });
  return digit;
}

/** @param {Float32Array} ink @param {number} width */
export function centreOfMass(ink, width) {
  let [sum, x, y] = [0, 0, 0];
  ink.forEach((value, i) => {
    sum += value;
    x += value * ((i % width) + 0.5);
    y += value * (Math.floor(i / width) + 0.5);
  });
  return { x: x / sum, y: y / sum };
}

/** The greatest square in the middle of a picture. @param {number} width @param {number} height */
export function middleSquare(width, height) {
  const side = Math.min(width, height);
  const [left, top] = [(width - side) / 2, (height - side) / 2];
  return { left, top, right: left + side, bottom: top + side };
}

/**
 * Brightness of a picture's pixels, 0 to 1 (ITU-R BT.601); what is transparent counts as black.
 * @param {Uint8ClampedArray} rgba
 */
export function brightness(rgba) {
  return Float32Array.from({ length: rgba.length / 4 }, (_, i) => {
    const [r, g, b, a] = rgba.subarray(4 * i, 4 * i + 4);
    return ((0.299 * r + 0.587 * g + 0.114 * b) * a) / 65025;
  });
}

/** The values along a picture's edges, sorted. @param {Float32Array} picture @param {number} width */
function rim(picture, width) {
  const height = picture.length / width;
  return picture
    .filter((_, i) => {
      const [x, y] = [i % width, Math.floor(i / width)];
      return x === 0 || y === 0 || x === width - 1 || y === height - 1;
    })
    .sort();
}

/**
 * A picture of a digit as light ink on black: dark and light are exchanged where the edges are light, as paper's are,
 * and what differs little from the edges is no ink. A drawing on black stays as it is.
 * @param {Float32Array} picture 0 to 1 @param {number} width
 */
export function inkOf(picture, width) {
  const light = rim(picture, width);
  const turned = light[light.length >> 1] > 0.5 ? picture.map((value) => 1 - value) : picture;
  const edges = rim(turned, width);
  const ground = edges[edges.length >> 1];
  if (ground < PAPER) return turned;
  const greatest = turned.reduce((most, value) => Math.max(most, value), 0);
  const least = ground + SHADOW * (greatest - ground);
  return turned.map((value) => Math.max(0, (value - least) / Math.max(greatest - least, 1e-6)));
}

/** The share of sorted values that lie below a value. @param {Float32Array} sorted @param {number} value */
export function shareBelow(sorted, value) {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return sorted.length ? low / sorted.length : 0;
}
