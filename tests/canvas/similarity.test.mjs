import assert from "node:assert/strict";
import { test } from "node:test";

import { applied, inverted, mixed } from "../../aejax/ui/canvas/frontend/similarity.js";

const near = (found, expected) => found.forEach((value, i) => assert.ok(Math.abs(value - expected[i]) < 1e-9, `${found} ${expected}`));
const quarter = { matrix: [[0, 2], [-2, 0]], shift: [1, -3] };

test("a row vector is turned, scaled and shifted", () => {
  near(applied(quarter, 1, 0), [1, -1]);
  near(applied(quarter, 0, 1), [-1, -3]);
});

test("the inverse leads back", () => {
  near(applied(inverted(quarter), ...applied(quarter, 0.3, -7)), [0.3, -7]);
  near(applied(quarter, ...applied(inverted(quarter), 5, 11)), [5, 11]);
});

test("a map that flattens the plane leads back to the origin, not to infinity", () => {
  near(applied(inverted({ matrix: [[1, 0], [0, 0]], shift: [2, 3] }), 9, 9), [0, 0]);
});

test("points go from here to there in the plane that is here", () => {
  const here = { xs: Float32Array.of(0, 2), ys: Float32Array.of(0, 2) };
  const there = { xs: Float32Array.of(1, 0), ys: Float32Array.of(0, 1) };
  const carried = (x, y) => applied(quarter, x, y);
  assert.deepEqual([...mixed(here, there, 0, carried).xs], [0, 2]);
  const arrived = mixed(here, there, 1, carried);
  near([...arrived.xs], [1, -1]);
  near([...arrived.ys], [-1, -3]);
  near([...mixed(here, there, 0.5, carried).xs], [0.5, 0.5]);
});
