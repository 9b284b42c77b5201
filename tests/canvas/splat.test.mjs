import assert from "node:assert/strict";
import test from "node:test";

import { mask, splat, stampOf } from "../../aejax/ui/canvas/frontend/splat.js";

const PICTURE = { width: 24, height: 16 };
const VIEW = { x: 0, y: 0, sx: 1, sy: 1, share: 1 };

function points(...places) {
  const to = Float32Array.from(places.flat());
  return { from: to, to, labels: new Uint8Array(places.length), states: new Uint8Array(places.length) };
}

function drawn(given, look, view = VIEW) {
  const pixels = new Uint32Array(PICTURE.width * PICTURE.height);
  splat(pixels, PICTURE, given, view, look);
  return pixels;
}

const bytes = (pixel) => [pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255, pixel >>> 24];
const at = (pixels, x, y) => bytes(pixels[y * PICTURE.width + x]);
const plain = (color, opacity, size = 6) => () => stampOf(mask(size), color, opacity);

test("a disc covers its area, wherever in a pixel its middle lies", () => {
  for (const cover of mask(6).covers) {
    const area = cover.reduce((sum, value) => sum + value / 255, 0);
    assert.ok(Math.abs(area - Math.PI * 9) < 1.2, `${area}`);
  }
});

test("a point lies where the view puts it, its middle to a quarter of a pixel", () => {
  const [x, y] = [3.25, -2.5];
  const pixels = drawn(points([x, y]), plain(0x332211, 1));
  let [mass, sumX, sumY] = [0, 0, 0];
  for (let row = 0; row < PICTURE.height; row++) {
    for (let column = 0; column < PICTURE.width; column++) {
      const alpha = at(pixels, column, row)[3];
      [mass, sumX, sumY] = [mass + alpha, sumX + alpha * (column + 0.5), sumY + alpha * (row + 0.5)];
    }
  }
  assert.ok(Math.abs(sumX / mass - (12 + x)) < 0.05);
  assert.ok(Math.abs(sumY / mass - (8 - y)) < 0.05);
  assert.deepEqual(at(pixels, 15, 10), [0x11, 0x22, 0x33, 255]);
});

test("points over one another mix as light through glass does", () => {
  const [below, above, opacity] = [[200, 40, 0], [0, 80, 240], 0.6];
  const packed = ([red, green, blue]) => red | (green << 8) | (blue << 16);
  const given = { ...points([0, 0], [0, 0]), labels: [0, 1] };
  const pixels = drawn(given, (label) => stampOf(mask(6), packed(label ? above : below), opacity));
  const both = opacity + opacity * (1 - opacity);
  const mixed = below.map((value, channel) => (above[channel] * opacity + value * opacity * (1 - opacity)) / both);
  const found = at(pixels, 12, 8);
  [...mixed, 255 * both].forEach((value, channel) => assert.ok(Math.abs(found[channel] - value) <= 1.5));
});

test("points at and beyond an edge are cut off, and those that are nowhere left out", () => {
  const given = points([-12, 8], [12, -8], [500, 0], [Number.NaN, 0], [Infinity, 1]);
  const pixels = drawn(given, plain(0xffffff, 1));
  assert.equal(at(pixels, 0, 0)[3], 255);
  assert.equal(at(pixels, 23, 15)[3], 255);
  assert.ok([...pixels].filter(Boolean).length < 40);
});

test("on its way a point is between where it was and where it goes", () => {
  const given = { ...points([6, 0]), from: Float32Array.of(-6, 0) };
  assert.equal(at(drawn(given, plain(1, 1), { ...VIEW, share: 0.5 }), 12, 8)[3], 255);
});
