import assert from "node:assert/strict";
import { test } from "node:test";

import { bytes, cell, placed } from "../../aejax/ui/canvas/frontend/sprites.js";

test("thumbnails lie row by row and none overlap", () => {
  const sheet = { shape: [28, 20], count: 50, columns: 7 };
  assert.deepEqual(cell(sheet, 0), { left: 0, top: 0, width: 20, height: 28 });
  assert.deepEqual(cell(sheet, 6), { left: 120, top: 0, width: 20, height: 28 });
  assert.deepEqual(cell(sheet, 7), { left: 0, top: 28, width: 20, height: 28 });
  const places = new Set(Array.from({ length: 50 }, (_, point) => `${cell(sheet, point).left} ${cell(sheet, point).top}`));
  assert.equal(places.size, 50);
});

test("plain bytes are parted by the size of an example", () => {
  const values = Uint8Array.from({ length: 24 }, (_, at) => at);
  assert.deepEqual([...bytes({ shape: [2, 3], count: 4, columns: 0 }, values, 2)], [12, 13, 14, 15, 16, 17]);
});

test("a card lies within the map wherever the point is", () => {
  for (const [px, py] of [[0, 0], [400, 300], [800, 0], [800, 600], [0, 600]]) {
    const { left, top } = placed(px, py, 120, 140, 800, 600);
    assert.ok(left >= 0 && left + 120 <= 800, `${left}`);
    assert.ok(top >= 0 && top + 140 <= 600, `${top}`);
  }
  assert.ok(placed(400, 300, 120, 140, 800, 600).top + 140 < 300);
  assert.ok(placed(400, 20, 120, 140, 800, 600).top > 20);
});
