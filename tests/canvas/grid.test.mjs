import assert from "node:assert/strict";
import { test } from "node:test";
import { askedBox, cellsOfSheet, createGrid, extents, placeOf } from "../../aejax/ui/canvas/frontend/grid.js";

const BOUNDS = [[-2, 2], [10, 18]];
const LAYOUT = { side: 5, features: 2, low: 0, high: 255 };

/** Bytes of two plane functions of the code at the centres of a box's cells, from the top: what a server sends. */
function cellsOf(box, side, functions) {
  const cells = [];
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const x = box[0][0] + ((column + 0.5) / side) * (box[0][1] - box[0][0]);
      const y = box[1][1] - ((row + 0.5) / side) * (box[1][1] - box[1][0]);
      cells.push(...functions.map((f) => Math.round(f(x, y))));
    }
  }
  return Uint8Array.from(cells);
}

const plane = [(x, y) => 100 + 8 * x + y, (x, y) => 200 - 4 * x - 3 * y];
const whole = () => createGrid(LAYOUT, BOUNDS, cellsOf(askedBox(BOUNDS, { level: 0, column: 0, row: 0 }, 5), 5, plane));

test("between the nodes a grid is bilinear, so that a plane is met exactly", () => {
  const grid = whole();
  for (const code of [[-2, 10], [2, 18], [-2, 18], [0.3, 11.7], [1.99, 17.2]]) {
    const [a, b] = grid.decode(code);
    assert.ok(Math.abs(a - plane[0](...code)) < 1e-4);
    assert.ok(Math.abs(b - plane[1](...code)) < 1e-4);
  }
});

test("beyond the bounds the edge goes on", () => {
  const grid = whole();
  assert.deepEqual(Array.from(grid.decode([9, 99])), Array.from(grid.decode([2, 18])).map((v) => v));
});

test("bytes stand for the range of values", () => {
  const grid = createGrid({ side: 2, features: 1, low: -1, high: 1 }, BOUNDS, Uint8Array.from([0, 255, 0, 255]));
  assert.equal(grid.decode([-2, 12])[0], -1);
  assert.equal(grid.decode([2, 12])[0], 1);
  assert.ok(Math.abs(grid.decode([0, 12])[0]) < 1e-6);
});

test("tiles of a level cover the bounds without gaps, from the top left", () => {
  assert.deepEqual(extents(BOUNDS, { level: 1, column: 0, row: 0 }), [[-2, 0], [14, 18]]);
  assert.deepEqual(extents(BOUNDS, { level: 1, column: 1, row: 1 }), [[0, 2], [10, 14]]);
  assert.deepEqual(placeOf(BOUNDS, 2, [-2, 18]), { level: 2, column: 0, row: 0 });
  assert.deepEqual(placeOf(BOUNDS, 2, [2, 10]), { level: 2, column: 3, row: 3 });
  assert.deepEqual(placeOf(BOUNDS, 2, [-50, 50]), { level: 2, column: 0, row: 0 });
});

test("zooming in asks for the finer tile under the pointer, once", () => {
  const grid = whole();
  assert.equal(grid.wanted([1, 17], 4), null);
  const asked = grid.wanted([1, 17], 1);
  assert.deepEqual(asked.place, { level: 2, column: 3, row: 0 });
  grid.add(asked.place, cellsOf(asked.box, 5, plane));
  assert.equal(grid.wanted([1, 17], 1), null);
});

test("a finer tile is used where it lies and nowhere else", () => {
  const grid = whole();
  grid.add({ level: 1, column: 0, row: 0 }, new Uint8Array(50).fill(7));
  assert.deepEqual(Array.from(grid.decode([-1, 16])), [7, 7]);
  assert.notEqual(grid.decode([1, 16])[0], 7);
});

test("the first tile is never dropped, however many finer ones come", () => {
  const grid = whole();
  for (let column = 0; column < 40; column++) grid.add({ level: 6, column, row: 0 }, new Uint8Array(50));
  assert.ok(Math.abs(grid.decode([0.3, 11.7])[0] - plane[0](0.3, 11.7)) < 1e-4);
  assert.throws(() => grid.add({ level: 1, column: 0, row: 0 }, new Uint8Array(3)), /50 bytes; got 3/);
});

test("a sheet is cut into its examples", () => {
  // Two examples of 1 by 2 pixels, in one row: reds 1 2 and 3 4.
  const rgba = Uint8Array.from([1, 0, 0, 9, 2, 0, 0, 9, 3, 0, 0, 9, 4, 0, 0, 9]);
  assert.deepEqual(Array.from(cellsOfSheet(rgba, 2, 2, [1, 2, 1])), [1, 2, 3, 4]);
  assert.deepEqual(Array.from(cellsOfSheet(rgba, 2, 1, [1, 2, 3])), [1, 0, 0, 2, 0, 0]);
});
