// World to screen and back. A view is a centre in the world, pixels per unit along each axis, and a size in pixels.

/** @typedef {{x: number, y: number, sx: number, sy: number, width: number, height: number}} View */
/** @typedef {{left: number, right: number, bottom: number, top: number}} Box */

/**
 * The view that shows a whole box, as large as fits.
 * @param {Box} box @param {number} width @param {number} height
 * @param {{margin?: number, equal?: boolean}} [options] margin in pixels; equal: one scale for both axes
 * @returns {View}
 */
export function fitted(box, width, height, { margin = 24, equal = true } = {}) {
  const across = Math.max(box.right - box.left, 1e-12);
  const up = Math.max(box.top - box.bottom, 1e-12);
  let sx = Math.max(width - 2 * margin, 1) / across;
  let sy = Math.max(height - 2 * margin, 1) / up;
  if (equal) sx = sy = Math.min(sx, sy);
  return { x: (box.left + box.right) / 2, y: (box.bottom + box.top) / 2, sx, sy, width, height };
}

/** @param {View} view @param {number} x @param {number} y @returns {[number, number]} pixels from the top left */
export function toScreen(view, x, y) {
  return [view.width / 2 + (x - view.x) * view.sx, view.height / 2 - (y - view.y) * view.sy];
}

/** @param {View} view @param {number} px @param {number} py @returns {[number, number]} */
export function toWorld(view, px, py) {
  return [view.x + (px - view.width / 2) / view.sx, view.y - (py - view.height / 2) / view.sy];
}

/**
 * The view magnified about a place on the screen, which stays where it is.
 * @param {View} view @param {number} factor @param {number} px @param {number} py @returns {View}
 */
export function zoomed(view, factor, px = view.width / 2, py = view.height / 2) {
  const [x, y] = toWorld(view, px, py);
  const nearer = { ...view, sx: view.sx * factor, sy: view.sy * factor };
  const [nx, ny] = toWorld(nearer, px, py);
  return { ...nearer, x: nearer.x + x - nx, y: nearer.y + y - ny };
}

/** @param {View} view @param {number} dx @param {number} dy pixels that the picture moves by @returns {View} */
export function panned(view, dx, dy) {
  return { ...view, x: view.x - dx / view.sx, y: view.y + dy / view.sy };
}

/** The same place and scale in a window of another size. @param {View} view @returns {View} */
export function resized(view, width, height) {
  return { ...view, width, height };
}

/** The part of the world that a view shows. @param {View} view @returns {Box} */
export function seen(view) {
  const [left, top] = toWorld(view, 0, 0);
  const [right, bottom] = toWorld(view, view.width, view.height);
  return { left, right, bottom, top };
}

/**
 * The view kept within reason of where the points are: neither lost beside them nor magnified beyond sense.
 * @param {View} view @param {View} home the view of all points @returns {View}
 */
export function bounded(view, home) {
  const factor = view.sx / home.sx;
  const kept = Math.min(Math.max(factor, 0.2), 2000);
  const sized = kept === factor ? view : zoomed(view, kept / factor);
  const reachX = (0.75 * home.width) / home.sx + (0.25 * view.width) / sized.sx;
  const reachY = (0.75 * home.height) / home.sy + (0.25 * view.height) / sized.sy;
  return {
    ...sized,
    x: Math.min(Math.max(sized.x, home.x - reachX), home.x + reachX),
    y: Math.min(Math.max(sized.y, home.y - reachY), home.y + reachY),
  };
}

/** A view a share `t` of the way between two. @param {View} a @param {View} b @param {number} t @returns {View} */
export function between(a, b, t) {
  const mix = (p, q) => p + (q - p) * t;
  const grow = (p, q) => p * (q / p) ** t;
  return { ...b, x: mix(a.x, b.x), y: mix(a.y, b.y), sx: grow(a.sx, b.sx), sy: grow(a.sy, b.sy) };
}

/**
 * Round numbers for an axis: about `wanted` of them within a range.
 * @param {number} low @param {number} high @param {number} wanted @returns {number[]}
 */
export function ticks(low, high, wanted = 5) {
  const rough = (high - low) / Math.max(wanted, 1);
  if (!(rough > 0) || !Number.isFinite(rough)) return [];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough * 0.999) ?? 10 * power;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}
