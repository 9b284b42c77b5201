import assert from "node:assert/strict";
import { test } from "node:test";

import { histogram, normals, readCode, variances } from "../../aejax/ui/canvas/frontend/histogram.js";
import { codeOf, column, LEVELS, quantised } from "../../aejax/ui/canvas/frontend/quantise.js";

const BOUNDS = [[-2, 6], [0.5, 0.75]];

test("quantised values come back within half a step", () => {
  const values = Float32Array.from({ length: 1000 }, (_, at) => -2 + (8 * at) / 999);
  const codes = quantised(values, -2, 6);
  const back = column(codes, [[-2, 6]], 0, 1);
  const step = 8 / LEVELS;
  back.forEach((value, at) => assert.ok(Math.abs(value - values[at]) <= step / 2 + 1e-6));
});

test("both bounds are exact and what lies beyond is cut off", () => {
  assert.deepEqual([...quantised([-2, 6, -9, 9], -2, 6)], [0, LEVELS, 0, LEVELS]);
});

test("a point's code is its row of the table", () => {
  const codes = Uint16Array.from([0, 0, LEVELS, LEVELS, 0, LEVELS]);
  assert.deepEqual([...codeOf(codes, BOUNDS, 1, 2)], [6, 0.75]);
  assert.deepEqual([...codeOf(codes, BOUNDS, 2, 2)], [-2, 0.75]);
  assert.deepEqual([...column(codes, BOUNDS, 1, 2)], [0.5, 0.75, 0.75]);
});

test("a histogram counts every value within its ends once", () => {
  assert.deepEqual([...histogram([0, 0.1, 0.5, 0.99, 1, 1.5, -0.1], 0, 1, 4)], [2, 0, 1, 2]);
});

test("the variances are those of the values themselves", () => {
  const codes = Uint16Array.from([0, 100, 40000, 60000, 65535, 3, 1234, 777]);
  variances(codes, BOUNDS, 2).forEach((variance, index) => {
    const values = [...column(codes, BOUNDS, index, 2)];
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const expected = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    assert.ok(Math.abs(variance - expected) < 1e-4 * expected);
  });
});

test("random codes have the moments of a standard normal", () => {
  let seed = 1;
  const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
  const drawn = normals(40000, random);
  const moment = (power) => drawn.reduce((sum, value) => sum + value ** power, 0) / drawn.length;
  assert.ok(Math.abs(moment(1)) < 0.02);
  assert.ok(Math.abs(moment(2) - 1) < 0.03);
  assert.ok(Math.abs(moment(4) - 3) < 0.2);
});

test("a pasted code is read in whatever way it was written", () => {
  for (const text of ["1, -2.5, 3e-1", "[1 -2.5 0.3]", "1;−2.5;.3\n", "(1,\t-2.5, 0.30)"]) {
    assert.deepEqual([...readCode(text, 3)], [...Float32Array.of(1, -2.5, 0.3)]);
  }
  for (const text of ["1, 2", "1, 2, x", "", "1,2,3,4", "1, 2, Infinity"]) assert.equal(readCode(text, 3), null);
});
