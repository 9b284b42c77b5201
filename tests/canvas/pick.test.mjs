import assert from "node:assert/strict";
import { test } from "node:test";

import { indexed, nearest, within } from "../../aejax/ui/canvas/frontend/pick.js";
import { extent } from "../../aejax/ui/canvas/frontend/projection.js";

function points(n, seed = 7) {
  const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
  const [xs, ys] = [new Float32Array(n), new Float32Array(n)];
  for (let i = 0; i < n; i++) [xs[i], ys[i]] = [random() ** 3 * 20 - 5, random() * 2];
  return [xs, ys, random];
}

function brute(xs, ys, x, y, reachX, reachY, allowed = () => true) {
  let [found, least] = [-1, 1];
  for (let i = 0; i < xs.length; i++) {
    const distance = ((xs[i] - x) / reachX) ** 2 + ((ys[i] - y) / reachY) ** 2;
    if (distance <= least && allowed(i)) [found, least] = [i, distance];
  }
  return [found, least];
}

test("the point that is found is the nearest of all", () => {
  const [xs, ys, random] = points(5000);
  const index = indexed(xs, ys, extent(xs, ys));
  let hits = 0;
  for (let turn = 0; turn < 300; turn++) {
    const [x, y] = [random() * 22 - 6, random() * 2.4 - 0.2];
    const point = nearest(index, x, y, 0.3, 0.05);
    const [expected, distance] = brute(xs, ys, x, y, 0.3, 0.05);
    if (expected < 0) assert.equal(point, -1);
    else assert.ok(Math.abs(((xs[point] - x) / 0.3) ** 2 + ((ys[point] - y) / 0.05) ** 2 - distance) < 1e-9);
    hits += expected >= 0;
  }
  assert.ok(hits > 50 && hits < 300);
});

test("points that are hidden are passed over", () => {
  const [xs, ys] = points(2000);
  const index = indexed(xs, ys, extent(xs, ys));
  const even = (point) => point % 2 === 0;
  for (let point = 1; point < 400; point += 2) {
    const found = nearest(index, xs[point], ys[point], 1, 0.2, even);
    assert.equal(found, brute(xs, ys, xs[point], ys[point], 1, 0.2, even)[0]);
  }
});

test("the cells hold every point once", () => {
  const [xs, ys] = points(3000);
  const box = extent(xs, ys);
  const index = indexed(xs, ys, box);
  const all = [...within(index, box.left, box.right, box.bottom, box.top)].sort((a, b) => a - b);
  assert.deepEqual(all, Array.from({ length: 3000 }, (_, at) => at));
});

test("there is no point among none, nor far from all", () => {
  const none = indexed(new Float32Array(), new Float32Array(), extent([], []));
  assert.equal(nearest(none, 0, 0, 1, 1), -1);
  const [xs, ys] = points(10);
  assert.equal(nearest(indexed(xs, ys, extent(xs, ys)), 900, 900, 1, 1), -1);
});

test("a million points are searched in about a millisecond at most", () => {
  const [xs, ys, random] = points(1_000_000);
  const index = indexed(xs, ys, extent(xs, ys));
  const begun = performance.now();
  for (let turn = 0; turn < 1000; turn++) nearest(index, random() * 20 - 5, random() * 2, 0.02, 0.02);
  assert.ok(performance.now() - begun < 1000);
});
