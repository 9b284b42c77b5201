import assert from "node:assert/strict";
import { test } from "node:test";
import {
  centres,
  density,
  limits,
  nearestDistances,
  scottWidths,
  supportThreshold,
  valueAt,
} from "../../aejax/ui/canvas/frontend/fields.js";

const BOX = { left: -3, right: 3, bottom: -3, top: 3 };

test("cells are met in their centres, from the top", () => {
  assert.deepEqual([...centres({ left: 0, right: 4, bottom: 10, top: 12 }, 2, 2)], [1, 11.5, 3, 11.5, 1, 10.5, 3, 10.5]);
});

test("one point's density is the kernel, and its sum over the plane is one", () => {
  const field = density(Float32Array.from([0.01, -0.01]), BOX, 60, 60, [0.4, 0.4]);
  const area = 0.01;
  const sum = field.values.reduce((total, value) => total + value, 0) * area;
  assert.ok(Math.abs(sum - 1) < 1e-3);
  // 1 / (2 pi sigma^2) with sigma = 4 cells of 0.1.
  assert.ok(Math.abs(Math.max(...field.values) - 1 / (2 * Math.PI * 0.16)) < 0.02);
  assert.ok(Math.abs(valueAt(field, 0.4, 0) / valueAt(field, 0, 0) - Math.exp(-0.5)) < 0.1);
});

test("a kernel may be wider one way than the other, and one row is a line", () => {
  const field = density(Float32Array.from([0.01, -0.01]), BOX, 60, 60, [0.8, 0.2]);
  assert.ok(valueAt(field, 0.8, 0) > 5 * valueAt(field, 0, 0.8));
  const along = density(Float32Array.from([0.01, 0]), BOX, 60, 1, [0.4, 0]);
  assert.equal(along.values.length, 60);
  assert.ok(Math.abs(along.values.reduce((total, value) => total + value, 0) * 0.1 * 6 - 1) < 1e-3);
});

test("the nearest of points is found in all coordinates, oneself left out where asked", () => {
  const points = Float32Array.from([0, 0, 3, 4, 6, 8]);
  assert.deepEqual([...nearestDistances(points, Float32Array.from([0, 1, 3, 4]), 2)], [1, 0]);
  assert.deepEqual([...nearestDistances(points, points, 2, true)], [5, 5, 5]);
});

test("density is least where there are no points, and most points lie above the threshold of support", () => {
  const places = Float32Array.from({ length: 2000 }, (_, i) => Math.sin(i * 12.9898) * Math.cos(i * 78.233));
  const field = density(places, BOX, 40, 40, [0.3, 0.3]);
  const threshold = supportThreshold(field, places, 0.95);
  const above = Array.from({ length: 1000 }, (_, i) => valueAt(field, places[2 * i], places[2 * i + 1]) >= threshold);
  assert.ok(above.filter(Boolean).length >= 940);
  assert.ok(valueAt(field, 2.5, 2.5) < threshold);
});

test("a field has no value beyond its box", () => {
  const field = { columns: 2, rows: 2, box: BOX, values: Float32Array.from([1, 2, 3, 4]) };
  assert.deepEqual([valueAt(field, -1, 1), valueAt(field, 1, 1), valueAt(field, -1, -1), valueAt(field, 1, -1)], [1, 2, 3, 4]);
  assert.equal(valueAt(field, 3.5, 0), null);
});

test("the kernel's width follows Scott's rule by each coordinate", () => {
  const [across, up] = scottWidths(Float32Array.from({ length: 128 }, (_, i) => (i % 2 ? 10 : 1) * ((i >> 1) % 2 ? 1 : -1)));
  assert.ok(Math.abs(across - 64 ** (-1 / 6)) < 1e-6);
  assert.ok(Math.abs(up - 10 * 64 ** (-1 / 6)) < 1e-5);
});

test("limits leave out what is not finite, and are never equal", () => {
  assert.deepEqual(limits(Float32Array.from([NaN, -Infinity, 1, 2, 3]), 0, 1), [1, 3]);
  assert.deepEqual(limits(Float32Array.from([5, 5])), [5, 10]);
  assert.deepEqual(limits(Float32Array.from([NaN])), [0, 1]);
});
