// Where the example of a point lies in the sheet of thumbnails.

/** @typedef {{shape: number[], count: number, columns: number}} Sheet */

/** Pixels of a thumbnail's place: left, top, width, height. @param {Sheet} sheet @param {number} point */
export function cell(sheet, point) {
  const [height, width] = sheet.shape;
  const column = point % sheet.columns;
  const row = Math.floor(point / sheet.columns);
  return { left: column * width, top: row * height, width, height };
}

/** The bytes of an example in a sheet without columns. @param {Sheet} sheet @param {Uint8Array} values */
export function bytes(sheet, values, point) {
  const size = sheet.shape.reduce((product, side) => product * side, 1);
  return values.subarray(point * size, (point + 1) * size);
}

/**
 * Where a card is put so that it lies within the map: above the place, or below where there is no room.
 * @returns {{left: number, top: number}}
 */
export function placed(px, py, width, height, mapWidth, mapHeight, gap = 16) {
  const left = Math.min(Math.max(px - width / 2, 4), Math.max(mapWidth - width - 4, 4));
  const above = py - gap - height;
  const top = above >= 4 ? above : Math.min(py + gap, Math.max(mapHeight - height - 4, 4));
  return { left, top };
}
