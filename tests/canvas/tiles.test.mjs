import assert from "node:assert/strict";
import { test } from "node:test";
import {
  LEAST,
  blockOf,
  createSlots,
  levelFor,
  middleOf,
  nameOf,
  parentOf,
  sizeOf,
  tilesOf,
} from "../../aejax/ui/canvas/frontend/tiles.js";

const view = { x: 0.3, y: -0.2, sx: 100, sy: 100, width: 600, height: 400 };

test("tiles stay between the least size and twice that, however near one looks", () => {
  for (let scale = 0.01; scale < 1e6; scale *= 1.37) {
    const pixels = scale * 2 ** -levelFor(scale);
    assert.ok(pixels >= LEAST && pixels < 2 * LEAST * 1.001, `${pixels} at ${scale}`);
  }
});

test("a block covers all of the view", () => {
  const { levelX, levelY, first, last, low, high } = blockOf(view);
  const { width, height } = sizeOf({ levelX, levelY });
  assert.ok(first * width <= 0.3 - 3 && (last + 1) * width >= 0.3 + 3);
  assert.ok(low * height <= -0.2 - 2 && (high + 1) * height >= -0.2 + 2);
  assert.equal(tilesOf(view, [0, 0]).length, (last - first + 1) * (high - low + 1));
});

test("the tiles nearest to the pointer come first", () => {
  const tiles = tilesOf(view, [1, 1]);
  const distances = tiles.map((tile) => Math.hypot(middleOf(tile)[0] - 1, middleOf(tile)[1] - 1));
  assert.deepEqual(distances, [...distances].sort((a, b) => a - b));
});

test("a tile stays the same while one pans, and four of the next level make one", () => {
  const panned = { ...view, x: view.x + 0.1 };
  const names = new Set(tilesOf(view, [0, 0]).map(nameOf));
  assert.ok(tilesOf(panned, [0, 0]).filter((tile) => names.has(nameOf(tile))).length > 40);
  const children = [[-1, 3], [-2, 2], [-1, 2], [-2, 3]].map(([column, row]) => ({ levelX: 4, levelY: 4, column, row }));
  for (const child of children) assert.deepEqual(parentOf(child), { levelX: 3, levelY: 3, column: -1, row: 1 });
});

test("places of a sheet are given anew when they have gone unused for longest", () => {
  const slots = createSlots(2);
  assert.deepEqual([slots.give("a"), slots.give("b")], [0, 1]);
  assert.equal(slots.find("a"), 0);
  assert.equal(slots.give("c"), 1);
  assert.ok(!slots.has("b"));
  assert.deepEqual([slots.find("a"), slots.find("c"), slots.find("b")], [0, 1, undefined]);
});
