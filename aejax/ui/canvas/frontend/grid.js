/** A plane of codes decoded beforehand: bilinear between its nodes, finer where finer tiles have come. */

/**
 * @typedef {[[number, number], [number, number]]} Box least and greatest of the first coordinate, then of the second
 * @typedef {{level: number, column: number, row: number}} Place one of 2^level by 2^level tiles, from the top left
 * @typedef {{side: number, features: number, low: number, high: number}} GridLayout nodes along a side, numbers in an
 *   example, and the values that bytes 0 and 255 stand for
 */

export const MAX_LEVEL = 6;
const MAX_TILES = 24;

/** @param {Place} place */
const nameOf = ({ level, column, row }) => `${level}/${column}/${row}`;

/** The part of `bounds` that a tile covers. @param {Box} bounds @param {Place} place @returns {Box} */
export function extents([[left, right], [bottom, top]], { level, column, row }) {
  const share = 2 ** -level;
  const [width, height] = [(right - left) * share, (top - bottom) * share];
  return [
    [left + column * width, left + (column + 1) * width],
    [top - (row + 1) * height, top - row * height],
  ];
}

/**
 * The box whose `side` by `side` cells have their outermost centres on the edges of the tile: decoding the centres of
 * its cells (as `aejax.latent.grid` does) leaves no seam between tiles.
 * @param {Box} bounds @param {Place} place @param {number} side @returns {Box}
 */
export function askedBox(bounds, place, side) {
  const [across, up] = extents(bounds, place);
  /** @param {[number, number]} range @returns {[number, number]} */
  const widened = ([least, greatest]) => {
    const half = (greatest - least) / (side - 1) / 2;
    return [least - half, greatest + half];
  };
  return [widened(across), widened(up)];
}

/** The tile of a level that holds a code; codes beyond the bounds belong to the tile that is nearest.
 * @param {Box} bounds @param {number} level @param {ArrayLike<number>} code @returns {Place} */
export function placeOf([[left, right], [bottom, top]], level, code) {
  const count = 2 ** level;
  /** @param {number} share */
  const index = (share) => Math.min(count - 1, Math.max(0, Math.floor(share * count)));
  return {
    level,
    column: index((code[0] - left) / (right - left)),
    row: index((top - code[1]) / (top - bottom)),
  };
}

/**
 * Examples cut out of one picture that shows them in rows: (n, height, width, channels) as bytes.
 * @param {Uint8Array | Uint8ClampedArray} rgba the picture's pixels, four bytes each
 * @param {number} columns examples in a row of it
 * @param {number} n examples
 * @param {[number, number, number]} shape height, width and channels of an example
 */
export function cellsOfSheet(rgba, columns, n, [height, width, channels]) {
  const cells = new Uint8Array(n * height * width * channels);
  let at = 0;
  for (let example = 0; example < n; example++) {
    const [top, left] = [Math.floor(example / columns) * height, (example % columns) * width];
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const pixel = 4 * ((top + y) * columns * width + left + x);
        for (let c = 0; c < channels; c++) cells[at++] = rgba[pixel + c];
      }
    }
  }
  return cells;
}

/**
 * @param {GridLayout} layout
 * @param {Box} bounds what the first tile covers
 * @param {Uint8Array} cells its examples, row by row from the top, (side, side, features)
 */
export function createGrid({ side, features, low, high }, bounds, cells) {
  /** Tiles by name, the one used last at the end. @type {Map<string, Uint8Array>} */
  const tiles = new Map();
  const out = new Float32Array(features);
  const unit = (high - low) / 255;

  /** @param {Place} place @param {Uint8Array} values */
  function add(place, values) {
    const expected = side * side * features;
    if (values.length !== expected) throw new RangeError(`a tile must hold ${expected} bytes; got ${values.length}`);
    tiles.set(nameOf(place), values);
    for (const name of tiles.keys()) {
      if (tiles.size <= MAX_TILES) break;
      if (name !== "0/0/0") tiles.delete(name);
    }
  }

  /** The finest tile that is here for a code. @param {ArrayLike<number>} code @returns {[Place, Uint8Array]} */
  function finest(code) {
    for (let level = MAX_LEVEL; level > 0; level--) {
      const place = placeOf(bounds, level, code);
      const name = nameOf(place);
      const values = tiles.get(name);
      if (values) {
        tiles.delete(name);
        tiles.set(name, values);
        return [place, values];
      }
    }
    return [{ level: 0, column: 0, row: 0 }, /** @type {Uint8Array} */ (tiles.get("0/0/0"))];
  }

  /** The example of a code, in the data's own units; the array is used again by the next call.
   * @param {ArrayLike<number>} code */
  function decode(code) {
    const [place, values] = finest(code);
    const [[left, right], [bottom, top]] = extents(bounds, place);
    const [x, across] = between(((code[0] - left) / (right - left)) * (side - 1), side);
    const [y, down] = between(((top - code[1]) / (top - bottom)) * (side - 1), side);
    const [a, b] = [(y * side + x) * features, (y * side + x + 1) * features];
    const [c, d] = [a + side * features, b + side * features];
    const [wa, wb, wc, wd] = [(1 - across) * (1 - down), across * (1 - down), (1 - across) * down, across * down];
    for (let j = 0; j < features; j++) {
      out[j] = low + unit * (wa * values[a + j] + wb * values[b + j] + wc * values[c + j] + wd * values[d + j]);
    }
    return out;
  }

  add({ level: 0, column: 0, row: 0 }, cells);
  return {
    bounds,
    side,
    features,
    decode,
    add,
    /**
     * The tile to ask the server for next, or null where what is here is fine enough.
     * @param {ArrayLike<number>} code where the visitor looks
     * @param {number} width width of what the visitor sees, in the unit of the first coordinate
     * @returns {{place: Place, box: Box} | null}
     */
    wanted(code, width) {
      const doublings = Math.log2((bounds[0][1] - bounds[0][0]) / width);
      const level = Math.min(MAX_LEVEL, Math.max(0, Math.round(doublings)));
      const place = placeOf(bounds, level, code);
      return tiles.has(nameOf(place)) ? null : { place, box: askedBox(bounds, place, side) };
    },
  };
}

/** The node before a place along a side, and the share of the way to the next; kept within the side.
 * @param {number} at @param {number} side @returns {[number, number]} */
function between(at, side) {
  const kept = Math.min(side - 1, Math.max(0, at));
  const before = Math.min(side - 2, Math.floor(kept));
  return [before, kept - before];
}

/** @typedef {ReturnType<typeof createGrid>} Grid */
