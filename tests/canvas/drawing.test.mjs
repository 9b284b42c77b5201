import assert from "node:assert/strict";
import { test } from "node:test";
import {
  asDigit,
  brightness,
  centreOfMass,
  inkBox,
  inkOf,
  middleSquare,
  resampled,
  shareBelow,
} from "../../aejax/ui/canvas/frontend/drawing.js";

/** A picture with one filled rectangle. */
function rectangle(width, height, left, top, right, bottom) {
  const picture = new Float32Array(width * height);
  for (let y = top; y < bottom; y++) picture.fill(1, y * width + left, y * width + right);
  return picture;
}

test("the ink's box is found, and none where there is no ink", () => {
  assert.deepEqual(inkBox(rectangle(10, 8, 2, 3, 6, 7), 10), { left: 2, top: 3, right: 6, bottom: 7 });
  assert.equal(inkBox(new Float32Array(80), 10), null);
});

test("resampling averages areas and knows nothing beyond the picture", () => {
  const picture = Float32Array.from([0, 1, 1, 1]);
  assert.deepEqual([...resampled(picture, 2, { left: 0, top: 0, right: 2, bottom: 2 }, 1, 1)], [0.75]);
  assert.deepEqual([...resampled(picture, 2, { left: 0.5, top: 0, right: 1.5, bottom: 1 }, 1, 1)], [0.5]);
  assert.deepEqual([...resampled(picture, 2, { left: 1, top: 1, right: 3, bottom: 3 }, 1, 1)], [0.25]);
  assert.deepEqual([...resampled(picture, 2, { left: 0, top: 0, right: 2, bottom: 2 }, 4, 1)], [0.5, 0.5, 1, 1]);
});

test("a digit fills twenty pixels the longer way, its centre of mass in the pixel after the middle of 28", () => {
  const drawn = rectangle(280, 280, 20, 150, 60, 250);
  const digit = asDigit(drawn, 280);
  assert.deepEqual(inkBox(digit, 28), { left: 10, top: 4, right: 18, bottom: 24 });
  const { x, y } = centreOfMass(digit, 28);
  assert.ok(x >= 14 && x < 15 && y >= 14 && y < 15);
  assert.ok(Math.max(...digit) <= 1 + 1e-6);
});

test("a lopsided digit is moved until its mass is there too", () => {
  const drawn = rectangle(280, 280, 100, 100, 140, 200);
  rectangle(280, 280, 140, 180, 240, 200).forEach((ink, i) => (drawn[i] = Math.max(drawn[i], ink)));
  const { x, y } = centreOfMass(asDigit(drawn, 280), 28);
  assert.ok(x >= 14 && x < 15 && y >= 14 && y < 15);
  assert.equal(asDigit(new Float32Array(100), 10), null);
});

test("pictures are cut square, and made grey", () => {
  assert.deepEqual(middleSquare(10, 4), { left: 3, top: 0, right: 7, bottom: 4 });
  const grey = brightness(Uint8ClampedArray.from([255, 255, 255, 255, 255, 0, 0, 255, 255, 255, 255, 0]));
  [1, 0.299, 0].forEach((value, i) => assert.ok(Math.abs(grey[i] - value) < 1e-6));
});

test("ink on paper becomes light on black, shadows on it nothing, and a drawing stays as it is", () => {
  const drawing = Float32Array.from([0, 0, 0, 0, 0.6, 0, 0, 0, 0]);
  assert.deepEqual(inkOf(drawing, 3), drawing);
  assert.deepEqual([...inkOf(drawing.map((value) => (value ? 0 : 1)), 3)], [0, 0, 0, 0, 1, 0, 0, 0, 0]);
  // Grey paper of 0.8 with a shadow of 0.7 on it, and ink of 0.1.
  const photograph = Float32Array.from([0.8, 0.8, 0.8, 0.7, 0.1, 0.8, 0.8, 0.8, 0.8]);
  [0, 0, 0, 0, 1, 0, 0, 0, 0].forEach((value, i) => assert.ok(Math.abs(inkOf(photograph, 3)[i] - value) < 1e-6));
});

test("an error's place among others is the share below it", () => {
  const sorted = Float32Array.from([1, 2, 2, 5]);
  assert.deepEqual([0, 1.5, 2, 3, 9].map((value) => shareBelow(sorted, value)), [0, 0.25, 0.25, 0.75, 1]);
});
