import assert from "node:assert/strict";
import { test } from "node:test";
import {
  extent,
  geodesic,
  greatCircle,
  line,
  logMagnification,
  neighboursWithin,
  typicalRadius,
} from "../../aejax/ui/canvas/frontend/curves.js";
import { solveTridiagonal } from "../../aejax/ui/canvas/frontend/algebra.js";

const near = (found, expected, tolerance = 1e-5) => {
  assert.equal(found.length, expected.length);
  expected.forEach((value, i) => assert.ok(Math.abs(found[i] - value) <= tolerance, `${found} is not ${expected}`));
};

/** Decodes by a function, with derivatives by differences. */
const decoderOf = (latent, decode) => ({
  latent,
  decode: (code) => Float32Array.from(decode(Array.from(code))),
  jacobian: (code) =>
    Float32Array.from(
      Array.from({ length: latent }, (_, k) => {
        const [up, down] = [1e-4, -1e-4].map((step) => decode(Array.from(code, (v, i) => v + (i === k ? step : 0))));
        return up.map((value, j) => (value - down[j]) / 2e-4);
      }).flat(),
    ),
});
const last = (generator) => [...generator].filter(Boolean).at(-1);
const linear = decoderOf(2, ([x, y]) => [x + y, 2 * x, -y]);
// A bump between the ends: over it the way is longer than around it.
const hill = decoderOf(2, ([x, y]) => [x, y, 3 * Math.exp(-2 * (x * x + (y - 0.2) ** 2))]);

test("a line has equal steps", () => {
  near(line([0, 1], [4, 3], 5)[3], [3, 2.5]);
});

test("a great circle keeps the distance to the origin and makes equal angles", () => {
  const codes = greatCircle([3, 0, 0], [0, 3, 0], 4);
  for (const code of codes) assert.ok(Math.abs(Math.hypot(...code) - 3) < 1e-5);
  near(codes[1], [3 * Math.cos(Math.PI / 6), 3 * Math.sin(Math.PI / 6), 0]);
  near(greatCircle([1, 1], [-1, -1], 3)[1], [0, 0]);
  near(greatCircle([0, 0], [2, 0], 3)[1], [1, 0]);
});

test("a linear decoder's geodesic is the straight line, its energy the length squared", () => {
  const found = last(geodesic(linear, [0, 0], [2, 1], 6));
  found.codes.forEach((code, i) => near(code, [(2 * i) / 5, i / 5], 1e-4));
  const length = Math.hypot(3, 4, -1);
  assert.ok(Math.abs(found.length - length) < 1e-4);
  assert.ok(Math.abs(found.energy - length ** 2) < 1e-3);
});

test("a geodesic goes around a hill that the line climbs, and its energy only falls", () => {
  const curves = [...geodesic(hill, [-1.5, 0], [1.5, 0], 13)].filter(Boolean);
  curves.reduce((before, { energy }) => (assert.ok(energy <= before), energy), curves[0].lineEnergy);
  const { codes, energy, lineEnergy, done } = curves.at(-1);
  assert.ok(done);
  assert.ok(energy < 0.7 * lineEnergy);
  assert.ok(Math.min(...codes.map(([, y]) => y)) < -0.4);
  near(codes[0], [-1.5, 0]);
  near(codes.at(-1), [1.5, 0]);
  // Stationary: no small move of one code makes it shorter by more than rounding.
  for (const [k, step] of [[0, 0.01], [0, -0.01], [1, 0.01], [1, -0.01]]) {
    const moved = codes.map((code, i) => (i === 6 ? code.map((v, at) => v + (at === k ? step : 0)) : code));
    assert.ok(extent(moved.map(hill.decode)).energy > energy - 1e-3);
  }
});

test("block-tridiagonal systems are solved", () => {
  // Blocks of (4 1; 1 3), beside them (0.5 0; 0.2 -0.3); the answer is chosen and its right side worked out.
  const [block, beside] = [[4, 1, 1, 3], [0.5, 0, 0.2, -0.3]];
  const answer = [[1, -2], [0.5, 3], [-1, 1]];
  const times = ([a, b, c, d], [x, y]) => [a * x + b * y, c * x + d * y];
  const transposed = ([a, b, c, d]) => [a, c, b, d];
  const right = answer.map((value, i) => {
    const parts = [times(block, value)];
    if (i < 2) parts.push(times(beside, answer[i + 1]));
    if (i > 0) parts.push(times(transposed(beside), answer[i - 1]));
    return parts.reduce(([a, b], [x, y]) => [a + x, b + y], [0, 0]);
  });
  const as = (values) => Float64Array.from(values);
  const found = solveTridiagonal([block, block, block].map(as), [beside, beside].map(as), right.map(as), 2);
  answer.forEach((value, i) => near(found[i], value, 1e-12));
});

test("the magnification of a linear decoder is the volume of its columns", () => {
  // Columns (1, 2, 0) and (1, 0, -1): det of ((5, 1), (1, 2)) is 9.
  assert.ok(Math.abs(logMagnification(linear, [0.3, 0.4]) - Math.log(3)) < 1e-4);
  assert.equal(logMagnification(decoderOf(2, ([x]) => [x, x]), [0, 0]), -Infinity);
});

test("neighbours are counted in all coordinates, the rim included", () => {
  const points = Float32Array.from([0, 0, 3, 4, 1, 1, 0, 5.1]);
  assert.equal(neighboursWithin(points, [0, 0], 5), 3);
  assert.equal(neighboursWithin(points, [0, 0], 0.5), 1);
});

test("the typical radius is the median distance to the k-th other point", () => {
  const points = Float32Array.from({ length: 50 }, (_, i) => i);
  assert.equal(typicalRadius(points, 1, 1), 1);
  assert.equal(typicalRadius(points, 1, 4), 2);
  assert.equal(typicalRadius(Float32Array.from([7]), 1, 3), 0);
});
