import assert from "node:assert/strict";
import { test } from "node:test";

import { remembered, trailing } from "../../aejax/ui/canvas/frontend/trails.js";

test("moments are remembered in their order, each once, however one goes through them", () => {
  let moments = new Map();
  for (const frame of [3, 1, 7, 3, 5]) moments = remembered(moments, frame, `moment ${frame}`);
  assert.deepEqual([...moments.keys()], [1, 3, 5, 7]);
  assert.equal(moments.get(3), "moment 3");
});

test("of too many moments every other goes, never the newest", () => {
  let moments = new Map();
  for (let frame = 0; frame < 1000; frame++) {
    moments = remembered(moments, frame, frame);
    assert.ok(moments.size <= 64);
    assert.ok(moments.has(frame));
  }
  assert.ok([...moments.keys()][0] < 500);
});

test("the chosen point has a trail, and the first of the selected, each once", () => {
  assert.deepEqual(trailing(-1, null), []);
  assert.deepEqual(trailing(4, null), [4]);
  assert.deepEqual(trailing(2, Uint8Array.from([0, 1, 1, 0, 1])), [2, 1, 4]);
  assert.equal(trailing(-1, new Uint8Array(5000).fill(1)).length, 200);
});
