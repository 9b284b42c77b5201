/** A lattice of tiles over the plane: which of them a view needs, at a size that zooming keeps nearly the same. */

/**
 * @typedef {import("./view.js").View} View
 * @typedef {{levelX: number, levelY: number, column: number, row: number}} Tile a cell of the lattice whose cells are
 *   2^-levelX by 2^-levelY units of the plane, counted from the origin to the right and upwards
 */

export const LEAST = 26; // pixels; at twice that size the next level begins

/** The level whose cells are between `LEAST` and twice `LEAST` pixels wide. @param {number} scale pixels a unit */
export const levelFor = (scale) => Math.ceil(Math.log2(scale / LEAST) - 1 + 1e-9);

/** @param {Tile} tile */
export const nameOf = ({ levelX, levelY, column, row }) => `${levelX},${levelY},${column},${row}`;

/** Width and height of a level's cells, in units of the plane. @param {Tile | {levelX: number, levelY: number}} tile */
export const sizeOf = ({ levelX, levelY }) => ({ width: 2 ** -levelX, height: 2 ** -levelY });

/** The middle of a tile. @param {Tile} tile @returns {[number, number]} */
export function middleOf(tile) {
  const { width, height } = sizeOf(tile);
  return [(tile.column + 0.5) * width, (tile.row + 0.5) * height];
}

/** The tile one level coarser that a tile lies in. @param {Tile} tile @returns {Tile} */
export function parentOf({ levelX, levelY, column, row }) {
  return { levelX: levelX - 1, levelY: levelY - 1, column: Math.floor(column / 2), row: Math.floor(row / 2) };
}

/**
 * The block of tiles that a view shows.
 * @param {View} view @param {number} coarser levels to stay above the one that fits
 */
export function blockOf(view, coarser = 0) {
  const level = { levelX: levelFor(view.sx) - coarser, levelY: levelFor(view.sy) - coarser };
  const { width, height } = sizeOf(level);
  const [halfX, halfY] = [view.width / 2 / view.sx, view.height / 2 / view.sy];
  return {
    ...level,
    first: Math.floor((view.x - halfX) / width),
    last: Math.ceil((view.x + halfX) / width) - 1,
    low: Math.floor((view.y - halfY) / height),
    high: Math.ceil((view.y + halfY) / height) - 1,
  };
}

/**
 * The tiles of a view's block, those nearest to a place first.
 * @param {View} view @param {[number, number]} near of the plane @param {number} coarser
 * @returns {Tile[]}
 */
export function tilesOf(view, near, coarser = 0) {
  const { levelX, levelY, first, last, low, high } = blockOf(view, coarser);
  /** @type {[number, Tile][]} */ const found = [];
  for (let row = low; row <= high; row++) {
    for (let column = first; column <= last; column++) {
      const tile = { levelX, levelY, column, row };
      const [x, y] = middleOf(tile);
      found.push([Math.hypot((x - near[0]) * view.sx, (y - near[1]) * view.sy), tile]);
    }
  }
  return found.sort(([a], [b]) => a - b).map(([, tile]) => tile);
}

/**
 * Places of a sheet given out by name; when all are taken, that which has gone unused for longest is given anew.
 * @param {number} count
 */
export function createSlots(count) {
  /** Names in order of use, the latest last. @type {Map<string, number>} */
  const taken = new Map();
  return {
    /** The place of a name that has one, which counts as a use. @param {string} name @returns {number | undefined} */
    find(name) {
      const slot = taken.get(name);
      if (slot === undefined) return undefined;
      taken.delete(name);
      taken.set(name, slot);
      return slot;
    },
    /** @param {string} name */
    has: (name) => taken.has(name),
    /** A place for a name that has none yet. @param {string} name */
    give(name) {
      let slot = taken.size;
      if (slot >= count) {
        const [oldest] = taken.keys();
        slot = /** @type {number} */ (taken.get(oldest));
        taken.delete(oldest);
      }
      taken.set(name, slot);
      return slot;
    },
    clear: () => taken.clear(),
  };
}
