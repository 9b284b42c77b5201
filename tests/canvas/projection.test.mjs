import assert from "node:assert/strict";
import { test } from "node:test";

import { along, directions, ellipse, extent, lifted, projected, scattered } from "../../aejax/ui/canvas/frontend/projection.js";
import { codeOf } from "../../aejax/ui/canvas/frontend/quantise.js";

const BOUNDS = [[-1, 1], [0, 5], [-3, 3]];
const HALF = Math.SQRT1_2;
const all = directions(3, ["z1", "z2", "z3"], [[HALF, HALF, 0], [0, 0, 1]], ["main", "second"], [0.1, 0.2, 0.3]);
const [main, second, first, , third] = all;
const near = (a, b, off = 1e-5) => assert.ok(Math.abs(a - b) < off, `${a} is not ${b}`);

test("components come before the coordinates", () => {
  assert.deepEqual(all.map(({ name }) => name), ["main", "second", "z1", "z2", "z3"]);
});

test("points are projected as their codes are", () => {
  const codes = Uint16Array.from({ length: 30 }, (_, at) => (at * 7919) % 65536);
  for (const direction of all) {
    const values = projected(direction, codes, BOUNDS, 3);
    for (let point = 0; point < 10; point++) near(values[point], along(direction, codeOf(codes, BOUNDS, point, 3)));
  }
});

test("a lifted code lies where it was asked to and keeps what the plane does not show", () => {
  const from = [0.5, -1, 2];
  const code = lifted(main, second, from, 0.7, -0.4);
  near(along(main, code), 0.7);
  near(along(second, code), -0.4);
  near(code[0] - code[1], from[0] - from[1]);
});

test("two directions that meet at an angle are both met", () => {
  const code = lifted(main, first, [0, 0, 9], 1.5, -0.25);
  near(along(main, code), 1.5);
  near(along(first, code), -0.25);
  near(code[2], 9);
});

test("one direction alone moves along itself", () => {
  assert.deepEqual([...lifted(third, null, [1, 2, 3], -2, 99)], [1, 2, -2]);
});

test("points of one coordinate are spread evenly and always alike", () => {
  const heights = scattered(1000);
  assert.deepEqual(heights, scattered(1000));
  const lower = heights.filter((height) => height < 0).length;
  assert.ok(lower > 490 && lower < 510);
  assert.ok(Math.max(...heights) <= 1 && Math.min(...heights) >= -1);
});

test("an extent is never empty", () => {
  const { left, right, bottom, top } = extent([2, 2], [1, 3]);
  assert.ok(left < 2 && right > 2 && bottom === 1 && top === 3);
});

test("the ellipse of a posterior along the coordinates has its deviations as half axes", () => {
  const { major, minor, angle } = ellipse(first, third, [0.2, 5, 0.7]);
  near(major, 0.7);
  near(minor, 0.2);
  near(Math.abs(angle), Math.PI / 2);
});

test("the ellipse on any plane has the covariance that sampling finds", () => {
  const deviations = [0.5, 1.5, 0.8];
  const { major, minor, angle } = ellipse(main, third, deviations);
  let seed = 3;
  const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  let [xx, xy, yy] = [0, 0, 0];
  const n = 60000;
  for (let turn = 0; turn < n; turn++) {
    const code = deviations.map((deviation) => deviation * normal());
    const x = (code[0] + code[1]) * HALF;
    [xx, xy, yy] = [xx + (x * x) / n, xy + (x * code[2]) / n, yy + (code[2] * code[2]) / n];
  }
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  near(major ** 2 * c * c + minor ** 2 * s * s, xx, 0.03);
  near((major ** 2 - minor ** 2) * c * s, xy, 0.03);
  near(major ** 2 * s * s + minor ** 2 * c * c, yy, 0.03);
});
