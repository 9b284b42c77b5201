import assert from "node:assert/strict";
import { test } from "node:test";
import {
  combinationOf,
  combined,
  commaSeparated,
  contains,
  descending,
  histogram,
  indices,
  maskText,
  meanCode,
  spread,
  within,
} from "../../aejax/ui/canvas/frontend/selection.js";

// A letter C, open to the right.
const C = [0, 0, 4, 0, 4, 1, 1, 1, 1, 3, 4, 3, 4, 4, 0, 4];

test("a place lies within a polygon, its bay does not", () => {
  assert.ok(contains(0.5, 2, C));
  assert.ok(contains(3, 0.5, C));
  assert.ok(!contains(3, 2, C));
  assert.ok(!contains(-1, 2, C));
});

test("points within a lasso are marked, as the slow way finds them", () => {
  const places = Float32Array.from({ length: 400 }, (_, i) => ((i * 0.6180339887) % 1) * 6 - 1);
  const marks = within(places, C);
  for (let i = 0; i < 200; i++) assert.equal(marks[i], Number(contains(places[2 * i], places[2 * i + 1], C)));
  assert.ok(marks.some((mark) => mark) && marks.some((mark) => !mark));
});

test("ten thousand points are searched within a frame", () => {
  const places = Float32Array.from({ length: 20000 }, () => Math.random() * 4);
  const polygon = Array.from({ length: 400 }, (_, i) => 2 + (i % 2 ? Math.sin : Math.cos)((i >> 1) / 31.8));
  within(places, polygon);
  const begun = performance.now();
  within(places, polygon);
  assert.ok(performance.now() - begun < 160, "ten times the limit, for a machine under load");
});

test("shift adds and alt takes away", () => {
  const [before, fresh] = [Uint8Array.from([1, 1, 0, 0]), Uint8Array.from([0, 1, 1, 0])];
  assert.deepEqual([...combined(before, fresh, "replace")], [0, 1, 1, 0]);
  assert.deepEqual([...combined(before, fresh, "add")], [1, 1, 1, 0]);
  assert.deepEqual([...combined(before, fresh, "subtract")], [1, 0, 0, 0]);
  assert.deepEqual([...combined(null, fresh, "add")], [0, 1, 1, 0]);
  assert.deepEqual([...combined(null, fresh, "subtract")], [0, 0, 0, 0]);
  assert.equal(combinationOf({ shiftKey: true, altKey: false }), "add");
  assert.equal(combinationOf({ shiftKey: true, altKey: true }), "subtract");
  assert.equal(combinationOf({ shiftKey: false, altKey: false }), "replace");
});

test("a selection says who is in it", () => {
  const chosen = indices(Uint8Array.from([1, 0, 1, 1]));
  assert.deepEqual(chosen, [0, 2, 3]);
  assert.deepEqual(indices(null), []);
  assert.deepEqual([...histogram(chosen, [2, 1, 0, 2], 3)], [1, 0, 2]);
  assert.deepEqual(spread([...Array(10).keys()], 4), [0, 2, 5, 7]);
  assert.deepEqual(spread([4, 5], 4), [4, 5]);
});

test("an export names rows, labels and coordinates, and quotes what needs it", () => {
  const points = {
    rows: [7, 3],
    labels: [1, 0],
    classes: ['a "b", c', "plain"],
    codes: Float32Array.from([0.1, -2, 3.25, 4]),
    latent: 2,
    names: ["z1", "z2"],
  };
  assert.equal(commaSeparated([0, 1], points), 'row,label,z1,z2\r\n7,plain,0.1,-2\r\n3,"a ""b"", c",3.25,4\r\n');
  assert.equal(commaSeparated([1], { ...points, labels: null }), "row,z1,z2\r\n3,3.25,4\r\n");
});

test("a mean code is that of the members in the code's own units", () => {
  const points = { codes: Uint16Array.from([0, 65535, 13107, 0, 65535, 65535]), bounds: [[-1, 1], [0, 10]], latent: 2, count: 3 };
  const [x, y] = meanCode(points, (i) => i < 2);
  assert.ok(Math.abs(x - -0.8) < 1e-6 && Math.abs(y - 5) < 1e-6);
  assert.deepEqual([...meanCode(points, () => false)], [0, 0]);
});

test("positions are put in the order of their values", () => {
  assert.deepEqual(descending([1, 0, 25, 1]), [2, 0, 3, 1]);
});

test("a mask is a text of a bit a point, the lowest first", () => {
  const marks = new Uint8Array(10);
  marks[0] = marks[3] = marks[9] = 1;
  assert.deepEqual([...Buffer.from(maskText(marks), "base64")], [0b1001, 0b10]);
});
